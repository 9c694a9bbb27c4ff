package ring

import (
	"encoding/binary"
	"fmt"
	"syscall"

	"golang.org/x/sys/unix"
)

// ConnectHandler is told how connecting went.
type ConnectHandler interface {
	// OnConnect is called exactly once. If err is nil, it must call c.SetHandler, and the
	// connection goes on as an accepted one. Otherwise c is gone when it returns. Abort before
	// the connection was made comes here too, with ECANCELED.
	OnConnect(c *Conn, err error)
}

// Dial connects to an IPv4, IPv6 or Unix address. There is no time limit but the kernel's:
// use a Timer and Abort.
func (r *Ring) Dial(sa unix.Sockaddr, h ConnectHandler) (*Conn, error) { return r.DialFrom(nil, sa, h) }

// DialFrom is Dial from a local address; nil leaves it to the kernel.
func (r *Ring) DialFrom(local, sa unix.Sockaddr, h ConnectHandler) (*Conn, error) {
	if r.closed {
		return nil, ErrClosed
	}
	if h == nil {
		return nil, fmt.Errorf("ring: Dial without a handler")
	}
	family, raw, err := sockaddr(sa)
	if err != nil {
		return nil, err
	}
	fd, err := unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("socket: %w", err)
	}
	if family != unix.AF_UNIX {
		// What we send is complete when we send it.
		if err := unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1); err != nil {
			unix.Close(fd)
			return nil, fmt.Errorf("setsockopt TCP_NODELAY: %w", err)
		}
	}
	if local != nil {
		if err := unix.Bind(fd, local); err != nil {
			unix.Close(fd)
			return nil, fmt.Errorf("bind: %w", err)
		}
	}
	c := r.newConn(int32(fd))
	if c == nil {
		unix.Close(fd)
		return nil, ErrTooMany
	}
	c.connect = h
	c.flags |= fConnecting
	c.ops++
	r.prepConnect(c.fd, raw, c.ud(opConnect))
	return c, nil
}

func (r *Ring) onConnect(c *Conn, res int32) {
	c.ops--
	c.flags &^= fConnecting | fSendCancel
	switch {
	case c.flags&fClosing != 0:
	case res < 0:
		c.beginClose(syscall.Errno(-res))
	default:
		c.flags |= fConnected
		r.enqueue(c)
		r.markDirty(c)
	}
}

// sockaddr encodes an address as struct sockaddr_in, sockaddr_in6 or sockaddr_un.
func sockaddr(sa unix.Sockaddr) (family int, raw []byte, err error) {
	switch sa := sa.(type) {
	case *unix.SockaddrInet4:
		raw = make([]byte, 16)
		binary.NativeEndian.PutUint16(raw, unix.AF_INET)
		binary.BigEndian.PutUint16(raw[2:], uint16(sa.Port))
		copy(raw[4:], sa.Addr[:])
		return unix.AF_INET, raw, nil
	case *unix.SockaddrInet6:
		raw = make([]byte, 28)
		binary.NativeEndian.PutUint16(raw, unix.AF_INET6)
		binary.BigEndian.PutUint16(raw[2:], uint16(sa.Port))
		copy(raw[8:], sa.Addr[:])
		binary.NativeEndian.PutUint32(raw[24:], sa.ZoneId)
		return unix.AF_INET6, raw, nil
	case *unix.SockaddrUnix:
		const pathMax = 107 // sun_path holds 108 with its NUL
		if sa.Name == "" || len(sa.Name) > pathMax {
			return 0, nil, fmt.Errorf("ring: unix socket path of %d bytes is not within 1 and %d", len(sa.Name), pathMax)
		}
		raw = make([]byte, 2+len(sa.Name), 2+pathMax+1)
		binary.NativeEndian.PutUint16(raw, unix.AF_UNIX)
		copy(raw[2:], sa.Name)
		if sa.Name[0] == '@' {
			raw[2] = 0 // abstract: no path, no terminator
		} else {
			raw = append(raw, 0)
		}
		return unix.AF_UNIX, raw, nil
	}
	return 0, nil, fmt.Errorf("ring: address of type %T is not supported", sa)
}
