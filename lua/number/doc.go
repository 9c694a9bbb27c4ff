// Package number converts between Lua numbers and their text, exactly as
// LuaJIT does: Append is tostring and the coercion of .., Parse is tonumber
// without a base, the coercion of strings in arithmetic, and the lexer's
// notion of a number.
//
// It is a leaf: plain bytes and float64 in and out, nothing is kept, nothing
// is allocated on the usual paths, and any goroutine may call it. The time
// taken is linear in the text's length; a caller that obeys a budget charges
// for the length before it calls.
//
// Start with append.go, then parse.go.
package number
