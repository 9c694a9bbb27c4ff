// Command run compares Moonring with nginx, and its Lua engine with others, on this machine. bench/README.md says what the figures mean.
//
//	run [flags] [http [SCENARIO...] | idle | lua [TASK...] | gc [HEAP...]]
//
// Without a section it runs all. main.go reads the command line, http.go, idle.go, lua.go and gc.go measure, report.go writes.
package main
