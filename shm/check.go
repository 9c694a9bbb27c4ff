package shm

import (
	"errors"
	"fmt"
)

// Check looks at the whole zone and says what is wrong with it. It waits for the locks and changes nothing.
func (z *Zone) Check() error {
	for i := range z.geo.stripes {
		stripe := offStripes + i*stripeSize
		if !z.lock(stripe) {
			return ErrBusy
		}
		defer z.unlock(stripe)
	}
	if !z.lock(offPoolLock) {
		return ErrBusy
	}
	defer z.unlock(offPoolLock)
	err := z.verify()
	if z.bad {
		z.bad = false
		err = errors.Join(err, errors.New("an offset leads out of the zone"))
	}
	return err
}

// checker is the state of a verification.
type checker struct {
	z    *Zone
	used []uint64 // of each page, the slots that chains reach
}

func (c *checker) slot(ref uint32, class uint8) error {
	page, slot, is, used, ok := c.z.slotOf(ref)
	switch {
	case !ok || is != class&classMask:
		return fmt.Errorf("%#x is no slot of class %d", ref, class&classMask)
	case !used:
		return fmt.Errorf("slot %#x is in use and free", ref)
	case c.used[page-1]>>slot&1 != 0:
		return fmt.Errorf("slot %#x is in use twice", ref)
	}
	c.used[page-1] |= 1 << slot
	return nil
}

// chain looks at a slot and its pieces.
func (c *checker) chain(ref uint32, what uint8) error {
	if err := c.slot(ref, what); err != nil || what&chained == 0 {
		return err
	}
	for more := c.z.load32(uint64(ref)*unit + classSize[what&classMask] - 8); more != 0; more = c.z.load32(uint64(more)*unit + pieceNext) {
		if err := c.slot(more, uint8(c.z.load32(uint64(more)*unit+pieceClass))); err != nil {
			return err
		}
	}
	return nil
}

func (z *Zone) verify() error {
	c := &checker{z, make([]uint64, z.geo.pages)}
	seen := map[uint32]bool{}
	for b := range z.geo.buckets {
		for ref := z.load32(z.geo.bucketOff + b*4); ref != 0; ref = z.load32(uint64(ref)*unit + entryNext) {
			if err := c.entry(ref, b); err != nil {
				return fmt.Errorf("entry %#x: %w", ref, err)
			}
			seen[ref] = true
		}
	}
	if n := *z.w64(offCount); n != uint64(len(seen)) {
		return fmt.Errorf("%d entries in the chains, %d counted", len(seen), n)
	}
	for i := range z.geo.stripes {
		if z.load64(offStripes+i*stripeSize+undoHead) != 0 {
			return fmt.Errorf("stripe %d has something to undo", i)
		}
	}
	if err := z.verifyUse(seen); err != nil {
		return err
	}
	return c.pages()
}

// entry looks at one entry of bucket b.
func (c *checker) entry(ref uint32, b uint64) error {
	z, off := c.z, uint64(ref)*unit
	w := z.load64(off + entryWhat)
	if err := c.chain(ref, classOf(w)); err != nil {
		return err
	}
	key, _ := z.keyOf(ref)
	h := z.hash(key)
	if h&(z.geo.buckets-1) != b || uint32(h>>32) != z.load32(off+entryHash) {
		return fmt.Errorf("key %q has another hash", key)
	}
	if found, _ := z.find(h, key); found != ref {
		return fmt.Errorf("key %q is there twice", key)
	}
	if kindOf(w) == List {
		if err := c.list(off, valueLenOf(w)); err != nil {
			return err
		}
	}
	if _, whole := z.entryValue(ref, h); !whole {
		return fmt.Errorf("key %q: wrong checksum or kind", key)
	}
	return nil
}

// entryValue reads an entry's value; whole tells if its checksum is right.
func (z *Zone) entryValue(ref uint32, h uint64) (v Value, whole bool) {
	off := uint64(ref) * unit
	w := z.load64(off + entryWhat)
	v.Flags, v.expires = z.load32(off+entryFlags), z.load64(off+entryExpires)
	switch k := kindOf(w); k {
	case Number, Bool:
		v.setBits(k, z.load64(off+entryNumber))
	case String:
		v.Kind = String
		s := z.valueAt(ref, w)
		z.buf = z.get(&s, z.buf[:0], valueLenOf(w))
		v.Bytes = z.buf
	case List:
		v.Kind = List
	default:
		return v, false
	}
	return v, !z.bad && z.load32(off+entryFlags+4) == z.sum(h, w, v.expires, &v)
}

func (c *checker) list(off, n uint64) error {
	z := c.z
	var prev uint32
	for node := z.load32(off + listFirst); node != 0; n-- {
		at := uint64(node) * unit
		if err := c.chain(node, z.nodeClass(at)); err != nil {
			return err
		}
		if z.load32(at+nodePrev) != prev || n == 0 {
			return errors.New("a list's links or length are wrong")
		}
		prev, node = node, z.load32(at+nodeNext)
	}
	if n != 0 || z.load32(off+listLast) != prev || prev == 0 {
		return errors.New("a list's end or length is wrong")
	}
	return nil
}

// verifyUse looks at the order of use.
func (z *Zone) verifyUse(seen map[uint32]bool) error {
	var prev uint32
	n := 0
	for ref := *z.w32(offFirst); ref != 0; n++ {
		if !seen[ref] || *z.w32(uint64(ref)*unit + entryPrev) != prev || n > len(seen) {
			return fmt.Errorf("the order of use is broken at %#x", ref)
		}
		prev, ref = ref, *z.w32(uint64(ref)*unit + entryOlder)
	}
	if n != len(seen) || *z.w32(offLast) != prev {
		return fmt.Errorf("%d entries in the order of use, %d in the chains", n, len(seen))
	}
	return nil
}

// pages looks at the pages' records and the lists that they stand in.
func (c *checker) pages() error {
	z := c.z
	var free, freePages uint64
	listed := map[uint32]bool{}
	for kind := uint32(0); kind <= classes; kind++ {
		for i := *z.w32(listHead(kind)); i != 0; i = *z.w32(z.pageMeta(i) + pageNext) {
			if listed[i] || *z.w32(z.pageMeta(i) + pageKind) != kind {
				return fmt.Errorf("page %d is in a list that it doesn't belong to", i)
			}
			listed[i] = true
		}
	}
	for i := uint32(1); uint64(i) <= z.geo.pages; i++ {
		m := z.pageMeta(i)
		kind := *z.w32(m + pageKind)
		if kind == 0 {
			free += pageSize
			freePages++
			if !listed[i] {
				return fmt.Errorf("free page %d is in no list", i)
			}
			continue
		}
		class := uint8(kind - 1)
		if *z.w64(m + pageFree) != allFree(class)&^c.used[i-1] {
			return fmt.Errorf("page %d: a slot is lost", i)
		}
		if listed[i] != (*z.w64(m + pageFree) != 0) {
			return fmt.Errorf("page %d is in no list, or should be in none", i)
		}
		free += (pageSize/classSize[class] - uint64(*z.w32(m + pageUsed))) * classSize[class]
	}
	if free != *z.w64(offFreeBytes) || freePages != *z.w64(offFreePages) {
		return fmt.Errorf("%d bytes in %d pages are free, %d in %d counted", free, freePages, *z.w64(offFreeBytes), *z.w64(offFreePages))
	}
	return nil
}
