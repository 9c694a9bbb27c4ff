package lua

import "bytes"

// The count hook of package debug. It is called between two slices of the
// budget, which are made as short as it asks for: so it counts the budget's
// steps, loop iterations and calls, and costs nothing while none is set. Its
// function stands in the registry and its count in the root block: both are
// part of a snapshot. As in LuaJIT one hook serves all threads of the VM; but it
// ends with the thread of the host's that has set it, so that what one request
// leaves behind doesn't run in the others for ever.

const hookField = "hook"

func debugGethook(c *Call) Ret {
	c.Push(c.vm.Field(c.vm.Registry(), hookField))
	c.PushString(nil)
	c.Push(Int(int(c.vm.root.hookCount)))
	return c.Pushed()
}

func debugSethook(c *Call) Ret {
	vm := c.vm
	_, i := c.debugThread() // one hook serves all threads
	fn, count := Nil, 0
	if c.Arg(i) != Nil {
		mask, ok := c.CheckString(i + 1)
		if !ok {
			return Fail
		}
		if fn, ok = c.CheckFunction(i); !ok {
			return Fail
		}
		if count, ok = c.OptInt(i+2, 0); !ok {
			return Fail
		}
		if bytes.ContainsAny(mask, "crl") {
			return c.Errorf("debug.sethook: there is no call, return or line hook, only the count hook")
		}
	}
	if !vm.SetField(vm.Registry(), hookField, fn) {
		return c.memoryError()
	}
	vm.account()
	vm.root.hookCount = uint32(max(count, 0))
	vm.hookLeft, vm.hookDue = int64(vm.root.hookCount), false
	vm.hookBy = vm.rootThread(vm.root.curThread)
	vm.refill()
	return c.Return()
}

// dropHook takes away the hook that the released thread r has set.
func (vm *VM) dropHook(r ref) {
	if vm.hookBy != r {
		return
	}
	vm.hookBy, vm.root.hookCount, vm.hookDue = 0, 0, false
	vm.SetField(vm.Registry(), hookField, Nil)
}

// runHook calls the hook, if one is due, above the current frame. False means
// that it has failed.
func (vm *VM) runHook() bool {
	if !vm.hookDue {
		return true
	}
	vm.hookDue = false
	fn := vm.Field(vm.Registry(), hookField)
	if !fn.isFunction() {
		vm.refill()
		return true
	}
	nres := vm.nresults
	vm.hooking = true
	_, ok := vm.nestedAbove(linkNested, fn, vm.hookEvent, Nil)
	vm.account() // the hook's own steps don't count for it
	vm.hooking = false
	if ok {
		vm.nresults = nres
	}
	vm.refill()
	return ok
}
