// Package ring drives one io_uring: connections, listeners, timers, file reads
// and wake-ups, with callbacks. It has never heard of HTTP.
//
// # Who owns what
//
// A [Ring] belongs to one goroutine, locked to its thread by the caller
// (runtime.LockOSThread) before [New]: IORING_SETUP_SINGLE_ISSUER ties the ring
// to the thread that made it. Every method must be called there, except
// [Ring.Wake] and [Ring.Post]. All callbacks run there, inside [Ring.Run].
//
// Memory the kernel reads or writes is mmap-ed and invisible to Go's collector:
// the queues, the provided buffers, the blocks of the output queues. The one
// exception is what [Conn.WriteStatic] and [Ring.ReadFile] are given: Go memory,
// kept reachable by the ring until the kernel is done with it.
//
// user_data never holds a pointer: it is generation, slot and operation (op.go).
//
// # One iteration
//
// Run submits what callbacks asked for, enters the kernel once, moves every
// completion from the CQ into connections and lists without calling anybody,
// and only then runs callbacks, then due timers. So callbacks never nest and the
// CQ is empty while they run. All writes of a batch of callbacks on a connection
// become one SEND. Provided buffers are lent for one iteration: bytes that a
// handler has not consumed by its end are copied out, so a slow or paused
// connection never holds a buffer that others wait for, and an idle connection
// owns no buffer at all.
//
// # The life of a connection
//
//	accept/connect -> OnAccept/OnConnect -> OnData* OnDrain* OnEOF? -> OnClose -> slot recycled
//
// Closing cancels what is in flight, closes the descriptor in the same
// submission, and waits for every completion: only then OnClose runs, once, and
// the slot's generation moves on. A Conn must not be used after its OnClose;
// builds with the tag "poison" overwrite recycled slots and freed buffers with
// 0xDB, so that a use after free shows.
//
// # Waiting
//
// With DEFER_TASKRUN, submitting and waiting are one io_uring_enter. A wait is a raw
// system call that Go's scheduler doesn't see for its first 10 ms (50 us if GOMAXPROCS is 1
// when the ring is made), then one that the scheduler knows of. wait.go says why; workers should have
// GOMAXPROCS = 2 even if pinned to one processor.
//
// # Cost
//
// ringbench, which answers every head with 200, against nginx 1.22 with "return 200", wrk -t1 -c64 on
// another processor, loopback, AMD EPYC VM, Linux 6.18, Go 1.26: 6.9 us of CPU per
// request against 8.4, on a quiet machine; 0.3 to 0.5 us of it in user mode (6 % of a profile), all
// else is the kernel's TCP and wake-ups, and 6 % io_uring itself. fget and fput, what direct descriptors would
// save, are 0.8 %: they are not used. No allocation per request; 228 bytes per idle
// connection. Waiting in calls that Go's scheduler knows of costs about 1 us more per
// request when there are pauses between requests (7.6 against 6.8, minima of four runs on a busy machine).
//
// # Kernel
//
// Linux 6.1 is the minimum: SINGLE_ISSUER 6.0, DEFER_TASKRUN 6.1, multishot recv
// 6.0, multishot accept and IORING_REGISTER_PBUF_RING 5.19, EXT_ARG 5.11.
// [Probe] tells in one sentence what is missing.
//
// # Listening sockets
//
// Sockets accepted from a listening socket inherit TCP_NODELAY, keep-alive and
// buffer sizes from it on Linux: set them once, there, and no connection pays
// for a setsockopt.
//
// Read first: ring.go (Run), then cqe.go, input.go, output.go, conn.go.
package ring
