package regex

import (
	"bytes"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"sync"
	"unsafe"

	"go.elara.ws/pcre/lib"
	"modernc.org/libc"
)

// Version is PCRE2's: major, then minor.
const (
	VersionMajor = lib.DPCRE2_MAJOR
	VersionMinor = lib.DPCRE2_MINOR
)

// Flags change what a pattern means.
type Flags uint32

// The flags. Bytes are compared, never characters of UTF-8, as nginx does by default.
const (
	Caseless Flags = lib.DPCRE2_CASELESS
)

// Regexp is a compiled pattern. It doesn't change, any goroutine may use it.
type Regexp struct {
	code    uintptr
	pattern string
	groups  int
	names   []Name
}

// Name is a group that has one.
type Name struct {
	Name  string
	Group int
}

// compiler is libc's state for what is compiled: one for all, as compiling is rare.
var compiler struct {
	sync.Mutex
	tls *libc.TLS
}

// CompileError is why a pattern doesn't compile.
type CompileError struct {
	Pattern string
	Reason  string // PCRE2's text
	Offset  int    // bytes
}

// Error is nginx's text.
func (e *CompileError) Error() string {
	if e.Offset >= len(e.Pattern) {
		return `pcre2_compile() failed: ` + e.Reason + ` in "` + e.Pattern + `"`
	}
	return `pcre2_compile() failed: ` + e.Reason + ` in "` + e.Pattern + `" at "` + e.Pattern[e.Offset:] + `"`
}

// Compile compiles a pattern of PCRE2's syntax. Its error is a *CompileError.
func Compile(pattern string, flags Flags) (*Regexp, error) {
	c := &compiler
	c.Lock()
	defer c.Unlock()
	if c.tls == nil {
		c.tls = libc.NewTLS()
	}
	text := newBuffer(c.tls, len(pattern))
	defer text.free()
	copy(text.bytes, pattern)
	out := newBuffer(c.tls, 256)
	defer out.free()
	// The error's number, then its offset, then its text.
	code := lib.Xpcre2_compile_8(c.tls, text.addr, lib.Tsize_t(len(pattern)), uint32(flags), out.addr, out.addr+8, 0)
	if code == 0 {
		number := *(*int32)(pointer(out.addr))
		e := &CompileError{Pattern: pattern, Offset: int(*(*uint64)(pointer(out.addr + 8)))}
		if lib.Xpcre2_get_error_message_8(c.tls, number, out.addr+16, lib.Tsize_t(len(out.bytes)-16)) >= 0 {
			msg := out.bytes[16:]
			e.Reason = string(msg[:bytes.IndexByte(msg, 0)])
		} else {
			e.Reason = "error " + strconv.Itoa(int(number))
		}
		return nil, e
	}
	re := &Regexp{code: code, pattern: pattern}
	info := func(what uint32) uint64 {
		*(*uint64)(pointer(out.addr)) = 0
		lib.Xpcre2_pattern_info_8(c.tls, code, what, out.addr)
		return *(*uint64)(pointer(out.addr))
	}
	re.groups = int(uint32(info(lib.DPCRE2_INFO_CAPTURECOUNT)))
	count, size := int(uint32(info(lib.DPCRE2_INFO_NAMECOUNT))), int(uint32(info(lib.DPCRE2_INFO_NAMEENTRYSIZE)))
	if count > 0 {
		table := unsafe.Slice((*byte)(pointer(uintptr(info(lib.DPCRE2_INFO_NAMETABLE)))), count*size)
		for i := range count {
			entry := table[i*size : (i+1)*size]
			name := entry[2:]
			if end := bytes.IndexByte(name, 0); end >= 0 {
				name = name[:end]
			}
			re.names = append(re.names, Name{string(name), int(entry[0])<<8 | int(entry[1])})
		}
	}
	runtime.AddCleanup(re, freeCode, code)
	return re, nil
}

func freeCode(code uintptr) {
	compiler.Lock()
	lib.Xpcre2_code_free_8(compiler.tls, code)
	compiler.Unlock()
}

// String is the pattern.
func (re *Regexp) String() string { return re.pattern }

// Groups is the number of groups that capture, the whole match not counted.
func (re *Regexp) Groups() int { return re.groups }

// Names are the groups with names, sorted by name.
func (re *Regexp) Names() []Name { return re.names }

const (
	// MatchLimit bounds the steps of backtracking in one match. A million take about 50 ms. Looking for one character after
	// another is no such step: a pattern as \w+\s can take time by the square of the subject's length, 90 ms for 8 KB, so
	// who matches what is longer than a header has to bound the length.
	MatchLimit = 1_000_000
	// heapLimit bounds the memory of backtracking in one match, in KiB.
	heapLimit = 16 << 10
)

// ErrLimit says that a match was given up because it needed too many steps or too much memory.
var ErrLimit = errors.New("match limit exceeded")

// Matcher runs matches and holds the result of the last one. It is for one goroutine at a time. One is enough for all
// patterns.
type Matcher struct {
	tls     *libc.TLS
	context uintptr // match context
	data    uintptr // match data
	pairs   int     // its capacity
	offsets []uint64
	subject buffer
}

// NewMatcher makes a matcher.
func NewMatcher() *Matcher {
	m := &Matcher{tls: libc.NewTLS()}
	m.context = lib.Xpcre2_match_context_create_8(m.tls, 0)
	if m.context == 0 {
		panic("regex: out of memory")
	}
	lib.Xpcre2_set_match_limit_8(m.tls, m.context, MatchLimit)
	lib.Xpcre2_set_heap_limit_8(m.tls, m.context, heapLimit)
	m.grow(10)
	m.subject = newBuffer(m.tls, 4096)
	return m
}

// grow makes room for the offsets of n groups, the whole match counted.
func (m *Matcher) grow(n int) {
	if m.data != 0 {
		lib.Xpcre2_match_data_free_8(m.tls, m.data)
	}
	m.data = lib.Xpcre2_match_data_create_8(m.tls, uint32(n), 0)
	if m.data == 0 {
		panic("regex: out of memory")
	}
	m.pairs = n
	m.offsets = unsafe.Slice((*uint64)(pointer(lib.Xpcre2_get_ovector_pointer_8(m.tls, m.data))), 2*n)
}

// Close frees what the matcher holds.
func (m *Matcher) Close() {
	if m.tls == nil {
		return
	}
	m.subject.free()
	lib.Xpcre2_match_data_free_8(m.tls, m.data)
	lib.Xpcre2_match_context_free_8(m.tls, m.context)
	m.tls.Close()
	*m = Matcher{}
}

// Match looks for the first match of re in subject and tells if there is one. Group then gives its parts, until the next
// call. ErrLimit: the search was given up.
func (m *Matcher) Match(re *Regexp, subject []byte) (bool, error) {
	if re.groups+1 > m.pairs {
		m.grow(re.groups + 1)
	}
	if len(subject) > len(m.subject.bytes) {
		m.subject.free()
		m.subject = newBuffer(m.tls, len(subject)+len(subject)/2)
	}
	// A copy, as the engine takes addresses, and Go's stacks move.
	copy(m.subject.bytes, subject)
	rc := lib.Xpcre2_match_8(m.tls, re.code, m.subject.addr, lib.Tsize_t(len(subject)), 0, 0, m.data, m.context)
	runtime.KeepAlive(re)
	switch {
	case rc > 0:
		// Groups behind the last that took part are not set by the engine.
		for i := int(rc); i <= re.groups; i++ {
			m.offsets[2*i], m.offsets[2*i+1] = unset, unset
		}
		return true, nil
	case rc == lib.DPCRE2_ERROR_NOMATCH:
		return false, nil
	case rc == lib.DPCRE2_ERROR_MATCHLIMIT, rc == lib.DPCRE2_ERROR_DEPTHLIMIT, rc == lib.DPCRE2_ERROR_HEAPLIMIT:
		return false, ErrLimit
	}
	return false, fmt.Errorf("pcre2_match() failed: %d", rc)
}

const unset = ^uint64(0)

// Group returns where group i of the last match is in the subject; group 0 is the whole match. -1, -1: it took no part.
func (m *Matcher) Group(i int) (start, end int) {
	if i < 0 || i >= m.pairs || m.offsets[2*i] == unset {
		return -1, -1
	}
	return int(m.offsets[2*i]), int(m.offsets[2*i+1])
}

// buffer is memory outside of Go's heap, which the engine may be given the address of.
type buffer struct {
	tls   *libc.TLS
	addr  uintptr
	bytes []byte
}

func newBuffer(tls *libc.TLS, n int) buffer {
	addr := libc.Xmalloc(tls, uint64(max(n, 1)))
	if addr == 0 {
		panic("regex: out of memory")
	}
	return buffer{tls, addr, unsafe.Slice((*byte)(pointer(addr)), max(n, 1))}
}

func (b *buffer) free() {
	libc.Xfree(b.tls, b.addr)
	*b = buffer{}
}

// pointer is for addresses outside of Go's heap only.
func pointer(addr uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&addr)) }
