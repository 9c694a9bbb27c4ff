package api

import (
	"moonring/lua"
	"moonring/proxy"
	"moonring/proxy/phase"
)

// ngx.thread: light threads. In exit_worker, log and the filters there are none, as code can't wait there.

var threadFuncs = []entry{
	{"spawn", lua.Register("spawn", threadSpawn)},
	{"wait", lua.Register("wait", threadWait)},
	{"kill", lua.Register("kill", threadKill)},
}

// threadSpawn is ngx.thread.spawn(function, arguments...).
func threadSpawn(c *lua.Call) lua.Ret {
	if beforeWorkers(worker(c).CurrentPhase()) {
		return c.Errorf("no request found")
	}
	if _, ok := luaFunction(c, 1); !ok {
		return lua.Fail
	}
	r := request(c, phase.Yielding)
	if r == nil {
		return lua.Fail
	}
	if c.CanSuspend() {
		r.Spawn(c)
	}
	return c.Suspend()
}

// luaFunction is argument i, a function that is no builtin; ok is false after an error.
func luaFunction(c *lua.Call, i int) (fn lua.Value, ok bool) {
	fn = c.Arg(i)
	if !fn.IsFunction() || c.VM().BuiltinOf(fn) != 0 {
		c.ArgError(i, "Lua function expected")
		return lua.Nil, false
	}
	return fn, true
}

// threadArgument is argument i, a coroutine; false after an error.
func threadArgument(c *lua.Call, i int) bool {
	if c.VM().TypeOf(c.Arg(i)) != lua.TypeThread {
		c.ArgError(i, "lua thread expected")
		return false
	}
	return true
}

// threadWait is ngx.thread.wait(thread...): what the first of them to end returned, or failed with.
func threadWait(c *lua.Call) lua.Ret {
	r := request(c, phase.Yielding)
	if r == nil {
		return lua.Fail
	}
	n := c.NArgs()
	if n == 0 {
		return c.Errorf("at least one coroutine should be specified")
	}
	if !c.CanSuspend() {
		return c.Suspend() // raises the error
	}
	fail := func(msg string) lua.Ret {
		r.StopJoin()
		return c.Errorf("%s", msg)
	}
	for i := 1; i <= n; i++ {
		if !threadArgument(c, i) {
			r.StopJoin()
			return lua.Fail
		}
		t, ref := r.Child(c.Arg(i))
		switch ref {
		case proxy.NotThread:
			return fail("attempt to wait on a coroutine that is not a user thread")
		case proxy.NotChild:
			return fail("only the parent coroutine can wait on the thread")
		case proxy.ChildGone:
			if i == n {
				r.StopJoin()
				return returnNilError(c, "already waited or killed")
			}
		case proxy.ChildEnded:
			r.StopJoin()
			ok, results := t.Results()
			if !c.Push(lua.Bool(ok)) {
				return lua.Fail
			}
			for k := 1; k <= results; k++ {
				if !c.Push(t.Result(k)) {
					return lua.Fail
				}
			}
			r.Bury(t)
			return c.Pushed()
		default:
			r.Join(t)
		}
	}
	return c.Suspend()
}

// threadKill is ngx.thread.kill(thread).
func threadKill(c *lua.Call) lua.Ret {
	r := request(c, phase.Yielding)
	if r == nil || !threadArgument(c, 1) {
		return lua.Fail
	}
	t, ref := r.Child(c.Arg(1))
	switch ref {
	case proxy.NotThread:
		return returnNilError(c, "not user thread")
	case proxy.NotChild:
		return returnNilError(c, "killer not parent")
	case proxy.ChildCapture:
		return returnNilError(c, "pending subrequests")
	case proxy.ChildEnded:
		r.Bury(t)
		return returnNilError(c, "already terminated")
	case proxy.ChildGone:
		return returnNilError(c, "already waited or killed")
	}
	r.Kill(t)
	return c.ReturnInt(1)
}
