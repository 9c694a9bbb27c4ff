package ringtest

import (
	"slices"
	"unsafe"

	sys "github.com/iceber/iouring-go/syscall"

	"moonring/ring"
)

// Bytes views n bytes at an address that an SQE carries.
func Bytes(addr, n uint64) []byte {
	// Read as a pointer in place: the memory is kept reachable by the ring, and doesn't move.
	return unsafe.Slice(*(**byte)(unsafe.Pointer(&addr)), n)
}

// bufTail is the word whose upper half is the tail of a ring of provided buffers (little-endian machines).
func bufTail(e []ring.BufEntry) *uint32 { return (*uint32)(unsafe.Pointer(&e[0].BID)) }

type iovec struct{ base, len uint64 }

type msghdr struct {
	name          uint64
	namelen, _    uint32
	iov           uint64
	iovlen        uint64
	control, clen uint64
	flags, _      int32
}

// Output returns the bytes that a SEND or SENDMSG would send, copied.
func Output(s *ring.SQE) []byte { return slices.Concat(Iovecs(s)...) }

// Iovecs returns the memory, uncopied, that a SEND or SENDMSG names. Call it when the
// SENDMSG is submitted: its iovecs are only valid then, the memory until completion.
func Iovecs(s *ring.SQE) [][]byte {
	if s.Opcode != sys.IORING_OP_SENDMSG {
		return [][]byte{Bytes(s.Addr, uint64(s.Len))}
	}
	h := (*msghdr)(unsafe.Pointer(unsafe.SliceData(Bytes(s.Addr, uint64(unsafe.Sizeof(msghdr{}))))))
	iov := unsafe.Slice((*iovec)(unsafe.Pointer(unsafe.SliceData(Bytes(h.iov, h.iovlen*16)))), h.iovlen)
	var out [][]byte
	for _, v := range iov {
		out = append(out, Bytes(v.base, v.len))
	}
	return out
}
