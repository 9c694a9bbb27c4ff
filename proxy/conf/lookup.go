package conf

import (
	"net/netip"

	"moonring/proxy/regex"
)

// hostMax bounds a host name: RFC 1035, section 2.3.4, says 255.
const hostMax = 255

// ServerFor returns the server for a request that came in on the address named key (Address.Key, Listen.Key) and asks
// for host: without port and final dot, "" if the request names none. The case of ASCII letters does not matter.
// nil if there is no such address.
func (h *HTTP) ServerFor(key, host []byte, m HostMatcher) *Server {
	a := h.byKey[string(key)]
	if a == nil {
		return nil
	}
	return a.ServerFor(host, m)
}

// HostMatcher tells if a host, in lower case, matches the pattern of a server_name. What can't be told doesn't match.
type HostMatcher interface {
	MatchHost(re *regex.Regexp, host []byte) bool
}

// ServerFor returns the server of this address with that name: the exact one, the longest with an asterisk in front, the
// longest with one at the end, the first pattern that matches, or the default one; see HTTP.ServerFor.
func (a *Address) ServerFor(host []byte, m HostMatcher) *Server {
	if !a.choice || len(host) > hostMax {
		return a.Default
	}
	if s, ok := a.names[string(host)]; ok {
		return s
	}
	folded := false
	for _, c := range host {
		folded = folded || c >= 'A' && c <= 'Z'
	}
	if folded {
		return a.foldedServer(host, m)
	}
	return a.inexactServer(host, m)
}

// foldedServer is ServerFor with a host that has capitals.
func (a *Address) foldedServer(host []byte, m HostMatcher) *Server {
	var buf [hostMax]byte
	lower := buf[:len(host)]
	for i, c := range host {
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		lower[i] = c
	}
	if s, ok := a.names[string(lower)]; ok {
		return s
	}
	if s, ok := a.wild.find(lower); ok {
		return s
	}
	if len(a.patterns) == 0 {
		return a.Default
	}
	return a.inexactServer([]byte(string(lower)), m) // a copy, so that buf needn't be on the heap for others
}

// inexactServer is ServerFor with a host in lower case that is nobody's name.
func (a *Address) inexactServer(host []byte, m HostMatcher) *Server {
	if s, ok := a.wild.find(host); ok {
		return s
	}
	if len(host) > 0 {
		for i := range a.patterns {
			if m.MatchHost(a.patterns[i].re, host) {
				return a.patterns[i].srv
			}
		}
	}
	return a.Default
}

// Address returns the address that a connection accepted on this socket belongs to. local is the connection's own
// address and is used only when NeedsLocal; an IPv4 address mapped to IPv6 is taken as it is.
func (s *Socket) Address(local netip.AddrPort) *Address {
	if len(s.Addresses) == 1 {
		return s.Addresses[0]
	}
	if a := s.byAddr[local]; a != nil {
		return a
	}
	return s.Addresses[len(s.Addresses)-1]
}

// NeedsLocal reports whether Address looks at the local address: several addresses share the socket.
func (s *Socket) NeedsLocal() bool { return len(s.Addresses) > 1 }

// Type returns the media type of a path's extension, else DefaultType (which may be empty: no Content-Type).
// The case of ASCII letters does not matter.
func (l *Location) Type(path []byte) string {
	i := len(path) - 1
	for ; i >= 0 && path[i] != '.'; i-- {
		if path[i] == '/' {
			return l.DefaultType
		}
	}
	// nginx takes no extension from a name that is all dot, ".html".
	if i < 1 || path[i-1] == '/' {
		return l.DefaultType
	}
	ext := path[i+1:]
	var lower [64]byte
	if len(ext) == 0 || len(ext) > len(lower) {
		return l.DefaultType
	}
	for j, c := range ext {
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		lower[j] = c
	}
	if t, ok := l.Types[string(lower[:len(ext)])]; ok {
		return t
	}
	return l.DefaultType
}
