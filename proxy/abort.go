package proxy

import (
	"moonring/lua"
	"moonring/proxy/conf"
)

// lua_check_client_abort: a client that closes its connection, or its half of it, ends the Lua code that works for it with status
// 499, unless ngx.on_abort has said what to do instead.

// onAbort is what ngx.on_abort has set in the phase under way.
type onAbort struct {
	fn, co lua.Ref // the function, and the coroutine that has set it
	parent *Thread // the thread it did so in, nil once that has ended
	begun  bool    // it was called
}

// OnAbortRefused tells why OnAbort can't be called, "" if it can.
func (r *Request) OnAbortRefused() string {
	switch {
	case r.onAbort.fn != 0:
		return "duplicate call"
	case !r.Loc.LuaCheckClientAbort:
		return "lua_check_client_abort is off"
	}
	return ""
}

// OnAbort has fn, a Lua function, called on a thread of its own once the client is gone. It returns false when there is no memory.
func (r *Request) OnAbort(fn lua.Value) bool {
	vm := r.Worker.VM
	a := &r.onAbort
	a.fn, a.co, a.parent = r.pin(fn), r.pin(vm.Current()), r.running
	if a.fn == 0 || a.co == 0 {
		r.dropOnAbort()
		return false
	}
	return true
}

// dropOnAbort forgets what OnAbort has set.
func (r *Request) dropOnAbort() {
	a := &r.onAbort
	if *a == (onAbort{}) {
		return // as nearly always: each phase's end and each request's asks
	}
	for _, pin := range [2]lua.Ref{a.fn, a.co} {
		if pin != 0 {
			r.Worker.VM.Unpin(pin)
		}
	}
	*a = onAbort{}
}

// clientAborted is called when the client is seen to be gone while the request is at work. It tells if that has ended the request.
func (r *Request) clientAborted() bool {
	if !r.busy() || !r.Loc.LuaCheckClientAbort || r.onAbort.begun {
		return false
	}
	a := &r.onAbort
	r.Log(conf.Info, "client prematurely closed connection")
	if a.fn == 0 {
		r.endMain(499)
		return true
	}
	a.begun = true
	r.spawner = r.Worker.VM.Pinned(a.co)
	t := r.newThread(a.parent)
	if t == nil {
		r.Log(conf.Err, "failed to create a Lua thread: not enough memory")
		return false
	}
	life := r.life
	fn := r.Worker.VM.Pinned(a.fn)
	r.goOn(r.stopped(t, t.start(fn)))
	return r.life != life
}
