//go:build poison

package lua

import "fmt"

// poison makes freed memory recognisable and checks the type of every object
// that is looked at.
const poison = true

const poisonByte = 0xDB

// fillPoison overwrites the n bytes at r, but for the word a free list needs.
func (h *heap) fillPoison(r ref, n uintptr) {
	if n <= 8 {
		return
	}
	b := h.bytes(r+1, n-8)
	for i := range b {
		b[i] = poisonByte
	}
}

// verify walks the heap after a collection and panics if anything in it is wrong: after each of a small heap, less often the larger it
// is, and where tests collect at every safepoint.
func (h *heap) verify() {
	every := 1 + uint64(h.used()>>20)
	if h.root.gc.cycles > 64 {
		every *= 16
	}
	if uint64(h.root.gc.cycles)%every != 0 {
		return
	}
	if err := h.check(); err != nil {
		panic(fmt.Sprintf("lua: heap after collection %d: %v", h.root.gc.cycles, err))
	}
}

// expect panics unless the object at r has the type typ.
func (h *heap) expect(r ref, typ objType) {
	if got := h.header(r).typ; r == 0 || got != typ {
		panic(fmt.Sprintf("lua: object %#x has type %d, not %d", r, got, typ))
	}
}
