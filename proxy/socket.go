package proxy

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"moonring/lua"
	"moonring/proxy/conf"
	"moonring/proxy/cosocket"
	"moonring/proxy/resolver"
	"moonring/ring"
)

// Cosockets: connections that scripts drive. This file has what a Socket is and how it comes and goes; socketconnect.go how it is
// connected, socketpool.go what becomes of it in between, socketio.go reading and writing.
//
//	connect: pool? -> name? -> Dial -+-> receive*, send* -+-> setkeepalive -> pool
//	                                 |                    +-> close, or the request's end
//	                                 +-> closed: the slot's generation moves on
//
// Scripts know a Socket by slot and generation. A Socket lives as long as its connection is in use; of one that is over
// nothing is left but a handle that finds nothing. One thread may read while another writes; each waits by a Waiter of its
// own, which closes the socket if the thread is ended.

// Socket is one connection in use by a request, idle in a pool, or on its way out.
type Socket struct {
	w          *Worker
	slot, gen  uint32
	state      socketState
	r          *Request // in use: by whom
	orphan     bool     // that was a subrequest, which is over; r is the main request
	next, prev *Socket  // the others of the main request

	c      *ring.Conn
	side   side
	host   string // as it was asked for
	port   int
	addr   conf.UpstreamAddr // of the last Dial
	key    string            // of the pool that it is to go to
	pool   *socketPool       // that counts it
	reused int

	connectTimeout, sendTimeout, readTimeout time.Duration

	// Threads that wait. The values of a pattern are reachable from the one that reads.
	connecting, reader, writer *Thread
	query                      resolver.Query
	local                      unix.Sockaddr
	queued                     bool // it waits for its turn in the pool

	readClosed, writeClosed bool
	sendLen                 int // what send returns
	sendLeft                int // QueuedBytes when the timer last looked

	tls *socketTLS // nil: the connection is plain

	// Of datagrams.
	fd       int // -1: none
	poll     ring.Poll
	datagram int // bytes that receive wants

	rd          cosocket.Reader
	held        int // rd's memory as counted in Worker.socketBytes
	pattern     lua.Value
	patternText lua.Value
	serial      uint64 // of the pattern whose beginning the input ended with
	begun       []byte // that beginning
	back        []byte // was taken for the beginning of a pattern, and is input again from backAt on
	backAt      int
	unread      int        // input that was here when the last read ended
	timer       ring.Timer // keepalive_timeout in a pool, send_timeout when it is on its way out
}

type socketState uint8

const (
	socketFree    socketState = iota
	socketOpening             // being connected
	socketOpen
	socketIdle    // in a pool
	socketClosing // until OnClose or OnConnect
)

// side is whose connection it is.
type side uint8

const (
	sideUpstream side = iota // its own
	sideBody                 // the client's, of which the body can be read
	sideRaw                  // the client's
	sideDatagram             // its own, for datagrams: see datagram.go
)

// socketBufferKept is how much of a reader's memory stays with a socket, in bytes.
const socketBufferKept = 16 << 10

// SocketHandle is a socket as scripts have it: slot and generation.
type SocketHandle uint64

// Handle is what Socket finds s by.
func (s *Socket) Handle() SocketHandle { return SocketHandle(s.gen)<<32 | SocketHandle(s.slot) }

// Socket finds the socket of a handle; nil if it is over.
func (w *Worker) Socket(h SocketHandle) *Socket {
	slot, gen := uint32(h), uint32(h>>32)
	if gen == 0 || int(slot) >= len(w.sockets) || w.sockets[slot].gen != gen {
		return nil
	}
	return w.sockets[slot]
}

// newSocket takes one for r.
func (w *Worker) newSocket(r *Request) *Socket {
	var s *Socket
	if n := len(w.freeSockets); n > 0 {
		s = w.freeSockets[n-1]
		w.freeSockets = w.freeSockets[:n-1]
	} else {
		s = &Socket{w: w, slot: uint32(len(w.sockets)), gen: 1, pattern: lua.Nil, patternText: lua.Nil}
		w.sockets = append(w.sockets, s)
	}
	s.state = socketOpening
	s.adopt(r)
	return s
}

// adopt makes s one of r's.
func (s *Socket) adopt(r *Request) {
	s.r = r
	m := r.main()
	s.prev, s.next = nil, m.sockets
	if m.sockets != nil {
		m.sockets.prev = s
	}
	m.sockets = s
}

// disown takes s away from its request: handles of it find nothing any more.
func (s *Socket) disown() {
	if s.r == nil {
		return
	}
	if s.prev != nil {
		s.prev.next = s.next
	} else {
		s.r.main().sockets = s.next
	}
	if s.next != nil {
		s.next.prev = s.prev
	}
	s.r, s.next, s.prev, s.orphan = nil, nil, nil, false
	if s.gen++; s.gen == 0 {
		s.gen = 1
	}
	s.dropReader()
}

// dropReader lets go of what reading has left.
func (s *Socket) dropReader() {
	s.rd.Drop(socketBufferKept)
	s.countHeld()
	s.pattern, s.patternText, s.serial = lua.Nil, lua.Nil, 0
	s.back, s.begun, s.backAt, s.unread = s.back[:0], s.begun[:0], 0, 0
}

// countHeld keeps Worker.socketBytes right.
func (s *Socket) countHeld() {
	n := s.rd.Held() + cap(s.back) + cap(s.begun)
	s.w.socketBytes += n - s.held
	s.held = n
}

// free gives s, which is over, back.
func (s *Socket) free() {
	w := s.w
	w.Ring.StopTimer(&s.timer)
	*s = Socket{w: w, slot: s.slot, gen: s.gen, rd: s.rd, back: s.back[:0], begun: s.begun[:0], held: s.held, pattern: lua.Nil, patternText: lua.Nil}
	w.freeSockets = append(w.freeSockets, s)
}

// Request is whose socket it is; nil if that was a subrequest which is over.
func (s *Socket) Request() *Request {
	if s.orphan {
		return nil
	}
	return s.r
}

// Connected tells if there is a connection, be it in the making.
func (s *Socket) Connected() bool {
	return s.c != nil || s.Downstream() || s.Datagrams() && s.fd >= 0
}

// Downstream tells if it is the client's connection, Body that only the request's body can be read from it.
func (s *Socket) Downstream() bool { return s.side == sideBody || s.side == sideRaw }
func (s *Socket) Body() bool       { return s.side == sideBody }

// Datagrams tells if the socket is for those.
func (s *Socket) Datagrams() bool { return s.side == sideDatagram }

// Connecting, Reading and Writing tell that a thread waits for that.
func (s *Socket) Connecting() bool { return s.connecting != nil }
func (s *Socket) Reading() bool    { return s.reader != nil }
func (s *Socket) Writing() bool    { return s.writer != nil }

// ReadClosed and WriteClosed tell that there is no more of that.
func (s *Socket) ReadClosed() bool  { return s.readClosed }
func (s *Socket) WriteClosed() bool { return s.writeClosed }

// Reused is how often the connection came from a pool.
func (s *Socket) Reused() int { return s.reused }

// FD is the descriptor.
func (s *Socket) FD() int {
	if s.Datagrams() {
		return s.fd
	}
	if c := s.conn(); c != nil {
		return c.FD()
	}
	return -1
}

// conn is the connection, nil if it is gone.
func (s *Socket) conn() *ring.Conn {
	if s.Downstream() {
		return s.r.cn.c
	}
	return s.c
}

// SetTimeouts sets the timeouts; those that are not above 0 are the directives'.
func (s *Socket) SetTimeouts(connect, send, read time.Duration) {
	or := func(d, def time.Duration) time.Duration {
		if d > 0 {
			return d
		}
		return def
	}
	c := &s.r.Loc.LuaSocket
	s.connectTimeout, s.sendTimeout, s.readTimeout = or(connect, c.ConnectTimeout), or(send, c.SendTimeout), or(read, c.ReadTimeout)
}

// End ends s. What was sent goes out, unless sending has failed.
func (s *Socket) End() {
	s.debug("lua finalize socket")
	s.shut(true)
}

// HasPool tells if there is a pool for s to go to.
func (s *Socket) HasPool() bool { return s.w.socketPools[s.key] != nil }

// OutputPending tells that what was sent before a script got the client's connection is still on its way.
func (s *Socket) OutputPending() bool {
	return s.side == sideRaw && s.r.cn.c != nil && s.r.cn.c.QueuedBytes() > sendAtOnce
}

func (s *Socket) close(drain bool) {
	w, c := s.w, s.c
	if s.state == socketClosing || s.state == socketFree {
		return
	}
	opening := s.state == socketOpening
	drain = drain && !s.writeClosed
	s.query.Stop()
	if s.queued {
		s.queued = false
		s.pool.Leave(s)
		s.pool = nil
	}
	for _, t := range [...]*Thread{s.connecting, s.reader, s.writer} {
		if t != nil {
			t.Wait(closedUnder{}, 0)
		}
	}
	s.connecting, s.reader, s.writer = nil, nil, nil
	if c != nil && s.r != nil {
		s.debug("lua close socket connection")
	}
	if s.Downstream() {
		s.closeClient()
		s.disown()
		s.free()
		return
	}
	if s.Datagrams() {
		s.closeDatagram()
	}
	if s.tls != nil {
		s.tls.close()
		s.tls = nil
	}
	s.disown()
	w.Ring.StopTimer(&s.timer)
	s.state = socketClosing
	switch {
	case c == nil:
		s.free()
	case opening || !drain || c.Err() != nil || c.QueuedBytes() == 0:
		c.Abort()
	default:
		c.CloseAfterDrain()
		w.Ring.StartTimer(&s.timer, max(s.sendTimeout, time.Second), s)
	}
}

// uncount takes s out of its pool's count; made tells that there was a connection.
func (s *Socket) uncount(made bool) {
	p := s.pool
	if p == nil {
		return
	}
	s.pool = nil
	p.Connections--
	s.w.poolChanged(p, made)
}

// shut is Close from inside: the pool is told.
func (s *Socket) shut(drain bool) {
	p, made := s.pool, s.c != nil
	queued := s.queued
	w := s.w
	s.close(drain)
	if p == nil || queued {
		return
	}
	p.Connections--
	w.poolChanged(p, made)
}

// dropSockets closes what r has left open. What a subrequest has stays open, for nobody, until the main request ends.
func (r *Request) dropSockets() {
	if r.IsSubrequest() {
		for s := r.main().sockets; s != nil; s = s.next {
			if s.r == r {
				s.r, s.orphan = r.main(), true
			}
		}
		return
	}
	for r.sockets != nil {
		s := r.sockets
		if r.LogEnabled(conf.Debug) {
			r.Log(conf.Debug, fmt.Sprintf("cleanup lua tcp socket request: %q", r.path))
		}
		s.shut(true)
	}
}

// debug traces what happens to s.
func (s *Socket) debug(msg string) {
	if s.r != nil && s.r.LogEnabled(conf.Debug) {
		s.r.Log(conf.Debug, msg)
	}
}

func (s *Socket) debugf(format string, args ...any) {
	if s.r != nil && s.r.LogEnabled(conf.Debug) {
		s.r.Log(conf.Debug, fmt.Sprintf(format, args...))
	}
}

// debugTimeout traces "WHAT: MS".
func (s *Socket) debugTimeout(what string, d time.Duration) {
	if s.r.LogEnabled(conf.Debug) {
		s.r.Log(conf.Debug, what+": "+strconv.FormatInt(d.Milliseconds(), 10))
	}
}

// complain logs an error of the network, unless lua_socket_log_errors is off, with whom it is about.
func (s *Socket) complain(msg string) {
	if s.r.Loc.LuaSocket.LogErrors {
		s.logUpstream(conf.Err, msg)
	}
}

// logUpstream logs what concerns the peer, with who that is.
func (s *Socket) logUpstream(level conf.Level, msg string) {
	if !s.r.LogEnabled(level) {
		return
	}
	if s.Downstream() { // it is whom all lines are about
		s.r.Log(level, msg)
		return
	}
	b := append([]byte(msg), ", upstream: "...)
	b = appendLogSafe(b, cutHost(s.host))
	if s.addr.Path == "" && s.port != 0 {
		b = strconv.AppendInt(append(b, ':'), int64(s.port), 10)
	}
	switch {
	case s.addr.Path != "":
		b = append(appendLogSafe(append(b, "(unix:"...), s.addr.Path), ')')
	case s.addr.Addr.IsValid():
		b = append(appendAddr(append(b, '('), s.addr.Addr.Addr()), ')')
	}
	s.r.LogBytes(level, b)
}

// cutHost is a host's name as logs have it: in at most 31 bytes.
func cutHost(host string) string {
	const most = 32
	if len(host) < most {
		return host
	}
	return host[:most-4] + "..."
}

// LogClosed logs that a script uses a socket that is closed. s may be nil.
func (r *Request) LogClosed(s *Socket, what string) {
	r.logClosed(s, what, fmt.Sprintf(", ft:0 eof:%d", eofBit(s)))
}

// LogClosedDatagrams is LogClosed for sockets of datagrams.
func (r *Request) LogClosedDatagrams(s *Socket, what string) { r.logClosed(s, what, "") }

func (r *Request) logClosed(s *Socket, what, more string) {
	if !r.Loc.LuaSocket.LogErrors || !r.LogEnabled(conf.Err) {
		return
	}
	var u, c uint64
	if s != nil {
		u = uint64(s.Handle())
		if conn := s.conn(); conn != nil {
			c = conn.ID()
		}
	}
	r.Log(conf.Err, fmt.Sprintf("attempt to %s data on a closed socket: u:%016X, c:%016X%s", what, u, c, more))
}

func eofBit(s *Socket) int {
	if s != nil && s.readClosed {
		return 1
	}
	return 0
}

// lowerError is the text of an error as scripts get it.
func lowerError(err error) string { return strings.ToLower(conf.Strerror(err)) }

// parseHost reads what connect is given: an address, unix:PATH, or a name.
func parseHost(host string, port int) (addr conf.UpstreamAddr, name, why string) {
	if len(host) >= 5 && strings.EqualFold(host[:5], "unix:") {
		switch path := host[5:]; {
		case path == "":
			return addr, "", "no path in the unix domain socket"
		case len(path) >= unixPathMax:
			return addr, "", "too long path in the unix domain socket"
		default:
			addr.Path = path
			return addr, "", ""
		}
	}
	if strings.ContainsAny(host, "/?") {
		return addr, "", "invalid host"
	}
	if inner, ok := strings.CutPrefix(host, "["); ok {
		inner, rest, ok := strings.Cut(inner, "]")
		ip, err := netip.ParseAddr(inner)
		if !ok || err != nil || !ip.Is6() || rest != "" {
			return addr, "", "invalid host"
		}
		addr.Addr = netip.AddrPortFrom(ip, uint16(port))
		return addr, "", ""
	}
	if h, p, ok := strings.Cut(host, ":"); ok {
		n, err := strconv.ParseUint(p, 10, 16)
		if err != nil || n == 0 {
			return addr, "", "invalid port"
		}
		host, port = h, int(n)
	}
	if host == "" {
		return addr, "", "no host"
	}
	if ip, err := netip.ParseAddr(host); err == nil && ip.Is4() {
		addr.Addr = netip.AddrPortFrom(ip, uint16(port))
		return addr, "", ""
	}
	return addr, host, ""
}

// unixPathMax is the size of a Unix socket's path in the kernel, with its NUL.
const unixPathMax = 108
