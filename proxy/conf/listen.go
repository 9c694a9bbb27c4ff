package conf

import (
	"net/netip"
	"sort"
	"strconv"
	"strings"
)

// defaultBacklog is nginx's NGX_LISTEN_BACKLOG on Linux.
const defaultBacklog = 511

// unixPathMax is the size of sun_path (unix(7)), the final NUL included.
const unixPathMax = 108

var defaultSocketOptions = SocketOptions{Backlog: defaultBacklog, RcvBuf: -1, SndBuf: -1, FastOpen: -1, IPv6Only: true}

// listenOptions are the parameters of one listen.
type listenOptions struct {
	SocketOptions
	set           bool // one of the socket's parameters was given: that may happen once for an address
	defaultServer bool
}

// endpoint is an address to listen on.
type endpoint struct {
	network string
	addr    netip.AddrPort
	path    string
	key     string
}

// port collects the addresses that share a port and a family; all unix sockets are one.
type port struct {
	addrs []*portAddr // in the order of the file
	byEnd map[endpoint]*portAddr
}

type portID struct {
	family string
	number uint16
}

type portAddr struct {
	*Address
	opt listenOptions
}

func (e *endpoint) family() string {
	switch {
	case e.network == "unix":
		return "unix"
	case e.addr.Addr().Is4():
		return "inet"
	}
	return "inet6"
}

func (a *Address) wildcard() bool { return a.Network == "tcp" && a.Addr.Addr().IsUnspecified() }

func anyIPv4(port uint16) endpoint { return tcpEndpoint(netip.IPv4Unspecified(), port) }

func tcpEndpoint(ip netip.Addr, port uint16) endpoint {
	a := netip.AddrPortFrom(ip, port)
	return endpoint{network: "tcp", addr: a, key: a.String()}
}

func listen(l *loader, s *scope, d *directive) error {
	s.listen = true
	ends, err := l.parseEndpoints(d.words[1])
	if err != nil {
		return fault(err.Error() + ` in "` + d.words[1] + `" of the "listen" directive`)
	}
	o := listenOptions{SocketOptions: defaultSocketOptions}
	for _, w := range d.words[2:] {
		if err := o.parameter(w); err != nil {
			return err
		}
	}
	seen := map[string]bool{}
	for _, e := range ends {
		if seen[e.key] {
			continue
		}
		seen[e.key] = true
		if err := l.addListen(s, d, e, o); err != nil {
			return err
		}
	}
	return nil
}

// parameter reads one word behind the address.
func (o *listenOptions) parameter(w string) error {
	name, value, hasValue := strings.Cut(w, "=")
	if hasValue {
		name += "="
	}
	bad := func() error { return fault("invalid " + strings.TrimSuffix(name, "=") + ` "` + w + `"`) }
	switch name {
	case "default_server", "default":
		o.defaultServer = true
		return nil
	case "bind":
	case "reuseport":
		o.ReusePort = true
	case "deferred":
		o.Deferred = true
	case "backlog=":
		n, ok := parseNumber(value)
		if !ok || n == 0 {
			return bad()
		}
		o.Backlog = int(n)
	case "fastopen=":
		n, ok := parseNumber(value)
		if !ok {
			return bad()
		}
		o.FastOpen = int(n)
	case "rcvbuf=", "sndbuf=":
		n, ok := parseSize(value, false)
		if !ok {
			return bad()
		}
		if name == "rcvbuf=" {
			o.RcvBuf = int(n)
		} else {
			o.SndBuf = int(n)
		}
	case "ipv6only=":
		switch value {
		case "on":
			o.IPv6Only = true
		case "off":
			o.IPv6Only = false
		default:
			if !strings.HasPrefix(value, "o") {
				return fault(`invalid parameter "` + w + `"`)
			}
			return fault(`invalid ipv6only flags "` + value + `"`)
		}
	case "so_keepalive=":
		if !o.soKeepalive(value) {
			return fault(`invalid so_keepalive value: "` + value + `"`)
		}
	case "ssl", "http2", "quic", "proxy_protocol", "multipath", "setfib=", "accept_filter=":
		return fault(`the "` + strings.TrimSuffix(name, "=") + `" parameter of the "listen" directive is not supported yet`)
	default:
		return fault(`invalid parameter "` + w + `"`)
	}
	o.set, o.Bind = true, true
	return nil
}

// soKeepalive reads on, off or idle:interval:count, each of which may be missing, but not all.
func (o *listenOptions) soKeepalive(value string) bool {
	switch value {
	case "on":
		o.KeepAlive = 1
		return true
	case "off":
		o.KeepAlive = 2
		return true
	}
	idle, rest, _ := strings.Cut(value, ":")
	interval, n, _ := strings.Cut(rest, ":")
	ok := true
	if idle != "" {
		o.KeepIdle, ok = parseTime(idle, true)
	}
	if ok && interval != "" {
		o.KeepInterval, ok = parseTime(interval, true)
	}
	if ok && n != "" {
		var probes int64
		probes, ok = parseNumber(n)
		o.KeepCount = int(probes)
	}
	o.KeepAlive = 1
	return ok && (o.KeepIdle != 0 || o.KeepInterval != 0 || o.KeepCount != 0)
}

// parseEndpoints reads the address of listen. Its errors are nginx's, without the part that names the address.
func (l *loader) parseEndpoints(s string) ([]endpoint, error) {
	switch {
	case len(s) >= 5 && strings.EqualFold(s[:5], "unix:"):
		path := s[5:]
		switch {
		case path == "":
			return nil, fault("no path in the unix domain socket")
		case len(path) >= unixPathMax:
			return nil, fault("too long path in the unix domain socket")
		}
		return []endpoint{{network: "unix", path: path, key: s}}, nil
	case strings.HasPrefix(s, "["):
		return parseIPv6(s)
	}
	if strings.ContainsAny(s, "/?") {
		return nil, fault("invalid host")
	}
	host, ports, colon := strings.Cut(s, ":")
	first, last := uint16(80), uint16(80)
	if colon {
		var err error
		if first, last, err = parsePorts(ports); err != nil {
			return nil, err
		}
	} else if lo, _, dash := strings.Cut(s, "-"); isNumber(lo) && (!dash || isNumber(s[len(lo)+1:])) {
		var err error
		if first, last, err = parsePorts(s); err != nil {
			return nil, err
		}
		host = "*"
	}
	if host == "" {
		return nil, fault("no host")
	}
	var ips []netip.Addr
	if host == "*" {
		ips = []netip.Addr{netip.IPv4Unspecified()}
	} else if ip, ok := parseIPv4(host); ok {
		ips = []netip.Addr{ip}
	} else if ips = l.hostsFile(host); len(ips) == 0 {
		return nil, fault("host not found")
	}
	return portRange(ips, first, last), nil
}

func isNumber(s string) bool {
	_, ok := parseNumber(s)
	return ok
}

// parsePorts reads "80" or "8000-8010".
func parsePorts(s string) (first, last uint16, err error) {
	lo, hi, dash := strings.Cut(s, "-")
	if !dash {
		hi = lo
	}
	b, ok := parseNumber(hi)
	if !ok || b < 1 || b > 65535 {
		return 0, 0, fault("invalid port")
	}
	a, ok := parseNumber(lo)
	if !ok || a < 1 || a > 65535 {
		return 0, 0, fault("invalid port")
	}
	if a > b {
		return 0, 0, fault("invalid port range")
	}
	return uint16(a), uint16(b), nil
}

func portRange(ips []netip.Addr, first, last uint16) (ends []endpoint) {
	for p := int(first); p <= int(last); p++ {
		for _, ip := range ips {
			ends = append(ends, tcpEndpoint(ip, uint16(p)))
		}
	}
	return ends
}

func parseIPv6(s string) ([]endpoint, error) {
	host, rest, ok := strings.Cut(s[1:], "]")
	if !ok || strings.Contains(rest, "/") || rest != "" && rest[0] != ':' {
		return nil, fault("invalid host")
	}
	first, last := uint16(80), uint16(80)
	if rest != "" {
		var err error
		if first, last, err = parsePorts(rest[1:]); err != nil {
			return nil, err
		}
	}
	if host == "" {
		return nil, fault("no host")
	}
	ip, err := netip.ParseAddr(host)
	if err != nil || !ip.Is6() || ip.Zone() != "" {
		return nil, fault("invalid IPv6 address")
	}
	return portRange([]netip.Addr{ip}, first, last), nil
}

// parseIPv4 reads four decimal numbers; unlike netip's, they may have leading zeros.
func parseIPv4(s string) (netip.Addr, bool) {
	parts := strings.Split(s, ".")
	if len(parts) != 4 {
		return netip.Addr{}, false
	}
	var b [4]byte
	for i, p := range parts {
		n, err := strconv.ParseUint(p, 10, 8)
		if err != nil || p[0] == '+' {
			return netip.Addr{}, false
		}
		b[i] = byte(n)
	}
	return netip.AddrFrom4(b), true
}

// hostsFile looks a name up in /etc/hosts, the only resolver there is at start.
func (l *loader) hostsFile(name string) []netip.Addr {
	if l.hosts == nil {
		text, _ := l.fs.ReadFile("/etc/hosts") // without one no name has an address
		l.hosts = hosts(string(text))
	}
	return l.hosts[strings.ToLower(name)]
}

// addListen gives the server of s an address, as ngx_http_add_listen does.
func (l *loader) addListen(s *scope, d *directive, e endpoint, o listenOptions) error {
	id := portID{e.family(), e.addr.Port()}
	p := l.portsByID[id]
	if p == nil {
		p = &port{byEnd: map[endpoint]*portAddr{}}
		l.portsByID[id] = p
		l.ports = append(l.ports, p)
	}
	same := e
	same.key = "" // "unix:" may be in any case
	a := p.byEnd[same]
	if a == nil {
		a = &portAddr{Address: &Address{Network: e.network, Addr: e.addr, Path: e.path, Key: e.key, Default: s.srv}, opt: o}
		p.addrs = append(p.addrs, a)
		p.byEnd[same] = a
	} else {
		for _, srv := range a.Servers {
			if srv == s.srv {
				return fault("a duplicate listen " + a.Key)
			}
		}
		had := a.opt.defaultServer
		if o.set {
			if a.opt.set {
				return fault("duplicate listen options for " + a.Key)
			}
			a.opt = o
		}
		if o.defaultServer {
			if had {
				return fault("a duplicate default server for " + a.Key)
			}
			had = true
			a.Default = s.srv
		}
		a.opt.defaultServer = had
	}
	a.Servers = append(a.Servers, s.srv)
	s.srv.Listens = append(s.srv.Listens, Listen{
		Network: e.network, Addr: e.addr, Path: e.path, Default: o.defaultServer, Key: a.Key, Address: a.Address,
		File: d.file, Line: d.line,
	})
	return nil
}

// optimizeServers makes addresses and sockets of the ports, as ngx_http_optimize_servers does.
func (l *loader) optimizeServers() error {
	h := l.cfg.HTTP
	for _, p := range l.ports {
		// Own sockets first, the wildcard last: it takes what has no socket of its own.
		rank := func(a *portAddr) int {
			switch {
			case a.wildcard():
				return 2
			case a.opt.Bind:
				return 0
			}
			return 1
		}
		sort.SliceStable(p.addrs, func(i, j int) bool { return rank(p.addrs[i]) < rank(p.addrs[j]) })
		last := p.addrs[len(p.addrs)-1]
		if last.wildcard() {
			last.opt.Bind = true
		}
		var shared []*Address
		for _, a := range p.addrs {
			a.Options = a.opt.SocketOptions
			h.Addresses = append(h.Addresses, a.Address)
			h.byKey[a.Key] = a.Address
			if err := l.nameServers(a.Address); err != nil {
				return err
			}
			if last.wildcard() && !a.opt.Bind {
				shared = append(shared, a.Address)
				continue
			}
			s := &Socket{Network: a.Network, Addr: a.Addr, Path: a.Path, Key: a.Key, SocketOptions: a.Options}
			if a.wildcard() {
				s.Addresses = append(s.Addresses, shared...)
			}
			s.Addresses = append(s.Addresses, a.Address)
			s.byAddr = make(map[netip.AddrPort]*Address, len(s.Addresses))
			for _, b := range s.Addresses {
				s.byAddr[b.Addr] = b
			}
			h.Sockets = append(h.Sockets, s)
		}
	}
	return nil
}

// nameServers fills the names of an address. With one server there is nothing to choose, nor to warn about, unless its name
// has groups.
func (l *loader) nameServers(a *Address) error {
	groups := false
	for _, srv := range a.Servers {
		for _, n := range srv.Names {
			groups = groups || n.Regex != nil && n.Regex.Groups() > 0
		}
	}
	if len(a.Servers) < 2 && !groups {
		return nil
	}
	a.choice = true
	a.names = map[string]*Server{}
	for _, srv := range a.Servers {
		for _, n := range srv.Names {
			taken := false
			switch {
			case n.Regex != nil:
				a.patterns = append(a.patterns, serverPattern{n.Regex, srv})
			case strings.HasPrefix(n.Name, "."), strings.Contains(n.Name, "*"):
				if n.Name[0] == '.' {
					_, taken = a.names[n.Name[1:]]
				}
				if !taken {
					switch a.wild.add(n.Name, srv) {
					case wildcardTaken:
						taken = true
					case wildcardInvalid:
						return &Error{Level: Emerg, Msg: `invalid server name or wildcard "` + n.Name + `" on ` + a.Key}
					}
				}
			default:
				_, taken = a.names[n.Name]
				if _, dotted := a.wild.exact[n.Name]; dotted {
					taken = true
				}
				if !taken {
					a.names[n.Name] = srv
				}
			}
			if taken {
				l.note(Warn, nil, `conflicting server name "`+n.Name+`" on `+a.Key+`, ignored`)
			}
		}
	}
	return nil
}

func serverName(l *loader, s *scope, d *directive) error {
	for _, name := range d.words[1:] {
		if strings.HasPrefix(name, "*") && (len(name) < 3 || name[1] != '.') || name == "." {
			return fault(`server name "` + name + `" is invalid`)
		}
		if strings.Contains(name, "/") {
			l.note(Warn, d, `server name "`+name+`" has suspicious symbols`)
		}
		if pattern, ok := strings.CutPrefix(name, "~"); ok {
			if pattern == "" {
				return fault(`empty regex in server name "` + name + `"`)
			}
			re, err := l.compileRegex(pattern, pattern != lowerASCII(pattern))
			if err != nil {
				return err
			}
			s.srv.Names = append(s.srv.Names, ServerName{Name: name, Regex: re})
			continue
		}
		if strings.EqualFold(name, "$hostname") {
			name = l.hostname()
		}
		s.srv.Names = append(s.srv.Names, ServerName{Name: lowerASCII(name)})
	}
	return nil
}

// lowerASCII leaves bytes that aren't ASCII letters alone.
func lowerASCII(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c | 0x20
		}
	}
	return string(b)
}
