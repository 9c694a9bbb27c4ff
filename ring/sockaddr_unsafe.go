package ring

import (
	"encoding/binary"
	"net/netip"
	"unsafe"

	"golang.org/x/sys/unix"
)

// sockaddrStorage is struct sockaddr_storage as getpeername(2) and getsockname(2) fill it.
type sockaddrStorage [128]byte

// ask calls getpeername or getsockname for c. x/sys's functions would allocate the address, for each connection.
func (c *Conn) ask(call uintptr) netip.AddrPort {
	sa, size := &c.r.sockaddr, uint32(len(sockaddrStorage{}))
	_, _, errno := unix.RawSyscall(call, uintptr(c.fd), uintptr(unsafe.Pointer(sa)), uintptr(unsafe.Pointer(&size)))
	if errno != 0 {
		return netip.AddrPort{}
	}
	port := binary.BigEndian.Uint16(sa[2:])
	switch binary.NativeEndian.Uint16(sa[:]) {
	case unix.AF_INET:
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte(sa[4:8])), port)
	case unix.AF_INET6:
		return netip.AddrPortFrom(netip.AddrFrom16([16]byte(sa[8:24])), port)
	case unix.AF_UNIX:
		c.flags |= fUnix
	}
	return netip.AddrPort{}
}
