package lua

import "unsafe"

// throw unwinds to whoever catches vm.root.errValue.
func (vm *VM) throw() exit {
	if vm.aborting {
		return exitAbort
	}
	if !vm.handled && !vm.fatal {
		if vm.callHandler(); vm.aborting {
			return exitAbort
		}
	}
	th := vm.th
	errBase, errPC := vm.base, vm.pc
	for {
		base := vm.base
		l := *slot(base, -1)
		switch kind := linkKind(l); kind {
		case linkLua:
			vm.pc = vm.ptr(linkPC(l))
			vm.base = slotPtr(base, -2-int(opA(vm.pc)))
		case linkVararg, linkBuiltin:
			vm.base = slotPtr(base, -linkDelta(l))
		case linkMeta, linkMetaNot, linkMetaCat:
			vm.pc = vm.ptr(linkPC(l))
			vm.base = slotPtr(base, -linkDelta(l))
		case linkPcall, linkXpcall:
			vm.base = slotPtr(base, -linkDelta(l))
			if vm.fatal {
				continue
			}
			vm.closeUpvals(base)
			*slot(base, -2), *slot(base, -1) = False, vm.root.errValue
			vm.root.errValue = Nil
			vm.handled = false
			return vm.deliver(*slot(vm.base, -1), vm.base, slotPtr(base, -2), 2)
		case linkNested, linkFinalizer:
			vm.closeUpvals(base)
			vm.base = slotPtr(base, -linkDelta(l))
			return exitError
		case linkThread:
			if th.parent == 0 {
				// The host may want a traceback: leave the stack as it was.
				vm.base, vm.pc = errBase, errPC
				th.status = threadDead
				return exitError
			}
			vm.closeUpvals(vm.ptr(th.stack))
			// The frames stay as they were, for debug.traceback.
			vm.base, vm.pc = errBase, errPC
			vm.syncThread(vm.frameTop())
			if errPC == nil {
				th.pc = 0
			}
			vm.leaveThread(threadDead)
			errBase, errPC = vm.base, nil
			th = vm.th
			pb := vm.base
			if th.pend == pendResume && !vm.fatal {
				*slot(pb, 0), *slot(pb, 1) = False, vm.root.errValue
				vm.root.errValue = Nil
				vm.handled = false
				return vm.deliver(*slot(pb, -1), pb, pb, 2)
			}
			// coroutine.wrap: the error goes on in the caller.
			if vm.root.errValue.isString() && !vm.fatal {
				pos := vm.whereFrame(frame{vm.base, nil}, 1)
				if pos != "" {
					vm.setErrorString(pos + string(vm.Bytes(vm.root.errValue)))
				}
			}
			vm.handled = false
			return vm.throw()
		}
	}
}

// callHandler lets the message handler of the nearest xpcall, unless a pcall
// is nearer, replace the error value, with the stack as it is.
func (vm *VM) callHandler() {
	base := vm.base
	for {
		l := *slot(base, -1)
		switch linkKind(l) {
		case linkLua:
			base = slotPtr(base, -2-int(opA(vm.ptr(linkPC(l)))))
			continue
		case linkVararg, linkBuiltin, linkMeta, linkMetaNot, linkMetaCat, linkNested:
			base = slotPtr(base, -linkDelta(l))
			continue
		case linkPcall, linkThread, linkFinalizer:
			return
		}
		// linkXpcall
		vm.handled = true
		if vm.th.flags&threadHandler != 0 {
			vm.setErrorString("error in error handling")
			return
		}
		h := *slot(slotPtr(base, -linkDelta(l)), 0)
		if !h.isFunction() {
			vm.setErrorString("error in error handling")
			return
		}
		err := vm.root.errValue
		th := vm.th
		th.flags |= threadHandler
		vm.setStackEnd()
		vm.handled = false
		v, ok := vm.nestedAbove(linkNested, h, err)
		vm.handled = true
		th.flags &^= threadHandler
		vm.setStackEnd()
		if ok {
			vm.root.errValue = v
		}
		return
	}
}

// nestedAbove calls f above the current frame, whatever that is, and returns
// its first result. kind is linkNested or linkFinalizer: that leaves the error
// in flight as it was, unless it ends with one that can't be caught.
func (vm *VM) nestedAbove(kind int, f Value, args ...Value) (Value, bool) {
	base, pc, saved := vm.indexOf(vm.base), vm.pc, vm.call
	callAt := slotsBetween(vm.ptr(vm.th.stack), vm.call.base)
	th, cur := vm.th, vm.root.curThread
	top, inFlight := vm.frameTop(), vm.root.errValue
	if !vm.ensure(slotPtr(top, 3+len(args))) || vm.nest >= nestMax+8 {
		if vm.root.errValue = inFlight; kind == linkNested {
			vm.setErrorString("error in error handling")
		}
		return Nil, false
	}
	top = vm.frameTop()
	*slot(top, 0) = inFlight // where the collector sees it
	newbase := slotPtr(top, 3)
	*slot(newbase, -2) = f
	*slot(newbase, -1) = makeLink(kind, slotsBetween(vm.base, newbase), vm.pcRef())
	copy(slots(newbase, len(args)), args)
	at := vm.indexOf(newbase)
	vm.nest++
	th.nest++
	multres := vm.multres
	x := vm.begin(newbase, len(args))
	if x == exitNone {
		x = vm.run()
	}
	vm.returnTo(cur)
	vm.multres = multres
	th.nest--
	vm.nest--
	v := Nil
	if x == exitDone && vm.nresults > 0 {
		v = *slot(vm.at(at), -2)
	}
	if kind == linkFinalizer && !vm.fatal {
		vm.root.errValue = *slot(vm.at(at), -3)
	}
	vm.call = saved
	if callAt >= 0 && callAt < int(th.size) {
		vm.call.base = vm.at(callAt)
	}
	vm.base, vm.pc = vm.at(base), pc
	return v, x == exitDone
}

// pcRef is vm.pc as a ref, 0 if there is none.
func (vm *VM) pcRef() ref {
	if vm.pc == nil {
		return 0
	}
	return vm.refOf(vm.pc)
}

// frame is a position on the stack: a function's base and, if it is a Lua
// function, the instruction after the one that it is at.
type frame struct {
	base unsafe.Pointer
	pc   unsafe.Pointer
}

// top is the innermost frame.
func (vm *VM) topFrame() frame { return frame{vm.base, vm.pc} }

// caller returns the frame that called f; ok is false at the bottom.
func (vm *VM) caller(f frame) (frame, bool) {
	for {
		l := *slot(f.base, -1)
		switch linkKind(l) {
		case linkLua:
			pc := vm.ptr(linkPC(l))
			return frame{slotPtr(f.base, -2-int(opA(pc))), pc}, true
		case linkVararg:
			f.base = slotPtr(f.base, -linkDelta(l))
			continue
		case linkMeta, linkMetaNot, linkMetaCat:
			return frame{slotPtr(f.base, -linkDelta(l)), vm.ptr(linkPC(l))}, true
		case linkBuiltin, linkPcall, linkXpcall:
			return frame{slotPtr(f.base, -linkDelta(l)), nil}, true
		case linkNested, linkFinalizer: // a handler's link holds where the failed function stood
			up := frame{slotPtr(f.base, -linkDelta(l)), nil}
			if linkPC(l) != 0 {
				up.pc = vm.ptr(linkPC(l))
			}
			return up, true
		}
		return f, false
	}
}

// function returns the function of a frame.
func (f frame) function() Value { return *slot(f.base, -2) }

// luaFunction returns the closure if f is a frame of a Lua function.
func (vm *VM) luaFunction(f frame) *closureObj {
	fv := f.function()
	if fv.isFunction() && vm.isLua(fv) {
		return vm.closure(fv.ref())
	}
	return nil
}

// line is the current line of a Lua function's frame, else -1.
func (vm *VM) line(f frame) int {
	c := vm.luaFunction(f)
	if c == nil || f.pc == nil {
		return -1
	}
	return vm.lineAt(c.proto, vm.pcIndex(c, f.pc))
}

// pcIndex is the index of the instruction in front of pc.
func (vm *VM) pcIndex(c *closureObj, pc unsafe.Pointer) int {
	return slotsBetween(vm.ptr(c.pc), pc) - 1
}

// whereFrame is "chunk:line: " for the frame level calls above f, or nothing.
func (vm *VM) whereFrame(f frame, level int) string {
	for range level {
		var ok bool
		if f, ok = vm.caller(f); !ok {
			return ""
		}
	}
	c := vm.luaFunction(f)
	if c == nil || f.pc == nil {
		return ""
	}
	return vm.shortSource(c.proto) + ":" + itoa(vm.line(f)) + ": "
}

// where is whereFrame from the builtin that c belongs to.
func (vm *VM) where(c *Call, level int) string {
	return vm.whereFrame(frame{c.base, nil}, level)
}

// raise sets an error with the position of the current Lua function.
func (vm *VM) raise(msg string) {
	vm.setErrorString(vm.whereFrame(vm.topFrame(), 0) + msg)
}

func (vm *VM) setErrorString(s string) {
	v := vm.NewStringS(s)
	if v == Nil {
		v = vm.memoryErr
	}
	vm.root.errValue = v
}

func (vm *VM) setMemoryError() { vm.root.errValue = vm.memoryErr }

func (vm *VM) throwMemory() exit {
	vm.outOfMemory()
	return vm.throw()
}
