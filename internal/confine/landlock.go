package confine

import (
	"errors"
	"fmt"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// ErrNotSupported says that this kernel, or this build (with cgo), has no Landlock.
var ErrNotSupported = errors.New("Landlock is not to be had here")

// What a rule can allow for a file, a folder that is only read, and one that is written to.
const (
	fileRead  = unix.LANDLOCK_ACCESS_FS_READ_FILE
	dirRead   = fileRead | unix.LANDLOCK_ACCESS_FS_READ_DIR
	fileWrite = fileRead | unix.LANDLOCK_ACCESS_FS_WRITE_FILE | unix.LANDLOCK_ACCESS_FS_TRUNCATE
	dirWrite  = dirRead | fileWrite | unix.LANDLOCK_ACCESS_FS_REMOVE_FILE | unix.LANDLOCK_ACCESS_FS_REMOVE_DIR | unix.LANDLOCK_ACCESS_FS_MAKE_REG |
		unix.LANDLOCK_ACCESS_FS_MAKE_DIR | unix.LANDLOCK_ACCESS_FS_MAKE_SYM | unix.LANDLOCK_ACCESS_FS_REFER
)

// handled are the accesses that an ABI version of Landlock knows, all of which are refused where no rule allows them.
func handled(abi int) uint64 {
	fs := uint64(unix.LANDLOCK_ACCESS_FS_MAKE_SYM<<1 - 1) // ABI 1: every access up to this one
	if abi >= 2 {
		fs |= unix.LANDLOCK_ACCESS_FS_REFER
	}
	if abi >= 3 {
		fs |= unix.LANDLOCK_ACCESS_FS_TRUNCATE
	}
	if abi >= 5 {
		fs |= unix.LANDLOCK_ACCESS_FS_IOCTL_DEV
	}
	return fs
}

// Files leaves the process the files and folders below read, for reading, and those below write, for reading and writing; nothing may be executed.
// From ABI 4 on no TCP port can be bound but one of the kernel's choice, for connections from a certain address. Names that aren't there are passed over, as is "/", which would allow everything. What is open
// already stays usable. It also sets no_new_privs.
func Files(read, write []string) error {
	abi, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if errno != 0 {
		return ErrNotSupported
	}
	access := handled(int(abi))
	attr := unix.LandlockRulesetAttr{Handled_access_fs: access}
	if abi >= 4 {
		attr.Handled_access_net = unix.LANDLOCK_ACCESS_NET_BIND_TCP
	}
	ruleset, err := createRuleset(&attr)
	if err != nil {
		return fmt.Errorf("landlock_create_ruleset: %w", err)
	}
	defer unix.Close(ruleset)
	for i, path := range append(append([]string(nil), read...), write...) {
		file, dir := uint64(fileRead), uint64(dirRead)
		if i >= len(read) {
			file, dir = fileWrite, dirWrite
		}
		if err := allow(ruleset, path, file&access, dir&access); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("landlock_add_rule for %s: %w", path, err)
		}
	}
	if attr.Handled_access_net != 0 {
		if err := addPortRule(ruleset, &netPortAttr{access: unix.LANDLOCK_ACCESS_NET_BIND_TCP}); err != nil {
			return fmt.Errorf("landlock_add_rule for port 0: %w", err)
		}
	}
	if _, _, errno := syscall.AllThreadsSyscall6(unix.SYS_PRCTL, unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0, 0); errno != 0 {
		if errno == syscall.ENOTSUP {
			return ErrNotSupported
		}
		return fmt.Errorf("prctl(PR_SET_NO_NEW_PRIVS): %w", errno)
	}
	if _, _, errno := syscall.AllThreadsSyscall(unix.SYS_LANDLOCK_RESTRICT_SELF, uintptr(ruleset), 0, 0); errno != 0 {
		return fmt.Errorf("landlock_restrict_self: %w", errno)
	}
	return nil
}

// allow adds a rule for what is at path.
func allow(ruleset int, path string, file, dir uint64) error {
	fd, err := unix.Open(path, unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		if err == unix.EACCES || err == unix.ENOTDIR || err == unix.ELOOP {
			return nil // this process couldn't reach it anyway
		}
		return err
	}
	defer unix.Close(fd)
	var st, root unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return err
	}
	access := file
	if st.Mode&unix.S_IFMT == unix.S_IFDIR {
		access = dir
		if unix.Stat("/", &root) == nil && root.Ino == st.Ino && root.Dev == st.Dev {
			return nil
		}
	}
	return addRule(ruleset, &unix.LandlockPathBeneathAttr{Allowed_access: access, Parent_fd: int32(fd)})
}
