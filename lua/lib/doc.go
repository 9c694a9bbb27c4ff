// Package lib is Lua's standard library, except for base and coroutine, which
// are part of the VM: string, table, math, bit, os, io, package with require
// and module, and debug, as LuaJIT 2.1 has them, with its error texts.
//
// Open installs everything in a VM's globals. All functions are builtins of
// package lua: they run on the VM's goroutine, read their arguments in place
// and keep nothing beyond their return, so what is said there about views of
// strings and about the collector holds here too. Each charges the budget for
// its work while it works, and asks for the memory of a big result before it
// builds it: no single call outlasts the budget or the memory limit by much.
//
// What a script can reach of the machine is decided by Options: files, the
// environment, the end of the process. There are no subprocesses: os.execute
// and io.popen fail with an error that says so.
//
// Read lib.go first, then string.go with pattern.go and format.go; every other
// file is one library.
package lib
