package lua

import "unsafe"

// What a thread that resumed another does with what comes back.
const (
	pendStart  = iota // never started
	pendResume        // coroutine.resume: true, values or false, error
	pendWrap          // coroutine.wrap's function: values, or the error goes on
)

// Status tells how a run ended.
type Status int

const (
	Done      Status = iota // the function returned: results are there
	Suspended               // a builtin called Suspend: Resume goes on
	Yielded                 // coroutine.yield on the thread itself: Resume goes on
	Failed                  // an error: Err and Traceback tell
	Aborted                 // a builtin called Abort
)

// Thread is the host's handle of a Lua thread: an entry point that runs, with
// all coroutines that it resumes, until it waits or ends.
type Thread struct {
	vm     *VM
	th     ref // the thread itself
	cur    ref // the innermost coroutine, which waits
	pin    Ref
	status Status
	tb     string
	msg    string // see Call
	// What the last run ended with, on the thread's own stack.
	resultsAt, nresults int
}

// NewThread returns a thread that is ready for Start; nil when the memory
// limit is reached. While nothing runs it may collect garbage.
func (vm *VM) NewThread() *Thread {
	if n := len(vm.threads); n > 0 {
		t := vm.threads[n-1]
		vm.threads = vm.threads[:n-1]
		return t
	}
	r := vm.heap.newThread(stackSlotsMin + builtinSlots)
	if r == 0 && vm.root.curThread != vm.root.mainThread {
		return nil // a builtin is at work, whose values the collector doesn't know
	}
	if r == 0 {
		vm.Collect()
		if r = vm.heap.newThread(stackSlotsMin + builtinSlots); r == 0 {
			return nil
		}
	}
	pin := vm.Pin(objectBits | Value(r))
	if pin == 0 {
		return nil
	}
	vm.thread(r).status = threadDead
	return &Thread{vm: vm, th: r, pin: pin}
}

// ReleaseThread takes back a thread in whatever state it is, with the
// coroutines that it waits for. To scripts it is dead until it is used again.
func (vm *VM) ReleaseThread(t *Thread) {
	th := vm.thread(t.th)
	vm.dropHook(t.th)
	if t.cur != 0 {
		vm.killThreads(t.cur, t.th)
	}
	vm.killThreads(t.th, 0)
	if size := uint32(stackSlotsMin + builtinSlots); th.size > 4*size {
		if r := vm.allocBlob(size * 8); r != 0 {
			fillNil(vm.values(r, size))
			vm.freeBlob(th.stack, th.size*8)
			th.stack, th.size = r, size
		}
	}
	th.pend, th.flags, th.tag = pendStart, 0, 0
	t.cur, t.tb, t.nresults = 0, "", 0
	vm.setOwner(t.pin, nil)
	if len(vm.threads) < threadsKept {
		vm.threads = append(vm.threads, t)
		return
	}
	vm.Unpin(t.pin)
}

// killThreads ends the thread r and those that wait for it, up to end, which is
// spared; 0 means all.
func (vm *VM) killThreads(r, end ref) {
	for r != end && r != 0 {
		th := vm.thread(r)
		vm.closeAll(th)
		th.status, th.nest, th.base, th.top = threadDead, 0, 0, 0
		r, th.parent = th.parent, 0
	}
}

const threadsKept = 256 // threads kept for reuse

// rest makes the main thread current: the state in which the host acts.
func (vm *VM) rest() {
	vm.loadThread(vm.root.mainThread)
	vm.base = vm.at(int(vm.th.base))
	vm.pc = nil
}

// Start runs fn with args on the thread.
func (t *Thread) Start(fn Value, args ...Value) Status {
	t.vm.beginRun()
	return t.end(t.enter(fn, args))
}

// enter makes t the running thread and runs fn on it.
func (t *Thread) enter(fn Value, args []Value) exit {
	vm := t.vm
	vm.loadThread(t.th)
	th := vm.th
	th.status, th.parent, th.depth, th.env = threadRunning, 0, 0, vm.root.globals
	base := vm.at(2)
	vm.base, vm.pc = base, nil
	vm.atBuiltin()
	*slot(base, -2) = fn
	*slot(base, -1) = makeLink(linkThread, 0, 0)
	if !vm.ensure(slotPtr(base, len(args))) {
		return exitError
	}
	base = vm.at(2)
	copy(slots(base, len(args)), args)
	if vm.short() && !vm.tighten(slotPtr(base, len(args))) {
		return vm.throw()
	}
	x := vm.begin(base, len(args))
	if x == exitNone {
		x = vm.run()
	}
	return x
}

// Call runs fn with args on the thread to its end, also while another thread runs: then a builtin of that one has asked
// for it, and goes on afterwards within the same budget. What fn calls can't wait. Of a failure there are Message and
// Traceback, but no Err; results are there only if nothing else runs.
func (t *Thread) Call(fn Value, args ...Value) Status {
	vm := t.vm
	if vm.root.curThread == vm.root.mainThread {
		t.Start(fn, args...)
		if t.status == Failed {
			t.msg = vm.errText()
		}
		return t.status
	}
	outer, base, pc, call := vm.root.curThread, vm.indexOf(vm.base), vm.pc, vm.call
	callAt := slotsBetween(vm.ptr(vm.th.stack), vm.call.base)
	nest, multres, nresults, results := vm.nest, vm.multres, vm.nresults, vm.results
	fatal, handled := vm.fatal, vm.handled
	top := vm.frameTop()
	*slot(top, 0) = vm.root.errValue // where the collector sees it
	errAt := vm.indexOf(top)
	vm.syncThread(slotPtr(top, 1))
	vm.th.status = threadNormal

	vm.callers = append(vm.callers, vm.rootThread(outer))
	vm.root.errValue = Nil
	vm.nest, vm.fatal, vm.handled = nest+1, false, false
	t.finish(t.enter(fn, args))
	if t.status == Suspended || t.status == Yielded { // can't be: nest is above 0
		vm.killThreads(vm.root.curThread, 0)
		t.cur, t.status = 0, Aborted
	}
	if t.status == Failed {
		t.msg = vm.errText()
	}

	vm.callers = vm.callers[:len(vm.callers)-1]
	vm.loadThread(outer)
	vm.th.status = threadRunning
	vm.nest, vm.multres, vm.nresults, vm.results = nest, multres, nresults, results
	vm.fatal, vm.handled, vm.aborting = fatal, handled, false
	vm.call = call
	if callAt >= 0 && callAt < int(vm.th.size) {
		vm.call.base = vm.at(callAt)
	}
	vm.base, vm.pc = vm.at(base), pc
	vm.root.errValue = *slot(vm.at(errAt), 0)
	*slot(vm.at(errAt), 0) = Nil
	return t.status
}

// Message is what a thread that Call ran failed with.
func (t *Thread) Message() string { return t.msg }

// errText is the error in flight as lua_tolstring gives it.
func (vm *VM) errText() string {
	if v := vm.root.errValue; v.isString() || v.isNumber() {
		return vm.text(v)
	}
	return "unknown reason"
}

// Resume goes on after Suspended or Yielded: the values become the results of
// the builtin that waited.
func (t *Thread) Resume(values ...Value) Status {
	vm := t.vm
	if t.cur == 0 {
		panic("lua: Resume of a thread that does not wait")
	}
	vm.beginRun()
	vm.loadThread(t.cur)
	t.cur = 0
	th := vm.th
	th.status = threadRunning
	vm.base = vm.at(int(th.base))
	vm.pc = nil
	vm.atBuiltin()
	var x exit
	if vm.ensure(slotPtr(vm.base, len(values))) {
		copy(slots(vm.base, len(values)), values)
		if vm.short() && !vm.tighten(slotPtr(vm.base, len(values))) {
			x = vm.throw()
		} else {
			x = vm.deliver(*slot(vm.base, -1), vm.base, vm.base, len(values))
		}
	} else {
		x = vm.throw()
	}
	if x == exitNone {
		x = vm.run()
	}
	return t.end(x)
}

// ResumeError goes on as Resume does, but the builtin that waited raises the
// error err, as it is.
func (t *Thread) ResumeError(err Value) Status {
	vm := t.vm
	vm.beginRun()
	vm.loadThread(t.cur)
	t.cur = 0
	vm.th.status = threadRunning
	vm.base = vm.at(int(vm.th.base))
	vm.pc = nil
	vm.atBuiltin()
	vm.root.errValue = err
	x := vm.throw()
	if x == exitNone {
		x = vm.run()
	}
	return t.end(x)
}

// end is finish, and then nothing runs.
func (t *Thread) end(x exit) Status {
	vm := t.vm
	t.finish(x)
	vm.nest = 0
	vm.fatal, vm.handled, vm.aborting = false, false, false
	vm.rest()
	return t.status
}

// finish notes how a run of t ended.
func (t *Thread) finish(x exit) {
	vm := t.vm
	t.nresults = 0
	switch x {
	case exitDone:
		t.status = Done
		t.haveResults()
	case exitSuspend:
		t.cur, t.status = vm.root.curThread, Suspended
	case exitYield:
		t.cur, t.status = vm.root.curThread, Yielded
		t.haveResults()
	case exitAbort:
		t.status = Aborted
		vm.killThreads(vm.root.curThread, 0)
	default:
		t.status = Failed
		t.tb = string(vm.traceback(nil, vm.root.curThread, 0))
		t.resultsAt = 0
		if c := &vm.call; vm.root.curThread == t.th && c.base == vm.base && c.nargs > 0 && vm.BuiltinOf(*slot(c.base, -2)) == baseErrorID &&
			*slot(c.base, 0) != vm.root.errValue {
			t.resultsAt, t.nresults = slotsBetween(vm.ptr(vm.th.stack), c.base), 1
		}
		vm.closeUpvals(vm.ptr(vm.th.stack))
	}
}

// Recover makes the VM usable again after a panic in a builtin. The thread
// that was running is lost: release it.
func (vm *VM) Recover() {
	vm.nest = 0
	vm.callers = vm.callers[:0]
	vm.fatal, vm.handled, vm.aborting, vm.finalizing = false, false, false, false
	if r := vm.root.curThread; r != vm.root.mainThread {
		vm.killThreads(r, 0)
	}
	vm.rest()
}

// haveResults notes where the results of a run are.
func (t *Thread) haveResults() {
	vm := t.vm
	t.resultsAt, t.nresults = slotsBetween(vm.ptr(vm.thread(t.th).stack), vm.results), vm.nresults
}

// NResults and Result give what the last run ended with: the function's
// results, or the values yielded. They are valid until the thread runs again or is
// released: until then those of a function that is done stay alive.
func (t *Thread) NResults() int { return t.nresults }

// Result returns result i, from 1; Nil if there is none.
func (t *Thread) Result(i int) Value {
	if uint(i-1) >= uint(t.nresults) {
		return Nil
	}
	return *slot(t.vm.ptr(t.vm.thread(t.th).stack), t.resultsAt+i-1)
}

// KeepErr makes the error of a thread that failed its result: Err is lost when the VM runs again. If the function error has put
// a position in front of its message, the message as it was comes first: so they lie on the stack of a dead coroutine of LuaJIT's.
func (t *Thread) KeepErr() {
	vm := t.vm
	th := vm.thread(t.th)
	vm.touchThread(t.th)
	stack := vm.ptr(th.stack)
	args := slots(slotPtr(stack, t.resultsAt), t.nresults)
	copy(slots(stack, t.nresults), args)
	*slot(stack, t.nresults) = vm.root.errValue
	t.resultsAt = 0
	t.nresults++
	th.base, th.top = 0, uint32(t.nresults)
}

// DropResults lets go of what the last run ended with.
func (t *Thread) DropResults() {
	if t.nresults > 0 {
		t.nresults = 0
		t.vm.thread(t.th).top = 0
	}
}

// SetZombie says whether scripts see the thread, which has ended, as a "zombie": something has still to take its results.
func (t *Thread) SetZombie(b bool) {
	th := t.vm.thread(t.th)
	th.flags &^= threadZombie
	if b {
		th.flags |= threadZombie
	}
}

// SetTag has VM.ThreadTag return tag, a number of the host's, for the thread, until it is released.
func (t *Thread) SetTag(tag uint32) { t.vm.thread(t.th).tag = tag }

// ThreadTag is what SetTag has set for the coroutine v, 0 if it is none or has no tag.
func (vm *VM) ThreadTag(v Value) uint32 {
	if vm.TypeOf(v) != TypeThread {
		return 0
	}
	return vm.thread(v.ref()).tag
}

// ThreadDead tells if the coroutine v has ended.
func (vm *VM) ThreadDead(v Value) bool { return vm.thread(v.ref()).status == threadDead }

// ThreadResumer is the coroutine that has resumed v, Nil if the host has or it is not under way.
func (vm *VM) ThreadResumer(v Value) Value {
	if p := vm.thread(v.ref()).parent; p != 0 {
		return objectBits | Value(p)
	}
	return Nil
}

// ThreadTraceback is the stack of a coroutine that doesn't run, "stack traceback:\n\t...".
func (vm *VM) ThreadTraceback(v Value) string { return string(vm.traceback(nil, v.ref(), 0)) }

// Err returns the error value of a thread that failed.
func (t *Thread) Err() Value { return t.vm.root.errValue }

// ErrString returns the error as text, as lua-nginx logs it.
func (t *Thread) ErrString() string {
	v := t.Err()
	if v.isString() || v.isNumber() {
		return t.vm.text(v)
	}
	if v.isTable() || v.isObject() {
		if s, ok := t.vm.hostToString(v); ok {
			return s
		}
	}
	return "unknown reason"
}

// Traceback is the stack at the error, "stack traceback:\n\t...".
func (t *Thread) Traceback() string { return t.tb }

// Value is the thread as Lua sees it.
func (t *Thread) Value() Value { return objectBits | Value(t.th) }

// Release is VM.ReleaseThread.
func (t *Thread) Release() { t.vm.ReleaseThread(t) }

// Call runs fn to its end on a thread of its own; it must not wait. For hosts
// that are not in a run.
func (vm *VM) Call(fn Value, args ...Value) (results []Value, err error) {
	t := vm.NewThread()
	if t == nil {
		return nil, ErrMemory
	}
	defer t.Release()
	switch t.Start(fn, args...) {
	case Done:
		for i := 1; i <= t.NResults(); i++ {
			results = append(results, t.Result(i))
		}
		return results, nil
	case Failed:
		return nil, &Error{Value: t.Err(), Msg: t.ErrString(), Traceback: t.Traceback()}
	}
	return nil, &Error{Msg: "attempt to yield across C-call boundary"}
}

// threadReturn ends the running thread with n results at res.
func (vm *VM) threadReturn(res unsafe.Pointer, n int) exit {
	if vm.th.parent == 0 {
		vm.th.status = threadDead
		vm.results, vm.nresults = res, n
		vm.syncThread(slotPtr(res, n)) // the host may still look at them
		return exitDone
	}
	vm.th.base, vm.th.top = 0, 0 // no frames left
	vm.leaveThread(threadDead)
	return vm.handOver(res, n)
}

// leaveThread switches from the running thread to the one that resumed it.
func (vm *VM) leaveThread(status uint8) {
	th := vm.th
	th.status = status
	p := th.parent
	th.parent = 0
	vm.loadThread(p)
	vm.th.status = threadRunning
	vm.base = vm.at(int(vm.th.base))
	vm.atBuiltin()
}

// atBuiltin must be called when the frame of a builtin becomes the current one
// by other means than a call: of vm.call only the frame is true then, and
// nothing of it is needed.
func (vm *VM) atBuiltin() {
	c := &vm.call
	c.base, c.nargs, c.top, c.keep = vm.base, 0, 0, 0
}

// handOver makes n values from another stack the results of the builtin frame
// that resumed it.
func (vm *VM) handOver(res unsafe.Pointer, n int) exit {
	if uintptr(slotPtr(vm.base, n+1)) > uintptr(vm.stackEnd) && !vm.ensure(slotPtr(vm.base, n+1)) {
		return vm.throw()
	}
	pb, k := vm.base, 0
	if vm.th.pend == pendResume {
		k = 1
	}
	l := *slot(pb, -1)
	if l>>32 == linkLua {
		vm.toLua(l, pb, res, n, k)
		return exitNone
	}
	*slot(pb, 0) = True
	moveDown(slotPtr(pb, k), res, n)
	return vm.deliver(l, pb, pb, n+k)
}

// toLua hands n values from another stack, after k times true, to the call
// instruction that the frame at base, whose link is l, goes back to.
func (vm *VM) toLua(l Value, base, res unsafe.Pointer, n, k int) {
	back := vm.ptr(linkPC(l))
	dst := slotPtr(base, -2)
	vm.pc, vm.base = back, slotPtr(dst, -int(opA(back)))
	want := int(opB(back)) - 1
	if want < 0 {
		want = n + k
		vm.multres = want
	}
	if k != 0 {
		if want == 0 {
			return
		}
		*slot(dst, 0) = True
		dst = slotPtr(dst, 1)
		want--
	}
	n = min(n, want)
	moveDown(dst, res, n)
	for ; n < want; n++ {
		*slot(dst, n) = Nil
	}
}

// switchThread is CALL and ITERC of coroutine.yield, coroutine.resume and the
// functions of coroutine.wrap: what stands in the way of the switch is left to
// the builtin.
func (vm *VM) switchThread() exit {
	pc := vm.pc
	newbase := slotPtr(unsafe.Pointer(regA(vm.base, pc)), 2)
	nargs := int(opC(pc)) - 1
	*slot(newbase, -1) = Value(vm.refOf(pc))
	if vm.sampler != nil || uintptr(slotPtr(newbase, nargs)) > uintptr(vm.stackEnd) {
		return vm.call0(newbase, nargs)
	}
	f := vm.builtin(slot(newbase, -2).ref())
	co, args, n, pend := Nil, newbase, nargs, uint16(pendWrap)
	switch f.inline {
	case inlineYield:
		if vm.th.parent == 0 || vm.th.nest != 0 {
			return vm.call0(newbase, nargs)
		}
		vm.base = newbase
		vm.syncThread(slotPtr(newbase, nargs))
		vm.leaveThread(threadSuspended)
		return vm.handOver(newbase, nargs)
	case inlineWrapped:
		co = *builtinUpval(f, 0)
	case inlineResume:
		if nargs > 0 {
			co = *slot(newbase, 0)
		}
		args, n, pend = slotPtr(newbase, 1), nargs-1, pendResume
	}
	if !co.isObject() || *(*objType)(vm.ptr(co.ref())) != objThread ||
		vm.thread(co.ref()).status != threadSuspended || vm.th.depth >= chainMax {
		return vm.call0(newbase, nargs)
	}
	vm.base = newbase
	return vm.resume(co.ref(), args, n, pend)
}

// yield is the end of coroutine.yield: its arguments go to the resumer.
func (vm *VM) yield(c *Call) exit {
	th := vm.th
	if th.nest > 0 {
		c.Errorf("attempt to yield across C-call boundary")
		return vm.throw()
	}
	base, n := c.base, c.nargs
	vm.syncThread(slotPtr(base, n))
	if th.parent == 0 {
		if th.flags&threadHosted == 0 {
			c.Errorf("attempt to yield across C-call boundary")
			return vm.throw()
		}
		vm.results, vm.nresults = base, n
		return exitYield
	}
	vm.leaveThread(threadSuspended)
	return vm.handOver(base, n)
}

// resume switches from the builtin frame at vm.base to the thread co, which is
// suspended, with n arguments at args, the top of the frame.
func (vm *VM) resume(co ref, args unsafe.Pointer, n int, pend uint16) exit {
	th, parent := vm.th, vm.root.curThread
	vm.syncThread(slotPtr(args, n))
	th.status, th.pend = threadNormal, pend
	vm.loadThread(co)
	t := vm.th
	t.parent, t.status, t.depth = parent, threadRunning, th.depth+1
	vm.base, vm.pc = vm.at(int(t.base)), nil
	vm.atBuiltin()
	if uintptr(slotPtr(vm.base, n)) > uintptr(vm.stackEnd) && !vm.ensure(slotPtr(vm.base, n)) {
		return vm.throw()
	}
	base := vm.base
	if t.pend == pendStart {
		t.pend = pendResume
		moveDown(base, args, n)
		if vm.enterNested(base, n) {
			return exitNone
		}
		return vm.begin(base, n)
	}
	l := *slot(base, -1)
	if l>>32 == linkLua {
		vm.toLua(l, base, args, n, 0)
		return exitNone
	}
	moveDown(base, args, n)
	return vm.deliver(l, base, base, n)
}

// canSuspend tells whether the host can stop the running chain of threads: no
// nested run of Go's may be in the way.
func (vm *VM) canSuspend() bool { return vm.nest == 0 }
