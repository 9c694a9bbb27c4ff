package shm

import (
	"math/bits"
	"sync/atomic"
	"unsafe"
)

// Odd constants without a pattern: the fraction of pi.
const (
	mixA = 0x243f6a8885a308d3
	mixB = 0x13198a2e03707345
)

func mix(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
}

// hash is a keyed hash of key: without knowing the zone's seeds nobody can choose keys that collide.
func (z *Zone) hash(key []byte) uint64 {
	n := len(key)
	h := z.seed1 ^ uint64(n)*mixA
	var a, b uint64
	switch {
	case n > 16:
		i := 0
		for ; i+16 < n; i += 16 {
			h = mix(word(key, i)^z.seed0, word(key, i+8)^h)
		}
		a, b = word(key, n-16), word(key, n-8)
	case n >= 8:
		a, b = word(key, 0), word(key, n-8)
	case n >= 4:
		a, b = half(key, 0), half(key, n-4)
	case n > 0:
		a = uint64(key[0])<<16 | uint64(key[n/2])<<8 | uint64(key[n-1])
	}
	return mix(mix(a^z.seed0, b^h)^mixB, h^z.seed0)
}

// bucket is the offset of the bucket for a hash, stripe that of the stripe that covers it.
func (z *Zone) bucket(h uint64) uint64 { return z.geo.bucketOff + (h&(z.geo.buckets-1))*4 }
func (z *Zone) stripe(h uint64) uint64 {
	return offStripes + (h&(z.geo.buckets-1))>>z.geo.stripeShift*stripeSize
}

// fields of an entry's word entryWhat
func whatOf(keyLen int, kind Kind, class uint8, valueLen int) uint64 {
	return uint64(keyLen) | uint64(kind)<<16 | uint64(class)<<24 | uint64(valueLen)<<32
}
func keyLenOf(w uint64) uint64   { return w & 0xffff }
func kindOf(w uint64) Kind       { return Kind(w >> 16) }
func classOf(w uint64) uint8     { return uint8(w >> 24) }
func valueLenOf(w uint64) uint64 { return w >> 32 }

// find returns the entry for a key, as reference, with the offset of what refers to it; 0 if there is none. Without the stripe's lock
// the answer is worth what the lock's word says afterwards.
func (z *Zone) find(h uint64, key []byte) (ref uint32, link uint64) {
	link = z.geo.bucketOff + (h&(z.geo.buckets-1))*4
	p := unsafe.Add(z.base, link)
	n := uint64(len(key))
	most := z.geo.size - entryData - 8 // where an entry may begin at the latest
	room := most - z.geo.pageOff
	for steps := z.geo.pages * 64; ; steps-- {
		ref = atomic.LoadUint32((*uint32)(p))
		off := uint64(ref) * unit
		switch {
		case ref == 0:
			return 0, link
		case off-z.geo.pageOff > room || steps == 0:
			z.astray()
			return 0, link
		}
		p = unsafe.Add(z.base, off)
		if atomic.LoadUint32((*uint32)(p)) == uint32(h>>32) {
			w := atomic.LoadUint64((*uint64)(unsafe.Add(p, entryWhat)))
			if keyLenOf(w) == n {
				if whole := classOf(w)&chained == 0 && off+(n+7)&^7 <= most+8; whole && equal(unsafe.Add(p, entryData), key) || !whole && z.hasKey(ref, w, key) {
					return ref, link
				}
			}
		}
		link, p = off+entryNext, unsafe.Add(p, entryNext)
	}
}

// hasKey tells whether the key of an entry that may lie in pieces, of which the length is right, is key.
func (z *Zone) hasKey(ref uint32, w uint64, key []byte) bool {
	s := z.stream(ref, classOf(w), entryData)
	return z.matches(&s, key)
}

// lockFind takes the stripe's lock, and finds the entry for a key, before that if possible: the loads then don't wait for the lock.
func (z *Zone) lockFind(h, stripe uint64, key []byte) (ref uint32, link uint64, ok bool) {
	p := z.w64(stripe)
	if seen := atomic.LoadUint64(p); seen&ownerMask == 0 {
		ref, link = z.find(h, key)
		if atomic.CompareAndSwapUint64(p, seen, seen|z.owner) {
			return ref, link, true // nobody has held it in between
		}
		z.bad = false
	}
	if !z.lock(stripe) {
		return 0, 0, false
	}
	ref, link = z.find(h, key)
	return ref, link, true
}

// valueAt is the stream of an entry's string.
func (z *Zone) valueAt(ref uint32, w uint64) stream {
	s := z.stream(ref, classOf(w), entryData)
	for skip := (keyLenOf(w) + 7) &^ 7; skip > 0; {
		if s.left == 0 && !z.next(&s) {
			break
		}
		n := min(s.left, skip)
		s.off, s.left, skip = s.off+n, s.left-n, skip-n
	}
	return s
}
