// Package identity holds one test: that no request ever sees a byte of
// another's. Clients put a nonce into URI, header and body of every request,
// and abort, half-close, pipeline and stall while a Lua script echoes the three
// back; each response must equal, to the byte, what its own request makes. The
// server under test is built with the tag "poison", which overwrites freed
// buffers and recycled slots.
//
// `make test` runs a small count; MOONRING_SOAK, which `make soak` sets, the
// full 10^7. No code for others here; read identity_test.go.
package identity
