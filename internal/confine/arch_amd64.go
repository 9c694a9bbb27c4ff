package confine

import "golang.org/x/sys/unix"

const (
	auditArch = unix.AUDIT_ARCH_X86_64
	x32Bit    = 0x40000000 // __X32_SYSCALL_BIT: the numbers of another ABI
)

// legacy are calls that newer architectures don't have.
var legacy = []call{
	{nr: unix.SYS_ARCH_PRCTL, why: "thread-local storage"},
	{nr: unix.SYS_EPOLL_WAIT, why: "as epoll_pwait"},
	{nr: unix.SYS_POLL, why: "as ppoll"},
	{nr: unix.SYS_DUP2, why: "as dup3"},
	{nr: unix.SYS_TIME, why: "as clock_gettime"},
	{nr: unix.SYS_GETRLIMIT, why: "as prlimit64"},
	{nr: unix.SYS_NEWFSTATAT, why: "as statx"},
	{nr: unix.SYS_STAT, why: "as statx"},
	{nr: unix.SYS_LSTAT, why: "as statx"},
	{nr: unix.SYS_ACCESS, why: "as faccessat"},
	{nr: unix.SYS_READLINK, why: "as readlinkat"},
	{nr: unix.SYS_OPEN, why: "as openat"},
	{nr: unix.SYS_UNLINK, why: "as unlinkat"},
	{nr: unix.SYS_RMDIR, why: "as unlinkat"},
	{nr: unix.SYS_RENAME, why: "as renameat"},
	{nr: unix.SYS_MKDIR, why: "as mkdirat"},
	{nr: unix.SYS_CHMOD, why: "as fchmodat"},
}
