package lua

import (
	"unsafe"

	. "moonring/lua/bytecode" //nolint:revive // as in run.go
)

// Dump appends the bytecode of fn, a Lua function, in the form that Load takes;
// without names and lines if strip is set. It needs several times the size of
// the result. ok is false for other functions.
func (vm *VM) Dump(b []byte, fn Value, strip bool) (_ []byte, ok bool) {
	if !fn.isFunction() || !vm.isLua(fn) {
		return b, false
	}
	return Dump(b, vm.protoOf(vm.closure(fn.ref()).proto), strip), true
}

// DumpSize bounds the length of what Dump gives for fn, roughly.
func (vm *VM) DumpSize(fn Value) int {
	if !fn.isFunction() || !vm.isLua(fn) {
		return 0
	}
	return vm.dumpSize(vm.closure(fn.ref()).proto)
}

func (vm *VM) dumpSize(r ref) int {
	o := vm.proto(r)
	n := int(o.ncode)*12 + 64
	for _, v := range vm.consts(r) {
		switch {
		case v.isString():
			n += 5 + int(vm.str(v.ref()).len)
		case v>>tagShift == tagObject:
			n += vm.dumpSize(v.ref())
		default:
			n += 9
		}
	}
	return n
}

// consts are the constants of a prototype, the last one first.
func (vm *VM) consts(r ref) []Value {
	o := vm.proto(r)
	return slots(unsafe.Add(unsafe.Pointer(o), protoHead), int(o.nconst))
}

// protoOf is newProto backwards.
func (vm *VM) protoOf(r ref) *Proto {
	o := vm.proto(r)
	info := infoOf(vm.ptr(vm.codeOf(r)))
	p := &Proto{
		Code:      make([]Instr, o.ncode),
		Lines:     make([]int32, o.ncode),
		Consts:    make([]Const, o.nconst),
		Upvals:    make([]UpvalDesc, o.nup),
		NumParams: info.numParams,
		FrameSize: info.frameSize,
		Vararg:    o.flags&protoVararg != 0,
		Source:    string(vm.strBytes(o.source)),
		FirstLine: int(o.firstLine),
		LastLine:  int(o.lastLine),
	}
	for i := range p.Code {
		ins := vm.instrAt(r, i)
		info := &Ops[ins.Op()]
		switch {
		case info.Split && info.D == ModeStrK && ins.Op() != ISEQS && ins.Op() != ISNES:
			ins = ins.WithJ(0)
		case isConstD(info):
			ins = ins.WithD((-8 - ins.D()) / 8)
		case ins.Op() == ITERC:
			ins = ABC(ITERC, ins.A()-3, ins.B(), 0)
		}
		p.Code[i] = ins
		p.Lines[i] = int32(vm.lineAt(r, i))
		p.HasChild = p.HasChild || ins.Op() == CLOSURE
	}
	for i, v := range vm.consts(r) {
		k := &p.Consts[len(p.Consts)-1-i]
		switch {
		case v.isNumber():
			k.Kind, k.Num = KNumber, v.float()
		case v.isString():
			k.Kind, k.Str = KString, string(vm.strBytes(v.ref()))
		default:
			k.Kind, k.Proto = KProto, vm.protoOf(v.ref())
		}
	}
	for i := range p.Upvals {
		d := vm.upvalDesc(o, i)
		p.Upvals[i] = UpvalDesc{Name: vm.upvalName(o, i), FromLocal: d>>8 != 0, Index: uint8(d)}
	}
	at := debugHead + int(o.nup)*debugUpval
	for range int(vm.debugWord(o, 0)) {
		p.LocVars = append(p.LocVars, LocVar{
			Start: int32(vm.debugWord(o, at)),
			End:   int32(vm.debugWord(o, at+4)),
			Reg:   uint8(vm.debugWord(o, at+8)),
			Name:  vm.debugName(o, vm.debugWord(o, at+12)),
		})
		at += debugLocal
	}
	return p
}
