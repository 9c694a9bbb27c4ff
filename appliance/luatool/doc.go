// Package luatool is `moonring lua`: the engine without a server.
//
//	Main (options.go)   what was asked for, in LuaJIT's way
//	run.go              a VM for scripts; -e, files, standard input; --profile
//	repl.go             lines typed by a person
//	line.go             how those are read from a terminal, with a history
//	list.go             bytecode
//	interrupt.go        Ctrl-C
//
// Scripts have the standard libraries and the modules that need no request, and no bound on their CPU time.
package luatool
