package ring

// Input of a connection. Completions chain provided buffers to it (cqe.go); deliver lends
// them to the handler in place. What the handler leaves is copied to a block of the pool when more
// data must be joined to it, or at the end of the iteration: then every provided buffer is
// back with the kernel. A connection with BuffersPerConn * BufferSize
// pending bytes has its recv cancelled until half of that is consumed. What came in the iteration that
// exceeds it is kept: a multishot recv fills as many buffers as are free before we hear of it.

// chain appends a buffer with data.
func (c *Conn) chain(bid uint16) {
	b := &c.r.bufs
	if c.chainHead == 0 {
		c.chainHead = bid + 1
		c.headOff = 0
	} else {
		b.next[c.chainTail-1] = bid + 1
	}
	c.chainTail = bid + 1
	c.chainBytes += b.n[bid]
}

// unchain gives the chain's first buffer back.
func (c *Conn) unchain() {
	b := &c.r.bufs
	bid := c.chainHead - 1
	c.chainHead = b.next[bid]
	if c.chainHead == 0 {
		c.chainTail = 0
	}
	c.chainBytes -= b.n[bid] - c.headOff
	c.headOff = 0
	b.release(bid)
}

// Pending is the number of bytes received and not consumed.
func (c *Conn) Pending() int { return int(c.inEnd-c.inOff) + int(c.chainBytes) }

// Kick has OnData called with the pending bytes, if there are any, after the current callback:
// for the next of several requests that came at once.
func (c *Conn) Kick() {
	if c.flags&(fLive|fClosing) == fLive && c.Pending() > 0 {
		c.r.enqueue(c)
	}
}

// PauseRead stops OnData and OnEOF. Data that comes meanwhile is kept up to the bound.
// Errors still close the connection.
func (c *Conn) PauseRead() { c.flags |= fPaused }

// ResumeRead undoes PauseRead; what came meanwhile is delivered after the current callback.
func (c *Conn) ResumeRead() {
	if c.flags&fPaused == 0 {
		return
	}
	c.flags &^= fPaused
	if c.flags&(fLive|fClosing) == fLive && (c.Pending() > 0 || c.flags&(fEOF|fEOFTold) == fEOF) {
		c.r.enqueue(c)
	}
}

// Paused tells if PauseRead is in force.
func (c *Conn) Paused() bool { return c.flags&fPaused != 0 }

// deliver offers input to the handler until it leaves some, pauses or closes.
func (r *Ring) deliver(c *Conn) {
	if c.flags&fPull != 0 {
		if c.flags&(fPaused|fClosing|fCloseAfterDrain) == 0 && c.Pending() > 0 {
			c.h.OnData(c, nil)
		}
		return
	}
	for c.flags&(fPaused|fClosing|fCloseAfterDrain) == 0 {
		var data []byte
		switch {
		case c.in.ok():
			if c.chainHead != 0 && !r.absorb(c) {
				return
			}
			data = c.in.bytes(c.inOff, c.inEnd, c.inEnd)
		case c.chainHead != 0:
			data = r.bufs.data(c.chainHead-1, c.headOff)
		default:
			return
		}
		n := c.h.OnData(c, data)
		if uint(n) > uint(len(data)) {
			panic("ring: OnData returned a count outside of its data")
		}
		if c.flags&fClosing != 0 {
			return // settle frees what is left
		}
		c.consume(uint32(n))
		if n == len(data) {
			continue
		}
		// The handler wants more than it saw. If the next buffer is here, join them.
		if c.in.ok() || r.bufs.next[c.chainHead-1] == 0 || !r.absorb(c) {
			return
		}
	}
}

// consume drops n bytes from what the handler was just given.
func (c *Conn) consume(n uint32) {
	r := c.r
	if c.in.ok() {
		c.inOff += n
		if c.inOff == c.inEnd {
			r.pool.put(c.in)
			c.in, c.inOff, c.inEnd = block{}, 0, 0
		}
		if c.flags&(fRecvArmed|fNoBuffer|fEOF) == 0 && c.Pending() <= r.inMax/2 {
			r.markDirty(c)
		}
		return
	}
	c.headOff += n
	c.chainBytes -= n
	if c.headOff == r.bufs.n[c.chainHead-1] {
		c.unchain()
	}
}

// absorb copies the chain behind the pending bytes and gives its buffers back. It fails,
// closing the connection, if there is no memory.
func (r *Ring) absorb(c *Conn) bool {
	have := c.inEnd - c.inOff
	need := have + c.chainBytes
	if c.in.ok() && c.in.size-c.inEnd < c.chainBytes {
		if c.in.size >= need {
			b := c.in.bytes(0, c.in.size, c.in.size)
			copy(b, b[c.inOff:c.inEnd])
			c.inOff, c.inEnd = 0, have
		} else {
			// Twice the need, so that a slowly growing head is not copied each time; at the bound nothing grows any more.
			size := int(need)
			if size < r.inMax {
				size *= 2
			}
			nb := r.pool.get(size)
			if !nb.ok() {
				c.beginClose(enomem)
				return false
			}
			copy(nb.bytes(0, have, have), c.in.bytes(c.inOff, c.inEnd, c.inEnd))
			r.pool.put(c.in)
			c.in, c.inOff, c.inEnd = nb, 0, have
		}
	} else if !c.in.ok() {
		if c.in = r.pool.get(int(need)); !c.in.ok() {
			c.beginClose(enomem)
			return false
		}
	}
	for c.chainHead != 0 {
		src := r.bufs.data(c.chainHead-1, c.headOff)
		end := c.inEnd + uint32(len(src))
		copy(c.in.bytes(c.inEnd, end, end), src)
		c.inEnd = end
		c.unchain()
	}
	return true
}

// hold has c looked at by settle.
func (c *Conn) hold() {
	if c.flags&fHeld == 0 {
		c.flags |= fHeld
		c.r.holding = append(c.r.holding, c)
	}
}

// settle ends the iteration: input that handlers left is copied out of the provided buffers,
// that of closing connections freed, and connections with too much of it stop receiving.
func (r *Ring) settle() {
	for i := 0; i < len(r.holding); i++ {
		c := r.holding[i]
		c.flags &^= fHeld
		if c.flags&fLive == 0 {
			continue
		}
		if c.flags&(fClosing|fCloseAfterDrain) != 0 {
			c.dropInput()
			continue
		}
		if c.chainHead != 0 && !r.absorb(c) {
			c.dropInput()
			continue
		}
		if c.Pending() >= r.inMax && c.flags&(fRecvArmed|fRecvCancel) == fRecvArmed {
			c.flags |= fRecvCancel
			r.stats.RecvCancels++
			r.prepCancel(c.ud(opRecv))
		}
	}
	clear(r.holding)
	r.holding = r.holding[:0]
}

func (c *Conn) dropInput() {
	for c.chainHead != 0 {
		c.unchain()
	}
	if c.in.ok() {
		c.r.pool.put(c.in)
		c.in, c.inOff, c.inEnd = block{}, 0, 0
	}
}

// wakeWaiters lets connections whose recv ended for lack of buffers try again, oldest first and no more
// at a time than there are buffers for, so that all get their turn.
func (r *Ring) wakeWaiters() {
	if len(r.waiters) == 0 {
		return
	}
	n := min(len(r.waiters), max((len(r.bufs.next)-r.bufs.lent)/2, 1))
	for _, c := range r.waiters[:n] {
		if c.flags&(fLive|fNoBuffer) == fLive|fNoBuffer {
			c.flags &^= fNoBuffer
			r.markDirty(c)
		}
	}
	m := copy(r.waiters, r.waiters[n:])
	clear(r.waiters[m:])
	r.waiters = r.waiters[:m]
}
