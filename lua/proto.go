package lua

import (
	"encoding/binary"
	"errors"
	"unsafe"

	. "moonring/lua/bytecode" //nolint:revive // as in run.go
	"moonring/lua/compile"
)

// ErrMemory is what making an object gives when the memory limit is reached.
var ErrMemory = errors.New("not enough memory")

// The debug blob of a prototype, little endian:
//
//	uint32 number of local variables
//	upvalues x { uint32 desc, uint32 name }
//	locals   x { uint32 start, uint32 end, uint32 register, uint32 name }
//	names: uint16 length, bytes
//
// desc is index | 256 for a register of the enclosing function, else the index
// of its upvalue; name is an offset in the blob.
const (
	debugHead  = 4
	debugUpval = 8
	debugLocal = 16
)

// instantiate makes the function of a main chunk.
func (vm *VM) instantiate(p *Proto, env ref) (Value, error) {
	k := vm.NewTable(0, 0) // keeps nothing; a cheap test that there is memory at all
	if k == Nil {
		return Nil, ErrMemory
	}
	r := vm.newProto(p)
	if r == 0 {
		return Nil, ErrMemory
	}
	c := vm.newClosure(uint8(len(p.Upvals)))
	if c == 0 {
		return Nil, ErrMemory
	}
	f := vm.closure(c)
	for i := range p.Upvals { // a dumped function may have some; they begin as nil
		u := vm.newUpval()
		if u == 0 {
			return Nil, ErrMemory
		}
		*upvalRef(f, i) = u
	}
	f.env, f.proto, f.pc = env, r, vm.codeOf(r)
	return functionBits | Value(c), nil
}

// isMain tells a chunk from the functions in it. What was stripped is none.
func (p *protoObj) isMain() bool { return p.firstLine == 0 && p.lastLine != 0 }

// codeOf is the place of a prototype's first instruction.
func (vm *VM) codeOf(r ref) ref {
	return r + protoHead/8 + vm.proto(r).nconst + 1
}

// newProto copies p into the arena. Nothing is collected meanwhile.
func (vm *VM) newProto(p *Proto) ref {
	nk, nc := len(p.Consts), len(p.Code)
	size := protoHead + (nk+1+nc)*8
	r := vm.alloc(uint32(size), objProto)
	if r == 0 {
		return 0
	}
	o := vm.proto(r)
	o.nup, o.flags, o.ncode, o.nconst = uint8(len(p.Upvals)), 0, uint32(nc), uint32(nk)
	o.lines, o.source, o.debug = 0, 0, 0
	o.firstLine, o.lastLine, o.size = uint32(p.FirstLine), uint32(p.LastLine), uint32(size)
	if p.Vararg {
		o.flags = protoVararg
	}
	words := slots(unsafe.Add(unsafe.Pointer(o), protoHead), nk+1+nc)
	for i := range words {
		words[i] = Nil
	}
	*(*protoInfo)(unsafe.Pointer(&words[nk])) = protoInfo{numParams: p.NumParams, frameSize: max(p.FrameSize, 1), flags: o.flags}
	for i, c := range p.Consts {
		v := vm.newConst(c)
		if v == Nil && c.Kind != KNil {
			return 0
		}
		words[nk-1-i] = v
	}
	for i, ins := range p.Code {
		info := &Ops[ins.Op()]
		if info.Split && info.D == ModeStrK && ins.Op() != ISEQS && ins.Op() != ISNES {
			k := words[nk+1+i-ins.K()]
			ins = ins.WithJ(int(int16(uint16(vm.str(k.ref()).hash))))
		}
		if isConstD(info) {
			ins = ins.WithD(-8 - 8*ins.D()) // in bytes from the next instruction
		}
		if ins.Op() == ITERC {
			// The loop wants the call's base, as in CALL.
			ins = ABC(ITERC, ins.A()+3, ins.B(), 3)
		}
		words[nk+1+i] = Value(ins&^0xFF | Instr(fuse(p.Code[i:])))
	}
	if o.source = vm.intern([]byte(p.Source)); o.source == 0 {
		return 0
	}
	if o.lines = vm.allocBlob(uint32(nc) * 4); o.lines == 0 {
		return 0
	}
	copy(unsafe.Slice((*int32)(vm.ptr(o.lines)), nc), p.Lines)
	if blob := debugBlob(p); true {
		if o.debug = vm.allocBlob(uint32(len(blob))); o.debug == 0 {
			return 0
		}
		copy(unsafe.Slice((*byte)(vm.ptr(o.debug)), len(blob)), blob)
	}
	return r
}

// isConstD tells whether an operation's D, undivided, is the distance of a constant.
func isConstD(info *Info) bool {
	return !info.Split && (info.D == ModeNumK || info.D == ModeAnyK || info.D == ModeProtoK || info.D == ModeStrK)
}

func (vm *VM) newConst(c Const) Value {
	switch c.Kind {
	case KNumber:
		return Number(c.Num)
	case KString:
		return vm.NewStringS(c.Str)
	case KProto:
		if r := vm.newProto(c.Proto); r != 0 {
			return objectBits | Value(r)
		}
	case KTrue:
		return True
	case KFalse:
		return False
	}
	return Nil
}

func debugBlob(p *Proto) []byte {
	le := binary.LittleEndian
	b := le.AppendUint32(nil, uint32(len(p.LocVars)))
	var names []byte
	off := debugHead + len(p.Upvals)*debugUpval + len(p.LocVars)*debugLocal
	name := func(s string) uint32 {
		at := off + len(names)
		s = s[:min(len(s), 1<<16-1)]
		names = append(le.AppendUint16(names, uint16(len(s))), s...)
		return uint32(at)
	}
	for _, u := range p.Upvals {
		d := uint32(u.Index)
		if u.FromLocal {
			d |= 256
		}
		b = le.AppendUint32(b, d)
		b = le.AppendUint32(b, name(u.Name))
	}
	for _, l := range p.LocVars {
		b = le.AppendUint32(b, uint32(l.Start))
		b = le.AppendUint32(b, uint32(l.End))
		b = le.AppendUint32(b, uint32(l.Reg))
		b = le.AppendUint32(b, name(l.Name))
	}
	return append(b, names...)
}

func (vm *VM) debugWord(p *protoObj, off int) uint32 {
	return *(*uint32)(unsafe.Add(vm.ptr(p.debug), off))
}

func (vm *VM) debugName(p *protoObj, off uint32) string {
	at := unsafe.Add(vm.ptr(p.debug), off)
	var n [2]byte
	copy(n[:], unsafe.Slice((*byte)(at), 2))
	return string(unsafe.Slice((*byte)(unsafe.Add(at, 2)), binary.LittleEndian.Uint16(n[:])))
}

// upvalDesc is the desc word of upvalue i.
func (vm *VM) upvalDesc(p *protoObj, i int) uint32 {
	return vm.debugWord(p, debugHead+i*debugUpval)
}

// upvalName is the name of upvalue i.
func (vm *VM) upvalName(p *protoObj, i int) string {
	if i >= int(p.nup) {
		return ""
	}
	return vm.debugName(p, vm.debugWord(p, debugHead+i*debugUpval+4))
}

// localName is the name of the variable that has register reg at instruction
// pc, or nothing.
func (vm *VM) localName(p *protoObj, reg, pc int) string {
	n := int(vm.debugWord(p, 0))
	at := debugHead + int(p.nup)*debugUpval
	name := ""
	for range n {
		if vm.debugWord(p, at) > uint32(pc) {
			break
		}
		if uint32(pc) < vm.debugWord(p, at+4) && vm.debugWord(p, at+8) == uint32(reg) {
			name = vm.debugName(p, vm.debugWord(p, at+12))
		}
		at += debugLocal
	}
	if len(name) > 0 && name[0] == '(' {
		return ""
	}
	return name
}

// lineAt is the source line of instruction i.
func (vm *VM) lineAt(r ref, i int) int {
	p := vm.proto(r)
	if uint(i) >= uint(p.ncode) {
		return int(p.firstLine)
	}
	return int(*(*int32)(unsafe.Add(vm.ptr(p.lines), i*4)))
}

// shortSource is the chunk's name as messages show it.
func (vm *VM) shortSource(r ref) string {
	return compile.ChunkID(string(vm.strBytes(vm.proto(r).source)))
}

// instrAt is instruction i of a prototype.
func (vm *VM) instrAt(r ref, i int) Instr {
	ins := Instr(*slot(vm.ptr(vm.codeOf(r)), i))
	op := uint8(ins)
	if op == uint8(opPatched) {
		op = vm.patches[vm.infoOfProto(r).patch-1].ops[i]
	}
	return ins&^0xFF | Instr(baseOp(op))
}

// constAt is the constant at distance dist from instruction i.
func (vm *VM) constAt(r ref, i, dist int) Value {
	return *slot(vm.ptr(vm.codeOf(r)), i-dist)
}

// constFar is the constant that instruction i refers to in D.
func (vm *VM) constFar(r ref, i int) Value {
	return constD(slotPtr(vm.ptr(vm.codeOf(r)), i+1))
}
