package proxy

import "unsafe"

// unsafeString views b as a string, for a callee that only looks at it.
func unsafeString(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
