package proxy

import (
	"bytes"
	"fmt"

	"moonring/proxy/conf"
	"moonring/proxy/h1"
	"moonring/proxy/phase"
)

// outcome says what running a phase led to.
type outcome uint8

const (
	next      outcome = iota // go on with the next phase
	responded                // the request has its response, or is done for
	yielded                  // something waits; it will go on with process
)

// step is the phase that process comes to next.
type step uint8

// In nginx's order. What is added to a phase goes into its case in process: each case sets the step to
// come next, and returns if it has responded or waits.
const (
	stepServerRewrite step = iota // the server's rewrite directives
	stepFindLocation              // choose a location
	stepRewriteFirst              // rewrite_by_lua*, with rewrite_by_lua_no_postpone
	stepRewrite                   // its rewrite directives
	stepRewriteLua                // rewrite_by_lua*
	stepPostRewrite               // begin anew if they changed the path
	stepAccess
	stepAccessRules // allow and deny
	stepAccessAuth  // auth_request
	stepAccessLua
	stepPostAccess // what satisfy any has made of the refusals
	stepPrecontent // try_files
	stepContent
)

// Codes that finalize takes besides statuses, with nginx's values.
const (
	codeOK        = 0
	codeForbidden = 403
	codeError     = -1
	codeDeclined  = -5
	codeClose     = 444 // NGX_HTTP_CLOSE: close without a word
)

// closes tells of a status that it closes the connection in place of an answer.
func closes(status int) bool { return status == 408 || status == 499 || status == codeClose }

// uriChangesMax bounds how often the path of a request is changed by rewrite, internal redirects and named locations
// together, as nginx does.
const uriChangesMax = 10

// begin takes a request whose head is parsed to its first phase.
func (r *Request) begin() {
	r.args, r.argsView = r.Head.Args, true
	if r.Head.Complex {
		p, err := h1.NormalizePath(r.pathBuf[:0], r.Head.Path, r.Loc.MergeSlashes)
		if err != nil {
			r.Head.Protocol = nil // nginx finds this out before it
			r.refuse(400, h1.ErrPath.Reason)
			return
		}
		r.pathBuf, r.path = p, p
	} else {
		r.path, r.pathView = r.Head.Path, true
	}
	for _, line := range r.Head.Dropped {
		if !r.LogEnabled(conf.Info) {
			break
		}
		r.logAt(conf.Info, `client sent invalid header line: "`+string(appendLogSafe(nil, line))+`"`, " while reading client request headers")
	}
	if s := r.cn.addr.ServerFor(r.Head.Host, r); s != r.Server {
		r.setServer(s)
	}
	if m := r.Head.MethodID; m == h1.MethodTRACE || m == h1.MethodCONNECT {
		r.Log(conf.Info, "client sent "+m.String()+" method")
		r.finalize(405) // keepAlive is still off
		return
	}
	r.keepAlive = r.Head.KeepAlive
	r.process()
}

// process runs phases until one of them responds or waits.
func (r *Request) process() {
	for {
		switch r.step {
		case stepServerRewrite:
			r.applyKeepAlive()
			r.step = stepFindLocation
			if r.loc.ret != nil {
				r.doReturn(r.loc.ret)
				return
			}
			if len(r.loc.script) > 0 && r.runScript(r.loc.script) != next {
				return
			}
		case stepFindLocation:
			r.step = stepRewriteFirst
			r.uriChanged = false
			l, err := r.Server.Find(r.path, r)
			switch {
			case err != nil:
				r.finalize(500)
				return
			case l != nil:
				r.setLocation(r.Worker.location(l))
				r.applyKeepAlive()
				if l.Internal && !r.internal {
					r.finalize(404)
					return
				}
			}
			if most := r.Loc.ClientMaxBodySize; most > 0 && r.Head.ContentLength > most && (r.body.state == bodyNone || r.sub.parent != nil) {
				r.Log(conf.Err, fmt.Sprintf("client intended to send too large body: %d bytes", r.Head.ContentLength))
				r.body.tested = true
				r.finalize(413)
				return
			}
			if l != nil && l.Redirects(r.path) {
				r.redirectToSlash(l)
				return
			}
		case stepRewriteFirst:
			if r.loc.rewrite == nil || !r.Worker.rewriteFirst {
				r.step = stepRewrite
				continue
			}
			if r.awaitBody() {
				return
			}
			r.step = stepRewrite
			if r.runLua(phase.Rewrite, r.loc.rewrite) != next {
				return
			}
		case stepRewrite:
			r.step = stepRewriteLua
			if r.Loc == r.Server.Loc {
				break
			}
			if r.loc.ret != nil {
				r.doReturn(r.loc.ret)
				return
			}
			if len(r.loc.script) > 0 && r.runScript(r.loc.script) != next {
				return
			}
		case stepRewriteLua:
			if r.loc.rewrite != nil && !r.Worker.rewriteFirst && !r.uriChanged {
				if r.awaitBody() {
					return
				}
				r.step = stepPostRewrite
				if r.runLua(phase.Rewrite, r.loc.rewrite) != next {
					return
				}
			}
			r.step = stepPostRewrite
		case stepPostRewrite:
			r.step = stepAccess
			if r.uriChanged {
				if r.cycle("processing", r.path) {
					return
				}
				r.setLocation(r.Worker.location(r.Server.Loc))
				r.step = stepFindLocation
			}
		case stepAccess:
			if r.loc.moreInput != nil && !r.moreInputDone {
				r.moreInputDone = true
				r.moreInput()
			}
			r.step = stepAccessRules
			if r.Worker.accessFirst {
				r.step = stepAccessLua
			}
		case stepAccessRules:
			r.step = stepAccessAuth
			if r.Worker.accessFirst {
				if r.Loc.SatisfyAny && r.loc.access != nil && r.accessCode == 0 { // Lua's consent is enough
					r.step = stepPostAccess
					continue
				}
			}
			if r.Loc.AccessRules != nil && r.sub.parent == nil {
				switch r.checkAccess() {
				case codeForbidden:
					return
				case codeOK:
					r.step = stepPrecontent
					continue
				}
			}
		case stepAccessAuth:
			if r.Loc.AuthRequest != "" && r.sub.parent == nil {
				switch {
				case r.auth.sub == nil:
					r.askAuth()
					return
				case !r.auth.sub.sub.done:
					return
				case !r.judge():
					return
				}
			}
			r.step = stepAccessLua
			if r.Worker.accessFirst || r.Loc.AuthRequest != "" && r.Loc.SatisfyAny && r.accessCode == 0 && r.sub.parent == nil {
				r.step = stepPostAccess
			}
		case stepAccessLua:
			then := stepPostAccess
			if r.Worker.accessFirst {
				then = stepAccessRules
			}
			if r.loc.access != nil && r.sub.parent == nil {
				if r.awaitBody() {
					return
				}
				r.step = then
				if r.runLua(phase.Access, r.loc.access) != next {
					return
				}
			}
			r.step = then
		case stepPostAccess:
			r.step = stepPrecontent
			if r.auth.challenged && r.accessCode == 0 {
				r.headers.remove(nil, headerWWWAuthenticate, 0)
			}
			r.auth.challenged = false
			if code := r.accessCode; code != 0 {
				r.accessCode = 0
				if code == codeForbidden {
					r.Log(conf.Err, "access forbidden by rule")
				}
				r.finalize(code)
				return
			}
		case stepPrecontent:
			r.step = stepContent
			if r.loc.try != nil && r.tryFiles(r.loc.try) != next {
				return
			}
		case stepContent:
			r.content = true
			switch r.Loc.Handler {
			case conf.HandlerLua:
				if !r.awaitBody() {
					r.runLua(phase.Content, r.loc.content)
				}
			case conf.HandlerEcho:
				r.serveEcho()
			case conf.HandlerProxy:
				r.serveProxy()
			case conf.HandlerEmptyGIF:
				r.serveEmptyGIF()
			default:
				r.serveStatic()
			}
			return
		}
	}
}

// awaitBody has the body read before a phase of Lua's, where lua_need_request_body asks for it. It tells if it has to be waited
// for, which ends in process again at the same step, or the request has failed.
func (r *Request) awaitBody() bool {
	return r.Loc.LuaNeedRequestBody && !r.readBodyFirst()
}

// applyKeepAlive lets the settings in force end the connection's life.
func (r *Request) applyKeepAlive() {
	if r.keepAlive && (r.Loc.KeepaliveTimeout == 0 || int(r.cn.requests) >= r.Loc.KeepaliveRequests || r.Worker.quitting || r.cn.old(r.Loc) || r.dislikesKeepAlive()) {
		r.keepAlive = false
	}
}

// cycle counts a change of the path, and answers if there were too many.
func (r *Request) cycle(while string, what []byte) bool {
	r.uriChanges++
	if r.uriChanges <= uriChangesMax {
		return false
	}
	if r.LogEnabled(conf.Err) {
		r.Log(conf.Err, fmt.Sprintf("rewrite or internal redirection cycle while %s \"%s\"", while, appendLogSafe(nil, what)))
	}
	r.finalize(500)
	return true
}

// InternalRedirect begins anew with another path and other arguments, which are copied. Both may be views of the
// request's own. It may respond before it returns. Lua's ngx.ctx is lost by it, as in nginx.
func (r *Request) InternalRedirect(uri, args []byte) {
	if r.cycle("internally redirecting to", uri) {
		return
	}
	r.SetPath(uri)
	r.SetArgs(args)
	r.clearContexts()
	r.pathForeign = false
	r.step = stepServerRewrite
	r.setLocation(r.Worker.location(r.Server.Loc))
	r.process()
}

// clearContexts is what nginx does by zeroing r->ctx: what modules know about the request is forgotten.
func (r *Request) clearContexts() {
	r.internal = true
	r.dropCtx()
	r.content, r.addPathToAlias = false, false
	r.echo.reset()
	r.moreInputDone = false
}

// finalize ends a request that has no response yet, or can't have the rest of it: with nginx's page for
// a status, or, for an error and the codes that ask for that, by closing the connection.
func (r *Request) finalize(code int) {
	if r.sub.parent != nil && !r.sub.isInline {
		r.finalizeSubrequest(code)
		return
	}
	switch {
	case code == codeError || closes(code):
		r.terminate(code)
	case !r.HeaderSent && (code >= 300 || code == 201 || code == 204):
		r.specialResponse(code)
	default: // also where it is too late for a page
		r.finishOutput()
		r.end()
	}
}

// terminate closes the connection without, or in the middle of, a response.
func (r *Request) terminate(code int) {
	if r.sub.isInline {
		r.endMain(code)
		return
	}
	if r.sub.parent != nil {
		r.finalizeSubrequest(code)
		return
	}
	if code > 0 && (r.Status == 0 || !r.committed) {
		r.Status = code
	}
	if code == 408 || code == codeClose {
		r.cn.resetTimedout(r.Loc)
	}
	r.out = r.out[:0]
	r.ended, r.keepAlive, r.closeSilently = true, false, true
	r.end()
}

// specialResponse answers with the error_page for a status, else with nginx's page, or nothing where it has none, and
// ends the request.
func (r *Request) specialResponse(code int) {
	r.beginSpecial(code)
	if !r.errorPageFor(code) {
		r.specialPage(code)
	}
}

// beginSpecial withdraws what was to be sent, and closes the connection behind answers after which nginx does.
func (r *Request) beginSpecial(code int) {
	r.errStatus = code
	r.out = r.out[:0]
	r.buffering = false
	r.contentType, r.typeSet = "", false
	switch code {
	case 400, 413, 414, 495, 496, 497, 500, 501:
		r.keepAlive = false
	}
}

// specialPage answers with nginx's page for a status, and ends the request.
func (r *Request) specialPage(code int) {
	r.sendSpecial(code)
	r.end()
}

// sendSpecial is specialPage without the end.
func (r *Request) sendSpecial(code int) {
	r.beginSpecial(code)
	if r.DiscardBody() != 0 {
		r.keepAlive = false
	}
	r.Status = code
	r.statusText = nil
	r.decorated = false
	r.endGzip()
	r.gzip = gzipReply{}
	r.lastModified = h1.NoTime
	r.headers.remove(nil, headerETag, 0)
	r.headers.remove(nil, headerAcceptRanges, 0)
	r.headers.remove(nil, headerLastModified, 0)
	r.headers.remove(nil, headerContentLength, 0)
	page := r.loc.name.pages.Page(code)
	if page != nil {
		r.contentType, r.typeSet = "text/html", false
		if r.Loc.MSIEPadding && h1.NeedsPadding(r.Head.Get(h1.HeaderUserAgent)) && r.HTTPVersion() >= 10 {
			page = r.loc.name.pages.Padded(code)
		}
	}
	r.contentLength = int64(len(page))
	r.headFiltered = false
	r.sendWhole(page)
}

// respond sends a response whose length is known, whole, and ends the request.
func (r *Request) respond(body []byte) {
	r.sendWhole(body)
	r.end()
}

// sendWhole is respond without the end.
func (r *Request) sendWhole(body []byte) {
	if r.frame() {
		r.sendBody(body)
	}
}

// sendBody is what follows frame.
func (r *Request) sendBody(body []byte) {
	if r.headOnly {
		body = nil
	}
	if r.loc.bodyFilter != nil && !r.headOnly {
		if r.filtered(body, true) {
			r.filterEnd()
		}
		r.ended = true
		return
	}
	r.ended = true
	r.bodySent = int64(len(body))
	r.send(body, true)
}

// end is the one way out of a request: once a file is sent, the log phase, then the connection goes on.
func (r *Request) end() {
	r.ended = true
	if r.HeaderSent && r.declaredOtherLength() {
		r.keepAlive = false
	}
	if r.up != nil {
		r.up.detach()
	}
	if len(r.sub.inline) > 0 {
		r.dropInline()
	}
	r.dropAuth()
	if r.file.waiting() && r.sub.parent == nil && r.cn.waitSent(r) {
		return
	}
	r.logAndGoOn()
}

func (r *Request) logAndGoOn() {
	if r.sub.parent != nil {
		r.subrequestDone()
		return
	}
	if r.Detached() {
		r.endTimer()
		return
	}
	r.file.close()
	r.dropSockets()
	r.runLog()
	r.logAccess()
	r.cn.requestDone(r)
}

// refuse answers a request that could not be understood, and closes.
func (r *Request) refuse(status int, reason string) {
	action := " while reading client request headers"
	if r.Head.Protocol == nil {
		action = " while reading client request line"
	}
	if r.Head.Line == nil {
		// For the log, as nginx does: what there is of it.
		line := bytes.TrimLeft(r.Worker.headData, "\r\n")
		if i := bytes.IndexAny(line, "\r\n"); i >= 0 {
			line = line[:i]
		}
		r.Head.Line = line
	}
	r.logAt(conf.Info, string(appendLogSafe(nil, reason)), action)
	r.keepAlive = false
	if r.Head.Major == 0 {
		// So that the page has a header: it is an answer to no version at all.
		r.Head.Major, r.Head.Minor = 1, 0
	}
	r.body.state = bodyDone // where it would end is unknown
	r.specialPage(status)   // no error_page: there may be no request to begin anew
}
