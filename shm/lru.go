package shm

import "sync/atomic"

// The order of use is a list of all entries, under the pool's lock. To use an entry only writes its stamp; the list
// catches up when its end is asked for: an entry there whose stamp is later than its place moves to where it belongs. The list is in
// the order of use among the entries that weren't used since they got their place, and those that were are newer than it
// says: so the last entry, once it is in its place, is the least recently used one.
//
// A place is found from the recent end, in front of the first entry with an earlier stamp. What is passed was used later, so
// that an entry's place is never later than its use, also where the list hasn't caught up. If that takes more than settleMax steps, the place
// is looked for from the old end, then guessed: in big zones the order is nearly, not exactly, that of use.
//
// A stamp is the time in units of 2^-20 ms, made unique within the process. In zones of more than exactMax entries what is among the quarter that was used
// last isn't stamped again: what is hot is only read.
const (
	stampBits = 21 // a millisecond in stamps; the lowest bit is the mark
	settleMax = 64
	exactMax  = 64
	usedSince = 1
)

// stamp is a new stamp.
func (z *Zone) stamp(now int64) uint64 {
	z.clock = max(z.clock, uint64(now)<<stampBits) + 2
	return z.clock
}

// touch notes that an entry is used now. Nothing else of an entry may be written without its stripe; a stamp may, as only a word that
// still holds the stamp that was seen is replaced, wherever it is by now.
func (z *Zone) touch(off uint64, now int64) {
	p := z.w64(off + entryStamp)
	seen := atomic.LoadUint64(p)
	if t := max(z.clock, uint64(now)<<stampBits); seen < t && t-seen > z.slack && seen != 0 {
		if atomic.CompareAndSwapUint64(p, seen, (t+2)|usedSince) {
			z.clock = t + 2
		}
	}
}

// touchHeld is touch for who holds the entry's stripe.
func (z *Zone) touchHeld(off uint64, now int64) {
	p := z.w64(off + entryStamp)
	seen := atomic.LoadUint64(p)
	if t := max(z.clock, uint64(now)<<stampBits); seen < t && t-seen > z.slack {
		z.clock = t + 2
		storeWord(p, z.clock|usedSince)
	}
}

// linkFirst puts an entry that is in no list at the recent end.
func (z *Zone) linkFirst(ref uint32) { z.linkBefore(ref, *z.w32(offFirst)) }

// linkBefore puts ref next to at, on the side of what was used later; at 0 is the old end.
func (z *Zone) linkBefore(ref, at uint32) {
	off := z.at(ref)
	older := z.w32(offLast)
	if at != 0 {
		older = z.w32(z.at(at) + entryPrev)
	}
	prev := *older
	storeHalf(older, ref)
	*z.w32(off + entryPrev), *z.w32(off + entryOlder) = prev, at
	if prev != 0 {
		*z.w32(z.at(prev) + entryOlder) = ref
	} else {
		*z.w32(offFirst) = ref
	}
}

func (z *Zone) unlinkUse(ref uint32) {
	off := z.at(ref)
	prev, older := *z.w32(off + entryPrev), *z.w32(off + entryOlder)
	if prev != 0 {
		*z.w32(z.at(prev) + entryOlder) = older
	} else {
		*z.w32(offFirst) = older
	}
	if older != 0 {
		*z.w32(z.at(older) + entryPrev) = prev
	} else {
		z.store32(offLast, prev)
	}
}

// settle gives ref the place that its stamp says, if it was used since it got the one it has; it tells whether it moved.
func (z *Zone) settle(ref uint32) bool {
	p := z.w64(z.at(ref) + entryStamp)
	seen := atomic.LoadUint64(p)
	if seen&usedSince == 0 {
		return false
	}
	if !atomic.CompareAndSwapUint64(p, seen, seen&^usedSince) {
		return true // used just now; the caller comes again
	}
	at := *z.w32(offFirst)
	for range settleMax {
		if at == ref || at == 0 || z.load64(z.at(at)+entryStamp) < seen {
			z.move(ref, at)
			return true
		}
		at = *z.w32(z.at(at) + entryOlder)
	}
	// Not among the latest. Where it stands, are there some that were used earlier?
	far := at
	at = ref
	for range settleMax {
		prev := *z.w32(z.at(at) + entryPrev)
		if prev == 0 || z.load64(z.at(prev)+entryStamp) > seen {
			z.move(ref, at)
			return true
		}
		at = prev
	}
	z.move(ref, far)
	return true
}

// move puts ref, which is in the order of use, in front of at.
func (z *Zone) move(ref, at uint32) {
	if at == ref {
		return
	}
	z.unlinkUse(ref)
	z.linkBefore(ref, at)
}

// last is the least recently used entry, or 0.
func (z *Zone) last() uint32 {
	for range settleMax {
		ref := *z.w32(offLast)
		if ref == 0 || !z.settle(ref) {
			return ref
		}
	}
	return *z.w32(offLast)
}

// setHint notes when the last entry expires.
func (z *Zone) setHint() {
	var at uint64
	if ref := *z.w32(offLast); ref != 0 {
		at = z.load64(z.at(ref) + entryExpires)
	}
	if p := z.w64(offHint); atomic.LoadUint64(p) != at {
		atomic.StoreUint64(p, at)
	}
	if n := *z.w64(offCount); n < exactMax {
		z.slack = 0
	} else {
		z.slack = n / 4 * 2
	}
}

// hinted notes that an entry expires at another time, if it is the last one.
func (z *Zone) hinted(ref uint32, expires uint64) {
	if atomic.LoadUint32(z.w32(offLast)) == ref {
		atomic.StoreUint64(z.w64(offHint), expires)
	}
}

// drop removes the entry ref, to which link refers. The caller holds its stripe and the pool.
func (z *Zone) drop(ref uint32, link uint64) {
	z.store32(link, z.load32(z.at(ref)+entryNext)) // from here on it is gone
	z.release(ref)
}

// release gives back the memory of an entry that is in no chain any more.
func (z *Zone) release(ref uint32) {
	off := z.at(ref)
	w := z.load64(off + entryWhat)
	if kindOf(w) == List {
		z.freeNodes(z.at(ref))
	}
	z.unlinkUse(ref)
	if z.persistent {
		z.store32(off+entryFlags+4, ^z.load32(off+entryFlags+4))
	}
	z.freeChain(ref, classOf(w))
	*z.w64(offCount)--
}

// dropByRef removes an entry that was found in the order of use. held is the stripe that the caller holds besides the pool, or 0.
// It fails if another process holds the entry's stripe.
func (z *Zone) dropByRef(ref uint32, held uint64) bool {
	key, ok := z.keyOf(ref)
	if !ok {
		return false
	}
	h := z.hash(key)
	stripe := z.stripe(h)
	if stripe != held && !z.tryLock(stripe) {
		return false
	}
	found, link := z.find(h, key)
	if found == ref {
		z.drop(ref, link)
	} else {
		z.astray()
	}
	if stripe != held {
		z.unlock(stripe)
	}
	return found == ref
}

// keyOf copies an entry's key. It is right for entries that can't go away: the caller holds the pool.
func (z *Zone) keyOf(ref uint32) ([]byte, bool) {
	off := z.at(ref)
	w := z.load64(off + entryWhat)
	s := z.stream(ref, classOf(w), entryData)
	z.key = z.get(&s, z.key[:0], keyLenOf(w))
	return z.key, !z.bad
}

// expire removes entries from the old end, as nginx does: if force, one whatever it is; then up to two that have expired. It returns how
// many went.
func (z *Zone) expire(now int64, force bool, held uint64) (n int) {
	skip := uint32(0) // an entry whose stripe is busy is passed over
	for i := 0; i < 2 || force && i < 3; i++ {
		ref := z.last()
		if ref == skip && ref != 0 {
			ref = *z.w32(z.at(ref) + entryPrev)
		}
		for tries := 0; ref != 0 && !z.bad; tries++ {
			if i > 0 || !force {
				if e := z.load64(z.at(ref) + entryExpires); e == 0 || e > uint64(now) {
					return n
				}
			}
			if z.dropByRef(ref, held) {
				n++
				break
			}
			if tries == settleMax {
				return n
			}
			skip = ref
			ref = *z.w32(z.at(ref) + entryPrev)
		}
		if ref == 0 || z.bad {
			return n
		}
	}
	return n
}

// purge is what each operation does when the least recently used entry seems to have expired.
//
//go:noinline
func (z *Zone) purge(now int64) error {
	if z.load64(offDamaged) != 0 {
		return ErrDamaged
	}
	if !z.lock(offPoolLock) {
		return ErrBusy
	}
	z.expire(now, false, 0)
	z.setHint()
	z.unlock(offPoolLock)
	return z.check()
}

// tick begins each operation.
func (z *Zone) tick(now int64) error {
	if hint := atomic.LoadUint64(z.w64(offHint)); hint != 0 && hint <= uint64(now) {
		return z.purge(now)
	}
	return nil
}

// check ends each operation: it declares the zone damaged if an offset led astray.
func (z *Zone) check() error {
	if !z.bad {
		return nil
	}
	return z.damage()
}

//go:noinline
func (z *Zone) damage() error {
	z.bad = false
	atomic.StoreUint64(z.w64(offDamaged), 1)
	atomic.StoreUint64(z.w64(offHint), 1) // so that every process looks
	return ErrDamaged
}
