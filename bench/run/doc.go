// Command run compares Moonring with nginx, and its Lua engine with others, on this machine. bench/README.md says what the figures mean.
//
//	run [flags] [http [SCENARIO...] | idle | lua [TASK...]]
//
// Without a section it runs all three. main.go reads the command line, http.go, idle.go and lua.go measure, report.go writes.
package main
