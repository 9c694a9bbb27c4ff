package proxy

import (
	"fmt"

	"moonring/lua"
	"moonring/proxy/conf"
	"moonring/proxy/h1"
)

// auth_request: a subrequest whose status decides on the request. It is one of those of inline.go, but nothing that it writes is kept.

// authorization is what a request knows of its subrequest for auth_request.
type authorization struct {
	sub        *Request // until it is judged
	challenged bool     // satisfy any: its 401 has left WWW-Authenticate in the response's header
}

// authVar is an auth_request_set.
type authVar struct {
	slot  int // see assign
	value template
}

func (w *Worker) authVarsOf(c *conf.Location) (all []authVar) {
	for i := range c.AuthSet {
		s := &c.AuthSet[i]
		all = append(all, authVar{w.slotOf(s.Var), w.template(&s.Value)})
	}
	return all
}

// askAuth makes the subrequest. The request may have gone on, or ended, when it returns.
func (r *Request) askAuth() {
	sub := r.newInline(&Capture{Path: r.loc.authPath, Method: h1.MethodGET, Ctx: lua.Nil, ShareVars: true})
	if sub == nil {
		r.finalize(500)
		return
	}
	sub.sub.isAuth = true
	r.auth.sub = sub
	r.Worker.runPosted()
}

// judge does what the subrequest, which has ended, says. It reports false if that has ended the request.
func (r *Request) judge() bool {
	sub := r.auth.sub
	status := sub.Status
	for i := range r.loc.authVars {
		v := &r.loc.authVars[i]
		r.ruleBuf = sub.appendTemplate(r.ruleBuf[:0], &v.value)
		r.assign(v.slot, r.ruleBuf)
	}
	if status == 401 {
		r.auth.challenged = r.copyChallenges(sub) && r.Loc.SatisfyAny
	}
	r.dropAuth()
	switch {
	case status == 401, status == codeForbidden:
		if r.Loc.SatisfyAny {
			r.refuseFor(status)
			return true
		}
	case status >= 200 && status < 300:
		r.accessCode = 0
		return true
	default:
		r.Log(conf.Err, fmt.Sprintf("auth request unexpected status: %d", status))
		status = 500
	}
	r.finalize(status)
	return false
}

// copyChallenges gives the response the WWW-Authenticate of another one, and tells if there was any.
func (r *Request) copyChallenges(from *Request) (found bool) {
	h := &from.headers
	for i := h.find(nil, headerWWWAuthenticate, 0); i >= 0; i = h.find(nil, headerWWWAuthenticate, i+1) {
		l := &h.lines[i]
		r.headers.add(h.name(l), h.value(l), headerWWWAuthenticate)
		found = true
	}
	return found
}

// dropAuth lets go of the subrequest, also of one that hasn't ended.
func (r *Request) dropAuth() {
	sub := r.auth.sub
	if r.auth.sub = nil; sub != nil {
		sub.release()
	}
}
