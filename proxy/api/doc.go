// Package api is what Lua code sees of the server: the ngx table and its family, one file a subject, written for
// package proxy's requests on package lua's builtins. Texts of errors and limits are those of lua-nginx-module 0.10.29
// and lua-resty-core 0.1.31; what is not built yet is there, too, and says so when it is called.
//
// A builtin finds its worker as the VM's host and the request in Worker.Current. It asks for the request through
// context.go, which checks the phase, and writes to and reads from the request directly: on the ways that every
// request takes, nothing is allocated on Go's heap. Everything here runs on the worker's goroutine and keeps no view
// of the arena or of a request beyond the call.
//
// Read open.go first, then output.go.
package api
