package h1

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/bits"
	"slices"
)

// Limits of a head, as nginx's directives set them. A line must fit one buffer; the first lines fill the small buffer,
// and a line that no longer fits opens the next large one.
type Limits struct {
	HeaderBuffer int // client_header_buffer_size, bytes; 0: 1024
	LargeBuffers int // large_client_header_buffers, number; 0: 4
	LargeSize    int // large_client_header_buffers, size in bytes; 0: 8192
	Headers      int // max_headers, lines, at most 65535; 0: 1000
}

// leadingMax bounds the empty lines before a request line, in bytes. RFC 9112 section 2.2 asks to ignore at least one
// empty line; nginx ignores any number, for as long as the client's header timeout lasts.
const leadingMax = 8192

// droppedMax bounds Request.Dropped, which is for the log: a head full of such lines need not fill it.
const droppedMax = 64

// Parser reads one request head at a time. The zero value is ready and has nginx's defaults. The exported fields are
// settings: change them between requests only.
type Parser struct {
	Limits

	// Strict refuses what a recipient may, but need not, put up with: LF alone as the end of a line, more than one
	// space within the request line, control characters in values, versions other than 1.0 and 1.1, HTTP/0.9.
	Strict bool
	// Underscores is underscores_in_headers on: "_" is valid in a name.
	Underscores bool
	// KeepInvalid is ignore_invalid_headers off: lines with invalid names go to Headers instead of Dropped. A name
	// with a space, a control character or nothing at all is refused in any case.
	KeepInvalid bool

	at    int   // start of the line to parse next
	seen  int   // the bytes from at to here have no LF
	state uint8 // which part comes next
	busy  int   // large buffers opened
	room  int   // bytes left in the buffer being filled
}

const (
	stateLeading uint8 = iota
	stateRequestLine
	stateHeaders
)

// Reset makes the parser ready for the next request. Settings stay.
func (p *Parser) Reset() { p.at, p.seen, p.state, p.busy, p.room = 0, 0, stateLeading, 0, 0 }

// Started reports whether a request has begun: something other than empty lines was seen since Reset.
func (p *Parser) Started() bool { return p.state != stateLeading }

// Parse reads a head at the start of data.
//
//	n > 0                   complete: the head is data[:n], req is filled. Reset both before the next one.
//	n == 0 and err == nil   incomplete: call again with the same bytes and more of them, at any address, the same req.
//	err != nil              refused; err is an *Error. req holds what was understood, for the log.
//
// Views in req point into data.
func (p *Parser) Parse(req *Request, data []byte) (n int, err error) {
	if p.state == stateLeading {
		req.baseCap = cap(data)
		req.ContentLength = -1
		if e := p.leading(data); e != nil {
			return 0, e
		}
		if p.state == stateLeading {
			return 0, nil
		}
		p.room = orDefault(p.HeaderBuffer, 1024)
	} else {
		req.Rebase(data)
		// Nothing to do before the end of the line is here or its limit is passed, unless it is still the method.
		if p.state == stateHeaders || req.Method != nil {
			if bytes.IndexByte(data[min(p.seen, len(data)):], '\n') < 0 {
				return 0, p.incomplete(data)
			}
		}
	}
	if p.state == stateRequestLine {
		next, e := p.requestLine(req, data, p.at)
		if e != nil {
			return 0, e
		}
		if next == 0 {
			return 0, p.incomplete(data)
		}
		if e := p.took(next-p.at, data); e != nil {
			return 0, e
		}
		p.at, p.state = next, stateHeaders
		if req.Major == 0 {
			return next, nil // HTTP/0.9 has no header section
		}
	}
	next, e := p.headers(req, data)
	if e != nil {
		return 0, e
	}
	if next == 0 {
		return 0, p.incomplete(data)
	}
	p.at = next
	if e := req.finish(); e != nil {
		return 0, e
	}
	return next, nil
}

// leading skips empty lines before the request line.
func (p *Parser) leading(data []byte) *Error {
	i := p.at
	for i < len(data) {
		switch data[i] {
		case '\n':
			if p.Strict {
				return errBareLF
			}
			i++
		case '\r':
			if i+1 == len(data) {
				return nil
			}
			if data[i+1] != '\n' {
				return errInvalidMethod
			}
			i += 2
		default:
			p.at, p.seen, p.state = i, i, stateRequestLine
			return nil
		}
		if i > leadingMax {
			return errLeading
		}
		p.at, p.seen = i, i
	}
	return nil
}

// incomplete ends a call that needs more bytes. Returns error as an interface: nil must stay nil.
func (p *Parser) incomplete(data []byte) error {
	p.seen = len(data)
	if e := p.checkOpenLine(data); e != nil {
		return e
	}
	return nil
}

// lineMax is how long the line at p.at may be, its end of line included.
func (p *Parser) lineMax() int {
	size := p.room
	if p.busy < orDefault(p.LargeBuffers, 4) {
		size = max(size, orDefault(p.LargeSize, 8192))
	}
	return size
}

// checkOpenLine refuses a line that has no end yet and is too long already.
func (p *Parser) checkOpenLine(data []byte) *Error {
	if len(data)-p.at <= p.room {
		return nil
	}
	if size := p.lineMax(); len(data)-p.at > size {
		return p.tooLong(data[p.at:], size)
	}
	return nil
}

// took accounts for a line of size bytes.
func (p *Parser) took(size int, data []byte) *Error {
	if size <= p.room {
		p.room -= size
		return nil
	}
	if most := p.lineMax(); size > most {
		return p.tooLong(data[p.at:], most)
	}
	p.busy++
	p.room = orDefault(p.LargeSize, 8192) - size
	return nil
}

func (p *Parser) tooLong(line []byte, size int) *Error {
	if p.state == stateRequestLine {
		return errURITooLong
	}
	// nginx shows the beginning of the line, at most its longest error string without 300 bytes for the rest.
	return &Error{494, `client sent too long header line: "` + string(line[:min(size, logLineMax)]) + `..."`}
}

// logLineMax is NGX_MAX_ERROR_STR - 300.
const logLineMax = 2048 - 300

// lineError reports e for the line at p.at if this line has ended within its limit. Otherwise it reports the limit
// or nothing yet, so that the answer doesn't depend on how the bytes were cut.
func (p *Parser) lineError(data []byte, e *Error) *Error {
	size := p.lineMax()
	line := data[p.at:]
	if i := bytes.IndexByte(line[:min(size, len(line))], '\n'); i >= 0 {
		return e
	}
	if len(line) > size {
		return p.tooLong(line, size)
	}
	return nil
}

const (
	ones8  = 0x0101010101010101
	highs8 = 0x8080808080808080
)

// headers reads header lines from p.at on, and returns where the body begins, or 0 if more is needed.
func (p *Parser) headers(req *Request, data []byte) (int, *Error) {
	names := &nameClass
	if p.Underscores {
		names = &nameClassUnderscore
	}
	headersMax := min(orDefault(p.Headers, 1000), math.MaxUint16)
	n := len(data)
	i := p.at
	for i < n {
		start := i
		c := data[i]
		if c <= '\r' {
			if c == '\r' {
				if i+1 == n {
					break
				}
				if data[i+1] == '\n' {
					return i + 2, p.took(2, data)
				}
				return 0, p.lineError(data, invalidLine(data, start, i+1))
			}
			if c == '\n' {
				if p.Strict {
					return 0, errBareLF
				}
				return i + 1, p.took(1, data)
			}
		}

		// The name. The known ones are recognised without a look at every byte.
		invalid := false
		id, nameEnd := knownHeader(data, i)
		if id != HeaderOther {
			i = nameEnd
		} else {
			for {
				for uint(i) < uint(len(data)) && names[data[i]] == nameUsual {
					i++
				}
				if i == n {
					return 0, nil
				}
				if data[i] == ':' {
					break
				}
				if names[data[i]] == nameRefused {
					if data[i] == '\r' || data[i] == '\n' {
						return 0, p.lineError(data, noColon(data[start:i]))
					}
					return 0, p.lineError(data, invalidLine(data, start, i))
				}
				invalid = true
				i++
			}
			if nameEnd = i; nameEnd == start {
				return 0, p.lineError(data, invalidLine(data, start, i))
			}
			if n-start < 24 && !invalid {
				id = HeaderIDOf(data[start:nameEnd]) // there was no room for knownHeader
			}
		}

		// The value: up to the first control character, eight bytes at a time.
		i++
		for i < n && data[i] == ' ' {
			i++
		}
		valueStart := i
		for {
			for i+8 <= n {
				w := binary.LittleEndian.Uint64(data[i:])
				// The lowest set bit marks the first byte below 0x20; higher ones may be false.
				if m := (w - 0x20*ones8) &^ w & highs8; m != 0 {
					i += bits.TrailingZeros64(m) >> 3
					goto control
				}
				i += 8
			}
			for i < n && data[i] >= 0x20 {
				i++
			}
			if i == n {
				return 0, nil
			}
		control:
			c = data[i]
			if c == '\r' || c == '\n' {
				break
			}
			if c == 0 || p.Strict && c != '\t' {
				return 0, p.lineError(data, invalidLine(data, start, i))
			}
			i++
		}
		valueEnd := i
		if c == '\r' {
			i++
			if i == n {
				return 0, nil
			}
			if data[i] != '\n' {
				return 0, p.lineError(data, invalidLine(data, start, i-1))
			}
		} else if p.Strict {
			return 0, p.lineError(data, errBareLF)
		}
		i++
		if size := i - start; size <= p.room {
			p.room -= size
		} else if e := p.took(size, data); e != nil {
			return 0, e
		}
		for valueEnd > valueStart && data[valueEnd-1] == ' ' {
			valueEnd--
		}
		if p.Strict && bytes.IndexByte(data[valueStart:valueEnd], 0x7f) >= 0 {
			return 0, invalidLine(data, start, valueEnd)
		}
		p.at = i

		if invalid && !p.KeepInvalid {
			if len(req.Dropped) < droppedMax {
				req.Dropped = append(req.Dropped, data[start:valueEnd])
			}
			continue
		}
		if len(req.Headers) >= headersMax {
			return 0, errTooManyHeaders
		}
		// Not append: growing in place keeps the slice's pointer, so it needs no write barrier.
		k := len(req.Headers)
		if k == cap(req.Headers) {
			req.Headers = slices.Grow(req.Headers, 16)
		}
		req.Headers = req.Headers[:k+1]
		h := &req.Headers[k]
		h.Name, h.Value, h.Known = data[start:nameEnd], data[valueStart:valueEnd], id
		if id == HeaderOther {
			continue
		}
		bit := uint64(1) << (id & 63)
		again := req.seen&bit != 0
		if !again {
			req.seen |= bit
			req.first[id] = uint16(k)
		}
		if readAtOnce&bit == 0 {
			continue
		}
		if e := req.read(id, again); e != nil {
			return 0, e
		}
	}
	return 0, nil
}

// Headers that read looks at when they arrive: those that may be sent once, as in nginx's table, and Connection.
const (
	readAtOnce = sentOnce | 1<<HeaderHost | 1<<HeaderConnection
	sentOnce   = 1<<HeaderContentLength | 1<<HeaderTransferEncoding | 1<<HeaderExpect | 1<<HeaderAuthorization |
		1<<HeaderProxyAuthorization | 1<<HeaderIfModifiedSince | 1<<HeaderIfUnmodifiedSince | 1<<HeaderIfMatch |
		1<<HeaderIfNoneMatch | 1<<HeaderIfRange | 1<<HeaderContentRange
)

// read takes in the header that was appended last; again: there was one of its kind before.
func (r *Request) read(id HeaderID, again bool) *Error {
	h := &r.Headers[len(r.Headers)-1]
	if again && id != HeaderConnection {
		what := "header line"
		if id == HeaderHost {
			what = "host header"
		}
		old := &r.Headers[r.first[id]]
		return &Error{400, "client sent duplicate " + what + `: "` + clip(h.Name) + ": " + clip(h.Value) +
			`", previous value: "` + clip(old.Name) + ": " + clip(old.Value) + `"`}
	}
	switch id {
	case HeaderHost:
		name, upper, ok := ValidateHost(h.Value)
		if !ok {
			return errInvalidHost
		}
		if r.Host == nil { // the authority of an absolute-form target goes first
			r.setHost(name, upper)
		}
	case HeaderConnection:
		r.connection(h.Value)
	}
	return nil
}

// connection reads one Connection header as nginx does, which looks for the words anywhere in the value. But where
// nginx lets the last header win, close is never taken back here. upgrade has to be an element of the list.
func (r *Request) connection(value []byte) {
	switch {
	case len(value) == 10 && EqualFold(value, "keep-alive"):
		r.connKeep = true
		return
	case containsFold(value, "close"):
		r.connClose = true
	case containsFold(value, "keep-alive"):
		r.connKeep = true
	}
	r.connUpgr = r.connUpgr || hasToken(value, "upgrade")
}

// containsFold looks for a word in lower case.
func containsFold(b []byte, word string) bool {
	for i := 0; i+len(word) <= len(b); i++ {
		if b[i]|0x20 == word[0] && EqualFold(b[i:i+len(word)], word) {
			return true
		}
	}
	return false
}

func trimOWS(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\t') {
		b = b[1:]
	}
	for len(b) > 0 && (b[len(b)-1] == ' ' || b[len(b)-1] == '\t') {
		b = b[:len(b)-1]
	}
	return b
}

// finish draws the conclusions from a complete head, in nginx's order.
func (r *Request) finish() *Error {
	v11 := r.Minor > 0
	if r.seen>>HeaderHost&1 == 0 && v11 {
		return errNoHost
	}
	const rare = 1<<HeaderContentLength | 1<<HeaderTransferEncoding | 1<<HeaderExpect | 1<<HeaderUpgrade
	if r.seen&rare != 0 {
		if r.Has(HeaderContentLength) {
			size, ok := parseDecimal(r.Get(HeaderContentLength))
			if !ok {
				return errInvalidLength
			}
			r.ContentLength = size
		}
		if r.Has(HeaderTransferEncoding) {
			if !v11 {
				return errEncodingIn10
			}
			coding := r.Get(HeaderTransferEncoding)
			if !EqualFold(coding, "chunked") {
				return &Error{501, `client sent unknown "Transfer-Encoding": "` + clip(coding) + `"`}
			}
			if r.Has(HeaderContentLength) {
				return errLengthAndEncoding
			}
			r.Chunked = true
		}
		r.Expect100 = v11 && r.Has(HeaderExpect) && EqualFold(r.Get(HeaderExpect), "100-continue")
		r.Upgrade = v11 && r.connUpgr && r.Has(HeaderUpgrade)
	}
	switch r.MethodID {
	case MethodCONNECT:
		return errConnect
	case MethodTRACE:
		return errTrace
	}
	r.KeepAlive = !r.connClose && (v11 || r.connKeep)
	return nil
}

// parseDecimal reads digits alone, below 2^63.
func parseDecimal(b []byte) (int64, bool) {
	if len(b) == 0 {
		return 0, false
	}
	var v int64
	for _, c := range b {
		d := int64(c) - '0'
		if d < 0 || d > 9 || v > (math.MaxInt64-d)/10 {
			return 0, false
		}
		v = v*10 + d
	}
	return v, true
}

func orDefault(v, def int) int {
	if v == 0 {
		return def
	}
	return v
}

// Classes of a byte in a field name. nginx takes letters, digits and '-' as usual, refuses what is not above 0x20, and
// DEL; every other byte makes the name invalid, and the line is dropped by default.
const (
	nameUsual uint8 = iota
	nameInvalid
	nameRefused
	nameColon
)

var nameClass, nameClassUnderscore = func() (plain, underscore [256]uint8) {
	for c := range 256 {
		switch {
		case c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' || c == '-':
			plain[c] = nameUsual
		case c <= ' ' || c == 0x7f:
			plain[c] = nameRefused
		case c == ':':
			plain[c] = nameColon
		default:
			plain[c] = nameInvalid
		}
	}
	underscore = plain
	underscore['_'] = nameUsual
	return plain, underscore
}()
