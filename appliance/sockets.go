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

// listeners are the listening sockets. Each worker has its own for each address; a unix socket is shared: SO_REUSEPORT does not exist for
// those. When workers become fewer their sockets stay, and are spread over those that remain: closing one would reset the connections that
// wait in its queue.
type listeners struct {
	sockets []*conf.Socket
	fds     [][]int          // [index in sockets]; at least as many as there are workers, one for a unix socket
	addrs   []netip.AddrPort // bound address by index; zero for unix sockets
	fresh   []socketFD       // of fds, those that don't listen yet
}

type socketFD struct {
	index int // in conf's Sockets
	fd    int
}

// newListeners has no descriptors yet.
func newListeners(sockets []*conf.Socket) *listeners {
	return &listeners{sockets: sockets, fds: make([][]int, len(sockets)), addrs: make([]netip.AddrPort, len(sockets))}
}

// bind binds sockets, those that old has for the same address being taken over. The first socket of an address is bound without
// SO_REUSEPORT, which fails if anybody else listens there; only then it and the other workers' get the option. On failure old is as it was.
func (b *binder) bind(sockets []*conf.Socket, old *listeners) (l *listeners, err error) {
	l = newListeners(sockets)
	defer func() {
		if err != nil {
			l.discard()
		}
	}()
	missing := 0
	for i, s := range sockets {
		if at := old.find(s.Key); at >= 0 && len(old.fds[at]) > 0 {
			l.fds[i] = append(l.fds[i], old.fds[at]...)
		} else {
			missing++
		}
	}
	for try := 1; missing > 0; try++ {
		failed := false
		for i, s := range sockets {
			if len(l.fds[i]) > 0 {
				continue
			}
			fd, err := b.bindFirst(s)
			if err == nil {
				l.add(i, fd)
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
				return l, err
			}
			failed = true
			b.log.log(conf.Emerg, "%v", err)
		}
		if !failed {
			break
		}
		if try >= b.tries {
			return l, fmt.Errorf("still could not bind()")
		}
		time.Sleep(bindPause)
	}
	if b.test {
		l.discard()
		return l, nil
	}
	for i, s := range sockets {
		if err := b.share(l, i, s); err != nil {
			return l, err
		}
	}
	return l, nil
}

// find gives the index of an address, -1 if it isn't there. l may be nil.
func (l *listeners) find(key string) int {
	if l != nil {
		for i, s := range l.sockets {
			if s.Key == key {
				return i
			}
		}
	}
	return -1
}

func (l *listeners) add(index, fd int) {
	l.fds[index] = append(l.fds[index], fd)
	l.fresh = append(l.fresh, socketFD{index, fd})
}

// listen has the sockets that were bound listen, and gives the others the options in force.
func (l *listeners) listen(log *logger) error {
	for i, fds := range l.fds {
		for _, fd := range fds {
			if err := startListening(fd, l.sockets[i], log); err != nil {
				return err
			}
		}
	}
	l.fresh = nil
	return nil
}

// of lists what worker id of n accepts from.
func (l *listeners) of(id, n int) []socketFD {
	var list []socketFD
	for i, fds := range l.fds {
		if l.sockets[i].Network == "unix" {
			list = append(list, socketFD{i, fds[0]})
			continue
		}
		for at := id; at < len(fds); at += n {
			list = append(list, socketFD{i, fds[at]})
		}
	}
	return list
}

// discard closes what doesn't listen yet.
func (l *listeners) discard() {
	for _, f := range l.fresh {
		unix.Close(f.fd)
		if s := l.sockets[f.index]; s.Network == "unix" {
			os.Remove(s.Path)
		}
	}
	l.fresh = nil
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

// share sees to it that every worker has a socket for an address that is bound already.
func (b *binder) share(l *listeners, i int, s *conf.Socket) error {
	if s.Network == "unix" {
		return nil
	}
	first := l.fds[i][0]
	port, err := boundPort(first)
	if err != nil {
		return fmt.Errorf("getsockname() %s failed%s", s.Key, errnoText(err))
	}
	l.addrs[i] = netip.AddrPortFrom(s.Addr.Addr(), port)
	if len(l.fds[i]) >= b.workers {
		return nil
	}
	if err := unix.SetsockoptInt(first, unix.SOL_SOCKET, unix.SO_REUSEPORT, 1); err != nil {
		return fmt.Errorf("setsockopt(SO_REUSEPORT) %s failed%s", s.Key, errnoText(err))
	}
	for len(l.fds[i]) < b.workers {
		fd, err := b.bindTCP(s, l.addrs[i], true)
		if no, ok := err.(syscall.Errno); ok {
			err = fmt.Errorf("bind() to %s failed%s", s.Key, errnoText(no))
		}
		if err != nil {
			return err
		}
		l.add(i, fd)
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

// closeExcept closes the sockets, and removes the files of unix ones if it is to, but for those that next has taken over. next may be nil.
func (l *listeners) closeExcept(next *listeners, files bool) {
	for i, s := range l.sockets {
		if next.find(s.Key) >= 0 {
			continue
		}
		for _, fd := range l.fds[i] {
			unix.Close(fd)
		}
		if s.Network == "unix" && files {
			os.Remove(s.Path)
		}
	}
	*l = listeners{}
}
