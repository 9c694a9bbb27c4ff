package api

import (
	"crypto/md5" //nolint:gosec // the module is what it is
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // likewise
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"os"

	"moonring/lua"
	"moonring/proxy/conf"
	"moonring/proxy/phase"
)

// Modules of lua-resty-core's and lua-resty-string's whose functions are builtins. What they return in errors is theirs.

// nativeModules are the modules that are tables of builtins.
var nativeModules = []struct {
	name  string
	pure  bool // needs no server
	funcs []entry
}{
	{"ngx.base64", true, []entry{
		{"encode_base64url", lua.RegisterPure("encode_base64url", encodeBase64URL)},
		{"decode_base64url", lua.RegisterPure("decode_base64url", decodeBase64URL)},
	}},
	{"ngx.errlog", false, []entry{
		{"raw_log", lua.Register("raw_log", rawLog)},
		{"get_sys_filter_level", lua.Register("get_sys_filter_level", sysFilterLevel)},
		{"set_filter_level", lua.Register("set_filter_level", noCapture)},
		{"get_logs", lua.Register("get_logs", noCapture)},
	}},
	{"ngx.process", false, []entry{
		{"type", lua.Register("type", processType)},
		{"get_master_pid", lua.Register("get_master_pid", masterPID)},
		{"signal_graceful_exit", lua.Register("signal_graceful_exit", gracefulExit)},
		{"enable_privileged_agent", lua.Register("enable_privileged_agent", privilegedAgent)},
	}},
	{"ngx.req", false, []entry{{"add_header", lua.Register("add_header", reqAddHeader)}}},
	{"ngx.resp", false, []entry{{"add_header", lua.Register("add_header", respAddHeader)}}},
	{"resty.random", true, []entry{{"bytes", lua.Register("bytes", randomBytes)}}},
}

var nativeModuleID = lua.Register("native_module", nativeModule)

// nativeModule loads the module that upvalue 1 numbers.
func nativeModule(c *lua.Call) lua.Ret {
	vm := c.VM()
	m := &nativeModules[int(c.Upvalue(1).Float())]
	t, ok := newModule(c, len(m.funcs))
	if !ok {
		return lua.Fail
	}
	for _, f := range m.funcs {
		if !vm.SetField(t, f.name, vm.Builtin(f.id)) {
			return c.MemoryError()
		}
	}
	return c.Return1(t)
}

func encodeBase64URL(c *lua.Call) lua.Ret {
	if !c.Arg(1).IsString() {
		return returnNilError(c, "must provide a string")
	}
	s := c.VM().Bytes(c.Arg(1))
	return base64Encode(c, base64.RawURLEncoding, s)
}

func decodeBase64URL(c *lua.Call) lua.Ret {
	if !c.Arg(1).IsString() {
		return returnNilError(c, "must provide a string")
	}
	s := c.VM().Bytes(c.Arg(1))
	if !c.Charge(len(s)) {
		return lua.Fail
	}
	b := take((len(s) + 3) / 4 * 3)
	var ok bool
	if b.b, ok = appendBase64(b.b, s, &base64URLValues, false); !ok {
		b.release()
		return returnNilError(c, "invalid input")
	}
	return b.result(c)
}

// rawLog is errlog.raw_log(level, msg): a line without the place of the call.
func rawLog(c *lua.Call) lua.Ret {
	if !c.Arg(1).IsNumber() {
		return c.Errorf("bad argument #1 to 'raw_log' (must be a number)")
	}
	if !c.Arg(2).IsString() {
		return c.Errorf("bad argument #2 to 'raw_log' (must be a string)")
	}
	level := conf.Level(int32(c.Arg(1).Float()))
	if level < conf.Stderr || level > conf.Debug {
		return c.Errorf("bad log level")
	}
	msg := c.VM().Bytes(c.Arg(2))
	if !c.Charge(len(msg)) {
		return lua.Fail
	}
	w := worker(c)
	if r := w.Current; r != nil {
		r.LogBytes(level, msg)
	} else {
		w.LogBytes(level, msg)
	}
	return c.Return()
}

// sysFilterLevel is errlog.get_sys_filter_level(): the log's level where the code runs.
func sysFilterLevel(c *lua.Call) lua.Ret {
	w := worker(c)
	on := w.LogEnabled
	if w.Current != nil {
		on = w.Current.LogEnabled
	}
	level := conf.Stderr
	for level < conf.Debug && on(level+1) {
		level++
	}
	return c.ReturnInt(int(level))
}

// noCapture stands for what needs lua_capture_error_log, which can't be set.
func noCapture(c *lua.Call) lua.Ret {
	return returnNilError(c, `directive "lua_capture_error_log" is not set`)
}

// processType is process.type(). What runs init is no worker yet; in nginx it is the master.
func processType(c *lua.Call) lua.Ret {
	w := worker(c)
	kind := "worker"
	switch {
	case !w.Conf.MasterProcess:
		kind = "single"
	case w.CurrentPhase() == phase.Init:
		kind = "master"
	}
	return c.ReturnString([]byte(kind))
}

// masterPID is process.get_master_pid(): the worker is the master's child.
func masterPID(c *lua.Call) lua.Ret {
	if !worker(c).Conf.MasterProcess {
		return c.ReturnInt(os.Getpid())
	}
	return c.ReturnInt(os.Getppid())
}

func gracefulExit(c *lua.Call) lua.Ret {
	worker(c).Quit()
	return c.Return()
}

func privilegedAgent(c *lua.Call) lua.Ret {
	return c.Errorf("enable_privileged_agent is not supported yet")
}

// randomBytes is resty.random's bytes(n, strong). All are of the strong kind.
func randomBytes(c *lua.Call) lua.Ret {
	n, ok := c.CheckInt(1)
	if !ok {
		return lua.Fail
	}
	if n < 0 {
		return c.Return1(lua.Nil)
	}
	if !c.CheckSize(n) || !c.Charge(4*n) {
		return lua.Fail
	}
	b := take(n)
	b.b = b.b[:n]
	rand.Read(b.b) // it can't fail
	return b.result(c)
}

var digestOfID = lua.RegisterPure("digest", digestOf)

// digestOf is the digest that argument 1 names of argument 2.
func digestOf(c *lua.Call) lua.Ret {
	kind, ok := c.CheckString(1)
	if !ok {
		return lua.Fail
	}
	s, ok := c.CheckString(2)
	if !ok || !c.Charge(digestCost*len(s)) {
		return lua.Fail
	}
	switch string(kind) {
	case "md5":
		sum := md5.Sum(s)
		return c.ReturnString(sum[:])
	case "sha1":
		sum := sha1.Sum(s)
		return c.ReturnString(sum[:])
	case "sha224":
		sum := sha256.Sum224(s)
		return c.ReturnString(sum[:])
	case "sha256":
		sum := sha256.Sum256(s)
		return c.ReturnString(sum[:])
	case "sha384":
		sum := sha512.Sum384(s)
		return c.ReturnString(sum[:])
	default:
		sum := sha512.Sum512(s)
		return c.ReturnString(sum[:])
	}
}
