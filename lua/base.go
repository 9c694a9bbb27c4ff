package lua

import (
	"bytes"
	"io"
	"math"
	"os"
	"runtime"

	"moonring/lua/number"
)

// The base library.

var (
	nextID      = Inlined(Register("next", baseNext), InlineNext)
	tostringID  = Inlined(Register("tostring", baseTostring), InlineTostring)
	ipairsAuxID = Register("ipairs_aux", baseIpairsAux)
)

type baseEntry struct {
	name string
	id   BuiltinID
}

var (
	baseFuncs   []baseEntry
	baseErrorID BuiltinID
)

var baseInline = map[string]Inline{
	"assert": InlineAssert, "getmetatable": InlineGetmetatable, "ipairs": InlineIpairs, "pairs": InlinePairs,
	"rawequal": InlineRawequal, "rawget": InlineRawget, "select": InlineSelect, "setmetatable": InlineSetmetatable,
	"tonumber": InlineTonumber, "unpack": InlineUnpack,
}

func init() {
	for _, e := range []struct {
		name string
		fn   Func
	}{
		{"assert", baseAssert}, {"collectgarbage", baseCollectgarbage}, {"dofile", baseDofile},
		{"error", baseError}, {"gcinfo", baseGcinfo}, {"getfenv", baseGetfenv},
		{"getmetatable", baseGetmetatable}, {"ipairs", baseIpairs}, {"load", baseLoad},
		{"loadfile", baseLoadfile}, {"loadstring", baseLoad}, {"newproxy", baseNewproxy},
		{"pairs", basePairs}, {"pcall", basePcall}, {"print", basePrint},
		{"rawequal", baseRawequal}, {"rawget", baseRawget}, {"rawset", baseRawset},
		{"select", baseSelect}, {"setfenv", baseSetfenv}, {"setmetatable", baseSetmetatable},
		{"tonumber", baseTonumber},
		{"unpack", BaseUnpack}, {"xpcall", baseXpcall},
	} {
		id := Inlined(Register(e.name, e.fn), baseInline[e.name])
		if e.name == "error" {
			baseErrorID = id
		}
		baseFuncs = append(baseFuncs, baseEntry{e.name, id})
	}
	baseFuncs = append(baseFuncs, baseEntry{"next", nextID}, baseEntry{"tostring", tostringID},
		baseEntry{"type", Inlined(Register("type", baseType), InlineType)})
}

// rawlenID is a function only with 5.2 compatibility.
var rawlenID = Register("rawlen", baseRawlen)

func baseRawlen(c *Call) Ret {
	if v := c.Arg(1); v.isString() {
		return c.ReturnInt(len(c.vm.strBytes(v.ref())))
	}
	t, ok := c.CheckTable(1)
	if !ok {
		return Fail
	}
	return c.ReturnInt(int(c.vm.tlen(t.ref())))
}

// OpenBase installs the base and coroutine libraries in the globals.
func (vm *VM) OpenBase() {
	g := vm.Globals()
	for _, e := range baseFuncs {
		vm.SetField(g, e.name, vm.Builtin(e.id))
	}
	if vm.compat52 {
		vm.SetField(g, "rawlen", vm.Builtin(rawlenID))
	}
	vm.fns.next = vm.Pin(vm.Field(g, "next"))
	vm.fns.ipairs = vm.Pin(vm.Builtin(ipairsAuxID))
	vm.SetField(g, "_G", g)
	vm.SetField(g, "_VERSION", vm.NewStringS("Lua 5.1"))
	vm.openCoroutine()
	vm.openDebug()
	vm.openJIT()
}

// SetStdout sets where print and io.write go; os.Stdout unless set.
func (vm *VM) SetStdout(w io.Writer) { vm.stdout = w }

// Stdout returns what SetStdout set.
func (vm *VM) Stdout() io.Writer {
	if vm.stdout == nil {
		return os.Stdout
	}
	return vm.stdout
}

func baseAssert(c *Call) Ret {
	if !c.CheckAny(1) {
		return Fail
	}
	if c.Arg(1).Truthy() {
		for i := 1; i <= c.nargs; i++ {
			if !c.Push(c.Arg(i)) {
				return Fail
			}
		}
		return c.Pushed()
	}
	if c.nargs == 1 {
		return c.Errorf("assertion failed!")
	}
	m := c.Arg(2)
	if m.isString() || m.isNumber() {
		return c.Errorf("%s", c.vm.text(m))
	}
	return c.Throw(m)
}

func baseError(c *Call) Ret {
	level, ok := c.OptInt(2, 1)
	if !ok {
		return Fail
	}
	v := c.Arg(1)
	if (v.isString() || v.isNumber()) && level > 0 {
		if pos := c.vm.where(c, level); pos != "" || v.isNumber() {
			return c.ThrowString(pos + c.vm.text(v))
		}
	}
	return c.Throw(v)
}

func basePrint(c *Call) Ret {
	// Like LuaJIT's, print calls the global tostring if a script has its own.
	env := c.vm.threadEnv()
	f := c.vm.tgetStr(env, c.vm.strTostring.ref())
	if f == Nil && c.vm.table(env).meta != 0 {
		var ok bool
		if f, ok = c.Index(tableBits|Value(env), c.vm.strTostring); !ok {
			return Fail
		}
	}
	std := c.vm.BuiltinOf(f) == tostringID
	if !std && !c.Keep(f) {
		return Fail
	}
	buf := c.vm.buf[:0]
	var own []byte // a __tostring may use the shared buffer
	for i := 1; i <= c.nargs; i++ {
		v := c.Arg(i)
		if i > 1 {
			buf = append(buf, '\t')
		}
		if std && (v.isString() || v.isNumber() || c.vm.metatableOf(v) == 0) {
			buf = c.vm.appendText(buf, v)
			continue
		}
		own = append(own[:0], buf...)
		var s Value
		if std {
			var ok bool
			if s, ok = c.ToString(v); !ok {
				return Fail
			}
		} else if !c.Call(c.Kept(1), v) {
			return Fail
		} else {
			s = c.Result(1)
		}
		if !s.isString() && !s.isNumber() {
			return c.Errorf("'tostring' must return a string to 'print'")
		}
		buf = c.vm.appendText(append(c.vm.buf[:0], own...), s)
	}
	buf = append(buf, '\n')
	_, _ = c.vm.Stdout().Write(buf)
	if cap(buf) <= 1<<20 {
		c.vm.buf = buf[:0]
	}
	return c.Return()
}

func baseType(c *Call) Ret {
	if !c.CheckAny(1) {
		return Fail
	}
	return c.Return1(c.vm.typeNames[c.vm.TypeOf(c.Arg(1))])
}

func baseTostring(c *Call) Ret {
	if !c.CheckAny(1) {
		return Fail
	}
	v := c.Arg(1)
	if f := c.vm.metamethod(c.vm.metatableOf(v), mmTostring); f != Nil && !v.isString() {
		return c.become(f)
	}
	s, ok := c.ToString(v)
	if !ok {
		return Fail
	}
	return c.Return1(s)
}

func baseTonumber(c *Call) Ret {
	base, ok := c.OptInt(2, 10)
	if !ok {
		return Fail
	}
	if base == 10 {
		if !c.CheckAny(1) {
			return Fail
		}
		if f, ok := c.vm.toNumber(c.Arg(1)); ok {
			return c.Return1(Number(f))
		}
		return c.Return1(Nil)
	}
	s, ok := c.CheckString(1)
	if !ok {
		return Fail
	}
	if base < 2 || base > 36 {
		return c.ArgError(2, "base out of range")
	}
	if i := bytes.IndexByte(s, 0); i >= 0 { // C's strings end there
		s = s[:i]
	}
	s = bytes.Trim(s, " \t\n\v\f\r")
	neg := false
	if len(s) > 0 && (s[0] == '-' || s[0] == '+') {
		neg, s = s[0] == '-', s[1:]
	}
	if base == 16 && len(s) > 2 && s[0] == '0' && s[1]|32 == 'x' {
		s = s[2:]
	}
	if len(s) == 0 {
		return c.Return1(Nil)
	}
	if !c.Charge(2 * len(s)) {
		return Fail
	}
	// C's strtoul: modulo 2^64, saturating.
	var n uint64
	over := false
	for _, ch := range s {
		d := 99
		switch {
		case ch >= '0' && ch <= '9':
			d = int(ch - '0')
		case ch|32 >= 'a' && ch|32 <= 'z':
			d = int(ch|32-'a') + 10
		}
		if d >= base {
			return c.Return1(Nil)
		}
		if n > (math.MaxUint64-uint64(d))/uint64(base) {
			over = true
		}
		n = n*uint64(base) + uint64(d)
	}
	if over {
		n = math.MaxUint64
	}
	f := float64(n)
	if neg {
		f = -f
	}
	return c.Return1(Number(f))
}

func baseRawequal(c *Call) Ret {
	if !c.CheckAny(1) || !c.CheckAny(2) {
		return Fail
	}
	return c.ReturnBool(c.vm.rawEqual(c.Arg(1), c.Arg(2)))
}

func baseRawget(c *Call) Ret {
	t, ok := c.CheckTable(1)
	if !ok || !c.CheckAny(2) {
		return Fail
	}
	return c.Return1(c.vm.tget(t.ref(), c.Arg(2)))
}

func baseRawset(c *Call) Ret {
	t, ok := c.CheckTable(1)
	if !ok || !c.CheckAny(2) || !c.CheckAny(3) {
		return Fail
	}
	switch k := c.Arg(2); {
	case k == Nil:
		return c.ThrowString("table index is nil")
	case k == nanBits:
		return c.ThrowString("table index is NaN")
	case !c.vm.RawSet(t, k, c.Arg(3)):
		return c.memoryError()
	}
	return c.Return1(t)
}

func baseNext(c *Call) Ret {
	t, ok := c.CheckTable(1)
	if !ok {
		return Fail
	}
	k, v, ok := c.vm.tnext(t.ref(), c.Arg(2))
	if !ok {
		return c.ThrowString("invalid key to 'next'")
	}
	if k == Nil {
		return c.Return1(Nil)
	}
	return c.Return2(k, v)
}

// become calls f with the first argument in place of the builtin itself, so
// that f may yield.
func (c *Call) become(f Value) Ret {
	*slot(c.base, -2) = f
	return c.vm.callFrom(c, c.base, 1)
}

func basePairs(c *Call) Ret {
	v := c.Arg(1)
	if f := c.vm.metamethod(c.vm.metatableOf(v), mmPairs); f != Nil && c.vm.compat52 {
		return c.become(f)
	}
	if !c.CheckAny(1) {
		return Fail
	}
	t, ok := c.CheckTable(1)
	if !ok {
		return Fail
	}
	c.Push(c.vm.Pinned(c.vm.fns.next))
	c.Push(t)
	c.Push(Nil)
	return c.Pushed()
}

func baseIpairs(c *Call) Ret {
	if f := c.vm.metamethod(c.vm.metatableOf(c.Arg(1)), mmIpairs); f != Nil && c.vm.compat52 {
		return c.become(f)
	}
	if !c.CheckAny(1) {
		return Fail
	}
	t, ok := c.CheckTable(1)
	if !ok {
		return Fail
	}
	c.Push(c.vm.Pinned(c.vm.fns.ipairs))
	c.Push(t)
	c.Push(Int(0))
	return c.Pushed()
}

func baseIpairsAux(c *Call) Ret {
	t, ok := c.CheckTable(1)
	if !ok {
		return Fail
	}
	i, ok := c.CheckInt(2)
	if !ok {
		return Fail
	}
	v := c.vm.tgetInt(t.ref(), int64(i)+1)
	if v == Nil {
		return c.Return()
	}
	return c.Return2(Int(i+1), v)
}

func baseSelect(c *Call) Ret {
	if v := c.Arg(1); v.isString() && len(c.vm.Bytes(v)) > 0 && c.vm.Bytes(v)[0] == '#' {
		return c.ReturnInt(c.nargs - 1)
	}
	n, ok := c.CheckInt(1)
	if !ok {
		return Fail
	}
	if n < 0 {
		n += c.nargs
	} else if n > c.nargs {
		n = c.nargs
	}
	if n < 1 {
		return c.ArgError(1, "index out of range")
	}
	k := c.nargs - n
	copy(slots(slotPtr(c.base, -2), k), slots(slotPtr(c.base, n), k))
	return Ret(k)
}

// BaseUnpack is unpack(t, i, j).
func BaseUnpack(c *Call) Ret {
	t, ok := c.CheckTable(1)
	if !ok {
		return Fail
	}
	i, ok := c.OptInt(2, 1)
	if !ok {
		return Fail
	}
	var j int
	if c.Arg(3) == Nil {
		j = int(c.vm.tlen(t.ref()))
	} else if j, ok = c.CheckInt(3); !ok {
		return Fail
	}
	if i > j {
		return c.Return()
	}
	if j-i < 0 || j-i >= unpackMax-c.top { // what a C function may have on its stack
		return c.Errorf("too many results to unpack")
	}
	n := j - i + 1
	if !c.vm.reserve(c, c.top+n) {
		if c.vm.root.errValue == c.vm.memoryErr {
			return Fail
		}
		return c.Errorf("too many results to unpack")
	}
	for k := range n {
		*slot(c.base, c.top+k) = c.vm.tgetInt(t.ref(), int64(i+k))
	}
	c.top += n
	return c.Pushed()
}

const unpackMax = 8000 // LUAI_MAXCSTACK

func baseGetmetatable(c *Call) Ret {
	if !c.CheckAny(1) {
		return Fail
	}
	meta := c.vm.metatableOf(c.Arg(1))
	if meta == 0 {
		return c.Return1(Nil)
	}
	if p := c.vm.metamethod(meta, mmMetatable); p != Nil {
		return c.Return1(p)
	}
	return c.Return1(tableBits | Value(meta))
}

func baseSetmetatable(c *Call) Ret {
	t, ok := c.CheckTable(1)
	if !ok {
		return Fail
	}
	m := c.Arg(2)
	if c.nargs < 2 || m != Nil && !m.isTable() {
		return c.ArgError(2, "nil or table expected")
	}
	if old := c.vm.table(t.ref()).meta; old != 0 && c.vm.metamethod(old, mmMetatable) != Nil {
		return c.Errorf("cannot change a protected metatable")
	}
	c.vm.SetMetatable(t, m)
	return c.Return1(t)
}

func baseNewproxy(c *Call) Ret {
	v := c.Arg(1)
	meta := Nil
	switch {
	case !v.Truthy():
	case v == True:
		if meta = c.vm.NewTable(0, 0); meta == Nil {
			return c.memoryError()
		}
		// Kept weakly, to know other proxies by their metatable.
		if set := c.vm.proxies(); set == Nil || !c.vm.RawSet(set, meta, True) {
			return c.memoryError()
		}
	default:
		set := c.vm.proxies()
		if set == Nil {
			return c.memoryError()
		}
		if meta = c.vm.Metatable(v); meta == Nil || c.vm.TypeOf(v) != TypeUserdata || c.vm.RawGet(set, meta) == Nil {
			return c.ArgError(1, "boolean or proxy expected")
		}
	}
	u := c.vm.NewUserdata(0, meta)
	if u == Nil {
		return c.memoryError()
	}
	return c.Return1(u)
}

// proxies is the weak set of metatables that newproxy made.
func (vm *VM) proxies() Value {
	const name = "newproxy"
	t := vm.Field(vm.Registry(), name)
	if !t.IsTable() { // scripts can reach the registry through package debug
		t = vm.NewTable(0, 1)
		m := vm.NewTable(0, 1)
		if t == Nil || m == Nil || !vm.SetField(m, "__mode", vm.NewStringS("k")) || !vm.SetField(vm.Registry(), name, t) {
			return Nil
		}
		vm.SetMetatable(t, m)
	}
	return t
}

// functionArg resolves the function-or-level argument of getfenv and setfenv;
// ok is false when an error was raised. Level 0 gives Nil: the thread.
func (c *Call) functionArg(i, level int) (Value, bool) {
	if v := c.Arg(i); v.isFunction() {
		return v, true
	}
	n, ok := c.OptInt(i, level)
	if !ok {
		return Nil, false
	}
	if n == 0 {
		return Nil, true
	}
	f := frame{c.base, nil}
	if n < 0 {
		c.ArgError(i, "invalid level")
		return Nil, false
	}
	for range n {
		// What failed to be called, and so is no function, is no level.
		for next := true; next; next = !f.function().isFunction() {
			if f, ok = c.vm.caller(f); !ok {
				c.ArgError(i, "invalid level")
				return Nil, false
			}
		}
	}
	return f.function(), true
}

// threadEnv is the environment of the running thread, in which load puts chunks.
func (vm *VM) threadEnv() ref {
	if vm.th.env != 0 {
		return vm.th.env
	}
	return vm.root.globals
}

func baseGetfenv(c *Call) Ret {
	f, ok := c.functionArg(1, 1)
	if !ok {
		return Fail
	}
	env := c.vm.root.globals
	if f == Nil {
		env = c.vm.threadEnv()
	} else if c.vm.BuiltinOf(f) == 0 {
		env = c.vm.closure(f.ref()).env
	}
	return c.Return1(tableBits | Value(env))
}

func baseSetfenv(c *Call) Ret {
	t, ok := c.CheckTable(2)
	if !ok {
		return Fail
	}
	f, ok := c.functionArg(1, 1)
	if !ok {
		return Fail
	}
	if f == Nil {
		c.vm.th.env = t.ref()
		c.vm.barrierObj(c.vm.root.curThread, t)
		return c.Return1(Nil)
	}
	if c.vm.BuiltinOf(f) != 0 {
		return c.Errorf("'setfenv' cannot change environment of given object")
	}
	c.vm.closure(f.ref()).env = t.ref()
	c.vm.barrierObj(f.ref(), t)
	return c.Return1(f)
}

// baseLoad is load and loadstring: text, or a function that returns pieces.
func baseLoad(c *Call) Ret {
	var src []byte
	name := ""
	v := c.Arg(1)
	switch {
	case v.isString() || v.isNumber():
		s, _ := c.CheckString(1)
		src = bytes.Clone(s)
		name = string(src)
	case v.isFunction():
		name = "=(load)"
		for {
			if !c.Call(v) {
				// As in LuaJIT the error is load's second result.
				e := c.vm.root.errValue
				c.vm.root.errValue, c.vm.handled = Nil, false
				if c.vm.fatal || c.vm.aborting {
					c.vm.root.errValue = e
					return Fail
				}
				return c.Return2(Nil, e)
			}
			p := c.Result(1)
			if p == Nil || p.isString() && len(c.vm.Bytes(p)) == 0 {
				break
			}
			if !p.isString() && !p.isNumber() {
				return c.returnFailure(Nil, c.vm.where(c, 1)+"reader function must return a string")
			}
			src = c.vm.appendText(src, p)
			if !c.CheckSize(len(src)) {
				return Fail
			}
		}
	default:
		return c.TypeError(1, "function")
	}
	if n := c.Arg(2); n != Nil {
		s, ok := c.CheckString(2)
		if !ok {
			return Fail
		}
		name = string(s)
	}
	return c.loadChunk(src, name, 3)
}

// returnFailure ends a builtin that says in its second result why it failed.
func (c *Call) returnFailure(v Value, why string) Ret {
	s := c.vm.NewStringS(why)
	if s == Nil {
		return c.memoryError()
	}
	return c.Return2(v, s)
}

// loadChunk compiles src; mode and environment are arguments i and i+1.
func (c *Call) loadChunk(src []byte, name string, i int) Ret {
	mode := []byte("bt")
	if c.Arg(i) != Nil {
		m, ok := c.CheckString(i)
		if !ok {
			return Fail
		}
		mode = m
	}
	want := byte('t')
	if IsBytecode(src) {
		want = 'b'
	}
	if bytes.IndexByte(mode, want) < 0 {
		return c.returnFailure(Nil, "attempt to load chunk with wrong mode")
	}
	if !c.Charge(len(src) * 50) {
		return Fail
	}
	env := tableBits | Value(c.vm.threadEnv())
	if e := c.Arg(i + 1); e.isTable() { // as in LuaJIT, what is no table doesn't count
		env = e
	}
	fn, err := c.vm.LoadEnv(src, name, env)
	if err == ErrMemory {
		return c.memoryError()
	}
	if err != nil {
		return c.returnFailure(Nil, err.Error())
	}
	return c.Return1(fn)
}

// readFile reads a script, without its first line if that begins with #.
func (c *Call) readFile(i int) (src []byte, name string, err error) {
	load := c.vm.loader
	if load == nil {
		load = os.ReadFile
	}
	if c.Arg(i) == Nil {
		src, err = io.ReadAll(os.Stdin)
		return src, "=stdin", err
	}
	path, ok := c.CheckString(i)
	if !ok {
		return nil, "", errRaised
	}
	if i := bytes.IndexByte(path, 0); i >= 0 {
		path = path[:i] // as C would see it
	}
	name = "@" + string(path)
	src, err = load(name[1:])
	return SkipShebang(src), name, err
}

// SkipShebang blanks a first line that begins with #, keeping line numbers.
func SkipShebang(src []byte) []byte {
	if len(src) > 0 && src[0] == '#' {
		if i := bytes.IndexByte(src, '\n'); i >= 0 {
			return src[i:]
		}
		return nil
	}
	return src
}

var errRaised = &Error{Msg: "raised"}

// fileError is LuaJIT's text for a script that can't be read.
func fileError(name string, err error) string {
	reason := err.Error()
	if pe, ok := err.(*os.PathError); ok {
		reason = pe.Err.Error()
		if os.IsNotExist(err) {
			reason = "No such file or directory"
		} else if os.IsPermission(err) {
			reason = "Permission denied"
		}
	}
	return "cannot open " + name[1:] + ": " + reason
}

func baseLoadfile(c *Call) Ret {
	src, name, err := c.readFile(1)
	if err == errRaised {
		return Fail
	}
	if err != nil {
		return c.returnFailure(Nil, fileError(name, err))
	}
	return c.loadChunk(src, name, 2)
}

func baseDofile(c *Call) Ret {
	src, name, err := c.readFile(1)
	if err == errRaised {
		return Fail
	}
	if err != nil {
		return c.ThrowString(fileError(name, err))
	}
	fn, err := c.vm.LoadEnv(src, name, tableBits|Value(c.vm.threadEnv()))
	if err != nil {
		return c.ThrowString(err.Error())
	}
	// Above the frame of dofile, which has nothing left to do: the file may yield.
	vm := c.vm
	if !vm.reserve(c, 2) {
		return Fail
	}
	newbase := slotPtr(c.base, 2)
	*slot(newbase, -2), *slot(newbase, -1) = fn, makeLink(linkBuiltin, 2, 0)
	return vm.callFrom(c, newbase, 0)
}

func baseGcinfo(c *Call) Ret { return c.ReturnInt(int(c.vm.MemoryUsed() >> 10)) }

func baseCollectgarbage(c *Call) Ret {
	opt, ok := c.OptString(1, []byte("collect"))
	if !ok {
		return Fail
	}
	arg, ok := c.OptInt(2, 0)
	if !ok {
		return Fail
	}
	vm := c.vm
	switch string(opt) {
	case "collect":
		if !c.Charge(int(vm.MemoryUsed() / 16)) {
			return Fail
		}
		vm.syncThread(slotPtr(c.base, c.nargs))
		vm.gcFull()
		if !vm.runFinalizers() {
			return Fail
		}
		return c.ReturnInt(0)
	case "count":
		return c.ReturnNumber(float64(vm.MemoryUsed()) / 1024)
	case "step":
		if !c.Charge(64 << 10) {
			return Fail
		}
		vm.syncThread(slotPtr(c.base, c.nargs))
		done := vm.gcStepFor(arg)
		if !vm.runFinalizers() {
			return Fail
		}
		return c.ReturnBool(done)
	case "stop":
		vm.gcStop(true)
		return c.ReturnInt(0)
	case "restart":
		vm.gcStop(false)
		return c.ReturnInt(0)
	case "isrunning":
		return c.ReturnBool(!vm.gcStopped())
	case "setpause":
		return c.ReturnInt(vm.gcSetPause(arg))
	case "setstepmul":
		return c.ReturnInt(vm.gcSetStepMul(arg))
	}
	return c.ArgError(1, "invalid option '"+string(opt)+"'")
}

// ToNumber converts v as arithmetic would.
func (vm *VM) ToNumber(v Value) (float64, bool) { return vm.toNumber(v) }

// AppendText appends what tostring gives for v, metamethods aside.
func (vm *VM) AppendText(b []byte, v Value) []byte { return vm.appendText(b, v) }

// AppendNumber appends the text of a number.
func AppendNumber(b []byte, f float64) []byte { return number.Append(b, f) }

// openJIT installs the jit table as far as portable modules look at it. It says
// what is spoken, and that nothing is compiled.
func (vm *VM) openJIT() {
	t := vm.NewTable(0, 8)
	for name, v := range map[string]string{"version": "LuaJIT 2.1.0-moonring", "os": "Linux", "arch": jitArch()} {
		vm.SetField(t, name, vm.NewStringS(v))
	}
	vm.SetField(t, "version_num", Int(20100))
	for _, e := range jitFuncs {
		vm.SetField(t, e.name, vm.Builtin(e.id))
	}
	vm.SetField(vm.Globals(), "jit", t)
}

var jitFuncs = func() (list []baseEntry) {
	nop := func(c *Call) Ret { return c.Return() }
	for _, name := range []string{"on", "off", "flush"} {
		list = append(list, baseEntry{name, Register(name, nop)})
	}
	return append(list, baseEntry{"status", Register("status", func(c *Call) Ret { return c.ReturnBool(false) })})
}()

// jitArch is runtime.GOARCH as LuaJIT calls it.
func jitArch() string {
	if runtime.GOARCH == "amd64" {
		return "x64"
	}
	return runtime.GOARCH
}
