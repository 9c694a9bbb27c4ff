package resolver

import (
	"encoding/binary"
	"io"
	"net"
	"net/netip"
	"reflect"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"moonring/proxy/conf"
	"moonring/ring"
)

// nameServer answers as a test says.
type nameServer struct {
	addr    netip.AddrPort
	queries atomic.Int32
	udp     func(q dnsmessage.Question, h *dnsmessage.Header) []dnsmessage.Resource
	tcp     func(q dnsmessage.Question, h *dnsmessage.Header) []dnsmessage.Resource
	forged  bool // wrong answers precede the right one
}

func (s *nameServer) reply(query []byte, f func(dnsmessage.Question, *dnsmessage.Header) []dnsmessage.Resource) []byte {
	var m dnsmessage.Message
	if m.Unpack(query) != nil || len(m.Questions) != 1 {
		return nil
	}
	s.queries.Add(1)
	m.Response = true
	m.Answers = f(m.Questions[0], &m.Header)
	b, err := m.Pack()
	if err != nil {
		panic(err)
	}
	return b
}

func serve(t *testing.T, s *nameServer) *nameServer {
	t.Helper()
	var pc net.PacketConn
	var l net.Listener
	for range 100 { // a port that is free for both
		var err error
		if pc, err = net.ListenPacket("udp4", "127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
		if l, err = net.Listen("tcp4", pc.LocalAddr().String()); err == nil {
			break
		}
		pc.Close()
	}
	if l == nil {
		t.Fatal("no port")
	}
	s.addr = netip.MustParseAddrPort(pc.LocalAddr().String())
	t.Cleanup(func() { pc.Close(); l.Close() })
	go func() {
		b := make([]byte, 2000)
		for {
			n, from, err := pc.ReadFrom(b)
			if err != nil {
				return
			}
			if s.udp == nil {
				s.queries.Add(1)
				continue
			}
			if s.forged {
				wrong := s.reply(b[:n], func(q dnsmessage.Question, h *dnsmessage.Header) []dnsmessage.Resource {
					h.ID++
					return []dnsmessage.Resource{a("x.test.", "6.6.6.6", 60)}
				})
				pc.WriteTo(wrong, from)
				pc.WriteTo([]byte("no message"), from)
			}
			if m := s.reply(b[:n], s.udp); m != nil {
				pc.WriteTo(m, from)
			}
		}
	}()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			b := make([]byte, 2)
			if _, err := io.ReadFull(c, b); err == nil && s.tcp != nil {
				b = make([]byte, binary.BigEndian.Uint16(b))
				io.ReadFull(c, b)
				m := s.reply(b, s.tcp)
				c.Write(binary.BigEndian.AppendUint16(nil, uint16(len(m))))
				time.Sleep(time.Millisecond)
				c.Write(m)
			}
			c.Close()
		}
	}()
	return s
}

func a(name, addr string, ttl uint32) dnsmessage.Resource {
	h := dnsmessage.ResourceHeader{Name: dnsmessage.MustNewName(name), Class: dnsmessage.ClassINET, TTL: ttl}
	if ip := netip.MustParseAddr(addr); ip.Is6() {
		return dnsmessage.Resource{Header: h, Body: &dnsmessage.AAAAResource{AAAA: ip.As16()}}
	}
	return dnsmessage.Resource{Header: h, Body: &dnsmessage.AResource{A: netip.MustParseAddr(addr).As4()}}
}

func cname(name, to string, ttl uint32) dnsmessage.Resource {
	return dnsmessage.Resource{Header: dnsmessage.ResourceHeader{Name: dnsmessage.MustNewName(name), Class: dnsmessage.ClassINET, TTL: ttl},
		Body: &dnsmessage.CNAMEResource{CNAME: dnsmessage.MustNewName(to)}}
}

// zone answers from a list.
func zone(all ...dnsmessage.Resource) func(dnsmessage.Question, *dnsmessage.Header) []dnsmessage.Resource {
	return func(q dnsmessage.Question, h *dnsmessage.Header) (found []dnsmessage.Resource) {
		for _, r := range all {
			_, is4 := r.Body.(*dnsmessage.AResource)
			_, alias := r.Body.(*dnsmessage.CNAMEResource)
			if r.Header.Name == q.Name && (alias || is4 == (q.Type == dnsmessage.TypeA)) {
				found = append(found, r)
			}
		}
		if len(found) == 0 {
			h.RCode = dnsmessage.RCodeNameError
		}
		return found
	}
}

type result struct {
	addrs []string
	err   Error
	done  bool
}

func (r *result) OnResolved(q *Query, addrs []netip.Addr, err Error) {
	if r.done || q.Active() {
		panic("told twice, or of an active query")
	}
	r.done, r.err, r.addrs = true, err, texts(addrs)
}

func texts(addrs []netip.Addr) (all []string) {
	for _, a := range addrs {
		all = append(all, a.String())
	}
	return all
}

type bench struct {
	t *testing.T
	*ring.Ring
	*Resolver
	logs []string
}

func newBench(t *testing.T, c *conf.Resolver, hosts map[string][]netip.Addr) *bench {
	t.Helper()
	runtime.LockOSThread()
	r, err := ring.New(ring.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close(); runtime.UnlockOSThread() })
	b := &bench{t: t, Ring: r}
	b.Resolver = New(r, c, hosts, func(level conf.Level, msg string) { b.logs = append(b.logs, msg) })
	return b
}

// until turns the loop.
func (b *bench) until(done func() bool) {
	b.t.Helper()
	for end := time.Now().Add(10 * time.Second); !done(); {
		if time.Now().After(end) {
			b.t.Fatal("not within 10 s")
		}
		var tick ring.Timer
		b.StartTimer(&tick, 10*time.Millisecond, tickFunc{})
		if err := b.Run(); err != nil {
			b.t.Fatal(err)
		}
		b.StopTimer(&tick)
	}
}

type tickFunc struct{}

func (tickFunc) OnTimer(*ring.Timer) {}

// resolve gives what a name resolves to.
func (b *bench) resolve(name string, timeout time.Duration) ([]string, Error) {
	b.t.Helper()
	var q Query
	var res result
	addrs, err := b.Resolver.Start(&q, name, timeout, &res)
	if addrs != nil || err != 0 {
		return texts(addrs), err
	}
	b.until(func() bool { return res.done })
	return res.addrs, res.err
}

func (b *bench) want(name string, timeout time.Duration, err Error, addrs ...string) {
	b.t.Helper()
	got, gotErr := b.resolve(name, timeout)
	if !reflect.DeepEqual(got, addrs) || gotErr != err {
		b.t.Errorf("%s: %v %v, want %v %v", name, got, gotErr, addrs, err)
	}
}

func config(servers ...*nameServer) *conf.Resolver {
	c := &conf.Resolver{IPv4: true}
	for _, s := range servers {
		c.Servers = append(c.Servers, s.addr)
	}
	return c
}

func TestAnswers(t *testing.T) {
	s := serve(t, &nameServer{forged: true, udp: zone(a("x.test.", "10.0.0.1", 60), a("two.test.", "10.0.0.2", 60), a("two.test.", "10.0.0.3", 60),
		a("six.test.", "::6", 60), a("now.test.", "10.0.0.9", 0),
		cname("c.test.", "d.test.", 60), cname("d.test.", "x.test.", 60), cname("loop.test.", "loop2.test.", 60), cname("loop2.test.", "loop.test.", 60))})
	b := newBench(t, config(s), map[string][]netip.Addr{"h.test": {netip.MustParseAddr("127.0.0.7"), netip.MustParseAddr("::7")}})
	b.want("h.test", time.Second, 0, "127.0.0.7")
	b.want("X.test.", 5*time.Second, 0, "10.0.0.1")
	n := s.queries.Load()
	b.want("x.TEST", 5*time.Second, 0, "10.0.0.1")
	if s.queries.Load() != n {
		t.Error("a known name was asked for")
	}
	b.want("two.test", time.Second, 0, "10.0.0.3", "10.0.0.2")
	b.want("two.test", time.Second, 0, "10.0.0.2", "10.0.0.3")
	b.want("none.test", time.Second, NotFound)
	b.want("six.test", time.Second, NotFound)
	b.want("c.test", time.Second, 0, "10.0.0.1")
	b.want("loop.test", time.Second, NotFound)
	b.want("now.test", time.Second, 0, "10.0.0.9")
	n = s.queries.Load()
	b.want("now.test", time.Second, 0, "10.0.0.9")
	if s.queries.Load() == n {
		t.Error("an answer without a lifetime was kept")
	}
	for _, bad := range []string{"", ".", "a..b", string(make([]byte, 64)) + ".test", "a." + string(make([]byte, 300))} {
		b.want(bad, time.Second, NotFound)
	}
	if len(b.lookups) != 0 {
		t.Error("lookups stay")
	}
}

func TestBothFamilies(t *testing.T) {
	s := serve(t, &nameServer{udp: zone(a("x.test.", "10.0.0.1", 60), a("x.test.", "::1", 60), a("six.test.", "::6", 60))})
	c := config(s)
	c.IPv6 = true
	b := newBench(t, c, nil)
	b.want("x.test", time.Second, 0, "::1", "10.0.0.1")
	b.want("six.test", time.Second, 0, "::6")
	c.IPv4 = false
	b = newBench(t, c, nil)
	b.want("x.test", time.Second, 0, "::1")
}

func TestValidAndTTL(t *testing.T) {
	s := serve(t, &nameServer{udp: zone(a("x.test.", "10.0.0.1", 3600))})
	c := config(s)
	c.Valid = 50 * time.Millisecond
	b := newBench(t, c, nil)
	b.want("x.test", time.Second, 0, "10.0.0.1")
	end := time.Now().Add(60 * time.Millisecond)
	b.until(func() bool { return time.Now().After(end) })
	b.want("x.test", time.Second, 0, "10.0.0.1")
	if n := s.queries.Load(); n != 2 {
		t.Errorf("%d queries", n)
	}
}

func TestTruncatedAnswersAreAskedForByTCP(t *testing.T) {
	s := serve(t, &nameServer{
		udp: func(q dnsmessage.Question, h *dnsmessage.Header) []dnsmessage.Resource {
			h.Truncated = true
			return nil
		},
		tcp: zone(a("x.test.", "10.0.0.1", 60)),
	})
	b := newBench(t, config(s), nil)
	b.want("x.test", 2*time.Second, 0, "10.0.0.1")
	b.want("y.test", 2*time.Second, NotFound)
}

func TestServersThatFail(t *testing.T) {
	code := func(c dnsmessage.RCode) *nameServer {
		return serve(t, &nameServer{udp: func(q dnsmessage.Question, h *dnsmessage.Header) []dnsmessage.Resource { h.RCode = c; return nil }})
	}
	good := serve(t, &nameServer{udp: zone(a("x.test.", "10.0.0.1", 60))})
	b := newBench(t, config(code(dnsmessage.RCodeServerFailure), good), nil)
	b.want("x.test", 2*time.Second, 0, "10.0.0.1")
	gone := &nameServer{addr: netip.MustParseAddrPort("127.0.0.1:1")}
	b = newBench(t, config(gone, good), nil)
	b.want("x.test", 2*time.Second, 0, "10.0.0.1")
	if len(b.logs) != 1 {
		t.Errorf("logs %q", b.logs)
	}
	for _, c := range []struct {
		code dnsmessage.RCode
		text string
	}{{dnsmessage.RCodeFormatError, "Format error"}, {dnsmessage.RCodeServerFailure, "Server failure"}, {dnsmessage.RCodeNameError, "Host not found"},
		{dnsmessage.RCodeNotImplemented, "Unimplemented"}, {dnsmessage.RCodeRefused, "Operation refused"}, {9, "Unknown error"}} {
		b = newBench(t, config(code(c.code)), nil)
		if _, err := b.resolve("x.test", 2*time.Second); int(err) != int(c.code) || err.Error() != c.text {
			t.Errorf("%v: %d %v", c.code, err, err)
		}
	}
	silent := serve(t, &nameServer{})
	b = newBench(t, config(silent), nil)
	b.want("x.test", 30*time.Millisecond, TimedOut)
	if TimedOut.Error() != "Operation timed out" || len(b.lookups) != 0 {
		t.Error("a lookup stays")
	}
}

func TestManyWhoWait(t *testing.T) {
	s := serve(t, &nameServer{udp: zone(a("x.test.", "10.0.0.1", 60))})
	b := newBench(t, config(s), nil)
	var q [3]Query
	var res [3]result
	for i := range q {
		b.Resolver.Start(&q[i], "x.test", time.Second, &res[i])
	}
	q[1].Stop()
	q[1].Stop()
	b.until(func() bool { return res[0].done && res[2].done })
	if res[1].done || s.queries.Load() != 1 {
		t.Errorf("%v, %d queries", res[1], s.queries.Load())
	}
	b.Resolver.Start(&q[0], "y.test", time.Second, &res[0])
	q[0].Stop()
	if len(b.lookups) != 0 {
		t.Error("nobody waits, and the lookup goes on")
	}
	fds := b.Stats().Timers
	if fds != 0 {
		t.Errorf("%d timers", fds)
	}
}

func TestWithoutServers(t *testing.T) {
	b := newBench(t, nil, map[string][]netip.Addr{"h.test": {netip.MustParseAddr("127.0.0.7")}})
	b.want("H.test", time.Second, 0, "127.0.0.7")
	b.want("x.test", time.Second, NotFound)
	if b.Known() || !b.InHosts("h.test") || b.InHosts("x.test") {
		t.Error("Known or InHosts is wrong")
	}
}

func FuzzParse(f *testing.F) {
	s := &nameServer{}
	for _, rr := range [][]dnsmessage.Resource{{a("x.test.", "10.0.0.1", 60)}, {cname("x.test.", "y.test.", 5), a("y.test.", "10.0.0.1", 60)}, {cname("x.test.", "x.test.", 5)}, {a("x.test.", "::1", 1)}} {
		q := question{7, "x.test", dnsmessage.TypeA}
		b, err := q.append(nil)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(s.reply(b, func(dnsmessage.Question, *dnsmessage.Header) []dnsmessage.Resource { return rr }))
	}
	f.Fuzz(func(t *testing.T, msg []byte) {
		for _, kind := range []dnsmessage.Type{dnsmessage.TypeA, dnsmessage.TypeAAAA} {
			q := question{7, "x.test", kind}
			ans, ok := q.parse(msg)
			if !ok {
				continue
			}
			if len(ans.addrs) > addrsMax || ans.alias == q.name {
				t.Fatalf("%+v", ans)
			}
			for _, ip := range ans.addrs {
				if ip.Is4() != (kind == dnsmessage.TypeA) {
					t.Fatalf("%v for %v", ip, kind)
				}
			}
		}
	})
}
