package ring

import (
	"encoding/binary"
	"syscall"

	sys "github.com/iceber/iouring-go/syscall"
)

// One function per operation. Each writes the whole SQE, as the slot holds an old one.

func (r *Ring) prepAccept(fd int32, ud uint64) {
	s, _ := r.sqe()
	*s = SQE{Opcode: sys.IORING_OP_ACCEPT, Ioprio: IORING_ACCEPT_MULTISHOT, Fd: fd,
		OpFlags: syscall.SOCK_CLOEXEC | syscall.SOCK_NONBLOCK, UserData: ud}
}

// prepRecv arms a multishot recv into provided buffers of group 0. Length 0 is whatever fits
// the buffer.
func (r *Ring) prepRecv(fd int32, ud uint64) {
	s, _ := r.sqe()
	*s = SQE{Opcode: sys.IORING_OP_RECV, Flags: sys.IOSQE_FLAGS_BUFFER_SELECT, Ioprio: IORING_RECV_MULTISHOT, Fd: fd, UserData: ud}
}

func (r *Ring) prepSend(fd int32, addr uint64, n uint32, ud uint64) {
	s, _ := r.sqe()
	*s = SQE{Opcode: sys.IORING_OP_SEND, Fd: fd, Addr: addr, Len: n, OpFlags: syscall.MSG_NOSIGNAL, UserData: ud}
}

// prepSendmsg sends the message whose iovecs fill wrote; fill returns their number.
func (r *Ring) prepSendmsg(fd int32, ud uint64) *message {
	s, i := r.sqe()
	m := &r.messages[i]
	m.hdr = msghdr{iov: m.iovAddr()}
	*s = SQE{Opcode: sys.IORING_OP_SENDMSG, Fd: fd, Addr: m.addr(), Len: 1, OpFlags: syscall.MSG_NOSIGNAL, UserData: ud}
	return m
}

func (r *Ring) prepConnect(fd int32, sa []byte, ud uint64) {
	s, i := r.sqe()
	m := &r.messages[i]
	n := copy(m.name[:], sa)
	*s = SQE{Opcode: sys.IORING_OP_CONNECT, Fd: fd, Addr: m.nameAddr(), Off: uint64(n), UserData: ud}
}

func (r *Ring) prepShutdown(fd int32, how uint32, ud uint64) {
	s, _ := r.sqe()
	*s = SQE{Opcode: sys.IORING_OP_SHUTDOWN, Fd: fd, Len: how, UserData: ud}
}

func (r *Ring) prepClose(fd int32, ud uint64) {
	s, _ := r.sqe()
	*s = SQE{Opcode: sys.IORING_OP_CLOSE, Fd: fd, UserData: ud}
}

func (r *Ring) prepRead(fd int32, addr uint64, n uint32, off uint64, ud uint64) {
	s, _ := r.sqe()
	*s = SQE{Opcode: sys.IORING_OP_READ, Fd: fd, Addr: addr, Len: n, Off: off, UserData: ud}
}

func (r *Ring) prepPoll(fd int32, events uint32, ud uint64) {
	s, _ := r.sqe()
	*s = SQE{Opcode: sys.IORING_OP_POLL_ADD, Fd: fd, OpFlags: pollWord(events), UserData: ud}
}

// pollWord is poll32_events: on big-endian machines its halves are swapped.
func pollWord(events uint32) uint32 {
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		return events<<16 | events>>16
	}
	return events
}

// prepCancel cancels the operation with user_data target. Looking it up by user_data is one hash
// lookup; by descriptor it would be a walk over everything armed. Success is told by the
// target's own completion. If the cancel fails, mostly with ENOENT as the target has just ended,
// onCancelFailed has a look.
func (r *Ring) prepCancel(target uint64) {
	s, _ := r.sqe()
	*s = SQE{Opcode: sys.IORING_OP_ASYNC_CANCEL, Flags: IOSQE_CQE_SKIP_SUCCESS, Fd: -1, Addr: target, UserData: target | uint64(opCancel)}
}
