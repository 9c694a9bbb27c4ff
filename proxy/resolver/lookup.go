package resolver

import (
	"encoding/binary"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"

	"moonring/proxy/conf"
	"moonring/ring"
)

// lookup is the search for one name's addresses.
type lookup struct {
	r      *Resolver
	name   string
	first  *Query // who waits
	server int
	tries  int // servers that have failed since the last name
	chain  int // names that were asked for
	ended  bool

	asked  [2]asked
	n      int // of asked
	ttl    time.Duration
	addrs  []netip.Addr
	failed Error // the last server's

	fd    int // 0: none
	poll  ring.Poll
	timer ring.Timer // resendAfter
	buf   [2048]byte
}

// asked is one question and its fate.
type asked struct {
	question
	done bool
	answer
	tcp *stream
}

// ask sends the questions for a name: the lookup's, or what that is an alias of.
func (l *lookup) ask(name string) {
	l.close()
	l.n = 0
	for _, kind := range l.r.kinds() {
		l.asked[l.n] = asked{question: question{newID(), name, kind}}
		l.n++
	}
	if l.n == 2 && l.asked[0].id == l.asked[1].id {
		l.asked[1].id ^= 1
	}
	l.send()
}

// send sends what is not answered yet to the server whose turn it is, from a new socket. Whatever fails is found out by the timer.
func (l *lookup) send() {
	l.close()
	r := l.r
	r.ring.StartTimer(&l.timer, resendAfter, l)
	addr := r.conf.Servers[l.server%len(r.conf.Servers)]
	sa, family := sockaddr(addr)
	fd, err := unix.Socket(family, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		r.log(conf.Alert, "socket() for a name server failed: "+err.Error())
		return
	}
	if err := unix.Connect(fd, sa); err != nil {
		unix.Close(fd)
		r.log(conf.Crit, "connect() to name server "+addr.String()+" failed: "+err.Error())
		return
	}
	l.fd = fd
	for i := range l.asked[:l.n] {
		a := &l.asked[i]
		if a.done {
			continue
		}
		msg, err := a.question.append(l.buf[:0])
		if err != nil {
			a.done, a.code = true, NotFound
			continue
		}
		if _, err := unix.Write(fd, msg); err != nil {
			r.log(conf.Err, "send() to name server "+addr.String()+" failed: "+err.Error())
		}
	}
	if err := r.ring.StartPoll(&l.poll, fd, l); err != nil {
		r.log(conf.Alert, "no poll for a name server: "+err.Error())
	}
}

// close ends what is under way with a server.
func (l *lookup) close() {
	l.r.ring.StopTimer(&l.timer)
	l.r.ring.StopPoll(&l.poll)
	if l.fd != 0 {
		unix.Close(l.fd)
		l.fd = 0
	}
	for i := range l.asked[:l.n] {
		if s := l.asked[i].tcp; s != nil {
			l.asked[i].tcp = nil
			s.close()
		}
	}
}

// end is the end of l.
func (l *lookup) end() {
	if l.ended {
		return
	}
	l.ended = true
	l.close()
	delete(l.r.lookups, l.name)
}

// OnTimer is the ring's to call: nobody has answered.
func (l *lookup) OnTimer(*ring.Timer) {
	l.server++
	l.send()
}

// OnReadable is the ring's to call.
func (l *lookup) OnReadable(*ring.Poll) {
	// Whoever can send to the socket must not be able to keep the loop.
	for n := 0; n < 16; n++ {
		size, err := unix.Read(l.fd, l.buf[:])
		if err == unix.EINTR {
			continue
		}
		if err == unix.EAGAIN {
			break
		}
		if err != nil { // nobody is there: ECONNREFUSED
			l.r.log(conf.Err, "recv() from name server "+l.r.conf.Servers[l.server%len(l.r.conf.Servers)].String()+" failed: "+err.Error())
			l.tries++
			if l.tries < len(l.r.conf.Servers) {
				l.server++
				l.send()
				return
			}
			continue // the timer asks again
		}
		l.received(l.buf[:size])
		if l.ended || l.fd == 0 {
			return
		}
	}
	if !l.ended && l.fd != 0 {
		_ = l.r.ring.StartPoll(&l.poll, l.fd, l) // if it fails, the timer goes on
	}
}

// received takes a datagram.
func (l *lookup) received(msg []byte) {
	for i := range l.asked[:l.n] {
		a := &l.asked[i]
		if a.done || a.tcp != nil {
			continue
		}
		if ans, ok := a.question.parse(msg); ok {
			if ans.truncated {
				a.tcp = l.startStream(i)
				return
			}
			l.answered(i, ans)
			return
		}
	}
}

// answered notes what question i has for an answer, and goes on when that was the last.
func (l *lookup) answered(i int, ans answer) {
	a := &l.asked[i]
	if ans.truncated { // by TCP, too
		ans = answer{code: FormatError}
	}
	if ans.code != 0 && ans.code != NotFound {
		l.failed = ans.code
		if l.tries++; l.tries < len(l.r.conf.Servers) {
			l.server++
			l.send()
			return
		}
	}
	a.done, a.answer = true, ans
	alias, code := "", Error(0)
	for i := range l.asked[:l.n] {
		a := &l.asked[i]
		if !a.done {
			return
		}
		if a.code != 0 {
			code = a.code
		}
		if a.alias != "" {
			alias = a.alias
		}
	}
	l.ttl = ttlMax
	for i := range l.asked[:l.n] {
		if a := &l.asked[i]; len(a.addrs) > 0 {
			l.addrs = append(l.addrs, a.addrs...)
			l.ttl = min(l.ttl, time.Duration(a.ttl)*time.Second)
		}
	}
	switch {
	case len(l.addrs) > 0:
		l.tell(0)
	case alias != "" && l.chain < chainMax:
		l.chain++
		l.tries = 0
		l.ask(alias)
	case code != 0:
		l.tell(code)
	default:
		l.tell(NotFound)
	}
}

// tell ends the lookup: all who wait are told.
func (l *lookup) tell(code Error) {
	l.end()
	if code == 0 {
		l.r.keep(l.name, l.addrs, l.ttl)
	}
	for l.first != nil {
		q := l.first
		h := q.h
		q.leave()
		if code != 0 {
			h.OnResolved(q, nil, code)
		} else {
			h.OnResolved(q, l.r.rotate(l.addrs), 0)
		}
	}
}

func sockaddr(a netip.AddrPort) (unix.Sockaddr, int) {
	if ip := a.Addr().Unmap(); ip.Is4() {
		return &unix.SockaddrInet4{Port: int(a.Port()), Addr: ip.As4()}, unix.AF_INET
	}
	return &unix.SockaddrInet6{Port: int(a.Port()), Addr: a.Addr().As16()}, unix.AF_INET6
}

// stream asks one question by TCP.
type stream struct {
	l *lookup // nil: it is of no use any more
	i int
	c *ring.Conn
}

func (l *lookup) startStream(i int) *stream {
	s := &stream{l: l, i: i}
	sa, _ := sockaddr(l.r.conf.Servers[l.server%len(l.r.conf.Servers)])
	c, err := l.r.ring.Dial(sa, s)
	if err != nil {
		l.r.log(conf.Alert, "no connection for a name server: "+err.Error())
		s.l = nil
		return s // the timer asks anew
	}
	s.c = c
	l.r.ring.StartTimer(&l.timer, resendAfter, l)
	return s
}

func (s *stream) close() {
	s.l = nil
	if s.c != nil {
		s.c.Abort()
	}
}

// OnConnect is the ring's to call.
func (s *stream) OnConnect(c *ring.Conn, err error) {
	if err != nil {
		s.c = nil
		return
	}
	c.SetHandler(s)
	if s.l == nil {
		return
	}
	b := append(s.l.buf[:0], 0, 0)
	b, err = s.l.asked[s.i].question.append(b)
	if err != nil {
		return
	}
	binary.BigEndian.PutUint16(b, uint16(len(b)-2))
	c.Write(b)
}

// OnData is the ring's to call.
func (s *stream) OnData(c *ring.Conn, data []byte) int {
	if s.l == nil {
		return len(data)
	}
	if len(data) < 2 {
		return 0
	}
	n := int(binary.BigEndian.Uint16(data))
	if len(data) < 2+n {
		if len(data) >= tcpMax {
			c.Abort()
		}
		return 0
	}
	l, i := s.l, s.i
	if ans, ok := l.asked[i].question.parse(data[2 : 2+n]); ok {
		l.asked[i].tcp = nil
		s.close()
		l.answered(i, ans)
	}
	return 2 + n
}

// tcpMax bounds an answer by TCP: what the ring keeps for a connection by default.
const tcpMax = 32 << 10

// OnEOF is the ring's to call.
func (s *stream) OnEOF(c *ring.Conn) { c.Abort() }

// OnDrain is the ring's to call.
func (s *stream) OnDrain(*ring.Conn) {}

// OnClose is the ring's to call. Without an answer the timer asks anew.
func (s *stream) OnClose(*ring.Conn, error) { s.c = nil }
