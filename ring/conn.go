package ring

import (
	"iter"
	"net/netip"
	"syscall"

	"golang.org/x/sys/unix"
)

// Handler is told what happens on a connection. All calls come from Run.
type Handler interface {
	// OnData is given everything received and not yet consumed, contiguous and valid
	// only during the call, and returns how many bytes it consumed, 0 to len(data). The rest comes
	// again with the next data or after Kick. A handler that consumes everything may be
	// called several times in a row.
	OnData(c *Conn, data []byte) int
	// OnEOF tells that the peer has sent everything (half-close), after all data was offered; what
	// the handler left of it may still be pending. The connection stays open for
	// writing until the handler closes it.
	OnEOF(c *Conn)
	// OnDrain tells that the output queue became empty. Not called once CloseAfterDrain was.
	OnDrain(c *Conn)
	// OnClose is the last call, exactly once, after every operation on the connection ended.
	// err is nil if this side closed it, otherwise a syscall.Errno: the peer's doing.
	// c must not be used after it returns.
	OnClose(c *Conn, err error)
}

// Conn is a connection, a slot in the ring's table. It owns no buffer while idle.
//
// Input is bounded by Config.BuffersPerConn, beyond which one iteration may bring some 100 buffers
// more; a handler must consume before the bound, as recv stops there. Output is
// not bounded: who writes more than an answer watches QueuedBytes and goes on in OnDrain.
type Conn struct {
	User any // the user's

	r       *Ring
	h       Handler
	connect ConnectHandler // until connected

	id    uint64
	slot  uint32
	gen   uint32
	fd    int32
	flags connFlags
	errno int32  // why it closes; 0 for our own wish
	ops   uint16 // operations submitted and not ended

	// Input: first the pending bytes [inOff, inEnd) of block in, then the chain of
	// provided buffers (ids + 1; 0 is none) lent in this iteration, whose first is used up to headOff.
	chainHead, chainTail uint16
	headOff              uint32
	chainBytes           uint32
	inOff, inEnd         uint32
	in                   block

	// Output: a list of segments, see output.go.
	outHead, outTail uint32
	queued           int    // bytes in the list
	flight           uint32 // bytes of it that the SEND in flight covers

	remote, local netip.AddrPort
}

type connFlags uint32

const (
	fLive            connFlags = 1 << iota
	fQueued                    // in runq
	fDirty                     // in dirty
	fHeld                      // in holding
	fNoBuffer                  // in waiters
	fRecvArmed                 // multishot recv is on
	fRecvCancel                // and was cancelled
	fSending                   // a SEND, or the READ that feeds it, is in flight
	fSendCancel                // and was cancelled, or the CONNECT was
	fFilling                   // it is the READ
	fConnecting                // CONNECT is in flight or about to be
	fConnected                 // OnConnect is due
	fPaused                    // PauseRead
	fEOF                       // the peer half-closed
	fEOFTold                   // and the handler knows
	fFailed                    // errno is set; close after delivering what was received
	fDrained                   // OnDrain is due
	fCloseAfterDrain           //
	fShutAfterDrain            //
	fShut                      // SHUTDOWN was submitted
	fShutting                  // and has not ended
	fClosing                   // no way back
	fCloseIssued               // CLOSE was submitted
	fUnix                      // AF_UNIX
	fPull                      // Pull
	fFailTold                  // and the handler knows of fFailed
)

// connTable holds the connections in chunks: a Conn never moves, and the table grows with need.
type connTable struct {
	chunks [][]Conn
	free   []uint32
	live   int
}

const connChunk = 128

func (t *connTable) get(slot uint32) *Conn {
	if i := int(slot / connChunk); i < len(t.chunks) {
		return &t.chunks[i][slot%connChunk]
	}
	return nil
}

func (t *connTable) alloc() *Conn {
	if len(t.free) == 0 {
		base := uint32(len(t.chunks) * connChunk)
		if base+connChunk > slotMax {
			return nil
		}
		chunk := make([]Conn, connChunk)
		for i := connChunk - 1; i >= 0; i-- {
			chunk[i].slot = base + uint32(i)
			t.free = append(t.free, base+uint32(i))
		}
		t.chunks = append(t.chunks, chunk)
	}
	slot := t.free[len(t.free)-1]
	t.free = t.free[:len(t.free)-1]
	t.live++
	return t.get(slot)
}

func (t *connTable) recycle(c *Conn) {
	slot, gen := c.slot, c.gen+1
	*c = Conn{slot: slot, gen: gen, fd: -1}
	if poisoned {
		c.id = poisonByte * (1<<64 - 1) / 255
		c.headOff, c.inOff, c.inEnd, c.queued = poisonByte<<16, poisonByte<<24, poisonByte<<8, -poisonByte
	}
	t.live--
	t.free = append(t.free, slot)
}

func (t *connTable) all() iter.Seq[*Conn] {
	return func(yield func(*Conn) bool) {
		for _, ch := range t.chunks {
			for i := range ch {
				if ch[i].flags&fLive != 0 && !yield(&ch[i]) {
					return
				}
			}
		}
	}
}

// newConn takes a slot for fd; nil if the table is full.
func (r *Ring) newConn(fd int32) *Conn {
	c := r.conns.alloc()
	if c == nil {
		return nil
	}
	r.nextID++
	*c = Conn{r: r, slot: c.slot, gen: c.gen, id: r.nextID, fd: fd, flags: fLive}
	return c
}

func (c *Conn) ud(o op) uint64 { return userData(o, c.slot, c.gen) }

// SetHandler sets who is told from now on.
func (c *Conn) SetHandler(h Handler) { c.h = h }

// Ring is the ring that c lives on.
func (c *Conn) Ring() *Ring { return c.r }

// ID is the serial number of the connection within the ring, from 1, never reused.
func (c *Conn) ID() uint64 { return c.id }

// FD is the socket's descriptor, for setsockopt and the like; ring closes it.
func (c *Conn) FD() int { return int(c.fd) }

// Closing tells that the connection is being closed: output is dropped, and only OnClose comes.
func (c *Conn) Closing() bool { return c.flags&fClosing != 0 }

// RemoteAddr is the peer's address, asked for once with getpeername and kept. It is
// invalid for AF_UNIX (see IsUnix), and if the peer had vanished before the first call.
func (c *Conn) RemoteAddr() netip.AddrPort {
	if !c.remote.IsValid() && c.flags&fUnix == 0 {
		c.remote = c.ask(unix.SYS_GETPEERNAME)
	}
	return c.remote
}

// LocalAddr is this side's address, asked for once with getsockname and kept.
func (c *Conn) LocalAddr() netip.AddrPort {
	if !c.local.IsValid() && c.flags&fUnix == 0 {
		c.local = c.ask(unix.SYS_GETSOCKNAME)
	}
	return c.local
}

// IsUnix tells if the socket is AF_UNIX.
func (c *Conn) IsUnix() bool {
	c.LocalAddr()
	return c.flags&fUnix != 0
}

// CloseAfterDrain closes the connection when the output queue is empty. Input is dropped from now on.
func (c *Conn) CloseAfterDrain() {
	if c.flags&(fClosing|fCloseAfterDrain) != 0 {
		return
	}
	c.flags |= fCloseAfterDrain
	if c.outputEmpty() {
		c.beginClose(0)
		return
	}
	c.hold()
	c.r.markDirty(c) // recv is to go on, to drop what comes
}

// ShutdownAfterDrain shuts down the sending side (SHUT_WR) when the output queue is empty.
// Reading goes on; later output is dropped. Together with a timer and Abort it makes a lingering close.
func (c *Conn) ShutdownAfterDrain() {
	if c.flags&(fClosing|fShutAfterDrain) == 0 {
		c.flags |= fShutAfterDrain
		c.r.markDirty(c)
	}
}

// Abort drops the output queue, cancels what is in flight and closes.
func (c *Conn) Abort() { c.beginClose(0) }

// fail closes for the peer's sake, after what was received has been delivered; of a pulled connection it tells the handler instead.
func (c *Conn) fail(e syscall.Errno) {
	if c.flags&(fClosing|fFailed) != 0 {
		return
	}
	if c.flags&(fPull|fCloseAfterDrain) == fPull {
		c.flags |= fFailed
		c.errno = int32(e)
		c.r.enqueue(c)
		return
	}
	if c.chainHead == 0 || c.flags&(fPaused|fCloseAfterDrain) != 0 {
		c.beginClose(e)
		return
	}
	c.flags |= fFailed
	c.errno = int32(e)
}

// beginClose passes the point of no return. The SQEs are written by the next flush.
func (c *Conn) beginClose(e syscall.Errno) {
	if c.flags&(fClosing|fLive) != fLive {
		return
	}
	c.flags |= fClosing
	c.errno = int32(e)
	if c.flags&fSending == 0 {
		c.dropOutput()
	}
	c.hold()
	c.r.markDirty(c)
}

// flushConn writes the SQEs that c's state calls for.
func (r *Ring) flushConn(c *Conn) {
	f := c.flags
	if f&fLive == 0 {
		return
	}
	if f&fClosing != 0 {
		r.flushClosing(c)
		return
	}
	if f&fConnecting != 0 {
		return
	}
	if f&(fRecvArmed|fEOF|fFailed|fNoBuffer) == 0 && c.Pending() < r.inMax {
		c.flags |= fRecvArmed
		c.ops++
		r.prepRecv(c.fd, c.ud(opRecv))
	}
	if f&fSending == 0 {
		if c.queued > 0 {
			r.startSend(c)
			return
		}
		if c.outHead != 0 {
			c.dropOutput() // reserved, not committed
		}
		if f&(fShutAfterDrain|fShut) == fShutAfterDrain {
			c.flags |= fShut | fShutting
			c.ops++
			r.prepShutdown(c.fd, syscall.SHUT_WR, c.ud(opShutdown))
		}
	}
}

// flushClosing cancels what is in flight and closes the descriptor, in one submission. Operations hold
// their own reference to the socket, so they end well after the number is free; nothing of
// this slot uses the number again. It comes here again if a cancel failed.
func (r *Ring) flushClosing(c *Conn) {
	if c.flags&(fRecvArmed|fRecvCancel) == fRecvArmed {
		c.flags |= fRecvCancel
		r.prepCancel(c.ud(opRecv))
	}
	if c.flags&(fConnecting|fSending) != 0 && c.flags&fSendCancel == 0 && c.ops > 0 {
		c.flags |= fSendCancel
		o := opSend
		switch {
		case c.flags&fConnecting != 0:
			o = opConnect
		case c.flags&fFilling != 0:
			o = opFill
		}
		r.prepCancel(c.ud(o))
	}
	// Except SHUTDOWN: the kernel always leaves that to a worker thread, which looks the descriptor up when it runs
	// (io_wq_submit_work calls io_assign_file). By then the number could be another connection's.
	if c.flags&(fCloseIssued|fShutting) == 0 {
		c.flags |= fCloseIssued
		c.ops++
		r.prepClose(c.fd, c.ud(opClose))
	}
}

// runConn tells the handler what happened, in the order of cause: output went out, data came in,
// the peer finished, the connection failed.
func (r *Ring) runConn(c *Conn) {
	c.flags &^= fQueued
	if c.flags&fClosing != 0 {
		if c.ops == 0 && c.flags&fCloseIssued != 0 {
			r.finish(c)
		}
		return
	}
	if c.flags&fConnected != 0 {
		c.flags &^= fConnected
		h := c.connect
		c.connect = nil
		h.OnConnect(c, nil)
		if c.h == nil {
			c.Abort()
		}
	}
	if c.flags&(fDrained|fClosing) == fDrained {
		c.flags &^= fDrained
		if c.queued == 0 {
			c.h.OnDrain(c)
		}
	}
	r.deliver(c)
	// If the handler asked for the rest (Kick), EOF comes after that.
	if c.flags&(fEOF|fEOFTold|fPaused|fClosing|fCloseAfterDrain|fQueued) == fEOF {
		c.flags |= fEOFTold
		c.h.OnEOF(c)
	}
	if c.flags&(fFailed|fFailTold|fPull|fClosing) == fFailed|fPull {
		c.flags |= fFailTold
		c.h.OnEOF(c)
	}
	if c.flags&(fFailed|fPull|fClosing) == fFailed {
		c.beginClose(syscall.Errno(c.errno))
	}
	if c.chainHead != 0 {
		c.hold()
	}
}

// finish ends the connection's life.
func (r *Ring) finish(c *Conn) {
	c.dropInput()
	c.dropOutput()
	var err error
	if c.errno != 0 {
		err = syscall.Errno(c.errno)
	}
	switch {
	case c.connect != nil:
		if err == nil {
			err = syscall.ECANCELED
		}
		c.connect.OnConnect(c, err)
	case c.h != nil:
		c.h.OnClose(c, err)
	}
	r.conns.recycle(c)
	r.connGone()
}
