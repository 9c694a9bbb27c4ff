package proxy

import (
	"moonring/lua"
	"moonring/proxy/conf"
	"moonring/proxy/cosocket"
	"moonring/ring"
)

// SocketResult is what a read or a write ends with.
type SocketResult struct {
	values   [3]lua.Value
	n        int
	noMemory bool // for the result's strings
}

// Values are the results; ok is false if there was no memory for them.
func (res *SocketResult) Values() (values []lua.Value, ok bool) {
	return res.values[:res.n], !res.noMemory
}

// Receive reads a piece: see cosocket.Reader. waits says that the builtin is to be suspended, and is resumed with what res would
// have had: the piece, or nil, what has happened, and what has come of the piece.
func (s *Socket) Receive(m cosocket.Mode, n int64) (res *SocketResult, waits bool) {
	s.pushBack()
	s.rd.Begin(m, n)
	return s.read()
}

// ReceiveUntil is Receive up to a pattern. state is a userdata of the pattern's: see SocketPattern.
func (s *Socket) ReceiveUntil(text, state lua.Value, n int64) (res *SocketResult, waits bool) {
	s.pattern, s.patternText = state, text
	p := s.loadPattern()
	if p.State > 0 && s.serial != patternSerial(s.w.VM.UserdataBytes(state)) {
		p.State = 0
	}
	if p.State == 0 {
		s.pushBack()
	}
	s.serial = 0
	s.rd.BeginUntil(p, n)
	return s.read()
}

// read begins a read that is set up.
func (s *Socket) read() (res *SocketResult, waits bool) {
	s.debugTimeout("lua tcp socket read timeout", s.readTimeout)
	if res = s.pump(); res != nil {
		return res, false
	}
	s.reader = s.r.running
	s.reader.Wait((*readWait)(s), s.readTimeout)
	return nil, true
}

// pump takes input until the piece is whole, or nothing more will come; nil: there is none.
func (s *Socket) pump() *SocketResult {
	if !s.pattern.IsNil() {
		p := s.loadPattern() // the arena has not moved, but that is its own affair
		s.rd.Pattern().Text, s.rd.Pattern().Table = p.Text, p.Table
	}
	debug := s.r.LogEnabled(conf.Debug)
	for in := s.input(); len(in) > 0; in = s.input() {
		if debug {
			s.r.Log(conf.Debug, s.rd.Doing(len(in)))
		}
		piece, used, done := s.rd.Feed(in)
		if done {
			res := s.result(piece)
			s.consume(used)
			s.endRead()
			return res
		}
		s.consume(used)
		s.countHeld()
		if int64(s.w.socketBytes) > s.w.memoryMax {
			return s.readFailed("no memory", true)
		}
	}
	switch eof, err := s.ended(); {
	case err != nil:
		if s.r.LogEnabled(conf.Err) {
			s.r.Log(conf.Err, "recv() failed "+errnoText(err))
		}
		return s.readFailed(lowerError(err), true)
	case eof:
		if s.Downstream() {
			if why := s.clientEnd(); why != "" {
				return s.readFailed(why, true)
			}
		}
		s.debug("lua tcp socket closed")
		if piece, ok := s.rd.End(); ok {
			res := s.result(piece)
			s.endRead()
			return res
		}
		return s.readFailed("closed", true)
	}
	return nil
}

// input views the next bytes, if there are any.
func (s *Socket) input() []byte {
	if s.backAt < len(s.back) {
		return s.back[s.backAt:]
	}
	switch {
	case s.Downstream():
		return s.clientInput()
	case s.c == nil:
		return nil
	case s.tls != nil:
		return s.tls.input()
	}
	return s.c.Input()
}

// consume drops the first n bytes of what input returns.
func (s *Socket) consume(n int) {
	switch {
	case s.backAt < len(s.back):
		if s.backAt += n; s.backAt == len(s.back) {
			s.back, s.backAt = s.back[:0], 0
		}
	case s.Downstream():
		s.clientConsume(n)
	case s.tls != nil:
		s.tls.plainAt += n
	default:
		s.c.Consume(n)
	}
}

// ended tells that no more input will come.
func (s *Socket) ended() (eof bool, err error) {
	switch {
	case s.Downstream():
		return s.clientEnded(), nil
	case s.c == nil:
		return true, nil
	case s.tls != nil:
		return s.tls.ended()
	}
	return s.c.EOF(), s.c.Err()
}

// result makes the result of a piece.
func (s *Socket) result(piece []byte) *SocketResult {
	res := &s.w.socketResult
	v := s.w.VM.NewString(piece)
	*res = SocketResult{n: 1, noMemory: v.IsNil()}
	res.values[0] = v
	s.debug("lua tcp socket receive done")
	return res
}

// failure makes the result of what has failed; partial counts for reads.
func (s *Socket) failure(why string, read bool, partial []byte) *SocketResult {
	res := &s.w.socketResult
	vm := s.w.VM
	msg := vm.NewStringS(why)
	*res = SocketResult{n: 2, noMemory: msg.IsNil()}
	res.values[0], res.values[1] = lua.Nil, msg
	if read {
		v := vm.NewString(partial)
		res.values[2], res.n = v, 3
		res.noMemory = res.noMemory || v.IsNil()
	}
	return res
}

// readFailed ends a read. final says that there will be none any more.
func (s *Socket) readFailed(why string, final bool) *SocketResult {
	res := s.failure(why, true, s.rd.Partial())
	s.endRead()
	if final {
		s.readClosed = true
	}
	return res
}

// endRead leaves the reader for the next piece.
func (s *Socket) endRead() {
	s.savePattern()
	s.rd.Drop(socketBufferKept)
	s.countHeld()
	s.unread = len(s.back) - s.backAt
	switch {
	case s.tls != nil:
		s.unread += len(s.tls.plain) - s.tls.plainAt
	case s.c != nil:
		s.unread += s.c.Pending()
	}
}

// Send sends data, a view. waits says that the builtin is to be suspended, and is resumed with what res would have had: the number of
// bytes, or nil and what is wrong.
func (s *Socket) Send(data []byte) (res *SocketResult, waits bool) {
	s.debugTimeout("lua tcp socket send timeout", s.sendTimeout)
	c := s.conn()
	if res = s.sendFailed(); res != nil {
		return res, false
	}
	if s.tls == nil {
		c.Write(data)
	} else if _, err := s.tls.conn.Write(data); err != nil && !c.Closing() {
		if s.r.LogEnabled(conf.Err) {
			s.r.Log(conf.Err, "SSL_write() failed (SSL: "+err.Error()+")")
		}
		return s.writeFailed(lowerError(err)), false
	}
	if c.Closing() { // for want of memory
		return s.writeFailed("no memory"), false
	}
	if c.QueuedBytes() <= sendAtOnce {
		return s.sent(len(data)), false
	}
	s.sendLen, s.sendLeft = len(data), c.QueuedBytes()
	s.writer = s.r.running
	s.writer.Wait((*writeWait)(s), s.sendTimeout)
	return nil, true
}

func (s *Socket) sent(n int) *SocketResult {
	res := &s.w.socketResult
	*res = SocketResult{n: 1}
	res.values[0] = lua.Int(n)
	return res
}

// sendFailed is the result of sending on a connection that has failed, nil if it has not.
func (s *Socket) sendFailed() *SocketResult {
	c := s.conn()
	switch {
	case c == nil || c.Closing():
		if s.Downstream() {
			return s.writeFailed("client aborted")
		}
		return s.writeFailed("closed")
	case c.Err() != nil:
		if s.r.LogEnabled(conf.Err) {
			s.r.Log(conf.Err, "send() failed "+errnoText(c.Err()))
		}
		return s.writeFailed(lowerError(c.Err()))
	}
	return nil
}

func (s *Socket) writeFailed(why string) *SocketResult {
	s.writeClosed = true
	return s.failure(why, false, nil)
}

// resume goes on with a thread that has waited.
func (s *Socket) resume(t *Thread, res *SocketResult) {
	if res.noMemory {
		t.ResumeError(s.w.VM.NewStringS("not enough memory"))
		return
	}
	values := res.values // those of the worker are for whoever comes next
	switch res.n {
	case 1:
		t.Resume(values[0])
	case 2:
		t.Resume(values[0], values[1])
	default:
		t.Resume(values[0], values[1], values[2])
	}
}

// wakeReader goes on with the thread that reads, if it has what it wants.
func (s *Socket) wakeReader() {
	if s.reader == nil {
		return
	}
	if res := s.pump(); res != nil {
		t := s.reader
		s.reader = nil
		s.resume(t, res)
	}
}

// wakeWriter goes on with the thread that writes, after all has gone, or has failed.
func (s *Socket) wakeWriter() {
	t := s.writer
	if t == nil {
		return
	}
	res := s.sendFailed()
	if res == nil {
		res = s.sent(s.sendLen)
	}
	s.writer = nil
	s.resume(t, res)
}

// readWait and writeWait are the Waiters of the threads that read and write.
type (
	readWait  Socket
	writeWait Socket
)

// TimedOut and Cancel are of Waiter.
func (p *readWait) TimedOut(t *Thread) {
	s := (*Socket)(p)
	s.complain("lua tcp socket read timed out")
	s.reader = nil
	s.resume(t, s.readFailed("timeout", false))
}

func (p *readWait) Cancel(*Thread) {
	s := (*Socket)(p)
	s.reader = nil
	s.abandon(false)
}

func (p *writeWait) TimedOut(t *Thread) {
	s := (*Socket)(p)
	if c := s.conn(); c != nil && c.QueuedBytes() < s.sendLeft { // it moves
		s.sendLeft = c.QueuedBytes()
		t.rewait(s.sendTimeout)
		return
	}
	s.complain("lua tcp socket write timed out")
	s.writer = nil
	s.resume(t, s.writeFailed("timeout"))
}

func (p *writeWait) Cancel(*Thread) {
	s := (*Socket)(p)
	s.writer = nil
	s.abandon(true)
}

// abandon closes s after one of its threads was ended.
func (s *Socket) abandon(writing bool) {
	s.writeClosed = s.writeClosed || writing || s.writer != nil
	s.shut(true)
}

// closedUnder is what a thread waits for whose socket was closed by another one's end, or the request's: to be told so, once scripts may run.
type closedUnder struct{}

func (closedUnder) TimedOut(t *Thread) { t.Resume(lua.Nil, t.r.Worker.VM.NewStringS("closed")) }
func (closedUnder) Cancel(*Thread)     {}

// OnData is the ring's to call.
func (s *Socket) OnData(c *ring.Conn, _ []byte) int {
	switch s.state {
	case socketIdle:
		if s.tls != nil { // what concerns the session may come at any time
			if in := s.tls.input(); len(in) == 0 && !s.tls.eof && s.tls.err == nil {
				return 0
			}
		}
		s.dropIdle("lua tcp socket keepalive close handler check stale events")
	case socketOpen:
		defer s.r.cn.contain()
		if !s.handshakeInput() {
			s.wakeReader()
		}
	}
	return 0
}

// OnEOF is the ring's to call: the peer has sent everything, or the connection has failed.
func (s *Socket) OnEOF(c *ring.Conn) {
	switch s.state {
	case socketIdle:
		s.dropIdle("lua tcp socket keepalive close handler check stale events")
	case socketOpen:
		defer s.r.cn.contain()
		h := s.Handle()
		if s.handshakeInput() {
			return
		}
		s.wakeReader()
		if c.Err() != nil && s.w.Socket(h) == s { // the reader may have closed it
			s.wakeWriter()
		}
	}
}

// OnDrain is the ring's to call.
func (s *Socket) OnDrain(c *ring.Conn) {
	if s.state == socketOpen {
		defer s.r.cn.contain()
		s.wakeWriter()
	}
}

// OnClose is the ring's to call.
func (s *Socket) OnClose(c *ring.Conn, err error) {
	s.w.liveUpConns--
	s.c = nil
	switch s.state {
	case socketClosing:
		s.free()
	case socketIdle: // for want of memory
		p := s.pool
		p.Remove(s)
		s.pool = nil
		s.close(false)
		s.w.poolChanged(p, true)
	case socketOpen:
		defer s.r.cn.contain()
		h := s.Handle()
		if t := s.connecting; t != nil { // a handshake
			s.connecting = nil
			s.shut(false)
			t.Resume(lua.Nil, s.w.VM.NewStringS("handshake failed"))
			return
		}
		if t := s.reader; t != nil {
			s.reader = nil
			s.resume(t, s.readFailed("no memory", true))
		}
		if s.w.Socket(h) != s {
			return
		}
		if t := s.writer; t != nil {
			s.writer = nil
			s.resume(t, s.writeFailed("no memory"))
		}
		if s.w.Socket(h) == s {
			s.shut(false)
		}
	}
}

// OnTimer is the ring's to call: it was idle for too long, or what it has sent is not taken.
func (s *Socket) OnTimer(*ring.Timer) {
	switch s.state {
	case socketIdle:
		s.dropIdle("lua tcp socket keepalive max idle timeout")
	case socketClosing:
		if s.c != nil {
			s.c.Abort()
		}
	}
}
