package api

import (
	"moonring/lua"
	"moonring/proxy"
	"moonring/proxy/phase"
)

// Every function that needs a request asks for it here, with the phases that it is allowed in.

// request returns the request whose code is running. If there is none, or its phase is not among the allowed ones, it
// raises lua-nginx's error and returns nil.
func request(c *lua.Call, allowed phase.Mask) *proxy.Request {
	r := worker(c).Current
	if r != nil && allowed.Has(r.Phase) {
		return r
	}
	wrongPhase(c)
	return nil
}

// wrongPhase raises the error of request.
func wrongPhase(c *lua.Call) {
	switch p := worker(c).CurrentPhase(); p {
	case phase.Init, phase.None:
		c.Errorf("no request found")
	default:
		c.Errorf("API disabled in the context of %s", p.Context())
	}
}

// anyRequest is request for functions that work in every phase that belongs to a request.
func anyRequest(c *lua.Call) *proxy.Request {
	w := worker(c)
	if r := w.Current; r != nil && !r.Detached() {
		return r
	}
	switch w.CurrentPhase() {
	case phase.Init, phase.None:
		c.Errorf("no request found")
	default:
		c.Errorf("API disabled in the current context")
	}
	return nil
}

func worker(c *lua.Call) *proxy.Worker { return c.Host().(*proxy.Worker) }
