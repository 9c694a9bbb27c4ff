// Package proxy serves HTTP: connections, requests, phases and responses, on one
// ring and one Lua VM. It is where ring, lua, conf and h1 meet.
//
//	ring: bytes ---conn.go---> head parsed by h1 ---process.go---> phases:
//
//	server rewrite -> location -> rewrite -> access -> try_files   -> content -> log
//	(rewrite.go)      (conf)      (rewrite.go) (lua.go)  (errorpage.go)  (lua.go,
//	                     ^            |                                   static.go)
//	                     +------------+ if the path has changed
//
//	a handler writes ---output.go, header.go---> ring's output queue
//	a handler waits: thread.go suspends its thread; the thread's timer (Sleep), the
//	body (body.go), the connection's output (WaitDrained) or another Waiter resume it
//
// What it promises:
//
//   - Answers are nginx's, to the order of headers and the wording of the log.
//   - In the steady state a request allocates nothing on Go's heap. Requests and
//     connections are pooled; an idle connection has no Request.
//   - The log phase runs once for each request, however it ends, except by a bug of ours. It
//     runs when the response is in the ring's queue, for files when they are sent.
//   - A bug that panics costs the request in which it happened (conn.go, contain).
//   - Everything a client can make the server keep has a bound: head, body, output
//     that waits, time.
//
// Everything here belongs to the one goroutine that runs the Worker's loop, locked to its
// thread; Worker.Quit, Stop, Reopen and Post are for others. Slices that a Request
// returns are views: of the connection's input as long as the callback that brought it
// runs, afterwards of the request's own memory (Request.own moves them). Builds with the
// tag "poison" overwrite the memory of finished requests.
//
// Read request.go first, then conn.go and process.go.
package proxy
