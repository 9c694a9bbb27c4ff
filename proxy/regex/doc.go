// Package regex matches regular expressions of PCRE2's syntax, without cgo.
//
// There are two matchers. Patterns of the common language are run by our own (syntax.go, program.go, machine.go): it takes
// bounded time whatever the pattern and the subject, counted in steps of backtracking and bytes scanned, and costs a
// fraction of the other. The rest of PCRE2's language (recursion, conditions, verbs, Unicode properties, DFA, ...) is run by
// PCRE2 10.40 as translated to Go by go.elara.ws/pcre (pcre.go), which also checks the syntax of all patterns: errors are its
// own. Its limit counts no scanning, see MatchLimit.
//
// What it promises:
//
//   - Patterns mean what they mean to nginx: bytes are matched unless UTF is set, groups have numbers and perhaps names.
//   - A match allocates nothing on Go's heap in the steady state, and ends after a bounded number of steps (MatchLimit)
//     with a bounded amount of memory: ErrLimit.
//
// Compiled patterns are shared by all goroutines; a Matcher belongs to one. Patterns that are PCRE2's to match, and Matchers
// that have run one, own memory outside of Go's heap: that of a pattern is freed by Free, or after it has become
// unreachable, that of a Matcher by Close.
package regex
