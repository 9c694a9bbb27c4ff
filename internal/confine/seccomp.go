package confine

import (
	"fmt"
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

// A call is a system call that stays allowed.
type call struct {
	nr  uintptr
	why string
	// If there are any, argument arg must be one of these values, or, with mask, have one of their bits.
	arg    int
	values []uint32
	mask   bool
}

// Offsets in struct seccomp_data; the lower half of an argument on a little-endian machine.
const (
	offNr   = 0
	offArch = 4
	offArg0 = 16
)

// System takes every system call from the process that is not in the table: it fails with EPERM, clone3 with ENOSYS. Calls of another architecture's numbering kill
// the process. It also sets no_new_privs.
func System() error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	// The other threads get it along with the filter.
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("prctl(PR_SET_NO_NEW_PRIVS): %w", err)
	}
	tid, err := setFilter(assemble(append(table(uint32(os.Getpid())), legacy...)))
	if err != nil {
		return fmt.Errorf("seccomp: %w", err)
	}
	if tid != 0 {
		return fmt.Errorf("seccomp: thread %d has another filter", tid)
	}
	return nil
}

// assemble makes the program. The kernel runs it once for each call whose outcome depends on its number alone, and remembers.
func assemble(calls []call) []unix.SockFilter {
	load := func(off uint32) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: off}
	}
	jump := func(op uint16, k uint32, t, f int) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_JMP | op | unix.BPF_K, Jt: uint8(t), Jf: uint8(f), K: k}
	}
	ret := func(k uint32) unix.SockFilter { return unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: k} }
	allow, refuse := ret(unix.SECCOMP_RET_ALLOW), ret(unix.SECCOMP_RET_ERRNO|uint32(unix.EPERM))

	prog := []unix.SockFilter{
		load(offArch), jump(unix.BPF_JEQ, auditArch, 1, 0), ret(unix.SECCOMP_RET_KILL_PROCESS),
		load(offNr), jump(unix.BPF_JGE, x32Bit, 0, 1), ret(unix.SECCOMP_RET_KILL_PROCESS),
		// Its flags are in memory, where a filter can't look; without it a C library takes clone.
		jump(unix.BPF_JEQ, unix.SYS_CLONE3, 0, 1), ret(unix.SECCOMP_RET_ERRNO | uint32(unix.ENOSYS)),
	}
	for _, c := range calls {
		if c.values == nil {
			prog = append(prog, jump(unix.BPF_JEQ, uint32(c.nr), 0, 1), allow)
			continue
		}
		op := uint16(unix.BPF_JEQ)
		if c.mask {
			op = unix.BPF_JSET
		}
		n := len(c.values)
		prog = append(prog, jump(unix.BPF_JEQ, uint32(c.nr), 0, n+3), load(uint32(offArg0+8*c.arg)))
		for i, v := range c.values {
			prog = append(prog, jump(op, v, n-i, 0))
		}
		prog = append(prog, refuse, allow)
	}
	return append(prog, refuse)
}
