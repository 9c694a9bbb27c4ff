package shm

import "math/bits"

// The pool: pages of 4096 bytes, each free or cut into slots of one class. All of it is under the pool's lock.
//
// What needs more than a slot, or finds no slot and no page of its size, is stored in pieces, in whatever slots are free: so
// nothing is refused while what is free would hold it, in however small parts.

// A page's record.
const (
	pageFree = 0  // a bit for each free slot
	pagePrev = 8  // neighbours in the list of free pages, or of its class's pages that are partly in use; index + 1
	pageNext = 12 //
	pageKind = 16 // class + 1; 0 for a free page
	pageUsed = 20 // slots in use
)

func allFree(class uint8) uint64 {
	n := pageSize / classSize[class&classMask]
	return 1<<n - 1 // n is 64 at most: a shift by 64 gives 0
}

// pageMeta is the offset of the record of page i, from 1.
func (z *Zone) pageMeta(i uint32) uint64 {
	if i == 0 || uint64(i) > z.geo.pages {
		return z.astray()
	}
	return z.geo.metaOff + uint64(i-1)*pageMetaSize
}

// listHead is the offset of the head of the list that pages of this kind (class + 1, or 0) stand in.
func listHead(kind uint32) uint64 {
	if kind == 0 {
		return offFreeHead
	}
	return offPartial + uint64((kind-1)&classMask)*4
}

func (z *Zone) linkPage(i, kind uint32) {
	head, m := z.w32(listHead(kind)), z.pageMeta(i)
	*z.w32(m + pagePrev) = 0
	*z.w32(m + pageNext) = *head
	if *head != 0 {
		*z.w32(z.pageMeta(*head) + pagePrev) = i
	}
	*head = i
}

func (z *Zone) unlinkPage(i, kind uint32) {
	m := z.pageMeta(i)
	prev, next := *z.w32(m + pagePrev), *z.w32(m + pageNext)
	if prev != 0 {
		*z.w32(z.pageMeta(prev) + pageNext) = next
	} else {
		*z.w32(listHead(kind)) = next
	}
	if next != 0 {
		*z.w32(z.pageMeta(next) + pagePrev) = prev
	}
}

// takeSlot returns a free slot of a class without taking a page for it, or 0.
func (z *Zone) takeSlot(class uint8) uint32 {
	i := *z.w32(listHead(uint32(class) + 1))
	if i == 0 {
		return 0
	}
	m := z.pageMeta(i)
	free := z.w64(m + pageFree)
	slot := bits.TrailingZeros64(*free)
	if slot == 64 || *z.w32(m + pageKind) != uint32(class)+1 {
		z.astray()
		return 0
	}
	*free &= *free - 1
	*z.w32(m + pageUsed)++
	if *free == 0 {
		z.unlinkPage(i, uint32(class)+1)
	}
	*z.w64(offFreeBytes) -= classSize[class]
	return uint32((z.geo.pageOff + uint64(i-1)*pageSize + uint64(slot)*classSize[class]) / unit)
}

// cutPage makes a free page one of a class; false if there is none.
func (z *Zone) cutPage(class uint8) bool {
	i := *z.w32(offFreeHead)
	if i == 0 {
		return false
	}
	m := z.pageMeta(i)
	z.unlinkPage(i, 0)
	*z.w64(m + pageFree) = allFree(class)
	*z.w32(m + pageUsed) = 0
	*z.w32(m + pageKind) = uint32(class) + 1
	z.linkPage(i, uint32(class)+1)
	*z.w64(offFreePages)--
	*z.w64(offFreeBytes) -= pageSize - pageSize/classSize[class]*classSize[class]
	return true
}

// slotOf finds a slot's page, number and class, and if it is in use; ok is false if ref is no slot.
func (z *Zone) slotOf(ref uint32) (page uint32, slot uint, class uint8, used, ok bool) {
	off := uint64(ref) * unit
	if off < z.geo.pageOff || off-z.geo.pageOff >= z.geo.pages*pageSize {
		return 0, 0, 0, false, false
	}
	off -= z.geo.pageOff
	page = uint32(off/pageSize) + 1
	m := z.pageMeta(page)
	kind := *z.w32(m + pageKind)
	if kind == 0 || kind > classes {
		return 0, 0, 0, false, false
	}
	class = uint8(kind - 1)
	in := off % pageSize
	slot = uint(in / classSize[class])
	ok = in%classSize[class] == 0 && slot < uint(pageSize/classSize[class])
	return page, slot, class, *z.w64(m + pageFree)>>slot&1 == 0, ok
}

// freeSlot gives a slot back, and its page if that was the last one.
func (z *Zone) freeSlot(ref uint32) {
	i, slot, class, used, ok := z.slotOf(ref)
	if !ok || !used {
		z.astray()
		return
	}
	m := z.pageMeta(i)
	if *z.w64(m + pageFree) == 0 {
		z.linkPage(i, uint32(class)+1)
	}
	*z.w64(m + pageFree) |= 1 << slot
	*z.w32(m + pageUsed)--
	*z.w64(offFreeBytes) += classSize[class]
	if *z.w32(m + pageUsed) == 0 {
		z.unlinkPage(i, uint32(class)+1)
		*z.w32(m + pageKind) = 0
		z.linkPage(i, 0)
		*z.w64(offFreePages)++
		*z.w64(offFreeBytes) += pageSize - pageSize/classSize[class]*classSize[class]
	}
}

// slotFor returns a slot for n bytes, if need be of another size than is best for it.
func (z *Zone) slotFor(n uint64) (ref uint32, class uint8) {
	best := uint8(pageClass)
	if n <= pageSize {
		best = classFor[(n+unit-1)/unit]
		// A page for what fills three quarters of it at most is better spent on a half and a rest.
		if best == pageClass && n < pageSize*3/4 {
			best--
		}
	}
	for {
		if ref = z.takeSlot(best); ref != 0 {
			return ref, best
		}
		if z.bad || !z.cutPage(best) {
			break
		}
	}
	for c := best + 1; c < classes; c++ {
		if ref = z.takeSlot(c); ref != 0 {
			return ref, c
		}
	}
	for c := best; c > 0; c-- {
		if ref = z.takeSlot(c - 1); ref != 0 {
			return ref, c - 1
		}
	}
	return 0, 0
}

// alloc returns room for a head of so many bytes and a stream of n after it: one slot, or a chain of them. what is its class, with the
// mark of a chain. ref is 0 if too little is free.
func (z *Zone) alloc(head, n uint64) (ref uint32, what uint8) {
	n = (n + 7) &^ 7
	if *z.w64(offFreeBytes) < head+n {
		return 0, 0
	}
	ref, class := z.slotFor(head + n)
	if ref == 0 {
		return 0, 0
	}
	size := classSize[class]
	if size >= head+n {
		return ref, class
	}
	n -= size - head - 8
	link := uint64(ref)*unit + size - 8
	z.store64(link, 0)
	for {
		more, c := z.slotFor(pieceData + n)
		if more == 0 {
			z.freeChain(ref, class|chained)
			return 0, 0
		}
		off := uint64(more) * unit
		z.store32(off+pieceNext, 0)
		z.store32(off+pieceClass, uint32(c))
		z.store32(link, more)
		link = off + pieceNext
		if classSize[c]-pieceData >= n {
			return ref, class | chained
		}
		n -= classSize[c] - pieceData
	}
}

// freeChain gives back what alloc returned.
func (z *Zone) freeChain(ref uint32, what uint8) {
	var more uint32
	if what&chained != 0 {
		more = z.load32(uint64(ref)*unit + classSize[what&classMask] - 8)
	}
	z.freeSlot(ref)
	for n := z.geo.pages * 64; more != 0 && !z.bad; n-- {
		next := z.load32(uint64(more)*unit + pieceNext)
		z.freeSlot(more)
		if more = next; n == 0 {
			z.astray()
		}
	}
}
