// Package lib is Lua's standard library, except for base, coroutine, debug and
// jit, which are part of the VM: string, table, math, bit, os, io, and package
// with require and module, as LuaJIT 2.1 has them, with its error texts.
//
// Open installs everything in a VM's globals. All functions are builtins of
// package lua: they run on the VM's goroutine, read their arguments in place
// and keep nothing beyond their return, so what is said there about views of
// strings and about the collector holds here too. Each charges the budget for
// its work while it works, and asks for the memory of a big result before it
// builds it: no single call outlasts the budget or the memory limit by much.
//
// The host (VM.SetHost) may decide what os.getenv sees and what os.exit does:
// see Environ and Exiter. Modules are read by the VM's file loader. There are no
// subprocesses and no C modules: os.execute and io.popen fail with an error that
// says so, package.cpath is empty.
//
// Read lib.go first, then string.go with pattern.go and format.go; every other
// file is one library.
package lib
