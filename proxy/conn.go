package proxy

import (
	"fmt"
	"net/netip"
	"runtime/debug"
	"time"

	"golang.org/x/sys/unix"

	"moonring/proxy/conf"
	"moonring/proxy/h1"
	"moonring/proxy/phase"
	"moonring/ring"
)

// conn is a client's connection. It has a Request only while one is under way, so an idle one
// costs its own few words and ring's.
type conn struct {
	w        *Worker
	c        *ring.Conn // nil once it is closed
	addr     *address
	req      *Request
	timer    ring.Timer
	id       uint64
	born     int64 // ring.Now at accept
	until    int64 // ring.Now at which the state must have ended: stateIdle, stateDiscard, stateLinger
	queued   int   // QueuedBytes when the timer last looked
	requests uint32
	state    connState
	eof      bool      // the client has sent everything
	job      *luaTimer // this is no connection: a timer's code runs
}

// connState is what input means, and what the timer guards.
type connState uint8

const (
	stateIdle    connState = iota // nothing of a request is here; keepalive_timeout, client_header_timeout
	stateHead                     // a part of a head is; client_header_timeout
	stateBusy                     // a request is under way and wants no input
	stateBody                     // its handler waits for the body; client_body_timeout
	stateDiscard                  // it is answered, the rest of its body is being dropped; lingering_time, lingering_timeout
	stateSend                     // it is answered, a file is being sent; send_timeout
	stateDrain                    // so much output waits that no new request is read; send_timeout
	stateLinger                   // output is closed, input is dropped; lingering_time, lingering_timeout
	stateTunnel                   // everything goes to an upstream as it comes
	stateClosed                   // closing, or closed
)

const (
	// queueMax is the output that may wait, in bytes, before the next request of a connection is read.
	queueMax = 256 << 10
	// connChunk is how many conns are made at once.
	connChunk = 128
)

// address is a conf.Address with its default server's settings.
type address struct {
	*conf.Address
	def *location
}

func (w *Worker) addressOf(a *conf.Address) *address {
	return &address{a, w.locations[a.Default.Loc]}
}

// newConn takes a conn from the pool.
func (w *Worker) newConn() *conn {
	if len(w.freeConns) == 0 {
		chunk := make([]conn, connChunk)
		w.conns = append(w.conns, chunk)
		for i := range chunk {
			w.freeConns = append(w.freeConns, &chunk[len(chunk)-1-i])
		}
	}
	cn := w.freeConns[len(w.freeConns)-1]
	w.freeConns = w.freeConns[:len(w.freeConns)-1]
	w.liveConns++
	return cn
}

func (cn *conn) free() {
	w := cn.w
	if cn.job != nil {
		w.timers.running--
		w.checkDone()
		return
	}
	w.Ring.StopTimer(&cn.timer)
	*cn = conn{w: w, state: stateClosed}
	w.freeConns = append(w.freeConns, cn)
	w.liveConns--
	w.checkDone()
}

// accepter is told of connections on one listening socket.
type accepter struct {
	w        *Worker
	sock     *conf.Socket
	addrs    []*address // of sock
	listener *ring.Listener
}

// OnAccept is the ring's to call.
func (a *accepter) OnAccept(c *ring.Conn) {
	w := a.w
	// Asked for now, as access control and logs must never lack it. Of a client that has reset the connection
	// already there is none any more: without a handler the ring closes it.
	if !c.RemoteAddr().IsValid() && !c.IsUnix() {
		return
	}
	if w.crowded() {
		w.makeRoom()
	}
	if w.haunted() {
		return
	}
	cn := w.newConn()
	addr := a.addrs[0]
	if a.sock.NeedsLocal() {
		chosen := a.sock.Address(c.LocalAddr())
		for _, addr = range a.addrs {
			if addr.Address == chosen {
				break
			}
		}
	}
	*cn = conn{w: w, c: c, addr: addr, id: c.ID(), born: w.Ring.Now(), state: stateIdle}
	c.SetHandler(cn)
	if w.quitting { // accepted while the listener was being stopped
		cn.wait(w.patience)
		return
	}
	cn.wait(addr.def.ClientHeaderTimeout)
}

// OnAcceptError is the ring's to call.
func (a *accepter) OnAcceptError(err error) {
	a.w.Log(conf.Crit, "accept4() failed "+errnoText(err))
	a.w.refused = true
	a.w.makeRoom()
}

// wait has the timer look after d. until is the end of the state.
func (cn *conn) wait(d time.Duration) {
	r := cn.w.Ring
	cn.until = r.Now() + int64(d)
	r.StartTimer(&cn.timer, d, cn)
}

func (cn *conn) gone() bool { return cn.c == nil || cn.c.Closing() }

// old tells that keepalive_time is over.
func (cn *conn) old(loc *conf.Location) bool {
	return cn.w.Ring.Now()-cn.born > int64(loc.KeepaliveTime)
}

// contain ends the request in which a bug of ours panicked: the worker goes on.
func (cn *conn) contain() {
	if p := recover(); p != nil {
		cn.panicked(p)
	}
}

// recoverLua makes the VM usable again after a panic.
func (w *Worker) recoverLua() {
	w.VM.Recover()
	for _, th := range w.calling {
		th.Release()
	}
	w.calling = w.calling[:0]
}

func (cn *conn) panicked(p any) {
	w, r := cn.w, cn.req
	stack := debug.Stack()
	w.Current, w.input = nil, nil // what came with this request goes with it
	w.recoverLua()
	text := fmt.Sprintf("panic: %v\n%s", p, stack)
	defer func() {
		w.inputConn = nil
		if again := recover(); again != nil { // even ending it fails: cut it off
			w.Log(conf.Alert, fmt.Sprintf("panic while ending a request: %v\n%s", again, debug.Stack()))
			w.Current = nil
			w.recoverLua()
			cn.abort()
		}
	}()
	if r == nil {
		w.Log(conf.Alert, text)
		if cn.c != nil {
			cn.abort()
		}
		return
	}
	inLog := r.Phase == phase.Log
	r.Phase = phase.None
	r.Log(conf.Alert, text)
	r.dropThreads()
	r.keepAlive = false
	r.body.state = bodyDone
	if r.ended || r.committed || inLog || cn.gone() {
		r.ended = true
		cn.abort()
		return
	}
	r.HeaderSent, r.buffering = false, false
	r.finalize(500)
}

// abort drops the connection and its request at once. What the kernel may still read from, the request's
// file, is released by OnClose.
func (cn *conn) abort() {
	r := cn.req
	if r != nil {
		r.dropThreads()
		cn.w.Ring.StopTimer(&r.timer)
	}
	cn.state = stateClosed
	if cn.c != nil {
		cn.c.Abort()
		return
	}
	if r != nil {
		cn.req = nil
		r.release()
	}
	cn.free()
}

// OnData is the ring's to call. Whatever it is called for, the worker's input is what is left to take.
func (cn *conn) OnData(c *ring.Conn, data []byte) (used int) {
	w := cn.w
	used = len(data) // after a panic
	defer cn.contain()
	w.inputConn, w.input, w.inputLen = cn, data, len(data)
	for len(w.input) > 0 {
		before := len(w.input)
		switch cn.state {
		case stateIdle, stateHead:
			cn.readHead()
		case stateBody:
			cn.wait(cn.req.Loc.ClientBodyTimeout)
			cn.req.bodyArrived()
		case stateDiscard:
			cn.discard()
		case stateBusy:
			if s := cn.req.client; s != nil {
				s.wakeReader()
			}
		case stateTunnel:
			data := w.input
			w.input = nil
			cn.req.up.fromClient(data)
		case stateLinger, stateClosed:
			w.input = nil
			if cn.state == stateLinger {
				cn.linger(cn.addr.def.LingeringTimeout)
			}
		}
		if len(w.input) == before {
			break
		}
	}
	if cn.eof && cn.c != nil && cn.rest() == 0 {
		cn.noMore()
	}
	// A request that goes on takes its head along; the bytes are not ours after this.
	if r := cn.req; r != nil && cn.state != stateHead {
		r.own()
	}
	used = len(data) - len(w.input)
	w.inputConn, w.input = nil, nil
	if cn.eof && cn.state == stateIdle && used == len(data) {
		cn.noMore() // that was the last request of a client that has half-closed
	}
	return used
}

// readHead parses the next request's head, and if it is complete, runs the request.
func (cn *conn) readHead() {
	w, r := cn.w, cn.req
	if r == nil {
		r = w.newRequest(cn)
		cn.req = r
	}
	data := w.input
	n, err := r.parser.Parse(&r.Head, data)
	switch {
	case err != nil:
		cn.requests++
		cn.state = stateBusy
		w.headData, w.input = data, nil
		e, ok := err.(*h1.Error)
		if !ok {
			e = &h1.Error{Status: 400, Reason: err.Error()}
		}
		r.refuse(e.Status, e.Reason)
	case n == 0:
		if cn.eof {
			cn.state = stateHead
			cn.noMore()
		} else if cn.state == stateIdle {
			cn.state = stateHead
			cn.wait(r.Loc.ClientHeaderTimeout)
		}
	default:
		cn.requests++
		cn.state = stateBusy
		w.headData, w.input = data[:n], data[n:]
		r.headLen, r.pipelined = n, len(data) < w.inputLen
		r.begin()
	}
}

// requestDone goes on after a request has its response and its log phase is over.
func (cn *conn) requestDone(r *Request) {
	if cn.c == nil {
		cn.req = nil
		r.release()
		cn.free()
		return
	}
	if r.closeSilently {
		cn.state = stateClosed
		cn.req = nil
		r.release()
		cn.c.CloseAfterDrain()
		return
	}
	if r.bodyPending() && r.keepAlive && !cn.dropBody(r) {
		return
	}
	cn.next(r)
}

// waitSent leaves r until its file is with the kernel; false: there is nothing to wait for.
func (cn *conn) waitSent(r *Request) bool {
	if cn.gone() || cn.c.QueuedBytes() == 0 {
		return false
	}
	cn.state = stateSend
	cn.watchSending(r.Loc.SendTimeout)
	return true
}

// dropBody takes the rest of a body off the connection; false: there is more to come.
func (cn *conn) dropBody(r *Request) bool {
	b := &r.body
	if b.state == bodyNone && r.Head.Expect100 && !b.tested {
		// The client may or may not send it, now that it has its answer.
		r.keepAlive = false
		return true
	}
	if b.state == bodyNone {
		r.beginBody(bodyDropped)
	}
	b.state = bodyDropped
	if r.readBody() != 0 {
		r.keepAlive = false
		return true
	}
	if b.state == bodyDone {
		return true
	}
	cn.state = stateDiscard
	cn.wait(r.Loc.LingeringTime)
	cn.linger(r.Loc.LingeringTimeout)
	switch {
	case cn.rest() > 0:
		if cn.w.inputConn != cn {
			cn.c.Kick() // it is here already
		}
	case cn.eof:
		cn.noMore()
	}
	return false
}

// discard drops more of the body of an answered request.
func (cn *conn) discard() {
	r := cn.req
	if r.readBody() != 0 {
		r.keepAlive = false
		r.body.state = bodyDone
	}
	if r.body.state == bodyDone {
		cn.next(r)
		return
	}
	cn.linger(r.Loc.LingeringTimeout)
}

// next ends r's hold on the connection, and waits for another request, or closes.
func (cn *conn) next(r *Request) {
	w, c := cn.w, cn.c
	keep, unread, loc := r.keepAlive, r.bodyPending(), r.Loc
	cn.req = nil
	r.release()
	if !keep {
		cn.close(loc, unread)
		return
	}
	if c.QueuedBytes() > queueMax {
		cn.state = stateDrain
		cn.watchSending(loc.SendTimeout)
		return
	}
	cn.state = stateIdle
	timeout := loc.KeepaliveTimeout
	if w.quitting { // its header went out before
		timeout = min(timeout, w.patience)
	}
	cn.wait(timeout)
	if w.inputConn == cn {
		return // OnData goes on with what is left
	}
	if c.Pending() > 0 {
		c.Kick()
	} else if cn.eof {
		cn.noMore()
	}
}

// close ends the connection. Where the client may still be sending, that has to be read for a while: closing
// a socket with unread input resets the connection, and the client could lose the response.
func (cn *conn) close(loc *conf.Location, unread bool) {
	w, c := cn.w, cn.c
	rest := cn.rest()
	if !cn.eof && (loc.LingeringClose == conf.LingeringAlways || loc.LingeringClose == conf.LingeringOn && (unread || rest > 0)) {
		cn.state = stateLinger
		c.ShutdownAfterDrain()
		cn.wait(loc.LingeringTime)
		cn.linger(loc.LingeringTimeout)
		if w.inputConn != cn {
			c.Kick()
		}
		return
	}
	cn.state = stateClosed
	cn.watchSending(loc.SendTimeout)
	c.CloseAfterDrain()
}

// rest is the input that is here and was not taken, in bytes.
func (cn *conn) rest() int {
	n := cn.c.Pending()
	if cn.w.inputConn == cn {
		n += len(cn.w.input) - cn.w.inputLen
	}
	return n
}

// linger gives a state that drops input another lingering_timeout, within its lingering_time.
func (cn *conn) linger(timeout time.Duration) {
	r := cn.w.Ring
	r.StartTimer(&cn.timer, min(timeout, time.Duration(cn.until-r.Now())), cn)
}

// wantBody makes input the body of r, whose handler waits for it.
func (cn *conn) wantBody(r *Request) {
	cn.state = stateBody
	if cn.c == nil || cn.eof && cn.rest() == 0 {
		// It will never come. The handler is suspended first, then told.
		cn.wait(0)
		return
	}
	cn.wait(r.Loc.ClientBodyTimeout)
	if cn.w.inputConn != cn {
		cn.c.Kick()
	}
}

// watchSending has the timer see that output moves.
func (cn *conn) watchSending(d time.Duration) {
	cn.queued = cn.c.QueuedBytes()
	cn.wait(d)
}

// OnEOF is the ring's to call.
func (cn *conn) OnEOF(c *ring.Conn) {
	defer cn.contain()
	cn.eof = true
	cn.noMore()
}

// noMore goes on after the client's last byte was seen.
func (cn *conn) noMore() {
	switch cn.state {
	case stateIdle:
		cn.state = stateClosed
		cn.watchSending(cn.addr.def.SendTimeout)
		cn.c.CloseAfterDrain()
	case stateBusy:
		r := cn.req
		if p := r.up; p != nil && p.clientGone() || r.clientEnds() {
			return
		}
		r.clientAborted()
	case stateTunnel:
		cn.req.up.complete(false)
	case stateHead:
		r := cn.req
		r.Head.Reset() // its views are of bytes that are gone
		cn.state = stateBusy
		r.logAt(conf.Info, "client prematurely closed connection", " while reading client request headers")
		r.terminate(400)
	case stateBody:
		cn.req.Log(conf.Info, "client prematurely closed connection")
		cn.req.bodyFailed(499)
	case stateDiscard:
		cn.req.keepAlive = false
		cn.req.body.state = bodyDone
		cn.next(cn.req)
	case stateLinger:
		cn.state = stateClosed
		cn.c.CloseAfterDrain()
	}
}

// OnDrain is the ring's to call: all output is with the kernel.
func (cn *conn) OnDrain(c *ring.Conn) {
	defer cn.contain()
	switch cn.state {
	case stateTunnel, stateBody, stateBusy: // while one thread waits for the body another may wait for this
		if p := cn.req.up; p != nil {
			p.clientDrained()
		}
		life := cn.req.life
		if cn.req.drained(""); cn.req != nil && cn.req.life == life {
			cn.req.clientSent()
		}
	case stateSend:
		cn.state = stateBusy
		if cn.req.filter.at < cn.req.filter.end {
			cn.req.filterMore()
			return
		}
		cn.req.logAndGoOn()
	case stateDrain:
		cn.state = stateIdle
		cn.wait(cn.addr.def.KeepaliveTimeout)
		if c.Pending() > 0 {
			c.Kick()
		} else if cn.eof {
			cn.noMore()
		}
	}
}

// OnClose is the ring's to call: the connection is gone. A handler at work is not disturbed: it runs to its end.
func (cn *conn) OnClose(c *ring.Conn, err error) {
	defer cn.contain()
	cn.w.Ring.StopTimer(&cn.timer)
	r := cn.req
	if r != nil {
		r.remote, r.local = c.RemoteAddr(), c.LocalAddr()
	}
	cn.c = nil
	switch {
	case r == nil:
		cn.free()
	case cn.state == stateBusy:
		if p := r.up; p != nil && p.state > upReadsBody && p.state != upDone {
			p.clientGone()
			return
		}
		if !r.clientEnds() && !r.clientAborted() {
			r.drained("client aborted")
		}
	case cn.state == stateBody:
		r.bodyFailed(499)
	case cn.state == stateTunnel:
		cn.state = stateBusy
		r.terminate(499)
	case cn.state == stateSend:
		cn.state = stateBusy
		r.logAndGoOn()
	case cn.state == stateHead || cn.state == stateIdle:
		r.Head.Reset()
		cn.state = stateBusy
		r.terminate(400)
	default:
		cn.req = nil
		r.release()
		cn.free()
	}
}

// OnTimer is the ring's to call.
func (cn *conn) OnTimer(*ring.Timer) {
	defer cn.contain()
	r := cn.req
	switch cn.state {
	case stateIdle:
		if cn.c.QueuedBytes() > 0 && cn.moving() {
			return
		}
		if cn.requests == 0 {
			cn.w.logConn(cn, conf.Info, "client timed out (110: Connection timed out) while waiting for request")
		}
		cn.state = stateClosed
		if cn.c.QueuedBytes() > 0 {
			cn.c.Abort()
			return
		}
		cn.c.CloseAfterDrain()
	case stateHead:
		r.Head.Reset()
		cn.state = stateBusy
		r.logAt(conf.Info, "client timed out (110: Connection timed out)", " while reading client request headers")
		r.terminate(408)
	case stateBody:
		if cn.c == nil || cn.eof {
			r.Log(conf.Info, "client prematurely closed connection")
			r.bodyFailed(499)
			return
		}
		r.Log(conf.Info, "client timed out (110: Connection timed out)")
		r.bodyFailed(408)
	case stateDiscard:
		r.keepAlive = false
		r.body.state = bodyDone
		cn.next(r)
	case stateLinger:
		cn.state = stateClosed
		cn.c.Abort()
	case stateBusy:
		if r.flushing == 0 && (r.up == nil || !r.up.paused) || cn.moving() {
			return
		}
		r.Log(conf.Info, "client timed out (110: Connection timed out) while sending response to client")
		cn.resetTimedout(r.Loc)
		cn.c.Abort() // the handler is told by OnClose
	case stateSend, stateDrain, stateClosed:
		if cn.c == nil || cn.moving() {
			return
		}
		if r != nil {
			r.Log(conf.Info, "client timed out (110: Connection timed out) while sending response to client")
		} else {
			cn.state = stateClosed
		}
		cn.resetTimedout(cn.settings())
		cn.c.Abort()
	}
}

// resetTimedout has the kernel reset the connection when it is closed, if reset_timedout_connection asks for that: it then keeps
// nothing of what the client doesn't take.
func (cn *conn) resetTimedout(loc *conf.Location) {
	if loc.ResetTimedout && cn.c != nil {
		_ = unix.SetsockoptLinger(cn.c.FD(), unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1}) // else it is closed as others are
	}
}

// moving tells if output went out since the last look, and looks again later.
func (cn *conn) moving() bool {
	q := cn.c.QueuedBytes()
	if q == cn.queued {
		return false
	}
	cn.queued = q
	cn.w.Ring.StartTimer(&cn.timer, cn.settings().SendTimeout, cn)
	return true
}

// settings are the request's, or the default server's where there is none.
func (cn *conn) settings() *conf.Location {
	if cn.req != nil {
		return cn.req.Loc
	}
	return cn.addr.def.Location
}

// remoteAddr and localAddr are invalid for Unix sockets.
func (cn *conn) remoteAddr() netip.AddrPort {
	if cn.c != nil {
		return cn.c.RemoteAddr()
	}
	if cn.req != nil {
		return cn.req.remote
	}
	return netip.AddrPort{}
}

func (cn *conn) localAddr() netip.AddrPort {
	if cn.c != nil {
		return cn.c.LocalAddr()
	}
	if cn.req != nil {
		return cn.req.local
	}
	return netip.AddrPort{}
}

// localPort is 0 for Unix sockets.
func (cn *conn) localPort() int {
	if p := cn.addr.Addr.Port(); p != 0 {
		return int(p)
	}
	return int(cn.localAddr().Port())
}

func (cn *conn) appendLocalAddr(b []byte) []byte { return appendAddr(b, cn.localAddr().Addr()) }

// appendAddr appends an address as $remote_addr has it.
func appendAddr(b []byte, a netip.Addr) []byte {
	if !a.IsValid() {
		return append(b, "unix:"...)
	}
	return a.Unmap().AppendTo(b)
}
