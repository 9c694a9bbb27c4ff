package h1

import "encoding/binary"

// Classes of a byte in a request target. Usual bytes need no look; the others are in the order of their importance:
// from uriEnd on they end the target or make it invalid.
const (
	uriUsual   uint8 = iota
	uriSlash         // '/'
	uriPercent       // '%'
	uriQuery         // '?'
	uriHash          // '#'
	uriEnd           // ' ', control characters, DEL
)

var uriClass = func() (t [256]uint8) {
	for c := range 0x21 {
		t[c] = uriEnd
	}
	t[0x7f] = uriEnd
	t['/'], t['%'], t['?'], t['#'] = uriSlash, uriPercent, uriQuery, uriHash
	return t
}()

const (
	wordGET  = 'G' | 'E'<<8 | 'T'<<16 | ' '<<24
	wordHTTP = 'H' | 'T'<<8 | 'T'<<16 | 'P'<<24 | '/'<<32 | '1'<<40 | '.'<<48 | '1'<<56
	wordCRLF = '\r' | '\n'<<8
)

// requestLine reads the line at data[start], which is not empty, and returns where the next one begins, 0 if its end
// is not here yet.
func (p *Parser) requestLine(req *Request, data []byte, start int) (int, *Error) {
	n := len(data)
	i := start
	if n-i >= 4 && binary.LittleEndian.Uint32(data[i:]) == wordGET {
		req.MethodID = MethodGET
		i += 3
	} else {
		// A byte that can't be in a method is refused as soon as it is here: it may be TLS, or anything.
		limit := min(n, start+p.lineMax())
		for i < limit && isMethodByte(data[i]) {
			i++
		}
		if i == limit {
			if limit < n {
				return 0, errURITooLong
			}
			return 0, nil
		}
		if data[i] != ' ' || i == start {
			return 0, errInvalidMethod
		}
		req.MethodID = MethodByName(data[start:i])
	}
	req.Method = data[start:i]
	i++
	for i < n && data[i] == ' ' {
		if p.Strict {
			return 0, p.lineError(data, errInvalidRequest)
		}
		i++
	}
	if i == n {
		return 0, nil
	}

	// The target.
	target, path := i, i
	emptyPath := false
	if data[i] != '/' {
		authority, authorityEnd, more, e := absoluteForm(data, i)
		if e != nil {
			return 0, p.lineError(data, e)
		}
		if more {
			return 0, nil
		}
		req.Scheme = data[i : authority-3]
		i, target = authorityEnd, authorityEnd
		path = i
		if data[i] != '/' {
			// No path: "/" is taken from "scheme://", so that Path is a view like any other.
			path, emptyPath = authority-1, true
		}
		name, upper, ok := ValidateHost(data[authority:authorityEnd])
		if !ok {
			return 0, p.lineError(data, errInvalidHostInLine)
		}
		req.setHost(name, upper)
	}
	complex := false
	pathEnd, argsStart, argsEnd := -1, -1, -1
scan:
	for {
		for uint(i) < uint(len(data)) && uriClass[data[i]] == uriUsual {
			i++
		}
		if i == n {
			return 0, nil
		}
		switch uriClass[data[i]] {
		case uriSlash:
			if pathEnd < 0 && i+1 < n && (data[i+1] == '/' || data[i+1] == '.') {
				complex = true
			}
		case uriPercent:
			if pathEnd < 0 {
				complex = true
			}
		case uriQuery:
			if pathEnd < 0 {
				pathEnd, argsStart = i, i+1
			}
		case uriHash:
			// What follows is never part of path or arguments.
			if pathEnd < 0 {
				pathEnd = i
			} else if argsStart >= 0 && argsEnd < 0 {
				argsEnd = i
			}
		default:
			break scan
		}
		i++
	}
	targetEnd := i
	if pathEnd < 0 {
		pathEnd = i
	}
	if argsEnd < 0 {
		argsEnd = i
	}
	if emptyPath {
		pathEnd = path + 1
	}
	req.URI, req.Path, req.Complex = data[target:targetEnd], data[path:pathEnd], complex
	if emptyPath && targetEnd == target {
		req.URI = req.Path
	}
	if argsStart >= 0 && argsEnd > argsStart {
		req.Args = data[argsStart:argsEnd]
	}

	// The version.
	if n-i >= 11 && data[i] == ' ' && binary.LittleEndian.Uint64(data[i+1:]) == wordHTTP &&
		binary.LittleEndian.Uint16(data[i+9:]) == wordCRLF {
		req.Major, req.Minor = 1, 1
		req.Protocol = data[i+1 : i+9]
		req.Line = data[start : i+9]
		return i + 11, nil
	}
	end, next, more, e := p.version(req, data, i)
	if e != nil {
		return 0, p.lineError(data, e)
	}
	if more {
		return 0, nil
	}
	req.Line = data[start:end]
	if req.Major == 0 && req.MethodID != MethodGET {
		return 0, p.lineError(data, errInvalid09)
	}
	return next, nil
}

func isMethodByte(c byte) bool { return c >= 'A' && c <= 'Z' || c == '_' || c == '-' }

// absoluteForm reads scheme "://" authority at data[i] and returns the bounds of the authority.
// more: the line goes on beyond data.
func absoluteForm(data []byte, i int) (authority, end int, more bool, e *Error) {
	n := len(data)
	if c := data[i] | 0x20; c < 'a' || c > 'z' {
		return 0, 0, false, errInvalidRequest
	}
	for i < n && isSchemeByte(data[i]) {
		i++
	}
	for _, want := range []byte("://") {
		if i == n {
			return 0, 0, true, nil
		}
		if data[i] != want {
			return 0, 0, false, errInvalidRequest
		}
		i++
	}
	authority = i
	if i < n && data[i] == '[' {
		for i < n && data[i] != ']' {
			if hostClass[data[i]]&hostLiteral == 0 && data[i] != '[' {
				return 0, 0, false, errInvalidRequest
			}
			i++
		}
		i++ // past ']', or past n
	} else {
		for i < n && isHostByte(data[i]) {
			i++
		}
	}
	if i < n && data[i] == ':' {
		i++
		for i < n && data[i] >= '0' && data[i] <= '9' {
			i++
		}
	}
	if i >= n {
		return 0, 0, true, nil
	}
	switch data[i] {
	case '/', '?', ' ':
		return authority, i, false, nil
	}
	return 0, 0, false, errInvalidRequest
}

func isSchemeByte(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '+' || c == '-' || c == '.'
}

// isHostByte is narrower than hostClass: in a request line nginx takes letters, digits, '.' and '-' only.
func isHostByte(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '.' || c == '-'
}

// version reads what follows the target, from the byte that ended it on. end is where the line's text ends.
func (p *Parser) version(req *Request, data []byte, i int) (end, next int, more bool, e *Error) {
	n := len(data)
	spaces := 0
	for i < n && data[i] == ' ' {
		i++
		spaces++
	}
	if i == n {
		return 0, 0, true, nil
	}
	if data[i] == '\r' || data[i] == '\n' {
		end, next, more, e = p.endOfLine(data, i)
		if e == nil && !more && p.Strict {
			e = errRefused09
		}
		if e == nil && !more {
			req.Major, req.Minor = 0, 9
		}
		return end, next, more, e
	}
	if spaces == 0 || p.Strict && spaces > 1 {
		return 0, 0, false, errInvalidRequest
	}
	protocol := i
	for _, want := range []byte("HTTP/") {
		if i == n {
			return 0, 0, true, nil
		}
		if data[i] != want {
			return 0, 0, false, errInvalidRequest
		}
		i++
	}
	if i == n {
		return 0, 0, true, nil
	}
	if data[i] < '1' || data[i] > '9' {
		return 0, 0, false, errInvalidRequest
	}
	// Major: 1, or refused at the first digit that makes it more.
	if data[i] > '1' {
		return 0, 0, false, errInvalidVersion
	}
	i++
	if i == n {
		return 0, 0, true, nil
	}
	if data[i] != '.' {
		if data[i] >= '0' && data[i] <= '9' {
			return 0, 0, false, errInvalidVersion
		}
		return 0, 0, false, errInvalidRequest
	}
	i++
	minor, digits := 0, 0
	for i < n && data[i] >= '0' && data[i] <= '9' {
		if minor > 99 {
			return 0, 0, false, errInvalidRequest
		}
		minor = minor*10 + int(data[i]-'0')
		digits++
		i++
	}
	if i == n {
		return 0, 0, true, nil
	}
	if digits == 0 || p.Strict && (digits > 1 || minor > 1) {
		return 0, 0, false, errInvalidRequest
	}
	versionEnd := i
	for i < n && data[i] == ' ' {
		if p.Strict {
			return 0, 0, false, errInvalidRequest
		}
		i++
	}
	if i == n {
		return 0, 0, true, nil
	}
	req.Major, req.Minor = 1, minor
	req.Protocol = data[protocol:versionEnd]
	return p.endOfLine(data, i)
}

// endOfLine reads CR LF, or LF alone unless Strict, at data[i].
func (p *Parser) endOfLine(data []byte, i int) (end, next int, more bool, e *Error) {
	switch data[i] {
	case '\n':
		if p.Strict {
			return 0, 0, false, errBareLF
		}
		return i, i + 1, false, nil
	case '\r':
		if i+1 == len(data) {
			return 0, 0, true, nil
		}
		if data[i+1] == '\n' {
			return i, i + 2, false, nil
		}
	}
	return 0, 0, false, errInvalidRequest
}
