package ring

import "syscall"

const enomem = syscall.ENOMEM

// Output of a connection: a list of segments in the ring's segment table. A segment is a
// block of the pool, into which writes are copied, or memory of the user's (WriteStatic),
// or a part of a file (WriteFile), which is read into a block in front of it before it
// is sent. One SEND, or SENDMSG if there are several segments, is in flight at a time; what is written meanwhile
// joins the list and goes with the next. A short write leaves the rest at the list's head.
type segment struct {
	static  []byte // user's memory; nil for the other kinds
	block          // pool memory; zero for the other kinds
	off     uint32 // [off, end) of block or static is to be sent
	end     uint32
	next    uint32 // index in Ring.segs; 0 ends
	fd      int32  // of a file segment
	file    bool
	fileOff int64 // next byte to read
	left    int64 // bytes to read
}

const (
	// staticMin is the size from which WriteStatic doesn't copy: below it the copy is cheaper than a
	// second iovec.
	staticMin = 2048
	// fillSize is how much of a file is read at once, in bytes.
	fillSize = 64 << 10
	// chunkMax bounds one block of Write, in bytes.
	chunkMax = 1 << 20
)

func (r *Ring) newSegment() uint32 {
	if i := r.segFree; i != 0 {
		r.segFree = r.segs[i].next
		return i
	}
	r.segs = append(r.segs, segment{})
	return uint32(len(r.segs) - 1)
}

func (r *Ring) freeSegment(i uint32) {
	s := &r.segs[i]
	if s.ok() {
		r.pool.put(s.block)
	}
	*s = segment{next: r.segFree}
	r.segFree = i
}

// push appends a new segment to c's list.
func (c *Conn) push(s segment) {
	r := c.r
	i := r.newSegment()
	r.segs[i] = s
	if c.outTail == 0 {
		c.outHead = i
	} else {
		r.segs[c.outTail].next = i
	}
	c.outTail = i
}

// writable tells if output is still taken.
func (c *Conn) writable() bool {
	return c.flags&(fLive|fClosing|fFailed|fCloseAfterDrain|fShutAfterDrain) == fLive
}

func (c *Conn) outputEmpty() bool { return c.queued == 0 && c.flags&fSending == 0 }

// QueuedBytes is what the kernel has not accepted yet.
func (c *Conn) QueuedBytes() int { return c.queued }

// Reserve returns n bytes of space at the tail of the output queue, whose capacity may be
// larger, to be filled and then committed, before the callback ends and before any other write on c. On a
// connection that takes no more output the space is a scratch, and Commit drops it.
func (c *Conn) Reserve(n int) []byte {
	r := c.r
	if !c.writable() {
		return r.scratchSpace(n)
	}
	if c.outTail != 0 {
		if s := &r.segs[c.outTail]; s.ok() && int(s.size-s.end) >= n {
			return s.bytes(s.end, s.end+uint32(n), s.size)
		}
	}
	b := r.pool.get(n)
	if !b.ok() {
		c.beginClose(enomem)
		return r.scratchSpace(n)
	}
	c.push(segment{block: b})
	r.markDirty(c) // to free the block if nothing gets committed
	return b.bytes(0, uint32(n), b.size)
}

func (r *Ring) scratchSpace(n int) []byte {
	if len(r.scratch) < n {
		r.scratch = make([]byte, n)
	}
	return r.scratch[:n]
}

// Commit queues the first n bytes of what Reserve returned, n at most its capacity.
func (c *Conn) Commit(n int) {
	if n == 0 || !c.writable() {
		return
	}
	s := &c.r.segs[c.outTail]
	if c.outTail == 0 || !s.ok() || uint(n) > uint(s.size-s.end) {
		panic("ring: Commit without Reserve")
	}
	s.end += uint32(n)
	c.queued += n
	c.r.markDirty(c)
}

// Write copies p to the output queue.
func (c *Conn) Write(p []byte) {
	if len(p) == 0 || !c.writable() {
		return
	}
	r := c.r
	r.markDirty(c)
	if c.outTail != 0 {
		if s := &r.segs[c.outTail]; s.ok() && s.end < s.size {
			n := copy(s.bytes(s.end, s.size, s.size), p)
			s.end += uint32(n)
			c.queued += n
			p = p[n:]
		}
	}
	// The more is queued, the larger the blocks, to keep the list short; but between parts of files stand a few bytes each.
	least := min(c.queued, 64<<10)
	if c.outTail != 0 && r.segs[c.outTail].file {
		least = 0
	}
	for len(p) > 0 {
		n := min(max(len(p), least), chunkMax)
		b := r.pool.get(n)
		if !b.ok() {
			c.beginClose(enomem)
			return
		}
		n = copy(b.bytes(0, b.size, b.size), p)
		c.push(segment{block: b, end: uint32(n)})
		c.queued += n
		p = p[n:]
	}
}

// WriteString is Write for a string.
func (c *Conn) WriteString(s string) {
	for len(s) > 0 && c.writable() {
		n := copy(c.Reserve(min(len(s), chunkMax)), s)
		c.Commit(n)
		s = s[n:]
	}
}

// WriteStatic queues p without copying it (short ones are copied). p must stay unchanged
// until OnDrain or OnClose, and must be memory that doesn't move: heap, constant data or a mapping.
func (c *Conn) WriteStatic(p []byte) {
	if len(p) < staticMin {
		c.Write(p)
		return
	}
	if !c.writable() {
		return
	}
	c.r.markDirty(c)
	for len(p) > 0 {
		n := min(len(p), 1<<30)
		c.push(segment{static: p[:n:n], end: uint32(n)})
		c.queued += n
		p = p[n:]
	}
}

// WriteFile queues n bytes of a file from offset off. The file must stay open until OnDrain
// or OnClose. If it turns out to be shorter, the connection is closed with EIO: a
// promised length can't be kept any more.
func (c *Conn) WriteFile(fd int, off, n int64) {
	if n <= 0 || !c.writable() {
		return
	}
	c.push(segment{file: true, fd: int32(fd), fileOff: off, left: n})
	c.queued += int(n)
	c.r.markDirty(c)
}

// dropOutput frees the whole list. Nothing of it may be in flight.
func (c *Conn) dropOutput() {
	r := c.r
	for i := c.outHead; i != 0; {
		next := r.segs[i].next
		r.freeSegment(i)
		i = next
	}
	c.outHead, c.outTail, c.queued, c.flight = 0, 0, 0, 0
}

// startSend submits what is queued, up to a file's part that must be read first. A file is
// read before the bytes in front of it go out, so that head and body share a packet.
func (r *Ring) startSend(c *Conn) {
	var prev, first uint32 // first: the first segment with bytes
	count, total := 0, uint64(0)
	i := c.outHead
	for ; i != 0; i = r.segs[i].next {
		s := &r.segs[i]
		if s.file {
			break
		}
		if s.end > s.off {
			if first == 0 {
				first = i
			}
			count++
			total += uint64(s.end - s.off)
		}
		prev = i
	}
	if i != 0 && total < fillSize/2 {
		r.startFill(c, prev, i)
		return
	}
	c.flags |= fSending
	c.ops++
	r.stats.Sends++
	s := &r.segs[first]
	if count == 1 {
		c.flight = s.end - s.off
		r.prepSend(c.fd, s.addrAt(), c.flight, c.ud(opSend))
		return
	}
	m := r.prepSendmsg(c.fd, c.ud(opSend))
	n := 0
	flight := uint64(0)
	for i := first; i != 0 && n < iovPerMsg && flight < 1<<30; i = r.segs[i].next {
		s := &r.segs[i]
		if s.file {
			break
		}
		if s.end > s.off {
			m.iov[n] = iovec{base: s.addrAt(), len: uint64(s.end - s.off)}
			flight += m.iov[n].len
			n++
		}
	}
	m.hdr.iovlen = uint64(n)
	c.flight = uint32(flight)
}

// addrAt is the address of the segment's first byte to send.
func (s *segment) addrAt() uint64 {
	if s.ok() {
		return s.addr(s.off)
	}
	return addrOf(s.static[s.off:])
}

// startFill reads the next part of file segment i into a new block in front of it.
func (r *Ring) startFill(c *Conn, prev, i uint32) {
	b := r.pool.get(int(min(r.segs[i].left, fillSize)))
	if !b.ok() {
		c.beginClose(enomem)
		return
	}
	j := r.newSegment()
	s := &r.segs[i]
	r.segs[j] = segment{block: b, next: i}
	if prev == 0 {
		c.outHead = j
	} else {
		r.segs[prev].next = j
	}
	c.flags |= fSending | fFilling
	c.ops++
	r.prepRead(s.fd, b.addr(0), uint32(min(s.left, int64(b.size))), uint64(s.fileOff), c.ud(opFill))
}

// onFill handles the end of a file's read.
func (r *Ring) onFill(c *Conn, res int32) {
	c.ops--
	c.flags &^= fSending | fFilling | fSendCancel
	if c.flags&fClosing != 0 {
		c.dropOutput()
		return
	}
	// The block is the segment right before the first file segment.
	var prev, j uint32
	i := c.outHead
	for ; !r.segs[i].file; i = r.segs[i].next {
		prev, j = j, i
	}
	switch {
	case res == -int32(syscall.EAGAIN) || res == -int32(syscall.EINTR):
		res = 0
	case res <= 0:
		e := syscall.EIO
		if res < 0 {
			e = syscall.Errno(-res)
		}
		c.beginClose(e)
		return
	}
	s := &r.segs[i]
	r.segs[j].end = uint32(res)
	s.fileOff += int64(res)
	s.left -= int64(res)
	if res == 0 { // try again
		r.segs[j].next = 0
		r.unlinkSegment(c, prev, j, i)
	} else if s.left == 0 {
		next := s.next
		r.unlinkSegment(c, j, i, next)
	}
	r.markDirty(c)
}

// unlinkSegment takes segment i, between prev (0: the head) and next, out of c's list.
func (r *Ring) unlinkSegment(c *Conn, prev, i, next uint32) {
	if prev == 0 {
		c.outHead = next
	} else {
		r.segs[prev].next = next
	}
	if c.outTail == i {
		c.outTail = prev
	}
	r.freeSegment(i)
}

// onSend handles the completion of a send.
func (r *Ring) onSend(c *Conn, res int32) {
	c.ops--
	c.flags &^= fSending | fSendCancel
	if c.flags&fClosing != 0 {
		c.dropOutput()
		return
	}
	if res < 0 {
		switch e := syscall.Errno(-res); e {
		case syscall.EAGAIN, syscall.EINTR, syscall.ENOBUFS:
			r.markDirty(c) // nothing went out: try again
		default:
			if c.flags&(fPull|fCloseAfterDrain) == fPull {
				c.dropOutput()
				c.fail(e)
				return
			}
			c.beginClose(e)
		}
		return
	}
	r.stats.SendBytes += uint64(res)
	if uint32(res) < c.flight {
		r.stats.ShortSends++
	}
	c.advance(uint32(res))
	if c.queued > 0 {
		r.markDirty(c)
		return
	}
	if c.flags&fCloseAfterDrain != 0 {
		c.beginClose(0)
		return
	}
	c.flags |= fDrained
	r.enqueue(c)
	if c.flags&fShutAfterDrain != 0 {
		r.markDirty(c)
	}
}

// advance drops n sent bytes from the list, and segments that are used up.
func (c *Conn) advance(n uint32) {
	r := c.r
	c.queued -= int(n)
	c.flight = 0
	for i := c.outHead; i != 0; i = c.outHead {
		s := &r.segs[i]
		if s.file {
			return
		}
		m := min(n, s.end-s.off)
		s.off += m
		n -= m
		if s.off < s.end {
			return
		}
		c.outHead = s.next
		if c.outHead == 0 {
			c.outTail = 0
		}
		r.freeSegment(i)
	}
}
