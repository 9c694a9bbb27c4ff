package proxy

import (
	"strings"

	"golang.org/x/sys/unix"

	"moonring/proxy/conf"
	"moonring/proxy/h1"
	"moonring/proxy/upstream"
)

// proxyTo is a location's proxy_pass, with what is computed from it at start.
type proxyTo struct {
	*conf.Proxy
	pass     *conf.ProxyPass
	url      template // with variables; otherwise group is given
	varies   bool
	group    *upGroup
	location string // the name that pass.URI replaces

	method    template
	setMethod bool
	headers   []proxyHeader
	skip      uint64   // client's headers that don't go on, by identifier
	skipNames []string // and those without one, in small letters
	hide      uint32   // the upstream's headers that don't go on, by identifier
	hideNames []string
	redirects []proxyRedirect
	bodyRoom  int // output that may wait for the client, in bytes
}

// proxyHeader is a header that the proxy sets.
type proxyHeader struct {
	kind  proxyHeaderKind
	name  string
	line  string // of a constant one
	value template
}

type proxyHeaderKind uint8

const (
	proxyHeaderConst proxyHeaderKind = iota
	proxyHeaderValue
	proxyHeaderHost   // Host: $proxy_host
	proxyHeaderLength // Content-Length, or Transfer-Encoding of a body that is passed on as it comes
)

type proxyRedirect struct{ from, to template }

// upGroup is an upstream of this worker: peers and idle connections.
type upGroup struct {
	*upstream.Group
	conf *conf.Upstream
	idle []*upConn // the one used last at the end
}

// upPeer is what this package keeps of a peer.
type upPeer struct {
	sockaddr unix.Sockaddr
}

// upGroupOf makes or finds the group of an upstream.
func (w *Worker) upGroupOf(u *conf.Upstream) *upGroup {
	if g := w.upGroups[u]; g != nil {
		return g
	}
	var primary, backup []*upstream.Peer
	for i := range u.Servers {
		s := &u.Servers[i]
		for _, a := range s.Addrs {
			p := &upstream.Peer{Name: a.String(), Weight: s.Weight, MaxConns: s.MaxConns, MaxFails: s.MaxFails,
				FailTimeout: int64(s.FailTimeout), Down: s.Down, User: &upPeer{sockaddrOf(a)}}
			if s.Backup {
				backup = append(backup, p)
			} else {
				primary = append(primary, p)
			}
		}
	}
	g := &upGroup{Group: upstream.New(u.Name, primary, backup), conf: u}
	w.upGroups[u] = g
	return g
}

func sockaddrOf(a conf.UpstreamAddr) unix.Sockaddr {
	if a.Path != "" {
		return &unix.SockaddrUnix{Name: a.Path}
	}
	if ip := a.Addr.Addr(); ip.Is4() || ip.Is4In6() {
		return &unix.SockaddrInet4{Port: int(a.Addr.Port()), Addr: ip.Unmap().As4()}
	}
	return &unix.SockaddrInet6{Port: int(a.Addr.Port()), Addr: a.Addr.Addr().As16()}
}

// defaultProxyHeaders go to the upstream unless proxy_set_header says otherwise; nil values don't go at all.
var defaultProxyHeaders = []struct {
	name, line string
	kind       proxyHeaderKind
	drop       bool
}{
	{name: "Host", kind: proxyHeaderHost},
	{name: "Connection", line: "Connection: close\r\n"},
	{name: "Content-Length", kind: proxyHeaderLength},
	{name: "Transfer-Encoding", drop: true},
	{name: "TE", drop: true},
	{name: "Keep-Alive", drop: true},
	{name: "Expect", drop: true},
	{name: "Upgrade", drop: true},
}

// hiddenHeaders of an upstream's response don't go on unless proxy_pass_header says so.
var hiddenHeaders = []string{"Date", "Server", "X-Pad", "X-Accel-Expires", "X-Accel-Redirect", "X-Accel-Limit-Rate", "X-Accel-Buffering", "X-Accel-Charset"}

// proxyRoomMin is the least output that may wait for a client before its upstream is no longer read, in bytes.
const proxyRoomMin = 128 << 10

func (w *Worker) compileProxy(l *conf.Location) *proxyTo {
	pass := l.ProxyPass
	named := l
	for named.NoName && named.Parent != nil { // the block of an if
		named = named.Parent
	}
	p := &proxyTo{Proxy: &l.Proxy, pass: pass, location: named.Name}
	if pass.URL.IsConst() {
		p.group = w.upGroupOf(pass.Upstream)
	} else {
		p.url, p.varies = w.template(&pass.URL), true
	}
	if l.Proxy.Method.Source != "" {
		p.method, p.setMethod = w.template(&l.Proxy.Method), true
	}
	p.bodyRoom = max(proxyRoomMin, l.Proxy.Buffers.N*int(l.Proxy.Buffers.Size))
	skip := func(name string) {
		if id := h1.HeaderIDOf([]byte(name)); id != h1.HeaderOther {
			p.skip |= 1 << id
		} else {
			p.skipNames = append(p.skipNames, strings.ToLower(name))
		}
	}
	set := map[string]bool{}
	for i := range l.Proxy.SetHeaders {
		h := &l.Proxy.SetHeaders[i]
		set[strings.ToLower(h.Name)] = true
		skip(h.Name)
		if v, ok := h.Value.Const(); !ok {
			p.headers = append(p.headers, proxyHeader{kind: proxyHeaderValue, name: h.Name, value: w.template(&h.Value)})
		} else if v != "" {
			p.headers = append(p.headers, proxyHeader{line: h.Name + ": " + v + "\r\n"})
		}
	}
	for _, d := range defaultProxyHeaders {
		if set[strings.ToLower(d.name)] {
			continue
		}
		skip(d.name)
		if !d.drop {
			p.headers = append(p.headers, proxyHeader{kind: d.kind, name: d.name, line: d.line})
		}
	}
	passed := func(name string) bool {
		for _, n := range l.Proxy.PassHeaders {
			if strings.EqualFold(n, name) {
				return true
			}
		}
		return false
	}
	hide := func(name string) {
		if id := h1.ResponseIDOf([]byte(name)); id != h1.ResponseOther {
			p.hide |= 1 << id
		} else {
			p.hideNames = append(p.hideNames, strings.ToLower(name))
		}
	}
	for _, name := range l.Proxy.HideHeaders {
		hide(name)
	}
	for _, name := range hiddenHeaders {
		if !passed(name) {
			hide(name)
		}
	}
	p.compileRedirects(w, l)
	return p
}

func (p *proxyTo) compileRedirects(w *Worker, l *conf.Location) {
	if l.Proxy.RedirectOff {
		return
	}
	list := l.Proxy.Redirects
	if list == nil {
		list = []conf.ProxyRedirect{{Default: true}}
	}
	literal := func(s string) template { return template{{text: s}} }
	for i := range list {
		r := &list[i]
		if !r.Default {
			p.redirects = append(p.redirects, proxyRedirect{w.template(&r.From), w.template(&r.To)})
			continue
		}
		url, ok := p.pass.URL.Const()
		if !ok {
			continue
		}
		if p.pass.URI != "" {
			p.redirects = append(p.redirects, proxyRedirect{literal(url), literal(p.location)})
		} else {
			p.redirects = append(p.redirects, proxyRedirect{literal(url + "/"), literal("/")})
		}
	}
}
