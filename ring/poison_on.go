//go:build poison

package ring

// poisoned says that freed memory is overwritten with poisonByte.
const poisoned = true
