// Package difftest holds a corpus of Lua scripts and compares what they print on our engine with what they print on LuaJIT.
//
// A script lies in testdata/SUBJECT/NAME.lua and begins with a comment that says what it is about; beside it lies NAME.out, its golden
// file: what LuaJIT wrote to the standard output and, if the script ended with an error, a last part that begins with "error: " on a
// line of its own start (see Result). Scripts print nothing that varies: no addresses, no times, no order of pairs.
//
// Tests hold it together. TestGoldensAreLuaJITs runs every script on LuaJIT and compares with the golden files; it needs LuaJIT
// (environment variable MOONRING_LUAJIT or luajit in PATH) and fails without. TestEngine runs every script on our engine and compares
// with the golden files; it needs nothing. TestCorpus checks the form of the files. `go test ./lua/difftest -run LuaJIT -update` writes
// the golden files again.
//
// The reference is the interpreter (-joff), of the build Debian ships, which is without LUAJIT_ENABLE_LUA52COMPAT: scripts whose answer
// depends on that option stand in testdata/compat52. testdata/later holds what the engine doesn't claim yet; its results are reported,
// not required.
//
// Random programs come from Make, with a Kind for each part of the language; a Server is a LuaJIT that runs one after another. The tests
// that compare them, and that do so for hours, are TestDifferential and TestSoakDifferential of package lua.
//
// Start with corpus.go; engine.go is the only place that knows package lua. Nothing here is called by the product.
package difftest
