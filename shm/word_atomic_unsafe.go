//go:build !amd64 || race

package shm

import (
	"sync/atomic"
	"unsafe"
)

func storeWord(p *uint64, v uint64) { atomic.StoreUint64(p, v) }
func storeHalf(p *uint32, v uint32) { atomic.StoreUint32(p, v) }

func storeBytes(p unsafe.Pointer, b []byte) {
	i := 0
	for ; i+8 <= len(b); i += 8 {
		atomic.StoreUint64((*uint64)(unsafe.Add(p, i)), word(b, i))
	}
	if i < len(b) {
		atomic.StoreUint64((*uint64)(unsafe.Add(p, i)), lastWord(b, i))
	}
}
