package lua

import (
	"fmt"
	"math"
	"unsafe"

	"moonring/lua/number"
)

// Func is a builtin: a function of Lua's written in Go. It reads its
// arguments from c and returns through one of c's Return methods, or Fail
// after a method of c reported an error. It must not keep c, nor any view of
// the arena, after it has returned. The collector never runs while a builtin
// runs, except inside c.Call and what is said to call into Lua; what must
// survive that has to be an argument, on c's stack (Keep) or pinned.
type Func func(c *Call) Ret

// Ret is what a builtin hands back to the loop: a number of results, or one
// of the negative codes below.
type Ret int

const (
	Fail       Ret = -1 - iota // an error was raised through c
	retSuspend                 // the host waits
	retYield                   // coroutine.yield
	retAbort                   // the whole thread chain ends here
	retFrame                   // a frame was pushed or a thread switched to: go on there
)

// BuiltinID identifies a registered Func. Ids follow the order of
// registration, which is that of package initialisation and so the same in
// every process of one binary: the arena can hold them.
type BuiltinID uint32

type builtinInfo struct {
	name   string
	pure   bool
	inline Inline
}

// The registered builtins by id. The functions stand apart as calls touch
// nothing else.
var (
	builtins     = []builtinInfo{{name: "?"}}
	builtinFuncs = []Func{nil}
)

// Register makes f known under name, which is how tracebacks call it. It is
// meant for package-level variables: all registrations must have happened
// before the first VM is made.
func Register(name string, f Func) BuiltinID {
	builtins = append(builtins, builtinInfo{name: name})
	builtinFuncs = append(builtinFuncs, f)
	return BuiltinID(len(builtins) - 1)
}

// RegisterPure is Register for a function without side effects: if it fails
// for lack of memory, the VM collects garbage and calls it once more.
func RegisterPure(name string, f Func) BuiltinID {
	id := Register(name, f)
	builtins[id].pure = true
	return id
}

// Call is a builtin's view of its arguments and its way to results.
//
//	base-2  base-1  base ...      top
//	 func    link   arguments ... | kept values | pushed results
type Call struct {
	vm    *VM
	base  unsafe.Pointer // first argument
	nargs int
	top   int // slots from base to the first free one
	keep  int // slots from base to the first pushed result
}

// VM returns the machine that runs the builtin.
func (c *Call) VM() *VM { return c.vm }

// Host returns what the host has set with VM.SetHost.
func (c *Call) Host() any { return c.vm.host }

// NArgs is the number of arguments that were passed.
func (c *Call) NArgs() int { return c.nargs }

// Arg returns argument i (from 1), Nil if it was not passed.
func (c *Call) Arg(i int) Value {
	if uint(i-1) >= uint(c.nargs) {
		return Nil
	}
	return *slot(c.base, i-1)
}

// IsNone tells whether argument i was not passed at all.
func (c *Call) IsNone(i int) bool { return i > c.nargs }

// Upvalue returns value i (from 1) that the function object was made with.
func (c *Call) Upvalue(i int) Value {
	f := c.vm.builtin(slot(c.base, -2).ref())
	if uint(i-1) >= uint(f.nup) {
		return Nil
	}
	return *builtinUpval(f, i-1)
}

// SetUpvalue replaces value i of the function object.
func (c *Call) SetUpvalue(i int, v Value) {
	r := slot(c.base, -2).ref()
	f := c.vm.builtin(r)
	*builtinUpval(f, i-1) = v
	c.vm.barrierObj(r, v)
}

// Return ends the builtin without results.
func (c *Call) Return() Ret { return 0 }

// Return1 ends the builtin with one result.
func (c *Call) Return1(v Value) Ret {
	*slot(c.base, -2) = v
	return 1
}

// Return2 ends the builtin with two results.
func (c *Call) Return2(a, b Value) Ret {
	*slot(c.base, -2) = a
	*slot(c.base, -1) = b
	return 2
}

// Return3 ends the builtin with three results.
func (c *Call) Return3(v1, v2, v3 Value) Ret {
	*slot(c.base, -2) = v1
	*slot(c.base, -1) = v2
	*slot(c.base, 0) = v3
	return 3
}

// ReturnBytes ends the builtin with the numbers in b, at most 16.
func (c *Call) ReturnBytes(b []byte) Ret {
	for i, n := range b {
		*slot(c.base, i-2) = Int(int(n))
	}
	return Ret(len(b))
}

// ReturnBool, ReturnNumber and ReturnInt end the builtin with one such value.
func (c *Call) ReturnBool(b bool) Ret      { return c.Return1(Bool(b)) }
func (c *Call) ReturnNumber(f float64) Ret { return c.Return1(Number(f)) }
func (c *Call) ReturnInt(i int) Ret        { return c.Return1(Int(i)) }

// ReturnString ends the builtin with the string b, or "not enough memory".
func (c *Call) ReturnString(b []byte) Ret {
	r := c.vm.intern(b)
	if r == 0 {
		return c.memoryError()
	}
	return c.Return1(stringBits | Value(r))
}

// Scratch returns room for some 200 bytes, empty. Any method of c or the VM but ReturnString may write over it.
func (c *Call) Scratch() []byte { return c.vm.scratch[:0] }

// Push appends a result; Pushed ends the builtin with all pushed ones. The
// arguments stay readable in between.
func (c *Call) Push(v Value) bool {
	if !c.vm.reserve(c, c.top+1) {
		return false
	}
	*slot(c.base, c.top) = v
	c.top++
	return true
}

// PushString appends the string b as a result.
func (c *Call) PushString(b []byte) bool {
	r := c.vm.intern(b)
	if r == 0 {
		c.memoryError()
		return false
	}
	return c.Push(stringBits | Value(r))
}

// NPushed is the number of results pushed so far.
func (c *Call) NPushed() int { return c.top - c.keep }

// Pushed ends the builtin with the pushed results.
func (c *Call) Pushed() Ret {
	n := c.top - c.keep
	dst, src := slot(c.base, -2), slot(c.base, c.keep)
	copy(unsafe.Slice(dst, n), unsafe.Slice(src, n))
	return Ret(n)
}

// Keep puts v on the stack, where it stays alive across calls into Lua. It
// must precede the first Push. Kept values are numbered from 1.
func (c *Call) Keep(v Value) bool {
	if !c.Push(v) {
		return false
	}
	c.keep = c.top
	return true
}

// Kept returns kept value i (from 1), SetKept replaces it.
func (c *Call) Kept(i int) Value       { return *slot(c.base, c.nargs+i-1) }
func (c *Call) SetKept(i int, v Value) { *slot(c.base, c.nargs+i-1) = v }

// Catch takes back the error that a failed Call has raised, and returns it. ok is false, and the error stays, if no handler
// of a script could catch it either.
func (c *Call) Catch() (e Value, ok bool) {
	if c.vm.fatal || c.vm.aborting {
		return Nil, false
	}
	e = c.vm.root.errValue
	c.vm.root.errValue, c.vm.handled = Nil, false
	return e, true
}

// Errorf raises an error whose message begins with the position of the Lua
// code that called the builtin ("x.lua:3: ").
func (c *Call) Errorf(format string, args ...any) Ret {
	c.vm.setErrorString(c.vm.where(c, 1) + fmt.Sprintf(format, args...))
	return Fail
}

// Throw raises v as it is.
func (c *Call) Throw(v Value) Ret {
	c.vm.root.errValue = v
	return Fail
}

// ThrowString raises the message b as it is, without a position.
func (c *Call) ThrowString(b string) Ret {
	c.vm.setErrorString(b)
	return Fail
}

func (c *Call) memoryError() Ret {
	c.vm.setMemoryError()
	return Fail
}

// MemoryError raises "not enough memory".
func (c *Call) MemoryError() Ret { return c.memoryError() }

// ArgError raises "bad argument #i to 'name' (msg)".
func (c *Call) ArgError(i int, msg string) Ret {
	c.vm.argError(frame{c.base, nil}, i, msg)
	return Fail
}

// TypeError raises "bad argument #i to 'name' (want expected, got ...)".
func (c *Call) TypeError(i int, want string) Ret {
	got := "no value"
	if i <= c.nargs {
		got = c.vm.TypeName(c.Arg(i))
	}
	return c.ArgError(i, want+" expected, got "+got)
}

// CheckAny requires argument i to be present, even if nil.
func (c *Call) CheckAny(i int) bool {
	if i > c.nargs {
		c.ArgError(i, "value expected")
		return false
	}
	return true
}

// CheckString returns the bytes of argument i, a string or a number (which is
// converted in place). The view is valid while the argument stays where it is.
func (c *Call) CheckString(i int) ([]byte, bool) {
	if i <= c.nargs {
		p := slot(c.base, i-1)
		if p.isString() {
			return c.vm.strBytes(p.ref()), true
		}
		if p.isNumber() {
			var buf [32]byte
			r := c.vm.intern(number.Append(buf[:0], p.float()))
			if r == 0 {
				c.memoryError()
				return nil, false
			}
			*p = stringBits | Value(r)
			return c.vm.strBytes(r), true
		}
	}
	c.TypeError(i, "string")
	return nil, false
}

// OptString is CheckString with a default for an absent or nil argument.
func (c *Call) OptString(i int, def []byte) ([]byte, bool) {
	if c.Arg(i) == Nil {
		return def, true
	}
	return c.CheckString(i)
}

// CheckNumber returns argument i as a number; strings that look like one are
// converted.
func (c *Call) CheckNumber(i int) (float64, bool) {
	if v := c.Arg(i); i <= c.nargs {
		if f, ok := c.vm.toNumber(v); ok {
			return f, true
		}
	}
	c.TypeError(i, "number")
	return 0, false
}

// OptNumber is CheckNumber with a default for an absent or nil argument.
func (c *Call) OptNumber(i int, def float64) (float64, bool) {
	if c.Arg(i) == Nil {
		return def, true
	}
	return c.CheckNumber(i)
}

// CheckInt returns argument i as an int32, truncated toward zero; what does not
// fit is the smallest one.
func (c *Call) CheckInt(i int) (int, bool) {
	f, ok := c.CheckNumber(i)
	return truncInt(f), ok
}

// OptInt is CheckInt with a default for an absent or nil argument.
func (c *Call) OptInt(i int, def int) (int, bool) {
	if c.Arg(i) == Nil {
		return def, true
	}
	return c.CheckInt(i)
}

// truncInt truncates f toward zero to an int32; what does not fit, and NaN, is
// the smallest one, as for LuaJIT on amd64.
func truncInt(f float64) int {
	if f > math.MinInt32-1 && f < math.MaxInt32+1 {
		return int(int32(f))
	}
	return math.MinInt32
}

// CheckTable returns argument i, which must be a table.
func (c *Call) CheckTable(i int) (Value, bool) {
	v := c.Arg(i)
	if v.isTable() {
		return v, true
	}
	c.TypeError(i, "table")
	return Nil, false
}

// CheckFunction returns argument i, which must be a function.
func (c *Call) CheckFunction(i int) (Value, bool) {
	v := c.Arg(i)
	if v.isFunction() {
		return v, true
	}
	c.TypeError(i, "function")
	return Nil, false
}

// Charge takes n units (about a nanosecond of work each) from the budget; false
// means that it is used up and the error is raised: return Fail.
func (c *Call) Charge(n int) bool {
	c.vm.budget -= int64(n) / nsPerUnit
	if c.vm.budget >= 0 {
		return true
	}
	return c.vm.spend()
}

// CheckSize tells whether a string of n bytes could be made within the memory
// limit; if not it has raised "not enough memory". Builtins ask before they
// build something big on Go's side.
func (c *Call) CheckSize(n int) bool {
	if n < 1<<30 && c.vm.fits(int64(n)) {
		return true
	}
	c.memoryError()
	return false
}

// Call calls fn, which may be any callable value, on a nested run of the loop:
// it can't yield. On success the results are c.Result(1..NResults) until the
// next Call or Push.
func (c *Call) Call(fn Value, args ...Value) bool {
	return c.vm.callNested(c, fn, args)
}

// NResults is the number of results of the last Call.
func (c *Call) NResults() int { return c.vm.nresults }

// Result returns result i (from 1) of the last Call, Nil if there is none.
func (c *Call) Result(i int) Value {
	if i > c.vm.nresults {
		return Nil
	}
	return *slot(c.base, c.top+i-1)
}

// Index, SetIndex, Less and ToString do what the operators and
// tostring do, metamethods included. ok is false when an error was raised.
func (c *Call) Index(t, k Value) (v Value, ok bool)  { return c.vm.indexNested(c, t, k) }
func (c *Call) SetIndex(t, k, v Value) bool          { return c.vm.setIndexNested(c, t, k, v) }
func (c *Call) Less(a, b Value) (less, ok bool)      { return c.vm.lessNested(c, a, b) }
func (c *Call) ToString(v Value) (s Value, ok bool)  { return c.vm.tostringNested(c, v) }
func (c *Call) Metafield(v Value, name string) Value { return c.vm.Metafield(v, name) }

// Suspend stops the whole chain of coroutines that the builtin runs in and
// returns to the host; the values given to Thread.Resume become the builtin's
// results.
func (c *Call) Suspend() Ret {
	if !c.vm.canSuspend() {
		return c.Errorf("attempt to yield across C-call boundary")
	}
	return retSuspend
}

// CanSuspend tells whether Suspend is possible here.
func (c *Call) CanSuspend() bool { return c.vm.canSuspend() }

// Abort ends the whole chain of coroutines; the host sees Aborted. No handler
// of the script can catch it.
func (c *Call) Abort() Ret { return retAbort }
