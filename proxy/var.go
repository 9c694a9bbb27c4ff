package proxy

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"

	"moonring/proxy/h1"
	"moonring/proxy/regex"
)

// varID is a variable, or a family of them whose names begin alike.
type varID uint8

const (
	varNone  varID = iota
	varUser        // made by the configuration
	varGroup       // $1 to $9
	varArg         // arg_*
	varCookie
	varHTTP
	varSentHTTP
	varArgs
	varBinaryRemoteAddr
	varBodyBytesSent
	varBytesSent
	varConnection
	varConnectionRequests
	varConnectionTime
	varContentLength
	varContentType
	varDateGMT
	varDateLocal
	varDocumentRoot
	varHTTPCookie
	varHTTPXForwardedFor
	varHost
	varHostname
	varHTTPS
	varIsArgs
	varLimitRate
	varMsec
	varNginxVersion
	varPID
	varPipe
	varProxyAddXFF
	varProxyHost
	varProxyPort
	varRealpathRoot
	varRemoteAddr
	varRemotePort
	varRemoteUser
	varRequest
	varRequestBody
	varRequestBodyFile
	varRequestCompletion
	varRequestFilename
	varRequestID
	varRequestLength
	varRequestMethod
	varRequestTime
	varRequestURI
	varScheme
	varServerAddr
	varServerName
	varServerPort
	varServerProtocol
	varStatus
	varTimeISO8601
	varTimeLocal
	varUpstreamAddr
	varUpstreamBytesReceived
	varUpstreamBytesSent
	varUpstreamConnectTime
	varUpstreamHeaderTime
	varUpstreamHTTP
	varUpstreamResponseLength
	varUpstreamResponseTime
	varUpstreamStatus
	varURI
	varEchoCacheableURI
	varEchoClientHeaders
	varEchoClientMethod
	varEchoIncr
	varEchoIt
	varEchoMethod
	varEchoRequestURI
	varEchoStatus
	varEchoTimer
	varCount
)

// varNames are the variables by name; the families are in varFamilies.
var varNames = map[string]varID{
	"args": varArgs, "query_string": varArgs, "binary_remote_addr": varBinaryRemoteAddr, "body_bytes_sent": varBodyBytesSent,
	"bytes_sent": varBytesSent, "connection": varConnection, "connection_requests": varConnectionRequests,
	"connection_time": varConnectionTime, "content_length": varContentLength, "content_type": varContentType,
	"date_gmt": varDateGMT, "date_local": varDateLocal, "document_root": varDocumentRoot, "document_uri": varURI, "uri": varURI,
	"http_cookie": varHTTPCookie, "http_x_forwarded_for": varHTTPXForwardedFor, "host": varHost, "hostname": varHostname, "https": varHTTPS,
	"is_args": varIsArgs, "limit_rate": varLimitRate, "msec": varMsec, "nginx_version": varNginxVersion, "pid": varPID, "pipe": varPipe,
	"proxy_add_x_forwarded_for": varProxyAddXFF, "proxy_host": varProxyHost, "proxy_port": varProxyPort,
	"upstream_addr": varUpstreamAddr, "upstream_bytes_received": varUpstreamBytesReceived, "upstream_bytes_sent": varUpstreamBytesSent,
	"upstream_connect_time": varUpstreamConnectTime, "upstream_header_time": varUpstreamHeaderTime,
	"upstream_response_length": varUpstreamResponseLength, "upstream_response_time": varUpstreamResponseTime, "upstream_status": varUpstreamStatus,
	"realpath_root": varRealpathRoot, "remote_addr": varRemoteAddr, "remote_port": varRemotePort, "remote_user": varRemoteUser,
	"request": varRequest, "request_body": varRequestBody, "request_body_file": varRequestBodyFile, "request_completion": varRequestCompletion,
	"request_filename": varRequestFilename, "request_id": varRequestID, "request_length": varRequestLength,
	"request_method": varRequestMethod, "request_time": varRequestTime, "request_uri": varRequestURI, "scheme": varScheme,
	"server_addr": varServerAddr, "server_name": varServerName, "server_port": varServerPort, "server_protocol": varServerProtocol,
	"status": varStatus, "time_iso8601": varTimeISO8601, "time_local": varTimeLocal,
	"echo_cacheable_request_uri": varEchoCacheableURI, "echo_client_request_headers": varEchoClientHeaders,
	"echo_client_request_method": varEchoClientMethod, "echo_incr": varEchoIncr, "echo_it": varEchoIt,
	"echo_request_body": varRequestBody, "echo_request_method": varEchoMethod, "echo_request_uri": varEchoRequestURI,
	"echo_response_status": varEchoStatus, "echo_timer_elapsed": varEchoTimer,
}

var varFamilies = [...]struct {
	prefix string
	id     varID
}{{"arg_", varArg}, {"http_", varHTTP}, {"cookie_", varCookie}, {"sent_http_", varSentHTTP}, {"upstream_http_", varUpstreamHTTP}}

// findVar looks a name up, in small letters; rest is what follows a family's prefix.
func findVar[T string | []byte](name T) (id varID, rest T) {
	if id, ok := varNames[string(name)]; ok {
		return id, rest
	}
	for i := range varFamilies {
		f := &varFamilies[i]
		if len(name) > len(f.prefix) && string(name[:len(f.prefix)]) == f.prefix {
			return f.id, name[len(f.prefix):]
		}
	}
	return varNone, rest
}

// KnownVariable tells if there is a variable of this name: for conf.Options.Variable.
func KnownVariable(name string) bool {
	id, _ := findVar(name)
	return id != varNone
}

// ErrVarUnknown and ErrVarFixed are why SetVar fails.
var (
	ErrVarUnknown = errors.New("variable not found for writing")
	ErrVarFixed   = errors.New("variable not changeable")
)

// Var returns the value of a variable, whose name is in small letters; ok is false if it has none, or is unknown.
// The value is valid until the next call of Var, or, for what the client sent, as long as other views of the request.
func (r *Request) Var(name []byte) (value []byte, ok bool) {
	if slot, ok := r.Worker.userSlots[string(name)]; ok {
		return r.userValue(slot)
	}
	id, rest := findVar(name)
	return r.variable(id, unsafeString(rest))
}

// SetVar changes a variable, where that is possible; a nil value is none. ErrVarFixed and ErrVarUnknown tell why it is not.
func (r *Request) SetVar(name, value []byte) error {
	if slot, ok := r.Worker.userSlots[string(name)]; ok {
		if value == nil {
			r.noUser(slot)
		} else {
			r.setUser(slot, value)
		}
		return nil
	}
	switch id, _ := findVar(name); id {
	case varArgs:
		if string(name) == "query_string" { // the same value, but fixed
			return ErrVarFixed
		}
		r.SetArgs(value)
		return nil
	case varNone, varArg, varHTTP, varCookie, varSentHTTP, varUpstreamHTTP:
		return ErrVarUnknown
	}
	return ErrVarFixed
}

// variable is Var by identifier. name is the rest of a family member's name.
func (r *Request) variable(id varID, name string) (value []byte, ok bool) {
	w := r.Worker
	switch id {
	case varUser:
		return r.userValue(w.userSlots[name])
	case varGroup:
		return r.Group(int(name[0] - '0'))
	case varURI:
		return r.path, true
	case varArgs:
		return r.args, len(r.args) > 0
	case varArg:
		return h1.FindArg(r.args, name)
	case varHTTP:
		return r.headerVar(name)
	case varHost:
		if len(r.Head.Host) > 0 {
			return r.Head.Host, true
		}
		return r.computed(append(r.varBuf[:0], r.Server.Name...))
	case varRequestURI:
		return r.Head.URI, r.Head.URI != nil
	case varRequestMethod:
		m := r.main().Head.Method
		return m, m != nil
	case varRemoteAddr:
		return r.computed(appendAddr(r.varBuf[:0], r.cn.remoteAddr().Addr()))
	case varIsArgs:
		if len(r.args) > 0 {
			return questionMark, true
		}
		return empty, true
	case varScheme:
		return schemeHTTP, true
	case varServerName:
		return r.computed(append(r.varBuf[:0], r.Server.Name...))
	case varServerProtocol:
		if r.Head.Protocol == nil {
			return protocol09, true
		}
		return r.Head.Protocol, true
	case varRequest:
		return r.Head.Line, r.Head.Line != nil
	case varStatus:
		s := r.CurrentStatus()
		b := r.varBuf[:0]
		if s < 100 {
			b = append(b, '0')
		}
		if s < 10 {
			b = append(b, '0')
		}
		return r.computed(h1.AppendDecimal(b, int64(s)))
	case varContentType:
		return r.field(h1.HeaderContentType)
	case varContentLength:
		if v, ok := r.field(h1.HeaderContentLength); ok {
			return v, true
		}
		if r.Head.Chunked && r.body.state == bodyDone {
			return r.number(r.BodySize())
		}
		return nil, false
	case varHTTPCookie:
		return r.joined(h1.HeaderCookie, "; ")
	case varHTTPXForwardedFor:
		return r.joined(h1.HeaderXForwardedFor, ", ")
	case varCookie:
		return r.cookie(name)
	case varSentHTTP:
		return r.sentHeader(name)
	case varProxyAddXFF, varProxyHost, varProxyPort, varUpstreamAddr, varUpstreamBytesReceived, varUpstreamBytesSent, varUpstreamConnectTime,
		varUpstreamHeaderTime, varUpstreamHTTP, varUpstreamResponseLength, varUpstreamResponseTime, varUpstreamStatus:
		return r.proxyVar(id, name)
	case varRequestBody:
		return r.Body(), r.body.state == bodyDone && len(r.Body()) > 0
	case varRequestBodyFile:
		name, _, ok := r.BodyFile()
		return r.varBufString(name), ok
	case varBodyBytesSent:
		// As in nginx that is what left, framing included, less the header.
		return r.number(r.bytesSent - int64(r.headSent))
	case varBytesSent:
		return r.number(r.bytesSent)
	case varConnection:
		return r.number(int64(r.cn.id))
	case varConnectionRequests:
		return r.number(int64(r.cn.requests))
	case varConnectionTime:
		return r.seconds(w.Ring.Now() - r.cn.born)
	case varRequestTime:
		return r.seconds(max(w.Ring.WallUnixNano()-r.StartTime, 0))
	case varMsec:
		return r.seconds(w.Ring.WallUnixNano())
	case varRequestLength:
		return r.number(int64(r.headLen) + r.BodySize())
	case varRequestCompletion:
		if r.ended && !r.closeSilently {
			return completionOK, true
		}
		return empty, true
	case varRequestID:
		if len(r.idBuf) == 0 {
			r.idBuf = newRequestID(r.idBuf)
		}
		return r.idBuf, true
	case varRemotePort:
		if a := r.cn.remoteAddr(); a.IsValid() {
			return r.number(int64(a.Port()))
		}
		return empty, true
	case varServerAddr:
		return r.computed(appendAddr(r.varBuf[:0], r.cn.localAddr().Addr()))
	case varServerPort:
		if p := r.cn.localPort(); p != 0 {
			return r.number(int64(p))
		}
		return empty, true
	case varBinaryRemoteAddr:
		return r.computed(appendBinaryAddr(r.varBuf[:0], r.cn.remoteAddr().Addr()))
	case varDocumentRoot:
		return r.computedDir(r.appendRoot(r.dirBuf[:0]))
	case varRealpathRoot:
		return r.realpathRoot()
	case varRequestFilename:
		return r.computedDir(r.appendFilename(r.dirBuf[:0], r.path))
	case varRemoteUser:
		return r.remoteUser()
	case varHTTPS:
		return empty, true
	case varEchoCacheableURI, varEchoClientHeaders, varEchoClientMethod, varEchoIncr, varEchoIt, varEchoMethod, varEchoRequestURI,
		varEchoStatus, varEchoTimer:
		return r.echoVar(id)
	case varLimitRate:
		return r.number(0)
	case varPipe:
		if r.pipelined {
			return pipeYes, true
		}
		return pipeNo, true
	case varHostname:
		return r.computed(append(r.varBuf[:0], w.hostname...))
	case varNginxVersion:
		return r.computed(append(r.varBuf[:0], NginxVersion...))
	case varPID:
		return r.number(int64(w.pid))
	case varTimeLocal:
		w.timeTexts()
		return w.timeLocal, true
	case varTimeISO8601:
		w.timeTexts()
		return w.timeISO, true
	case varDateLocal:
		return r.clockText("Monday, 02-Jan-2006 15:04:05 MST")
	case varDateGMT:
		return r.computed(w.Ring.WallTime().UTC().AppendFormat(r.varBuf[:0], "Monday, 02-Jan-2006 15:04:05 GMT"))
	}
	return nil, false
}

// NginxVersion is the version that we present ourselves as, to scripts that ask.
const NginxVersion = "1.27.1"

// PCREVersion is the version of the library for regular expressions, as its authors write it.
var PCREVersion = fmt.Sprintf("%d.%d", regex.VersionMajor, regex.VersionMinor)

// Values that are always the same.
var (
	empty        = []byte{}
	questionMark = []byte("?")
	schemeHTTP   = []byte("http")
	protocol09   = []byte("HTTP/0.9")
	completionOK = []byte("OK")
	pipeYes      = []byte("p")
	pipeNo       = []byte(".")
)

// computed keeps a value that was built in varBuf.
func (r *Request) computed(b []byte) ([]byte, bool) {
	r.varBuf = b
	return b, true
}

// computedDir keeps a value that was built in dirBuf.
func (r *Request) computedDir(b []byte) ([]byte, bool) {
	r.dirBuf = b
	return b, true
}

func (r *Request) varBufString(s string) []byte {
	r.varBuf = append(r.varBuf[:0], s...)
	return r.varBuf
}

func (r *Request) number(n int64) ([]byte, bool) {
	return r.computed(h1.AppendDecimal(r.varBuf[:0], n))
}

// seconds is a time in nanoseconds as nginx prints it: seconds and three digits.
func (r *Request) seconds(ns int64) ([]byte, bool) {
	return r.computed(appendSeconds(r.varBuf[:0], ns))
}

func (r *Request) clockText(layout string) ([]byte, bool) {
	return r.computed(r.Worker.Ring.WallTime().AppendFormat(r.varBuf[:0], layout))
}

func (r *Request) field(id h1.HeaderID) ([]byte, bool) {
	v := r.Head.Get(id)
	return v, v != nil
}

// headerVar finds the first header whose name, in small letters and with dashes as underscores, is name.
func (r *Request) headerVar(name string) ([]byte, bool) {
	for i := range r.Head.Headers {
		h := &r.Head.Headers[i]
		if len(h.Name) == len(name) && sameVarName(h.Name, name) {
			return h.Value, true
		}
	}
	return nil, false
}

func sameVarName(header []byte, name string) bool {
	for i, c := range header {
		switch {
		case c >= 'A' && c <= 'Z':
			c |= 0x20
		case c == '-':
			c = '_'
		}
		if c != name[i] {
			return false
		}
	}
	return true
}

// joined is the value of a header that may be repeated, its parts put together.
func (r *Request) joined(id h1.HeaderID, sep string) ([]byte, bool) {
	first := r.Head.Get(id)
	if first == nil {
		return nil, false
	}
	b, n := r.varBuf[:0], 0
	for i := range r.Head.Headers {
		if h := &r.Head.Headers[i]; h.Known == id {
			if n > 0 {
				b = append(b, sep...)
			}
			b = append(b, h.Value...)
			n++
		}
	}
	if n == 1 {
		return first, true
	}
	return r.computed(b)
}

// foldedIs compares case aside.
func foldedIs(b []byte, name string) bool {
	for i, c := range b {
		d := name[i]
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		if d >= 'A' && d <= 'Z' {
			d |= 0x20
		}
		if c != d {
			return false
		}
	}
	return true
}

// cookie finds a cookie in the Cookie headers, its name compared case aside as nginx does.
func (r *Request) cookie(name string) ([]byte, bool) {
	if !r.Head.Has(h1.HeaderCookie) {
		return nil, false
	}
	for i := range r.Head.Headers {
		h := &r.Head.Headers[i]
		if h.Known != h1.HeaderCookie {
			continue
		}
		for rest := h.Value; len(rest) > 0; {
			for len(rest) > 0 && rest[0] == ' ' {
				rest = rest[1:]
			}
			if len(rest) > len(name) && foldedIs(rest[:len(name)], name) {
				v := rest[len(name):]
				for len(v) > 0 && v[0] == ' ' {
					v = v[1:]
				}
				if len(v) > 0 && v[0] == '=' {
					v = v[1:]
					for len(v) > 0 && v[0] == ' ' {
						v = v[1:]
					}
					if end := bytes.IndexByte(v, ';'); end >= 0 {
						v = v[:end]
					}
					return v, true
				}
			}
			end := bytes.IndexAny(rest, ";,")
			if end < 0 {
				break
			}
			rest = rest[end+1:]
		}
	}
	return nil, false
}

// sentHeader finds a response header by its variable's name; of nginx's own, as far as they are known.
func (r *Request) sentHeader(name string) ([]byte, bool) {
	var known knownHeader
	switch name {
	case "content_type":
		known = headerContentType
	case "content_length":
		known = headerContentLength
	case "last_modified":
		known = headerLastModified
	case "location":
		known = headerLocation
	case "connection":
		switch {
		case !r.HeaderSent:
			return nil, false
		case r.keepAlive:
			return r.computed(append(r.varBuf[:0], "keep-alive"...))
		}
		return r.computed(append(r.varBuf[:0], "close"...))
	case "transfer_encoding":
		if r.chunked {
			return r.computed(append(r.varBuf[:0], "chunked"...))
		}
		return nil, false
	}
	if known != headerPlain {
		v, _, ok := r.NextHeader([]byte(knownNames[known]), 0)
		return v, ok
	}
	// Of these all values, as nginx has it.
	switch name {
	case "cache_control":
		known = headerCacheControl
	case "link":
		known = headerLink
	}
	if known != headerPlain {
		if i := r.headers.find(nil, known, 0); i >= 0 {
			return r.joinedLines(i)
		}
		return nil, false
	}
	for i := range r.headers.lines {
		l := &r.headers.lines[i]
		if int(l.name) == len(name) && sameVarName(r.headers.name(l), name) {
			return r.headers.value(l), true
		}
	}
	return nil, false
}

// joinedLines is the values of the known header whose first line is number i, with commas between them.
func (r *Request) joinedLines(i int) ([]byte, bool) {
	h := &r.headers
	known := h.lines[i].known
	b := append(r.varBuf[:0], h.value(&h.lines[i])...)
	for {
		if i = h.find(nil, known, i+1); i < 0 {
			return r.computed(b)
		}
		b = append(append(b, ", "...), h.value(&h.lines[i])...)
	}
}

// remoteUser is the name in basic credentials.
func (r *Request) remoteUser() ([]byte, bool) {
	v := r.Head.Get(h1.HeaderAuthorization)
	if len(v) < 6 || !foldedIs(v[:6], "basic ") {
		return nil, false
	}
	for v = v[6:]; len(v) > 0 && v[0] == ' '; {
		v = v[1:]
	}
	plain, err := base64.StdEncoding.AppendDecode(r.varBuf[:0], v)
	if err != nil {
		return nil, false
	}
	r.varBuf = plain
	user, _, ok := bytes.Cut(plain, []byte(":"))
	return user, ok
}

// appendBinaryAddr appends 4 or 16 bytes.
func appendBinaryAddr(b []byte, a netip.Addr) []byte {
	if !a.IsValid() {
		return b
	}
	return append(b, a.Unmap().AsSlice()...)
}

func newRequestID(dst []byte) []byte {
	var raw [16]byte
	rand.Read(raw[:])
	return hex.AppendEncode(dst, raw[:])
}
