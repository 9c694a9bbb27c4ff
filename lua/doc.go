// Package lua is the engine: Lua 5.1 as LuaJIT 2.1 speaks it, on an interpreter
// whose objects all lie in one arena outside Go's heap. It knows neither
// sockets nor requests; what a script waits for is the host's business.
//
//	source -> compile.Compile -> bytecode.Proto -> VM.instantiate -> Thread.Start
//
// What it promises:
//
//   - Go's collector never sees a Lua object, and no Lua value is a Go pointer:
//     whatever a value holds, it refers into the arena (value.go, layout.go).
//   - A script never makes Go recurse, except through Call.Call: pcall,
//     metamethods, iterators and coroutines are frames on the Lua stack
//     (link.go), so a yield is a return from the loop.
//   - A run is bounded in time (budget.go) and the arena in size. Overrunning
//     either is a Lua error.
//   - Nothing is allocated on Go's heap by running Lua.
//
// One VM belongs to one goroutine. The host acts when no run is under way:
// Start and Resume return when the thread has ended or a builtin waits
// (Call.Suspend). Values that Go keeps across runs must be pinned (VM.Pin).
//
// The collector (gc.go) works in steps at safepoints: where a Lua function
// makes a table or closure, concatenates, or calls a builtin. Inside a builtin
// it does not run unless the builtin calls back into Lua.
//
// Read run.go first, then slow.go, frame.go, unwind.go and thread.go; call.go
// is the way to write builtins. The standard libraries are in package lib.
package lua
