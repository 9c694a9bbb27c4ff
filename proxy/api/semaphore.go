package api

import (
	"math"
	"time"

	"moonring/lua"
	"moonring/proxy/phase"
)

// The module ngx.semaphore, as lua-resty-core has it. An object is a table whose field sem is what proxy makes.

var semaphoreFuncs = []entry{
	{"new", lua.Register("new", semaphoreNew)},
	{"wait", lua.Register("wait", semaphoreWait)},
	{"post", lua.Register("post", semaphorePost)},
	{"count", lua.Register("count", semaphoreCount)},
}

var semaphoreModuleID = lua.Register("semaphore_module", semaphoreModule)

// semaphoreModule loads the module.
func semaphoreModule(c *lua.Call) lua.Ret {
	vm := c.VM()
	meta := vm.NewTable(0, 1)
	if meta.IsNil() || !c.Keep(meta) {
		return c.MemoryError()
	}
	m, ok := newModule(c, len(semaphoreFuncs))
	if !ok {
		return lua.Fail
	}
	if !vm.SetField(meta, "__index", m) {
		return c.MemoryError()
	}
	for _, f := range semaphoreFuncs {
		fn := vm.Builtin(f.id)
		if f.name == "new" {
			fn = vm.Builtin(f.id, meta)
		}
		if fn.IsNil() || !vm.SetField(m, f.name, fn) {
			return c.MemoryError()
		}
	}
	return c.Return1(m)
}

// tonumber is argument i as tonumber takes it; ok is false if that gives nil.
func tonumber(c *lua.Call, i int) (f float64, ok bool) {
	switch v := c.Arg(i); {
	case v.IsNumber():
		return v.Float(), true
	case v.IsString():
		if f, ok = c.CheckNumber(i); !ok {
			c.Catch()
		}
	}
	return f, ok
}

// wholeInt is f as C's int, within its bounds.
func wholeInt(f float64) int { return int(max(math.MinInt32, min(math.MaxInt32, f))) }

func semaphoreNew(c *lua.Call) lua.Ret {
	n, _ := tonumber(c, 1)
	if n < 0 {
		return c.Errorf("no negative number")
	}
	vm := c.VM()
	sem, object := worker(c).NewSemaphore(wholeInt(n)), vm.NewTable(0, 1)
	if sem.IsNil() || object.IsNil() || !vm.SetField(object, "sem", sem) {
		return c.MemoryError()
	}
	vm.SetMetatable(object, c.Upvalue(1))
	return c.Return1(object)
}

// semaphoreArg is what argument 1, a semaphore, holds; ok is false after an error.
func semaphoreArg(c *lua.Call) (sem lua.Value, ok bool) {
	if v := c.Arg(1); v.IsTable() {
		if sem = c.VM().Field(v, "sem"); sem.IsTable() {
			return sem, true
		}
	}
	c.Errorf("not a semaphore instance")
	return lua.Nil, false
}

func semaphoreWait(c *lua.Call) lua.Ret {
	sem, ok := semaphoreArg(c)
	if !ok {
		return lua.Fail
	}
	w := worker(c)
	p := w.CurrentPhase()
	if beforeWorkers(p) {
		return c.Errorf("no request found")
	}
	seconds, ok := tonumber(c, 2)
	switch {
	case !ok:
		return c.Errorf("attempt to perform arithmetic on a nil value")
	case seconds < 0:
		return c.Errorf("no negative number")
	case !phase.Yielding.Has(p):
		return returnNilError(c, "API disabled in the context of "+p.Context())
	case w.SemaphoreTake(sem):
		return c.ReturnBool(true)
	}
	ms := wholeInt(seconds * 1000)
	if ms == 0 {
		return returnNilError(c, "timeout")
	}
	if c.CanSuspend() && !w.Current.SemaphoreWait(sem, time.Duration(ms)*time.Millisecond) {
		return c.MemoryError()
	}
	return c.Suspend()
}

func semaphorePost(c *lua.Call) lua.Ret {
	sem, ok := semaphoreArg(c)
	if !ok {
		return lua.Fail
	}
	n := 1.0
	if f, ok := tonumber(c, 2); ok {
		n = f
	}
	if n < 1 {
		return c.Errorf("positive number required")
	}
	worker(c).SemaphorePost(sem, wholeInt(n))
	return c.ReturnBool(true)
}

func semaphoreCount(c *lua.Call) lua.Ret {
	sem, ok := semaphoreArg(c)
	if !ok {
		return lua.Fail
	}
	return c.ReturnInt(worker(c).SemaphoreCount(sem))
}
