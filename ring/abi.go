package ring

// What the kernel's <linux/io_uring.h> has and iouring-go's syscall package
// (written for 5.19) lacks or misnames, under the header's names, with the version that
// introduced each.
const (
	IORING_SETUP_SINGLE_ISSUER uint32 = 1 << 12 // 6.0
	IORING_SETUP_DEFER_TASKRUN uint32 = 1 << 13 // 6.1

	IORING_ENTER_EXT_ARG         uint32 = 1 << 3 // 5.11
	IORING_ENTER_REGISTERED_RING uint32 = 1 << 4 // 5.18

	IORING_FEAT_EXT_ARG  uint32 = 1 << 8  // 5.11
	IORING_FEAT_CQE_SKIP uint32 = 1 << 11 // 5.17

	IORING_REGISTER_RING_FDS         uint8  = 20 // 5.18
	IORING_UNREGISTER_RING_FDS       uint8  = 21 // 5.18
	IORING_REGISTER_PBUF_RING        uint8  = 22 // 5.19
	IORING_UNREGISTER_PBUF_RING      uint8  = 23 // 5.19
	IORING_RESTRICTION_REGISTER_OP   uint16 = 0  // 5.10
	IORING_RESTRICTION_SQE_OP        uint16 = 1  // 5.10
	IORING_RESTRICTION_FLAGS_ALLOWED uint16 = 2  // 5.10, IORING_RESTRICTION_SQE_FLAGS_ALLOWED

	IOSQE_CQE_SKIP_SUCCESS uint8 = 1 << 6 // 5.17

	IORING_ACCEPT_MULTISHOT uint16 = 1 << 0 // in ioprio, 5.19
	IORING_RECV_MULTISHOT   uint16 = 1 << 1 // in ioprio, 6.0

	IORING_CQE_F_BUFFER     uint32 = 1 << 0 // upper 16 bits are the buffer's id, 5.7
	IORING_CQE_F_MORE       uint32 = 1 << 1 // the multishot operation goes on, 5.13
	IORING_CQE_BUFFER_SHIFT        = 16

	IO_URING_OP_SUPPORTED uint16 = 1 << 0 // in io_uring_probe_op.flags, 5.6
)

// SQE is struct io_uring_sqe: 64 bytes, unions resolved to the members in use.
type SQE struct {
	Opcode      uint8
	Flags       uint8 // IOSQE_*
	Ioprio      uint16
	Fd          int32
	Off         uint64 // also addr2
	Addr        uint64
	Len         uint32
	OpFlags     uint32 // msg_flags, accept_flags, cancel_flags, rw_flags ...
	UserData    uint64
	BufGroup    uint16 // also buf_index
	Personality uint16
	FileIndex   uint32
	Addr3       uint64
	Pad         uint64
}

// CQE is struct io_uring_cqe: 16 bytes.
type CQE struct {
	UserData uint64
	Res      int32
	Flags    uint32 // IORING_CQE_F_*
}

// BufEntry is struct io_uring_buf: 16 bytes. In entry 0, Resv is the ring's tail.
type BufEntry struct {
	Addr uint64
	Len  uint32
	BID  uint16
	Resv uint16
}
