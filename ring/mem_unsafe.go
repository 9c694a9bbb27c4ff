package ring

import (
	"sync/atomic"
	"unsafe"
)

// The structures must have the kernel's sizes, on 64-bit machines.
var (
	_ [8]struct{}  = [unsafe.Sizeof(uintptr(0))]struct{}{}
	_ [64]struct{} = [unsafe.Sizeof(SQE{})]struct{}{}
	_ [16]struct{} = [unsafe.Sizeof(CQE{})]struct{}{}
	_ [16]struct{} = [unsafe.Sizeof(BufEntry{})]struct{}{}
)

// mem is the start of a piece of memory outside Go's heap. It carries no length:
// whoever holds it knows.
type mem struct{ p unsafe.Pointer }

func memOf(b []byte) mem { return mem{unsafe.Pointer(unsafe.SliceData(b))} }

func (m mem) ok() bool { return m.p != nil }

// addr is the address of byte off, as an SQE wants it.
func (m mem) addr(off uint32) uint64 { return uint64(uintptr(m.p)) + uint64(off) }

// bytes is [off, end) with the capacity ending at limit.
func (m mem) bytes(off, end, limit uint32) []byte {
	return unsafe.Slice((*byte)(unsafe.Add(m.p, off)), limit-off)[:end-off]
}

func (m mem) at(off uint32) mem { return mem{unsafe.Add(m.p, off)} }

// addrOf is the address of b's first byte. The caller keeps b reachable until the
// kernel is done with it; Go's heap objects don't move.
func addrOf(b []byte) uint64 { return uint64(uintptr(unsafe.Pointer(unsafe.SliceData(b)))) }

// bufEntries views mapped memory as a ring of provided buffers.
func bufEntries(b []byte) []BufEntry {
	return unsafe.Slice((*BufEntry)(unsafe.Pointer(unsafe.SliceData(b))), len(b)/int(unsafe.Sizeof(BufEntry{})))
}

// publishBufTail stores the tail, which overlays entry 0's last two bytes, with
// release semantic. Go has no 16-bit atomic store, so the 32-bit word is stored
// that holds entry 0's buffer id (low half) and the tail (high half); the kernel only reads both.
func publishBufTail(e *BufEntry, tail uint16) {
	w := (*uint32)(unsafe.Pointer(&e.BID))
	if littleEndian {
		atomic.StoreUint32(w, uint32(e.BID)|uint32(tail)<<16)
	} else {
		atomic.StoreUint32(w, uint32(e.BID)<<16|uint32(tail))
	}
}

var littleEndian = func() bool { x := uint16(1); return *(*byte)(unsafe.Pointer(&x)) == 1 }()

// iovec and msghdr as the kernel reads them on 64-bit machines.
type iovec struct {
	base uint64
	len  uint64
}

type msghdr struct {
	name       uint64
	namelen    uint32
	_          uint32
	iov        uint64
	iovlen     uint64
	control    uint64
	controllen uint64
	flags      int32
	_          int32
}

var (
	_ [16]struct{} = [unsafe.Sizeof(iovec{})]struct{}{}
	_ [56]struct{} = [unsafe.Sizeof(msghdr{})]struct{}{}
)

// iovPerMsg is how many pieces one SENDMSG carries; what is left goes with the next.
const iovPerMsg = 32

// message is the scratch space of one SENDMSG or CONNECT. The kernel copies it while it
// takes the SQE (IORING_FEAT_SUBMIT_STABLE), so it is free again after submission.
type message struct {
	hdr  msghdr
	name [128]byte // sockaddr_storage
	iov  [iovPerMsg]iovec
}

const messageSize = int(unsafe.Sizeof(message{}))

func messages(b []byte) []message {
	return unsafe.Slice((*message)(unsafe.Pointer(unsafe.SliceData(b))), len(b)/messageSize)
}

func (m *message) addr() uint64     { return uint64(uintptr(unsafe.Pointer(&m.hdr))) }
func (m *message) nameAddr() uint64 { return uint64(uintptr(unsafe.Pointer(&m.name))) }
func (m *message) iovAddr() uint64  { return uint64(uintptr(unsafe.Pointer(&m.iov))) }
