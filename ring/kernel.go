package ring

import "syscall"

// Kernel is the far side of the queues. Linux is the one that counts; ringtest
// has a scripted one, which completes operations in the order a test wants.
// All methods are called by the ring's goroutine.
type Kernel interface {
	// Setup makes a ring of sq submission and cq completion entries, powers of two.
	Setup(sq, cq uint32) (*Queues, error)
	// RegisterBuffers registers a ring of provided buffers as group 0: len(ring)
	// entries, a power of two, which point into mem.
	RegisterBuffers(ring []BufEntry, mem []byte) error
	// Enter submits n entries and waits until wait completions are in the CQ, at most timeout
	// nanoseconds (negative: without bound; unused if wait is 0). It always runs
	// deferred work and flushes overflowed completions (IORING_ENTER_GETEVENTS).
	// With block Go's scheduler is told, which costs about 0.1 us more.
	// It returns the number of entries submitted.
	Enter(n, wait uint32, timeout int64, block bool) (int, syscall.Errno)
	// Submit submits n entries and does nothing else.
	Submit(n uint32) (int, syscall.Errno)
	// Map returns n bytes of zeroed memory outside Go's heap, page-aligned.
	Map(n int) ([]byte, error)
	// Unmap gives back what Map returned.
	Unmap(b []byte)
	// Discard gives a page-aligned part's memory back but keeps it mapped; its contents are lost.
	Discard(b []byte)
	// Now is a monotonic clock, nanoseconds; WallNow is nanoseconds since 1970.
	Now() int64
	WallNow() int64
	// CloseFD closes a descriptor that no CLOSE can be submitted for.
	CloseFD(fd int)
	// Readable tells if fd has something to be read, or a connection to be accepted, right now.
	Readable(fd int) bool
	// Close destroys the ring and everything pending on it.
	Close() error
}

// Queues are the shared memory of SQ and CQ.
type Queues struct {
	SQHead, SQTail *uint32 // head is the kernel's, tail ours
	SQFlags        *uint32 // IORING_SQ_*, the kernel's
	SQEs           []SQE
	CQHead, CQTail *uint32 // head is ours, tail the kernel's
	CQOverflow     *uint32 // the kernel's count of completions that were lost for lack of memory
	CQEs           []CQE
}
