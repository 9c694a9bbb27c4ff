// Package e2e tests the server from outside, as a process that clients talk to:
// that no request sees a byte of another's (identity_test.go), and that a bad
// script hurts itself alone (badscript_test.go). The servers are built with the
// tag "poison" where a use after free is to show: freed buffers and recycled
// slots are overwritten then.
//
// `make test` runs small counts; MOONRING_SOAK, which `make soak` sets, the full
// ones. No code for others here.
package e2e
