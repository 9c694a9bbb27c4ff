package ring

// bufRing is the ring of provided buffers (group 0) that all connections share.
// The kernel takes a buffer from the head when data arrives; we add freed ones at
// the tail, and publish the tail once per iteration.
//
// Buffers that hold data form chains, one per connection, through the arrays below:
// buffer ids are small integers, and the collector sees nothing.
type bufRing struct {
	entries []BufEntry
	mem     mem
	mask    uint16
	tail    uint16 // next entry to fill; unpublished entries lie before it
	dirty   bool   // tail is not published
	size    uint32 // bytes of one buffer
	lent    int    // buffers with data, not given back

	next []uint16 // chain: buffer id + 1, 0 ends
	n    []uint32 // bytes of data in the buffer

	mappings [][]byte
}

func (b *bufRing) setup(k Kernel, count, size int) error {
	ring, err := k.Map(count * 16)
	if err != nil {
		return err
	}
	b.mappings = append(b.mappings, ring)
	data, err := k.Map(count * size)
	if err != nil {
		return err
	}
	b.mappings = append(b.mappings, data)
	b.entries = bufEntries(ring)
	b.mem = memOf(data)
	b.mask = uint16(count - 1)
	b.size = uint32(size)
	b.next = make([]uint16, count)
	b.n = make([]uint32, count)
	for i := range count {
		b.add(uint16(i))
	}
	if err := k.RegisterBuffers(b.entries, data); err != nil {
		return err
	}
	b.publish()
	return nil
}

// add puts buffer bid at the tail; publish makes it visible.
func (b *bufRing) add(bid uint16) {
	e := &b.entries[b.tail&b.mask]
	e.Addr = b.mem.addr(uint32(bid) * b.size)
	e.Len = b.size
	e.BID = bid
	b.tail++
	b.dirty = true
}

func (b *bufRing) publish() {
	if b.dirty {
		publishBufTail(&b.entries[0], b.tail)
		b.dirty = false
	}
}

// data is bytes [off, n) of a buffer that holds data.
func (b *bufRing) data(bid uint16, off uint32) []byte {
	base := uint32(bid) * b.size
	return b.mem.bytes(base+off, base+b.n[bid], base+b.n[bid])
}

// release gives a buffer back after its data was used.
func (b *bufRing) release(bid uint16) {
	if poisoned {
		base := uint32(bid) * b.size
		poison(b.mem.bytes(base, base+b.size, base+b.size))
	}
	b.lent--
	b.add(bid)
}

func (b *bufRing) close(k Kernel) {
	for _, m := range b.mappings {
		k.Unmap(m)
	}
	b.mappings = nil
}
