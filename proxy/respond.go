package proxy

import (
	"bytes"

	"moonring/proxy/conf"
	"moonring/proxy/h1"
)

// returnCode is a return directive, ready to run.
type returnCode struct {
	*conf.Return
	text     template
	constant []byte // the text, if it has no variables

	// reply is the whole answer to a plain GET that keeps the connection, the date aside: made for constant texts.
	reply  []byte
	date   int // where the date is in it
	second int64
	body   int64
}

func (w *Worker) compileReturn(ret *conf.Return) *returnCode {
	if ret == nil {
		return nil
	}
	c := &returnCode{Return: ret, text: w.template(&ret.Text)}
	if s, ok := ret.Text.Const(); ok {
		c.constant = []byte(s)
	}
	return c
}

// doReturn runs a return directive.
func (r *Request) doReturn(ret *returnCode) {
	if ret.reply != nil && r.plain() {
		r.sendReply(ret)
		return
	}
	if !ret.HasText && ret.Code >= 400 {
		r.finalize(ret.Code)
		return
	}
	if status := r.DiscardBody(); status != 0 {
		r.finalize(status)
		return
	}
	r.Status = ret.Code // $status in the text sees it
	text := ret.constant
	if text == nil {
		r.reply = r.appendTemplate(r.reply[:0], &ret.text)
		text = r.reply
	}
	switch ret.Code {
	case 301, 302, 303, 307, 308:
		r.redirect(ret.Code, text)
		return
	case codeClose, 408, 499:
		r.finalize(ret.Code)
		return
	}
	r.contentLength = int64(len(text))
	r.contentType = r.loc.Type(r.path)
	r.respond(text)
}

// plain tells if a prepared reply is the answer: to a GET or POST without body that keeps the connection, whose
// type is the default.
func (r *Request) plain() bool {
	return r.keepAlive && !r.isHead() && r.Head.Major == 1 && !r.Head.HasBody() &&
		len(r.headers.lines) == 0 && !r.internal && r.cn.c != nil &&
		(r.loc.Exact || bytes.IndexByte(r.path, '.') < 0)
}

// sendReply sends a prepared reply.
func (r *Request) sendReply(ret *returnCode) {
	w := r.Worker
	w.tick()
	if ret.second != w.second {
		ret.second = w.second
		copy(ret.reply[ret.date:], w.date[:])
	}
	r.cn.c.Write(ret.reply)
	r.Status, r.HeaderSent, r.committed = ret.Code, true, true
	r.contentLength, r.contentType = ret.body, r.loc.DefaultType
	r.bodySent, r.bytesSent, r.headSent = ret.body, int64(len(ret.reply)), len(ret.reply)-int(ret.body)
	r.end()
}

// prepareReply makes the reply of a return with constant text, by the very code that would make it for a
// request.
func (w *Worker) prepareReply(l *location) {
	ret := l.ret
	if ret == nil || ret.constant == nil && ret.HasText || l.headerFilter != nil || l.moreOutput != nil || l.bodyFilter != nil || l.echoBefore != nil || l.echoAfter != nil {
		return
	}
	switch {
	case !ret.HasText && ret.Code >= 400, ret.Code < 200, ret.Code == 204, ret.Code == 304, closes(ret.Code),
		ret.Code >= 301 && ret.Code <= 308:
		return
	}
	if l.KeepaliveTimeout == 0 || l.LimitExcept != nil || l.decorated() || l.Gzip.On {
		return
	}
	r := &Request{Worker: w}
	r.reset()
	r.setLocation(l)
	r.Head.Major, r.Head.Minor, r.Head.Method, r.Head.MethodID = 1, 1, []byte("GET"), h1.MethodGET
	r.Status, r.keepAlive = ret.Code, true
	r.contentLength = int64(len(ret.constant))
	r.contentType = l.DefaultType
	if l.Exact {
		r.contentType = l.Type([]byte(l.Name))
	}
	r.frame()
	w.tick()
	b := r.appendHead(nil)
	ret.date = bytes.Index(b, w.date[:])
	ret.reply = append(b, ret.constant...)
	ret.body = int64(len(ret.constant))
	ret.second = w.second
}

// redirect answers with a Location. One that begins with '/' is made absolute, unless absolute_redirect is off.
func (r *Request) redirect(code int, to []byte) {
	if len(to) > 0 && to[0] == '/' && r.Loc.AbsoluteRedirect && !r.IsSubrequest() {
		r.setLocationHeader(to)
	} else if len(to) > 0 {
		r.headers.remove(nil, headerLocation, 0)
		r.headers.append(headerLocation, "Location", to)
	}
	r.finalize(code)
}

// redirectToSlash answers a path to which the slash at the end of a location's name is missing.
func (r *Request) redirectToSlash(l *conf.Location) {
	r.reply = h1.EscapeURI(r.reply[:0], []byte(l.Name), h1.EscapeWholeURI)
	r.reply = r.appendQuery(r.reply)
	r.redirect(301, r.reply)
}

// setLocationHeader makes a path the absolute Location.
func (r *Request) setLocationHeader(to []byte) {
	b := append(r.location[:0], "http://"...)
	switch {
	case r.Loc.ServerNameInRedirect:
		b = append(b, r.Server.Name...)
	case len(r.Head.Host) > 0:
		b = append(b, r.Head.Host...)
	default:
		b = r.cn.appendLocalAddr(b)
	}
	if port := r.cn.localPort(); r.Loc.PortInRedirect && port != 0 && port != 80 {
		b = append(b, ':')
		b = h1.AppendDecimal(b, int64(port))
	}
	r.location = h1.AppendHeaderValue(b, to)
}
