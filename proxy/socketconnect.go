package proxy

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"moonring/lua"
	"moonring/proxy/conf"
	"moonring/proxy/cosocket"
	"moonring/proxy/resolver"
	"moonring/ring"
)

// ConnectOptions is what connect is asked for. Slices are views.
type ConnectOptions struct {
	Host     []byte
	Port     int // 0 for a Unix socket
	Key      []byte
	PoolSize int // 0: no pool is made; otherwise one that isn't there is
	Backlog  int // below 0: no bound
	Local    unix.Sockaddr
	Timeouts [3]time.Duration // of connecting, sending, reading; not above 0: the directives'
}

// Connect connects. s is the socket, nil if that has failed; why then tells, with "" for success. waits says that the builtin is to be
// suspended: it is resumed with 1, or nil and why.
func (r *Request) Connect(o *ConnectOptions) (s *Socket, why string, waits bool) {
	w := r.Worker
	p := w.socketPools[string(o.Key)]
	if p == nil && o.PoolSize > 0 {
		p = w.newSocketPool(r, string(o.Key), o.PoolSize, o.Backlog)
	}
	if p != nil {
		if s = p.take(r); s != nil {
			s.SetTimeouts(o.Timeouts[0], o.Timeouts[1], o.Timeouts[2])
			return s, "", false
		}
	}
	s = w.newSocket(r)
	s.SetTimeouts(o.Timeouts[0], o.Timeouts[1], o.Timeouts[2])
	s.host, s.port, s.key, s.local = string(o.Host), o.Port, string(o.Key), o.Local
	if p != nil {
		switch p.Admit(false) {
		case cosocket.TooMany:
			s.close(false)
			return nil, "too many waiting connect operations", false
		case cosocket.Wait:
			s.pool, s.queued = p, true
			s.debugf("lua tcp socket queue connect operation for connection pool %q, connections: %d", p.Key, p.Connections)
			p.Enqueue(s)
			s.await(s.connectTimeout)
			return s, "", true
		}
		s.pool = p
	}
	if why, waits = s.connect(); why != "" {
		s.shut(false)
		return nil, why, false
	}
	return s, "", waits
}

// await has the running thread wait for the connection.
func (s *Socket) await(d time.Duration) {
	s.connecting = s.r.running
	s.connecting.Wait((*connectWait)(s), d)
}

// connectQueued is the turn of a socket that has waited for its pool.
func (s *Socket) connectQueued(p *socketPool) {
	t := s.connecting
	if idle := p.take(s.r); idle != nil {
		// The script has this one's handle: they change places.
		s.become(idle)
		s.connected("")
		return
	}
	p.Admit(true)
	s.pool = p
	t.rewait(-1)
	why, waits := s.connect()
	if waits {
		return
	}
	s.connected(why)
}

// become makes s what idle is, which ends.
func (s *Socket) become(idle *Socket) {
	s.c, s.host, s.port, s.addr, s.key, s.pool, s.reused = idle.c, idle.host, idle.port, idle.addr, idle.key, idle.pool, idle.reused
	s.state, s.tls = socketOpen, idle.tls
	s.c.SetHandler(s)
	idle.c, idle.pool, idle.tls = nil, nil, nil
	idle.close(false)
}

// connect looks the host up and dials. It returns what is wrong, or that it takes time.
func (s *Socket) connect() (why string, waits bool) {
	s.debugTimeout("lua tcp socket connect timeout", s.connectTimeout)
	return s.findPeer()
}

// findPeer looks the host up and goes on with its address.
func (s *Socket) findPeer() (why string, waits bool) {
	r := s.r
	addr, name, why := parseHost(s.host, s.port)
	if why != "" {
		return fmt.Sprintf("failed to parse host name \"%s\": %s", s.host, why), false
	}
	if name == "" {
		s.debug("lua " + s.protocol() + " socket network address given directly")
		return s.dial(addr)
	}
	res := r.Worker.resolverOf(r.Loc)
	if !res.Known() && !res.InHosts(name) {
		return `no resolver defined to resolve "` + s.host + `"`, false
	}
	addrs, code := res.Start(&s.query, name, r.Loc.ResolverTimeout, s)
	switch {
	case code != 0:
		return s.unresolved(code), false
	case addrs == nil:
		if s.connecting == nil {
			s.await(-1)
		}
		return "", true
	}
	return s.dial(conf.UpstreamAddr{Addr: netip.AddrPortFrom(addrs[0], uint16(s.port))})
}

func (s *Socket) unresolved(code resolver.Error) string {
	s.debugf("lua %s socket resolver error: %v (connect waiting: %d)", s.protocol(), code, bit(s.connecting != nil))
	return fmt.Sprintf("%s could not be resolved (%d: %v)", s.host, code, code)
}

func (s *Socket) protocol() string {
	if s.Datagrams() {
		return "udp"
	}
	return "tcp"
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// OnResolved is the resolver's to call.
func (s *Socket) OnResolved(_ *resolver.Query, addrs []netip.Addr, code resolver.Error) {
	defer s.r.cn.contain()
	if s.Datagrams() {
		why := ""
		if code != 0 {
			why = s.unresolved(code)
		}
		s.datagramResolved(addrs, why)
		return
	}
	if code != 0 {
		s.connected(s.unresolved(code))
		return
	}
	if why, waits := s.dial(conf.UpstreamAddr{Addr: netip.AddrPortFrom(addrs[0], uint16(s.port))}); !waits {
		s.connected(why)
	}
}

// dial connects to an address.
func (s *Socket) dial(addr conf.UpstreamAddr) (why string, waits bool) {
	if s.Datagrams() {
		return s.openDatagram(addr), false
	}
	w := s.w
	s.addr = addr
	c, err := w.Ring.DialFrom(s.local, sockaddrOf(addr), s)
	if err != nil {
		w.dropIdle()
		errno := syscall.Errno(0)
		known := errors.As(err, &errno)
		if known && strings.HasPrefix(err.Error(), "bind: ") {
			s.logUpstream(conf.Crit, "bind("+sockaddrText(s.local)+") failed "+errnoText(errno))
			return lowerError(errno), false
		}
		s.logUpstream(conf.Alert, "no connection for a cosocket: "+err.Error())
		if known {
			return lowerError(errno), false
		}
		return err.Error(), false
	}
	w.liveUpConns++
	s.c = c
	if addr.Path == "" {
		if s.r.Loc.TCPNoDelay {
			s.debug("lua socket tcp_nodelay")
		} else if err := unix.SetsockoptInt(c.FD(), unix.IPPROTO_TCP, unix.TCP_NODELAY, 0); err != nil {
			s.debug("setsockopt(TCP_NODELAY) failed " + errnoText(err))
		}
	}
	if s.connecting == nil {
		s.await(s.connectTimeout)
	} else {
		s.connecting.rewait(s.connectTimeout)
	}
	return "", true
}

// sockaddrText is the address of an IP socket.
func sockaddrText(sa unix.Sockaddr) string {
	switch sa := sa.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrFrom4(sa.Addr).String()
	case *unix.SockaddrInet6:
		return netip.AddrFrom16(sa.Addr).String()
	}
	return ""
}

// connected ends the waiting for a connection; why is "" if there is one.
func (s *Socket) connected(why string) {
	t := s.connecting
	s.connecting = nil
	if why == "" {
		s.state = socketOpen
		s.debug("lua tcp socket connected")
		t.Resume(lua.Int(1))
		return
	}
	vm := s.w.VM
	s.shut(false)
	t.Resume(lua.Nil, vm.NewStringS(why))
}

// OnConnect is the ring's to call.
func (s *Socket) OnConnect(c *ring.Conn, err error) {
	if err == nil {
		c.SetHandler(s)
		c.Pull()
	}
	if s.state == socketClosing {
		if err == nil {
			c.Abort()
			return
		}
		s.w.liveUpConns--
		s.c = nil
		s.free()
		return
	}
	defer s.r.cn.contain()
	if err == nil {
		s.connected("")
		return
	}
	if s.r.Loc.LuaSocket.LogErrors {
		level := conf.Crit
		switch err {
		case syscall.ECONNREFUSED, syscall.EAGAIN, syscall.ECONNRESET, syscall.ENETDOWN, syscall.ENETUNREACH, syscall.EHOSTDOWN, syscall.EHOSTUNREACH, syscall.ETIMEDOUT:
			level = conf.Err
		}
		if s.addr.Path != "" || err == syscall.ENETUNREACH || err == syscall.EINVAL || err == syscall.EACCES {
			s.r.Log(level, "connect() to "+string(appendLogSafe(nil, s.addr.String()))+" failed "+errnoText(err))
		} else {
			s.r.Log(level, "connect() failed "+errnoText(err))
		}
	}
	s.w.liveUpConns--
	s.c = nil
	why := lowerError(err)
	// The pool counts this as a connection that was closed.
	if p := s.pool; p != nil {
		s.pool = nil
		p.Connections--
		defer s.w.poolChanged(p, true)
	}
	s.connected(why)
}

// connectWait is the Waiter of connect.
type connectWait Socket

// TimedOut and Cancel are of Waiter.
func (c *connectWait) TimedOut(*Thread) {
	s := (*Socket)(c)
	if s.queued {
		if s.r.Loc.LuaSocket.LogErrors {
			s.complain("lua tcp socket queued connect timed out, when trying to connect to " + s.host + ":" + fmt.Sprint(s.port))
		}
	} else {
		s.complain("lua tcp socket connect timed out")
	}
	s.connected("timeout")
}

func (c *connectWait) Cancel(*Thread) {
	s := (*Socket)(c)
	if s.queued {
		s.debug("lua tcp socket abort queueing")
	}
	s.connecting = nil
	s.shut(false)
}
