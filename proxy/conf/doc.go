// Package conf reads nginx's configuration language and gives back plain data.
//
// Load goes through three steps, one file each:
//
//	bytes  --token.go, luablock.go-->  words  --parse.go-->  a tree of directives (words, file, line, children)
//	tree   --load.go, table.go-->  every name, context and number of arguments checked against ONE table, each row's
//	        handler (set.go, maincontext.go, httpcontext.go, content.go, listen.go, luacode.go) run in the file's order
//	blocks --httpcontext.go, listen.go, location.go, template.go-->  Config (config.go): inherited settings resolved,
//	        addresses grouped into sockets, locations ordered, variables compiled
//
// An error of the syntax stays in the tree until the walk comes to it, so that of several mistakes the first is reported,
// as nginx does, which handles directives while it reads.
//
// Promises. The language is nginx's: quoting, escapes, include with patterns, units, *_by_lua_block. So are the error
// texts, with file and line, as `nginx -t` prints them (testdata/nginx.txt is checked against both). A directive that nginx or OpenResty knows and this package does
// not handle yet is an error that says so; nothing is ignored silently: what is accepted without effect leaves a Notice.
// Input never panics, whatever it is. Where this package is not nginx: words and Lua blocks may be longer than nginx's
// buffer of 4096 bytes; include and blocks have a bound on their depth; names of hosts, users and groups are looked up in
// /etc/hosts, /etc/passwd and /etc/group only.
//
// Memory and goroutines. Load does no I/O except through Options.FS and keeps no state between calls. A Config belongs
// to the caller; nothing writes to it after Load, so any number of goroutines or workers may read it. The lookups
// (Server.Find, HTTP.ServerFor, Socket.Address, Address.ServerFor, Location.Type) allocate nothing.
//
// A worker gets the same Config by a Load from the Bundle that a Recorder made in the master, with the same Options.
//
// Read config.go first (what comes out), then table.go (what goes in).
package conf
