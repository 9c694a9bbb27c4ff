// Package shm is the memory of lua_shared_dict: zones that all workers of a machine map, and that outlive each of them.
//
//	header   what the zone is, the pool's lock, the pool's state              layout.go
//	stripes  one lock and one undo record for each group of buckets            lock.go
//	buckets  heads of the chains that a key's hash selects                     index.go
//	pages    for each page: its size class and which slots are free            slab.go
//	slots    entries, list nodes, and pieces of what fits in no single slot    entry.go
//
// Two kinds of lock, taken in this order: a stripe, which covers the values of its buckets' entries, and the pool, which
// covers which slots are in use, the chains and the order of use. A chain changes only under both, so that whoever holds
// the pool sees stable chains. Who holds the pool and needs another stripe only tries (lru.go).
//
// The chains are the truth. Each change of one is a single word, and so is each change of a value in place, or it
// is recorded in the stripe's undo record first. So a process may be killed between any two instructions: what it was
// storing is there or is not. All else (which slots are free, the order of use, lengths) is made again from the chains by
// Recover, which the master calls when it has reaped a process.
//
// Get takes no lock: it reads through atomic words and believes what it read if the stripe's lock word, which counts its
// holders, is what it was before. Only the time of use is written, by compare-and-swap into a word that still holds
// the time it saw.
//
// Nothing in the mapping is trusted: an offset that leads out of it reads and writes a page of the process's own and marks the
// zone as damaged, which ends its use with ErrDamaged. The geometry is computed from the size, not read.
//
// A Zone belongs to one goroutine. Its methods allocate nothing, except to grow the buffer that values are returned in.
// Times are milliseconds since 1970, given by the caller.
//
// Read layout.go first, then dict.go.
package shm
