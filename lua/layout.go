package lua

// Objects in the arena. Each type below is laid over arena memory and holds
// no Go pointer: only refs (offsets in units of 8 bytes), numbers and Values.
// All begin with the same two bytes, type and gc.

// objType is the first byte of every cell in the arena.
type objType = uint8

const (
	objFree objType = iota // a cell on a free list
	objString
	objTable
	objLua     // Lua closure
	objBuiltin // Go function with upvalues
	objUpval
	objProto
	objThread
	objUserdata
	objBlob // raw memory that one owner frees: array and hash parts, stacks, line tables
)

// Bits of the gc byte. White objects of the current cycle are unreached; black
// ones are done. An object that is neither is gray: reached, not yet scanned.
const (
	gcWhite0 = 1 << iota
	gcWhite1
	gcBlack
	gcFixed     // never collected (builtin names, metamethod names, messages)
	gcFinalized // userdata whose __gc has been called
	gcWeakKey
	gcWeakVal

	gcWhites = gcWhite0 | gcWhite1
)

type objHeader struct {
	typ objType
	gc  uint8
	_   [6]byte
}

// stringObj is an interned string; its bytes follow the struct.
type stringObj struct {
	typ  objType
	gc   uint8
	note uint16 // VM.StringNote
	hash uint32 // seeded hash of all bytes
	len  uint32
	next ref // chain of the string table
}

const stringHead = 16 // bytes before the text

// tableObj is a table. Integer keys 0 <= k < asize live in the array part,
// which is indexed by the key itself (so slot 0 is there for key 0). The hash
// part is open addressing with linear probing over mask+1 nodes; a key stays,
// with a nil value, until the next rehash, so that next() can go on. Empty
// tables share one node (emptyNode) with mask 0.
type tableObj struct {
	typ     objType
	gc      uint8
	nomm    uint8 // bit m set: as a metatable, has no field for metamethod m (mmIndex..); cleared by any new key
	flags   uint8
	asize   uint32
	arr     ref // blob of asize Values
	node    ref // blob of mask+1 nodes
	mask    uint32
	meta    ref // metatable or 0
	lenHint uint32
	used    uint32 // nodes whose key is not nil
}

// node is one entry of a table's hash part.
type node struct {
	key, val Value
}

// closureObj is a Lua function: code and upvalues. nup refs of upvalObj follow.
type closureObj struct {
	typ   objType
	gc    uint8
	nup   uint8
	_     uint8
	env   ref // table of its globals
	pc    ref // first instruction; the word before is the protoInfo
	proto ref
}

const closureHead = 16

// builtinObj is a Go function; nup Values follow.
type builtinObj struct {
	typ    objType
	gc     uint8
	nup    uint8
	inline Inline // what run does in place; 0: nothing
	env    ref
	id     BuiltinID // index in the process-wide table: no Go pointer, so that a snapshot stays valid
	_      uint32
}

const builtinHead = 16

// upvalObj is a variable shared by closures. loc is the place of its value:
// a stack slot while open, its own field once closed.
type upvalObj struct {
	typ    objType
	gc     uint8
	_      [6]byte
	loc    ref   // offset of the Value (8-byte units, like any ref)
	next   ref   // next open upvalue of the thread, of a lower slot
	closed Value // the value once closed
}

// upvalClosed is the distance from an upvalObj to its closed field, in words.
const upvalClosed = 2

// protoObj is a function's prototype: this head, then its constants in
// reverse order, one protoInfo word, then the code (see package bytecode).
type protoObj struct {
	typ       objType
	gc        uint8
	nup       uint8
	flags     uint8 // protoVararg
	ncode     uint32
	nconst    uint32
	lines     ref // blob of ncode int32
	source    ref // string: the chunk name
	debug     ref // blob: upvalue descriptions, local variables (see proto.go)
	firstLine uint32
	lastLine  uint32
	size      uint32 // bytes of the whole object
	_         uint32
}

const (
	protoHead   = 40
	protoVararg = 1
)

// protoInfo is the word in front of the code, as the call path reads it.
type protoInfo struct {
	numParams uint8
	frameSize uint8
	flags     uint8
	_         uint8
	patch     uint32 // number of its patch (patch.go), native code above all; 0: none
}

// Thread states.
const (
	threadSuspended = iota // not started, or yielded
	threadRunning
	threadNormal // has resumed another
	threadDead
)

// threadObj is a coroutine: a stack and where it stands in it.
type threadObj struct {
	typ    objType
	gc     uint8
	status uint8
	flags  uint8
	env    ref
	stack  ref    // blob of size Values
	size   uint32 // slots
	base   uint32 // slot of the current frame's base
	top    uint32 // slots below are alive; above is scratch that the collector clears
	pc     ref    // where to go on: next instruction of the current frame
	parent ref    // the thread that resumed this one
	open   ref    // open upvalues, highest slot first
	nest   uint32 // nested runs of the loop below this thread's current frame
	pend   uint16 // what a resume has to complete (see thread.go)
	depth  uint16 // threads that wait for this one, when it runs
	tag    uint32 // the host's, see Thread.SetTag
}

// userdataObj is a full userdata; size bytes follow.
type userdataObj struct {
	typ  objType
	gc   uint8
	_    [2]byte
	meta ref
	size uint32
	env  ref
}

const userdataHead = 16

// Metamethods. The first eight are cached as absent in tableObj.nomm.
const (
	mmIndex = iota
	mmNewindex
	mmGC
	mmMode
	mmEq
	mmLen
	mmCall
	mmPairs
	mmLT
	mmLE
	mmConcat
	mmUnm
	mmAdd // in the order of bytecode.ADDVV..POWVV
	mmSub
	mmMul
	mmDiv
	mmMod
	mmPow
	mmTostring
	mmMetatable
	mmName
	mmIpairs
	mmCount
)

var mmNames = [mmCount]string{
	"__index", "__newindex", "__gc", "__mode", "__eq", "__len", "__call", "__pairs",
	"__lt", "__le", "__concat", "__unm",
	"__add", "__sub", "__mul", "__div", "__mod", "__pow",
	"__tostring", "__metatable", "__name", "__ipairs",
}

// rootBlock lies at the start of the arena. It holds everything that outlives
// a call into the VM, so that the arena alone is the VM's state.
type rootBlock struct {
	_        uint64 // offset 0 is no object
	registry ref
	globals  ref
	mainThread,
	curThread ref
	strMeta   ref    // metatable of strings
	tmMeta    [9]ref // metatables of the other basic types by Type (debug.setmetatable)
	emptyNode ref
	mmName    [mmCount]ref // interned metamethod names
	errValue  Value        // error in flight
	pins      ref          // table of pinned values (VM.Pin)
	hookCount uint32       // steps between two calls of the hook, 0 without

	empty   node // what emptyNode refers to
	mem     arenaState
	strings stringTable
	gc      gcState
}
