package lua

import (
	"errors"
	"runtime"
	"unsafe"
)

// Native code: what a compiler to machine code finds. There is none yet; the
// tests bring a small one, in native_amd64_test.go, through which all scripts
// of the corpus go.
//
// A function gets native code by attachNative: some of its instructions, at
// least the first and where it is to be taken up again, are patched (patch.go),
// and are its entries. The interpreter that comes to one calls the code there.
// So nothing else has to know of it: a function is called, resumed and unwound
// as ever, since a frame of native code is a frame of the interpreter's, with all
// values in their registers on the Lua stack at every exit. Between two exits the
// code may keep them where it likes.
//
// # Convention on amd64
//
//	R12  base of the arena: the object at ref r is at R12 + 8r
//	R13  base of the frame: register i is at R13 + 8i, the function at R13 - 16, the link at R13 - 8
//	RBX  first instruction of the function; constant k is at RBX - 16 - 8k,
//	     instruction i at RBX + 8i
//	R15  budget: steps left of the slice
//	R10  end of the stack: a frame that the code makes must end at or below it
//	RSP  8 bytes below 64 bytes that are the code's own (a call's return address)
//
// It returns with RET, R13 and R15 as they are by then, in RCX the address behind
// an instruction, as vm.pc is kept, and in RAX how to go on:
//
//	nativeGo  at RCX. For what ends in native code: a return (R13 is then the caller's base, RCX
//	          the link's return pc), a call that it has made a frame for (RCX: the code of the function called).
//	nativeDo  the instruction in front of RCX is to be done, whatever that takes:
//	          a call, a metamethod, an error, a collection. What comes next goes
//	          its usual way, so if the successor is an entry, native code does.
//
// These two are all exits there are, since the interpreter does an instruction
// with all that belongs to it:
//
//   - Budget: a loop's end with R15 <= 0, or a call, leaves by nativeDo, and the
//     interpreter begins a new slice, raises the error, runs the hook or takes a
//     sample, exactly where it would have done so; then it comes back to
//     the same instruction, which has to be an entry. Backward jumps and calls
//     take a step from R15, as in the loop.
//   - Memory: what makes an object leaves by nativeDo, and so the collector runs at the
//     safepoints that it knows. Code that stores into an object or upvalue
//     leaves the store to the interpreter if the object is black.
//   - The stack moves, and upvalues are closed, only outside: R13 and R10 are as they have to be at
//     the next entry, an upvalue's place has to be read from it each time.
//   - Lists of open length (B = 0 of CALL and VARG, and what takes them) are the
//     interpreter's: their length is not in a register.
//   - A return whose link isn't linkLua with delta 0 is the interpreter's; so are all calls and
//     returns of a function that closes upvalues.
//
// Of the instructions that slow knows each can be left to it at any time. Those that it doesn't know
// (moves, constants, tests, jumps: what can't fail) have to be done in native
// code. LOOP, FORL, FORLP and ITERL it knows only with R15 <= 0.
//
// All registers may be changed but RSP, RBP, R14 (Go's g); MXCSR and the direction flag stay.
//
// # Go around it
//
// The code runs on the goroutine's stack: it may not call Go, and may not push more than
// the 64 bytes. enterNative is NOSPLIT, so that the stack is large enough for its
// frame or has been made so before. Nothing in there may refer to Go's heap.
//
// Go has no tables for such code. Its signal handlers run on a stack of their own; one that wants to
// preempt the goroutine looks up the pc (isAsyncSafePoint), doesn't find it and lets it go on. So it can't
// be preempted, and a collection of Go's that wants the world stopped waits for the next exit: for this the
// budget of a slice (sliceSteps, some 20 us of native code) is the bound, and loops must
// count it down. A profile has such a sample as runtime._ExternalCode. No stack
// is scanned or moved while code runs there, as both happen at safe points of the goroutine only.
// A fault in it would be fatal: whatever it reads it has to check first, or mask as refs are.
//
// # Where the memory comes from
//
// It is the business of who compiles: mapped writable, filled, then made executable, never both. The filter of a worker's
// system calls (internal/confine) lets mmap and mprotect pass whatever the protection is; if it is to refuse PROT_EXEC one day, a
// compiler needs its memory before that, a memfd mapped twice.

const (
	nativeGo = 0
	nativeDo = 1
)

// native is machine code for one function.
type native struct {
	code    unsafe.Pointer // executable memory; not Go's
	entries []int32        // for each instruction the offset in code at which it begins, or -1
	release func()         // called when the code can't be entered any more
}

var errNoNative = errors.New("lua: there is no native code on " + runtime.GOARCH)

// attachNative gives the Lua function fn, and all others made of its prototype, native code. It stays
// until the prototype is dead, the VM is closed or detachNative is called, which must not be within a run.
func (vm *VM) attachNative(fn Value, n *native) error {
	if !nativeArch {
		return errNoNative
	}
	if !fn.isFunction() || !vm.isLua(fn) {
		return errors.New("lua: native code for what is no Lua function")
	}
	r := vm.closure(fn.ref()).proto
	if len(n.entries) != int(vm.proto(r).ncode) {
		return errors.New("lua: native code for another function")
	}
	vm.unpatch(r)
	set := make([]bool, len(n.entries))
	for i, off := range n.entries {
		set[i] = off >= 0
	}
	vm.patch(r, n, set)
	return nil
}

// detachNative has fn interpreted again.
func (vm *VM) detachNative(fn Value) { vm.unpatch(vm.closure(fn.ref()).proto) }

func (n *native) reached(vm *VM, i int) (exit, bool) {
	first := slotPtr(vm.pc, -1-i)
	var how uint64
	vm.base, vm.budget, vm.pc, how = enterNative(unsafe.Add(n.code, n.entries[i]), first, vm.mem, vm.base, vm.stackEnd, vm.budget)
	return exitNone, how == nativeDo
}

func (n *native) dropped() { n.release() }
