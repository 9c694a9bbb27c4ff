package h1

import (
	"bytes"
	"fmt"
	"math"
)

// ResponseID names the response headers that a proxy reads or treats apart.
type ResponseID uint8

const (
	ResponseOther ResponseID = iota
	ResponseConnection
	ResponseKeepAlive
	ResponseContentLength
	ResponseTransferEncoding
	ResponseContentType
	ResponseLastModified
	ResponseLocation
	ResponseRefresh
	ResponseDate
	ResponseServer
	ResponseXPad
	ResponseAccelExpires
	ResponseAccelRedirect
	ResponseAccelLimitRate
	ResponseAccelBuffering
	ResponseAccelCharset
	responseIDCount
)

var responseNames = [responseIDCount]string{
	ResponseConnection: "Connection", ResponseKeepAlive: "Keep-Alive", ResponseContentLength: "Content-Length",
	ResponseTransferEncoding: "Transfer-Encoding", ResponseContentType: "Content-Type", ResponseLastModified: "Last-Modified",
	ResponseLocation: "Location", ResponseRefresh: "Refresh", ResponseDate: "Date", ResponseServer: "Server", ResponseXPad: "X-Pad",
	ResponseAccelExpires: "X-Accel-Expires", ResponseAccelRedirect: "X-Accel-Redirect", ResponseAccelLimitRate: "X-Accel-Limit-Rate",
	ResponseAccelBuffering: "X-Accel-Buffering", ResponseAccelCharset: "X-Accel-Charset",
}

// responseByLength are the known names of one length.
var responseByLength = func() (t [20][]ResponseID) {
	for id := ResponseOther + 1; id < responseIDCount; id++ {
		n := len(responseNames[id])
		t[n] = append(t[n], id)
	}
	return t
}()

// ResponseIDOf identifies a name in any letter case; ResponseOther if it is none of the known ones.
func ResponseIDOf(name []byte) ResponseID {
	if len(name) < len(responseByLength) {
		for _, id := range responseByLength[len(name)] {
			if EqualFold(name, responseNames[id]) {
				return id
			}
		}
	}
	return ResponseOther
}

// ResponseHeader is one field line of a response. Value is without the spaces and tabs around it.
type ResponseHeader struct {
	Name, Value []byte
	Known       ResponseID
}

// Response is a parsed head: status line and header section. Its slices are views of the parsed bytes.
type Response struct {
	Major, Minor  int
	Status        int
	StatusText    []byte // "404 Not Found": status and reason phrase as sent
	Headers       []ResponseHeader
	ContentLength int64 // -1: no Content-Length
	Chunked       bool
	KeepAlive     bool // version and Connection say that the connection outlives the response
	Upgrade       bool // there is an Upgrade header

	baseCap int // cap of the bytes all views point into
}

// Reset makes r as good as new and keeps its memory.
func (r *Response) Reset() { *r = Response{Headers: r.Headers[:0], ContentLength: -1} }

// NoBody reports whether no body follows, whatever the headers say.
func (r *Response) NoBody(head bool) bool {
	return head || r.Status < 200 || r.Status == 204 || r.Status == 304
}

// Rebase makes every view point into data, which must begin with the bytes of the head that was parsed: for a caller who
// copies a complete head to memory of its own.
func (r *Response) Rebase(data []byte) {
	rebase(&r.StatusText, data, r.baseCap)
	for i := range r.Headers {
		rebase(&r.Headers[i].Name, data, r.baseCap)
		rebase(&r.Headers[i].Value, data, r.baseCap)
	}
	r.baseCap = cap(data)
}

// responseHeadersMax bounds the lines of a response's header section.
const responseHeadersMax = 1000

var errNoResponse = responseError("upstream sent no valid HTTP/1.0 header")

// responseError is a refused response; the text is what nginx writes to its error log where it has such an error.
func responseError(format string, args ...any) *Error {
	return &Error{502, fmt.Sprintf(format, args...)}
}

// ParseResponse parses a response's head at the start of data.
//
//	n > 0                   complete: the head is data[:n].
//	n == 0 and err == nil   incomplete: call again with the same bytes and more; seen, which starts at 0, is where to look on.
//	err != nil              refused; err is an *Error. The connection has to be closed.
//
// Framing is taken as RFC 9112 section 6 wants it from recipients that must not be led astray: one Content-Length of digits
// alone, chunked as the only transfer coding, never both, no line without a colon, no space before one.
// A bare LF ends a line, as nginx takes it, outside of chunked framing.
func ParseResponse(r *Response, data []byte, seen *int) (n int, err error) {
	if n = headEnd(data, seen); n == 0 {
		// A peer that speaks something else must not keep us waiting for an end of line.
		const prefix = "HTTP/1."
		if m := min(len(data), len(prefix)); string(data[:m]) != prefix[:m] {
			return 0, errNoResponse
		}
		return 0, nil
	}
	r.Reset()
	r.baseCap = cap(data)
	line, i := nextLine(data, 0)
	if e := r.statusLine(line); e != nil {
		return 0, e
	}
	keep, closing := false, false
	for {
		line, i = nextLine(data, i)
		if len(line) == 0 {
			break
		}
		colon := bytes.IndexByte(line, ':')
		if colon <= 0 || !validResponseName(line[:colon]) {
			return 0, responseError(`upstream sent invalid header: "%s"`, clip(line))
		}
		value := trimOWS(line[colon+1:])
		if hasControl(value) {
			return 0, responseError(`upstream sent invalid header: "%s"`, clip(line))
		}
		if len(r.Headers) == responseHeadersMax {
			return 0, responseError("upstream sent too many header lines")
		}
		h := ResponseHeader{line[:colon], value, ResponseIDOf(line[:colon])}
		r.Headers = append(r.Headers, h)
		switch h.Known {
		case ResponseContentLength:
			length, ok := decimal(value)
			if r.ContentLength >= 0 {
				return 0, responseError(`upstream sent duplicate header line: "%s"`, clip(line))
			}
			if !ok {
				return 0, responseError(`upstream sent invalid "Content-Length" header: "%s"`, clip(line))
			}
			r.ContentLength = length
		case ResponseTransferEncoding:
			if r.Chunked {
				return 0, responseError(`upstream sent duplicate header line: "%s"`, clip(line))
			}
			if !EqualFold(value, "chunked") {
				return 0, responseError(`upstream sent unknown "Transfer-Encoding": "%s"`, clip(value))
			}
			r.Chunked = true
		case ResponseConnection:
			keep = keep || hasToken(value, "keep-alive")
			closing = closing || hasToken(value, "close")
		case ResponseOther:
			r.Upgrade = r.Upgrade || EqualFold(h.Name, "upgrade")
		}
	}
	if r.Chunked && r.ContentLength >= 0 {
		return 0, responseError(`upstream sent "Content-Length" and "Transfer-Encoding" headers at the same time`)
	}
	r.KeepAlive = !closing && (keep || r.Minor > 0)
	return n, nil
}

// headEnd finds where the head ends: behind the first empty line; 0 if it isn't here.
func headEnd(data []byte, seen *int) int {
	i := *seen
	for {
		j := bytes.IndexByte(data[i:], '\n')
		if j < 0 {
			*seen = max(i-2, 0)
			return 0
		}
		i += j + 1
		// An empty line is an LF right behind an LF, CR between them or not.
		switch k := i - 2; {
		case k >= 0 && data[k] == '\n':
			return i
		case k >= 1 && data[k] == '\r' && data[k-1] == '\n':
			return i
		}
	}
}

func nextLine(data []byte, i int) (line []byte, next int) {
	j := bytes.IndexByte(data[i:], '\n')
	if j < 0 {
		return nil, len(data)
	}
	line = data[i : i+j]
	if j > 0 && line[j-1] == '\r' {
		line = line[:j-1]
	}
	return line, i + j + 1
}

// statusLine reads "HTTP/1.x NNN[ reason]".
func (r *Response) statusLine(line []byte) *Error {
	bad := errNoResponse
	if len(line) < len("HTTP/1.1 200") || string(line[:7]) != "HTTP/1." || line[7] < '0' || line[7] > '9' || line[8] != ' ' {
		return bad
	}
	text := line[9:]
	for _, c := range text[:3] {
		if c < '0' || c > '9' {
			return bad
		}
		r.Status = r.Status*10 + int(c-'0')
	}
	if r.Status < 100 || len(text) > 3 && text[3] != ' ' {
		return bad
	}
	if hasControl(text) {
		return bad
	}
	r.Major, r.Minor, r.StatusText = 1, int(line[7]-'0'), text
	return nil
}

// hasControl looks for control characters, tabs aside.
func hasControl(text []byte) bool {
	for _, c := range text {
		if c < ' ' && c != '\t' || c == 0x7f {
			return true
		}
	}
	return false
}

// validResponseName takes tokens of RFC 9110.
func validResponseName(name []byte) bool {
	for _, c := range name {
		if c <= ' ' || c >= 0x7f || escapeClass[c]&escapeHeaderName != 0 {
			return false
		}
	}
	return true
}

func decimal(v []byte) (n int64, ok bool) {
	if len(v) == 0 {
		return 0, false
	}
	for _, c := range v {
		if c < '0' || c > '9' || n > (math.MaxInt64-9)/10 {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}

// hasToken looks for a word in a comma-separated list, letter case aside.
func hasToken(list []byte, word string) bool {
	for len(list) > 0 {
		item := list
		if i := bytes.IndexByte(list, ','); i >= 0 {
			item, list = list[:i], list[i+1:]
		} else {
			list = nil
		}
		if EqualFold(trimOWS(item), word) {
			return true
		}
	}
	return false
}
