package ring

import (
	"sync/atomic"
	"syscall"

	sys "github.com/iceber/iouring-go/syscall"
)

// reap moves every completion out of the CQ and calls nobody: callbacks run afterwards,
// so they can't recurse into the ring, and the CQ is as empty as can be when they
// submit. Completions that found the CQ full lie in a list of the kernel's and are
// flushed until none is left.
func (r *Ring) reap() {
	q := r.q
	for {
		head := *q.CQHead
		tail := atomic.LoadUint32(q.CQTail)
		for ; head != tail; head++ {
			e := &q.CQEs[head&r.cqMask]
			r.complete(e.UserData, e.Res, e.Flags)
			r.stats.Completions++
		}
		atomic.StoreUint32(q.CQHead, head)
		if atomic.LoadUint32(q.SQFlags)&sys.IORING_SQ_CQ_OVERFLOW == 0 {
			return
		}
		r.stats.CQOverflows++
		if err := r.enterOnce(0, 0, false); err != nil {
			r.fatal = err
			return
		}
		if *q.CQHead == atomic.LoadUint32(q.CQTail) {
			return // nothing was flushed; the next enter tries again
		}
	}
}

func (r *Ring) complete(ud uint64, res int32, flags uint32) {
	o, slot, gen := splitUserData(ud)
	switch o {
	case opRecv, opSend, opConnect, opShutdown, opClose, opFill:
		c := r.conns.get(slot)
		if c == nil || c.gen != gen || c.flags&fLive == 0 {
			r.stale(flags)
			return
		}
		switch o {
		case opRecv:
			r.onRecv(c, res, flags)
		case opSend:
			r.onSend(c, res)
		case opConnect:
			r.onConnect(c, res)
		case opFill:
			r.onFill(c, res)
		case opShutdown:
			c.ops--
			c.flags &^= fShutting
			if c.flags&fClosing != 0 {
				r.markDirty(c) // CLOSE waits for this
			}
		default:
			c.ops--
		}
		if c.ops == 0 && c.flags&fCloseIssued != 0 {
			r.enqueue(c)
		}
	case opAccept:
		r.onAccept(slot, gen, res, flags)
	case opFileRead:
		r.onFileRead(slot, gen, res)
	case opPoll:
		r.onPoll(slot, gen)
	case opWake:
		r.wakeArmed = false
	default:
		if o&opCancel == 0 {
			r.stale(flags)
			return
		}
		r.onCancelFailed(o&^opCancel, slot, gen)
	}
}

// onCancelFailed handles a cancel that found nothing to cancel. The target has ended
// meanwhile; if it has not (EALREADY: a worker thread is executing it), it is cancelled again with
// the next submission: otherwise it could outlive its connection's descriptor, and keep the
// socket open. Linux 6.18 was not seen to do that to sockets; nothing in its manual excludes it.
func (r *Ring) onCancelFailed(o op, slot, gen uint32) {
	switch o {
	case opAccept:
		if int(slot) < len(r.listeners) && r.listeners[slot].gen == gen && r.listeners[slot].armed {
			r.listeners[slot].cancelling = false
			r.listeners[slot].enqueue()
		}
	case opRecv, opSend, opConnect:
		c := r.conns.get(slot)
		if c == nil || c.gen != gen || c.flags&fLive == 0 {
			return
		}
		if o == opRecv {
			c.flags &^= fRecvCancel
		} else {
			c.flags &^= fSendCancel
		}
		if c.flags&fClosing != 0 {
			r.markDirty(c)
		} else {
			c.hold() // settle looks at the bound again
		}
	}
}

// stale accounts for a completion that belongs to nobody, and saves its buffer.
func (r *Ring) stale(flags uint32) {
	r.stats.Stale++
	if flags&IORING_CQE_F_BUFFER != 0 {
		r.takeBuffer(flags, 0)
	}
}

// takeBuffer notes that the kernel filled a buffer with n bytes. With n <= 0 it is given back at once.
func (r *Ring) takeBuffer(flags uint32, n int32) uint16 {
	bid := uint16(flags >> IORING_CQE_BUFFER_SHIFT)
	r.bufs.lent++
	if n <= 0 {
		r.bufs.n[bid] = 0
		r.bufs.release(bid)
		return 0
	}
	r.bufs.n[bid] = uint32(n)
	r.bufs.next[bid] = 0
	return bid
}

// onRecv handles one completion of a multishot recv; without F_MORE it is the last.
func (r *Ring) onRecv(c *Conn, res int32, flags uint32) {
	if flags&IORING_CQE_F_MORE == 0 {
		c.flags &^= fRecvArmed | fRecvCancel
		c.ops--
		r.markDirty(c) // to re-arm, if it may
	}
	if flags&IORING_CQE_F_BUFFER != 0 {
		drop := res <= 0 || c.flags&(fClosing|fCloseAfterDrain) != 0
		if drop {
			r.takeBuffer(flags, 0)
		} else {
			c.chain(r.takeBuffer(flags, res))
		}
	}
	switch {
	case res > 0:
		r.stats.Recvs++
		r.stats.RecvBytes += uint64(res)
	case res == 0:
		c.flags |= fEOF
	case c.flags&fClosing != 0:
	default:
		switch e := syscall.Errno(-res); e {
		case syscall.ECANCELED: // back-pressure
		case syscall.ENOBUFS:
			r.stats.NoBuffers++
			if c.flags&fNoBuffer == 0 {
				c.flags |= fNoBuffer
				r.waiters = append(r.waiters, c)
			}
		default:
			c.fail(e)
		}
	}
	if c.flags&fClosing == 0 {
		r.enqueue(c)
	}
}
