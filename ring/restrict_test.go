package ring

import (
	"sync/atomic"
	"syscall"
	"testing"
	"time"
	"unsafe"

	sys "github.com/iceber/iouring-go/syscall"
)

// TestRestrictions submits operations that are not in use, opening a file among them: seccomp doesn't see what goes through a ring, so the ring itself
// must refuse.
func TestRestrictions(t *testing.T) {
	k := newLinux()
	q, err := k.Setup(64, 128)
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	inUse := map[uint8]bool{}
	for _, o := range opcodes {
		inUse[o] = true
	}
	path := []byte("/etc/shadow\x00")
	const operations = 60 // IORING_OP_LAST of 6.18
	refused := 0
	for op := uint8(1); op < operations; op++ {
		if inUse[op] {
			continue
		}
		tail := *q.SQTail
		s := &q.SQEs[tail&uint32(len(q.SQEs)-1)]
		*s = SQE{Opcode: op, Fd: -100, UserData: uint64(op)}
		if op == sys.IORING_OP_OPENAT {
			s.Addr = uint64(uintptr(unsafe.Pointer(&path[0])))
		}
		atomic.StoreUint32(q.SQTail, tail+1)
		if _, errno := k.Enter(1, 1, int64(time.Second), true); errno != 0 {
			t.Fatalf("operation %d: %v", op, errno)
		}
		head := *q.CQHead
		c := q.CQEs[head&uint32(len(q.CQEs)-1)]
		atomic.StoreUint32(q.CQHead, head+1)
		if c.UserData != uint64(op) {
			t.Fatalf("operation %d: a completion of %d", op, c.UserData)
		}
		if e := syscall.Errno(-c.Res); e != syscall.EACCES && e != syscall.EINVAL { // EINVAL: older kernels lack it
			t.Errorf("operation %d: %v", op, e)
		}
		refused++
	}
	if refused < 30 {
		t.Errorf("only %d operations were tried", refused)
	}
}
