package lua

import (
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"unsafe"

	"moonring/lua/bytecode"
	"moonring/lua/compile"
	"moonring/lua/number"
)

// Config sets a VM's bounds.
type Config struct {
	MemoryLimit int64 // bytes of Lua objects, at least 1 MiB; 0 means 512 MiB

	// CPUBudget bounds an uninterrupted run (from Start or Resume to the next
	// stop) in nanoseconds of Clock; 0 means no bound.
	CPUBudget int64
	Clock     func() int64 // monotonic nanoseconds; nil means the CPU time of the thread, which the goroutine must be locked to

	// InstrBudget bounds an uninterrupted run in budget steps instead (one a
	// loop iteration or call); for reproducible tests. 0 means no bound.
	InstrBudget int64

	// Compat52 turns on what LuaJIT has only when built with
	// LUAJIT_ENABLE_LUA52COMPAT, as OpenResty's is: __pairs, __ipairs, __len of tables, comparisons of
	// operands of unlike types or with unlike metamethods, table.pack, table.unpack, rawlen, package.searchers, and that
	// coroutine.running tells of the main thread.
	Compat52 bool

	// GCStress collects everything at every safepoint: for tests, to find
	// what the collector does not see.
	GCStress bool
}

const (
	memoryLimitDefault = 512 << 20
	memoryLimitMin     = 1 << 20 // the libraries are installed without a look at what memory is left
	stackSlotsMax      = 65500   // LJ_STACK_MAX
	stackSlotsErr      = 512     // more for handlers, once the limit was hit
	stackSlotsMin      = 40
	builtinSlots       = 20  // free slots every builtin may count on (LUA_MINSTACK)
	nestMax            = 198 // nested runs (LUAI_MAXCSTACK)
)

// VM is a Lua virtual machine. All its methods belong to one goroutine.
type VM struct {
	heap

	// The running thread's registers, valid outside the loop.
	pc       unsafe.Pointer // next instruction
	base     unsafe.Pointer
	stackEnd unsafe.Pointer // frames end below this; some slots are left behind it
	th       *threadObj
	budget   int64 // steps left of the slice
	multres  int   // values of the last open result list

	nresults int // results of the last nested run or thread
	results  unsafe.Pointer
	nest     int // nested runs under way
	call     Call

	clock      func() int64
	cpuBudget  int64
	instrLimit int64
	deadline   int64 // on the clock; 0 none
	instrLeft  int64
	overruns   int
	fatal      bool // the error in flight can't be caught
	handled    bool // a message handler has seen the error in flight
	finalizing bool
	hookLeft   int64 // steps until the hook is called
	hookDue    bool  // they are over: it is called where it can be
	hooking    bool  // it is running
	hookBy     ref   // the root thread that has set it

	buf    []byte // scratch for building strings
	host   any
	side   any
	loader func(path string) ([]byte, error)
	stdout io.Writer
	pinned pinTable
	fns    struct{ next, ipairs Ref } // what pairs and ipairs return

	slice       int64 // budget at the begin of the slice
	aborting    bool  // a builtin has called Abort
	frameExit   exit  // with retFrame: how the loop goes on
	memoryErr   Value // the string "not enough memory"
	typeNames   [len(typeNames)]Value
	statusNames [len(statusNames)]Value
	strTostring Value
	strHash     Value // the string "#"
	hookEvent   Value // the string "count"
	threads     []*Thread
	callers     []ref // the root threads of the runs that Thread.Call stands in
	hitBy       Owner // see starvation.hit
	onStarved   func(shared, limit int64)
	align       [2]uint64 // written by run, read by nobody
	compat52    bool
	stress      bool // tests: a full collection at every safepoint

	sliceSteps  int64 // steps of a slice
	sampler     *Sampler
	interrupted atomic.Bool
}

// New makes a VM with an empty globals table; see OpenBase and package lib.
func New(cfg Config) (*VM, error) {
	vm, limit, err := newVM(cfg)
	if err != nil {
		return nil, err
	}
	if err := vm.heap.init(limit); err != nil {
		return nil, err
	}
	root := vm.root
	for i, name := range mmNames {
		root.mmName[i] = vm.fixedString(name)
	}
	vm.internNames()
	root.globals = vm.newTable(0, 6)
	root.registry = vm.newTable(0, 3)
	root.mainThread = vm.heap.newThread(stackSlotsMin)
	root.curThread = root.mainThread
	root.errValue = Nil
	vm.th = vm.thread(root.mainThread)
	vm.th.status = threadRunning
	vm.th.env = root.globals
	vm.loadThread(root.mainThread)
	vm.base = unsafe.Add(vm.ptr(vm.th.stack), 2*8)
	*slot(vm.base, -2) = Nil
	*slot(vm.base, -1) = makeLink(linkThread, 0, 0)
	vm.th.base, vm.th.top = 2, 2
	vm.ready()
	return vm, nil
}

// newVM makes what of a VM is not in its arena, and tells what limit that is to have.
func newVM(cfg Config) (vm *VM, limit int64, err error) {
	if limit = cfg.MemoryLimit; limit == 0 {
		limit = memoryLimitDefault
	}
	if limit < memoryLimitMin {
		return nil, 0, errors.New("lua: the memory limit is below 1 MiB")
	}
	vm = &VM{clock: cfg.Clock, cpuBudget: cfg.CPUBudget, instrLimit: cfg.InstrBudget, compat52: cfg.Compat52, stress: cfg.GCStress, sliceSteps: sliceSteps}
	if vm.clock == nil {
		vm.clock = ThreadCPUTime
	}
	vm.call.vm = vm
	vm.threadBarrier = true
	return vm, limit, nil
}

// ready ends the making of a VM whose main thread is in place.
func (vm *VM) ready() {
	vm.refill()
	if vm.stress {
		vm.setDebt(1)
	}
}

// internNames finds, or makes, the strings that a VM keeps at hand.
func (vm *VM) internNames() {
	vm.memoryErr = stringBits | Value(vm.fixedString("not enough memory"))
	vm.strTostring = stringBits | Value(vm.fixedString("tostring"))
	vm.strHash = stringBits | Value(vm.fixedString("#"))
	vm.hookEvent = stringBits | Value(vm.fixedString("count"))
	for i, name := range typeNames {
		vm.typeNames[i] = stringBits | Value(vm.fixedString(name))
	}
	for i, name := range statusNames {
		vm.statusNames[i] = stringBits | Value(vm.fixedString(name))
	}
}

// Close gives the arena back. The VM and all Values from it are then void.
func (vm *VM) Close() { vm.heap.free() }

// SetHost stores what builtins get from Call.Host.
func (vm *VM) SetHost(h any) { vm.host = h }

// Host returns what SetHost stored.
func (vm *VM) Host() any { return vm.host }

// Side returns what SetSide has set: caches of the standard libraries, nothing
// that a snapshot would have to carry.
func (vm *VM) Side() any { return vm.side }

// SetSide sets what Side returns.
func (vm *VM) SetSide(s any) { vm.side = s }

// Compat52 tells whether Config.Compat52 was set.
func (vm *VM) Compat52() bool { return vm.compat52 }

// SetFileLoader sets how loadfile, dofile and require read files.
func (vm *VM) SetFileLoader(f func(path string) ([]byte, error)) { vm.loader = f }

// FileLoader returns what SetFileLoader set, or nil.
func (vm *VM) FileLoader() func(path string) ([]byte, error) { return vm.loader }

// Globals returns the table of globals.
func (vm *VM) Globals() Value { return tableBits | Value(vm.root.globals) }

// Registry returns a table that only Go code and debug.getregistry see.
func (vm *VM) Registry() Value { return tableBits | Value(vm.root.registry) }

func (vm *VM) fixedString(s string) ref {
	r := vm.intern([]byte(s))
	if r != 0 {
		vm.str(r).gc |= gcFixed
	}
	return r
}

// loadThread makes the thread at r the one whose stack the registers refer to.
func (vm *VM) loadThread(r ref) {
	marking := vm.root.gc.phase == gcPhaseMark
	if vm.th.open != 0 && (marking || vm.th.gc&gcBlack != 0) {
		vm.touchThread(vm.root.curThread)
	}
	vm.th = vm.thread(r)
	vm.root.curThread = r
	if marking || vm.th.gc&gcBlack != 0 {
		vm.touchThread(r)
	}
	vm.setStackEnd()
}

// setStackEnd derives stackEnd; behind it there is always room for a builtin.
// What a handler needed beyond the limit is out of reach again afterwards.
func (vm *VM) setStackEnd() {
	size := min(int(vm.th.size), vm.stackLimit())
	vm.stackEnd = unsafe.Add(vm.ptr(vm.th.stack), (size-builtinSlots-4)*8)
}

// stackLimit is how many slots the running thread's stack may have.
func (vm *VM) stackLimit() int {
	if vm.th.flags&threadHandler != 0 {
		return stackSlotsMax + stackSlotsErr
	}
	return stackSlotsMax
}

// Load compiles source, or reads the bytecode that Dump has made, and returns
// the function of its main chunk. chunkname is as for load: "@file", "=name", or
// the text itself.
func (vm *VM) Load(source []byte, chunkname string) (Value, error) {
	return vm.LoadEnv(source, chunkname, vm.Globals())
}

// LoadEnv is Load with a table of its own for the chunk's globals.
func (vm *VM) LoadEnv(source []byte, chunkname string, env Value) (Value, error) {
	p, err := vm.read(source, chunkname)
	if err != nil {
		return Nil, err
	}
	fn, err := vm.instantiate(p, env.ref())
	if err == ErrMemory {
		vm.emergency(vm.frameTop())
		fn, err = vm.instantiate(p, env.ref())
	}
	return fn, err
}

// read turns source, text or bytecode, into the form that instantiate takes.
func (vm *VM) read(source []byte, chunkname string) (*bytecode.Proto, error) {
	if !IsBytecode(source) {
		return compile.Compile(source, chunkname)
	}
	if !vm.fits(undumpCost * int64(len(source))) {
		return nil, ErrMemory
	}
	name := chunkname
	switch {
	case name == "" || name[0] == 0x1B:
		name = "(binary)"
	case name[0] == '@' || name[0] == '=':
		name = name[1:]
	}
	p, err := bytecode.Undump(source, chunkname)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return p, nil
}

// undumpCost is the memory that bytecode takes while it is read, per byte.
const undumpCost = 16

// IsBytecode tells if source, as given to Load, is no text.
func IsBytecode(source []byte) bool { return len(source) > 0 && source[0] == 0x1B }

// NewTable makes a table with room for narr array items and nhash others.
// It returns Nil when the memory limit is reached.
func (vm *VM) NewTable(narr, nhash int) Value {
	hbits := uint8(0)
	for nhash > 0 && 1<<hbits < nhash+nhash/4 {
		hbits++
	}
	asize := uint32(0)
	if narr > 0 {
		asize = uint32(narr) + 1
	}
	r := vm.newTable(asize, hbits)
	if r == 0 {
		return Nil
	}
	return tableBits | Value(r)
}

// NewString makes a string; Nil when the memory limit is reached.
func (vm *VM) NewString(b []byte) Value {
	r := vm.intern(b)
	if r == 0 {
		return Nil
	}
	return stringBits | Value(r)
}

// NewStringS is NewString for a Go string.
func (vm *VM) NewStringS(s string) Value {
	return vm.NewString(unsafe.Slice(unsafe.StringData(s), len(s)))
}

// Bytes views the text of v, a string. It is valid while v is reachable.
func (vm *VM) Bytes(v Value) []byte {
	if !v.isString() {
		return nil
	}
	return vm.strBytes(v.ref())
}

// StringNote is room for a number beside the string v, which lives as long and
// is 0 at first; snapshots keep it. It is for the standard libraries.
func (vm *VM) StringNote(v Value) *uint16 { return &vm.str(v.ref()).note }

// RawGet returns t[k] without metamethods.
func (vm *VM) RawGet(t, k Value) Value { return vm.tget(t.ref(), k) }

// RawSet stores t[k] = v without metamethods. k must not be nil or NaN. False
// means that the memory limit is reached.
func (vm *VM) RawSet(t, k, v Value) bool {
	if v == Nil && vm.tget(t.ref(), k) == Nil {
		return true
	}
	p := vm.tset(t.ref(), k)
	if p == nil {
		return false
	}
	*p = v
	return true
}

// RawGetInt returns t[i] without metamethods.
func (vm *VM) RawGetInt(t Value, i int) Value { return vm.tgetInt(t.ref(), int64(i)) }

// RawSetInt stores t[i] = v without metamethods.
func (vm *VM) RawSetInt(t Value, i int, v Value) bool {
	p := vm.tsetInt(t.ref(), int64(i))
	if p == nil {
		return false
	}
	*p = v
	return true
}

// RawLen is the length of a table without metamethods.
func (vm *VM) RawLen(t Value) int { return int(vm.tlen(t.ref())) }

// Next returns the entry of t after the key k (Nil for the first). nk is Nil
// at the end; ok is false if k is not a key of t.
func (vm *VM) Next(t, k Value) (nk, nv Value, ok bool) { return vm.tnext(t.ref(), k) }

// Array views the array part of t: the values of the keys 0, 1, ... It is valid
// until t changes.
func (vm *VM) Array(t Value) []Value {
	o := vm.table(t.ref())
	if o.asize == 0 {
		return nil
	}
	return slots(vm.ptr(o.arr), int(o.asize))
}

// AppendTexts appends t[i], t[i+1] ... to dst, each but t[j] followed by sep. It
// ends behind t[j], or before one that is neither string nor number, not in t's
// array part or longer than the room that dst has left, and returns dst and that
// one's index. What dst's array holds behind its length is overwritten in part.
func (vm *VM) AppendTexts(dst []byte, t Value, i, j int, sep []byte) ([]byte, int) {
	o := vm.table(t.ref())
	last, at, room := min(j, int(o.asize)-1), len(dst), cap(dst)-8
	if i < 0 || at > room {
		return dst, i
	}
	b := dst[:cap(dst)]
	for ; i <= last; i++ {
		v := *vm.value(o.arr, uint32(i))
		if v.isString() {
			s := vm.str(v.ref())
			n := int(s.len)
			if n+len(sep) > room-at {
				break
			}
			copyWords(unsafe.Pointer(&b[at]), unsafe.Add(unsafe.Pointer(s), stringHead), n)
			at += n
		} else if v.isNumber() && number.MaxLen+len(sep) <= room-at {
			at = len(number.Append(b[:at], v.float()))
		} else {
			break
		}
		if i < j {
			if len(sep) == 1 {
				b[at] = sep[0]
				at++
			} else if len(sep) > 0 {
				at += copy(b[at:], sep)
			}
		}
	}
	return b[:at], i
}

// Entry returns the first entry of t that isn't nil at position pos or behind
// it, and the position after it; positions begin with those of the array part.
// next is 0 at the end.
func (vm *VM) Entry(t Value, pos int) (next int, k, v Value) {
	n, k, v := vm.titer(t.ref(), uint32(pos))
	return int(n), k, v
}

// Field returns t[name] without metamethods.
func (vm *VM) Field(t Value, name string) Value {
	k := vm.NewStringS(name)
	if k == Nil {
		return Nil
	}
	return vm.tgetStr(t.ref(), k.ref())
}

// SetField stores t[name] = v without metamethods.
func (vm *VM) SetField(t Value, name string, v Value) bool {
	k := vm.NewStringS(name)
	return k != Nil && vm.RawSet(t, k, v)
}

// SetMetatable sets the metatable of a table (Nil removes it).
func (vm *VM) SetMetatable(t, meta Value) {
	r := t.ref()
	if meta == Nil {
		vm.table(r).meta = 0
		return
	}
	vm.table(r).meta = meta.ref()
	vm.barrierObj(r, meta)
}

// Builtin makes a function object of a registered Func.
func (vm *VM) Builtin(id BuiltinID, upvals ...Value) Value {
	r := vm.newBuiltin(uint8(len(upvals)))
	if r == 0 {
		return Nil
	}
	f := vm.builtin(r)
	f.id, f.inline = id, builtins[id].inline
	f.env = vm.root.globals
	for i, v := range upvals {
		*builtinUpval(f, i) = v
	}
	return functionBits | Value(r)
}

// BuiltinOf tells which Func v is, 0 if none.
func (vm *VM) BuiltinOf(v Value) BuiltinID {
	if v.isFunction() && *(*objType)(vm.ptr(v.ref())) == objBuiltin {
		return vm.builtin(v.ref()).id
	}
	return 0
}

// TypeOf tells v's type.
func (vm *VM) TypeOf(v Value) Type {
	switch v >> tagShift {
	case tagString:
		return TypeString
	case tagTable:
		return TypeTable
	case tagFunction:
		return TypeFunction
	case tagObject:
		if *(*objType)(vm.ptr(v.ref())) == objThread {
			return TypeThread
		}
		return TypeUserdata
	}
	switch {
	case v == Nil:
		return TypeNil
	case v.isNumber():
		return TypeNumber
	case v.IsLight():
		return TypeLightUserdata
	}
	return TypeBoolean
}

// TypeName is what type() says of v.
func (vm *VM) TypeName(v Value) string { return vm.TypeOf(v).String() }

// NewUserdata makes a full userdata of size zeroed bytes with a metatable.
func (vm *VM) NewUserdata(size int, meta Value) Value {
	r := vm.newUserdata(uint32(size))
	if r == 0 {
		return Nil
	}
	u := vm.userdata(r)
	u.env = vm.root.globals
	u.meta = 0
	if meta != Nil {
		u.meta = meta.ref()
	}
	clear(vm.UserdataBytes(objectBits | Value(r)))
	return objectBits | Value(r)
}

// UserdataBytes views the memory of a full userdata, nil for other values.
func (vm *VM) UserdataBytes(v Value) []byte {
	if !v.isObject() || *(*objType)(vm.ptr(v.ref())) != objUserdata {
		return nil
	}
	u := vm.userdata(v.ref())
	return unsafe.Slice((*byte)(unsafe.Add(unsafe.Pointer(u), userdataHead)), u.size)
}

// UserdataWord is the first 8 bytes of a full userdata that has as many.
func (vm *VM) UserdataWord(v Value) (word uint64, ok bool) {
	if !v.isObject() || *(*objType)(vm.ptr(v.ref())) != objUserdata {
		return 0, false
	}
	u := vm.userdata(v.ref())
	if u.size < 8 {
		return 0, false
	}
	return *(*uint64)(unsafe.Add(unsafe.Pointer(u), userdataHead)), true
}

// Env is the table that u, a full userdata, was given; SetEnv replaces it.
// Scripts can do so too, by debug.setfenv.
func (vm *VM) Env(u Value) Value { return tableBits | Value(vm.userdata(u.ref()).env) }

// SetEnv gives u, a full userdata, the table t.
func (vm *VM) SetEnv(u, t Value) {
	vm.userdata(u.ref()).env = t.ref()
	vm.barrierObj(u.ref(), t)
}

// MemoryUsed is the number of bytes that Lua objects occupy.
func (vm *VM) MemoryUsed() int64 { return vm.heap.used() }

// Collect runs a full collection. Only the host may call it, between runs.
func (vm *VM) Collect() {
	vm.syncThread(vm.frameTop())
	vm.gcFull()
	vm.runFinalizers()
	vm.fatal = false
}

// fits tells whether n more bytes are within the limit.
func (vm *VM) fits(n int64) bool {
	if vm.heap.used()+n <= vm.heap.limit {
		return true
	}
	vm.wanted = n
	return false
}

// pinTable keeps Values alive for Go code: slots in a Lua table.
type pinTable struct {
	free   []int32
	n      int32
	owners []Owner // of some, by Ref
}

// Ref is a pinned Value's handle.
type Ref int32

// Pin keeps v alive until Unpin. It returns 0 when the memory limit is reached.
func (vm *VM) Pin(v Value) Ref {
	p := &vm.pinned
	if vm.root.pins == 0 {
		if vm.root.pins = vm.newTable(8, 0); vm.root.pins == 0 {
			return 0
		}
	}
	var i int32
	if n := len(p.free); n > 0 {
		i, p.free = p.free[n-1], p.free[:n-1]
	} else {
		p.n++
		i = p.n
	}
	if !vm.RawSetInt(tableBits|Value(vm.root.pins), int(i), v) {
		p.free = append(p.free, i)
		return 0
	}
	return Ref(i)
}

// Pinned returns the value of r.
func (vm *VM) Pinned(r Ref) Value {
	return vm.tgetInt(vm.root.pins, int64(r))
}

// Unpin ends what Pin began.
func (vm *VM) Unpin(r Ref) {
	if r == 0 {
		return
	}
	vm.RawSetInt(tableBits|Value(vm.root.pins), int(r), False)
	vm.setOwner(r, nil)
	vm.pinned.free = append(vm.pinned.free, int32(r))
}
