// Package compile turns Lua source text into a bytecode.Proto in a single
// pass: the lexer hands over one token at a time, the parser emits
// instructions while it reads. There is no syntax tree.
//
// The language is Lua 5.1 as LuaJIT 2.1 speaks it: goto and labels, the
// escapes \x \z \u{}, hexadecimal floats and binary integers, names with bytes
// above 127; no 64-bit and imaginary literals, for there is no ffi. A byte
// order mark and a first line that begins with # are skipped in every chunk,
// and a precompiled chunk is refused, with LuaJIT's texts for both. What is
// accepted, the limits, the texts of errors and the lines of instructions are
// LuaJIT's. The tests hold recorded texts, and compare them, the differential
// tests' files and random programs with the luajit binary in MOONRING_LUAJIT.
//
// Known differences: 64-bit and imaginary literals are malformed numbers; a
// table constructor sets pairs of constants in their turn (see table); no limit
// on the number of constants; and control structures that are too long for
// LuaJIT only because it needs more instructions for them are accepted.
//
// The source may be hostile. Nesting is limited to 200 levels, so the Go stack
// is bounded, and every list that a statement builds is joined and resolved in
// time proportional to its length. Memory is proportional to the source.
//
// Compile keeps nothing of its input and has no state between calls: any
// goroutine may call it, and the Proto belongs to the caller.
//
// The files, in reading order:
//
//	lex.go      bytes to tokens          lexstring.go  quoted and long strings
//	names.go    interned strings         error.go      texts and their position
//	func.go     state of one function: emitting, registers
//	const.go    its constants
//	jump.go     lists of jumps to be patched
//	expr.go     expression descriptors and how they reach a register
//	operator.go unary and binary operators, constant folding
//	parse.go    expressions              table.go      table constructors
//	var.go      locals and upvalues      scope.go      blocks, goto, break
//	stat.go     statements               loop.go       while, repeat, for
//	finish.go   from the state of a function to its Proto
package compile
