package proxy

import (
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The system calls of the static handler, without allocation. They are raw: files are expected in the page
// cache, and Go's scheduler needn't know.

// fileStat is what the handler needs of a stat.
type fileStat struct {
	mode  uint32
	size  int64
	mtime int64 // seconds since 1970
}

func (s *fileStat) kind() uint32 { return s.mode & syscall.S_IFMT }

// openFile opens path, which ends in NUL, for reading. O_NONBLOCK keeps a FIFO from holding the worker.
func openFile(path []byte) (fd int, st fileStat, errno syscall.Errno) {
	return open(path, unix.O_RDONLY|unix.O_CLOEXEC|unix.O_NONBLOCK)
}

// openDir opens a folder to look at it only.
func openDir(path []byte) (fd int, st fileStat, errno syscall.Errno) {
	return open(path, unix.O_PATH|unix.O_CLOEXEC)
}

func open(path []byte, flags int) (fd int, st fileStat, errno syscall.Errno) {
	at := unix.AT_FDCWD
	for {
		r, _, e := syscall.RawSyscall6(unix.SYS_OPENAT, uintptr(at), uintptr(unsafe.Pointer(&path[0])), uintptr(flags), 0, 0, 0)
		if e == syscall.EINTR {
			continue
		}
		if e != 0 {
			return -1, st, e
		}
		fd = int(r)
		break
	}
	var s syscall.Stat_t
	if _, _, e := syscall.RawSyscall(unix.SYS_FSTAT, uintptr(fd), uintptr(unsafe.Pointer(&s)), 0); e != 0 {
		closeFD(fd)
		return -1, st, e
	}
	return fd, fileStat{s.Mode, s.Size, s.Mtim.Sec}, 0
}

// statFile looks at path, which ends in NUL, following symbolic links.
func statFile(path []byte) (fileStat, syscall.Errno) {
	var s syscall.Stat_t
	at := unix.AT_FDCWD
	_, _, e := syscall.RawSyscall6(unix.SYS_NEWFSTATAT, uintptr(at), uintptr(unsafe.Pointer(&path[0])), uintptr(unsafe.Pointer(&s)), 0, 0, 0)
	return fileStat{s.Mode, s.Size, s.Mtim.Sec}, e
}

// fileExists tells with 0 that path, which ends in NUL, is there and not a folder.
func fileExists(path []byte) syscall.Errno {
	var s syscall.Stat_t
	at := unix.AT_FDCWD
	_, _, e := syscall.RawSyscall6(unix.SYS_NEWFSTATAT, uintptr(at), uintptr(unsafe.Pointer(&path[0])), uintptr(unsafe.Pointer(&s)), 0, 0, 0)
	if e == 0 && s.Mode&syscall.S_IFMT == syscall.S_IFDIR {
		return syscall.ENOENT
	}
	return e
}

func readAt(fd int, p []byte, off int64) (int, syscall.Errno) {
	n, _, e := syscall.RawSyscall6(unix.SYS_PREAD64, uintptr(fd), uintptr(unsafe.Pointer(&p[0])), uintptr(len(p)), uintptr(off), 0, 0)
	if e != 0 {
		return 0, e
	}
	return int(n), 0
}

func closeFD(fd int) { syscall.RawSyscall(unix.SYS_CLOSE, uintptr(fd), 0, 0) }
