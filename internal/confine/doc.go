// Package confine takes from a process what it will never need: files by Landlock, system calls by seccomp. Both are for good, and hold for every
// thread and every child.
//
// Files must come before an io_uring is made, System after the last one: the filter refuses to make more, as it can't see what is submitted to
// one. The ring's own restrictions (package ring) are the fence there.
//
// Read landlock.go, then table.go, which lists what stays allowed and why.
package confine
