package lua

import (
	"math"
	"unsafe"

	. "moonring/lua/bytecode" //nolint:revive // the loop reads as the instruction table does
)

// exit is why the loop ended.
type exit int

const (
	exitNone    exit = iota // go on
	exitDone                // the nested run's function or the thread returned
	exitError               // an error reached the run's end
	exitSuspend             // a builtin waits for the host
	exitYield               // coroutine.yield outside any coroutine of Lua's
	exitAbort
)

// run executes from vm.pc until the frame that began it returns.
//
// The rules that keep it fast: everything a case needs stays in the four
// locals; the common path of a case ends in continue; break leaves the switch
// for the one place that calls Go, where the registers are stored and slow
// does the whole instruction. A case must not have changed anything before it
// breaks. The list of operations is dense, so that the switch is a jump table.
// What several cases go on to stands under a label behind the switch; where that
// needs many locals it stores the registers first, lest the compiler spill them
// at every dispatch.
func (vm *VM) run() exit {
	// 22 bytes of code that move the loop's head and its indirect jump into one
	// line of 64 bytes, given a linker that aligns functions to that (see the
	// Makefile). Across two lines the jump is mispredicted on AMD's Zen 3: fib
	// takes 17 % longer, a loop over t.x = t.x + 1 four times as long.
	vm.align[0], vm.align[1] = 1, 2
	pc, base, mem, budget := vm.pc, vm.base, vm.mem, vm.budget
	nret := 0 // see the label ret
loop:
	for {
		pc = unsafe.Add(pc, 8)
		switch Op(opOf(pc)) {
		case MOV:
			goto mov
		case LOADK:
			goto loadk
		case LOADI:
			*regA(base, pc) = Value(math.Float64bits(float64(opD(pc))))
			continue
		case LOADNIL:
			for a, b := opA(pc), opB(pc); a <= b; a++ {
				*(*Value)(unsafe.Add(base, a*8)) = Nil
			}
			continue
		case LOADPRI:
			*regA(base, pc) = primitive(opB(pc))
			continue
		case UGET:
			goto uget
		case USET:
			goto uset
		case USETK:
			f := (*closureObj)(unsafe.Add(mem, uintptr(ref(*slot(base, -2)))<<3))
			uv := (*upvalObj)(unsafe.Add(mem, uintptr(*upvalRef(f, int(opA(pc))))<<3))
			if uv.gc&gcBlack == 0 {
				*(*Value)(unsafe.Add(mem, uintptr(uv.loc)<<3)) = constD(pc)
				continue
			}
		case USETP:
			f := (*closureObj)(unsafe.Add(mem, uintptr(ref(*slot(base, -2)))<<3))
			uv := (*upvalObj)(unsafe.Add(mem, uintptr(*upvalRef(f, int(opA(pc))))<<3))
			*(*Value)(unsafe.Add(mem, uintptr(uv.loc)<<3)) = primitive(opB(pc))
			continue
		case GGET:
			f := (*closureObj)(unsafe.Add(mem, uintptr(ref(*slot(base, -2)))<<3))
			t := (*tableObj)(unsafe.Add(mem, uintptr(f.env)<<3))
			n := (*node)(unsafe.Add(mem, uintptr(t.node)<<3+uintptr(uint32(*hint(pc))&t.mask)<<4))
			if n.key == constK(pc) && n.val != Nil {
				*regA(base, pc) = n.val
				continue
			}
		case GSET:
			f := (*closureObj)(unsafe.Add(mem, uintptr(ref(*slot(base, -2)))<<3))
			t := (*tableObj)(unsafe.Add(mem, uintptr(f.env)<<3))
			n := (*node)(unsafe.Add(mem, uintptr(t.node)<<3+uintptr(uint32(*hint(pc))&t.mask)<<4))
			if n.key == constK(pc) && n.val != Nil && t.gc&gcBlack == 0 {
				n.val = *regA(base, pc)
				continue
			}
		case GGETF, GSETF, CLOSURE, UCLO:
		case TNEW:
			goto tnew
		case TGETV:
			goto tgetv
		case TGETS:
			goto tgets
		case TGETI:
			tv := *regB(base, pc)
			if tv>>tagShift == tagTable {
				t := (*tableObj)(unsafe.Add(mem, uintptr(ref(tv))<<3))
				if i := uintptr(opD(pc)); i < uintptr(t.asize) {
					v := *(*Value)(unsafe.Add(mem, uintptr(t.arr)<<3+i<<3))
					if v != Nil || t.meta == 0 {
						*regA(base, pc) = v
						continue
					}
				}
				if t.mask == 0 && t.meta == 0 && uintptr(opD(pc)) >= uintptr(t.asize) {
					goto absent
				}
			}
		case TSETV:
			goto tsetv
		case TSETS:
			goto tsets
		case TSETI:
			tv := *regB(base, pc)
			if tv>>tagShift == tagTable {
				t := (*tableObj)(unsafe.Add(mem, uintptr(ref(tv))<<3))
				if i := uintptr(opD(pc)); i < uintptr(t.asize) && t.gc&gcBlack == 0 {
					p := (*Value)(unsafe.Add(mem, uintptr(t.arr)<<3+i<<3))
					if *p != Nil || t.meta == 0 {
						*p = *regA(base, pc)
						continue
					}
				}
			}
		case TSETM:
		case SELF:
			tv := *regB(base, pc)
			if tv>>tagShift == tagTable {
				t := (*tableObj)(unsafe.Add(mem, uintptr(ref(tv))<<3))
				n := (*node)(unsafe.Add(mem, uintptr(t.node)<<3+uintptr(uint32(*hint(pc))&t.mask)<<4))
				if n.key == constK(pc) && n.val != Nil {
					a := unsafe.Pointer(regA(base, pc))
					*slot(a, 2) = tv
					*slot(a, 0) = n.val
					continue
				}
				goto inherited
			}
			if tv>>tagShift == tagString {
				goto inherited
			}
		case NOT:
			if *regB(base, pc) >= False {
				*regA(base, pc) = True
			} else {
				*regA(base, pc) = False
			}
			continue
		case UNM:
			if r := -numB(base, pc); r >= r {
				*regA(base, pc) = Value(math.Float64bits(r))
				continue
			}
		case LEN:
			if v := *regB(base, pc); v>>tagShift == tagString {
				s := (*stringObj)(unsafe.Add(mem, uintptr(ref(v))<<3))
				*regA(base, pc) = Value(math.Float64bits(float64(s.len)))
				continue
			}
			if (*regB(base, pc))>>tagShift == tagTable {
				goto tablen
			}
		// A number operation is done on the bits as they are: what is not a
		// number is a NaN, and so is the result then. A true NaN goes the
		// slow way too. Only >= tells that by one branch.
		case ADDVV:
			goto addvv
		case SUBVV:
			goto subvv
		case MULVV:
			goto mulvv
		case DIVVV:
			if r := numB(base, pc) / numC(base, pc); r >= r {
				*regA(base, pc) = Value(math.Float64bits(r))
				continue
			}
		case MODVV:
			// For positive operands floor is truncation.
			if x, y := numB(base, pc), numC(base, pc); x > 0 && y > 0 {
				if q := x / y; q < 1<<62 {
					*regA(base, pc) = Value(math.Float64bits(x - float64(float64(int64(q))*y)))
					continue
				}
			}
		case POWVV:
		case ADDVK:
			goto addvk
		case SUBVK:
			goto subvk
		case MULVK:
			if r := numB(base, pc) * numD(pc); r >= r {
				*regA(base, pc) = Value(math.Float64bits(r))
				continue
			}
		case DIVVK:
			if r := numB(base, pc) / numD(pc); r >= r {
				*regA(base, pc) = Value(math.Float64bits(r))
				continue
			}
		case MODVK:
			if x, y := numB(base, pc), numD(pc); x > 0 && y > 0 {
				if q := x / y; q < 1<<62 {
					*regA(base, pc) = Value(math.Float64bits(x - float64(float64(int64(q))*y)))
					continue
				}
			}
		case POWVK:
		case ADDKV:
			if r := numD(pc) + numB(base, pc); r >= r {
				*regA(base, pc) = Value(math.Float64bits(r))
				continue
			}
		case SUBKV:
			if r := numD(pc) - numB(base, pc); r >= r {
				*regA(base, pc) = Value(math.Float64bits(r))
				continue
			}
		case MULKV:
			if r := numD(pc) * numB(base, pc); r >= r {
				*regA(base, pc) = Value(math.Float64bits(r))
				continue
			}
		case DIVKV:
			if r := numD(pc) / numB(base, pc); r >= r {
				*regA(base, pc) = Value(math.Float64bits(r))
				continue
			}
		case MODKV, POWKV:
		case CAT:
			goto cat
		case JMP:
			pc = jumpD(pc)
			continue
		case LOOP:
			goto backward
		case IST:
			if *regA(base, pc) < False {
				pc = jumpD(pc)
			}
			continue
		case ISF:
			goto isf
		case ISTC:
			if v := *regB(base, pc); v < False {
				*regA(base, pc) = v
				pc = jumpD(pc)
			}
			continue
		case ISFC:
			if v := *regB(base, pc); v >= False {
				*regA(base, pc) = v
				pc = jumpD(pc)
			}
			continue
		// A comparison that holds one way or the other proves that both are
		// numbers; else one is a NaN or no number: the slow way.
		case ISLT:
			x, y := numA(base, pc), numB(base, pc)
			if x < y {
				pc = jumpD(pc)
				continue
			}
			if x >= y {
				continue
			}
		case ISNLT:
			x, y := numA(base, pc), numB(base, pc)
			if x < y {
				continue
			}
			if x >= y {
				pc = jumpD(pc)
				continue
			}
		case ISLE:
			x, y := numA(base, pc), numB(base, pc)
			if x <= y {
				pc = jumpD(pc)
				continue
			}
			if x > y {
				continue
			}
		case ISNLE:
			x, y := numA(base, pc), numB(base, pc)
			if x <= y {
				continue
			}
			if x > y {
				pc = jumpD(pc)
				continue
			}
		case ISEQ:
			x, y := *regA(base, pc), *regB(base, pc)
			if x == y {
				if x != nanBits {
					pc = jumpD(pc)
				}
				continue
			}
			if x.isNumber() && y.isNumber() {
				if x.float() == y.float() {
					pc = jumpD(pc)
				}
				continue
			}
			if x>>tagShift != y>>tagShift || x>>tagShift != tagTable && x>>tagShift != tagObject {
				continue
			}
		case ISNE:
			x, y := *regA(base, pc), *regB(base, pc)
			if x == y {
				if x == nanBits {
					pc = jumpD(pc)
				}
				continue
			}
			if x.isNumber() && y.isNumber() {
				if x.float() != y.float() {
					pc = jumpD(pc)
				}
				continue
			}
			if x>>tagShift != y>>tagShift || x>>tagShift != tagTable && x>>tagShift != tagObject {
				pc = jumpD(pc)
				continue
			}
		case ISLTI:
			x, y := numA(base, pc), opImm(pc)
			if x < y {
				pc = jumpD(pc)
				continue
			}
			if x >= y {
				continue
			}
		case ISNLTI:
			x, y := numA(base, pc), opImm(pc)
			if x < y {
				continue
			}
			if x >= y {
				pc = jumpD(pc)
				continue
			}
		case ISLEI:
			x, y := numA(base, pc), opImm(pc)
			if x <= y {
				pc = jumpD(pc)
				continue
			}
			if x > y {
				continue
			}
		case ISNLEI:
			x, y := numA(base, pc), opImm(pc)
			if x <= y {
				continue
			}
			if x > y {
				pc = jumpD(pc)
				continue
			}
		case ISGTI:
			x, y := numA(base, pc), opImm(pc)
			if x > y {
				pc = jumpD(pc)
				continue
			}
			if x <= y {
				continue
			}
		case ISNGTI:
			x, y := numA(base, pc), opImm(pc)
			if x > y {
				continue
			}
			if x <= y {
				pc = jumpD(pc)
				continue
			}
		case ISGEI:
			x, y := numA(base, pc), opImm(pc)
			if x >= y {
				pc = jumpD(pc)
				continue
			}
			if x < y {
				continue
			}
		case ISNGEI:
			x, y := numA(base, pc), opImm(pc)
			if x >= y {
				continue
			}
			if x < y {
				pc = jumpD(pc)
				continue
			}
		case ISEQI:
			if numA(base, pc) == opImm(pc) {
				pc = jumpD(pc)
			}
			continue
		case ISNEI:
			if numA(base, pc) != opImm(pc) {
				pc = jumpD(pc)
			}
			continue
		case ISEQS:
			if *regA(base, pc) == constK(pc) {
				pc = jumpJ(pc)
			}
			continue
		case ISNES:
			if *regA(base, pc) != constK(pc) {
				pc = jumpJ(pc)
			}
			continue
		case ISEQP:
			if *regA(base, pc) == primitive(opB(pc)) {
				pc = jumpD(pc)
			}
			continue
		case ISNEP:
			if *regA(base, pc) != primitive(opB(pc)) {
				pc = jumpD(pc)
			}
			continue
		case CALL:
			goto call
		case CALLM:
			a := unsafe.Pointer(regA(base, pc))
			if fv := *slot(a, 0); fv>>tagShift == tagFunction {
				f := (*closureObj)(unsafe.Add(mem, uintptr(ref(fv))<<3))
				if f.typ == objBuiltin {
					if (*builtinObj)(unsafe.Pointer(f)).inline != 0 {
						goto inPlace
					}
					goto builtin
				}
				if f.typ == objLua {
					code := unsafe.Add(mem, uintptr(f.pc)<<3)
					info := infoOf(code)
					nargs := opC(pc) + uintptr(vm.multres)
					if info.flags != 0 {
						goto vararg
					}
					newbase := unsafe.Add(a, 16)
					end := unsafe.Add(newbase, (nargs+uintptr(info.frameSize))*8)
					if uintptr(end) <= uintptr(vm.stackEnd) && budget > 0 {
						budget--
						for n := uintptr(info.numParams); nargs < n; nargs++ {
							*(*Value)(unsafe.Add(newbase, nargs*8)) = Nil
						}
						*slot(newbase, -1) = Value((uintptr(pc) - uintptr(mem)) >> 3)
						pc, base = code, newbase
						continue
					}
				}
			}
		case CALLT, CALLMT:
			a := unsafe.Pointer(regA(base, pc))
			if fv := *slot(a, 0); fv>>tagShift == tagFunction && opB(pc) == 0 {
				f := (*closureObj)(unsafe.Add(mem, uintptr(ref(fv))<<3))
				if f.typ == objLua {
					code := unsafe.Add(mem, uintptr(f.pc)<<3)
					info := infoOf(code)
					nargs := opC(pc) - 1
					if opOf(pc) == uint8(CALLMT) {
						nargs += 1 + uintptr(vm.multres)
					}
					to := base
					if l := *slot(base, -1); uint8(l>>32) == linkVararg {
						to = unsafe.Add(base, -int(l>>40)*8)
					}
					end := unsafe.Add(to, (nargs+uintptr(info.frameSize))*8)
					if info.flags == 0 && uintptr(end) <= uintptr(vm.stackEnd) && budget > 0 {
						budget--
						*slot(to, -2) = fv
						i := uintptr(0)
						for ; i < nargs; i++ {
							*(*Value)(unsafe.Add(to, i*8)) = *(*Value)(unsafe.Add(a, i*8+16))
						}
						for n := uintptr(info.numParams); i < n; i++ {
							*(*Value)(unsafe.Add(to, i*8)) = Nil
						}
						pc, base = code, to
						continue
					}
				}
			}
		case VARG:
			// The arguments that the call left below the frame.
			f := (*closureObj)(unsafe.Add(mem, uintptr(ref(*slot(base, -2)))<<3))
			np := int(infoOf(unsafe.Add(mem, uintptr(f.pc)<<3)).numParams)
			delta := int(*slot(base, -1) >> 40)
			have, want := delta-2-np, int(opB(pc))-1
			a := unsafe.Pointer(regA(base, pc))
			if have < 0 {
				have = 0
			}
			if want < 0 {
				if uintptr(unsafe.Add(a, have*8)) > uintptr(vm.stackEnd) {
					break
				}
				want = have
				vm.multres = have
			}
			if have > want {
				have = want
			}
			for src := unsafe.Add(base, (np-delta)*8); have > 0; have-- {
				*(*Value)(a) = *(*Value)(src)
				a, src = unsafe.Add(a, 8), unsafe.Add(src, 8)
				want--
			}
			for ; want > 0; want-- {
				*(*Value)(a) = Nil
				a = unsafe.Add(a, 8)
			}
			continue
		case RET:
			nret = opD(pc)
			goto ret
		case RETM:
			nret = opD(pc) + vm.multres
			goto ret
		case RET0:
			if l := *slot(base, -1); l>>32 == 0 && opB(pc) == 0 {
				back := unsafe.Add(mem, uintptr(l)<<3)
				if opB(back) == 1 {
					pc = back
					base = unsafe.Add(base, -16-int(opA(back))*8)
					continue
				}
			}
			nret = 0
			goto ret
		case RET1:
			goto ret1
		case FORI:
			a := unsafe.Pointer(regA(base, pc))
			i, n, s := *slot(a, 0), *slot(a, 1), *slot(a, 2)
			if i.isNumber() && n.isNumber() && s.isNumber() && s != nanBits {
				*slot(a, 3) = i
				if int64(s) >= 0 { // by its sign bit, as LuaJIT does: -0 counts down
					if i.float() <= n.float() {
						continue
					}
				} else if i.float() >= n.float() {
					continue
				}
				pc = jumpD(pc)
				continue
			}
		case FORL:
			if budget > 0 {
				budget--
				a := unsafe.Pointer(regA(base, pc))
				step := *slot(a, 2)
				i, n := numAt(a, 0)+step.float(), numAt(a, 1)
				*slot(a, 0) = Number(i)
				if int64(step) >= 0 {
					if i <= n {
						*slot(a, 3) = Value(math.Float64bits(i))
						pc = jumpD(pc)
					}
				} else if i >= n {
					*slot(a, 3) = Value(math.Float64bits(i))
					pc = jumpD(pc)
				}
				continue
			}
		case FORLP:
			goto forlp
		case ITERP:
		case ITERC:
			// A is the call's base (see instantiate): the iterator is below it.
			a := unsafe.Pointer(regA(base, pc))
			ctl := *slot(a, -1)
			if ctl>>46 == iterBits>>46 && budget > 0 && opB(pc) <= 3 {
				t := (*tableObj)(unsafe.Add(mem, uintptr(ref(*slot(a, -2)))<<3))
				i := uint32(ctl)
				if ctl&iterArray != 0 { // ipairs
					i++
				}
				for i < t.asize {
					v := *(*Value)(unsafe.Add(mem, uintptr(t.arr)<<3+uintptr(i)<<3))
					if v != Nil {
						budget--
						*slot(a, -1) = ctl + 1
						*slot(a, 0) = Value(math.Float64bits(float64(i)))
						*slot(a, 1) = v
						pc = unsafe.Add(pc, 8)
						pc = jumpD(pc)
						continue loop
					}
					if ctl&iterArray != 0 {
						pc = unsafe.Add(pc, 8)
						continue loop
					}
					i++
					ctl++
				}
				if ctl&iterArray != 0 {
					break
				}
				for i -= t.asize; i <= t.mask; i++ {
					n := (*node)(unsafe.Add(mem, uintptr(t.node)<<3+uintptr(i)<<4))
					ctl++
					if n.val != Nil {
						budget--
						*slot(a, -1) = ctl
						*slot(a, 0) = n.key
						*slot(a, 1) = n.val
						pc = unsafe.Add(pc, 8)
						pc = jumpD(pc)
						continue loop
					}
				}
				pc = unsafe.Add(pc, 8)
				continue
			}
			if fv := *slot(a, -3); fv>>tagShift == tagFunction && ctl>>46 != iterBits>>46 {
				f := (*closureObj)(unsafe.Add(mem, uintptr(ref(fv))<<3))
				if f.typ == objLua {
					code := unsafe.Add(mem, uintptr(f.pc)<<3)
					info := infoOf(code)
					newbase := unsafe.Add(a, 16)
					end := unsafe.Add(newbase, uintptr(info.frameSize)*8)
					if info.flags == 0 && uintptr(end) <= uintptr(vm.stackEnd) && budget > 0 {
						budget--
						*slot(a, 0), *slot(a, 2), *slot(a, 3) = fv, *slot(a, -2), ctl
						*slot(a, 1) = Value((uintptr(pc) - uintptr(mem)) >> 3)
						for i, n := uintptr(2), uintptr(info.numParams); i < n; i++ {
							*(*Value)(unsafe.Add(newbase, i*8)) = Nil
						}
						pc, base = code, newbase
						continue
					}
				} else {
					*slot(a, 0), *slot(a, 2), *slot(a, 3) = fv, *slot(a, -2), ctl
					if (*builtinObj)(unsafe.Pointer(f)).inline == inlineWrapped {
						goto switchThread
					}
					goto builtin
				}
			}
		case ITERL:
			if budget > 0 {
				budget--
				a := unsafe.Pointer(regA(base, pc))
				if v := *slot(a, 3); v != Nil {
					*slot(a, 2) = v
					pc = jumpD(pc)
				}
				continue
			}
		// Two instructions at once, see fuse.go. What the first can't do in place
		// it does by itself.
		// Generated by internal/fusegen; see fuse.go.
		case NumOps + 0: // MOV MOV
			*regA(base, pc) = *regB(base, pc)
			pc = unsafe.Add(pc, 8)
			goto mov
		case NumOps + 1: // MOV MOV CALL
			*regA(base, pc) = *regB(base, pc)
			pc = unsafe.Add(pc, 8)
			{
				*regA(base, pc) = *regB(base, pc)
				pc = unsafe.Add(pc, 8)
				goto call
			}
		case NumOps + 2: // MOV MOV MOV CALL
			*regA(base, pc) = *regB(base, pc)
			pc = unsafe.Add(pc, 8)
			{
				*regA(base, pc) = *regB(base, pc)
				pc = unsafe.Add(pc, 8)
				{
					*regA(base, pc) = *regB(base, pc)
					pc = unsafe.Add(pc, 8)
					goto call
				}
			}
		case NumOps + 3: // MOV CALL
			*regA(base, pc) = *regB(base, pc)
			pc = unsafe.Add(pc, 8)
			goto call
		case NumOps + 4: // MOV LOADK
			*regA(base, pc) = *regB(base, pc)
			pc = unsafe.Add(pc, 8)
			goto loadk
		case NumOps + 5: // MOV LOADK CALL
			*regA(base, pc) = *regB(base, pc)
			pc = unsafe.Add(pc, 8)
			{
				*regA(base, pc) = constD(pc)
				pc = unsafe.Add(pc, 8)
				goto call
			}
		case NumOps + 6: // MOV UGET
			*regA(base, pc) = *regB(base, pc)
			pc = unsafe.Add(pc, 8)
			goto uget
		case NumOps + 7: // MOV TGETS
			*regA(base, pc) = *regB(base, pc)
			pc = unsafe.Add(pc, 8)
			goto tgets
		case NumOps + 8: // MOV ADDVK
			*regA(base, pc) = *regB(base, pc)
			pc = unsafe.Add(pc, 8)
			goto addvk
		case NumOps + 9: // MOV ADDVK CALL
			*regA(base, pc) = *regB(base, pc)
			pc = unsafe.Add(pc, 8)
			{
				if r := numB(base, pc) + numD(pc); r >= r {
					*regA(base, pc) = Value(math.Float64bits(r))
					pc = unsafe.Add(pc, 8)
					goto call
				}
				goto out
			}
		case NumOps + 10: // MOV ADDVK LOOP
			*regA(base, pc) = *regB(base, pc)
			pc = unsafe.Add(pc, 8)
			{
				if r := numB(base, pc) + numD(pc); r >= r {
					*regA(base, pc) = Value(math.Float64bits(r))
					pc = unsafe.Add(pc, 8)
					goto backward
				}
				goto out
			}
		case NumOps + 11: // MOV MULVK CALL
			*regA(base, pc) = *regB(base, pc)
			pc = unsafe.Add(pc, 8)
			{
				if r := numB(base, pc) * numD(pc); r >= r {
					*regA(base, pc) = Value(math.Float64bits(r))
					pc = unsafe.Add(pc, 8)
					goto call
				}
				goto out
			}
		case NumOps + 12: // MOV RET1
			*regA(base, pc) = *regB(base, pc)
			pc = unsafe.Add(pc, 8)
			goto ret1
		case NumOps + 13: // LOADK MOV
			*regA(base, pc) = constD(pc)
			pc = unsafe.Add(pc, 8)
			goto mov
		case NumOps + 14: // LOADK MOV CALL
			*regA(base, pc) = constD(pc)
			pc = unsafe.Add(pc, 8)
			{
				*regA(base, pc) = *regB(base, pc)
				pc = unsafe.Add(pc, 8)
				goto call
			}
		case NumOps + 15: // LOADK CALL
			*regA(base, pc) = constD(pc)
			pc = unsafe.Add(pc, 8)
			goto call
		case NumOps + 16: // LOADK LOADK CALL
			*regA(base, pc) = constD(pc)
			pc = unsafe.Add(pc, 8)
			{
				*regA(base, pc) = constD(pc)
				pc = unsafe.Add(pc, 8)
				goto call
			}
		case NumOps + 17: // LOADK TSETV
			*regA(base, pc) = constD(pc)
			pc = unsafe.Add(pc, 8)
			goto tsetv
		case NumOps + 18: // LOADI CALL
			*regA(base, pc) = Value(math.Float64bits(float64(opD(pc))))
			pc = unsafe.Add(pc, 8)
			goto call
		case NumOps + 19: // LOADI RET1
			*regA(base, pc) = Value(math.Float64bits(float64(opD(pc))))
			pc = unsafe.Add(pc, 8)
			goto ret1
		case NumOps + 20: // LOADPRI RET1
			*regA(base, pc) = primitive(opB(pc))
			pc = unsafe.Add(pc, 8)
			goto ret1
		case NumOps + 21: // LOADPRI JMP
			*regA(base, pc) = primitive(opB(pc))
			pc = unsafe.Add(pc, 8)
			pc = jumpD(pc)
			continue
		case NumOps + 22: // LOADPRI LOADPRI
			*regA(base, pc) = primitive(opB(pc))
			pc = unsafe.Add(pc, 8)
			*regA(base, pc) = primitive(opB(pc))
			continue
		case NumOps + 23: // UGET MOV
			f := (*closureObj)(unsafe.Add(mem, uintptr(ref(*slot(base, -2)))<<3))
			uv := (*upvalObj)(unsafe.Add(mem, uintptr(*upvalRef(f, int(opB(pc))))<<3))
			*regA(base, pc) = *(*Value)(unsafe.Add(mem, uintptr(uv.loc)<<3))
			pc = unsafe.Add(pc, 8)
			goto mov
		case NumOps + 24: // UGET MOV CALL
			f := (*closureObj)(unsafe.Add(mem, uintptr(ref(*slot(base, -2)))<<3))
			uv := (*upvalObj)(unsafe.Add(mem, uintptr(*upvalRef(f, int(opB(pc))))<<3))
			*regA(base, pc) = *(*Value)(unsafe.Add(mem, uintptr(uv.loc)<<3))
			pc = unsafe.Add(pc, 8)
			{
				*regA(base, pc) = *regB(base, pc)
				pc = unsafe.Add(pc, 8)
				goto call
			}
		case NumOps + 25: // UGET MOV MOV CALL
			f := (*closureObj)(unsafe.Add(mem, uintptr(ref(*slot(base, -2)))<<3))
			uv := (*upvalObj)(unsafe.Add(mem, uintptr(*upvalRef(f, int(opB(pc))))<<3))
			*regA(base, pc) = *(*Value)(unsafe.Add(mem, uintptr(uv.loc)<<3))
			pc = unsafe.Add(pc, 8)
			{
				*regA(base, pc) = *regB(base, pc)
				pc = unsafe.Add(pc, 8)
				{
					*regA(base, pc) = *regB(base, pc)
					pc = unsafe.Add(pc, 8)
					goto call
				}
			}
		case NumOps + 26: // UGET MOV LOADK CALL
			f := (*closureObj)(unsafe.Add(mem, uintptr(ref(*slot(base, -2)))<<3))
			uv := (*upvalObj)(unsafe.Add(mem, uintptr(*upvalRef(f, int(opB(pc))))<<3))
			*regA(base, pc) = *(*Value)(unsafe.Add(mem, uintptr(uv.loc)<<3))
			pc = unsafe.Add(pc, 8)
			{
				*regA(base, pc) = *regB(base, pc)
				pc = unsafe.Add(pc, 8)
				{
					*regA(base, pc) = constD(pc)
					pc = unsafe.Add(pc, 8)
					goto call
				}
			}
		case NumOps + 27: // UGET UGET
			f := (*closureObj)(unsafe.Add(mem, uintptr(ref(*slot(base, -2)))<<3))
			uv := (*upvalObj)(unsafe.Add(mem, uintptr(*upvalRef(f, int(opB(pc))))<<3))
			*regA(base, pc) = *(*Value)(unsafe.Add(mem, uintptr(uv.loc)<<3))
			pc = unsafe.Add(pc, 8)
			goto uget
		case NumOps + 28: // UGET UGET TGETV
			f := (*closureObj)(unsafe.Add(mem, uintptr(ref(*slot(base, -2)))<<3))
			uv := (*upvalObj)(unsafe.Add(mem, uintptr(*upvalRef(f, int(opB(pc))))<<3))
			*regA(base, pc) = *(*Value)(unsafe.Add(mem, uintptr(uv.loc)<<3))
			pc = unsafe.Add(pc, 8)
			{
				f := (*closureObj)(unsafe.Add(mem, uintptr(ref(*slot(base, -2)))<<3))
				uv := (*upvalObj)(unsafe.Add(mem, uintptr(*upvalRef(f, int(opB(pc))))<<3))
				*regA(base, pc) = *(*Value)(unsafe.Add(mem, uintptr(uv.loc)<<3))
				pc = unsafe.Add(pc, 8)
				goto tgetv
			}
		case NumOps + 29: // UGET TGETS
			f := (*closureObj)(unsafe.Add(mem, uintptr(ref(*slot(base, -2)))<<3))
			uv := (*upvalObj)(unsafe.Add(mem, uintptr(*upvalRef(f, int(opB(pc))))<<3))
			*regA(base, pc) = *(*Value)(unsafe.Add(mem, uintptr(uv.loc)<<3))
			pc = unsafe.Add(pc, 8)
			goto tgets
		case NumOps + 30: // UGET TGETS CALL
			f := (*closureObj)(unsafe.Add(mem, uintptr(ref(*slot(base, -2)))<<3))
			uv := (*upvalObj)(unsafe.Add(mem, uintptr(*upvalRef(f, int(opB(pc))))<<3))
			*regA(base, pc) = *(*Value)(unsafe.Add(mem, uintptr(uv.loc)<<3))
			pc = unsafe.Add(pc, 8)
			{
				tv := *regB(base, pc)
				if tv>>tagShift == tagTable {
					t := (*tableObj)(unsafe.Add(mem, uintptr(ref(tv))<<3))
					n := (*node)(unsafe.Add(mem, uintptr(t.node)<<3+uintptr(uint32(*hint(pc))&t.mask)<<4))
					if n.key == constK(pc) && n.val != Nil {
						*regA(base, pc) = n.val
						pc = unsafe.Add(pc, 8)
						goto call
					}
					goto inherited
				}
				goto out
			}
		case NumOps + 31: // UGET TGETI
			f := (*closureObj)(unsafe.Add(mem, uintptr(ref(*slot(base, -2)))<<3))
			uv := (*upvalObj)(unsafe.Add(mem, uintptr(*upvalRef(f, int(opB(pc))))<<3))
			*regA(base, pc) = *(*Value)(unsafe.Add(mem, uintptr(uv.loc)<<3))
			pc = unsafe.Add(pc, 8)
			tv := *regB(base, pc)
			if tv>>tagShift == tagTable {
				t := (*tableObj)(unsafe.Add(mem, uintptr(ref(tv))<<3))
				if i := uintptr(opD(pc)); i < uintptr(t.asize) {
					v := *(*Value)(unsafe.Add(mem, uintptr(t.arr)<<3+i<<3))
					if v != Nil || t.meta == 0 {
						*regA(base, pc) = v
						continue
					}
				}
				if t.mask == 0 && t.meta == 0 && uintptr(opD(pc)) >= uintptr(t.asize) {
					goto absent
				}
			}
			goto out
		case NumOps + 32: // UGET TGETV
			f := (*closureObj)(unsafe.Add(mem, uintptr(ref(*slot(base, -2)))<<3))
			uv := (*upvalObj)(unsafe.Add(mem, uintptr(*upvalRef(f, int(opB(pc))))<<3))
			*regA(base, pc) = *(*Value)(unsafe.Add(mem, uintptr(uv.loc)<<3))
			pc = unsafe.Add(pc, 8)
			goto tgetv
		case NumOps + 33: // UGET TGETV TSETV
			f := (*closureObj)(unsafe.Add(mem, uintptr(ref(*slot(base, -2)))<<3))
			uv := (*upvalObj)(unsafe.Add(mem, uintptr(*upvalRef(f, int(opB(pc))))<<3))
			*regA(base, pc) = *(*Value)(unsafe.Add(mem, uintptr(uv.loc)<<3))
			pc = unsafe.Add(pc, 8)
			{
				tv, k := *regB(base, pc), *regC(base, pc)
				if tv>>tagShift == tagTable {
					t := (*tableObj)(unsafe.Add(mem, uintptr(ref(tv))<<3))
					if k.isNumber() {
						f := math.Float64frombits(uint64(k))
						i := int64(f)
						if float64(i) == f && uint64(i) < uint64(t.asize) {
							v := *(*Value)(unsafe.Add(mem, uintptr(t.arr)<<3+uintptr(i)<<3))
							if v != Nil || t.meta == 0 {
								*regA(base, pc) = v
								pc = unsafe.Add(pc, 8)
								goto tsetv
							}
						}
					}
					goto getIndex
				}
				goto tgetv
			}
		case NumOps + 34: // UGET ADDVK
			f := (*closureObj)(unsafe.Add(mem, uintptr(ref(*slot(base, -2)))<<3))
			uv := (*upvalObj)(unsafe.Add(mem, uintptr(*upvalRef(f, int(opB(pc))))<<3))
			*regA(base, pc) = *(*Value)(unsafe.Add(mem, uintptr(uv.loc)<<3))
			pc = unsafe.Add(pc, 8)
			goto addvk
		case NumOps + 35: // UGET ADDVK USET
			f := (*closureObj)(unsafe.Add(mem, uintptr(ref(*slot(base, -2)))<<3))
			uv := (*upvalObj)(unsafe.Add(mem, uintptr(*upvalRef(f, int(opB(pc))))<<3))
			*regA(base, pc) = *(*Value)(unsafe.Add(mem, uintptr(uv.loc)<<3))
			pc = unsafe.Add(pc, 8)
			{
				if r := numB(base, pc) + numD(pc); r >= r {
					*regA(base, pc) = Value(math.Float64bits(r))
					pc = unsafe.Add(pc, 8)
					goto uset
				}
				goto out
			}
		case NumOps + 36: // UGET SUBVK
			f := (*closureObj)(unsafe.Add(mem, uintptr(ref(*slot(base, -2)))<<3))
			uv := (*upvalObj)(unsafe.Add(mem, uintptr(*upvalRef(f, int(opB(pc))))<<3))
			*regA(base, pc) = *(*Value)(unsafe.Add(mem, uintptr(uv.loc)<<3))
			pc = unsafe.Add(pc, 8)
			goto subvk
		case NumOps + 37: // UGET SUBVK CALL
			f := (*closureObj)(unsafe.Add(mem, uintptr(ref(*slot(base, -2)))<<3))
			uv := (*upvalObj)(unsafe.Add(mem, uintptr(*upvalRef(f, int(opB(pc))))<<3))
			*regA(base, pc) = *(*Value)(unsafe.Add(mem, uintptr(uv.loc)<<3))
			pc = unsafe.Add(pc, 8)
			{
				if r := numB(base, pc) - numD(pc); r >= r {
					*regA(base, pc) = Value(math.Float64bits(r))
					pc = unsafe.Add(pc, 8)
					goto call
				}
				goto out
			}
		case NumOps + 38: // UGET ADDVV
			f := (*closureObj)(unsafe.Add(mem, uintptr(ref(*slot(base, -2)))<<3))
			uv := (*upvalObj)(unsafe.Add(mem, uintptr(*upvalRef(f, int(opB(pc))))<<3))
			*regA(base, pc) = *(*Value)(unsafe.Add(mem, uintptr(uv.loc)<<3))
			pc = unsafe.Add(pc, 8)
			goto addvv
		case NumOps + 39: // UGET RET1
			f := (*closureObj)(unsafe.Add(mem, uintptr(ref(*slot(base, -2)))<<3))
			uv := (*upvalObj)(unsafe.Add(mem, uintptr(*upvalRef(f, int(opB(pc))))<<3))
			*regA(base, pc) = *(*Value)(unsafe.Add(mem, uintptr(uv.loc)<<3))
			pc = unsafe.Add(pc, 8)
			goto ret1
		case NumOps + 40: // GGET TGETS
			f := (*closureObj)(unsafe.Add(mem, uintptr(ref(*slot(base, -2)))<<3))
			t := (*tableObj)(unsafe.Add(mem, uintptr(f.env)<<3))
			n := (*node)(unsafe.Add(mem, uintptr(t.node)<<3+uintptr(uint32(*hint(pc))&t.mask)<<4))
			if n.key == constK(pc) && n.val != Nil {
				*regA(base, pc) = n.val
				pc = unsafe.Add(pc, 8)
				goto tgets
			}
		case NumOps + 41: // GGET TGETS MOV
			f := (*closureObj)(unsafe.Add(mem, uintptr(ref(*slot(base, -2)))<<3))
			t := (*tableObj)(unsafe.Add(mem, uintptr(f.env)<<3))
			n := (*node)(unsafe.Add(mem, uintptr(t.node)<<3+uintptr(uint32(*hint(pc))&t.mask)<<4))
			if n.key == constK(pc) && n.val != Nil {
				*regA(base, pc) = n.val
				pc = unsafe.Add(pc, 8)
				{
					tv := *regB(base, pc)
					if tv>>tagShift == tagTable {
						t := (*tableObj)(unsafe.Add(mem, uintptr(ref(tv))<<3))
						n := (*node)(unsafe.Add(mem, uintptr(t.node)<<3+uintptr(uint32(*hint(pc))&t.mask)<<4))
						if n.key == constK(pc) && n.val != Nil {
							*regA(base, pc) = n.val
							pc = unsafe.Add(pc, 8)
							goto mov
						}
						goto inherited
					}
					goto out
				}
			}
		case NumOps + 42: // GGET TGETS MOV CALL
			f := (*closureObj)(unsafe.Add(mem, uintptr(ref(*slot(base, -2)))<<3))
			t := (*tableObj)(unsafe.Add(mem, uintptr(f.env)<<3))
			n := (*node)(unsafe.Add(mem, uintptr(t.node)<<3+uintptr(uint32(*hint(pc))&t.mask)<<4))
			if n.key == constK(pc) && n.val != Nil {
				*regA(base, pc) = n.val
				pc = unsafe.Add(pc, 8)
				{
					tv := *regB(base, pc)
					if tv>>tagShift == tagTable {
						t := (*tableObj)(unsafe.Add(mem, uintptr(ref(tv))<<3))
						n := (*node)(unsafe.Add(mem, uintptr(t.node)<<3+uintptr(uint32(*hint(pc))&t.mask)<<4))
						if n.key == constK(pc) && n.val != Nil {
							*regA(base, pc) = n.val
							pc = unsafe.Add(pc, 8)
							{
								*regA(base, pc) = *regB(base, pc)
								pc = unsafe.Add(pc, 8)
								goto call
							}
						}
						goto inherited
					}
					goto out
				}
			}
		case NumOps + 43: // GGET MOV
			f := (*closureObj)(unsafe.Add(mem, uintptr(ref(*slot(base, -2)))<<3))
			t := (*tableObj)(unsafe.Add(mem, uintptr(f.env)<<3))
			n := (*node)(unsafe.Add(mem, uintptr(t.node)<<3+uintptr(uint32(*hint(pc))&t.mask)<<4))
			if n.key == constK(pc) && n.val != Nil {
				*regA(base, pc) = n.val
				pc = unsafe.Add(pc, 8)
				goto mov
			}
		case NumOps + 44: // GGET MOV CALL
			f := (*closureObj)(unsafe.Add(mem, uintptr(ref(*slot(base, -2)))<<3))
			t := (*tableObj)(unsafe.Add(mem, uintptr(f.env)<<3))
			n := (*node)(unsafe.Add(mem, uintptr(t.node)<<3+uintptr(uint32(*hint(pc))&t.mask)<<4))
			if n.key == constK(pc) && n.val != Nil {
				*regA(base, pc) = n.val
				pc = unsafe.Add(pc, 8)
				{
					*regA(base, pc) = *regB(base, pc)
					pc = unsafe.Add(pc, 8)
					goto call
				}
			}
		case NumOps + 45: // TGETS TGETS
			tv := *regB(base, pc)
			if tv>>tagShift == tagTable {
				t := (*tableObj)(unsafe.Add(mem, uintptr(ref(tv))<<3))
				n := (*node)(unsafe.Add(mem, uintptr(t.node)<<3+uintptr(uint32(*hint(pc))&t.mask)<<4))
				if n.key == constK(pc) && n.val != Nil {
					*regA(base, pc) = n.val
					pc = unsafe.Add(pc, 8)
					goto tgets
				}
				goto inherited
			}
		case NumOps + 46: // TGETS TGETS MULVV
			tv := *regB(base, pc)
			if tv>>tagShift == tagTable {
				t := (*tableObj)(unsafe.Add(mem, uintptr(ref(tv))<<3))
				n := (*node)(unsafe.Add(mem, uintptr(t.node)<<3+uintptr(uint32(*hint(pc))&t.mask)<<4))
				if n.key == constK(pc) && n.val != Nil {
					*regA(base, pc) = n.val
					pc = unsafe.Add(pc, 8)
					{
						tv := *regB(base, pc)
						if tv>>tagShift == tagTable {
							t := (*tableObj)(unsafe.Add(mem, uintptr(ref(tv))<<3))
							n := (*node)(unsafe.Add(mem, uintptr(t.node)<<3+uintptr(uint32(*hint(pc))&t.mask)<<4))
							if n.key == constK(pc) && n.val != Nil {
								*regA(base, pc) = n.val
								pc = unsafe.Add(pc, 8)
								goto mulvv
							}
							goto inherited
						}
						goto out
					}
				}
				goto inherited
			}
		case NumOps + 47: // TGETS TGETS MULVV ADDVV
			tv := *regB(base, pc)
			if tv>>tagShift == tagTable {
				t := (*tableObj)(unsafe.Add(mem, uintptr(ref(tv))<<3))
				n := (*node)(unsafe.Add(mem, uintptr(t.node)<<3+uintptr(uint32(*hint(pc))&t.mask)<<4))
				if n.key == constK(pc) && n.val != Nil {
					*regA(base, pc) = n.val
					pc = unsafe.Add(pc, 8)
					{
						tv := *regB(base, pc)
						if tv>>tagShift == tagTable {
							t := (*tableObj)(unsafe.Add(mem, uintptr(ref(tv))<<3))
							n := (*node)(unsafe.Add(mem, uintptr(t.node)<<3+uintptr(uint32(*hint(pc))&t.mask)<<4))
							if n.key == constK(pc) && n.val != Nil {
								*regA(base, pc) = n.val
								pc = unsafe.Add(pc, 8)
								{
									if r := numB(base, pc) * numC(base, pc); r >= r {
										*regA(base, pc) = Value(math.Float64bits(r))
										pc = unsafe.Add(pc, 8)
										goto addvv
									}
									goto out
								}
							}
							goto inherited
						}
						goto out
					}
				}
				goto inherited
			}
		case NumOps + 48: // TGETS TGETS ADDVV
			tv := *regB(base, pc)
			if tv>>tagShift == tagTable {
				t := (*tableObj)(unsafe.Add(mem, uintptr(ref(tv))<<3))
				n := (*node)(unsafe.Add(mem, uintptr(t.node)<<3+uintptr(uint32(*hint(pc))&t.mask)<<4))
				if n.key == constK(pc) && n.val != Nil {
					*regA(base, pc) = n.val
					pc = unsafe.Add(pc, 8)
					{
						tv := *regB(base, pc)
						if tv>>tagShift == tagTable {
							t := (*tableObj)(unsafe.Add(mem, uintptr(ref(tv))<<3))
							n := (*node)(unsafe.Add(mem, uintptr(t.node)<<3+uintptr(uint32(*hint(pc))&t.mask)<<4))
							if n.key == constK(pc) && n.val != Nil {
								*regA(base, pc) = n.val
								pc = unsafe.Add(pc, 8)
								goto addvv
							}
							goto inherited
						}
						goto out
					}
				}
				goto inherited
			}
		case NumOps + 49: // TGETS TGETS SUBVV
			tv := *regB(base, pc)
			if tv>>tagShift == tagTable {
				t := (*tableObj)(unsafe.Add(mem, uintptr(ref(tv))<<3))
				n := (*node)(unsafe.Add(mem, uintptr(t.node)<<3+uintptr(uint32(*hint(pc))&t.mask)<<4))
				if n.key == constK(pc) && n.val != Nil {
					*regA(base, pc) = n.val
					pc = unsafe.Add(pc, 8)
					{
						tv := *regB(base, pc)
						if tv>>tagShift == tagTable {
							t := (*tableObj)(unsafe.Add(mem, uintptr(ref(tv))<<3))
							n := (*node)(unsafe.Add(mem, uintptr(t.node)<<3+uintptr(uint32(*hint(pc))&t.mask)<<4))
							if n.key == constK(pc) && n.val != Nil {
								*regA(base, pc) = n.val
								pc = unsafe.Add(pc, 8)
								goto subvv
							}
							goto inherited
						}
						goto out
					}
				}
				goto inherited
			}
		case NumOps + 50: // TGETS MOV
			tv := *regB(base, pc)
			if tv>>tagShift == tagTable {
				t := (*tableObj)(unsafe.Add(mem, uintptr(ref(tv))<<3))
				n := (*node)(unsafe.Add(mem, uintptr(t.node)<<3+uintptr(uint32(*hint(pc))&t.mask)<<4))
				if n.key == constK(pc) && n.val != Nil {
					*regA(base, pc) = n.val
					pc = unsafe.Add(pc, 8)
					goto mov
				}
				goto inherited
			}
		case NumOps + 51: // TGETS MOV CALL
			tv := *regB(base, pc)
			if tv>>tagShift == tagTable {
				t := (*tableObj)(unsafe.Add(mem, uintptr(ref(tv))<<3))
				n := (*node)(unsafe.Add(mem, uintptr(t.node)<<3+uintptr(uint32(*hint(pc))&t.mask)<<4))
				if n.key == constK(pc) && n.val != Nil {
					*regA(base, pc) = n.val
					pc = unsafe.Add(pc, 8)
					{
						*regA(base, pc) = *regB(base, pc)
						pc = unsafe.Add(pc, 8)
						goto call
					}
				}
				goto inherited
			}
		case NumOps + 52: // TGETS CALL
			tv := *regB(base, pc)
			if tv>>tagShift == tagTable {
				t := (*tableObj)(unsafe.Add(mem, uintptr(ref(tv))<<3))
				n := (*node)(unsafe.Add(mem, uintptr(t.node)<<3+uintptr(uint32(*hint(pc))&t.mask)<<4))
				if n.key == constK(pc) && n.val != Nil {
					*regA(base, pc) = n.val
					pc = unsafe.Add(pc, 8)
					goto call
				}
				goto inherited
			}
		case NumOps + 53: // TGETS ADDVV
			tv := *regB(base, pc)
			if tv>>tagShift == tagTable {
				t := (*tableObj)(unsafe.Add(mem, uintptr(ref(tv))<<3))
				n := (*node)(unsafe.Add(mem, uintptr(t.node)<<3+uintptr(uint32(*hint(pc))&t.mask)<<4))
				if n.key == constK(pc) && n.val != Nil {
					*regA(base, pc) = n.val
					pc = unsafe.Add(pc, 8)
					goto addvv
				}
				goto inherited
			}
		case NumOps + 54: // TGETS SUBVV
			tv := *regB(base, pc)
			if tv>>tagShift == tagTable {
				t := (*tableObj)(unsafe.Add(mem, uintptr(ref(tv))<<3))
				n := (*node)(unsafe.Add(mem, uintptr(t.node)<<3+uintptr(uint32(*hint(pc))&t.mask)<<4))
				if n.key == constK(pc) && n.val != Nil {
					*regA(base, pc) = n.val
					pc = unsafe.Add(pc, 8)
					goto subvv
				}
				goto inherited
			}
		case NumOps + 55: // TGETS MULVV
			tv := *regB(base, pc)
			if tv>>tagShift == tagTable {
				t := (*tableObj)(unsafe.Add(mem, uintptr(ref(tv))<<3))
				n := (*node)(unsafe.Add(mem, uintptr(t.node)<<3+uintptr(uint32(*hint(pc))&t.mask)<<4))
				if n.key == constK(pc) && n.val != Nil {
					*regA(base, pc) = n.val
					pc = unsafe.Add(pc, 8)
					goto mulvv
				}
				goto inherited
			}
		case NumOps + 56: // TGETS ADDVK
			tv := *regB(base, pc)
			if tv>>tagShift == tagTable {
				t := (*tableObj)(unsafe.Add(mem, uintptr(ref(tv))<<3))
				n := (*node)(unsafe.Add(mem, uintptr(t.node)<<3+uintptr(uint32(*hint(pc))&t.mask)<<4))
				if n.key == constK(pc) && n.val != Nil {
					*regA(base, pc) = n.val
					pc = unsafe.Add(pc, 8)
					goto addvk
				}
				goto inherited
			}
		case NumOps + 57: // TGETS ADDVK TSETS
			tv := *regB(base, pc)
			if tv>>tagShift == tagTable {
				t := (*tableObj)(unsafe.Add(mem, uintptr(ref(tv))<<3))
				n := (*node)(unsafe.Add(mem, uintptr(t.node)<<3+uintptr(uint32(*hint(pc))&t.mask)<<4))
				if n.key == constK(pc) && n.val != Nil {
					*regA(base, pc) = n.val
					pc = unsafe.Add(pc, 8)
					{
						if r := numB(base, pc) + numD(pc); r >= r {
							*regA(base, pc) = Value(math.Float64bits(r))
							pc = unsafe.Add(pc, 8)
							goto tsets
						}
						goto out
					}
				}
				goto inherited
			}
		case NumOps + 58: // TGETS ISF
			tv := *regB(base, pc)
			if tv>>tagShift == tagTable {
				t := (*tableObj)(unsafe.Add(mem, uintptr(ref(tv))<<3))
				n := (*node)(unsafe.Add(mem, uintptr(t.node)<<3+uintptr(uint32(*hint(pc))&t.mask)<<4))
				if n.key == constK(pc) && n.val != Nil {
					*regA(base, pc) = n.val
					pc = unsafe.Add(pc, 8)
					goto isf
				}
				goto inherited
			}
		case NumOps + 59: // TGETS TGETV
			tv := *regB(base, pc)
			if tv>>tagShift == tagTable {
				t := (*tableObj)(unsafe.Add(mem, uintptr(ref(tv))<<3))
				n := (*node)(unsafe.Add(mem, uintptr(t.node)<<3+uintptr(uint32(*hint(pc))&t.mask)<<4))
				if n.key == constK(pc) && n.val != Nil {
					*regA(base, pc) = n.val
					pc = unsafe.Add(pc, 8)
					goto tgetv
				}
				goto inherited
			}
		case NumOps + 60: // TGETS RET1
			tv := *regB(base, pc)
			if tv>>tagShift == tagTable {
				t := (*tableObj)(unsafe.Add(mem, uintptr(ref(tv))<<3))
				n := (*node)(unsafe.Add(mem, uintptr(t.node)<<3+uintptr(uint32(*hint(pc))&t.mask)<<4))
				if n.key == constK(pc) && n.val != Nil {
					*regA(base, pc) = n.val
					pc = unsafe.Add(pc, 8)
					goto ret1
				}
				goto inherited
			}
		case NumOps + 61: // TGETV TGETS
			tv, k := *regB(base, pc), *regC(base, pc)
			if tv>>tagShift == tagTable {
				t := (*tableObj)(unsafe.Add(mem, uintptr(ref(tv))<<3))
				if k.isNumber() {
					f := math.Float64frombits(uint64(k))
					i := int64(f)
					if float64(i) == f && uint64(i) < uint64(t.asize) {
						v := *(*Value)(unsafe.Add(mem, uintptr(t.arr)<<3+uintptr(i)<<3))
						if v != Nil || t.meta == 0 {
							*regA(base, pc) = v
							pc = unsafe.Add(pc, 8)
							goto tgets
						}
					}
				}
				goto getIndex
			}
			goto tgetv
		case NumOps + 62: // TGETV ADDVV
			tv, k := *regB(base, pc), *regC(base, pc)
			if tv>>tagShift == tagTable {
				t := (*tableObj)(unsafe.Add(mem, uintptr(ref(tv))<<3))
				if k.isNumber() {
					f := math.Float64frombits(uint64(k))
					i := int64(f)
					if float64(i) == f && uint64(i) < uint64(t.asize) {
						v := *(*Value)(unsafe.Add(mem, uintptr(t.arr)<<3+uintptr(i)<<3))
						if v != Nil || t.meta == 0 {
							*regA(base, pc) = v
							pc = unsafe.Add(pc, 8)
							goto addvv
						}
					}
				}
				goto getIndex
			}
			goto tgetv
		case NumOps + 63: // TGETV ADDVV FORLP
			tv, k := *regB(base, pc), *regC(base, pc)
			if tv>>tagShift == tagTable {
				t := (*tableObj)(unsafe.Add(mem, uintptr(ref(tv))<<3))
				if k.isNumber() {
					f := math.Float64frombits(uint64(k))
					i := int64(f)
					if float64(i) == f && uint64(i) < uint64(t.asize) {
						v := *(*Value)(unsafe.Add(mem, uintptr(t.arr)<<3+uintptr(i)<<3))
						if v != Nil || t.meta == 0 {
							*regA(base, pc) = v
							pc = unsafe.Add(pc, 8)
							{
								if r := numB(base, pc) + numC(base, pc); r >= r {
									*regA(base, pc) = Value(math.Float64bits(r))
									pc = unsafe.Add(pc, 8)
									goto forlp
								}
								goto out
							}
						}
					}
				}
				goto getIndex
			}
			goto tgetv
		case NumOps + 64: // TGETV MULVV
			tv, k := *regB(base, pc), *regC(base, pc)
			if tv>>tagShift == tagTable {
				t := (*tableObj)(unsafe.Add(mem, uintptr(ref(tv))<<3))
				if k.isNumber() {
					f := math.Float64frombits(uint64(k))
					i := int64(f)
					if float64(i) == f && uint64(i) < uint64(t.asize) {
						v := *(*Value)(unsafe.Add(mem, uintptr(t.arr)<<3+uintptr(i)<<3))
						if v != Nil || t.meta == 0 {
							*regA(base, pc) = v
							pc = unsafe.Add(pc, 8)
							goto mulvv
						}
					}
				}
				goto getIndex
			}
			goto tgetv
		case NumOps + 65: // TGETV MULVV ADDVV FORLP
			tv, k := *regB(base, pc), *regC(base, pc)
			if tv>>tagShift == tagTable {
				t := (*tableObj)(unsafe.Add(mem, uintptr(ref(tv))<<3))
				if k.isNumber() {
					f := math.Float64frombits(uint64(k))
					i := int64(f)
					if float64(i) == f && uint64(i) < uint64(t.asize) {
						v := *(*Value)(unsafe.Add(mem, uintptr(t.arr)<<3+uintptr(i)<<3))
						if v != Nil || t.meta == 0 {
							*regA(base, pc) = v
							pc = unsafe.Add(pc, 8)
							{
								if r := numB(base, pc) * numC(base, pc); r >= r {
									*regA(base, pc) = Value(math.Float64bits(r))
									pc = unsafe.Add(pc, 8)
									{
										if r := numB(base, pc) + numC(base, pc); r >= r {
											*regA(base, pc) = Value(math.Float64bits(r))
											pc = unsafe.Add(pc, 8)
											goto forlp
										}
										goto out
									}
								}
								goto out
							}
						}
					}
				}
				goto getIndex
			}
			goto tgetv
		case NumOps + 66: // TGETV TSETV
			tv, k := *regB(base, pc), *regC(base, pc)
			if tv>>tagShift == tagTable {
				t := (*tableObj)(unsafe.Add(mem, uintptr(ref(tv))<<3))
				if k.isNumber() {
					f := math.Float64frombits(uint64(k))
					i := int64(f)
					if float64(i) == f && uint64(i) < uint64(t.asize) {
						v := *(*Value)(unsafe.Add(mem, uintptr(t.arr)<<3+uintptr(i)<<3))
						if v != Nil || t.meta == 0 {
							*regA(base, pc) = v
							pc = unsafe.Add(pc, 8)
							goto tsetv
						}
					}
				}
				goto getIndex
			}
			goto tgetv
		case NumOps + 67: // TGETI TSETS
			tv := *regB(base, pc)
			if tv>>tagShift == tagTable {
				t := (*tableObj)(unsafe.Add(mem, uintptr(ref(tv))<<3))
				if i := uintptr(opD(pc)); i < uintptr(t.asize) {
					v := *(*Value)(unsafe.Add(mem, uintptr(t.arr)<<3+i<<3))
					if v != Nil || t.meta == 0 {
						*regA(base, pc) = v
						pc = unsafe.Add(pc, 8)
						goto tsets
					}
				}
				if t.mask == 0 && t.meta == 0 && uintptr(opD(pc)) >= uintptr(t.asize) {
					goto absent
				}
			}
		case NumOps + 68: // TSETS TGETS
			tv := *regB(base, pc)
			if tv>>tagShift == tagTable {
				t := (*tableObj)(unsafe.Add(mem, uintptr(ref(tv))<<3))
				n := (*node)(unsafe.Add(mem, uintptr(t.node)<<3+uintptr(uint32(*hint(pc))&t.mask)<<4))
				if n.key == constK(pc) && n.val != Nil && t.gc&gcBlack == 0 {
					n.val = *regA(base, pc)
					pc = unsafe.Add(pc, 8)
					goto tgets
				}
				if t.meta == 0 && t.gc&gcBlack == 0 {
					goto newField
				}
			}
		case NumOps + 69: // TSETS TSETS
			tv := *regB(base, pc)
			if tv>>tagShift == tagTable {
				t := (*tableObj)(unsafe.Add(mem, uintptr(ref(tv))<<3))
				n := (*node)(unsafe.Add(mem, uintptr(t.node)<<3+uintptr(uint32(*hint(pc))&t.mask)<<4))
				if n.key == constK(pc) && n.val != Nil && t.gc&gcBlack == 0 {
					n.val = *regA(base, pc)
					pc = unsafe.Add(pc, 8)
					goto tsets
				}
				if t.meta == 0 && t.gc&gcBlack == 0 {
					goto newField
				}
			}
		case NumOps + 70: // TSETS TSETS TSETS
			tv := *regB(base, pc)
			if tv>>tagShift == tagTable {
				t := (*tableObj)(unsafe.Add(mem, uintptr(ref(tv))<<3))
				n := (*node)(unsafe.Add(mem, uintptr(t.node)<<3+uintptr(uint32(*hint(pc))&t.mask)<<4))
				if n.key == constK(pc) && n.val != Nil && t.gc&gcBlack == 0 {
					n.val = *regA(base, pc)
					pc = unsafe.Add(pc, 8)
					{
						tv := *regB(base, pc)
						if tv>>tagShift == tagTable {
							t := (*tableObj)(unsafe.Add(mem, uintptr(ref(tv))<<3))
							n := (*node)(unsafe.Add(mem, uintptr(t.node)<<3+uintptr(uint32(*hint(pc))&t.mask)<<4))
							if n.key == constK(pc) && n.val != Nil && t.gc&gcBlack == 0 {
								n.val = *regA(base, pc)
								pc = unsafe.Add(pc, 8)
								goto tsets
							}
							if t.meta == 0 && t.gc&gcBlack == 0 {
								goto newField
							}
						}
						goto out
					}
				}
				if t.meta == 0 && t.gc&gcBlack == 0 {
					goto newField
				}
			}
		case NumOps + 71: // TSETS FORLP
			tv := *regB(base, pc)
			if tv>>tagShift == tagTable {
				t := (*tableObj)(unsafe.Add(mem, uintptr(ref(tv))<<3))
				n := (*node)(unsafe.Add(mem, uintptr(t.node)<<3+uintptr(uint32(*hint(pc))&t.mask)<<4))
				if n.key == constK(pc) && n.val != Nil && t.gc&gcBlack == 0 {
					n.val = *regA(base, pc)
					pc = unsafe.Add(pc, 8)
					goto forlp
				}
				if t.meta == 0 && t.gc&gcBlack == 0 {
					goto newField
				}
			}
		case NumOps + 72: // TSETV TSETV
			tv, k := *regB(base, pc), *regC(base, pc)
			if tv>>tagShift == tagTable {
				t := (*tableObj)(unsafe.Add(mem, uintptr(ref(tv))<<3))
				if k.isNumber() {
					f := math.Float64frombits(uint64(k))
					i := int64(f)
					if float64(i) == f && uint64(i) < uint64(t.asize) && t.gc&gcBlack == 0 {
						p := (*Value)(unsafe.Add(mem, uintptr(t.arr)<<3+uintptr(i)<<3))
						if *p != Nil || t.meta == 0 {
							*p = *regA(base, pc)
							pc = unsafe.Add(pc, 8)
							goto tsetv
						}
					}
				}
				if t.meta == 0 {
					goto setIndex
				}
			}
			goto tsetv
		case NumOps + 73: // TSETV ADDVK
			tv, k := *regB(base, pc), *regC(base, pc)
			if tv>>tagShift == tagTable {
				t := (*tableObj)(unsafe.Add(mem, uintptr(ref(tv))<<3))
				if k.isNumber() {
					f := math.Float64frombits(uint64(k))
					i := int64(f)
					if float64(i) == f && uint64(i) < uint64(t.asize) && t.gc&gcBlack == 0 {
						p := (*Value)(unsafe.Add(mem, uintptr(t.arr)<<3+uintptr(i)<<3))
						if *p != Nil || t.meta == 0 {
							*p = *regA(base, pc)
							pc = unsafe.Add(pc, 8)
							goto addvk
						}
					}
				}
				if t.meta == 0 {
					goto setIndex
				}
			}
			goto tsetv
		case NumOps + 74: // TSETV FORLP
			tv, k := *regB(base, pc), *regC(base, pc)
			if tv>>tagShift == tagTable {
				t := (*tableObj)(unsafe.Add(mem, uintptr(ref(tv))<<3))
				if k.isNumber() {
					f := math.Float64frombits(uint64(k))
					i := int64(f)
					if float64(i) == f && uint64(i) < uint64(t.asize) && t.gc&gcBlack == 0 {
						p := (*Value)(unsafe.Add(mem, uintptr(t.arr)<<3+uintptr(i)<<3))
						if *p != Nil || t.meta == 0 {
							*p = *regA(base, pc)
							pc = unsafe.Add(pc, 8)
							goto forlp
						}
					}
				}
				if t.meta == 0 {
					goto setIndex
				}
			}
			goto tsetv
		case NumOps + 75: // SELF CALL
			tv := *regB(base, pc)
			if tv>>tagShift == tagTable {
				t := (*tableObj)(unsafe.Add(mem, uintptr(ref(tv))<<3))
				n := (*node)(unsafe.Add(mem, uintptr(t.node)<<3+uintptr(uint32(*hint(pc))&t.mask)<<4))
				if n.key == constK(pc) && n.val != Nil {
					a := unsafe.Pointer(regA(base, pc))
					*slot(a, 2) = tv
					*slot(a, 0) = n.val
					pc = unsafe.Add(pc, 8)
					goto call
				}
				goto inherited
			}
			if tv>>tagShift == tagString {
				goto inherited
			}
		case NumOps + 76: // SELF MOV
			tv := *regB(base, pc)
			if tv>>tagShift == tagTable {
				t := (*tableObj)(unsafe.Add(mem, uintptr(ref(tv))<<3))
				n := (*node)(unsafe.Add(mem, uintptr(t.node)<<3+uintptr(uint32(*hint(pc))&t.mask)<<4))
				if n.key == constK(pc) && n.val != Nil {
					a := unsafe.Pointer(regA(base, pc))
					*slot(a, 2) = tv
					*slot(a, 0) = n.val
					pc = unsafe.Add(pc, 8)
					goto mov
				}
				goto inherited
			}
			if tv>>tagShift == tagString {
				goto inherited
			}
		case NumOps + 77: // SELF MOV CALL
			tv := *regB(base, pc)
			if tv>>tagShift == tagTable {
				t := (*tableObj)(unsafe.Add(mem, uintptr(ref(tv))<<3))
				n := (*node)(unsafe.Add(mem, uintptr(t.node)<<3+uintptr(uint32(*hint(pc))&t.mask)<<4))
				if n.key == constK(pc) && n.val != Nil {
					a := unsafe.Pointer(regA(base, pc))
					*slot(a, 2) = tv
					*slot(a, 0) = n.val
					pc = unsafe.Add(pc, 8)
					{
						*regA(base, pc) = *regB(base, pc)
						pc = unsafe.Add(pc, 8)
						goto call
					}
				}
				goto inherited
			}
			if tv>>tagShift == tagString {
				goto inherited
			}
		case NumOps + 78: // SELF LOADK
			tv := *regB(base, pc)
			if tv>>tagShift == tagTable {
				t := (*tableObj)(unsafe.Add(mem, uintptr(ref(tv))<<3))
				n := (*node)(unsafe.Add(mem, uintptr(t.node)<<3+uintptr(uint32(*hint(pc))&t.mask)<<4))
				if n.key == constK(pc) && n.val != Nil {
					a := unsafe.Pointer(regA(base, pc))
					*slot(a, 2) = tv
					*slot(a, 0) = n.val
					pc = unsafe.Add(pc, 8)
					goto loadk
				}
				goto inherited
			}
			if tv>>tagShift == tagString {
				goto inherited
			}
		case NumOps + 79: // SELF LOADK CALL
			tv := *regB(base, pc)
			if tv>>tagShift == tagTable {
				t := (*tableObj)(unsafe.Add(mem, uintptr(ref(tv))<<3))
				n := (*node)(unsafe.Add(mem, uintptr(t.node)<<3+uintptr(uint32(*hint(pc))&t.mask)<<4))
				if n.key == constK(pc) && n.val != Nil {
					a := unsafe.Pointer(regA(base, pc))
					*slot(a, 2) = tv
					*slot(a, 0) = n.val
					pc = unsafe.Add(pc, 8)
					{
						*regA(base, pc) = constD(pc)
						pc = unsafe.Add(pc, 8)
						goto call
					}
				}
				goto inherited
			}
			if tv>>tagShift == tagString {
				goto inherited
			}
		case NumOps + 80: // LEN ADDVK
			if v := *regB(base, pc); v>>tagShift == tagString {
				s := (*stringObj)(unsafe.Add(mem, uintptr(ref(v))<<3))
				*regA(base, pc) = Value(math.Float64bits(float64(s.len)))
				pc = unsafe.Add(pc, 8)
				goto addvk
			}
			if (*regB(base, pc))>>tagShift == tagTable {
				goto tablen
			}
		case NumOps + 81: // LEN ADDVV
			if v := *regB(base, pc); v>>tagShift == tagString {
				s := (*stringObj)(unsafe.Add(mem, uintptr(ref(v))<<3))
				*regA(base, pc) = Value(math.Float64bits(float64(s.len)))
				pc = unsafe.Add(pc, 8)
				goto addvv
			}
			if (*regB(base, pc))>>tagShift == tagTable {
				goto tablen
			}
		case NumOps + 82: // ADDVV FORLP
			if r := numB(base, pc) + numC(base, pc); r >= r {
				*regA(base, pc) = Value(math.Float64bits(r))
				pc = unsafe.Add(pc, 8)
				goto forlp
			}
		case NumOps + 83: // ADDVV ADDVV
			if r := numB(base, pc) + numC(base, pc); r >= r {
				*regA(base, pc) = Value(math.Float64bits(r))
				pc = unsafe.Add(pc, 8)
				goto addvv
			}
		case NumOps + 84: // ADDVV SUBVV
			if r := numB(base, pc) + numC(base, pc); r >= r {
				*regA(base, pc) = Value(math.Float64bits(r))
				pc = unsafe.Add(pc, 8)
				goto subvv
			}
		case NumOps + 85: // ADDVV ADDVK
			if r := numB(base, pc) + numC(base, pc); r >= r {
				*regA(base, pc) = Value(math.Float64bits(r))
				pc = unsafe.Add(pc, 8)
				goto addvk
			}
		case NumOps + 86: // ADDVV TSETS
			if r := numB(base, pc) + numC(base, pc); r >= r {
				*regA(base, pc) = Value(math.Float64bits(r))
				pc = unsafe.Add(pc, 8)
				goto tsets
			}
		case NumOps + 87: // ADDVV RET1
			if r := numB(base, pc) + numC(base, pc); r >= r {
				*regA(base, pc) = Value(math.Float64bits(r))
				pc = unsafe.Add(pc, 8)
				goto ret1
			}
		case NumOps + 88: // SUBVV ADDVV
			if r := numB(base, pc) - numC(base, pc); r >= r {
				*regA(base, pc) = Value(math.Float64bits(r))
				pc = unsafe.Add(pc, 8)
				goto addvv
			}
		case NumOps + 89: // SUBVV MULVV
			if r := numB(base, pc) - numC(base, pc); r >= r {
				*regA(base, pc) = Value(math.Float64bits(r))
				pc = unsafe.Add(pc, 8)
				goto mulvv
			}
		case NumOps + 90: // SUBVV DIVVK
			if r := numB(base, pc) - numC(base, pc); r >= r {
				*regA(base, pc) = Value(math.Float64bits(r))
				pc = unsafe.Add(pc, 8)
				if r := numB(base, pc) / numD(pc); r >= r {
					*regA(base, pc) = Value(math.Float64bits(r))
					continue
				}
				goto out
			}
		case NumOps + 91: // MULVV MOV
			if r := numB(base, pc) * numC(base, pc); r >= r {
				*regA(base, pc) = Value(math.Float64bits(r))
				pc = unsafe.Add(pc, 8)
				goto mov
			}
		case NumOps + 92: // MULVV ADDVV
			if r := numB(base, pc) * numC(base, pc); r >= r {
				*regA(base, pc) = Value(math.Float64bits(r))
				pc = unsafe.Add(pc, 8)
				goto addvv
			}
		case NumOps + 93: // MULVV SUBVV
			if r := numB(base, pc) * numC(base, pc); r >= r {
				*regA(base, pc) = Value(math.Float64bits(r))
				pc = unsafe.Add(pc, 8)
				goto subvv
			}
		case NumOps + 94: // MULVV MULVV
			if r := numB(base, pc) * numC(base, pc); r >= r {
				*regA(base, pc) = Value(math.Float64bits(r))
				pc = unsafe.Add(pc, 8)
				goto mulvv
			}
		case NumOps + 95: // MULVV DIVVK ADDVV ADDVK
			if r := numB(base, pc) * numC(base, pc); r >= r {
				*regA(base, pc) = Value(math.Float64bits(r))
				pc = unsafe.Add(pc, 8)
				{
					if r := numB(base, pc) / numD(pc); r >= r {
						*regA(base, pc) = Value(math.Float64bits(r))
						pc = unsafe.Add(pc, 8)
						{
							if r := numB(base, pc) + numC(base, pc); r >= r {
								*regA(base, pc) = Value(math.Float64bits(r))
								pc = unsafe.Add(pc, 8)
								goto addvk
							}
							goto out
						}
					}
					goto out
				}
			}
		case NumOps + 96: // ADDVK MOV
			if r := numB(base, pc) + numD(pc); r >= r {
				*regA(base, pc) = Value(math.Float64bits(r))
				pc = unsafe.Add(pc, 8)
				goto mov
			}
		case NumOps + 97: // ADDVK MOV CALL
			if r := numB(base, pc) + numD(pc); r >= r {
				*regA(base, pc) = Value(math.Float64bits(r))
				pc = unsafe.Add(pc, 8)
				{
					*regA(base, pc) = *regB(base, pc)
					pc = unsafe.Add(pc, 8)
					goto call
				}
			}
		case NumOps + 98: // ADDVK LOADK TSETV
			if r := numB(base, pc) + numD(pc); r >= r {
				*regA(base, pc) = Value(math.Float64bits(r))
				pc = unsafe.Add(pc, 8)
				{
					*regA(base, pc) = constD(pc)
					pc = unsafe.Add(pc, 8)
					goto tsetv
				}
			}
		case NumOps + 99: // ADDVK CALL
			if r := numB(base, pc) + numD(pc); r >= r {
				*regA(base, pc) = Value(math.Float64bits(r))
				pc = unsafe.Add(pc, 8)
				goto call
			}
		case NumOps + 100: // ADDVK TSETS
			if r := numB(base, pc) + numD(pc); r >= r {
				*regA(base, pc) = Value(math.Float64bits(r))
				pc = unsafe.Add(pc, 8)
				goto tsets
			}
		case NumOps + 101: // ADDVK USET
			if r := numB(base, pc) + numD(pc); r >= r {
				*regA(base, pc) = Value(math.Float64bits(r))
				pc = unsafe.Add(pc, 8)
				goto uset
			}
		case NumOps + 102: // ADDVK MULVV
			if r := numB(base, pc) + numD(pc); r >= r {
				*regA(base, pc) = Value(math.Float64bits(r))
				pc = unsafe.Add(pc, 8)
				goto mulvv
			}
		case NumOps + 103: // ADDVK LOOP
			if r := numB(base, pc) + numD(pc); r >= r {
				*regA(base, pc) = Value(math.Float64bits(r))
				pc = unsafe.Add(pc, 8)
				goto backward
			}
		case NumOps + 104: // SUBVK CALL
			if r := numB(base, pc) - numD(pc); r >= r {
				*regA(base, pc) = Value(math.Float64bits(r))
				pc = unsafe.Add(pc, 8)
				goto call
			}
		case NumOps + 105: // MULVK CALL
			if r := numB(base, pc) * numD(pc); r >= r {
				*regA(base, pc) = Value(math.Float64bits(r))
				pc = unsafe.Add(pc, 8)
				goto call
			}
		case NumOps + 106: // MULVK ADDVV
			if r := numB(base, pc) * numD(pc); r >= r {
				*regA(base, pc) = Value(math.Float64bits(r))
				pc = unsafe.Add(pc, 8)
				goto addvv
			}
		case NumOps + 107: // MULVK ADDVV FORLP
			if r := numB(base, pc) * numD(pc); r >= r {
				*regA(base, pc) = Value(math.Float64bits(r))
				pc = unsafe.Add(pc, 8)
				{
					if r := numB(base, pc) + numC(base, pc); r >= r {
						*regA(base, pc) = Value(math.Float64bits(r))
						pc = unsafe.Add(pc, 8)
						goto forlp
					}
					goto out
				}
			}
		case NumOps + 108: // MULVK MULVV
			if r := numB(base, pc) * numD(pc); r >= r {
				*regA(base, pc) = Value(math.Float64bits(r))
				pc = unsafe.Add(pc, 8)
				goto mulvv
			}
		case NumOps + 109: // MULVK MODVK
			if r := numB(base, pc) * numD(pc); r >= r {
				*regA(base, pc) = Value(math.Float64bits(r))
				pc = unsafe.Add(pc, 8)
				if x, y := numB(base, pc), numD(pc); x > 0 && y > 0 {
					if q := x / y; q < 1<<62 {
						*regA(base, pc) = Value(math.Float64bits(x - float64(float64(int64(q))*y)))
						continue
					}
				}
				goto out
			}
		case NumOps + 110: // DIVVK CALL
			if r := numB(base, pc) / numD(pc); r >= r {
				*regA(base, pc) = Value(math.Float64bits(r))
				pc = unsafe.Add(pc, 8)
				goto call
			}
		case NumOps + 111: // DIVVK ADDVV
			if r := numB(base, pc) / numD(pc); r >= r {
				*regA(base, pc) = Value(math.Float64bits(r))
				pc = unsafe.Add(pc, 8)
				goto addvv
			}
		case NumOps + 112: // MODVK MODVK
			if x, y := numB(base, pc), numD(pc); x > 0 && y > 0 {
				if q := x / y; q < 1<<62 {
					*regA(base, pc) = Value(math.Float64bits(x - float64(float64(int64(q))*y)))
					pc = unsafe.Add(pc, 8)
					if x, y := numB(base, pc), numD(pc); x > 0 && y > 0 {
						if q := x / y; q < 1<<62 {
							*regA(base, pc) = Value(math.Float64bits(x - float64(float64(int64(q))*y)))
							continue
						}
					}
					goto out
				}
			}
		case NumOps + 113: // MODVK MULVK ADDVV
			if x, y := numB(base, pc), numD(pc); x > 0 && y > 0 {
				if q := x / y; q < 1<<62 {
					*regA(base, pc) = Value(math.Float64bits(x - float64(float64(int64(q))*y)))
					pc = unsafe.Add(pc, 8)
					{
						if r := numB(base, pc) * numD(pc); r >= r {
							*regA(base, pc) = Value(math.Float64bits(r))
							pc = unsafe.Add(pc, 8)
							goto addvv
						}
						goto out
					}
				}
			}
		case NumOps + 114: // MODVV RET1
			if x, y := numB(base, pc), numC(base, pc); x > 0 && y > 0 {
				if q := x / y; q < 1<<62 {
					*regA(base, pc) = Value(math.Float64bits(x - float64(float64(int64(q))*y)))
					pc = unsafe.Add(pc, 8)
					goto ret1
				}
			}
		case NumOps + 115: // MULKV MULVV
			if r := numD(pc) * numB(base, pc); r >= r {
				*regA(base, pc) = Value(math.Float64bits(r))
				pc = unsafe.Add(pc, 8)
				goto mulvv
			}
		case NumOps + 116: // DIVKV RET1
			if r := numD(pc) / numB(base, pc); r >= r {
				*regA(base, pc) = Value(math.Float64bits(r))
				pc = unsafe.Add(pc, 8)
				goto ret1
			}
			// End of what is generated.
		}
		goto out
	backward:
		{
			if budget > 0 {
				budget--
				pc = jumpD(pc)
				continue
			}
			goto out
		}
	ret1:
		{
			l := *slot(base, -1)
			if l>>32 == 0 && opB(pc) == 0 {
				back := unsafe.Add(mem, uintptr(l)<<3)
				n := opB(back)
				if n > 2 {
					nret = 1
					goto ret
				}
				*slot(base, -2) = *regA(base, pc) // nobody minds if it isn't wanted
				if n == 0 {
					vm.multres = 1
				}
				pc = back
				base = unsafe.Add(base, -16-int(opA(back))*8)
				continue
			}
			if uint8(l>>32) == linkNested && opB(pc) == 0 {
				*slot(base, -2) = *regA(base, pc)
				vm.nresults, vm.budget = 1, budget
				vm.base = unsafe.Add(base, -int(l>>40)*8)
				return exitDone
			}
			nret = 1
			goto ret
		}
	ret:
		// All returns to Lua code, of nret values.
		{
			from, l := base, *slot(base, -1)
			if uint8(l>>32) == linkVararg {
				from = unsafe.Add(base, -int(l>>40)*8)
				l = *slot(from, -1)
			}
			if l>>32 == 0 && opB(pc) == 0 {
				back := unsafe.Add(mem, uintptr(l)<<3)
				n, want := nret, int(opB(back))-1
				if want < 0 {
					want = n
					vm.multres = n
				}
				if n > want {
					n = want
				}
				dst := unsafe.Add(from, -16)
				for src := unsafe.Pointer(regA(base, pc)); n > 0; n-- {
					*(*Value)(dst) = *(*Value)(src)
					dst, src = unsafe.Add(dst, 8), unsafe.Add(src, 8)
					want--
				}
				for ; want > 0; want-- {
					*(*Value)(dst) = Nil
					dst = unsafe.Add(dst, 8)
				}
				pc = back
				base = unsafe.Add(from, -16-int(opA(back))*8)
				continue
			}
			goto out
		}
	isf:
		{
			if *regA(base, pc) >= False {
				pc = jumpD(pc)
			}
			continue
		}
	mov:
		{
			*regA(base, pc) = *regB(base, pc)
			continue
		}
	loadk:
		{
			*regA(base, pc) = constD(pc)
			continue
		}
	uget:
		{
			f := (*closureObj)(unsafe.Add(mem, uintptr(ref(*slot(base, -2)))<<3))
			uv := (*upvalObj)(unsafe.Add(mem, uintptr(*upvalRef(f, int(opB(pc))))<<3))
			*regA(base, pc) = *(*Value)(unsafe.Add(mem, uintptr(uv.loc)<<3))
			continue
		}
	tgets:
		{
			tv := *regB(base, pc)
			if tv>>tagShift == tagTable {
				t := (*tableObj)(unsafe.Add(mem, uintptr(ref(tv))<<3))
				n := (*node)(unsafe.Add(mem, uintptr(t.node)<<3+uintptr(uint32(*hint(pc))&t.mask)<<4))
				if n.key == constK(pc) && n.val != Nil {
					*regA(base, pc) = n.val
					continue
				}
				goto inherited
			}
			goto out
		}
	tgetv:
		{
			tv, k := *regB(base, pc), *regC(base, pc)
			if tv>>tagShift == tagTable {
				t := (*tableObj)(unsafe.Add(mem, uintptr(ref(tv))<<3))
				if k.isNumber() {
					f := math.Float64frombits(uint64(k))
					i := int64(f)
					if float64(i) == f && uint64(i) < uint64(t.asize) {
						v := *(*Value)(unsafe.Add(mem, uintptr(t.arr)<<3+uintptr(i)<<3))
						if v != Nil || t.meta == 0 {
							*regA(base, pc) = v
							continue
						}
					}
				} else if k>>tagShift == tagString {
					s := (*stringObj)(unsafe.Add(mem, uintptr(ref(k))<<3))
					for i := s.hash & t.mask; ; i = (i + 1) & t.mask {
						n := (*node)(unsafe.Add(mem, uintptr(t.node)<<3+uintptr(i)<<4))
						if n.key == k && n.val != Nil {
							*regA(base, pc) = n.val
							continue loop
						}
						if n.key == Nil && t.meta == 0 {
							*regA(base, pc) = Nil
							continue loop
						}
						if n.key == k || n.key == Nil {
							break
						}
					}
				}
				goto getIndex
			}
			goto out
		}
	tsetv:
		{
			tv, k := *regB(base, pc), *regC(base, pc)
			if tv>>tagShift == tagTable {
				t := (*tableObj)(unsafe.Add(mem, uintptr(ref(tv))<<3))
				if k.isNumber() {
					f := math.Float64frombits(uint64(k))
					i := int64(f)
					if float64(i) == f && uint64(i) < uint64(t.asize) && t.gc&gcBlack == 0 {
						p := (*Value)(unsafe.Add(mem, uintptr(t.arr)<<3+uintptr(i)<<3))
						if *p != Nil || t.meta == 0 {
							*p = *regA(base, pc)
							continue
						}
					}
				} else if k>>tagShift == tagString && t.gc&gcBlack == 0 {
					s := (*stringObj)(unsafe.Add(mem, uintptr(ref(k))<<3))
					for i := s.hash & t.mask; ; i = (i + 1) & t.mask {
						n := (*node)(unsafe.Add(mem, uintptr(t.node)<<3+uintptr(i)<<4))
						if n.key == k && n.val != Nil {
							n.val = *regA(base, pc)
							continue loop
						}
						if n.key == k || n.key == Nil {
							break
						}
					}
				}
				if t.meta == 0 {
					goto setIndex
				}
			}
			goto out
		}
	tsets:
		{
			tv := *regB(base, pc)
			if tv>>tagShift == tagTable {
				t := (*tableObj)(unsafe.Add(mem, uintptr(ref(tv))<<3))
				n := (*node)(unsafe.Add(mem, uintptr(t.node)<<3+uintptr(uint32(*hint(pc))&t.mask)<<4))
				if n.key == constK(pc) && n.val != Nil && t.gc&gcBlack == 0 {
					n.val = *regA(base, pc)
					continue
				}
				if t.meta == 0 && t.gc&gcBlack == 0 {
					goto newField
				}
			}
			goto out
		}
	absent:
		*regA(base, pc) = Nil
		continue
	addvv:
		{
			if r := numB(base, pc) + numC(base, pc); r >= r {
				*regA(base, pc) = Value(math.Float64bits(r))
				continue
			}
			goto out
		}
	subvv:
		{
			if r := numB(base, pc) - numC(base, pc); r >= r {
				*regA(base, pc) = Value(math.Float64bits(r))
				continue
			}
			goto out
		}
	mulvv:
		{
			if r := numB(base, pc) * numC(base, pc); r >= r {
				*regA(base, pc) = Value(math.Float64bits(r))
				continue
			}
			goto out
		}
	addvk:
		{
			if r := numB(base, pc) + numD(pc); r >= r {
				*regA(base, pc) = Value(math.Float64bits(r))
				continue
			}
			goto out
		}
	subvk:
		{
			if r := numB(base, pc) - numD(pc); r >= r {
				*regA(base, pc) = Value(math.Float64bits(r))
				continue
			}
			goto out
		}
	forlp:
		{
			if budget > 0 {
				budget--
				a := unsafe.Pointer(regA(base, pc))
				i := numAt(a, 0) + numAt(a, 2)
				if i <= numAt(a, 1) {
					*slot(a, 0) = Value(math.Float64bits(i))
					*slot(a, 3) = Value(math.Float64bits(i))
					pc = jumpD(pc)
				}
				continue
			}
			goto out
		}
	uset:
		{
			f := (*closureObj)(unsafe.Add(mem, uintptr(ref(*slot(base, -2)))<<3))
			uv := (*upvalObj)(unsafe.Add(mem, uintptr(*upvalRef(f, int(opA(pc))))<<3))
			if uv.gc&gcBlack == 0 {
				*(*Value)(unsafe.Add(mem, uintptr(uv.loc)<<3)) = *regB(base, pc)
				continue
			}
			goto out
		}
	call:
		{
			a := unsafe.Pointer(regA(base, pc))
			if fv := *slot(a, 0); fv>>tagShift == tagFunction {
				f := (*closureObj)(unsafe.Add(mem, uintptr(ref(fv))<<3))
				if f.typ == objLua {
					code := unsafe.Add(mem, uintptr(f.pc)<<3)
					info := infoWord(code)
					if info>>16 != 0 {
						goto vararg
					}
					newbase := unsafe.Add(a, 16)
					end := unsafe.Add(newbase, info>>8*8)
					if uintptr(end) <= uintptr(vm.stackEnd) && budget > 0 {
						budget--
						*slot(newbase, -1) = Value((uintptr(pc) - uintptr(mem)) >> 3)
						for n, nargs := uintptr(uint8(info)), opC(pc)-1; nargs < n; nargs++ {
							*(*Value)(unsafe.Add(newbase, nargs*8)) = Nil
						}
						pc, base = code, newbase
						continue
					}
				} else if in := (*builtinObj)(unsafe.Pointer(f)).inline; in != 0 {
					if in <= inlineWrapped {
						goto switchThread
					}
					// A builtin in place: r is its one result, or Nil if Go is
					// to be asked. What is not a number is a NaN here, too.
					n := opC(pc) // arguments and 1
					v, x, y, r := *slot(a, 2), numAt(a, 2), numAt(a, 3), Nil
					switch in {
					case InlineFloor:
						if i := float64(int64(x)); n >= 2 && x > -1<<62 && x < 1<<62 {
							if i > x {
								i--
							} else if i == x {
								i = x // the sign of 0
							}
							r = Value(math.Float64bits(i))
						}
					case InlineCeil:
						if i := float64(int64(x)); n >= 2 && x > 0 && x < 1<<62 {
							if i < x {
								i++
							}
							r = Value(math.Float64bits(i))
						}
					case InlineAbs:
						if n >= 2 && x == x {
							r = v &^ (1 << 63)
						}
					case InlineSqrt:
						if n >= 2 && x >= 0 {
							r = Value(math.Float64bits(math.Sqrt(x)))
						}
					case InlineMax:
						if n == 3 && x > y {
							r = v
						} else if n == 3 && x <= y {
							r = *slot(a, 3)
						}
					case InlineMin:
						if n == 3 && x < y {
							r = v
						} else if n == 3 && x >= y {
							r = *slot(a, 3)
						}
					case InlineByte:
						if n <= 1 || n > 3 || v>>tagShift != tagString {
							break
						}
						i := int64(1)
						if n == 3 {
							if i = int64(y); float64(i) != y {
								break
							}
						}
						s := (*stringObj)(unsafe.Add(mem, uintptr(ref(v))<<3))
						if uint64(i-1) < uint64(s.len) {
							b := *(*uint8)(unsafe.Add(unsafe.Pointer(s), stringHead-1+i))
							r = Value(math.Float64bits(float64(b)))
						}
					case InlineLen:
						if n >= 2 && v>>tagShift == tagString {
							s := (*stringObj)(unsafe.Add(mem, uintptr(ref(v))<<3))
							r = Value(math.Float64bits(float64(s.len)))
						}
					case InlineType:
						k := v >> tagShift & 7
						if v.isNumber() {
							k = 0
						} else if k < 2 { // userdata or thread
							break
						}
						if n >= 2 {
							r = vm.typeNames[inlineTypes[k]&7]
						}
					case InlineBand:
						if n == 3 && x == x && y == y {
							r = Value(math.Float64bits(float64(int32(math.Float64bits(x+bitBias) & math.Float64bits(y+bitBias)))))
						}
					case InlineBor:
						if n == 3 && x == x && y == y {
							r = Value(math.Float64bits(float64(int32(math.Float64bits(x+bitBias) | math.Float64bits(y+bitBias)))))
						}
					case InlineBxor:
						if n == 3 && x == x && y == y {
							r = Value(math.Float64bits(float64(int32(math.Float64bits(x+bitBias) ^ math.Float64bits(y+bitBias)))))
						}
					case InlineLshift:
						if n >= 3 && x == x && y == y {
							r = Value(math.Float64bits(float64(int32(math.Float64bits(x+bitBias)) << (math.Float64bits(y+bitBias) & 31))))
						}
					case InlineRshift:
						if n >= 3 && x == x && y == y {
							r = Value(math.Float64bits(float64(int32(uint32(math.Float64bits(x+bitBias)) >> (math.Float64bits(y+bitBias) & 31)))))
						}
					case InlineArshift:
						if n >= 3 && x == x && y == y {
							r = Value(math.Float64bits(float64(int32(math.Float64bits(x+bitBias)) >> (math.Float64bits(y+bitBias) & 31))))
						}
					case InlineTobit:
						if n >= 2 && x == x {
							r = Value(math.Float64bits(float64(int32(math.Float64bits(x + bitBias)))))
						}
					case InlineBnot:
						if n >= 2 && x == x {
							r = Value(math.Float64bits(float64(int32(^math.Float64bits(x + bitBias)))))
						}
					}
					if r != Nil {
						switch opB(pc) {
						case 2:
							*slot(a, 0) = r
							continue
						case 0:
							*slot(a, 0), vm.multres = r, 1
							continue
						case 1:
							continue
						}
					}
					goto inPlace
				}
			}
			goto out
		}
	inPlace:
		// CALL and CALLM of a builtin that inPlace may know.
		vm.pc, vm.base, vm.budget = pc, base, budget
		{
			a, n := unsafe.Pointer(regA(base, pc)), int(opC(pc))-1
			if opOf(pc) == uint8(CALLM) {
				n += 1 + vm.multres
			}
			f := (*builtinObj)(unsafe.Add(mem, uintptr(ref(*slot(a, 0)))<<3))
			if n = vm.inPlace(f.inline, unsafe.Add(a, 16), n); n < 0 {
				goto builtin
			}
			pc, base, budget = vm.pc, vm.base, vm.budget
			want := int(opB(pc)) - 1
			if want < 0 {
				vm.multres = n
			}
			for ; n < want; n++ {
				*slot(unsafe.Pointer(regA(base, pc)), n) = Nil
			}
			continue
		}
	tablen:
		// LEN of a table whose border is where it was or one further.
		{
			t := (*tableObj)(unsafe.Add(mem, uintptr(ref(*regB(base, pc)))<<3))
			arr, n := unsafe.Add(mem, uintptr(t.arr)<<3), t.lenHint
			if n+1 < t.asize && t.meta == 0 && *numItem(arr, t.asize-1) == Nil && (n == 0 || *numItem(arr, n) != Nil) {
				if *numItem(arr, n+1) != Nil {
					// One less than asize is nil, so this is in the array part.
					if n++; *numItem(arr, n+1) != Nil {
						goto out
					}
					t.lenHint = n
				}
				*regA(base, pc) = Value(math.Float64bits(float64(n)))
				continue
			}
			goto out
		}
	tnew:
		vm.pc, vm.base, vm.budget = pc, base, budget
		if vm.debt() > 0 {
			goto stored
		}
		if r := vm.newTable(tnewArray(opD(pc)), uint8(opB(pc))); r != 0 {
			pc, base, budget = vm.pc, vm.base, vm.budget
			*regA(base, pc) = tableBits | Value(r)
			continue
		}
		goto stored
	getIndex:
		// TGETV of what is elsewhere in a table.
		vm.pc, vm.base, vm.budget = pc, base, budget
		{
			t := ref(*regB(base, pc))
			v := vm.tget(t, *regC(base, pc))
			if v == Nil && vm.table(t).meta != 0 {
				goto stored
			}
			pc, base, budget = vm.pc, vm.base, vm.budget
			*regA(base, pc) = v
			continue
		}
	setIndex:
		// TSETV of what is elsewhere in a table without metatable, or new.
		vm.pc, vm.base, vm.budget = pc, base, budget
		{
			k, v := *regC(base, pc), *regA(base, pc)
			if k == Nil || k == nanBits || v == Nil {
				goto stored
			}
			p := vm.tset(ref(*regB(base, pc)), k)
			if p == nil {
				goto stored
			}
			*p = v
			pc, base, budget = vm.pc, vm.base, vm.budget
			continue
		}
	newField:
		// TSETS of what is not where the hint says, in a table without metatable.
		vm.pc, vm.base, vm.budget = pc, base, budget
		{
			k, v := constK(pc), *regA(base, pc)
			t := (*tableObj)(unsafe.Add(mem, uintptr(ref(*regB(base, pc)))<<3))
			hash := (*stringObj)(unsafe.Add(mem, uintptr(ref(k))<<3)).hash
			for i := hash & t.mask; ; i = (i + 1) & t.mask {
				n := (*node)(unsafe.Add(mem, uintptr(t.node)<<3+uintptr(i)<<4))
				if n.key == k {
					n.val = v
					*hint(vm.pc) = hintFor(hash, i, t.mask)
					break
				}
				if n.key == Nil && v != Nil && t.used < nodeMax(t.mask) {
					n.key, n.val = k, v
					t.used++
					break
				}
				if n.val == Nil {
					goto stored
				}
			}
			t.nomm = 0
			pc, base, budget = vm.pc, vm.base, vm.budget
			continue
		}
	cat:
		vm.pc, vm.base, vm.budget = pc, base, budget
		if x := vm.cat(); x != exitNone {
			return x
		}
		pc, base, budget = vm.pc, vm.base, vm.budget
		continue
	builtin:
		vm.pc, vm.base, vm.budget = pc, base, budget
		if x := vm.callOp(); x != exitNone {
			return x
		}
		pc, base, budget = vm.pc, vm.base, vm.budget
		continue
	switchThread:
		vm.pc, vm.base, vm.budget = pc, base, budget
		if x := vm.switchThread(); x != exitNone {
			return x
		}
		pc, base, budget = vm.pc, vm.base, vm.budget
		continue
	inherited:
		// TGETS and SELF of a string, or of a table whose node at the hint is not
		// the field: the methods of a class above all. The registers are stored, so
		// that nothing needs to be spilled elsewhere.
		vm.pc, vm.base, vm.budget = pc, base, budget
		{
			k := constK(pc)
			hash := (*stringObj)(unsafe.Add(mem, uintptr(ref(k))<<3)).hash
			v := *regB(base, pc)
			for depth := 0; depth < 10; depth++ {
				meta := vm.root.strMeta
				if v>>tagShift == tagTable {
					t := (*tableObj)(unsafe.Add(mem, uintptr(ref(v))<<3))
					for i := hash & t.mask; ; i = (i + 1) & t.mask {
						n := (*node)(unsafe.Add(mem, uintptr(t.node)<<3+uintptr(i)<<4))
						found := n.val
						if n.key == k && found != Nil && depth == 0 {
							*hint(vm.pc) = hintFor(hash, i, t.mask)
						} else if n.key == k && found != Nil {
						} else if n.key != k && n.key != Nil {
							continue
						} else if meta = t.meta; meta != 0 {
							break
						} else {
							found = Nil
						}
						pc, base, budget = vm.pc, vm.base, vm.budget
						a := unsafe.Pointer(regA(base, pc))
						if baseOp(opOf(pc)) == SELF {
							*slot(a, 2) = *regB(base, pc)
						}
						*slot(a, 0) = found
						continue loop
					}
				} else if v>>tagShift != tagString {
					goto stored
				}
				t := (*tableObj)(unsafe.Add(mem, uintptr(meta)<<3))
				index := stringBits | Value(vm.root.mmName[mmIndex])
				for i := (*stringObj)(unsafe.Add(mem, uintptr(ref(index))<<3)).hash & t.mask; ; i = (i + 1) & t.mask {
					n := (*node)(unsafe.Add(mem, uintptr(t.node)<<3+uintptr(i)<<4))
					v = n.val
					if n.key == index {
						break
					}
					if n.key == Nil {
						goto stored
					}
				}
			}
			goto stored
		}
	vararg:
		// CALL and CALLM of a Lua function with "...": the fixed parameters move
		// above the arguments, which stay.
		{
			a := unsafe.Pointer(regA(base, pc))
			nargs := opC(pc) - 1
			if opOf(pc) == uint8(CALLM) {
				nargs += 1 + uintptr(vm.multres)
			}
			to := unsafe.Add(a, (nargs+4)*8)
			f := (*closureObj)(unsafe.Add(mem, uintptr(ref(*slot(a, 0)))<<3))
			info := infoOf(unsafe.Add(mem, uintptr(f.pc)<<3))
			if uintptr(unsafe.Add(to, uintptr(info.frameSize)*8)) <= uintptr(vm.stackEnd) && budget > 0 {
				budget--
				*slot(a, 1) = Value((uintptr(pc) - uintptr(mem)) >> 3)
				*slot(to, -2) = *slot(a, 0)
				*slot(to, -1) = Value(nargs+2)<<40 | linkVararg<<32
				pc, base = unsafe.Add(mem, uintptr(f.pc)<<3), to
				for n := info.numParams; n > 0; n-- {
					v := Nil
					if nargs > 0 {
						nargs--
						v, *slot(a, 2) = *slot(a, 2), v
					}
					*(*Value)(to) = v
					a, to = unsafe.Add(a, 8), unsafe.Add(to, 8)
				}
				continue
			}
		}
	out:
		vm.pc, vm.base, vm.budget = pc, base, budget
	stored:
		if opOf(vm.pc) == uint8(CALL) {
			if x := vm.callOp(); x != exitNone {
				return x
			}
		} else if x := vm.slow(); x != exitNone {
			return x
		}
		pc, base, budget = vm.pc, vm.base, vm.budget
	}
}

var primitives = [4]Value{PriNil: Nil, PriTrue: True, PriFalse: False, 3: Nil}

// primitive is the value of PriNil, PriTrue or PriFalse.
func primitive(p uintptr) Value { return primitives[p&3] }

// The control variable of a for loop over pairs or ipairs that ITERP has
// recognised: light userdata that no script can make or see. Its low 32 bits
// are the position: in the array part, then in the nodes; for ipairs the
// index of the last item.
const (
	iterBits  = lightBits | 1<<46
	iterArray = Value(1) << 45
)
