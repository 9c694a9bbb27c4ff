//go:build !amd64

package lua

import "unsafe"

// There is no native code here: attachNative says so.
const nativeArch = false

func enterNative(code, first, mem, base, stackEnd unsafe.Pointer, budget int64) (newBase unsafe.Pointer, left int64, pc unsafe.Pointer, how uint64) {
	panic("lua: native code entered")
}
