package ring

import (
	"fmt"
	"math/bits"
	"syscall"
	"time"
	"unsafe"

	sys "github.com/iceber/iouring-go/syscall"
	"golang.org/x/sys/unix"
)

// setupFlags are what every ring is made with:
//   - SINGLE_ISSUER: only our thread submits, so the kernel skips locks.
//   - DEFER_TASKRUN: completion work runs inside our enter calls, never in between.
//   - COOP_TASKRUN: implied by the former in effect, named for the kernels' checks.
//   - SUBMIT_ALL: a refused SQE gets its own completion, the rest is still taken.
//   - R_DISABLED: until restrictions are registered; enabling makes us the issuer.
const setupFlags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN |
	sys.IORING_SETUP_COOP_TASKRUN | sys.IORING_SETUP_SUBMIT_ALL |
	sys.IORING_SETUP_CQSIZE | sys.IORING_SETUP_CLAMP | sys.IORING_SETUP_R_DISABLED

// opcodes are the only ones the ring may submit once it is enabled.
var opcodes = []uint8{
	sys.IORING_OP_ACCEPT, sys.IORING_OP_RECV, sys.IORING_OP_SEND, sys.IORING_OP_SENDMSG,
	sys.IORING_OP_CONNECT, sys.IORING_OP_SHUTDOWN, sys.IORING_OP_CLOSE, sys.IORING_OP_READ,
	sys.IORING_OP_ASYNC_CANCEL, sys.IORING_OP_POLL_ADD,
}

// getEventsArg is struct io_uring_getevents_arg (EXT_ARG).
type getEventsArg struct {
	sigmask   uint64
	sigmaskSz uint32
	_         uint32
	ts        uint64
}

// linux is the real kernel.
type linux struct {
	fd      int // the ring's descriptor
	enterFD int // fd, or its index if registered
	regFlag uint32

	// arg and ts are read by the kernel during enter. linux is allocated on the heap,
	// so they stay in place.
	arg getEventsArg
	ts  unix.Timespec

	start time.Time
	rings [][]byte // mappings to undo
}

var _ Kernel = (*linux)(nil)

func newLinux() *linux { return &linux{fd: -1, start: time.Now()} }

func (k *linux) Setup(sq, cq uint32) (*Queues, error) {
	p := sys.IOURingParams{Flags: setupFlags, CQEntries: cq}
	fd, _, errno := syscall.RawSyscall(sys.SYS_IO_URING_SETUP, uintptr(sq), uintptr(unsafe.Pointer(&p)), 0)
	if errno != 0 {
		return nil, setupError(errno)
	}
	k.fd = int(fd)
	if err := checkFeatures(p.Features); err != nil {
		k.Close()
		return nil, err
	}
	q, err := k.mapQueues(&p)
	if err == nil {
		err = k.enable()
	}
	if err != nil {
		k.Close()
		return nil, err
	}
	k.registerFD()
	k.arg.ts = uint64(uintptr(unsafe.Pointer(&k.ts)))
	return q, nil
}

func (k *linux) mapQueues(p *sys.IOURingParams) (*Queues, error) {
	// FEAT_SINGLE_MMAP (5.4): SQ and CQ ring share one mapping of the larger size.
	size := max(p.SQOffset.Array+p.SQEntries*4, p.CQOffset.Cqes+p.CQEntries*uint32(unsafe.Sizeof(CQE{})))
	mr, err := unix.Mmap(k.fd, int64(sys.IORING_OFF_SQ_RING), int(size), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED|unix.MAP_POPULATE)
	if err != nil {
		return nil, fmt.Errorf("mmap io_uring queues: %w", err)
	}
	k.rings = append(k.rings, mr)
	ms, err := unix.Mmap(k.fd, int64(sys.IORING_OFF_SQES), int(p.SQEntries)*int(unsafe.Sizeof(SQE{})), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED|unix.MAP_POPULATE)
	if err != nil {
		return nil, fmt.Errorf("mmap io_uring SQEs: %w", err)
	}
	k.rings = append(k.rings, ms)
	base := unsafe.Pointer(unsafe.SliceData(mr))
	word := func(off uint32) *uint32 { return (*uint32)(unsafe.Add(base, off)) }
	// SQEs are used in order, so the index array is the identity, written once.
	array := unsafe.Slice(word(p.SQOffset.Array), p.SQEntries)
	for i := range array {
		array[i] = uint32(i)
	}
	return &Queues{
		SQHead: word(p.SQOffset.Head), SQTail: word(p.SQOffset.Tail), SQFlags: word(p.SQOffset.Flags),
		SQEs:   unsafe.Slice((*SQE)(unsafe.Pointer(unsafe.SliceData(ms))), p.SQEntries),
		CQHead: word(p.CQOffset.Head), CQTail: word(p.CQOffset.Tail), CQOverflow: word(p.CQOffset.Overflow),
		CQEs: unsafe.Slice((*CQE)(unsafe.Add(base, p.CQOffset.Cqes)), p.CQEntries),
	}, nil
}

// restriction is struct io_uring_restriction.
type restriction struct {
	kind uint16 // IORING_RESTRICTION_*
	op   uint8  // register_op, sqe_op or sqe_flags
	_    uint8
	_    [3]uint32
}

var _ [16]struct{} = [unsafe.Sizeof(restriction{})]struct{}{}

// enable restricts the ring to the operations in use and makes this thread its issuer.
// seccomp can't see io_uring's operations, so this is the only fence they have.
func (k *linux) enable() error {
	rs := make([]restriction, 0, len(opcodes)+3)
	for _, o := range opcodes {
		rs = append(rs, restriction{kind: IORING_RESTRICTION_SQE_OP, op: o})
	}
	rs = append(rs,
		restriction{kind: IORING_RESTRICTION_FLAGS_ALLOWED, op: sys.IOSQE_FLAGS_BUFFER_SELECT | IOSQE_CQE_SKIP_SUCCESS},
		restriction{kind: IORING_RESTRICTION_REGISTER_OP, op: IORING_REGISTER_PBUF_RING},
		restriction{kind: IORING_RESTRICTION_REGISTER_OP, op: IORING_REGISTER_RING_FDS},
		restriction{kind: IORING_RESTRICTION_REGISTER_OP, op: IORING_UNREGISTER_RING_FDS})
	if err := sys.IOURingRegister(k.fd, sys.IORING_REGISTER_RESTRICTIONS, unsafe.Pointer(&rs[0]), uint32(len(rs))); err != nil {
		return fmt.Errorf("restrict io_uring: %w", err)
	}
	if err := sys.IOURingRegister(k.fd, sys.IORING_REGISTER_ENABLE_RINGS, nil, 0); err != nil {
		return fmt.Errorf("enable io_uring: %w", err)
	}
	return nil
}

// rsrcUpdate is struct io_uring_rsrc_update.
type rsrcUpdate struct {
	offset uint32
	_      uint32
	data   uint64
}

// registerFD saves each enter the reference count of the ring's file, which is an
// atomic operation in a process with threads. It is an optimisation: failure is no error.
func (k *linux) registerFD() {
	k.enterFD = k.fd
	up := rsrcUpdate{offset: ^uint32(0), data: uint64(k.fd)}
	n, _, errno := syscall.RawSyscall6(sys.SYS_IO_URING_REGISTER, uintptr(k.fd), uintptr(IORING_REGISTER_RING_FDS), uintptr(unsafe.Pointer(&up)), 1, 0, 0)
	if errno == 0 && n == 1 {
		k.enterFD, k.regFlag = int(up.offset), IORING_ENTER_REGISTERED_RING
	}
}

// bufReg is struct io_uring_buf_reg.
type bufReg struct {
	ringAddr    uint64
	ringEntries uint32
	bgid        uint16
	flags       uint16
	_           [3]uint64
}

func (k *linux) RegisterBuffers(ring []BufEntry, mem []byte) error {
	n := len(ring)
	if n == 0 || bits.OnesCount(uint(n)) != 1 || n > 1<<15 {
		return fmt.Errorf("register provided buffers: %d is not a power of two up to 32768", n)
	}
	reg := bufReg{ringAddr: uint64(uintptr(unsafe.Pointer(&ring[0]))), ringEntries: uint32(n)}
	if err := sys.IOURingRegister(k.fd, IORING_REGISTER_PBUF_RING, unsafe.Pointer(&reg), 1); err != nil {
		return fmt.Errorf("register provided buffers: %w", err)
	}
	return nil
}

func (k *linux) Enter(n, wait uint32, timeout int64, block bool) (int, syscall.Errno) {
	flags := uintptr(sys.IORING_ENTER_FLAGS_GETEVENTS | k.regFlag)
	var r uintptr
	var errno syscall.Errno
	if wait == 0 || timeout < 0 {
		if block {
			r, _, errno = syscall.Syscall6(sys.SYS_IO_URING_ENTER, uintptr(k.enterFD), uintptr(n), uintptr(wait), flags, 0, 0)
		} else {
			r, _, errno = syscall.RawSyscall6(sys.SYS_IO_URING_ENTER, uintptr(k.enterFD), uintptr(n), uintptr(wait), flags, 0, 0)
		}
		return int(r), errno
	}
	flags |= uintptr(IORING_ENTER_EXT_ARG)
	k.ts = unix.Timespec{Sec: timeout / 1e9, Nsec: timeout % 1e9}
	if block {
		r, _, errno = syscall.Syscall6(sys.SYS_IO_URING_ENTER, uintptr(k.enterFD), uintptr(n), uintptr(wait), flags, uintptr(unsafe.Pointer(&k.arg)), unsafe.Sizeof(k.arg))
	} else {
		r, _, errno = syscall.RawSyscall6(sys.SYS_IO_URING_ENTER, uintptr(k.enterFD), uintptr(n), uintptr(wait), flags, uintptr(unsafe.Pointer(&k.arg)), unsafe.Sizeof(k.arg))
	}
	return int(r), errno
}

func (k *linux) Submit(n uint32) (int, syscall.Errno) {
	r, _, errno := syscall.RawSyscall6(sys.SYS_IO_URING_ENTER, uintptr(k.enterFD), uintptr(n), 0, uintptr(k.regFlag), 0, 0)
	return int(r), errno
}

func (k *linux) Map(n int) ([]byte, error) {
	p, err := unix.MmapPtr(-1, 0, nil, uintptr(n), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	if err != nil {
		return nil, fmt.Errorf("mmap %d bytes: %w", n, err)
	}
	return unsafe.Slice((*byte)(p), n), nil
}

func (k *linux) Unmap(b []byte) { unix.MunmapPtr(unsafe.Pointer(unsafe.SliceData(b)), uintptr(len(b))) }

func (k *linux) Discard(b []byte) { unix.Madvise(b, unix.MADV_DONTNEED) }

func (k *linux) Now() int64     { return int64(time.Since(k.start)) }
func (k *linux) WallNow() int64 { return time.Now().UnixNano() }

func (k *linux) CloseFD(fd int) { unix.Close(fd) }

func (k *linux) Readable(fd int) bool {
	p := [1]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
	n, err := unix.Ppoll(p[:], &unix.Timespec{}, nil)
	return err == nil && n > 0 && p[0].Revents&unix.POLLIN != 0
}

func (k *linux) Close() error {
	var err error
	if k.fd >= 0 {
		if k.regFlag != 0 {
			// The registered index holds a reference to the ring, which close alone would leave alive.
			up := rsrcUpdate{offset: uint32(k.enterFD)}
			syscall.RawSyscall6(sys.SYS_IO_URING_REGISTER, uintptr(k.fd), uintptr(IORING_UNREGISTER_RING_FDS), uintptr(unsafe.Pointer(&up)), 1, 0, 0)
			k.regFlag = 0
		}
		err = unix.Close(k.fd)
		k.fd = -1
	}
	for _, m := range k.rings {
		unix.Munmap(m)
	}
	k.rings = nil
	return err
}

// probe checks on a ring that was set up that the operations and the buffer ring work.
func (k *linux) probe() error {
	ring, err := k.Map(4096)
	if err != nil {
		return err
	}
	defer k.Unmap(ring)
	if err := k.RegisterBuffers(bufEntries(ring[:16*8]), nil); err != nil {
		return notSupported("kernel %s lacks provided-buffer rings (%v); Linux %s or later is needed", release(), err, kernelMin)
	}
	return nil
}
