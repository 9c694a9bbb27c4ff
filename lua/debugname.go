package lua

import (
	"fmt"
	"unsafe"

	. "moonring/lua/bytecode" //nolint:revive // as in run.go
)

// slotName finds out where the value in register reg came from, by looking at
// the instructions before i: kind is "local", "global", "field", "method" or
// "upvalue", and nothing when it can't be told.
func (vm *VM) slotName(r ref, i, reg int) (kind, name string) {
	p := vm.proto(r)
restart:
	if name := vm.localName(p, reg, i); name != "" {
		return "local", name
	}
	for i--; i >= 0; i-- {
		ins := vm.instrAt(r, i)
		a := ins.A()
		switch ins.Op() {
		case LOADNIL:
			if a <= reg && reg <= ins.B() {
				return "", ""
			}
			continue
		case SELF:
			if reg == a {
				return "method", string(vm.Bytes(vm.constAt(r, i, ins.K())))
			}
			if reg == a+2 {
				reg = ins.B()
				goto restart
			}
			continue
		case ITERC:
			a -= 3
		}
		switch Ops[ins.Op()].A {
		case ModeBase:
			if a <= reg && ins.Op() != UCLO {
				return "", ""
			}
		case ModeDst:
			if a != reg {
				continue
			}
			switch ins.Op() {
			case MOV:
				reg = ins.B()
				goto restart
			case GGET:
				return "global", string(vm.Bytes(vm.constAt(r, i, ins.K())))
			case GGETF:
				return "global", string(vm.Bytes(vm.constFar(r, i)))
			case TGETS:
				return "field", string(vm.Bytes(vm.constAt(r, i, ins.K())))
			case UGET:
				return "upvalue", vm.upvalName(p, ins.B())
			default:
				return "", ""
			}
		}
	}
	return "", ""
}

// nameOf is slotName for a slot of the current frame.
func (vm *VM) nameOf(p *Value) (kind, name string) {
	f := vm.topFrame()
	c := vm.luaFunction(f)
	if c == nil || f.pc == nil || p == nil {
		return "", ""
	}
	reg := slotsBetween(f.base, unsafe.Pointer(p))
	if reg < 0 || reg >= int(infoOf(vm.ptr(c.pc)).frameSize) {
		return "", ""
	}
	return vm.slotName(c.proto, vm.pcIndex(c, f.pc), reg)
}

// operand is the register among those that the current instruction reads
// which holds v.
func (vm *VM) operand(v Value) *Value {
	f := vm.topFrame()
	if vm.luaFunction(f) == nil || f.pc == nil {
		return nil
	}
	op := vm.opAt(f)
	if op >= NumOps {
		return nil
	}
	info := &Ops[op]
	if info.B == ModeBase { // CAT
		for i := opC(f.pc); i+1 > opB(f.pc); i-- {
			if p := slot(f.base, int(i)); *p == v {
				return p
			}
		}
		return nil
	}
	if p := regB(f.base, f.pc); info.B == ModeReg && *p == v {
		return p
	}
	if p := regC(f.base, f.pc); info.C == ModeReg && *p == v {
		return p
	}
	return nil
}

// operandError raises "attempt to what kind 'name' (a type value)".
func (vm *VM) operandError(what string, v Value) {
	vm.operandErrorAt(what, v, vm.operand(v))
}

func (vm *VM) operandErrorAt(what string, v Value, p *Value) {
	msg := "attempt to " + what + " "
	if kind, name := vm.nameOf(p); kind != "" {
		msg += kind + " '" + name + "' (a " + vm.TypeName(v) + " value)"
	} else {
		msg += "a " + vm.TypeName(v) + " value"
	}
	vm.raise(msg)
}

// indexError raises the error for indexing v, which is o, the operand, or what
// its __index or __newindex led to.
func (vm *VM) indexError(v, o Value) {
	if v == o {
		vm.operandError("index", v)
	} else {
		vm.operandErrorAt("index", v, nil)
	}
}

// compareError raises the error for a comparison of x and y.
func (vm *VM) compareError(x, y Value) { vm.raise(vm.compareText(x, y)) }

func (vm *VM) compareText(x, y Value) string {
	a, b := vm.TypeName(x), vm.TypeName(y)
	if a == b {
		return "attempt to compare two " + a + " values"
	}
	return "attempt to compare " + a + " with " + b
}

// callError raises the error for the call of what is at newbase[-2].
func (vm *VM) callError(newbase unsafe.Pointer) {
	p := slot(newbase, -2)
	switch linkKind(*slot(newbase, -1)) {
	case linkMeta, linkMetaNot, linkMetaCat: // as in LuaJIT, not where the operator stands
		vm.setErrorString("attempt to call a " + vm.TypeName(*p) + " value")
		return
	}
	vm.operandErrorAt("call", *slot(newbase, -2), p)
}

// functionName tells how the function of frame f was called.
func (vm *VM) functionName(f frame) (kind, name string) {
	for {
		l := *slot(f.base, -1)
		switch linkKind(l) {
		case linkVararg:
			f.base = slotPtr(f.base, -linkDelta(l))
			continue
		case linkMeta, linkMetaNot, linkMetaCat:
			up, _ := vm.caller(f)
			if mm := metaOf(vm.opAt(up)); mm >= 0 {
				return "metamethod", mmNames[mm]
			}
			return "", ""
		case linkFinalizer: // as in LuaJIT, named by the instruction at which it ran
			if linkPC(l) != 0 {
				up, _ := vm.caller(f)
				switch vm.opAt(up) {
				case TNEW, CLOSURE:
					return "metamethod", mmNames[mmGC]
				case CAT:
					return "metamethod", mmNames[mmConcat]
				}
			}
			return "", ""
		case linkLua:
			up, _ := vm.caller(f)
			c := vm.luaFunction(up)
			if c == nil {
				return "", ""
			}
			ins := vm.instrAt(c.proto, vm.pcIndex(c, up.pc))
			reg := ins.A()
			if ins.Op() == ITERC {
				return "local", "(for generator)"
			}
			return vm.slotName(c.proto, vm.pcIndex(c, up.pc), reg)
		}
		return "", ""
	}
}

// metaOf is the metamethod that an instruction calls, -1 if none.
func metaOf(op Op) int {
	switch {
	case op >= ADDVV && op <= POWVV:
		return mmAdd + int(op-ADDVV)
	case op >= ADDVK && op <= POWVK:
		return mmAdd + int(op-ADDVK)
	case op >= ADDKV && op <= POWKV:
		return mmAdd + int(op-ADDKV)
	}
	switch op {
	case GGET, GGETF, TGETV, TGETS, TGETI, SELF:
		return mmIndex
	case GSET, GSETF, TSETV, TSETS, TSETI:
		return mmNewindex
	case UNM:
		return mmUnm
	case LEN:
		return mmLen
	case CAT:
		return mmConcat
	case ISEQ, ISNE:
		return mmEq
	case ISLT, ISNLT, ISLTI, ISNLTI, ISGTI, ISNGTI:
		return mmLT
	case ISLE, ISNLE, ISLEI, ISNLEI, ISGEI, ISNGEI:
		return mmLE
	}
	return -1
}

// argError raises "bad argument #i to 'name' (msg)" for the function of frame f.
func (vm *VM) argError(f frame, i int, msg string) {
	kind, name := vm.functionName(f)
	at := vm.whereFrame(f, 1)
	if name == "" {
		name = "?"
	}
	if kind == "method" {
		i--
		if i == 0 {
			vm.setErrorString(fmt.Sprintf("%scalling '%s' on bad self (%s)", at, name, msg))
			return
		}
	}
	vm.setErrorString(fmt.Sprintf("%sbad argument #%d to '%s' (%s)", at, i, name, msg))
}

// frames lists the frames of a thread, innermost first.
func (vm *VM) frames(th ref) []frame {
	f := vm.topFrame()
	if th != vm.root.curThread {
		t := vm.thread(th)
		if t.base < 2 || t.pend == pendStart && t.flags&threadHosted == 0 {
			return nil
		}
		f = frame{slotPtr(vm.ptr(t.stack), int(t.base)), nil}
		if t.pc != 0 {
			f.pc = vm.ptr(t.pc)
		}
	}
	var list []frame
	for ok := true; ok; f, ok = vm.caller(f) {
		if f.function().isFunction() { // not what failed to be called
			list = append(list, f)
		}
	}
	return list
}

// traceback describes the stack of a thread from level on, as LuaJIT's
// luaL_traceback does: of a deep one the middle is left out.
func (vm *VM) traceback(b []byte, th ref, level int) []byte {
	const head, tail = 12, 10 // TRACEBACK_LEVELS1 and 2
	b = append(b, "stack traceback:"...)
	list := vm.frames(th)
	// A program's main chunk is called by the host, which counts as a level.
	t := vm.thread(th)
	host := th == vm.root.curThread && t.parent == 0 && t.flags&threadHosted == 0
	total := len(list)
	if host {
		total++
	}
	cut := false
	for i := max(level, 0); i < total; i++ {
		if i >= head && !cut {
			cut = true
			if i+1+tail < total {
				b = append(b, "\n\t..."...)
				i = total - tail
			}
		}
		b = append(b, "\n\t"...)
		if i == len(list) {
			b = append(b, "[C]: at 0x00000000"...)
		} else {
			b = vm.appendFrame(b, list[i])
		}
	}
	return b
}

func (vm *VM) appendFrame(b []byte, f frame) []byte {
	c := vm.luaFunction(f)
	if c == nil {
		b = append(b, "[C]:"...)
	} else {
		b = append(b, vm.shortSource(c.proto)...)
		b = append(b, ':')
		if line := vm.line(f); line > 0 {
			b = append(b, itoa(line)...)
			b = append(b, ':')
		}
	}
	_, name := vm.functionName(f)
	switch {
	case name != "":
		b = append(b, " in function '"...)
		b = append(b, name...)
		b = append(b, '\'')
	case c != nil && vm.proto(c.proto).isMain():
		b = append(b, " in main chunk"...)
	case c != nil:
		b = append(b, " in function <"...)
		b = append(b, vm.shortSource(c.proto)...)
		b = append(b, ':')
		b = append(b, itoa(int(vm.proto(c.proto).firstLine))...)
		b = append(b, '>')
	default:
		if fv := f.function(); vm.BuiltinOf(fv) != 0 {
			b = append(b, " in function '"...)
			b = append(b, builtins[vm.BuiltinOf(fv)].name...)
			b = append(b, '\'')
		} else {
			b = append(b, " ?"...)
		}
	}
	return b
}
