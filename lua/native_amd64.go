package lua

import "unsafe"

const nativeArch = true

// enterNative runs native code, see native.go. vm.budget, base and pc are what
// the registers were at the exit.
//
//go:noescape
func enterNative(code, first, mem, base, stackEnd unsafe.Pointer, budget int64) (newBase unsafe.Pointer, left int64, pc unsafe.Pointer, how uint64)
