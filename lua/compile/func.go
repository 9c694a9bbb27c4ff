package compile

import "moonring/lua/bytecode"

// noReg stands for "no register" where an instruction's register is still open
// or its value is not wanted.
const noReg = 255

// insInfo accompanies an instruction until the function is finished.
type insInfo struct {
	line int32
	link int32 // next jump of its list, as index + 1; 0 ends the list
	// extra is how many more instructions than LuaJIT we had emitted before
	// this one. Only the limit on jumps is measured with it.
	extra int32
}

// variable is a local variable from its declaration to the function's end.
type variable struct {
	name       nameID
	outer      int32 // shadowed variable of the same name, index + 1
	start, end int32 // as in bytecode.LocVar
	depth      int32 // nesting depth of its function
	reg        uint8
}

// upvalue is a variable of an enclosing function.
type upvalue struct {
	variable int32 // index into compiler.vars
	desc     bytecode.UpvalDesc
}

// function is the state of a function being compiled.
type function struct {
	c     *compiler
	outer *function
	depth int32 // of nesting; 0 for the main chunk

	code []bytecode.Instr
	info []insInfo
	// lastTarget is the last position that a jump or label leads to; what was
	// emitted before it must not be merged with what comes after.
	lastTarget int32
	lastLabel  int32 // the last position of a label or loop start
	pending    jumps // jumps to the instruction emitted next
	extra      int32 // see insInfo
	detours    []detour

	consts constants

	freeReg   int
	frameSize int
	nactive   int                       // active local variables; they have the lowest registers
	active    [bytecode.MaxLocals]int32 // register -> index into compiler.vars
	varBase   int                       // start of this function's part of compiler.vars
	golaBase  int                       // and of compiler.golas
	upvals    []upvalue
	scope     *scope

	firstLine int32
	numParams int
	vararg    bool
	hasChild  bool
	captured  bool // a local variable is an upvalue of a child
}

// compiler is the state of one Compile.
type compiler struct {
	lexer
	f         *function
	free      *function // finished ones, to be used again
	freeScope *scope
	level     int  // depth of nested statements and expressions
	wide      bool // no comparison with a string constant: jumps are too long

	vars        []variable
	golas       []gola
	breaks      int32  // youngest break that waits for the end of its loop, index + 1
	targets     []expr // left sides of the assignments being read
	totalInstrs int    // instructions of all unfinished functions but the current
}

// maxInstrs bounds the code of all unfinished functions together, LJ_MAX_BCINS.
const maxInstrs = 1 << 26

// open begins a function inside the current one.
func (c *compiler) open(firstLine int32) *function {
	f := c.free
	if f == nil {
		f = &function{c: c}
	} else {
		c.free = f.outer
	}
	*f = function{
		c: c, outer: c.f,
		code: f.code[:0], info: f.info[:0], detours: f.detours[:0],
		consts: f.consts, upvals: f.upvals[:0],
		lastTarget: -1, lastLabel: -1,
		frameSize: 1,
		varBase:   len(c.vars), golaBase: len(c.golas),
		firstLine: firstLine,
	}
	f.consts.reset()
	if c.f != nil {
		f.depth = c.f.depth + 1
		c.totalInstrs += len(c.f.code)
	}
	c.f = f
	return f
}

// close ends the current function and makes the enclosing one current.
func (c *compiler) close() {
	f := c.f
	c.vars = c.vars[:f.varBase]
	c.golas = c.golas[:f.golaBase]
	c.f = f.outer
	if c.f != nil {
		c.totalInstrs -= len(c.f.code)
	}
	f.outer = c.free
	c.free = f
}

// failLimit raises an error about a limit of the current function.
func (f *function) failLimit(limit int, what string) {
	if f.firstLine == 0 {
		f.c.fail(0, msgLimMain, limit, what)
	}
	f.c.fail(0, msgLimFunc, f.firstLine, limit, what)
}

// pc is the position of the instruction emitted next.
func (f *function) pc() int32 { return int32(len(f.code)) }

// emit appends an instruction, to which all pending jumps lead.
func (f *function) emit(i bytecode.Instr) int32 {
	pc := f.pc()
	if f.pending.head != 0 {
		list := f.pending
		f.pending = jumps{}
		f.patchValue(list, pc, noReg, pc)
	}
	if len(f.code)+f.c.totalInstrs >= maxInstrs {
		f.failLimit(maxInstrs, "bytecode instructions")
	}
	f.code = append(f.code, i)
	f.info = append(f.info, insInfo{line: f.c.lastLine, extra: f.extra})
	return pc
}

// dropLast takes back the last instruction.
func (f *function) dropLast() {
	n := len(f.code) - 1
	f.code = f.code[:n]
	f.info = f.info[:n]
}

func (f *function) emitABC(op bytecode.Op, a, b, c int) int32 {
	return f.emit(bytecode.ABC(op, a, b, c))
}

func (f *function) emitABD(op bytecode.Op, a, b int, d int32) int32 {
	return f.emit(bytecode.ABCD(op, a, b, 0, d))
}

// emitConst emits an operation with the constant k in D.
func (f *function) emitConst(op bytecode.Op, a, b int, k int32) int32 {
	return f.emitABD(op, a, b, int32(bytecode.KDist(len(f.code), int(k))))
}

// near tells if an instruction emitted next reaches the constant k with 16 bits.
func (f *function) near(k int32) bool {
	return bytecode.KDist(len(f.code), int(k)) <= bytecode.MaxKDist
}

// emitNear emits an operation with the constant k in its K half.
func (f *function) emitNear(op bytecode.Op, a, b int, k int32) int32 {
	return f.emit(bytecode.AKJ(op, a, b, bytecode.KDist(len(f.code), int(k)), 0))
}

// setA, setB replace an operand of the instruction at pc.
func (f *function) setA(pc int32, a int) {
	f.code[pc] = f.code[pc]&^(0xff<<8) | bytecode.Instr(uint8(a))<<8
}

func (f *function) setB(pc int32, b int) {
	f.code[pc] = f.code[pc]&^(0xff<<16) | bytecode.Instr(uint8(b))<<16
}

// setOp replaces the operation of the instruction at pc.
func (f *function) setOp(pc int32, op bytecode.Op) {
	f.code[pc] = f.code[pc]&^0xff | bytecode.Instr(op)
}

// bump makes the frame hold n more registers than are in use.
func (f *function) bump(n int) {
	if size := f.freeReg + n; size > f.frameSize {
		if size >= bytecode.MaxRegs {
			f.c.failSyntax(msgSlots)
		}
		f.frameSize = size
	}
}

// reserve takes the next n registers.
func (f *function) reserve(n int) {
	f.bump(n)
	f.freeReg += n
}

// release gives a register back unless it belongs to a local variable.
// Registers are released in the reverse order of their reservation.
func (f *function) release(reg int) {
	if reg >= f.nactive {
		f.freeReg--
	}
}
