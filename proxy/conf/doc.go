// Package conf reads nginx's configuration language and gives back plain data.
//
// Load goes through three steps, one file each:
//
//	bytes  --token.go-->  words  --parse.go-->  directive tree (file, line, words, children)
//	tree   --table.go, check.go-->  every name, context and argument count checked against ONE table,
//	        each row's handler run in the order of the file
//	scopes --merge.go, listen.go, location.go, template.go-->  Config: inherited settings resolved, addresses grouped,
//	        locations ordered, variables compiled
//
// Promises. The language is nginx's: quoting, escapes, include with patterns, units, *_by_lua_block. So are the error
// texts, with file and line, as `nginx -t` prints them. A directive that nginx or OpenResty knows and this package does
// not handle yet is an error that says so; nothing is ignored silently: what is accepted without effect leaves a Notice.
// Input never panics, whatever it is.
//
// Memory and goroutines. Load does no I/O except through Options.FS and keeps no state between calls. A Config belongs
// to the caller; nothing writes to it after Load, so any number of goroutines or workers may read it. Location and
// server lookups (Server.Find, HTTP.ServerFor, Socket.Address, Address.ServerFor) and Location.Type allocate nothing.
//
// Read config.go first (what comes out), then table.go (what goes in).
package conf
