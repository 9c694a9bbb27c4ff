package conf

import (
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// Upstream is an upstream block, or what a proxy_pass to a host stands for.
type Upstream struct {
	Name              string
	Servers           []UpstreamServer
	Keepalive         int // idle connections a worker keeps; 0: none
	KeepaliveTimeout  time.Duration
	KeepaliveTime     time.Duration
	KeepaliveRequests int
	Implicit          bool // made from a proxy_pass
	File              string
	Line              int
}

// UpstreamServer is one server of an upstream block.
type UpstreamServer struct {
	Name        string // as written
	Addrs       []UpstreamAddr
	Weight      int
	MaxConns    int // 0: no bound
	MaxFails    int // 0: failures don't count
	FailTimeout time.Duration
	Backup      bool
	Down        bool
}

// UpstreamAddr is an address to connect to.
type UpstreamAddr struct {
	Addr netip.AddrPort // invalid for a Unix socket
	Path string         // of a Unix socket
}

// String is the address as logs and $upstream_addr have it.
func (a UpstreamAddr) String() string {
	if a.Path != "" {
		return "unix:" + a.Path
	}
	return a.Addr.String()
}

func upstreamField[T any](parse parseFunc[T], field func(*Upstream) *T) setting {
	return setting{do: func(l *loader, s *scope, d *directive) error { return assign(s, d, parse, field(s.upstream)) }}
}

func upstreamBlock(l *loader, s *scope, d *directive) error {
	u := &Upstream{Name: d.words[1], KeepaliveTimeout: 60 * time.Second, KeepaliveTime: time.Hour, KeepaliveRequests: 1000, File: d.file, Line: d.line}
	if l.cfg.HTTP.Upstream(u.Name) != nil {
		return fault(`duplicate upstream "` + u.Name + `"`)
	}
	l.cfg.HTTP.Upstreams = append(l.cfg.HTTP.Upstreams, u)
	in := &scope{in: inUpstream, up: s, loc: s.loc, upstream: u, set: map[string]bool{}}
	if err := l.walk(in, d.children); err != nil {
		return err
	}
	primary := false
	for i := range u.Servers {
		primary = primary || !u.Servers[i].Backup
	}
	if !primary {
		return &Error{Level: Emerg, Msg: "no servers are inside upstream", File: d.file, Line: d.end}
	}
	return nil
}

func upstreamServer(l *loader, s *scope, d *directive) error {
	srv := UpstreamServer{Name: d.words[1], Weight: 1, MaxFails: 1, FailTimeout: 10 * time.Second}
	for _, w := range d.words[2:] {
		ok := true
		name, value, _ := strings.Cut(w, "=")
		number := func(to *int, least int64) {
			n, isNumber := parseNumber(value)
			ok = isNumber && n >= least
			*to = int(n)
		}
		switch {
		case name == "weight":
			number(&srv.Weight, 1)
		case name == "max_conns":
			number(&srv.MaxConns, 0)
		case name == "max_fails":
			number(&srv.MaxFails, 0)
		case name == "fail_timeout":
			var t time.Duration
			t, ok = parseTime(value, true)
			srv.FailTimeout = t
		case w == "backup":
			srv.Backup = true
		case w == "down":
			srv.Down = true
		default:
			ok = false
		}
		if !ok {
			return fault(`invalid parameter "` + w + `"`)
		}
	}
	t, err := ParseTarget("http://" + srv.Name)
	if err != nil {
		return err
	}
	if t.URI != "" {
		return fault(`invalid host in upstream "` + srv.Name + `"`)
	}
	if srv.Addrs = l.upstreamAddrs(&t); len(srv.Addrs) == 0 {
		return fault(`host not found in upstream "` + srv.Name + `"`)
	}
	s.upstream.Servers = append(s.upstream.Servers, srv)
	return nil
}

func upstreamKeepalive(l *loader, s *scope, d *directive) error {
	if !s.once("keepalive") {
		return isDuplicate
	}
	if len(d.words) > 2 {
		return fault(`invalid parameter "` + d.words[2] + `"`)
	}
	n, ok := parseNumber(d.words[1])
	if !ok || n == 0 {
		return fault(`invalid value "` + d.words[1] + `" in "keepalive" directive`)
	}
	s.upstream.Keepalive = int(n)
	return nil
}

// Address returns what a target without a name says; none if it has a name.
func (t *Target) Address() []UpstreamAddr {
	if t.Unix {
		return []UpstreamAddr{{Path: t.Host}}
	}
	ip, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(t.Host, "["), "]"))
	if err != nil {
		return nil
	}
	port, _ := strconv.Atoi(t.Port)
	return []UpstreamAddr{{Addr: netip.AddrPortFrom(ip, uint16(port))}}
}

// upstreamAddrs resolves a target, by /etc/hosts alone.
func (l *loader) upstreamAddrs(t *Target) []UpstreamAddr {
	if a := t.Address(); a != nil {
		return a
	}
	port, _ := strconv.Atoi(t.Port)
	var all []UpstreamAddr
	for _, ip := range l.hostsFile(t.Host) {
		all = append(all, UpstreamAddr{Addr: netip.AddrPortFrom(ip, uint16(port))})
	}
	return all
}

// Upstream finds an upstream block by its name, nil if there is none.
func (h *HTTP) Upstream(name string) *Upstream {
	for _, u := range h.Upstreams {
		if strings.EqualFold(u.Name, name) {
			return u
		}
	}
	return nil
}

// AllUpstreams are the blocks, and what every proxy_pass to an address stands for.
func (h *HTTP) AllUpstreams() []*Upstream {
	return append(h.Upstreams[:len(h.Upstreams):len(h.Upstreams)], h.implicit...)
}

// ImplicitUpstream makes the upstream that a target without a block stands for.
func ImplicitUpstream(t *Target, addrs []UpstreamAddr) *Upstream {
	return &Upstream{Name: t.HostHeader(), Implicit: true, Servers: []UpstreamServer{{Name: t.HostHeader(), Addrs: addrs, Weight: 1,
		MaxFails: 1, FailTimeout: 10 * time.Second}}}
}

// linkUpstreams gives every constant proxy_pass its upstream: blocks may stand behind their use.
func (l *loader) linkUpstreams() error {
	for _, loc := range l.allLocs {
		p := loc.ProxyPass
		if p == nil || p.Upstream != nil || !p.URL.IsConst() {
			continue
		}
		t := &p.target
		if !t.Unix {
			if p.Upstream = l.cfg.HTTP.Upstream(t.Host); p.Upstream != nil {
				if t.explicit {
					return &Error{Level: Emerg, Msg: `upstream "` + t.Host + `" may not have port ` + t.Port, File: p.File, Line: p.Line}
				}
				continue
			}
		}
		addrs := l.upstreamAddrs(t)
		if len(addrs) == 0 {
			return &Error{Level: Emerg, Msg: `host not found in upstream "` + t.Host + `"`, File: p.File, Line: p.Line}
		}
		p.Upstream = ImplicitUpstream(t, addrs)
		l.cfg.HTTP.implicit = append(l.cfg.HTTP.implicit, p.Upstream)
	}
	return nil
}
