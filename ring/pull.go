package ring

import "syscall"

// Pulled connections: the handler takes input when it wants to, not when it comes. It is for protocols that a script
// drives, which asks for the next bytes in the middle of anything.

// Pull changes how c's handler hears of input, for good: OnData is called with nil when some has come, and the handler takes it with
// Input and Consume, then or whenever it likes. What the peer does wrong doesn't close the connection: OnEOF is called
// after the last input, once for the peer's end and once for a failure, which Err tells, and the handler closes. OnClose still
// comes at any time for want of memory. To be called with the handler's first SetHandler.
func (c *Conn) Pull() { c.flags |= fPull }

// Err is what a pulled connection has failed with, nil if it has not. Nothing more can be sent, or will come, but what is
// pending.
func (c *Conn) Err() error {
	if c.flags&fFailed == 0 {
		return nil
	}
	return syscall.Errno(c.errno)
}

// EOF tells that the peer has sent everything. Some of it may be pending.
func (c *Conn) EOF() bool { return c.flags&fEOF != 0 }

// Input views pending bytes of a pulled connection, all of them or, if they came in several pieces, the first piece, or
// none. The view is valid until the callback under way returns or Consume is called.
func (c *Conn) Input() []byte {
	switch {
	case c.flags&(fLive|fClosing) != fLive:
	case c.in.ok():
		return c.in.bytes(c.inOff, c.inEnd, c.inEnd)
	case c.chainHead != 0:
		return c.r.bufs.data(c.chainHead-1, c.headOff)
	}
	return nil
}

// Consume drops the first n bytes of what Input returns.
func (c *Conn) Consume(n int) {
	if n < 0 || n > len(c.Input()) {
		panic("ring: Consume of more than there is")
	}
	if n == 0 {
		return
	}
	c.consume(uint32(n))
	if !c.in.ok() && c.chainHead != 0 {
		c.hold() // settle is to take what is left
	}
}
