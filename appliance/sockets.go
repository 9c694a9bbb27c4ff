package appliance

import (
	"fmt"
	"net/netip"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"moonring/proxy/conf"
)

// nginx's patience with an address in use.
const (
	bindTries = 5
	bindPause = 500 * time.Millisecond
)

// portsNearby is how many ports after the configured one `moonring run` tries before it takes any free one.
const portsNearby = 16

// binder opens listening sockets.
type binder struct {
	log       *logger
	workers   int
	tries     int  // at least 1
	elsewhere bool // take another port when the configured one can't be had
	test      bool // an address in use is no error, and nothing listens
}

// listeners are the sockets of all workers. A unix socket is shared: SO_REUSEPORT does not exist for those.
type listeners struct {
	fds   [][]int          // [worker][index in conf's Sockets]
	addrs []netip.AddrPort // bound address by index; zero for unix sockets
}

// open binds all sockets, then listens on them. The first socket of an address is bound without SO_REUSEPORT, which fails if anybody
// else listens there; only then it and the other workers' get the option.
func (b *binder) open(sockets []*conf.Socket) (*listeners, error) {
	l := &listeners{fds: make([][]int, b.workers), addrs: make([]netip.AddrPort, len(sockets))}
	first := make([]int, len(sockets))
	for i := range first {
		first[i] = -1
	}
	missing := len(sockets)
	for try := 1; ; try++ {
		for i, s := range sockets {
			if first[i] >= 0 {
				continue
			}
			fd, err := b.bindFirst(s)
			if err == nil {
				first[i] = fd
				missing--
				continue
			}
			no, inUse := err.(syscall.Errno)
			inUse = inUse && no == unix.EADDRINUSE
			if b.test && inUse {
				missing--
				continue
			}
			if no != 0 {
				err = fmt.Errorf("bind() to %s failed%s", s.Key, errnoText(no))
			}
			if !inUse {
				return nil, err
			}
			b.log.log(conf.Emerg, "%v", err)
		}
		if missing == 0 {
			break
		}
		if try >= b.tries {
			return nil, fmt.Errorf("still could not bind()")
		}
		time.Sleep(bindPause)
	}
	if b.test {
		for _, fd := range first {
			if fd >= 0 {
				unix.Close(fd)
			}
		}
		return l, nil
	}
	for i, s := range sockets {
		if err := b.share(l, i, s, first[i]); err != nil {
			return nil, err
		}
	}
	for w, fds := range l.fds {
		for i, fd := range fds {
			if w > 0 && fd == first[i] {
				continue
			}
			if err := startListening(fd, sockets[i], b.log); err != nil {
				return nil, err
			}
		}
	}
	return l, nil
}

// bindFirst binds the exclusive socket of an address. Errors of bind(2) itself are returned as they are.
func (b *binder) bindFirst(s *conf.Socket) (int, error) {
	if s.Network == "unix" {
		return b.bindUnix(s)
	}
	ports := []uint16{s.Addr.Port()}
	if b.elsewhere {
		next := int(s.Addr.Port())
		if next < 1024 {
			next += 8000 // 80 becomes 8081 or so: who can't bind the one may be free to bind the other
		}
		for range portsNearby {
			if next++; next < 1<<16 {
				ports = append(ports, uint16(next))
			}
		}
		ports = append(ports, 0)
	}
	var err error
	for _, port := range ports {
		var fd int
		if fd, err = b.bindTCP(s, netip.AddrPortFrom(s.Addr.Addr(), port), false); err == nil {
			return fd, nil
		}
		if err != unix.EADDRINUSE && err != unix.EACCES {
			break
		}
	}
	return -1, err
}

func sockaddr(a netip.AddrPort) unix.Sockaddr {
	if a.Addr().Is4() {
		return &unix.SockaddrInet4{Port: int(a.Port()), Addr: a.Addr().As4()}
	}
	return &unix.SockaddrInet6{Port: int(a.Port()), Addr: a.Addr().As16()}
}

// bindTCP makes a socket with the options that must be there before bind(2).
func (b *binder) bindTCP(s *conf.Socket, addr netip.AddrPort, reusePort bool) (int, error) {
	family := unix.AF_INET
	if addr.Addr().Is6() {
		family = unix.AF_INET6
	}
	fd, err := unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, fmt.Errorf("socket() %s failed%s", s.Key, errnoText(err))
	}
	type option struct {
		on                bool
		level, opt, value int
		name              string
	}
	for _, o := range []option{
		{true, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1, "SO_REUSEADDR"},
		{reusePort, unix.SOL_SOCKET, unix.SO_REUSEPORT, 1, "SO_REUSEPORT"},
		{s.RcvBuf >= 0, unix.SOL_SOCKET, unix.SO_RCVBUF, s.RcvBuf, "SO_RCVBUF"},
		{s.SndBuf >= 0, unix.SOL_SOCKET, unix.SO_SNDBUF, s.SndBuf, "SO_SNDBUF"},
		{family == unix.AF_INET6, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, number(s.IPv6Only), "IPV6_V6ONLY"},
		{s.KeepAlive != 0, unix.SOL_SOCKET, unix.SO_KEEPALIVE, number(s.KeepAlive == 1), "SO_KEEPALIVE"},
		{s.KeepIdle > 0, unix.IPPROTO_TCP, unix.TCP_KEEPIDLE, int(s.KeepIdle / time.Second), "TCP_KEEPIDLE"},
		{s.KeepInterval > 0, unix.IPPROTO_TCP, unix.TCP_KEEPINTVL, int(s.KeepInterval / time.Second), "TCP_KEEPINTVL"},
		{s.KeepCount > 0, unix.IPPROTO_TCP, unix.TCP_KEEPCNT, s.KeepCount, "TCP_KEEPCNT"},
		// Accepted sockets inherit it: no setsockopt for each connection.
		{true, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1, "TCP_NODELAY"},
	} {
		if !o.on {
			continue
		}
		if err := unix.SetsockoptInt(fd, o.level, o.opt, o.value); err != nil {
			unix.Close(fd)
			return -1, fmt.Errorf("setsockopt(%s) %s failed%s", o.name, s.Key, errnoText(err))
		}
	}
	if err := unix.Bind(fd, sockaddr(addr)); err != nil {
		unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

func number(b bool) int {
	if b {
		return 1
	}
	return 0
}

// bindUnix binds a unix socket that everybody may connect to, as nginx does. A file that nobody listens on any more is in the way only
// because its server was killed, and is removed.
func (b *binder) bindUnix(s *conf.Socket) (int, error) {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, fmt.Errorf("socket() %s failed%s", s.Key, errnoText(err))
	}
	addr := &unix.SockaddrUnix{Name: s.Path}
	err = unix.Bind(fd, addr)
	if err == unix.EADDRINUSE && !b.test && isStale(addr) {
		if os.Remove(s.Path) == nil {
			err = unix.Bind(fd, addr)
		}
	}
	if err != nil {
		unix.Close(fd)
		return -1, err
	}
	if b.test {
		os.Remove(s.Path)
		return fd, nil
	}
	if err := unix.Chmod(s.Path, 0o666); err != nil {
		unix.Close(fd)
		return -1, fmt.Errorf("chmod() %q failed%s", s.Path, errnoText(err))
	}
	return fd, nil
}

func isStale(addr *unix.SockaddrUnix) bool {
	var st unix.Stat_t
	if unix.Lstat(addr.Name, &st) != nil || st.Mode&unix.S_IFMT != unix.S_IFSOCK {
		return false
	}
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return false
	}
	defer unix.Close(fd)
	return unix.Connect(fd, addr) == unix.ECONNREFUSED
}

// share gives every worker its socket for an address: the first one's is the exclusive one.
func (b *binder) share(l *listeners, i int, s *conf.Socket, first int) error {
	if s.Network == "unix" {
		for w := range l.fds {
			l.fds[w] = append(l.fds[w], first)
		}
		return nil
	}
	port, err := boundPort(first)
	if err != nil {
		return fmt.Errorf("getsockname() %s failed%s", s.Key, errnoText(err))
	}
	l.addrs[i] = netip.AddrPortFrom(s.Addr.Addr(), port)
	l.fds[0] = append(l.fds[0], first)
	if b.workers == 1 {
		return nil
	}
	if err := unix.SetsockoptInt(first, unix.SOL_SOCKET, unix.SO_REUSEPORT, 1); err != nil {
		return fmt.Errorf("setsockopt(SO_REUSEPORT) %s failed%s", s.Key, errnoText(err))
	}
	for w := 1; w < b.workers; w++ {
		fd, err := b.bindTCP(s, l.addrs[i], true)
		if no, ok := err.(syscall.Errno); ok {
			err = fmt.Errorf("bind() to %s failed%s", s.Key, errnoText(no))
		}
		if err != nil {
			return err
		}
		l.fds[w] = append(l.fds[w], fd)
	}
	return nil
}

// boundPort is the port a socket is bound to, 0 for a unix socket.
func boundPort(fd int) (uint16, error) {
	sa, err := unix.Getsockname(fd)
	if err != nil {
		return 0, err
	}
	switch sa := sa.(type) {
	case *unix.SockaddrInet4:
		return uint16(sa.Port), nil
	case *unix.SockaddrInet6:
		return uint16(sa.Port), nil
	}
	return 0, nil
}

func startListening(fd int, s *conf.Socket, log *logger) error {
	if s.FastOpen >= 0 {
		if err := unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_FASTOPEN, s.FastOpen); err != nil {
			log.log(conf.Alert, "setsockopt(TCP_FASTOPEN, %d) %s failed%s, ignored", s.FastOpen, s.Key, errnoText(err))
		}
	}
	if err := unix.Listen(fd, s.Backlog); err != nil {
		return fmt.Errorf("listen() to %s, backlog %d failed%s", s.Key, s.Backlog, errnoText(err))
	}
	if s.Deferred {
		// Seconds, of which the kernel makes a number of SYN-ACKs; nginx says 1 too.
		if err := unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_DEFER_ACCEPT, 1); err != nil {
			log.log(conf.Alert, "setsockopt(TCP_DEFER_ACCEPT, 1) %s failed%s, ignored", s.Key, errnoText(err))
		}
	}
	return nil
}

// close closes the sockets and removes the files of unix ones, once.
func (l *listeners) close(sockets []*conf.Socket) {
	if l.fds == nil {
		return
	}
	closed := map[int]bool{}
	for _, fds := range l.fds {
		for _, fd := range fds {
			if !closed[fd] {
				closed[fd] = true
				unix.Close(fd)
			}
		}
	}
	for _, s := range sockets {
		if s.Network == "unix" {
			os.Remove(s.Path)
		}
	}
	l.fds = nil
}
