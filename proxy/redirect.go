package proxy

import (
	"bytes"
	"fmt"

	"moonring/proxy/conf"
)

// How Lua's code sends its request elsewhere: ngx.exec, and ngx.req.set_uri with jump. Both end the phase's thread first
// (Call.Abort); afterAbort does the rest.

// away is where an aborted thread wanted the request to go.
type away uint8

const (
	stays    away = iota
	awayJump      // choose a location for the path again
	awayExec      // internal redirect
)

// Jump notes that a location is to be chosen again for the path; the builtin must end with Call.Abort. It is for the rewrite
// phase.
func (r *Request) Jump() { r.away = awayJump }

// Exec notes an internal redirect to uri, which UnsafeURI has found good, or a named location ("@name"); the builtin must end
// with Call.Abort.
func (r *Request) Exec(uri, args []byte) {
	r.text = append(r.text[:0], uri...)
	r.awayArgs = append(r.awayArgs[:0], args...)
	r.away = awayExec
}

// exec does what Exec noted.
func (r *Request) exec() {
	if r.text[0] == '@' {
		if len(r.awayArgs) > 0 && r.LogEnabled(conf.Warn) {
			r.Log(conf.Warn, "query strings "+string(appendLogSafe(nil, r.awayArgs))+" ignored when exec'ing named location "+
				string(appendLogSafe(nil, r.text)))
		}
		r.NamedLocation(r.text)
		return
	}
	r.InternalRedirect(r.text, r.awayArgs)
}

// SetInternalPath is what ngx.req.set_uri does: SetPath, and the request counts as internal.
func (r *Request) SetInternalPath(p []byte) {
	r.SetPath(p)
	r.internal = true
}

// dropCtx lets go of ngx.ctx.
func (r *Request) dropCtx() {
	if r.ctx != 0 {
		if r.LogEnabled(conf.Debug) {
			r.Log(conf.Debug, fmt.Sprintf("lua release ngx.ctx at ref %d", r.ctx))
		}
		r.Worker.VM.Unpin(r.ctx)
		r.ctx = 0
	}
}

// SplitURI takes a URI for an internal redirect apart, and unescapes it, as ngx_http_parse_unsafe_uri does. dst is memory for
// the path. ok is false for one that leaves the root or holds a NUL.
func SplitURI(dst, uri []byte) (path, args []byte, ok bool) {
	if len(uri) == 0 || uri[0] == '?' {
		return nil, nil, false
	}
	path, args = splitArgs(uri)
	if leavesRoot(path) {
		return nil, nil, false
	}
	if bytes.IndexByte(path, '%') < 0 {
		return append(dst, path...), args, true
	}
	path = unescape(dst, path, false)
	return path, args, !leavesRoot(path)
}

// unescape appends src to dst with %XX decoded, as ngx_unescape_uri does: of what is no such thing, it drops the '%', and a
// digit that follows it with what follows that. If plus, a '+' elsewhere stands for a space.
func unescape(dst, src []byte, plus bool) []byte {
	for i := 0; i < len(src); i++ {
		c := src[i]
		if c != '%' {
			if plus && c == '+' {
				c = ' '
			}
			dst = append(dst, c)
			continue
		}
		if i++; i == len(src) {
			break
		}
		high, ok := hexDigit(src[i])
		if !ok {
			dst = append(dst, src[i])
			continue
		}
		if i++; i == len(src) {
			break
		}
		if low, ok := hexDigit(src[i]); ok {
			dst = append(dst, high<<4|low)
		}
	}
	return dst
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case c >= '0' && c <= '9':
		return c - '0', true
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10, true
	}
	return 0, false
}

// leavesRoot tells if there is a ".." between slashes in a path, or a NUL.
func leavesRoot(path []byte) bool {
	if bytes.IndexByte(path, 0) >= 0 {
		return true
	}
	for i := 0; i+1 < len(path); i++ {
		if path[i] == '.' && path[i+1] == '.' && (i == 0 || path[i-1] == '/') && (i+2 == len(path) || path[i+2] == '/') {
			return true
		}
	}
	return false
}
