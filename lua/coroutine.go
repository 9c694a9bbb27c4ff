package lua

import "unsafe"

// The coroutine library.

var (
	coCreateID      = RegisterPure("create", coCreate)
	coResumeID      = Inlined(Register("resume", coResume), inlineResume)
	coYieldID       = Inlined(Register("yield", func(c *Call) Ret { return retYield }), inlineYield)
	coStatusID      = Register("status", coStatus)
	coRunningID     = Register("running", coRunning)
	coIsYieldableID = Register("isyieldable", func(c *Call) Ret { return c.ReturnBool(c.vm.yieldable()) })
	coWrapID        = RegisterPure("wrap", coWrap)
	coWrappedID     = Inlined(Register("wrapped", coWrapped), inlineWrapped)
)

func (vm *VM) openCoroutine() {
	t := vm.NewTable(0, 8)
	for _, e := range []struct {
		name string
		id   BuiltinID
	}{
		{"create", coCreateID}, {"resume", coResumeID}, {"yield", coYieldID}, {"status", coStatusID},
		{"running", coRunningID}, {"isyieldable", coIsYieldableID}, {"wrap", coWrapID},
	} {
		vm.SetField(t, e.name, vm.Builtin(e.id))
	}
	vm.SetField(vm.Globals(), "coroutine", t)
}

// yieldable tells whether coroutine.yield would succeed.
func (vm *VM) yieldable() bool {
	return vm.th.nest == 0 && (vm.th.parent != 0 || vm.th.flags&threadHosted != 0)
}

// newCoroutine makes a suspended thread whose body is fn.
func (c *Call) newCoroutine(i int) (ref, bool) {
	fn, ok := c.CheckFunction(i)
	if !ok {
		return 0, false
	}
	r := c.vm.heap.newThread(stackSlotsMin)
	if r == 0 {
		c.memoryError()
		return 0, false
	}
	th := c.vm.thread(r)
	th.env = c.vm.th.env
	c.vm.touchThread(r)
	base := slotPtr(c.vm.ptr(th.stack), 2)
	*slot(base, -2) = fn
	*slot(base, -1) = makeLink(linkThread, 0, 0)
	th.base, th.top = 2, 2
	return r, true
}

func coCreate(c *Call) Ret {
	r, ok := c.newCoroutine(1)
	if !ok {
		return Fail
	}
	return c.Return1(objectBits | Value(r))
}

// threadArg returns argument i, a coroutine.
func (c *Call) threadArg(i int) (ref, bool) {
	v := c.Arg(i)
	if c.vm.TypeOf(v) != TypeThread {
		c.ArgError(i, "coroutine expected")
		return 0, false
	}
	return v.ref(), true
}

// resumable tells what stands in the way of resuming the thread r, if anything.
func (vm *VM) resumable(r ref) string {
	th := vm.thread(r)
	switch {
	case r == vm.root.curThread || th.status == threadNormal || th.status == threadRunning:
		return "cannot resume running coroutine"
	case th.status == threadDead && th.flags&threadZombie != 0:
		return "cannot resume zombie coroutine"
	case th.status == threadDead:
		return "cannot resume dead coroutine"
	case vm.th.depth >= chainMax:
		return "C stack overflow"
	}
	return ""
}

// chainMax bounds how many coroutines may wait in resume for one another.
const chainMax = 200

func coResume(c *Call) Ret {
	r, ok := c.threadArg(1)
	if !ok {
		return Fail
	}
	if msg := c.vm.resumable(r); msg != "" {
		return c.returnFailure(False, msg)
	}
	c.vm.frameExit = c.vm.resume(r, slotPtr(c.base, 1), c.nargs-1, pendResume)
	return retFrame
}

func coWrap(c *Call) Ret {
	r, ok := c.newCoroutine(1)
	if !ok {
		return Fail
	}
	f := c.vm.Builtin(coWrappedID, objectBits|Value(r))
	if f == Nil {
		return c.memoryError()
	}
	return c.Return1(f)
}

func coWrapped(c *Call) Ret {
	r := c.Upvalue(1).ref()
	if msg := c.vm.resumable(r); msg != "" {
		return c.Errorf("%s", msg)
	}
	c.vm.frameExit = c.vm.resume(r, c.base, c.nargs, pendWrap)
	return retFrame
}

// statusNames are what coroutine.status tells of the thread states, and of zombies.
var statusNames = [...]string{threadSuspended: "suspended", threadRunning: "running", threadNormal: "normal", threadDead: "dead", statusZombie: "zombie"}

const statusZombie = threadDead + 1

func coStatus(c *Call) Ret {
	r, ok := c.threadArg(1)
	if !ok {
		return Fail
	}
	th := c.vm.thread(r)
	s := th.status
	switch {
	case r == c.vm.root.curThread: // that waits for the host
		s = threadRunning
	case s == threadDead && th.flags&threadZombie != 0:
		s = statusZombie
	}
	return c.Return1(c.vm.statusNames[s])
}

func coRunning(c *Call) Ret {
	if c.vm.compat52 {
		main := c.vm.th.parent == 0 && c.vm.th.flags&threadHosted == 0
		return c.Return2(objectBits|Value(c.vm.root.curThread), Bool(main))
	}
	if c.vm.th.parent == 0 && c.vm.th.flags&threadHosted == 0 {
		return c.Return1(Nil)
	}
	return c.Return1(objectBits | Value(c.vm.root.curThread))
}

// threadHosted marks a thread that the host made: yielding from it reaches
// the host. threadZombie: see SetZombie. threadHandler marks a thread that runs
// a message handler: an error there has none, but its stack may grow a little
// further. Coroutines that the handler resumes have their own handlers, as in
// LuaJIT.
const (
	threadHosted = 1 << iota
	threadZombie
	threadHandler
)

// SetYieldable says whether the thread counts as a coroutine for its code:
// coroutine.yield then ends a run with Yielded. It is what a server's request
// is, and what a program's main chunk is not.
func (t *Thread) SetYieldable(b bool) {
	th := t.vm.thread(t.th)
	th.flags &^= threadHosted
	if b {
		th.flags |= threadHosted
	}
}

// Current returns the running coroutine.
func (vm *VM) Current() Value { return objectBits | Value(vm.root.curThread) }

// pcall and xpcall shift their arguments into a frame of their own.

func basePcall(c *Call) Ret {
	if !c.CheckAny(1) {
		return Fail
	}
	vm := c.vm
	if !vm.reserve(c, c.nargs+1) {
		return Fail
	}
	n := c.nargs - 1
	newbase := slotPtr(c.base, 2)
	copy(slots(newbase, n), slots(slotPtr(c.base, 1), n))
	*slot(newbase, -1) = makeLink(linkPcall, 2, 0)
	return vm.callFrom(c, newbase, n)
}

func baseXpcall(c *Call) Ret {
	if !c.CheckAny(1) {
		return Fail
	}
	if _, ok := c.CheckFunction(2); !ok {
		return Fail
	}
	vm := c.vm
	if !vm.reserve(c, c.nargs+1) {
		return Fail
	}
	n := c.nargs - 2
	newbase := slotPtr(c.base, 3)
	copy(slots(newbase, n), slots(slotPtr(c.base, 2), n))
	f, h := *slot(c.base, 0), *slot(c.base, 1)
	*slot(c.base, 0), *slot(c.base, 1) = h, f
	*slot(newbase, -1) = makeLink(linkXpcall, 3, 0)
	return vm.callFrom(c, newbase, n)
}

// callFrom calls the function at newbase[-2] in place of the builtin's body.
// A failure to call is one inside the protected frame.
func (vm *VM) callFrom(c *Call, newbase unsafe.Pointer, n int) Ret {
	vm.frameExit = vm.begin(newbase, n)
	return retFrame
}
