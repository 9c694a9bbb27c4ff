package proxy

import (
	"bytes"

	"moonring/proxy/h1"
)

// respHeaders is the ordered list of response headers that are not nginx's own: each is kept as the
// line that is sent, so that sending is a copy.
type respHeaders struct {
	buf   []byte
	lines []headerLine
	has   headerMask // known headers in the list
}

type headerLine struct {
	off, end uint32 // of the line in buf, with its CR LF
	name     uint32 // length of the name
	known    knownHeader
}

// headersMax bounds the list's memory, in bytes: what removed and replaced lines took counts.
const headersMax = 256 << 10

// knownHeader marks the headers that the server treats apart.
type knownHeader uint8

const (
	headerPlain knownHeader = iota
	headerServer
	headerDate
	headerContentType
	headerContentLength
	headerContentEncoding
	headerLocation
	headerRefresh
	headerLastModified
	headerContentRange
	headerAcceptRanges
	headerWWWAuthenticate
	headerExpires
	headerETag
	headerCacheControl
	headerLink
)

type headerMask uint32

func (k knownHeader) bit() headerMask { return 1 << k }

// singleHeaders can be there once: one that is added replaces the other.
const singleHeaders = headerMask(1<<headerServer | 1<<headerDate | 1<<headerContentLength | 1<<headerContentEncoding | 1<<headerLocation |
	1<<headerRefresh | 1<<headerLastModified | 1<<headerContentRange | 1<<headerAcceptRanges | 1<<headerWWWAuthenticate |
	1<<headerExpires | 1<<headerETag)

var knownNames = [...]string{
	headerServer: "server", headerDate: "date", headerContentType: "content-type", headerContentLength: "content-length",
	headerContentEncoding: "content-encoding", headerLocation: "location", headerRefresh: "refresh",
	headerLastModified: "last-modified", headerContentRange: "content-range", headerAcceptRanges: "accept-ranges",
	headerWWWAuthenticate: "www-authenticate", headerExpires: "expires", headerETag: "etag", headerCacheControl: "cache-control",
	headerLink: "link",
}

// knownByLength are the known headers with names of one length.
var knownByLength = func() (t [17][]knownHeader) {
	for k, name := range knownNames {
		if name != "" {
			t[len(name)] = append(t[len(name)], knownHeader(k))
		}
	}
	return t
}()

func knownHeaderOf(name []byte) knownHeader {
	if len(name) >= len(knownByLength) {
		return headerPlain
	}
	for _, k := range knownByLength[len(name)] {
		if h1.EqualFold(name, knownNames[k]) {
			return k
		}
	}
	return headerPlain
}

func (h *respHeaders) reset() {
	if cap(h.buf) > headKeep {
		h.buf = nil
	}
	if cap(h.lines) > 256 {
		h.lines = nil
	}
	h.buf, h.lines, h.has = h.buf[:0], h.lines[:0], 0
}

func (h *respHeaders) name(l *headerLine) []byte  { return h.buf[l.off : l.off+l.name] }
func (h *respHeaders) value(l *headerLine) []byte { return h.buf[l.off+l.name+2 : l.end-2] }

// size is what the list takes when it is sent, in bytes.
func (h *respHeaders) size() int {
	n := 0
	for i := range h.lines {
		n += int(h.lines[i].end - h.lines[i].off)
	}
	return n
}

func (h *respHeaders) appendTo(b []byte) []byte {
	for i := range h.lines {
		b = append(b, h.buf[h.lines[i].off:h.lines[i].end]...)
	}
	return b
}

// line makes the line of a header.
func (h *respHeaders) line(name, value []byte, known knownHeader) headerLine {
	off := len(h.buf)
	h.buf = h1.AppendHeader(h.buf, name, value)
	// A colon in the name was escaped, so the first one ends it.
	n := bytes.IndexByte(h.buf[off:], ':')
	h.has |= known.bit()
	return headerLine{uint32(off), uint32(len(h.buf)), uint32(n), known}
}

// add adds a line; name and value may be anybody's.
func (h *respHeaders) add(name, value []byte, known knownHeader) {
	h.lines = append(h.lines, h.line(name, value, known))
}

// append adds a line of the server's own making.
func (h *respHeaders) append(known knownHeader, name string, value []byte) {
	off := len(h.buf)
	h.buf = h1.AppendHeader(h.buf, name, value)
	h.has |= known.bit()
	h.lines = append(h.lines, headerLine{uint32(off), uint32(len(h.buf)), uint32(len(name)), known})
}

// remove drops the lines of a name but the first keep ones.
func (h *respHeaders) remove(name []byte, known knownHeader, keep int) {
	kept := h.lines[:0]
	found := 0
	for i := range h.lines {
		l := h.lines[i]
		if l.known == known && (known != headerPlain || h1.EqualFold(h.name(&l), name)) {
			found++
			if found > keep {
				continue
			}
		}
		kept = append(kept, l)
	}
	h.lines = kept
	if keep == 0 {
		h.has &^= known.bit()
	}
}

func (h *respHeaders) find(name []byte, known knownHeader, from int) int {
	if known != headerPlain && h.has&known.bit() == 0 {
		return -1
	}
	for i := from; i < len(h.lines); i++ {
		l := &h.lines[i]
		if l.known == known && (known != headerPlain || h1.EqualFold(h.name(l), name)) {
			return i
		}
	}
	return -1
}

// SetHeader gives a response header one value, in the place of all it has. An empty value removes
// it. Bytes that can't be in a header are escaped. It reports false when the headers have grown too large.
// Nothing of it reaches the client once HeaderSent.
func (r *Request) SetHeader(name, value []byte) bool {
	h := &r.headers
	if len(h.buf)+len(name)+len(value) > headersMax {
		return false
	}
	known := knownHeaderOf(name)
	switch known {
	case headerContentType:
		r.typeBuf = h1.AppendHeaderValue(r.typeBuf[:0], value)
		r.typeSet = true
		return true
	case headerContentLength:
		r.contentLength = parseLength(value)
	}
	if len(value) == 0 {
		h.remove(name, known, 0)
		switch known {
		case headerLastModified:
			r.lastModified = h1.NoTime
		case headerLocation:
			r.location = r.location[:0]
		}
		return true
	}
	if known == headerLocation {
		r.location = r.location[:0]
	}
	i := h.find(name, known, 0)
	if i < 0 {
		h.add(name, value, known)
		return true
	}
	if singleHeaders&known.bit() == 0 { // the first spelling of the name stays
		name = h.name(&h.lines[i])
	}
	h.lines[i] = h.line(name, value, known)
	h.remove(name, known, 1)
	return true
}

// AddHeader adds one more value to a response header, or replaces it if it can have only one. See SetHeader.
func (r *Request) AddHeader(name, value []byte) bool {
	h := &r.headers
	known := knownHeaderOf(name)
	if known == headerContentType || singleHeaders&known.bit() != 0 {
		return r.SetHeader(name, value)
	}
	if len(value) == 0 {
		return true
	}
	if len(h.buf)+len(name)+len(value) > headersMax {
		return false
	}
	h.add(name, value, known)
	return true
}

// DeleteHeader removes a response header.
func (r *Request) DeleteHeader(name []byte) { r.SetHeader(name, nil) }

// NextHeader goes through the values of a response header: it returns the first at or after position i
// and the position to go on from; ok is false at the end. Begin with i = 0. Of the headers that the
// server makes itself, those known before it sends them are among them.
func (r *Request) NextHeader(name []byte, i int) (value []byte, next int, ok bool) {
	known := knownHeaderOf(name)
	h := &r.headers
	switch known {
	case headerContentType:
		if i > 0 {
			return nil, i, false
		}
		if r.typeSet {
			return r.typeBuf, 1, len(r.typeBuf) > 0
		}
		r.varBuf = append(r.varBuf[:0], r.contentType...)
		return r.varBuf, 1, len(r.varBuf) > 0
	case headerContentLength:
		if i == 0 && h.has&known.bit() == 0 && r.contentLength >= 0 {
			r.varBuf = h1.AppendDecimal(r.varBuf[:0], r.contentLength)
			return r.varBuf, len(h.lines) + 1, true
		}
	case headerLastModified:
		// nginx keeps it as a time: what a script has set is shown only if it is a date.
		t := r.lastModified
		if k := h.find(name, known, 0); k >= 0 {
			t = h1.ParseDate(h.value(&h.lines[k]))
		}
		if i > 0 || t == h1.NoTime {
			return nil, i, false
		}
		r.varBuf = h1.AppendDate(r.varBuf[:0], t)
		return r.varBuf, 1, true
	case headerLocation:
		if i == 0 && len(r.location) > 0 {
			return r.location, len(h.lines) + 1, true
		}
	}
	if i = h.find(name, known, i); i < 0 {
		return nil, len(h.lines), false
	}
	return h.value(&h.lines[i]), i + 1, true
}

// NHeaders and HeaderAt give the list of headers that were set, in order.
func (r *Request) NHeaders() int { return len(r.headers.lines) }

// HeaderAt returns header i (from 0) of the list.
func (r *Request) HeaderAt(i int) (name, value []byte) {
	l := &r.headers.lines[i]
	return r.headers.name(l), r.headers.value(l)
}

// parseLength reads a Content-Length that a script gave; -1 if it is none.
func parseLength(v []byte) int64 {
	if len(v) == 0 || len(v) > 18 {
		return -1
	}
	n := int64(0)
	for _, c := range v {
		if c < '0' || c > '9' {
			return -1
		}
		n = n*10 + int64(c-'0')
	}
	return n
}

// SetStatus changes the status, 0 to 999, and with it what an error has set.
func (r *Request) SetStatus(status int) {
	r.Status, r.errStatus, r.statusText = status, 0, nil
	if status == 101 {
		r.keepAlive = false
	}
}

// CurrentStatus is what ngx.status and $status read: 0 while there is none.
func (r *Request) CurrentStatus() int {
	switch {
	case r.errStatus != 0:
		return r.errStatus
	case r.Status != 0:
		return r.Status
	case r.Head.Major == 0 && r.Head.Method != nil:
		return 9
	}
	return 0
}
