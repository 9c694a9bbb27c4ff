package shm

import (
	"sync/atomic"
	"unsafe"
)

// A change in place of more than one word is recorded in the stripe first: the entry's words as they were, then the word that says which those
// are. It is committed by clearing that word, and until then whoever finds it puts the words back.

// fixed are the offsets of the four words that a change may concern besides those of a string.
var fixed = [4]uintptr{entryWhat, entryExpires, entryFlags, entryNumber}

// record keeps an entry's four fixed words, and so many words from first on.
func (z *Zone) record(stripe uint64, ref uint32, first, words uint64) {
	off := uint64(ref) * unit
	if words > undoMax || off < z.geo.pageOff || off+(first+words)*8 > z.geo.size || off+entryData > z.geo.size {
		z.astray()
		return
	}
	from, to := unsafe.Add(z.base, off), unsafe.Add(z.base, stripe)
	for i, at := range fixed {
		storeWord((*uint64)(unsafe.Add(to, undoFixed+8*i)), *(*uint64)(unsafe.Add(from, at)))
	}
	from, to = unsafe.Add(from, first*8), unsafe.Add(to, undoData)
	for i := range words {
		storeWord((*uint64)(unsafe.Add(to, i*8)), *(*uint64)(unsafe.Add(from, i*8)))
	}
	atomic.StoreUint64(z.w64(stripe+undoHead), uint64(ref)|first<<32|words<<48)
}

// commit makes what was changed since record stay.
func (z *Zone) commit(stripe uint64) { storeWord(z.w64(stripe+undoHead), 0) }

// undo takes back a change that wasn't finished.
func (z *Zone) undo(stripe uint64) {
	head := z.load64(stripe + undoHead)
	if head == 0 {
		return
	}
	off, first, words := head&0xffffffff*unit, head>>32&0xffff, head>>48
	if words > undoMax || off < z.geo.pageOff || off+(first+words)*8 > z.geo.size || off+entryData > z.geo.size {
		z.astray()
		return
	}
	to, from := unsafe.Add(z.base, off), unsafe.Add(z.base, stripe)
	for i, at := range fixed {
		storeWord((*uint64)(unsafe.Add(to, at)), *(*uint64)(unsafe.Add(from, undoFixed+8*i)))
	}
	to, from = unsafe.Add(to, first*8), unsafe.Add(from, undoData)
	for i := range words {
		storeWord((*uint64)(unsafe.Add(to, i*8)), *(*uint64)(unsafe.Add(from, i*8)))
	}
	z.commit(stripe)
}

// setFixed writes an entry's four fixed words.
func (z *Zone) setFixed(off, what, expires, flags, number uint64) {
	if off+entryData > z.geo.size {
		z.astray()
		return
	}
	p := unsafe.Add(z.base, off)
	storeWord((*uint64)(unsafe.Add(p, entryWhat)), what)
	storeWord((*uint64)(unsafe.Add(p, entryExpires)), expires)
	storeWord((*uint64)(unsafe.Add(p, entryFlags)), flags)
	storeWord((*uint64)(unsafe.Add(p, entryNumber)), number)
}
