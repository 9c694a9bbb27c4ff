package confine

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

func createRuleset(attr *unix.LandlockRulesetAttr) (int, error) {
	// Kernels take a longer structure if what they don't know in it is zero.
	fd, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(attr)), unsafe.Sizeof(*attr), 0)
	if errno != 0 {
		return -1, errno
	}
	return int(fd), nil
}

func addRule(ruleset int, attr *unix.LandlockPathBeneathAttr) error {
	_, _, errno := unix.Syscall6(unix.SYS_LANDLOCK_ADD_RULE, uintptr(ruleset), unix.LANDLOCK_RULE_PATH_BENEATH, uintptr(unsafe.Pointer(attr)), 0, 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}

// netPortAttr is struct landlock_net_port_attr, for rules of the type landlockRuleNetPort.
type netPortAttr struct{ access, port uint64 }

const landlockRuleNetPort = 2 // LANDLOCK_RULE_NET_PORT

func addPortRule(ruleset int, attr *netPortAttr) error {
	_, _, errno := unix.Syscall6(unix.SYS_LANDLOCK_ADD_RULE, uintptr(ruleset), landlockRuleNetPort, uintptr(unsafe.Pointer(attr)), 0, 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}

// setFilter installs a filter on every thread. It returns the thread that could not be brought in line, 0 if none.
func setFilter(prog []unix.SockFilter) (tid int, err error) {
	fprog := unix.SockFprog{Len: uint16(len(prog)), Filter: unsafe.SliceData(prog)}
	r, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&fprog)))
	if errno != 0 {
		return 0, errno
	}
	return int(r), nil
}
