package regex

import (
	"bytes"
	"strconv"
	"sync"
	"unsafe"

	"go.elara.ws/pcre/lib"
	"modernc.org/libc"
)

// PCRE2, translated: what lies in memory outside of Go's heap, and is reached by addresses.

// compiler is libc's state for what is compiled: one for all, as compiling is rare.
var compiler struct {
	sync.Mutex
	tls *libc.TLS
}

// compile has PCRE2 compile the pattern, and sets code, groups and names.
func (re *Regexp) compile() error {
	c := &compiler
	c.Lock()
	defer c.Unlock()
	if c.tls == nil {
		c.tls = libc.NewTLS()
	}
	pattern := re.pattern
	text := newBuffer(c.tls, len(pattern))
	defer text.free()
	copy(text.bytes, pattern)
	out := newBuffer(c.tls, 256)
	defer out.free()
	// The error's number, then its offset.
	re.code = lib.Xpcre2_compile_8(c.tls, text.addr, lib.Tsize_t(len(pattern)), uint32(re.flags), out.addr, out.addr+8, 0)
	if re.code == 0 {
		number := *(*int32)(pointer(out.addr))
		return &CompileError{Pattern: pattern, Offset: int(*(*uint64)(pointer(out.addr + 8))), Reason: message(c.tls, int(number))}
	}
	info := func(what uint32) uint64 {
		*(*uint64)(pointer(out.addr)) = 0
		lib.Xpcre2_pattern_info_8(c.tls, re.code, what, out.addr)
		return *(*uint64)(pointer(out.addr))
	}
	re.size = 2*len(pattern) + int(info(lib.DPCRE2_INFO_SIZE))
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
	return nil
}

func freeCode(code uintptr) {
	compiler.Lock()
	lib.Xpcre2_code_free_8(compiler.tls, code)
	compiler.Unlock()
}

// message is PCRE2's text for an error's number.
func message(tls *libc.TLS, number int) string {
	text := newBuffer(tls, 240)
	defer text.free()
	if lib.Xpcre2_get_error_message_8(tls, int32(number), text.addr, lib.Tsize_t(len(text.bytes))) < 0 {
		return "error " + strconv.Itoa(number)
	}
	return string(text.bytes[:bytes.IndexByte(text.bytes, 0)])
}

// pcreMessage is message for anyone.
func pcreMessage(number int) string {
	compiler.Lock()
	defer compiler.Unlock()
	if compiler.tls == nil {
		compiler.tls = libc.NewTLS()
	}
	return message(compiler.tls, number)
}

// pcreMatcher runs PCRE2's matches.
type pcreMatcher struct {
	tls       *libc.TLS
	context   uintptr // match context
	data      uintptr // match data
	pairs     int     // its capacity
	offsets   []uint64
	subject   buffer
	workspace buffer // of DFA matches
}

func newPCREMatcher() *pcreMatcher {
	m := &pcreMatcher{tls: libc.NewTLS()}
	m.context = lib.Xpcre2_match_context_create_8(m.tls, 0)
	if m.context == 0 {
		panic("regex: out of memory")
	}
	lib.Xpcre2_set_heap_limit_8(m.tls, m.context, pcreHeapLimit)
	m.grow(10)
	m.subject = newBuffer(m.tls, 4096)
	return m
}

// grow makes room for the offsets of n groups, the whole match counted.
func (m *pcreMatcher) grow(n int) {
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

func (m *pcreMatcher) close() {
	if m.workspace.addr != 0 {
		m.workspace.free()
	}
	m.subject.free()
	lib.Xpcre2_match_data_free_8(m.tls, m.data)
	lib.Xpcre2_match_context_free_8(m.tls, m.context)
	m.tls.Close()
}

// workspaceInts is the room for a DFA match, as lua-nginx gives it.
const workspaceInts = 100

func (m *pcreMatcher) match(re *Regexp, subject []byte, from, limit int) (bool, error) {
	if re.groups+1 > m.pairs {
		m.grow(re.groups + 1)
	}
	if len(subject) > len(m.subject.bytes) {
		m.subject.free()
		m.subject = newBuffer(m.tls, len(subject)+len(subject)/2)
	}
	// A copy, as the engine takes addresses, and Go's stacks move.
	copy(m.subject.bytes, subject)
	lib.Xpcre2_set_match_limit_8(m.tls, m.context, uint32(limit))
	var rc int32
	if re.flags&DFA != 0 {
		if m.workspace.addr == 0 {
			m.workspace = newBuffer(m.tls, 4*workspaceInts)
		}
		if rc = lib.Xpcre2_dfa_match_8(m.tls, re.code, m.subject.addr, lib.Tsize_t(len(subject)), lib.Tsize_t(from), 0, m.data, m.context, m.workspace.addr, workspaceInts); rc == 0 {
			rc = 1 // the longest one found room
		}
	} else {
		rc = lib.Xpcre2_match_8(m.tls, re.code, m.subject.addr, lib.Tsize_t(len(subject)), lib.Tsize_t(from), 0, m.data, m.context)
	}
	switch {
	case rc > 0:
		// Groups behind the last that took part are not set by the engine.
		if re.flags&DFA != 0 {
			rc = 1 // the others are shorter matches
		}
		for i := int(rc); i <= re.groups; i++ {
			m.offsets[2*i], m.offsets[2*i+1] = unset, unset
		}
		return true, nil
	case rc == lib.DPCRE2_ERROR_NOMATCH:
		return false, nil
	case rc == lib.DPCRE2_ERROR_DEPTHLIMIT, rc == lib.DPCRE2_ERROR_HEAPLIMIT:
		rc = lib.DPCRE2_ERROR_MATCHLIMIT
	}
	return false, MatchError(rc)
}

const unset = ^uint64(0)

func (m *pcreMatcher) group(i int) (start, end int) {
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
