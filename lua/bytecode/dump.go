package bytecode

import (
	"encoding/binary"
	"errors"
	"hash/fnv"
	"math"
)

// The dump of a function, little endian:
//
//	"\x1bMoon", version, flags (1: stripped)
//	uint32 fingerprint of the instruction set
//	text: the chunk's name, if not stripped
//	function
//
//	text:     uint32 length, bytes
//	function: uint8 parameters, uint8 registers, uint8 vararg, uint8 upvalues,
//	          uint32 first line, last line, instructions, constants, variables,
//	          instructions x uint64,
//	          constants x { uint8 kind, and uint64 number | text | function },
//	          upvalues x { uint8 from local, uint8 index }
//	          and, if not stripped,
//	          instructions x uint32 line, upvalues x text,
//	          variables x { uint8 register, uint32 start, uint32 end, text }
//
// A stripped dump has lines 0 and no names.
const (
	dumpMagic   = "\x1bMoon"
	dumpVersion = 1
	dumpStrip   = 1
	dumpItems   = 1 << 26 // instructions, and constants, of one function
)

// The errors of Undump; the texts are LuaJIT's.
var (
	ErrIncompatible = errors.New("cannot load incompatible bytecode")
	ErrForeign      = errors.New("cannot load incompatible bytecode (LuaJIT's own)")
	ErrMalformed    = errors.New("cannot load malformed bytecode")
)

// fingerprint tells instruction sets apart: the operations with their operands, in order.
var fingerprint = func() uint32 {
	h := fnv.New32a()
	for _, o := range Ops {
		h.Write([]byte(o.Name))
		h.Write([]byte{0, byte(o.A), byte(o.B), byte(o.C), byte(o.D)})
	}
	return h.Sum32()
}()

var le = binary.LittleEndian

// Dump appends p in a form that Undump reads. Without names and lines if strip is set.
func Dump(b []byte, p *Proto, strip bool) []byte {
	b = append(b, dumpMagic...)
	b = append(b, dumpVersion, 0)
	if strip {
		b[len(b)-1] = dumpStrip
	}
	b = le.AppendUint32(b, fingerprint)
	if !strip {
		b = appendText(b, p.Source)
	}
	return p.dump(b, strip)
}

func appendText(b []byte, s string) []byte {
	return append(le.AppendUint32(b, uint32(len(s))), s...)
}

func (p *Proto) dump(b []byte, strip bool) []byte {
	vararg := byte(0)
	if p.Vararg {
		vararg = 1
	}
	b = append(b, p.NumParams, p.FrameSize, vararg, byte(len(p.Upvals)))
	first, last, vars := p.FirstLine, p.LastLine, len(p.LocVars)
	if strip {
		first, last, vars = 0, 0, 0
	}
	for _, n := range []int{first, last, len(p.Code), len(p.Consts), vars} {
		b = le.AppendUint32(b, uint32(n))
	}
	for _, i := range p.Code {
		b = le.AppendUint64(b, uint64(i))
	}
	for _, k := range p.Consts {
		b = append(b, byte(k.Kind))
		switch k.Kind {
		case KNumber:
			b = le.AppendUint64(b, math.Float64bits(k.Num))
		case KString:
			b = appendText(b, k.Str)
		case KProto:
			b = k.Proto.dump(b, strip)
		}
	}
	for _, u := range p.Upvals {
		local := byte(0)
		if u.FromLocal {
			local = 1
		}
		b = append(b, local, u.Index)
	}
	if strip {
		return b
	}
	for _, l := range p.Lines {
		b = le.AppendUint32(b, uint32(l))
	}
	for _, u := range p.Upvals {
		b = appendText(b, u.Name)
	}
	for _, l := range p.LocVars {
		b = append(b, l.Reg)
		b = le.AppendUint32(b, uint32(l.Start))
		b = le.AppendUint32(b, uint32(l.End))
		b = appendText(b, l.Name)
	}
	return b
}

// Undump reads what Dump has written and verifies it, so that whatever b holds
// the result is safe to run. A stripped function has the source name. It needs
// some ten times len(b) of memory. Errors: ErrIncompatible, ErrForeign,
// ErrMalformed.
func Undump(b []byte, name string) (*Proto, error) {
	if len(b) >= 3 && string(b[:3]) == "\x1bLJ" {
		return nil, ErrForeign
	}
	if len(b) < len(dumpMagic)+6 || string(b[:len(dumpMagic)]) != dumpMagic || b[len(dumpMagic)] != dumpVersion {
		return nil, ErrIncompatible
	}
	u := undumper{b: b[len(dumpMagic)+1:], source: name}
	flags := u.byte()
	if u.uint32() != fingerprint || flags&^dumpStrip != 0 {
		return nil, ErrIncompatible
	}
	if u.strip = flags&dumpStrip != 0; !u.strip {
		u.source = u.text()
	}
	p := u.function(0)
	if u.bad || len(u.b) != 0 || Verify(p) != nil {
		return nil, ErrMalformed
	}
	return p, nil
}

// undumper reads from b; after the first thing that isn't there bad is set and
// all it gives is zero.
type undumper struct {
	b      []byte
	source string
	strip  bool
	bad    bool
}

// take returns the next n bytes, or nil.
func (u *undumper) take(n int) []byte {
	if u.bad || n < 0 || n > len(u.b) {
		u.bad = true
		return nil
	}
	b := u.b[:n:n]
	u.b = u.b[n:]
	return b
}

func (u *undumper) byte() byte {
	if b := u.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (u *undumper) uint32() uint32 {
	if b := u.take(4); b != nil {
		return le.Uint32(b)
	}
	return 0
}

func (u *undumper) text() string { return string(u.take(int(u.uint32()))) }

// count reads the number of items that take at least size bytes each.
func (u *undumper) count(size int) int {
	n := int(u.uint32())
	if n > dumpItems || n > len(u.b)/size {
		u.bad = true
		return 0
	}
	return n
}

// line reads a line number.
func (u *undumper) line() int {
	n := u.uint32()
	if n > math.MaxInt32 {
		u.bad = true
		return 0
	}
	return int(n)
}

func (u *undumper) function(depth int) *Proto {
	p := &Proto{Source: u.source}
	if depth > MaxLevels {
		u.bad = true
		return p
	}
	p.NumParams, p.FrameSize = u.byte(), u.byte()
	vararg, nup := u.byte(), u.byte()
	if p.Vararg = vararg == 1; vararg > 1 || nup > MaxUpvalues {
		u.bad = true
	}
	p.FirstLine, p.LastLine = u.line(), u.line()
	code, consts, vars := u.count(8), u.count(5), u.count(13)
	if u.bad {
		return p
	}
	p.Code, p.Lines = make([]Instr, code), make([]int32, code)
	for i := range p.Code {
		b := u.take(8)
		if b == nil {
			return p
		}
		p.Code[i] = Instr(le.Uint64(b))
		p.HasChild = p.HasChild || p.Code[i].Op() == CLOSURE
	}
	for range consts { // not made at once: each of nested functions may claim as many
		k := Const{}
		switch k.Kind = ConstKind(u.byte()); k.Kind {
		case KNumber:
			if b := u.take(8); b != nil {
				k.Num = math.Float64frombits(le.Uint64(b))
			}
		case KString:
			k.Str = u.text()
		case KProto:
			k.Proto = u.function(depth + 1)
		default: // the compiler makes no others
			u.bad = true
		}
		if u.bad {
			return p
		}
		p.Consts = append(p.Consts, k)
	}
	p.Upvals = make([]UpvalDesc, nup)
	for i := range p.Upvals {
		local := u.byte()
		p.Upvals[i] = UpvalDesc{FromLocal: local == 1, Index: u.byte()}
		u.bad = u.bad || local > 1
	}
	if u.strip {
		u.bad = u.bad || vars != 0
		return p
	}
	if lines := u.take(4 * code); lines != nil {
		for i := range p.Lines {
			n := le.Uint32(lines[4*i:])
			u.bad = u.bad || n > math.MaxInt32
			p.Lines[i] = int32(n)
		}
	}
	for i := range p.Upvals {
		p.Upvals[i].Name = u.text()
	}
	if u.bad {
		return p
	}
	for range vars {
		l := LocVar{}
		l.Reg = u.byte()
		l.Start, l.End = int32(u.line()), int32(u.line())
		l.Name = u.text()
		if u.bad {
			return p
		}
		p.LocVars = append(p.LocVars, l)
	}
	return p
}
