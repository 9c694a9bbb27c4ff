package api

import (
	_ "embed"
	"strings"
	"time"

	"moonring/lua"
	"moonring/proxy"
)

// Modules that come with OpenResty, for require: in package.preload, as theirs would be in package.path. So a file of that
// name in lua_package_path is not looked at.

// coreVersion is the version of lua-resty-core whose API is here.
const coreVersion = "0.1.31"

// coreModules only set functions of the ngx table in OpenResty. Here they are there without.
const coreModules = `resty.core resty.core.base resty.core.base64 resty.core.coroutine resty.core.ctx resty.core.exit resty.core.hash
	resty.core.misc resty.core.ndk resty.core.param resty.core.phase resty.core.regex resty.core.request resty.core.response
	resty.core.shdict resty.core.socket resty.core.time resty.core.uri resty.core.utils resty.core.var resty.core.worker`

//go:embed modules/lrucache.lua
var lrucacheSource string

//go:embed modules/digest.lua
var digestSource string

//go:embed modules/guard.lua
var guardSource string

//go:embed modules/string.lua
var stringSource string

//go:embed modules/aes.lua
var aesSource string

//go:embed modules/split.lua
var splitSource string

//go:embed modules/tablepool.lua
var tablepoolSource string

//go:embed modules/lock.lua
var lockSource string

//go:embed modules/limitreq.lua
var limitReqSource string

//go:embed modules/limitconn.lua
var limitConnSource string

//go:embed modules/limitcount.lua
var limitCountSource string

//go:embed modules/limittraffic.lua
var limitTrafficSource string

// sourceModules are the modules in Lua. Their code gets the module's name and functions that it can't have from elsewhere.
var sourceModules = []struct {
	name    string
	source  *string
	natives []lua.BuiltinID
}{
	{"resty.lrucache", &lrucacheSource, []lua.BuiltinID{clockID}}, {"resty.lrucache.pureffi", &lrucacheSource, []lua.BuiltinID{clockID}},
	{"resty.string", &stringSource, nil}, {"tablepool", &tablepoolSource, nil},
	{"resty.md5", &digestSource, []lua.BuiltinID{digestOfID}}, {"resty.sha1", &digestSource, []lua.BuiltinID{digestOfID}},
	{"resty.sha224", &digestSource, []lua.BuiltinID{digestOfID}}, {"resty.sha256", &digestSource, []lua.BuiltinID{digestOfID}},
	{"resty.sha384", &digestSource, []lua.BuiltinID{digestOfID}}, {"resty.sha512", &digestSource, []lua.BuiltinID{digestOfID}},
	{"ngx.re", &splitSource, []lua.BuiltinID{reStepID}},
	{"resty.lock", &lockSource, nil}, {"resty.limit.req", &limitReqSource, []lua.BuiltinID{limitPackID, limitUnpackID}},
	{"resty.limit.conn", &limitConnSource, nil}, {"resty.limit.count", &limitCountSource, nil}, {"resty.limit.traffic", &limitTrafficSource, nil},
	{"resty.aes", &aesSource, []lua.BuiltinID{aesDeriveID, aesCryptID}},
}

var (
	coreModuleID   = lua.Register("core_module", coreModule)
	sourceModuleID = lua.Register("source_module", sourceModule)
)

// openModules lets require find all modules.
func openModules(vm *lua.VM) {
	OpenModules(vm)
	for i, m := range nativeModules {
		setModule(vm, m.name, nativeModuleID, lua.Int(i))
	}
	setModule(vm, "ngx.semaphore", semaphoreModuleID)
}

// OpenModules lets require find the modules that need no request and no server. The host of vm may be anything.
func OpenModules(vm *lua.VM) {
	for name := range strings.FieldsSeq(coreModules) {
		setModule(vm, name, coreModuleID)
	}
	for i, m := range nativeModules {
		if m.pure {
			setModule(vm, m.name, nativeModuleID, lua.Int(i))
		}
	}
	for i, m := range sourceModules {
		setModule(vm, m.name, sourceModuleID, lua.Int(i))
	}
}

func setModule(vm *lua.VM, name string, loader lua.BuiltinID, upvals ...lua.Value) {
	preload := vm.Field(vm.Field(vm.Globals(), "package"), "preload")
	if preload.IsTable() {
		vm.SetField(preload, name, vm.Builtin(loader, upvals...))
	}
}

var clockID = lua.RegisterPure("now", clock)

// clock is ngx.now, and the time where there is no server.
func clock(c *lua.Call) lua.Ret {
	if _, ok := c.Host().(*proxy.Worker); ok {
		return timeNow(c)
	}
	return c.ReturnNumber(seconds(time.Now().UnixNano()))
}

// openGuard watches over new globals from now on. It can fail for want of memory alone.
func openGuard(vm *lua.VM) {
	fn, err := vm.Load([]byte(guardSource), "=_G write guard")
	if err == nil {
		_, err = vm.Call(fn)
	}
	if err != nil && err != lua.ErrMemory {
		panic(err) // our own code
	}
}

// coreModule loads one of coreModules.
func coreModule(c *lua.Call) lua.Ret {
	t, ok := newModule(c, 0)
	if !ok {
		return lua.Fail
	}
	return c.Return1(t)
}

// newModule makes a table with room for n functions, and lua-resty-core's version in it; ok is false after an error.
func newModule(c *lua.Call, n int) (t lua.Value, ok bool) {
	vm := c.VM()
	t, version := vm.NewTable(0, n+1), vm.NewStringS(coreVersion)
	if t.IsNil() || version.IsNil() || !vm.SetField(t, "version", version) {
		c.MemoryError()
		return lua.Nil, false
	}
	return t, true
}

// sourceModule loads the module that upvalue 1 numbers.
func sourceModule(c *lua.Call) lua.Ret {
	m := &sourceModules[int(c.Upvalue(1).Float())]
	source := []byte(*m.source)
	if !c.Charge(len(source) * 50) { // what compiling costs, about
		return lua.Fail
	}
	fn, err := c.VM().Load(source, "="+m.name)
	if err == lua.ErrMemory {
		return c.MemoryError()
	}
	if err != nil {
		return c.Errorf("%s", err.Error())
	}
	vm := c.VM()
	name := vm.NewStringS(m.name)
	if name.IsNil() {
		return c.MemoryError()
	}
	args := [3]lua.Value{name}
	for i, id := range m.natives {
		if args[i+1] = vm.Builtin(id); args[i+1].IsNil() {
			return c.MemoryError()
		}
	}
	if !c.Call(fn, args[:1+len(m.natives)]...) {
		return lua.Fail
	}
	return c.Return1(c.Result(1))
}
