package lua

import (
	"bytes"

	"moonring/lua/bytecode"
)

// The debug library: here rather than in package lib, as it reads frames.
// Hooks are in hook.go.

var debugFuncs []baseEntry

func init() {
	for _, e := range []struct {
		name string
		fn   Func
	}{
		{"getfenv", debugGetfenv}, {"gethook", debugGethook}, {"getinfo", debugGetinfo},
		{"getlocal", debugGetlocal}, {"getmetatable", debugGetmetatable},
		{"getregistry", func(c *Call) Ret { return c.Return1(c.vm.Registry()) }},
		{"getupvalue", debugGetupvalue}, {"setfenv", debugSetfenv}, {"sethook", debugSethook},
		{"setlocal", debugSetlocal}, {"setmetatable", debugSetmetatable},
		{"setupvalue", debugSetupvalue}, {"traceback", debugTraceback},
		{"upvalueid", debugUpvalueid}, {"upvaluejoin", debugUpvaluejoin},
		{"getuservalue", debugGetuservalue}, {"setuservalue", debugSetuservalue},
	} {
		debugFuncs = append(debugFuncs, baseEntry{e.name, Register(e.name, e.fn)})
	}
}

func (vm *VM) openDebug() {
	t := vm.NewTable(0, len(debugFuncs))
	for _, e := range debugFuncs {
		if (e.name != "getuservalue" && e.name != "setuservalue") || vm.compat52 {
			vm.SetField(t, e.name, vm.Builtin(e.id))
		}
	}
	vm.SetField(vm.Globals(), "debug", t)
}

// debugThread takes an optional first argument, a coroutine; i is the number
// of the argument after it.
func (c *Call) debugThread() (th ref, i int) {
	if v := c.Arg(1); c.vm.TypeOf(v) == TypeThread {
		return v.ref(), 2
	}
	return c.vm.root.curThread, 1
}

func debugTraceback(c *Call) Ret {
	th, i := c.debugThread()
	msg := c.Arg(i)
	if i <= c.nargs && !msg.isString() && !msg.isNumber() {
		return c.Return1(msg)
	}
	level := 0
	if th == c.vm.root.curThread {
		level = 1
	}
	level, ok := c.OptInt(i+1, level)
	if !ok {
		return Fail
	}
	var b []byte
	if msg != Nil {
		b = append(c.vm.appendText(b, msg), '\n')
	}
	return c.ReturnString(c.vm.traceback(b, th, level))
}

func debugGetinfo(c *Call) Ret {
	vm := c.vm
	th, i := c.debugThread()
	opts, ok := c.OptString(i+1, []byte("flnSu"))
	if !ok {
		return Fail
	}
	var f frame
	var fn Value
	switch v := c.Arg(i); {
	case v.isNumber():
		list, level := vm.frames(th), truncInt(v.float())
		if level < 0 || level >= len(list) {
			return c.Return1(Nil)
		}
		f = list[level]
		fn = f.function()
	case v.isFunction():
		fn = v
	default:
		return c.ArgError(i, "function or level expected")
	}
	if bytes.IndexByte(opts, '>') >= 0 {
		return c.ArgError(i+1, "invalid option")
	}
	t := vm.NewTable(0, 12)
	if t == Nil {
		return c.memoryError()
	}
	var lf *closureObj
	var p *protoObj
	if vm.isLua(fn) {
		lf = vm.closure(fn.ref())
		p = vm.proto(lf.proto)
	}
	set := func(name string, v Value) { ok = vm.SetField(t, name, v) && ok }
	setString := func(name, s string) { set(name, vm.NewStringS(s)) }
	for _, o := range opts {
		switch o {
		case 'S':
			if p == nil {
				setString("source", "=[C]")
				setString("short_src", "[C]")
				setString("what", "C")
				set("linedefined", Int(-1))
				set("lastlinedefined", Int(-1))
				continue
			}
			set("source", stringBits|Value(p.source))
			setString("short_src", vm.shortSource(lf.proto))
			set("linedefined", Int(int(p.firstLine)))
			set("lastlinedefined", Int(int(p.lastLine)))
			if p.isMain() {
				setString("what", "main")
			} else {
				setString("what", "Lua")
			}
		case 'l':
			line := -1
			if f.base != nil {
				line = vm.line(f)
			}
			set("currentline", Int(line))
		case 'u':
			n, params, vararg := 0, 0, true
			if p != nil {
				info := infoOf(vm.ptr(lf.pc))
				n, params, vararg = int(p.nup), int(info.numParams), p.flags&protoVararg != 0
			} else {
				n = int(vm.builtin(fn.ref()).nup)
			}
			set("nups", Int(n))
			set("nparams", Int(params))
			set("isvararg", Bool(vararg))
		case 'n':
			kind, name := "", ""
			if f.base != nil {
				kind, name = vm.functionName(f)
			}
			setString("namewhat", kind)
			if name != "" {
				setString("name", name)
			}
		case 'f':
			set("func", fn)
		case 'L':
			if p == nil {
				continue
			}
			lines := vm.NewTable(0, int(p.ncode))
			if lines == Nil {
				return c.memoryError()
			}
			for i := range int(p.ncode) {
				if i > 0 || p.firstLine == 0 || vm.lineAt(lf.proto, i) != int(p.firstLine) {
					ok = vm.RawSet(lines, Int(vm.lineAt(lf.proto, i)), True) && ok
				}
			}
			set("activelines", lines)
		default:
			return c.ArgError(i+1, "invalid option")
		}
	}
	if !ok {
		return c.memoryError()
	}
	return c.Return1(t)
}

// activeLocal finds the n-th (from 1) local variable that is alive at
// instruction pc; name is empty when there are fewer.
func (vm *VM) activeLocal(p *protoObj, n, pc int) (name string, reg int) {
	at := debugHead + int(p.nup)*debugUpval
	for range int(vm.debugWord(p, 0)) {
		if int(vm.debugWord(p, at)) > pc {
			break
		}
		if pc < int(vm.debugWord(p, at+4)) {
			if n--; n == 0 {
				return vm.debugName(p, vm.debugWord(p, at+12)), int(vm.debugWord(p, at+8))
			}
		}
		at += debugLocal
	}
	return "", 0
}

// localPlace finds the variable that level and index arguments from i on name.
func (c *Call) localPlace(th ref, i int) (name string, p *Value, ok bool) {
	level, ok := c.CheckInt(i)
	if !ok {
		return "", nil, false
	}
	n, ok := c.CheckInt(i + 1)
	if !ok {
		return "", nil, false
	}
	list := c.vm.frames(th)
	if level < 0 || level >= len(list) {
		c.ArgError(i, "level out of range")
		return "", nil, false
	}
	f := list[level]
	l := c.vm.luaFunction(f)
	if l == nil || f.pc == nil || n == 0 {
		return "", nil, true
	}
	if n < 0 { // the variable arguments, from -1 on
		link := *slot(f.base, -1)
		if linkKind(link) != linkVararg {
			return "", nil, true
		}
		i := int(infoOf(c.vm.ptr(l.pc)).numParams) - n - 1
		if nargs := linkDelta(link) - 2; i < 0 || i >= nargs {
			return "", nil, true
		}
		return "(*vararg)", slot(f.base, i-linkDelta(link)), true
	}
	name, reg := c.vm.activeLocal(c.vm.proto(l.proto), n, c.vm.pcIndex(l, f.pc))
	if name == "" {
		return "", nil, true
	}
	return name, slot(f.base, reg), true
}

func debugGetlocal(c *Call) Ret {
	th, i := c.debugThread()
	if fn := c.Arg(i); fn.isFunction() {
		n, ok := c.CheckInt(i + 1)
		if !ok {
			return Fail
		}
		if !c.vm.isLua(fn) || n < 1 || n > int(infoOf(c.vm.ptr(c.vm.closure(fn.ref()).pc)).numParams) {
			return c.Return1(Nil)
		}
		name, _ := c.vm.activeLocal(c.vm.proto(c.vm.closure(fn.ref()).proto), n, 0)
		if name == "" { // stripped
			return c.Return1(Nil)
		}
		return c.ReturnString([]byte(name))
	}
	name, p, ok := c.localPlace(th, i)
	if !ok {
		return Fail
	}
	if p == nil {
		return c.Return1(Nil)
	}
	v := *p
	if v>>46 == iterBits>>46 { // no value for scripts
		v = Nil
	}
	return c.Return2(c.vm.NewStringS(name), v)
}

func debugSetlocal(c *Call) Ret {
	th, i := c.debugThread()
	name, p, ok := c.localPlace(th, i)
	if !ok {
		return Fail
	}
	if p == nil {
		return c.Return1(Nil)
	}
	c.vm.touchThread(th)
	// The loop relies on the three hidden variables of a generic for.
	if !bytecode.HiddenName(name) {
		*p = c.Arg(i + 2)
	}
	return c.ReturnString([]byte(name))
}

// upvalueArg returns the function of argument i and the upvalue number of
// argument i+1; n is -1 if the function has no such upvalue.
func (c *Call) upvalueArg(i int) (fn Value, n int, ok bool) {
	if fn, ok = c.CheckFunction(i); !ok {
		return Nil, 0, false
	}
	if n, ok = c.CheckInt(i + 1); !ok {
		return Nil, 0, false
	}
	if !c.vm.isLua(fn) || n < 1 || n > int(c.vm.closure(fn.ref()).nup) {
		return fn, -1, true
	}
	return fn, n - 1, true
}

func debugGetupvalue(c *Call) Ret {
	fn, n, ok := c.upvalueArg(1)
	if !ok {
		return Fail
	}
	if n < 0 {
		return c.Return()
	}
	f := c.vm.closure(fn.ref())
	v := *(*Value)(c.vm.ptr(c.vm.upval(*upvalRef(f, n)).loc))
	return c.Return2(c.vm.NewStringS(c.vm.upvalName(c.vm.proto(f.proto), n)), v)
}

func debugSetupvalue(c *Call) Ret {
	if !c.CheckAny(3) {
		return Fail
	}
	fn, n, ok := c.upvalueArg(1)
	if !ok {
		return Fail
	}
	if n < 0 {
		return c.Return()
	}
	f := c.vm.closure(fn.ref())
	r := *upvalRef(f, n)
	*(*Value)(c.vm.ptr(c.vm.upval(r).loc)) = c.Arg(3)
	c.vm.barrierUp(r, c.Arg(3))
	return c.ReturnString([]byte(c.vm.upvalName(c.vm.proto(f.proto), n)))
}

func debugUpvalueid(c *Call) Ret {
	fn, n, ok := c.upvalueArg(1)
	if !ok {
		return Fail
	}
	if n < 0 {
		return c.ArgError(2, "invalid upvalue index")
	}
	return c.Return1(Light(uint64(*upvalRef(c.vm.closure(fn.ref()), n)) << 3))
}

func debugUpvaluejoin(c *Call) Ret {
	f1, n1, ok := c.upvalueArg(1)
	if !ok {
		return Fail
	}
	f2, n2, ok := c.upvalueArg(3)
	if !ok {
		return Fail
	}
	if n1 < 0 {
		return c.ArgError(2, "invalid upvalue index")
	}
	if n2 < 0 {
		return c.ArgError(4, "invalid upvalue index")
	}
	r := *upvalRef(c.vm.closure(f2.ref()), n2)
	*upvalRef(c.vm.closure(f1.ref()), n1) = r
	c.vm.barrierRef(f1.ref(), r)
	return c.Return()
}

func debugGetmetatable(c *Call) Ret {
	if !c.CheckAny(1) {
		return Fail
	}
	return c.Return1(c.vm.Metatable(c.Arg(1)))
}

func debugSetmetatable(c *Call) Ret {
	v, m := c.Arg(1), c.Arg(2)
	if c.nargs < 2 || m != Nil && !m.isTable() {
		return c.ArgError(2, "nil or table expected")
	}
	switch t := c.vm.TypeOf(v); t {
	case TypeTable:
		c.vm.SetMetatable(v, m)
	case TypeUserdata:
		u := c.vm.userdata(v.ref())
		u.meta = 0
		if m != Nil {
			u.meta = m.ref()
			c.vm.barrierObj(v.ref(), m)
		}
	default:
		c.vm.SetTypeMetatable(t, m)
	}
	if c.vm.compat52 {
		return c.Return1(v)
	}
	return c.Return1(True)
}

// A userdata's value is its environment.

func debugGetuservalue(c *Call) Ret {
	if v := c.Arg(1); c.vm.TypeOf(v) == TypeUserdata {
		return c.Return1(tableBits | Value(c.vm.userdata(v.ref()).env))
	}
	return c.Return1(Nil)
}

func debugSetuservalue(c *Call) Ret {
	v := c.Arg(1)
	if c.vm.TypeOf(v) != TypeUserdata {
		return c.TypeError(1, "userdata")
	}
	t, ok := c.CheckTable(2)
	if !ok {
		return Fail
	}
	c.vm.SetEnv(v, t)
	return c.Return1(v)
}

func debugGetfenv(c *Call) Ret {
	env := c.vm.root.globals
	switch v := c.Arg(1); c.vm.TypeOf(v) {
	case TypeFunction:
		if c.vm.isLua(v) {
			env = c.vm.closure(v.ref()).env
		}
	case TypeThread:
		if e := c.vm.thread(v.ref()).env; e != 0 {
			env = e
		}
	case TypeUserdata:
		env = c.vm.userdata(v.ref()).env
	default:
		return c.Return1(Nil)
	}
	return c.Return1(tableBits | Value(env))
}

func debugSetfenv(c *Call) Ret {
	t, ok := c.CheckTable(2)
	if !ok {
		return Fail
	}
	v := c.Arg(1)
	switch c.vm.TypeOf(v) {
	case TypeFunction:
		if !c.vm.isLua(v) {
			return c.Errorf("'setfenv' cannot change environment of given object")
		}
		c.vm.closure(v.ref()).env = t.ref()
	case TypeThread:
		c.vm.thread(v.ref()).env = t.ref()
	case TypeUserdata:
		c.vm.userdata(v.ref()).env = t.ref()
	default:
		return c.Errorf("'setfenv' cannot change environment of given object")
	}
	c.vm.barrierObj(v.ref(), t)
	return c.Return1(v)
}

// barrierRef is barrierObj for an upvalue.
func (h *heap) barrierRef(parent, child ref) { h.barrierObj(parent, objectBits|Value(child)) }

// Defined tells where a Lua function was defined: its chunk, and the line of it. Of other values it is "=[C]" and -1.
func (vm *VM) Defined(fn Value) (source string, line int) {
	if !fn.isFunction() || !vm.isLua(fn) {
		return "=[C]", -1
	}
	p := vm.proto(vm.closure(fn.ref()).proto)
	return string(vm.strBytes(p.source)), int(p.firstLine)
}
