package proxy

// ngx.req.socket: the client's connection as a socket. With it a script reads the request's body itself, or, raw, everything that the
// client sends, and answers itself. The connection stays conn's: what comes is taken from its input, or from the ring when no
// callback of it is under way.

// ClientSocket makes the socket; why tells why there is none.
func (r *Request) ClientSocket(raw bool) (s *Socket, why string) {
	b := &r.body
	c := r.cn.c
	if raw {
		if r.HeaderSent && !r.ended && !r.buffering {
			r.pass(nil) // what was said before comes first
		}
		switch {
		case b.state == bodyReading, r.client != nil && r.client.side == sideBody && b.left > 0:
			return nil, "pending request body reading in some other thread"
		case c != nil && c.QueuedBytes() > sendAtOnce:
			return nil, "pending data to write"
		case r.buffering:
			return nil, "http 1.0 buffering"
		case r.raw:
			return nil, "duplicate call"
		}
		r.raw, r.HeaderSent, r.committed, r.ended, r.keepAlive = true, true, true, true, false
		b.state = bodyDone
	} else {
		switch {
		case b.dropped && b.state == bodyDone:
			return nil, "no body" // it was here already
		case b.state == bodyDropped:
			return nil, "request body discarded"
		case b.state != bodyNone || r.raw:
			return nil, "request body already exists"
		case r.Head.ContentLength <= 0:
			return nil, "no body"
		}
		r.beginBody(bodyTaken)
	}
	s = r.Worker.newSocket(r)
	s.state, s.side = socketOpen, sideBody
	if raw {
		s.side = sideRaw
	}
	s.SetTimeouts(0, 0, 0)
	r.client = s
	return s, ""
}

// RawAcquired tells that a script answers by itself.
func (r *Request) RawAcquired() bool { return r.raw }

// clientInput views what is here and belongs to the socket.
func (s *Socket) clientInput() []byte {
	cn, w := s.r.cn, s.w
	var in []byte
	switch {
	case w.inputConn == cn:
		in = w.input
	case cn.c != nil:
		in = cn.c.Input()
	}
	if s.side == sideBody {
		in = in[:min(int64(len(in)), s.r.body.left)]
	}
	return in
}

// clientConsume drops the first n bytes of what clientInput returns.
func (s *Socket) clientConsume(n int) {
	cn, w := s.r.cn, s.w
	if w.inputConn == cn {
		w.input = w.input[n:]
	} else {
		cn.c.Consume(n)
	}
	if s.side == sideBody {
		s.r.body.left -= int64(n)
	}
}

// clientEnded tells that nothing more will come.
func (s *Socket) clientEnded() bool {
	cn := s.r.cn
	return s.side == sideBody && s.r.body.left == 0 || cn.gone() || cn.eof && cn.rest() == 0
}

// clientEnd is what that is for an error, "" for a plain end.
func (s *Socket) clientEnd() string {
	if s.side == sideBody && s.r.body.left == 0 {
		return ""
	}
	if s.side == sideBody || s.r.Loc.LuaCheckClientAbort || s.r.cn.gone() {
		return "client aborted"
	}
	return ""
}

// closeClient gives the connection back: what is left of the body is dropped when the request ends.
func (s *Socket) closeClient() {
	r := s.r
	r.client = nil
	if s.side == sideBody {
		if r.body.state = bodyDropped; r.body.left == 0 {
			r.body.state = bodyDone
		}
	}
}

// clientSent goes on after all output is with the kernel.
func (r *Request) clientSent() {
	if s := r.client; s != nil && s.side == sideRaw {
		s.wakeWriter()
	}
}

// clientEnds tells the threads that use the client's connection that it has ended; false if none waits for input.
func (r *Request) clientEnds() bool {
	s := r.client
	if s == nil {
		return false
	}
	waited := s.reader != nil
	h := s.Handle()
	s.wakeReader()
	if r.Worker.Socket(h) == s && s.writer != nil && r.cn.gone() {
		s.wakeWriter()
	}
	return waited
}
