package proxy

import (
	"bytes"
	"time"

	"moonring/proxy/conf"
	"moonring/proxy/h1"
)

// What nginx's header filters do behind a response's maker and Lua's header filter: charset, expires, add_header.

// addedHeader is an add_header.
type addedHeader struct {
	name   []byte
	known  knownHeader
	value  template
	always bool
}

func (w *Worker) addedHeadersOf(c *conf.Location) (all []addedHeader) {
	for i := range c.AddHeaders {
		h := &c.AddHeaders[i]
		name := []byte(h.Name)
		all = append(all, addedHeader{name, knownHeaderOf(name), w.template(&h.Value), h.Always})
	}
	return all
}

// decorated tells that headers are added to responses of this location.
func (l *location) decorated() bool {
	return len(l.added) > 0 || l.Expires.Kind != conf.ExpiresOff || l.Charset != ""
}

// decorate adds the headers that the location's settings ask for.
func (r *Request) decorate() {
	if r.decorated {
		return
	}
	r.decorated = true
	l := r.loc
	if l.Charset != "" {
		r.addCharset()
	}
	usual := false
	switch r.CurrentStatus() {
	case 200, 201, 204, 206, 301, 302, 303, 304, 307, 308:
		usual = true
	}
	if usual && l.Expires.Kind != conf.ExpiresOff {
		r.addExpires()
	}
	for i := range l.added {
		h := &l.added[i]
		if !usual && !h.always {
			continue
		}
		r.text = r.appendTemplate(r.text[:0], &h.value)
		switch {
		case h.known == headerLastModified:
			r.lastModified = h1.NoTime
			r.headers.remove(h.name, h.known, 0)
		case h.known == headerETag:
			r.headers.remove(h.name, h.known, 0)
		}
		if len(r.text) == 0 || len(r.headers.buf)+len(r.text) > headersMax {
			continue
		}
		known := h.known
		switch known {
		case headerLastModified, headerETag, headerCacheControl, headerLink:
		default:
			known = headerPlain // beside what the server itself sends under that name
		}
		r.headers.add(h.name, r.text, known)
	}
}

// addCharset puts the charset behind the media type, where none is; not of redirects, as in nginx.
func (r *Request) addCharset() {
	if s := r.CurrentStatus(); s == 301 || s == 302 {
		return
	}
	kind := r.typeBuf
	if !r.typeSet {
		kind = append(r.text[:0], r.contentType...)
		r.text = kind
	}
	if len(kind) == 0 || bytes.IndexByte(kind, ';') >= 0 || !r.loc.CharsetFor[unsafeString(kind)] && !r.loc.CharsetFor["*"] {
		return
	}
	if !r.typeSet {
		r.typeBuf = append(r.typeBuf[:0], kind...)
	}
	r.typeBuf = append(append(r.typeBuf, "; charset="...), r.loc.Charset...)
	r.typeSet = true
}

// addExpires sets Expires and Cache-Control.
func (r *Request) addExpires() {
	e := r.loc.Expires
	now := r.Worker.Ring.WallUnixNano() / 1e9
	at, age := now, int64(e.Time/time.Second)
	cache := r.text[:0]
	switch e.Kind {
	case conf.ExpiresEpoch:
		at, cache = 1, append(cache, "no-cache"...)
	case conf.ExpiresMax:
		at, cache = expiresMax, append(cache, "max-age=315360000"...)
	default:
		switch {
		case e.Kind == conf.ExpiresDaily:
			t := time.Unix(now, 0)
			midnight := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location()).Unix()
			if at = midnight + age; at <= now {
				at += 24 * 3600
			}
		case e.Kind == conf.ExpiresModified && r.lastModified != h1.NoTime:
			at = r.lastModified + age
		default:
			at = now + age
		}
		if e.Kind != conf.ExpiresDaily && age < 0 || at < now {
			cache = append(cache, "no-cache"...)
		} else {
			cache = h1.AppendDecimal(append(cache, "max-age="...), at-now)
		}
	}
	r.text = cache
	h := &r.headers
	h.remove(nil, headerExpires, 0)
	var date [h1.DateLen]byte
	h.append(headerExpires, "Expires", h1.AppendDate(date[:0], at))
	h.remove(nil, headerCacheControl, 0)
	h.append(headerCacheControl, "Cache-Control", cache)
}

// expiresMax is Thu, 31 Dec 2037 23:55:55 GMT: expires max.
const expiresMax = 2145916555

// dislikesKeepAlive tells if keepalive_disable names the client.
func (r *Request) dislikesKeepAlive() bool {
	set := r.Loc.KeepaliveDisable
	if set&conf.KeepaliveDisableMSIE6 != 0 && r.Head.MethodID == h1.MethodPOST && oldMSIE(r.Head.Get(h1.HeaderUserAgent)) {
		return true
	}
	return set&conf.KeepaliveDisableSafari != 0 && isSafari(r.Head.Get(h1.HeaderUserAgent))
}
