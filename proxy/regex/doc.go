// Package regex matches regular expressions of PCRE2's syntax, without cgo: it wraps PCRE2 10.40 as translated to Go by
// go.elara.ws/pcre.
//
// What it promises:
//
//   - Patterns mean what they mean to nginx: bytes are matched, groups have numbers and perhaps names.
//   - A match allocates nothing on Go's heap, and ends after a bounded number of steps (MatchLimit) with a bounded
//     amount of memory: ErrLimit.
//
// Compiled patterns are shared by all goroutines; a Matcher belongs to one. Both own memory outside of Go's heap: that
// of a pattern is freed after it has become unreachable, that of a Matcher by Close.
package regex
