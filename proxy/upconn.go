package proxy

import (
	"syscall"

	"moonring/proxy/upstream"
	"moonring/ring"
)

// upConn is a connection to an upstream: at work for a request (p), idle in its group, or on its way out.
type upConn struct {
	w        *Worker
	c        *ring.Conn
	p        *proxied
	g        *upGroup
	peer     *upstream.Peer
	timer    ring.Timer // keepalive_timeout
	born     int64      // ring.Now
	requests int
	idle     bool
}

// upConnsKept is how many spare ones a worker keeps.
const upConnsKept = 1024

func (w *Worker) newUpConn() *upConn {
	if n := len(w.freeUpConns); n > 0 {
		uc := w.freeUpConns[n-1]
		w.freeUpConns = w.freeUpConns[:n-1]
		return uc
	}
	return &upConn{w: w}
}

func (uc *upConn) free() {
	w := uc.w
	w.Ring.StopTimer(&uc.timer)
	w.liveUpConns--
	*uc = upConn{w: w}
	if len(w.freeUpConns) < upConnsKept {
		w.freeUpConns = append(w.freeUpConns, uc)
	}
}

// takeIdle finds an idle connection to a peer, nil if there is none.
func (g *upGroup) takeIdle(peer *upstream.Peer) *upConn {
	for i := len(g.idle) - 1; i >= 0; i-- {
		if uc := g.idle[i]; uc.peer == peer {
			g.unlink(i)
			uc.w.Ring.StopTimer(&uc.timer)
			return uc
		}
	}
	return nil
}

func (g *upGroup) unlink(i int) {
	g.idle[i].idle = false
	copy(g.idle[i:], g.idle[i+1:])
	g.idle[len(g.idle)-1] = nil
	g.idle = g.idle[:len(g.idle)-1]
}

// keep puts a connection on which nothing is under way with the idle ones; it is closed if there is no place.
func (uc *upConn) keep() {
	g, w := uc.g, uc.w
	uc.p = nil
	c := g.conf
	if c.Keepalive == 0 || w.quitting || uc.requests >= c.KeepaliveRequests || w.Ring.Now()-uc.born > int64(c.KeepaliveTime) {
		uc.c.Abort()
		return
	}
	if len(g.idle) >= c.Keepalive {
		g.idle[0].drop()
	}
	uc.idle = true
	g.idle = append(g.idle, uc)
	w.Ring.StartTimer(&uc.timer, c.KeepaliveTimeout, uc)
}

// drop closes an idle connection.
func (uc *upConn) drop() {
	for i, other := range uc.g.idle {
		if other == uc {
			uc.g.unlink(i)
			break
		}
	}
	uc.c.Abort()
}

// dropIdle closes all idle connections of the worker: descriptors are needed, or the worker ends.
func (w *Worker) dropIdle() {
	for _, g := range w.upGroups {
		for len(g.idle) > 0 {
			g.idle[len(g.idle)-1].drop()
		}
	}
}

// OnTimer is the ring's to call: it was idle for too long.
func (uc *upConn) OnTimer(*ring.Timer) {
	if uc.idle {
		uc.drop()
	}
}

// contain ends the request in which a bug of ours panicked.
func (uc *upConn) contain(p *proxied) {
	if v := recover(); v != nil {
		if p == nil || p.r == nil {
			panic(v)
		}
		p.r.cn.panicked(v)
	}
}

// OnConnect is the ring's to call.
func (uc *upConn) OnConnect(c *ring.Conn, err error) {
	p := uc.p
	defer uc.contain(p)
	if err == nil {
		c.SetHandler(uc)
		if p == nil {
			c.Abort()
			return
		}
		p.send()
		return
	}
	uc.c, uc.p = nil, nil
	uc.free()
	if p != nil {
		p.uc = nil
		p.connectFailed(err)
	}
}

// OnData is the ring's to call.
func (uc *upConn) OnData(c *ring.Conn, data []byte) int {
	p := uc.p
	if p == nil { // idle, and nobody asked; or on its way out
		if uc.idle {
			uc.drop()
		}
		return len(data)
	}
	used := len(data)
	func() {
		defer uc.contain(p)
		used = p.received(data)
	}()
	return used
}

// OnEOF is the ring's to call.
func (uc *upConn) OnEOF(c *ring.Conn) {
	p := uc.p
	if p == nil {
		if uc.idle {
			uc.drop()
		} else {
			c.Abort()
		}
		return
	}
	defer uc.contain(p)
	p.eof()
}

// OnDrain is the ring's to call.
func (uc *upConn) OnDrain(c *ring.Conn) {
	if p := uc.p; p != nil {
		defer uc.contain(p)
		p.sent()
	}
}

// OnClose is the ring's to call.
func (uc *upConn) OnClose(c *ring.Conn, err error) {
	p := uc.p
	if uc.idle {
		uc.drop()
	}
	uc.c, uc.p = nil, nil
	uc.free()
	if p != nil {
		defer uc.contain(p)
		p.uc = nil
		if err == nil {
			err = syscall.ECONNABORTED
		}
		p.broken(err)
	}
}
