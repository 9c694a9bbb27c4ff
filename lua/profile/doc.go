// Package profile tells where the CPU time of Lua scripts goes, in the format that `go tool pprof` reads: github.com/google/pprof's
// profile.proto. The VM takes the stacks (see lua.Sampler); here they are counted and written.
package profile
