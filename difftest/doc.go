// Package difftest compares Moonring with nginx and its Lua module. Both load the same configuration file, in turns, on the same port and
// prefix; each case sends raw bytes and reads the responses; and what comes back must be equal: status line, headers in their order, body,
// whether the connection lives on, and, where a case asks for it, the lines in error.log. Values of Date and Server and the server's name at the
// foot of an error page are masked, as are times and process ids in the log.
//
// The cases are in the cases_*_test.go files, what they request is below testdata/. A case states what nginx must answer too, so
// that a mistake in the configuration can't make two servers agree on an error page. With -nginx-only Moonring is left out: the way to
// write a new case.
package difftest
