package lib

import (
	"bytes"
	"os"
	"strings"

	"moonring/lua"
)

// The package library, require and module. Only Lua modules are found: there
// are no loaders for C libraries, and package.cpath is empty.

// PathDefault is package.path unless the host sets another.
const PathDefault = "./?.lua;/usr/local/share/lua/5.1/?.lua;/usr/local/share/lua/5.1/?/init.lua;" +
	"/usr/share/lua/5.1/?.lua;/usr/share/lua/5.1/?/init.lua"

var (
	pkgLoadlibID    = lua.Register("loadlib", pkgLoadlib)
	pkgSearchpathID = lua.Register("searchpath", pkgSearchpath)
	pkgSeeallID     = lua.Register("seeall", pkgSeeall)
	pkgPreloadID    = lua.Register("loader_preload", pkgLoaderPreload)
	pkgLuaID        = lua.Register("loader_lua", pkgLoaderLua)
	requireID       = lua.Register("require", pkgRequire)
	moduleID        = lua.Register("module", pkgModule)
)

// loading stands in package.loaded for a module that is being loaded.
var loading = lua.Light(0x6C6F6164)

func loadedTable(vm *lua.VM) lua.Value  { return registryTable(vm, "_LOADED") }
func preloadTable(vm *lua.VM) lua.Value { return registryTable(vm, "_PRELOAD") }

func openPackage(vm *lua.VM) {
	t := newLib(vm, "package", []fn{
		{"loadlib", pkgLoadlibID}, {"searchpath", pkgSearchpathID}, {"seeall", pkgSeeallID},
	})
	loaders := vm.NewTable(2, 0)
	vm.RawSetInt(loaders, 1, vm.Builtin(pkgPreloadID, t))
	vm.RawSetInt(loaders, 2, vm.Builtin(pkgLuaID, t))
	vm.SetField(t, "loaders", loaders)
	if vm.Compat52() {
		vm.SetField(t, "searchers", loaders)
	}
	vm.SetField(t, "path", vm.NewStringS(PathDefault))
	vm.SetField(t, "cpath", vm.NewStringS(""))
	vm.SetField(t, "config", vm.NewStringS("/\n;\n?\n!\n-\n"))
	loaded := loadedTable(vm)
	vm.SetField(t, "loaded", loaded)
	vm.SetField(t, "preload", preloadTable(vm))
	g := vm.Globals()
	vm.SetField(g, "require", vm.Builtin(requireID, t, loaded))
	vm.SetField(g, "module", vm.Builtin(moduleID, loaded, vm.Field(g, "setfenv")))
	vm.SetField(loaded, "_G", g)
	for _, name := range []string{"coroutine", "debug"} { // opened by the VM
		if v := vm.Field(g, name); v.IsTable() {
			vm.SetField(loaded, name, v)
		}
	}
}

// SetPath sets package.path.
func SetPath(vm *lua.VM, path string) {
	if t := vm.Field(loadedTable(vm), "package"); t.IsTable() {
		vm.SetField(t, "path", vm.NewStringS(path))
	}
}

func pkgLoadlib(c *lua.Call) lua.Ret {
	path, ok := c.CheckString(1)
	if !ok {
		return lua.Fail
	}
	if _, ok := c.CheckString(2); !ok {
		return lua.Fail
	}
	w := newBuffer(c)
	w.b = append(append(w.b, path...), ": dynamic libraries are not supported"...)
	ok = c.Push(lua.Nil) && c.PushString(w.b) && c.PushString([]byte("absent"))
	w.release()
	if !ok {
		return lua.Fail
	}
	return c.Pushed()
}

// readModule reads a file as the VM's loader does.
func readModule(vm *lua.VM, name string) ([]byte, error) {
	if load := vm.FileLoader(); load != nil {
		return load(name)
	}
	return os.ReadFile(name)
}

// searchPath looks for a module's file. It returns the file's name and text, or
// the names that it tried, as the error message has them.
func searchPath(vm *lua.VM, name, path, sep, rep string) (file string, src []byte, tried string) {
	if sep != "" {
		name = strings.ReplaceAll(name, sep, rep)
	}
	var b strings.Builder
	for template := range strings.SplitSeq(path, ";") {
		if template == "" {
			continue
		}
		file := strings.ReplaceAll(template, "?", name)
		if src, err := readModule(vm, file); err == nil {
			return file, src, ""
		}
		b.WriteString("\n\tno file '")
		b.WriteString(file)
		b.WriteString("'")
	}
	return "", nil, b.String()
}

func pkgSearchpath(c *lua.Call) lua.Ret {
	name, ok := c.CheckString(1)
	if !ok {
		return lua.Fail
	}
	path, ok := c.CheckString(2)
	if !ok {
		return lua.Fail
	}
	sep, ok := c.OptString(3, []byte("."))
	if !ok {
		return lua.Fail
	}
	rep, ok := c.OptString(4, []byte("/"))
	if !ok {
		return lua.Fail
	}
	file, _, tried := searchPath(c.VM(), string(name), string(path), string(sep), string(rep))
	if file != "" {
		return c.ReturnString([]byte(file))
	}
	if !c.Push(lua.Nil) || !c.PushString([]byte(tried)) {
		return lua.Fail
	}
	return c.Pushed()
}

func pkgSeeall(c *lua.Call) lua.Ret {
	t, ok := c.CheckTable(1)
	if !ok {
		return lua.Fail
	}
	vm := c.VM()
	meta := vm.Metatable(t)
	if meta.IsNil() {
		if meta = vm.NewTable(0, 1); meta.IsNil() {
			return c.MemoryError()
		}
		vm.SetMetatable(t, meta)
	}
	if !vm.SetField(meta, "__index", vm.Globals()) {
		return c.MemoryError()
	}
	return c.Return()
}

// pkgLoaderPreload is the first loader; its value is the package table.
func pkgLoaderPreload(c *lua.Call) lua.Ret {
	name, ok := c.CheckString(1)
	if !ok {
		return lua.Fail
	}
	vm := c.VM()
	preload := vm.Field(c.Upvalue(1), "preload")
	if !preload.IsTable() {
		return c.Errorf("'package.preload' must be a table")
	}
	v, ok := c.Index(preload, c.Arg(1))
	if !ok {
		return lua.Fail
	}
	if v.IsNil() {
		return c.ReturnString([]byte("\n\tno field package.preload['" + string(name) + "']"))
	}
	return c.Return1(v)
}

// pkgLoaderLua is the second loader; its value is the package table.
func pkgLoaderLua(c *lua.Call) lua.Ret {
	name, ok := c.CheckString(1)
	if !ok {
		return lua.Fail
	}
	vm := c.VM()
	path := vm.Field(c.Upvalue(1), "path")
	if !path.IsString() {
		return c.Errorf("'package.path' must be a string")
	}
	file, src, tried := searchPath(vm, string(name), string(vm.Bytes(path)), ".", "/")
	if file == "" {
		return c.ReturnString([]byte(tried))
	}
	if !c.Charge(len(src) * 50) { // what compiling costs, about
		return lua.Fail
	}
	f, err := vm.Load(lua.SkipShebang(src), "@"+file)
	if err == lua.ErrMemory {
		return c.MemoryError()
	}
	if err != nil {
		return c.Errorf("error loading module '%s' from file '%s':\n\t%s", name, file, err.Error())
	}
	return c.Return1(f)
}

// pkgRequire is require; its values are the tables package and package.loaded.
func pkgRequire(c *lua.Call) lua.Ret {
	name, ok := c.CheckString(1)
	if !ok {
		return lua.Fail
	}
	vm := c.VM()
	loaded := c.Upvalue(2)
	key := c.Arg(1)
	v, ok := c.Index(loaded, key)
	if !ok {
		return lua.Fail
	}
	if v.Truthy() {
		if v == loading {
			return c.Errorf("loop or previous error loading module '%s'", name)
		}
		return c.Return1(v)
	}
	loaders := vm.Field(c.Upvalue(1), "loaders")
	if !loaders.IsTable() {
		return c.Errorf("'package.loaders' must be a table")
	}
	if !c.Keep(loaders) || !c.Keep(lua.Nil) {
		return lua.Fail
	}
	var tried bytes.Buffer
	for i := 1; ; i++ {
		loader := vm.RawGetInt(c.Kept(1), i)
		if loader.IsNil() {
			return c.Errorf("module '%s' not found:%s", name, tried.Bytes())
		}
		if !c.Call(loader, key) {
			return lua.Fail
		}
		if v = c.Result(1); v.IsFunction() {
			break
		}
		if v.IsString() || v.IsNumber() {
			tried.Write(vm.AppendText(nil, v))
		}
	}
	c.SetKept(2, v)
	if !c.SetIndex(loaded, key, loading) || !c.Call(c.Kept(2), key) {
		return lua.Fail
	}
	if v = c.Result(1); !v.IsNil() {
		c.SetKept(2, v)
		if !c.SetIndex(loaded, key, v) {
			return lua.Fail
		}
	}
	if v, ok = c.Index(loaded, key); !ok {
		return lua.Fail
	}
	if v == loading {
		v = lua.True
		if !c.SetIndex(loaded, key, v) {
			return lua.Fail
		}
	}
	return c.Return1(v)
}

// pkgModule is module; its values are package.loaded and setfenv.
func pkgModule(c *lua.Call) lua.Ret {
	name, ok := c.CheckString(1)
	if !ok {
		return lua.Fail
	}
	vm := c.VM()
	loaded := c.Upvalue(1)
	mod, ok := c.Index(loaded, c.Arg(1))
	if !ok {
		return lua.Fail
	}
	if !mod.IsTable() {
		if mod = findTable(vm, vm.Globals(), string(name)); mod.IsNil() {
			return c.Errorf("name conflict for module '%s'", name)
		}
		if !c.SetIndex(loaded, c.Arg(1), mod) {
			return lua.Fail
		}
	}
	if !c.Keep(mod) {
		return lua.Fail
	}
	v, ok := c.Index(mod, vm.NewStringS("_NAME"))
	if !ok {
		return lua.Fail
	}
	if v.IsNil() {
		pkg := string(name)
		pkg = pkg[:strings.LastIndexByte(pkg, '.')+1]
		if !vm.SetField(mod, "_M", mod) || !vm.SetField(mod, "_NAME", c.Arg(1)) || !vm.SetField(mod, "_PACKAGE", vm.NewStringS(pkg)) {
			return c.MemoryError()
		}
	}
	// Level 2 as seen from setfenv is whoever called module.
	if !c.Call(c.Upvalue(2), lua.Int(2), mod) {
		return lua.Fail
	}
	for i := 2; i <= c.NArgs(); i++ {
		if !c.Call(c.Arg(i), c.Kept(1)) {
			return lua.Fail
		}
	}
	return c.Return()
}

// findTable returns the table at a path of names below t, made where absent;
// Nil if something else is in the way.
func findTable(vm *lua.VM, t lua.Value, path string) lua.Value {
	for name := range strings.SplitSeq(path, ".") {
		next := vm.Field(t, name)
		if next.IsNil() {
			if next = vm.NewTable(0, 1); next.IsNil() || !vm.SetField(t, name, next) {
				return lua.Nil
			}
		} else if !next.IsTable() {
			return lua.Nil
		}
		t = next
	}
	return t
}
