package shm

import "sync/atomic"

// Recover releases the locks of processes that have died, as told by dead, and repairs what they were changing. The master calls it when it has reaped
// a process, as its one way to hear of that is sure. It may itself be interrupted: the next Recover does all of it again.
func (z *Zone) Recover(dead func(owner uint32) bool) error {
	if z.seize(offPoolLock, dead) {
		z.rebuild()
		z.setHint()
		z.unlock(offPoolLock)
	}
	for i := range z.geo.stripes {
		if stripe := offStripes + i*stripeSize; z.seize(stripe, dead) {
			z.undo(stripe)
			z.unlock(stripe)
		}
	}
	return z.check()
}

// seize takes a lock that a dead process holds.
func (z *Zone) seize(off uint64, dead func(owner uint32) bool) bool {
	p := z.w64(off)
	w := atomic.LoadUint64(p)
	owner := uint32(w & ownerMask)
	return owner != 0 && (uint64(owner) == z.owner || dead(owner)) && atomic.CompareAndSwapUint64(p, w, w&^ownerMask|z.owner)
}

// rebuild makes all that follows from the chains again: which slots are in use, lists' links back and lengths, the order of use. The caller
// holds the pool; chains are stable, though other processes may hold stripes.
func (z *Zone) rebuild() {
	for i := uint32(1); uint64(i) <= z.geo.pages; i++ {
		m := z.pageMeta(i)
		*z.w32(m + pageUsed) = 0
		if kind := *z.w32(m + pageKind); kind > classes {
			*z.w32(m + pageKind) = 0
		} else if kind != 0 {
			*z.w64(m + pageFree) = allFree(uint8(kind - 1))
		}
	}
	var all, count uint64 // all entries, by their word for the order of use
	all, count = z.markAll()
	z.sortUse(uint32(all), count)
	*z.w64(offCount) = count

	for c := uint32(0); c <= classes; c++ {
		*z.w32(listHead(c)) = 0
	}
	var free, freePages uint64
	for i := uint32(z.geo.pages); i > 0; i-- {
		m := z.pageMeta(i)
		kind, used := *z.w32(m + pageKind), *z.w32(m + pageUsed)
		switch {
		case kind == 0 || used == 0:
			*z.w32(m + pageKind) = 0
			z.linkPage(i, 0)
			free += pageSize
			freePages++
		default:
			size := classSize[kind-1]
			if free += (pageSize/size - uint64(used)) * size; *z.w64(m + pageFree) != 0 {
				z.linkPage(i, kind)
			}
		}
	}
	*z.w64(offFreeBytes), *z.w64(offFreePages) = free, freePages
}

// markAll marks all slots that the chains reach as used, and links all entries by entryOlder.
func (z *Zone) markAll() (first, count uint64) {
	for b := range z.geo.buckets {
		for ref := z.load32(z.geo.bucketOff + b*4); ref != 0 && !z.bad; {
			off := uint64(ref) * unit
			w := z.load64(off + entryWhat)
			if !z.mark(ref, classOf(w)) {
				return first, count
			}
			if kindOf(w) == List {
				z.mendList(ref)
			}
			*z.w32(off + entryOlder) = uint32(first)
			first = uint64(ref)
			count++
			ref = z.load32(off + entryNext)
		}
	}
	return first, count
}

// mark marks a slot and its pieces as used. What is marked already, or isn't a slot, is damage.
func (z *Zone) mark(ref uint32, what uint8) bool {
	var more uint32
	if what&chained != 0 {
		more = z.load32(uint64(ref)*unit + classSize[what&classMask] - 8)
	}
	if !z.markSlot(ref, what&classMask) {
		return false
	}
	for more != 0 {
		off := uint64(more) * unit
		if !z.markSlot(more, uint8(z.load32(off+pieceClass))) {
			return false
		}
		more = z.load32(off + pieceNext)
	}
	return true
}

func (z *Zone) markSlot(ref uint32, class uint8) bool {
	page, slot, is, used, ok := z.slotOf(ref)
	if !ok || used || is != class {
		z.astray()
		return false
	}
	m := z.pageMeta(page)
	*z.w64(m + pageFree) &^= 1 << slot
	*z.w32(m + pageUsed)++
	return true
}

// mendList walks a list from its first node, and makes the rest of it right.
func (z *Zone) mendList(ref uint32) {
	off := uint64(ref) * unit
	var prev, n uint32
	for node := z.load32(off + listFirst); node != 0; n++ {
		at := uint64(node) * unit
		if !z.mark(node, z.nodeClass(at)) {
			return
		}
		z.store32(at+nodePrev, prev)
		prev, node = node, z.load32(at+nodeNext)
	}
	z.store32(off+listLast, prev)
	z.store32(off+listLen, n)
}

// sortUse sorts count entries, linked by entryOlder, by their stamps, and makes them the order of use. It merges runs of 1, 2, 4, ...
func (z *Zone) sortUse(first uint32, count uint64) {
	older := func(ref uint32) *uint32 { return z.w32(uint64(ref)*unit + entryOlder) }
	stamp := func(ref uint32) uint64 { return z.load64(uint64(ref)*unit + entryStamp) }
	for run := uint64(1); run < count && !z.bad; run *= 2 {
		var done, end uint32 // what is sorted so far
		for rest := first; rest != 0; {
			a, b := rest, rest
			for range run {
				if b != 0 {
					b = *older(b)
				}
			}
			na, nb := run, run
			for {
				hasA, hasB := na > 0 && a != 0, nb > 0 && b != 0
				var take uint32
				switch {
				case hasA && (!hasB || stamp(a) >= stamp(b)):
					take, a, na = a, *older(a), na-1
				case hasB:
					take, b, nb = b, *older(b), nb-1
				}
				if take == 0 {
					break
				}
				if end == 0 {
					done = take
				} else {
					*older(end) = take
				}
				end = take
			}
			rest = b
		}
		if end != 0 {
			*older(end) = 0
		}
		first = done
	}
	storeHalf(z.w32(offFirst), first)
	var prev uint32
	for ref := first; ref != 0 && !z.bad; ref = *older(ref) {
		*z.w32(uint64(ref)*unit + entryPrev) = prev
		p := z.w64(uint64(ref)*unit + entryStamp)
		if seen := atomic.LoadUint64(p); seen&usedSince != 0 {
			atomic.CompareAndSwapUint64(p, seen, seen&^usedSince)
		}
		prev = ref
	}
	z.store32(offLast, prev)
}
