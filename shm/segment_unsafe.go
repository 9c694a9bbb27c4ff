package shm

import (
	"sync/atomic"
	"unsafe"
)

// w64 is the word at off, which must be a multiple of 8; what lies outside of the zone is a word of the process's own, and the zone is
// damaged.
func (z *Zone) w64(off uint64) *uint64 {
	if off > z.limit {
		off = z.astray()
	}
	return (*uint64)(unsafe.Add(z.base, off))
}

// w32 is w64 for half a word.
func (z *Zone) w32(off uint64) *uint32 {
	if off > z.limit {
		off = z.astray()
	}
	return (*uint32)(unsafe.Add(z.base, off))
}

// astray notes that an offset was wrong. What it returns is an offset of the page behind the zone.
//
//go:noinline
func (z *Zone) astray() uint64 {
	z.bad = true
	return z.limit + 8
}

// at is the offset of what ref, which isn't 0, refers to: never one in front of the pages, where locks are.
func (z *Zone) at(ref uint32) uint64 {
	off := uint64(ref) * unit
	if off < z.geo.pageOff {
		return z.astray()
	}
	return off
}

func (z *Zone) load64(off uint64) uint64 { return atomic.LoadUint64(z.w64(off)) }
func (z *Zone) load32(off uint64) uint32 { return atomic.LoadUint32(z.w32(off)) }

// store64 and store32 write what others may be reading without a lock.
func (z *Zone) store64(off, v uint64)        { storeWord(z.w64(off), v) }
func (z *Zone) store32(off uint64, v uint32) { storeHalf(z.w32(off), v) }

// view is n bytes at off; none if they aren't in the zone.
func (z *Zone) view(off, n uint64) []byte {
	if off > z.limit+8 || n > z.limit+8-off {
		z.astray()
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Add(z.base, off)), n)
}

// putBytes writes b at off, and zeros up to a multiple of 8.
func (z *Zone) putBytes(off uint64, b []byte) {
	n := uint64(len(b)+7) &^ 7
	if off > z.limit+8 || n > z.limit+8-off {
		z.astray()
		return
	}
	storeBytes(unsafe.Add(z.base, off), b)
}

// getBytes appends n bytes at off to buf, word by word: somebody may be writing there.
func (z *Zone) getBytes(buf []byte, off, n uint64) []byte {
	if off > z.limit+8 || (n+7)&^7 > z.limit+8-off {
		z.astray()
		return buf
	}
	p, at := unsafe.Add(z.base, off), len(buf)
	if need := at + int(n) + 8; cap(buf) < need {
		buf = append(make([]byte, 0, 2*need), buf...)
	}
	buf = buf[:at+int(n)]
	dst := unsafe.Add(unsafe.Pointer(unsafe.SliceData(buf)), at)
	for i := uint64(0); i < n; i += 8 {
		*(*uint64)(unsafe.Add(dst, i)) = atomic.LoadUint64((*uint64)(unsafe.Add(p, i))) // the buffer has room for a whole last word
	}
	return buf
}

// word is the 8 bytes of b at i.
func word(b []byte, i int) uint64 {
	_ = b[i+7]
	return *(*uint64)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(b)), i))
}

// half is the 4 bytes of b at i.
func half(b []byte, i int) uint64 {
	_ = b[i+3]
	return uint64(*(*uint32)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(b)), i)))
}

// lastWord is the up to 7 bytes of b from i on, which is a multiple of 8, filled up with zeros.
func lastWord(b []byte, i int) uint64 {
	n := len(b) - i
	if len(b) >= 8 {
		return word(b, len(b)-8) >> (64 - 8*n)
	}
	var v uint64
	for j := n - 1; j >= 0; j-- {
		v = v<<8 | uint64(b[i+j])
	}
	return v
}

// equal tells whether key stands at off.
func (z *Zone) equal(off uint64, key []byte) bool {
	n := uint64(len(key)+7) &^ 7
	if off > z.limit+8 || n > z.limit+8-off {
		z.astray()
		return false
	}
	return equal(unsafe.Add(z.base, off), key)
}

// equal tells whether key stands at p. The caller has checked that all of it lies in the zone.
func equal(p unsafe.Pointer, key []byte) bool {
	i := 0
	for ; i+8 <= len(key); i += 8 {
		if atomic.LoadUint64((*uint64)(unsafe.Add(p, i))) != word(key, i) {
			return false
		}
	}
	return i == len(key) || atomic.LoadUint64((*uint64)(unsafe.Add(p, i))) == lastWord(key, i)
}
