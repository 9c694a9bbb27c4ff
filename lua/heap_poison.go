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

// expect panics unless the object at r has the type typ.
func (h *heap) expect(r ref, typ objType) {
	if got := h.header(r).typ; r == 0 || got != typ {
		panic(fmt.Sprintf("lua: object %#x has type %d, not %d", r, got, typ))
	}
}
