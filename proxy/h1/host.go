package h1

// ValidateHost checks a Host value or authority as nginx does since 1.29.4: a registered name of unreserved characters,
// sub-delims and '%', or an IP literal in brackets; no two dots in a row; then optionally ':' and a port up to 65535.
// It returns the name without port and final dot, and whether it holds capitals.
func ValidateHost(host []byte) (name []byte, upper, ok bool) {
	size := len(host)
	lastDot := -2
	i := 0
	if size > 0 && host[0] == '[' {
		for i = 1; ; i++ {
			if i == len(host) {
				return nil, false, false
			}
			c := host[i]
			if c == ']' {
				break
			}
			class := hostClass[c]
			if class&hostLiteral == 0 {
				return nil, false, false
			}
			upper = upper || class&hostUpper != 0
			if c == '.' {
				if lastDot == i-1 {
					return nil, false, false
				}
				lastDot = i
			}
		}
		i++
		size = i
		if i < len(host) && host[i] != ':' {
			return nil, false, false
		}
	} else {
		for ; i < len(host); i++ {
			c := host[i]
			class := hostClass[c]
			if class == hostPlain {
				continue
			}
			if c == ':' {
				size = i
				break
			}
			if class&hostName == 0 {
				return nil, false, false
			}
			if c == '.' {
				if lastDot == i-1 {
					return nil, false, false
				}
				lastDot = i
			}
			upper = upper || class&hostUpper != 0
		}
	}
	if i < len(host) { // at the colon
		port := 0
		for _, c := range host[i+1:] {
			if c < '0' || c > '9' {
				return nil, false, false
			}
			if port = port*10 + int(c-'0'); port > 65535 {
				return nil, false, false
			}
		}
	}
	if lastDot == size-1 {
		size--
	}
	if size <= 0 {
		return nil, false, false
	}
	return host[:size], upper, true
}

// Bits of hostClass.
const (
	hostName    uint8 = 1 << iota // in a registered name
	hostLiteral                   // between brackets
	hostUpper
	hostDot
	hostPlain = hostName | hostLiteral // most bytes: they need no further look
)

var hostClass = func() (t [256]uint8) {
	for c := range 256 {
		switch {
		case c >= 'A' && c <= 'Z':
			t[c] = hostName | hostLiteral | hostUpper
		case c >= 'a' && c <= 'z' || c >= '0' && c <= '9':
			t[c] = hostName
		}
	}
	for _, c := range "-_~!$&'()*+,;=" {
		t[c] = hostName
	}
	for c := range t {
		if t[c]&hostName != 0 {
			t[c] |= hostLiteral
		}
	}
	t['.'] = hostPlain | hostDot
	t['%'] = hostName
	t[':'] = hostLiteral
	return t
}()

// setHost makes the validated name the request's host, in lower case.
func (r *Request) setHost(name []byte, upper bool) {
	if !upper {
		r.Host, r.hostOwned = name, false
		return
	}
	r.hostBuf = append(r.hostBuf[:0], name...)
	for i, c := range r.hostBuf {
		if c >= 'A' && c <= 'Z' {
			r.hostBuf[i] = c | 0x20
		}
	}
	r.Host, r.hostOwned = r.hostBuf, true
}
