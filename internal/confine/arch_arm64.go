package confine

import "golang.org/x/sys/unix"

const (
	auditArch = unix.AUDIT_ARCH_AARCH64
	x32Bit    = 1 << 31 // there is no second ABI
)

// legacy are calls that newer architectures don't have, by their names here.
var legacy = []call{
	{nr: unix.SYS_FSTATAT, why: "as statx"},
}
