//go:build !poison

package proxy

// poisoned: memory of recycled requests is overwritten, so that a use after release shows.
const poisoned = false
