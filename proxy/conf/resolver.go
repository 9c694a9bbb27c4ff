package conf

import (
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// Resolver is a resolver directive: whom to ask for the addresses of names.
type Resolver struct {
	Servers    []netip.AddrPort
	Valid      time.Duration // how long an answer holds; 0: as long as it says
	IPv4, IPv6 bool          // which addresses are asked for; at least one
}

func resolverRows() []row {
	const in = httpServerLocation
	return []row{
		{"resolver", in, oneMore, setting{setResolver, func(dst, src *Location) { dst.Resolver = src.Resolver }, ""}},
		{"resolver_timeout", in, take1, locField(msec, func(l *Location) *time.Duration { return &l.ResolverTimeout })},
	}
}

func setResolver(l *loader, s *scope, d *directive) error {
	if !s.once("resolver") {
		return isDuplicate
	}
	r := &Resolver{IPv4: true, IPv6: true}
	for _, w := range d.words[1:] {
		key, value, _ := strings.Cut(w, "=")
		var on *bool
		switch key {
		case "valid":
			t, ok := parseTime(value, true)
			if !ok {
				return fault("invalid parameter: " + w)
			}
			r.Valid = t
			continue
		case "ipv4":
			on = &r.IPv4
		case "ipv6":
			on = &r.IPv6
		default:
			servers, err := l.resolverServers(w)
			if err != nil {
				return fault(err.Error() + ` in resolver "` + w + `"`)
			}
			r.Servers = append(r.Servers, servers...)
			continue
		}
		if *on = value == "on"; !*on && value != "off" {
			return fault("invalid parameter: " + w)
		}
	}
	switch {
	case !r.IPv4 && !r.IPv6:
		return fault(`"ipv4" and "ipv6" cannot both be "off"`)
	case len(r.Servers) == 0:
		return fault("no name servers defined")
	}
	s.loc.Resolver = r
	return nil
}

// resolverServers reads an address or a name, with or without a port.
func (l *loader) resolverServers(s string) (all []netip.AddrPort, err error) {
	host, port, colon := s, "53", false
	if strings.HasPrefix(s, "[") {
		var rest string
		if host, rest, colon = strings.Cut(s[1:], "]"); !colon {
			return nil, fault("invalid host")
		}
		if port, colon = strings.CutPrefix(rest, ":"); !colon {
			port = "53"
		}
	} else if host, port, colon = strings.Cut(s, ":"); !colon {
		port = "53"
	}
	n, err := strconv.ParseUint(port, 10, 16)
	switch {
	case host == "":
		return nil, fault("no host")
	case err != nil || n == 0:
		return nil, fault("invalid port")
	}
	ips := l.hostsFile(host)
	if ip, err := netip.ParseAddr(host); err == nil && ip.Zone() == "" {
		ips = []netip.Addr{ip}
	}
	if len(ips) == 0 {
		return nil, fault("host not found")
	}
	for _, ip := range ips {
		all = append(all, netip.AddrPortFrom(ip, uint16(n)))
	}
	return all, nil
}

// hosts parses a file of the form of /etc/hosts: name in lower case -> addresses in the order of the file.
func hosts(text string) map[string][]netip.Addr {
	all := map[string][]netip.Addr{}
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		f := strings.Fields(line)
		if len(f) < 2 {
			continue
		}
		ip, err := netip.ParseAddr(f[0])
		if err != nil || ip.Zone() != "" {
			continue
		}
		for i, name := range f[1:] {
			name = strings.ToLower(name)
			if !containsFold(f[1:1+i], name) {
				all[name] = append(all[name], ip)
			}
		}
	}
	return all
}

func containsFold(list []string, s string) bool {
	for _, e := range list {
		if strings.EqualFold(e, s) {
			return true
		}
	}
	return false
}
