//go:build amd64 && !race

package shm

import "unsafe"

// On amd64 a store of an aligned word is whole, and others see stores in their order.

func storeWord(p *uint64, v uint64) { *p = v }
func storeHalf(p *uint32, v uint32) { *p = v }

func storeBytes(p unsafe.Pointer, b []byte) {
	copy(unsafe.Slice((*byte)(p), len(b)), b)
	for i := len(b); i&7 != 0; i++ {
		*(*byte)(unsafe.Add(p, i)) = 0
	}
}
