// Package h1 is HTTP/1.x as a computation on bytes: what a client sent goes in, what it asked for comes out, and
// the pieces of a response are appended to a buffer of the caller's. There is no I/O and no clock here, so each part
// can be fuzzed, and resumed at every byte, on its own.
//
// Promises:
//   - Every input ends in a result or an *Error; none panics. All memory use is bounded by the limits in Parser.
//   - Parsing in pieces gives exactly what parsing in one piece gives.
//   - On the steady path nothing is allocated: Request and Parser are reset and used again, results are views.
//     A refused request may allocate the text of its reason.
//   - Where nginx and RFC 9112 leave room, the reading is nginx's, except where two readers of the same bytes could
//     disagree about where a message ends: that is refused. docs/differences.md has a row for each such choice.
//
// Memory: slices in a Request are views of the bytes given to Parser.Parse. They are valid as long as the caller keeps
// those bytes, or until Request.Rebase moves them to a copy. Slices that ChunkedReader returns are views of its
// input. Error pages and other tables are immutable and shared by all.
//
// Goroutines: a Parser, Request or ChunkedReader belongs to one goroutine at a time; functions may be called from any.
//
// Read parse.go first, then request.go; chunked.go for bodies, path.go for URIs, status.go and field.go for the
// response side, conditional.go and range.go for static files.
package h1
