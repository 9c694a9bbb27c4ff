package regex

import (
	"runtime"
	"unicode/utf8"
	"unsafe"

	"go.elara.ws/pcre/lib"
)

// Version is PCRE2's: major, then minor.
const (
	VersionMajor = lib.DPCRE2_MAJOR
	VersionMinor = lib.DPCRE2_MINOR
)

// Flags change what a pattern means.
type Flags uint64

// The flags. Bytes are compared, never characters of UTF-8, unless UTF is set.
const (
	Caseless   Flags = lib.DPCRE2_CASELESS
	Multiline  Flags = lib.DPCRE2_MULTILINE
	DotAll     Flags = lib.DPCRE2_DOTALL
	Extended   Flags = lib.DPCRE2_EXTENDED
	Anchored   Flags = lib.DPCRE2_ANCHORED // matches begin where the search does
	UTF        Flags = lib.DPCRE2_UTF      // what isn't UTF-8 is an error
	DupNames   Flags = lib.DPCRE2_DUPNAMES // several groups may have one name
	JavaScript Flags = lib.DPCRE2_ALT_BSUX | lib.DPCRE2_ALLOW_EMPTY_CLASS | lib.DPCRE2_MATCH_UNSET_BACKREF

	NoUTFCheck Flags = 1 << 32 // with UTF: bytes that aren't UTF-8 stand for themselves, where our own matcher runs
	DFA        Flags = 1 << 33 // the longest match, without groups
)

// Regexp is a compiled pattern. It doesn't change, any goroutine may use it.
type Regexp struct {
	flags   Flags
	pattern string
	groups  int
	names   []Name
	own     *program // nil: code runs
	code    uintptr  // PCRE2's; 0: it isn't needed
	size    int
	cleanup runtime.Cleanup
}

// Name is a group that has one.
type Name struct {
	Name  string
	Group int
}

// CompileError is why a pattern doesn't compile.
type CompileError struct {
	Pattern string
	Reason  string // PCRE2's text
	Offset  int    // bytes
}

// Error is nginx's text.
func (e *CompileError) Error() string { return "pcre2_compile() failed: " + e.What() }

// What is the text without the function's name.
func (e *CompileError) What() string {
	if e.Offset >= len(e.Pattern) {
		return e.Reason + ` in "` + e.Pattern + `"`
	}
	return e.Reason + ` in "` + e.Pattern + `" at "` + e.Pattern[e.Offset:] + `"`
}

// MatchError is a match that was given up: the number is PCRE2's.
type MatchError int

// Error says what the most likely ones mean.
func (e MatchError) Error() string {
	switch int(e) {
	case lib.DPCRE2_ERROR_MATCHLIMIT, lib.DPCRE2_ERROR_DEPTHLIMIT, lib.DPCRE2_ERROR_HEAPLIMIT:
		return "match limit exceeded"
	}
	return pcreMessage(int(e))
}

// ErrLimit says that a match was given up because it needed too many steps or too much memory.
const ErrLimit = MatchError(lib.DPCRE2_ERROR_MATCHLIMIT)

// Compile compiles a pattern of PCRE2's syntax. Its error is a *CompileError.
func Compile(pattern string, flags Flags) (*Regexp, error) {
	re := &Regexp{pattern: pattern, flags: flags}
	if err := re.compile(); err != nil {
		return nil, err
	}
	re.own = newProgram(pattern, flags, re.names)
	if re.own != nil && (re.own.groups != re.groups || len(pattern) > 1<<16) {
		re.own = nil
	}
	re.cleanup = runtime.AddCleanup(re, freeCode, re.code)
	if re.own != nil {
		if re.size += re.own.size(); flags&UTF == 0 || flags&NoUTFCheck != 0 {
			re.Free()
		}
	}
	return re, nil
}

// Free gives PCRE2's memory back. Patterns that it matches must not be used any more.
func (re *Regexp) Free() {
	if re.code != 0 {
		re.cleanup.Stop()
		freeCode(re.code)
		re.code = 0
	}
}

// Size is about how much memory the pattern takes, in bytes.
func (re *Regexp) Size() int { return re.size }

// String is the pattern.
func (re *Regexp) String() string { return re.pattern }

// Groups is the number of groups that capture, the whole match not counted.
func (re *Regexp) Groups() int { return re.groups }

// Names are the groups with names, sorted by name.
func (re *Regexp) Names() []Name { return re.names }

const (
	// MatchLimit bounds the steps of one match in our own matcher; ten million take about 100 ms.
	MatchLimit = 10_000_000
	// pcreMatchLimit bounds the steps of backtracking in PCRE2. A million take about 50 ms. Looking for one character after
	// another is no such step: a pattern as (?|\w+\s) can take time by the square of the subject's length, 90 ms for 8 KB.
	pcreMatchLimit = 1_000_000
	// pcreHeapLimit bounds the memory of backtracking in one match, in KiB.
	pcreHeapLimit = 16 << 10
)

// Matcher runs matches and holds the result of the last one. It is for one goroutine at a time. One is enough for all
// patterns.
type Matcher struct {
	// Limit is what each match may take of MatchLimit, if it isn't 0.
	Limit   int
	machine machine
	pcre    *pcreMatcher
	own     bool // the last match was the machine's
	steps   int
}

// NewMatcher makes a matcher.
func NewMatcher() *Matcher { return new(Matcher) }

// Close frees what the matcher holds.
func (m *Matcher) Close() {
	if m.pcre != nil {
		m.pcre.close()
	}
	*m = Matcher{}
}

// Match looks for the first match of re in subject and tells if there is one. Group then gives its parts, until the next
// call. ErrLimit: the search was given up.
func (m *Matcher) Match(re *Regexp, subject []byte) (bool, error) { return m.MatchFrom(re, subject, 0) }

// MatchFrom is Match, but the match begins at from, in bytes, or behind it: ^ and what looks back see what is before.
// Other errors than ErrLimit are MatchErrors about the subject, if it should be UTF-8.
func (m *Matcher) MatchFrom(re *Regexp, subject []byte, from int) (bool, error) {
	limit := MatchLimit
	if m.Limit > 0 {
		limit = m.Limit
	}
	p := re.own
	if p != nil && p.utf && re.code != 0 && !(utf8.Valid(subject) && (from == len(subject) || utf8.RuneStart(subject[from]))) {
		p = nil // PCRE2 knows the error's number
	}
	if m.own = p != nil && len(subject) < 1<<30; m.own {
		m.machine.steps = limit
		found, err := m.machine.search(p, subject, from, re.flags&Anchored != 0)
		m.steps = limit - m.machine.steps
		if len(m.machine.stack) > keptFrames {
			m.machine.stack = nil
		}
		return found, err
	}
	if m.pcre == nil {
		m.pcre = newPCREMatcher()
	}
	m.steps = len(subject) // not known
	found, err := m.pcre.match(re, subject, from, min(limit, pcreMatchLimit))
	runtime.KeepAlive(re)
	return found, err
}

// Steps is how much work the last match was, by about 10 ns each.
func (m *Matcher) Steps() int { return m.steps }

// Group returns where group i of the last match is in the subject; group 0 is the whole match. -1, -1: it took no part.
func (m *Matcher) Group(i int) (start, end int) {
	if !m.own {
		return m.pcre.group(i)
	}
	if i < 0 || 3*i >= len(m.machine.regs) {
		return -1, -1
	}
	return int(m.machine.regs[2*i]), int(m.machine.regs[2*i+1])
}

// viewOf is b as a string that is not kept.
func viewOf(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
