package api

import (
	"moonring/lua"
	"moonring/lua/number"
	"moonring/proxy/conf"
	"moonring/proxy/phase"
)

// The fields of ngx that are computed: ngx.status, ngx.ctx, ngx.headers_sent, ngx.is_subrequest; and ngx.arg.

var (
	ngxIndexID    = lua.Register("ngx_index", ngxIndex)
	ngxNewindexID = lua.Register("ngx_newindex", ngxNewindex)
	argIndexID    = lua.Register("arg_index", argIndex)
	argNewindexID = lua.Register("arg_newindex", argNewindex)
)

func openMagic(vm *lua.VM, ngx lua.Value) {
	magic(vm, ngx, ngxIndexID, ngxNewindexID)
	arg := vm.NewTable(0, 0)
	magic(vm, arg, argIndexID, argNewindexID)
	vm.SetField(ngx, "arg", arg)
}

func ngxIndex(c *lua.Call) lua.Ret {
	key := c.Arg(2)
	if !key.IsString() {
		return c.Return1(lua.Nil)
	}
	switch string(c.VM().Bytes(key)) {
	case "ctx":
		return ctxGet(c)
	case "status":
		r := anyRequest(c)
		if r == nil {
			return lua.Fail
		}
		return c.ReturnInt(r.CurrentStatus())
	case "headers_sent":
		r := anyRequest(c)
		if r == nil {
			return lua.Fail
		}
		return c.ReturnBool(r.HeaderSent)
	case "is_subrequest":
		r := anyRequest(c)
		if r == nil {
			return lua.Fail
		}
		return c.ReturnBool(r.IsSubrequest())
	}
	return c.Return1(lua.Nil)
}

func ngxNewindex(c *lua.Call) lua.Ret {
	vm := c.VM()
	key := c.Arg(2)
	if key.IsString() {
		switch string(vm.Bytes(key)) {
		case "ctx":
			return ctxSet(c)
		case "status":
			return statusSet(c)
		}
	}
	t, ok := c.CheckTable(1)
	if !ok {
		return lua.Fail
	}
	switch {
	case key.IsNil():
		return c.Errorf("table index is nil")
	case key.IsNumber() && key.Float() != key.Float():
		return c.Errorf("table index is NaN")
	case !vm.RawSet(t, key, c.Arg(3)):
		return c.MemoryError()
	}
	return c.Return()
}

// ctxGet returns the request's table, which is made when it is first asked for.
func ctxGet(c *lua.Call) lua.Ret {
	r := worker(c).Current
	if r == nil {
		return ctxOfWorker(c)
	}
	ctx := r.Ctx()
	if ctx.IsNil() {
		ctx = c.VM().NewTable(0, 4)
		if ctx.IsNil() || !r.SetCtx(ctx) {
			return c.MemoryError()
		}
	}
	return c.Return1(ctx)
}

// ctxOfWorker returns the table that init_worker_by_lua* has for ngx.ctx.
func ctxOfWorker(c *lua.Call) lua.Ret {
	if worker(c).CurrentPhase() != phase.InitWorker {
		return c.Errorf("no request found")
	}
	const key = "ngx.ctx of init_worker"
	vm := c.VM()
	ctx := vm.Field(vm.Registry(), key)
	if ctx.IsNil() {
		ctx = vm.NewTable(0, 4)
		if ctx.IsNil() || !vm.SetField(vm.Registry(), key, ctx) {
			return c.MemoryError()
		}
	}
	return c.Return1(ctx)
}

func ctxSet(c *lua.Call) lua.Ret {
	ctx := c.Arg(3)
	if !ctx.IsTable() {
		return c.Errorf("ctx should be a table while getting a %s", c.VM().TypeName(ctx))
	}
	r := worker(c).Current
	if r == nil {
		return c.Errorf("no request found")
	}
	if !r.SetCtx(ctx) {
		return c.MemoryError()
	}
	return c.Return()
}

func statusSet(c *lua.Call) lua.Ret {
	r := anyRequest(c)
	if r == nil {
		return lua.Fail
	}
	v := c.Arg(3)
	var f float64
	ok := v.IsNumber()
	if ok {
		f = v.Float()
	} else if v.IsString() {
		f, ok = number.Parse(c.VM().Bytes(v))
	}
	if !ok {
		return c.Errorf("bad status: number expected, got %s", c.VM().TypeName(v))
	}
	if r.HeaderSent {
		r.Log(conf.Err, "attempt to set ngx.status after sending out response headers")
		return c.Return()
	}
	status := int(int32(f))
	if status < 100 || status > 999 {
		if r.LogEnabled(conf.Err) {
			var b [64]byte
			r.Log(conf.Err, string(appendNumber(append(b[:0], "invalid HTTP status code "...), float64(status))))
		}
		return c.Return()
	}
	r.SetStatus(status)
	return c.Return()
}
