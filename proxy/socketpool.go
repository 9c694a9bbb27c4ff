package proxy

import (
	"fmt"
	"strings"
	"time"

	"moonring/proxy/conf"
	"moonring/proxy/cosocket"
)

// socketPool is a pool of a worker's, by key. It goes when its last connection does.
type socketPool struct {
	cosocket.Pool[*Socket, *Socket]
	w      *Worker
	posted bool
}

// newSocketPool makes the pool of a key.
func (w *Worker) newSocketPool(r *Request, key string, size, backlog int) *socketPool {
	if r.LogEnabled(conf.Debug) {
		r.Log(conf.Debug, fmt.Sprintf("lua tcp socket connection pool size: %d, backlog: %d", size, backlog))
		r.Log(conf.Debug, `lua tcp socket keepalive create connection pool for key "`+string(appendLogSafe(nil, key))+`"`)
	}
	p := &socketPool{w: w}
	p.Key, p.Size, p.Backlog = strings.Clone(key), size, backlog
	w.socketPools[p.Key] = p
	return p
}

// poolChanged goes on after a pool counts one connection less; closed tells that one was closed.
func (w *Worker) poolChanged(p *socketPool, closed bool) {
	if closed && p.Connections == 0 && w.socketPools[p.Key] == p {
		if w.LogEnabled(conf.Debug) {
			w.Log(conf.Debug, `lua tcp socket keepalive: free connection pool for "`+string(appendLogSafe(nil, p.Key))+`"`)
		}
		delete(w.socketPools, p.Key)
	}
	p.wake()
}

// wake has the one who has waited longest connect, when the loop turns.
func (p *socketPool) wake() {
	if p.Waiting() && !p.posted {
		p.posted = true
		p.w.postLater(p)
	}
}

// runPosted is of posted.
func (p *socketPool) runPosted() {
	p.posted = false
	s, ok := p.Next()
	if !ok {
		return
	}
	s.queued, s.pool = false, nil
	defer s.r.cn.contain()
	s.connectQueued(p)
}

// Keep puts s into the pool of its key, for timeout (0: for ever); a pool that isn't there yet has room for size. It returns why that can't
// be, or "". The socket is over for its script either way, unless unread is returned.
func (s *Socket) Keep(timeout time.Duration, size int) (why string) {
	w, c, r := s.w, s.c, s.r
	switch {
	case c.EOF() || c.Err() != nil:
		return "closed"
	case s.unread > 0:
		return "unread data in buffer"
	}
	if w.quitting {
		s.debug("lua tcp socket set keepalive while process exiting, closing connection")
		s.shut(true)
		return ""
	}
	if r.LogEnabled(conf.Debug) {
		r.Log(conf.Debug, fmt.Sprintf("lua tcp socket set keepalive: saving connection %016X", c.ID()))
	}
	p := w.socketPools[s.key]
	if p == nil {
		p = w.newSocketPool(r, s.key, size, -1)
	}
	dubious := len(s.back) > s.backAt
	if s.tls == nil {
		dubious = dubious || c.Pending() > 0
	} else {
		dubious = dubious || len(s.tls.input()) > 0 || s.tls.eof || s.tls.err != nil
	}
	counted := s.pool != nil
	if counted && s.pool != p { // a pool of that name was made anew meanwhile
		s.uncount(false)
		counted = false
	}
	if old, full := p.Put(s, counted); full {
		old.pool = nil
		old.close(true)
	}
	s.pool = p
	s.debug("lua tcp socket clear current socket connection")
	switch {
	case !r.LogEnabled(conf.Debug):
	case timeout > 0:
		r.Log(conf.Debug, fmt.Sprintf("lua tcp socket keepalive timeout: %d ms", timeout.Milliseconds()))
	default:
		r.Log(conf.Debug, "lua tcp socket keepalive timeout: unlimited")
	}
	s.disown()
	s.state = socketIdle
	if dubious {
		s.dropIdle("lua tcp socket keepalive close handler check stale events")
		return "connection in dubious state"
	}
	if timeout > 0 {
		w.Ring.StartTimer(&s.timer, timeout, s)
	}
	p.wake()
	return ""
}

// dropIdle closes an idle connection.
func (s *Socket) dropIdle(why string) {
	p, w := s.pool, s.w
	if w.LogEnabled(conf.Debug) {
		w.Log(conf.Debug, why)
		w.Log(conf.Debug, fmt.Sprintf("lua tcp socket keepalive close handler: fd:%d", s.c.FD()))
	}
	p.Remove(s)
	s.pool = nil
	s.close(true)
	w.poolChanged(p, true)
}

// take gives an idle connection of the pool to r; nil if there is none.
func (p *socketPool) take(r *Request) *Socket {
	if r.LogEnabled(conf.Debug) {
		r.Log(conf.Debug, "lua tcp socket pool get keepalive peer")
	}
	s, ok := p.Take()
	if !ok {
		if r.LogEnabled(conf.Debug) {
			r.Log(conf.Debug, "lua tcp socket keepalive: connection pool empty")
		}
		return nil
	}
	p.w.Ring.StopTimer(&s.timer)
	s.state = socketOpen
	s.reused++
	s.adopt(r)
	if r.LogEnabled(conf.Debug) {
		r.Log(conf.Debug, fmt.Sprintf("lua tcp socket get keepalive peer: using connection %016X, fd:%d", s.c.ID(), s.c.FD()))
	}
	return s
}

// dropSocketPools closes all idle connections.
func (w *Worker) dropSocketPools() {
	for _, p := range w.socketPools {
		for {
			s, ok := p.Take()
			if !ok {
				break
			}
			p.Connections--
			s.pool = nil
			s.close(true)
		}
		if p.Connections == 0 {
			delete(w.socketPools, p.Key)
		}
	}
}
