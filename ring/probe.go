package ring

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"syscall"

	sys "github.com/iceber/iouring-go/syscall"
	"golang.org/x/sys/unix"
)

// ErrNotSupported is wrapped by errors that say that this kernel can't run a ring.
var ErrNotSupported = errors.New("io_uring is not usable here")

// kernelMin is the oldest kernel that has everything: multishot recv came with 6.0, DEFER_TASKRUN with 6.1.
const kernelMin = "6.1"

// Probe tries to make a ring and tells in one sentence what is missing, or returns nil.
func Probe() error {
	runtime.LockOSThread() // a ring answers EEXIST to any other thread than the one that enabled it
	defer runtime.UnlockOSThread()
	k := newLinux()
	if _, err := k.Setup(8, 16); err != nil {
		return err
	}
	defer k.Close()
	return k.probe()
}

// notSupported makes an error that reads as one sentence.
func notSupported(format string, args ...any) error {
	return &probeError{fmt.Sprintf(format, args...)}
}

type probeError struct{ text string }

func (e *probeError) Error() string { return e.text }
func (e *probeError) Unwrap() error { return ErrNotSupported }

// setupError explains why io_uring_setup failed.
func setupError(errno syscall.Errno) error {
	switch errno {
	case syscall.ENOSYS:
		return notSupported("kernel %s has no io_uring (not built in, or a seccomp filter hides it); Linux %s or later with CONFIG_IO_URING is needed", release(), kernelMin)
	case syscall.EPERM, syscall.EACCES:
		if v := ioUringDisabled(); v == "1" || v == "2" {
			return notSupported("io_uring is forbidden by sysctl kernel.io_uring_disabled = %s; set it to 0", v)
		}
		return notSupported("io_uring is forbidden to this process (%v): a container's seccomp filter must allow io_uring_setup, io_uring_enter and io_uring_register", errno)
	case syscall.EINVAL:
		return notSupported("kernel %s is too old: Linux %s or later is needed (IORING_SETUP_SINGLE_ISSUER and IORING_SETUP_DEFER_TASKRUN are missing)", release(), kernelMin)
	case syscall.ENOMEM:
		return fmt.Errorf("io_uring_setup: %w (raise the locked-memory limit, ulimit -l)", errno)
	}
	return fmt.Errorf("io_uring_setup: %w", errno)
}

// checkFeatures names what a ring that could be made still lacks.
func checkFeatures(features uint32) error {
	var missing []string
	for _, f := range []struct {
		bit  uint32
		name string
	}{
		{sys.IORING_FEAT_SINGLE_MMAP, "IORING_FEAT_SINGLE_MMAP"},
		{sys.IORING_FEAT_NODROP, "IORING_FEAT_NODROP"},
		{sys.IORING_FEAT_SUBMIT_STABLE, "IORING_FEAT_SUBMIT_STABLE"},
		{sys.IORING_FEAT_FAST_POLL, "IORING_FEAT_FAST_POLL"},
		{IORING_FEAT_EXT_ARG, "IORING_FEAT_EXT_ARG"},
		{IORING_FEAT_CQE_SKIP, "IORING_FEAT_CQE_SKIP"},
	} {
		if features&f.bit == 0 {
			missing = append(missing, f.name)
		}
	}
	if missing != nil {
		return notSupported("kernel %s is too old: Linux %s or later is needed (%s missing)", release(), kernelMin, strings.Join(missing, ", "))
	}
	return nil
}

func release() string {
	var u unix.Utsname
	if unix.Uname(&u) != nil {
		return "(unknown)"
	}
	return unix.ByteSliceToString(u.Release[:])
}

func ioUringDisabled() string {
	b, err := os.ReadFile("/proc/sys/kernel/io_uring_disabled")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}
