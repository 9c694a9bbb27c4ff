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
	p := worker(c).CurrentPhase()
	if beforeWorkers(p) {
		c.Errorf("no request found")
	} else {
		c.Errorf("API disabled in the context of %s", p.Context())
	}
}

// beforeWorkers tells if code in p runs before there are workers, and with them requests.
func beforeWorkers(p phase.Phase) bool { return p == phase.Init || p == phase.None }

// anyRequest is request for functions that work in every phase that belongs to a request.
func anyRequest(c *lua.Call) *proxy.Request {
	w := worker(c)
	if r := w.Current; r != nil && !r.Detached() {
		return r
	}
	if beforeWorkers(w.CurrentPhase()) {
		c.Errorf("no request found")
	} else {
		c.Errorf("API disabled in the current context")
	}
	return nil
}

func worker(c *lua.Call) *proxy.Worker { return c.Host().(*proxy.Worker) }
