package ring

import "math/bits"

// pool hands out blocks of mapped memory for output queues and pending input, in
// classes of 4 KiB to 1 MiB, a factor of four apart. Blocks are reused last in, first
// out, so a worker that answers in small pieces lives in a few blocks that stay in
// cache. Of each class a few MiB of free blocks keep their memory; the rest is given
// back to the kernel (the address space stays).
type pool struct {
	k       Kernel
	classes [poolClasses]poolClass
	slabs   [][]byte // all mappings, to undo
	inUse   int      // bytes handed out
}

type poolClass struct {
	warm []mem // free blocks with memory
	cold []mem // free blocks whose memory was discarded
}

const (
	poolShiftMin  = 12 // 4 KiB
	poolShiftStep = 2
	poolClasses   = 5       // 4, 16, 64, 256, 1024 KiB
	poolSlab      = 1 << 20 // bytes mapped at a time
	poolWarmBytes = 4 << 20 // free bytes per class that keep their memory

	// poolHuge marks a block larger than the last class: a mapping of its own.
	poolHuge = 0xFF
)

// block is a piece of the pool; the zero block is none.
type block struct {
	mem
	size  uint32 // bytes
	class uint8
}

func classSize(class uint8) uint32 { return 1 << (poolShiftMin + poolShiftStep*uint32(class)) }

// get returns a block of at least n bytes, with unknown contents. It fails, with the
// zero block, when the kernel gives no memory or n exceeds 1 GiB.
func (p *pool) get(n int) block {
	if n > 1<<(poolShiftMin+poolShiftStep*(poolClasses-1)) {
		return p.getHuge(n)
	}
	class := uint8(0)
	if n > 1<<poolShiftMin {
		class = uint8((bits.Len(uint(n-1)) - poolShiftMin + poolShiftStep - 1) / poolShiftStep)
	}
	c := &p.classes[class]
	size := classSize(class)
	if len(c.warm) == 0 && !p.refill(c, size) {
		return block{}
	}
	m := c.warm[len(c.warm)-1]
	c.warm = c.warm[:len(c.warm)-1]
	p.inUse += int(size)
	return block{mem: m, size: size, class: class}
}

func (p *pool) refill(c *poolClass, size uint32) bool {
	if n := len(c.cold); n > 0 {
		c.warm = append(c.warm, c.cold[n-1])
		c.cold = c.cold[:n-1]
		return true
	}
	slab, err := p.k.Map(poolSlab)
	if err != nil {
		return false
	}
	p.slabs = append(p.slabs, slab)
	base := memOf(slab)
	for off := uint32(poolSlab); off > 0; off -= size {
		c.warm = append(c.warm, base.at(off-size))
	}
	return true
}

func (p *pool) getHuge(n int) block {
	if n > 1<<30 {
		return block{}
	}
	n = (n + 1<<poolShiftMin - 1) &^ (1<<poolShiftMin - 1)
	b, err := p.k.Map(n)
	if err != nil {
		return block{}
	}
	p.inUse += n
	return block{mem: memOf(b), size: uint32(n), class: poolHuge}
}

// put takes a block back.
func (p *pool) put(b block) {
	p.inUse -= int(b.size)
	if b.class == poolHuge {
		p.k.Unmap(b.bytes(0, b.size, b.size))
		return
	}
	if poisoned {
		poison(b.bytes(0, b.size, b.size))
	}
	c := &p.classes[b.class]
	if len(c.warm)*int(b.size) >= poolWarmBytes {
		p.k.Discard(b.bytes(0, b.size, b.size))
		c.cold = append(c.cold, b.mem)
		return
	}
	c.warm = append(c.warm, b.mem)
}

func (p *pool) close() {
	for _, s := range p.slabs {
		p.k.Unmap(s)
	}
	p.slabs = nil
	p.classes = [poolClasses]poolClass{}
}
