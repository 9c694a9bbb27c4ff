package shm

import (
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A lock's word: who holds it in the low 24 bits, 0 for nobody; above that how often it was held.
const (
	ownerMask = 1<<24 - 1
	heldOnce  = 1 << 24
)

const (
	spins    = 300
	futexFor = time.Millisecond // what a wake-up costs that gets lost
	lockFor  = 5 * time.Second  // longer than it takes to make a pool again
)

// lock waits for the lock at off. It fails if the holder doesn't let go: it has died, and nobody has called Recover.
func (z *Zone) lock(off uint64) bool {
	p := z.w64(off)
	if w := atomic.LoadUint64(p); w&ownerMask == 0 && atomic.CompareAndSwapUint64(p, w, w|z.owner) {
		return true
	}
	return z.lockSlow(off)
}

// tryLock takes the lock at off if nobody holds it.
func (z *Zone) tryLock(off uint64) bool {
	p := z.w64(off)
	w := atomic.LoadUint64(p)
	return w&ownerMask == 0 && atomic.CompareAndSwapUint64(p, w, w|z.owner)
}

//go:noinline
func (z *Zone) lockSlow(off uint64) bool {
	for range spins {
		if z.tryLock(off) {
			return true
		}
	}
	futex, waiters := z.w32(off+lockFutex), z.w32(off+lockWaiters)
	for began := time.Now(); ; {
		seen := atomic.LoadUint32(futex)
		atomic.StoreUint32(waiters, 1)
		if z.tryLock(off) {
			return true
		}
		futexWait(futex, seen, futexFor)
		if time.Since(began) > z.patience {
			return false
		}
	}
}

// unlock lets go of the lock at off. Readers without a lock see that it was held. Where the store isn't a barrier, a sleeper may be missed that looked
// just before: it wakes by itself.
func (z *Zone) unlock(off uint64) {
	p := z.w64(off)
	storeWord(p, atomic.LoadUint64(p)&^ownerMask+heldOnce)
	if atomic.LoadUint32(z.w32(off+lockWaiters)) != 0 {
		z.wake(off)
	}
}

//go:noinline
func (z *Zone) wake(off uint64) {
	atomic.StoreUint32(z.w32(off+lockWaiters), 0)
	atomic.AddUint32(z.w32(off+lockFutex), 1)
	futexWake(z.w32(off + lockFutex))
}

// FUTEX_WAIT and FUTEX_WAKE of linux/futex.h, between processes.
const (
	opWait = 0
	opWake = 1
)

func futexWait(p *uint32, seen uint32, d time.Duration) {
	ts := unix.NsecToTimespec(int64(d))
	unix.Syscall6(unix.SYS_FUTEX, uintptr(unsafe.Pointer(p)), opWait, uintptr(seen), uintptr(unsafe.Pointer(&ts)), 0, 0)
}

func futexWake(p *uint32) {
	unix.Syscall6(unix.SYS_FUTEX, uintptr(unsafe.Pointer(p)), opWake, 1<<30, 0, 0, 0)
}
