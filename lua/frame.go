package lua

import (
	"unsafe"

	. "moonring/lua/bytecode" //nolint:revive // as in run.go
)

// callOp is CALL and CALLM, and ITERC of what is not a loop over pairs or ipairs,
// for what run does not enter by itself: builtins above all, for which the
// common case is written out here.
func (vm *VM) callOp() exit {
	pc := vm.pc
	newbase := slotPtr(unsafe.Pointer(regA(vm.base, pc)), 2)
	*slot(newbase, -1) = Value(vm.refOf(pc))
	nargs := int(opC(pc)) - 1
	if opOf(pc) == uint8(CALLM) {
		nargs += 1 + vm.multres
	}
	fv := *slot(newbase, -2)
	if !fv.isFunction() || vm.isLua(fv) ||
		uintptr(slotPtr(newbase, nargs)) > uintptr(vm.stackEnd) || vm.debt() > 0 {
		return vm.call0(newbase, nargs)
	}
	f := vm.builtin(fv.ref())
	vm.base = newbase
	c := &vm.call
	c.base, c.nargs, c.top, c.keep = newbase, nargs, nargs, nargs
	n := builtinFuncs[f.id](c)
	if n < 0 {
		return vm.builtinExit(c, n, Value(vm.refOf(pc)), f)
	}
	base := c.base
	if b := int(opB(pc)); b != 0 {
		for i := int(n); i < b-1; i++ {
			*slot(base, i-2) = Nil
		}
	} else {
		vm.multres = int(n)
	}
	vm.pc = pc
	vm.base = slotPtr(base, -2-int(opA(pc)))
	return exitNone
}

// call0 calls the function at newbase[-2] with nargs arguments; the link is
// in place. If that fails the error belongs to the current frame: the caller
// of a plain call or metamethod. Where the link is a boundary (pcall, a nested
// run, a thread) it must be the new frame already, see begin.
func (vm *VM) call0(newbase unsafe.Pointer, nargs int) exit {
	fv := *slot(newbase, -2)
	if !fv.isFunction() {
		mm := vm.metamethod(vm.metatableOf(fv), mmCall)
		if !mm.isFunction() {
			vm.callError(newbase)
			return vm.throw()
		}
		at := vm.indexOf(newbase)
		if !vm.ensureCall(slotPtr(newbase, nargs+1)) {
			return vm.throw()
		}
		newbase = vm.at(at)
		copy(slots(slotPtr(newbase, 1), nargs), slots(newbase, nargs))
		*slot(newbase, 0) = fv
		*slot(newbase, -2) = mm
		fv = mm
		nargs++
	}
	if !vm.isLua(fv) {
		return vm.callBuiltin(newbase, nargs, vm.builtin(fv.ref()))
	}
	return vm.enter(newbase, nargs, vm.closure(fv.ref()))
}

// begin is call0 for a frame that is a boundary of errors.
func (vm *VM) begin(newbase unsafe.Pointer, nargs int) exit {
	vm.base, vm.pc = newbase, nil
	return vm.call0(newbase, nargs)
}

// isLua tells a Lua function from a builtin; fv must be a function.
func (vm *VM) isLua(fv Value) bool { return *(*objType)(vm.ptr(fv.ref())) == objLua }

// enter makes newbase the frame of the Lua function f.
func (vm *VM) enter(newbase unsafe.Pointer, nargs int, f *closureObj) exit {
	code := vm.ptr(f.pc)
	info := *infoOf(code)
	hook := false
	if vm.budget <= 0 {
		if !vm.spend() {
			return vm.throw()
		}
		hook = vm.hookDue
	}
	vm.budget--
	at := vm.indexOf(newbase)
	if !vm.ensureCall(slotPtr(newbase, nargs+2+int(info.frameSize))) {
		return vm.throw()
	}
	newbase = vm.at(at)
	if vm.sampler != nil {
		if l := slot(newbase, -1); linkKind(*l) == linkLua {
			*l = makeLink(linkLua, 1, linkPC(*l)) // not for run to return by
		}
	}
	np := int(info.numParams)
	if info.flags&protoVararg != 0 {
		// The fixed parameters move above the arguments, which stay.
		vbase := slotPtr(newbase, nargs+2)
		*slot(vbase, -2) = *slot(newbase, -2)
		*slot(vbase, -1) = makeLink(linkVararg, nargs+2, 0)
		for i := range np {
			v := Nil
			if i < nargs {
				v = *slot(newbase, i)
				*slot(newbase, i) = Nil
			}
			*slot(vbase, i) = v
		}
		newbase = vbase
	} else {
		for ; nargs < np; nargs++ {
			*slot(newbase, nargs) = Nil
		}
	}
	vm.base, vm.pc = newbase, code
	if vm.sampler != nil {
		vm.sampler.look()
	}
	if hook && !vm.runHook() {
		return vm.throw()
	}
	return exitNone
}

// varg is VARG: the arguments that enter left below the frame.
func (vm *VM) varg() exit {
	pc, base := vm.pc, vm.base
	delta := linkDelta(*slot(base, -1))
	np := int(infoOf(vm.ptr(vm.closure(slot(base, -2).ref()).pc)).numParams)
	have := max(delta-2-np, 0)
	want := int(opB(pc)) - 1
	if want < 0 {
		want = have
		at := vm.indexOf(base)
		if !vm.ensure(slotPtr(unsafe.Pointer(regA(base, pc)), want)) {
			return vm.throw()
		}
		base = vm.at(at)
		vm.multres = want
	}
	src, dst := slotPtr(base, np-delta), unsafe.Pointer(regA(base, pc))
	n := min(have, want)
	copy(slots(dst, n), slots(src, n))
	for i := n; i < want; i++ {
		*slot(dst, i) = Nil
	}
	return exitNone
}

// tailCall replaces the current frame by a call of R[A].
func (vm *VM) tailCall(nargs int) exit {
	pc, base := vm.pc, vm.base
	if opB(pc) != 0 {
		vm.closeUpvals(base)
	}
	a := unsafe.Pointer(regA(base, pc))
	fv := *slot(a, 0)
	if !fv.isFunction() && !vm.metamethod(vm.metatableOf(fv), mmCall).isFunction() {
		vm.callError(slotPtr(a, 2))
		return vm.throw()
	}
	if l := *slot(base, -1); linkKind(l) == linkVararg {
		base = slotPtr(base, -linkDelta(l))
	}
	*slot(base, -2) = fv
	moveDown(base, slotPtr(a, 2), nargs)
	// Should the call fail, the frame that is current is the one it leaves:
	// its registers are gone, so let the caller's stand for it.
	if linkKind(*slot(base, -1)) == linkLua {
		back := vm.ptr(linkPC(*slot(base, -1)))
		vm.pc, vm.base = back, slotPtr(base, -2-int(opA(back)))
		if fv.isFunction() && !vm.isLua(fv) {
			return vm.callBuiltin(base, nargs, vm.builtin(fv.ref()))
		}
		return vm.call0(base, nargs)
	}
	return vm.begin(base, nargs)
}

// callBuiltin runs a Go function and delivers its results.
func (vm *VM) callBuiltin(newbase unsafe.Pointer, nargs int, f *builtinObj) exit {
	top := slotPtr(newbase, nargs)
	if uintptr(top) > uintptr(vm.stackEnd) {
		at := vm.indexOf(newbase)
		if !vm.ensureCall(top) {
			return vm.throw()
		}
		newbase = vm.at(at)
		top = slotPtr(newbase, nargs)
	}
	link := *slot(newbase, -1)
	vm.base = newbase
	c := &vm.call
	c.base, c.nargs, c.top, c.keep = newbase, nargs, nargs, nargs
	if vm.debt() > 0 { // a finalizer may move the stack, and c with it
		if !vm.safepoint(top) {
			return vm.throw()
		}
	}
	n := builtinFuncs[f.id](c)
	if n >= 0 {
		if link>>32 == 0 {
			back := vm.ptr(ref(link))
			base := c.base
			if b := int(opB(back)); b != 0 {
				for i := int(n); i < b-1; i++ {
					*slot(base, i-2) = Nil
				}
			} else {
				vm.multres = int(n)
			}
			vm.pc = back
			vm.base = slotPtr(base, -2-int(opA(back)))
			return exitNone
		}
		return vm.deliver(link, c.base, slotPtr(c.base, -2), int(n))
	}
	return vm.builtinExit(c, n, link, f)
}

// builtinExit handles a builtin's other ways to end.
func (vm *VM) builtinExit(c *Call, n Ret, link Value, f *builtinObj) exit {
	switch n {
	case Fail:
		if vm.aborting {
			return exitAbort
		}
		if vm.root.errValue == vm.memoryErr && builtins[f.id].pure {
			vm.emergency(slotPtr(c.base, c.nargs))
			*slot(c.base, -1) = link
			c.top, c.keep = c.nargs, c.nargs
			if n = builtinFuncs[f.id](c); n >= 0 {
				return vm.deliver(link, c.base, slotPtr(c.base, -2), int(n))
			}
			if n == Fail && vm.root.errValue == vm.memoryErr {
				vm.outOfMemory()
			}
		}
		return vm.throw()
	case retFrame:
		return vm.frameExit
	case retYield:
		return vm.yield(c)
	case retSuspend:
		vm.syncThread(slotPtr(c.base, c.nargs))
		return exitSuspend
	case retAbort:
		vm.aborting = true
		return exitAbort
	}
	panic("lua: builtin " + builtins[f.id].name + " returned an unknown code")
}

// doReturn is RET, RETM, RET0 and RET1.
func (vm *VM) doReturn(op Op) exit {
	pc, base := vm.pc, vm.base
	if opB(pc) != 0 {
		vm.closeUpvals(base)
	}
	res := unsafe.Pointer(regA(base, pc))
	n := 0
	switch op {
	case RET:
		n = opD(pc)
	case RETM:
		n = opD(pc) + vm.multres
	case RET1:
		n = 1
	}
	return vm.deliver(*slot(base, -1), base, res, n)
}

// moveDown copies n slots from src to dst, which is another stack or not above
// src. For the few there mostly are it takes less than copy.
func moveDown(dst, src unsafe.Pointer, n int) {
	for i := range n {
		*slot(dst, i) = *slot(src, i)
	}
}

// deliver ends the frame at base, whose link is l, with n results at res.
func (vm *VM) deliver(l Value, base, res unsafe.Pointer, n int) exit {
	for {
		switch linkKind(l) {
		case linkLua:
			back := vm.ptr(linkPC(l))
			dst := slotPtr(base, -2)
			if b := int(opB(back)); b != 0 {
				k := min(n, b-1)
				moveDown(dst, res, k)
				for i := k; i < b-1; i++ {
					*slot(dst, i) = Nil
				}
			} else {
				moveDown(dst, res, n)
				vm.multres = n
			}
			vm.pc = back
			vm.base = slotPtr(base, -2-int(opA(back)))
			if linkDelta(l) != 0 {
				vm.sampleReturn()
			}
			return exitNone
		case linkVararg, linkBuiltin:
			base = slotPtr(base, -linkDelta(l))
			l = *slot(base, -1)
		case linkMeta, linkMetaNot, linkMetaCat:
			v := Nil
			if n > 0 {
				v = *(*Value)(res)
			}
			at := 0
			if linkKind(l) == linkMetaCat {
				at = int(slot(base, -3).float())
			}
			vm.pc = vm.ptr(linkPC(l))
			vm.base = slotPtr(base, -linkDelta(l))
			vm.sampleReturn()
			return vm.finish(v, linkKind(l) == linkMetaNot, at)
		case linkPcall, linkXpcall:
			copy(slots(slotPtr(base, -1), n), slots(res, n))
			*slot(base, -2) = True
			res = slotPtr(base, -2)
			n++
			base = slotPtr(base, -linkDelta(l))
			l = *slot(base, -1)
			if vm.sampler != nil && linkKind(l) == linkLua {
				l = makeLink(linkLua, 1, linkPC(l))
			}
		case linkNested, linkFinalizer:
			copy(slots(slotPtr(base, -2), n), slots(res, n))
			vm.nresults = n
			vm.base = slotPtr(base, -linkDelta(l))
			vm.sampleReturn()
			return exitDone
		case linkThread:
			return vm.threadReturn(res, n)
		}
	}
}

// callMeta calls the metamethod f above the current frame; its first result
// completes the current instruction.
func (vm *VM) callMeta(kind int, f Value, args ...Value) exit {
	newbase := slotPtr(vm.frameTop(), 3)
	if !f.isFunction() || uintptr(slotPtr(newbase, len(args))) > uintptr(vm.stackEnd) || vm.debt() > 0 {
		return vm.callMetaAt2(kind, 0, f, args...)
	}
	delta, pc := slotsBetween(vm.base, newbase), vm.pc
	link := makeLink(kind, delta, vm.refOf(pc))
	*slot(newbase, -3), *slot(newbase, -2), *slot(newbase, -1) = 0, f, link
	for i, v := range args {
		*slot(newbase, i) = v
	}
	if vm.isLua(f) {
		if vm.enterNested(newbase, len(args)) {
			return exitNone
		}
		return vm.call0(newbase, len(args))
	}
	// A builtin, as those of ngx.var and ngx.header are.
	b := vm.builtin(f.ref())
	c := &vm.call
	vm.base = newbase
	c.base, c.nargs, c.top, c.keep = newbase, len(args), len(args), len(args)
	n := builtinFuncs[b.id](c)
	if n < 0 {
		return vm.builtinExit(c, n, link, b)
	}
	v := Nil
	if n > 0 {
		v = *slot(c.base, -2)
	}
	vm.pc, vm.base = pc, slotPtr(c.base, -delta)
	return vm.finish(v, kind == linkMetaNot, 0)
}

// callMetaAt is callMeta for CAT: the result goes to register at.
func (vm *VM) callMetaAt(kind, at int, f Value, args ...Value) exit {
	return vm.callMetaAt2(kind, at, f, args...)
}

func (vm *VM) callMetaAt2(kind, at int, f Value, args ...Value) exit {
	top := vm.frameTop()
	if !vm.ensure(slotPtr(top, 3+len(args))) {
		return vm.throw()
	}
	top = vm.frameTop()
	*slot(top, 0) = Int(at)
	*slot(top, 1) = f
	newbase := slotPtr(top, 3)
	*slot(newbase, -1) = makeLink(kind, slotsBetween(vm.base, newbase), vm.refOf(vm.pc))
	copy(slots(newbase, len(args)), args)
	return vm.call0(newbase, len(args))
}

// callNested is Call.Call.
func (vm *VM) callNested(c *Call, fn Value, args []Value) bool {
	if vm.nest >= nestMax {
		c.Errorf("C stack overflow")
		return false
	}
	if !vm.reserve(c, c.top+3+len(args)) {
		return false
	}
	saved := *c
	at := vm.indexOf(c.base)
	pc := vm.pc
	th, cur := vm.th, vm.root.curThread
	newbase := slotPtr(c.base, c.top+2)
	*slot(newbase, -2) = fn
	*slot(newbase, -1) = makeLink(linkNested, c.top+2, 0)
	for i, v := range args {
		*slot(newbase, i) = v
	}
	vm.nest++
	th.nest++
	x := exitNone
	if !vm.enterNested(newbase, len(args)) {
		x = vm.begin(newbase, len(args))
	}
	if x == exitNone {
		x = vm.run()
	}
	if vm.root.curThread != cur {
		vm.returnTo(cur)
	}
	th.nest--
	vm.nest--
	*c = saved
	c.base = vm.at(at)
	vm.base, vm.pc = c.base, pc
	vm.sampleReturn()
	return x == exitDone
}

// enterNested makes newbase, whose function and link are in place, the frame of
// a Lua function, if nothing stands in the way.
func (vm *VM) enterNested(newbase unsafe.Pointer, nargs int) bool {
	fv := *slot(newbase, -2)
	if !fv.isFunction() || !vm.isLua(fv) {
		return false
	}
	code := vm.ptr(vm.closure(fv.ref()).pc)
	info := infoOf(code)
	end := slotPtr(newbase, nargs+int(info.frameSize))
	if info.flags != 0 || uintptr(end) > uintptr(vm.stackEnd) || vm.budget <= 0 || vm.sampler != nil {
		return false
	}
	vm.budget--
	for n := int(info.numParams); nargs < n; nargs++ {
		*slot(newbase, nargs) = Nil
	}
	vm.base, vm.pc = newbase, code
	return true
}

// returnTo makes the thread r, from which a nested run began, current again
// after that was aborted in a coroutine.
func (vm *VM) returnTo(r ref) {
	if vm.root.curThread != r {
		vm.killThreads(vm.root.curThread, r)
		vm.loadThread(r)
		vm.th.status = threadRunning
	}
}

// reserve makes sure that c may use n slots from its base.
func (vm *VM) reserve(c *Call, n int) bool {
	if uintptr(slotPtr(c.base, n-builtinSlots)) <= uintptr(vm.stackEnd) {
		return true
	}
	return vm.ensure(slotPtr(c.base, n))
}

// indexOf and at turn places in the running thread's stack into numbers that
// stay right when it moves, and back.
func (vm *VM) indexOf(p unsafe.Pointer) int { return slotsBetween(vm.ptr(vm.th.stack), p) }
func (vm *VM) at(i int) unsafe.Pointer      { return slotPtr(vm.ptr(vm.th.stack), i) }

// ensure makes the stack reach up to end, moving it if it must: pointers into
// it, other than vm.base and vm.call.base, are void then. False: error raised.
func (vm *VM) ensure(end unsafe.Pointer) bool {
	if uintptr(end) <= uintptr(vm.stackEnd) {
		return true
	}
	need := vm.indexOf(end) + builtinSlots + 4
	limit := vm.stackLimit()
	if need > limit {
		vm.raise("stack overflow")
		return false
	}
	size := min(max(2*int(vm.th.size), need), limit)
	return vm.resizeStack(size)
}

// ensureCall is ensure for a call that begins, in which the collector may run:
// at the memory limit it does so at once.
func (vm *VM) ensureCall(end unsafe.Pointer) bool {
	if vm.ensure(end) {
		return true
	}
	if vm.root.errValue != vm.memoryErr {
		return false
	}
	at := vm.indexOf(end)
	vm.emergency(end)
	vm.root.errValue = Nil
	return vm.ensure(vm.at(at))
}

func (vm *VM) resizeStack(size int) bool {
	th := vm.th
	r := vm.allocBlob(uint32(size) * 8)
	if r == 0 {
		vm.setMemoryError()
		return false
	}
	old, oldSize := vm.ptr(th.stack), int(th.size)
	base, callBase := vm.indexOf(vm.base), slotsBetween(old, vm.call.base)
	p := vm.ptr(r)
	n := min(size, oldSize)
	copy(slots(p, n), slots(old, n))
	for i := n; i < size; i++ {
		*slot(p, i) = Nil
	}
	for u := th.open; u != 0; u = vm.upval(u).next {
		uv := vm.upval(u)
		uv.loc = uv.loc - th.stack + r
	}
	vm.freeBlob(th.stack, th.size*8)
	th.stack, th.size = r, uint32(size)
	vm.base = slotPtr(p, base)
	if callBase >= 0 && callBase < oldSize {
		vm.call.base = slotPtr(p, callBase)
	}
	vm.setStackEnd()
	return true
}

// findUpval returns the open upvalue of the slot at p, made if need be; 0
// when memory is out.
func (vm *VM) findUpval(p unsafe.Pointer) ref {
	loc := vm.refOf(p)
	prev := &vm.th.open
	for *prev != 0 {
		uv := vm.upval(*prev)
		if uv.loc == loc {
			return *prev
		}
		if uv.loc < loc {
			break
		}
		prev = &uv.next
	}
	r := vm.newUpval()
	if r == 0 {
		return 0
	}
	uv := vm.upval(r)
	uv.loc, uv.next, uv.closed = loc, *prev, Nil
	*prev = r
	return r
}

// closeAll gives every open upvalue of a thread its own value.
func (vm *VM) closeAll(th *threadObj) {
	for th.open != 0 {
		r := th.open
		uv := vm.upval(r)
		uv.closed = *(*Value)(vm.ptr(uv.loc))
		uv.loc = r + upvalClosed
		th.open, uv.next = uv.next, 0
		vm.barrierUp(r, uv.closed)
	}
}

// closeUpvals gives every open upvalue of a slot from p on its own value.
func (vm *VM) closeUpvals(p unsafe.Pointer) {
	th := vm.th
	limit := vm.refOf(p)
	for th.open != 0 {
		r := th.open
		uv := vm.upval(r)
		if uv.loc < limit {
			return
		}
		uv.closed = *(*Value)(vm.ptr(uv.loc))
		uv.loc = r + upvalClosed
		th.open, uv.next = uv.next, 0
		vm.barrierUp(r, uv.closed)
	}
}

// newClosureOf is CLOSURE: *dst = a function of the prototype p whose upvalues
// come from the current frame.
func (vm *VM) newClosureOf(p ref, dst *Value) bool {
	proto := vm.proto(p)
	n := int(proto.nup)
	r := vm.newClosure(uint8(n))
	if r == 0 {
		return false
	}
	f := vm.closure(r)
	parent := vm.closure(slot(vm.base, -2).ref())
	f.env, f.proto, f.pc = parent.env, p, vm.codeOf(p)
	for i := range n {
		d := vm.upvalDesc(proto, i)
		if d>>8 == 0 {
			*upvalRef(f, i) = *upvalRef(parent, int(d))
			continue
		}
		u := vm.findUpval(slotPtr(vm.base, int(uint8(d))))
		if u == 0 {
			for ; i < n; i++ {
				*upvalRef(f, i) = 0
			}
			return false
		}
		*upvalRef(f, i) = u
	}
	*dst = functionBits | Value(r)
	return true
}
