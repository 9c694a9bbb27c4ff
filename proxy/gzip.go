package proxy

import (
	"bytes"
	"compress/gzip"

	"moonring/proxy/conf"
	"moonring/proxy/h1"
)

// gzip compresses bodies behind all other filters, on the loop. A compressor takes most of a megabyte, so that there are only
// so many at a time: further responses go out as they are.

// gzipLiveMax bounds the compressors of a worker.
const gzipLiveMax = 64

// gzipPool are the compressors of a worker.
type gzipPool struct {
	free [10][]*gzip.Writer // by level
	live int
	sink gzipSink // what the compressor at work writes to
}

type gzipSink struct{ b []byte }

func (s *gzipSink) Write(p []byte) (int, error) {
	s.b = append(s.b, p...)
	return len(p), nil
}

// gzipReply is the compression of a response.
type gzipReply struct {
	on     bool
	tested bool
	vary   bool // Vary: Accept-Encoding
	flush  bool // the client is to get all that was written
	w      *gzip.Writer
	level  int
}

// startGzip decides if the body is compressed, and makes the header say so. It must run before the header is put together.
func (r *Request) startGzip() {
	g, c := &r.gzip, &r.loc.Gzip
	if g.tested {
		return
	}
	g.tested = true
	switch r.CurrentStatus() {
	case 200, 403, 404:
	default:
		return
	}
	if r.isHead() && r.content && r.loc.content != nil && r.errStatus == 0 {
		return // as lua-nginx, which then sends the header alone
	}
	if r.headers.has&headerContentEncoding.bit() != 0 || r.contentLength >= 0 && r.contentLength < c.MinLength || !r.gzipType() {
		return
	}
	g.vary = c.Vary
	pool := &r.Worker.gzips
	if !r.gzipOK() || pool.live >= gzipLiveMax {
		return
	}
	if r.isHead() {
		r.gzipHeader()
		return
	}
	if g.level = c.Level; len(pool.free[g.level]) > 0 {
		last := len(pool.free[g.level]) - 1
		g.w = pool.free[g.level][last]
		pool.free[g.level] = pool.free[g.level][:last]
		g.w.Reset(&pool.sink)
	} else {
		g.w, _ = gzip.NewWriterLevel(&pool.sink, g.level) // the level is within bounds
	}
	pool.live++
	g.on = true
	r.gzipHeader()
}

// gzipHeader makes the header that of a compressed response.
func (r *Request) gzipHeader() {
	h := &r.headers
	r.contentLength = -1
	h.remove(nil, headerContentLength, 0)
	h.remove(nil, headerAcceptRanges, 0)
	if i := h.find(nil, headerETag, 0); i >= 0 {
		if tag := h.value(&h.lines[i]); len(tag) > 0 && tag[0] == '"' {
			r.text = append(append(r.text[:0], "W/"...), tag...)
			h.lines[i] = h.line(etagName, r.text, headerETag)
		}
	}
	h.append(headerContentEncoding, "Content-Encoding", gzipToken)
}

var (
	etagName  = []byte("ETag")
	gzipToken = []byte("gzip")
)

const (
	viaName    = "Via"
	varyGzip   = "Vary: Accept-Encoding\r\n"
	gzipsSpare = 4 // idle compressors of one level that are kept
)

// gzipType tells if the response's media type is one to compress.
func (r *Request) gzipType() bool {
	types := r.loc.Gzip.Types
	if types["*"] {
		return true
	}
	if !r.typeSet {
		return types[r.contentType]
	}
	kind, _, _ := bytes.Cut(r.typeBuf, semicolon)
	return types[unsafeString(bytes.ToLower(bytes.TrimSpace(kind)))]
}

var semicolon = []byte(";")

// gzipOK tells if the client takes gzip, and may be given it.
func (r *Request) gzipOK() bool {
	c := &r.loc.Gzip
	if !acceptsGzip(r.Head.Get(h1.HeaderAcceptEncoding)) || r.HTTPVersion() < c.HTTPVersion ||
		c.DisableMSIE6 && oldMSIE(r.Head.Get(h1.HeaderUserAgent)) {
		return false
	}
	if _, via := r.Head.Header(viaName); !via {
		return true
	}
	p := c.Proxied
	switch {
	case p == 0:
		return false
	case p&conf.GzipAny != 0, p&conf.GzipAuth != 0 && r.Head.Has(h1.HeaderAuthorization):
		return true
	}
	h := &r.headers
	if i := h.find(nil, headerExpires, 0); i >= 0 {
		at := h1.ParseDate(h.value(&h.lines[i]))
		return p&conf.GzipExpired != 0 && at != h1.NoTime && at < r.Worker.Ring.WallUnixNano()/1e9
	}
	cached := false
	for i := h.find(nil, headerCacheControl, 0); i >= 0; i = h.find(nil, headerCacheControl, i+1) {
		v := h.value(&h.lines[i])
		if p&conf.GzipNoCache != 0 && bytes.Contains(v, noCache) || p&conf.GzipNoStore != 0 && bytes.Contains(v, noStore) ||
			p&conf.GzipPrivate != 0 && bytes.Contains(v, private) {
			return true
		}
		cached = true
	}
	return !cached && (p&conf.GzipNoLastModified == 0 || r.lastModified == h1.NoTime && h.has&headerLastModified.bit() == 0) &&
		(p&conf.GzipNoETag == 0 || h.has&headerETag.bit() == 0)
}

var noCache, noStore, private = []byte("no-cache"), []byte("no-store"), []byte("private")

// acceptsGzip reads an Accept-Encoding: gzip must be named, and not with a quality of zero.
func acceptsGzip(v []byte) bool {
	for len(v) > 0 {
		var item []byte
		item, v, _ = bytes.Cut(v, []byte(","))
		name, quality, _ := bytes.Cut(bytes.TrimSpace(item), semicolon)
		if !h1.EqualFold(bytes.TrimSpace(name), "gzip") {
			continue
		}
		quality = bytes.TrimSpace(quality)
		if len(quality) == 0 {
			return true
		}
		if len(quality) < 3 || quality[0]|0x20 != 'q' || quality[1] != '=' {
			return false
		}
		return quality[2] == '1' || quality[2] == '0' && bytes.ContainsAny(quality[3:], "123456789")
	}
	return false
}

// compress takes what collected, and p, and returns what there is to send of it by now.
func (r *Request) compress(p []byte, last bool) []byte {
	g, sink := &r.gzip, &r.Worker.gzips.sink
	sink.b = sink.b[:0]
	if g.w == nil {
		return nil
	}
	r.out = append(r.out, p...) // p must not escape
	g.w.Write(r.out)            // to memory: it can't fail
	r.out = r.out[:0]
	switch {
	case last:
		g.w.Close()
		r.endGzip()
	case g.flush:
		g.w.Flush()
	}
	g.flush = false
	return sink.b
}

// endGzip gives the compressor back.
func (r *Request) endGzip() {
	g, pool := &r.gzip, &r.Worker.gzips
	if g.w == nil {
		return
	}
	pool.live--
	if len(pool.free[g.level]) < gzipsSpare {
		pool.free[g.level] = append(pool.free[g.level], g.w)
	}
	g.w = nil
}
