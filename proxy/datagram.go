package proxy

import (
	"fmt"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"

	"moonring/lua"
	"moonring/proxy/conf"
	"moonring/ring"
)

// Sockets for datagrams: UDP, and Unix sockets of that kind. The kernel keeps what has come until a script asks for it, so nothing is
// read ahead: reading is a system call, and where there is nothing, a poll.

// datagramMax is the most that a datagram holds, in bytes: what lua-nginx reads at most.
const datagramMax = 65536

// Datagram makes a socket whose peer is host. s is nil if that has failed: why tells. waits says that the builtin is to be suspended, and
// is resumed with 1, or nil and why.
func (r *Request) Datagram(host string, port int, local unix.Sockaddr, timeout time.Duration) (s *Socket, why string, waits bool) {
	s = r.Worker.newSocket(r)
	s.side, s.fd = sideDatagram, -1
	s.host, s.port, s.local = host, port, local
	s.SetTimeouts(0, 0, timeout)
	if why, waits = s.findPeer(); why != "" {
		s.close(false)
		return nil, why, false
	}
	return s, "", waits
}

// openDatagram ties the socket to its peer.
func (s *Socket) openDatagram(addr conf.UpstreamAddr) (why string) {
	s.addr = addr
	to := sockaddrOf(addr)
	family := unix.AF_UNIX
	switch to.(type) {
	case *unix.SockaddrInet4:
		family = unix.AF_INET
	case *unix.SockaddrInet6:
		family = unix.AF_INET6
	}
	fd, err := unix.Socket(family, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		s.logUpstream(conf.Alert, "socket() failed "+errnoText(err))
		return lowerError(err)
	}
	local, what := s.local, "bind("+sockaddrText(s.local)+") failed "
	if family == unix.AF_UNIX {
		local = &unix.SockaddrUnix{} // a name of the kernel's choice, for answers
	}
	if local != nil {
		err = unix.Bind(fd, local)
	}
	if err == nil {
		what = "connect() failed "
		err = unix.Connect(fd, to)
	}
	if err != nil {
		unix.Close(fd)
		s.logUpstream(conf.Crit, what+errnoText(err))
		return lowerError(err)
	}
	s.fd, s.state = fd, socketOpen
	return ""
}

// datagramResolved goes on with the peer's address.
func (s *Socket) datagramResolved(addrs []netip.Addr, why string) {
	t := s.connecting
	s.connecting = nil
	if why == "" {
		why = s.openDatagram(conf.UpstreamAddr{Addr: netip.AddrPortFrom(addrs[0], uint16(s.port))})
	}
	if why == "" {
		t.Resume(lua.Int(1))
		return
	}
	vm := s.w.VM
	s.close(false)
	t.Resume(lua.Nil, vm.NewStringS(why))
}

// closeDatagram is the end of the socket.
func (s *Socket) closeDatagram() {
	s.w.Ring.StopPoll(&s.poll)
	if s.fd >= 0 {
		unix.Close(s.fd)
		s.fd = -1
	}
}

// SendDatagram sends data, a view. It returns what is wrong, or "".
func (s *Socket) SendDatagram(data []byte) (why string) {
	n, err := unix.Write(s.fd, data)
	if s.r.LogEnabled(conf.Debug) {
		s.r.Log(conf.Debug, fmt.Sprintf("send: fd:%d %d of %d", s.fd, n, len(data)))
	}
	switch {
	case err != nil:
		if err != unix.EAGAIN {
			s.logUpstream(conf.Err, "send() failed "+errnoText(err))
		}
		return lowerError(err)
	case n < len(data):
		return "partial write"
	}
	return ""
}

// ReceiveDatagram reads one, of which it keeps size bytes at most. See Receive.
func (s *Socket) ReceiveDatagram(size int) (res *SocketResult, waits bool) {
	s.debugTimeout("lua udp socket read timeout", s.readTimeout)
	if s.r.LogEnabled(conf.Debug) {
		s.r.Log(conf.Debug, fmt.Sprintf("lua udp socket receive buffer size: %d", size))
	}
	s.datagram = min(max(size, 0), datagramMax)
	if res = s.readDatagram(); res != nil {
		return res, false
	}
	s.reader = s.r.running
	s.reader.Wait((*datagramWait)(s), s.readTimeout)
	return nil, true
}

// readDatagram reads one, or has a poll wait for it: nil.
func (s *Socket) readDatagram() *SocketResult {
	w := s.w
	if w.datagram == nil {
		w.datagram = make([]byte, datagramMax)
	}
	for {
		n, err := unix.Read(s.fd, w.datagram[:max(s.datagram, 1)])
		switch err {
		case nil:
			return s.result(w.datagram[:min(n, s.datagram)])
		case unix.EINTR:
		case unix.EAGAIN:
			if err = w.Ring.StartPoll(&s.poll, s.fd, s); err == nil {
				return nil
			}
			return s.failure(err.Error(), false, nil)
		default:
			s.logUpstream(conf.Err, "recv() failed "+errnoText(err))
			return s.failure(lowerError(err), false, nil)
		}
	}
}

// OnReadable is the ring's to call.
func (s *Socket) OnReadable(*ring.Poll) {
	t := s.reader
	if t == nil {
		return
	}
	defer s.r.cn.contain()
	if res := s.readDatagram(); res != nil {
		s.reader = nil
		s.resume(t, res)
	}
}

// datagramWait is the Waiter of receive.
type datagramWait Socket

// TimedOut and Cancel are of Waiter.
func (p *datagramWait) TimedOut(t *Thread) {
	s := (*Socket)(p)
	s.w.Ring.StopPoll(&s.poll)
	s.complain("lua udp socket read timed out")
	s.reader = nil
	s.resume(t, s.failure("timeout", false, nil))
}

func (p *datagramWait) Cancel(*Thread) {
	s := (*Socket)(p)
	s.reader = nil
	s.close(false)
}
