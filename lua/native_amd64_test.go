package lua

import (
	"encoding/binary"
	"math"
	"slices"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	. "moonring/lua/bytecode" //nolint:revive // as in run.go
)

// A compiler of the smallest kind, to try native code: it puts down a fixed
// sequence of machine code for each instruction that it knows, and leaves the
// others to the interpreter. Registers are those of native.go; RAX, RDX, XMM0
// and XMM1 are free.

type stubCompiler struct {
	b     []byte
	at    []int32 // where each instruction begins
	jumps []stubJump
	left  int // instructions left to the interpreter
}

// stubJump is a 32-bit displacement that ends at pos and leads to an instruction.
type stubJump struct{ pos, to int }

const (
	xmm0, xmm1    = 0, 1
	rax, rcx, rdx = 0, 1, 2
	rbx           = 3
	r13           = 13
)

func (c *stubCompiler) bytes(b ...byte) { c.b = append(c.b, b...) }
func (c *stubCompiler) imm32(v int)     { c.b = binary.LittleEndian.AppendUint32(c.b, uint32(int32(v))) }
func (c *stubCompiler) imm64(v uint64)  { c.b = binary.LittleEndian.AppendUint64(c.b, v) }

// mem appends prefix, REX, opcode and operands of an operation on reg and [base+disp].
func (c *stubCompiler) mem(prefix byte, rex byte, op []byte, reg, base, disp int) {
	if prefix != 0 {
		c.bytes(prefix)
	}
	if base >= 8 {
		rex |= 0x41
	}
	if rex != 0 {
		c.bytes(rex)
	}
	c.bytes(op...)
	c.bytes(byte(0x80 | reg<<3 | base&7))
	c.imm32(disp)
}

func (c *stubCompiler) load(reg, base, disp int)  { c.mem(0, 0x48, []byte{0x8B}, reg, base, disp) }
func (c *stubCompiler) store(reg, base, disp int) { c.mem(0, 0x48, []byte{0x89}, reg, base, disp) }

// sse appends an operation on doubles: 0x10 load, 0x11 store, 0x58 add, 0x59 multiply, 0x5C subtract, 0x5E divide.
func (c *stubCompiler) sse(op byte, reg, base, disp int) {
	c.mem(0xF2, 0, []byte{0x0F, op}, reg, base, disp)
}

// cmp compares the double in x with [base+disp], cmpReg with the one in y.
func (c *stubCompiler) cmp(x, base, disp int) { c.mem(0x66, 0, []byte{0x0F, 0x2E}, x, base, disp) }
func (c *stubCompiler) cmpReg(x, y int)       { c.bytes(0x66, 0x0F, 0x2E, byte(0xC0|x<<3|y)) }

func (c *stubCompiler) loadImm(reg int, v uint64) { c.bytes(0x48, byte(0xB8+reg)); c.imm64(v) }

// Conditions, as in the second byte of a long jump; always is none.
const (
	below, notBelow, equal, unequal, above, negative, parity, noParity, greater = 0x82, 0x83, 0x84, 0x85, 0x87, 0x88, 0x8A, 0x8B, 0x8F
	always                                                                      = 0
)

func (c *stubCompiler) jump(cond byte, to int) {
	if cond == always {
		c.bytes(0xE9)
	} else {
		c.bytes(0x0F, cond)
	}
	c.imm32(0)
	c.jumps = append(c.jumps, stubJump{len(c.b), to})
}

// over appends a jump over what then appends.
func (c *stubCompiler) over(cond byte, then func()) {
	c.bytes(0x0F, cond)
	c.imm32(0)
	from := len(c.b)
	then()
	binary.LittleEndian.PutUint32(c.b[from-4:], uint32(len(c.b)-from))
}

// leave goes back to the interpreter for instruction i.
func (c *stubCompiler) leave(i int) {
	c.bytes(0x48, 0x8D, 0x8B) // lea rcx, [rbx+8i+8]
	c.imm32(8 * (i + 1))
	c.bytes(0xB8) // mov eax, nativeDo
	c.imm32(nativeDo)
	c.bytes(0xC3)
}

// step takes one from the budget; with none left the interpreter does instruction i.
func (c *stubCompiler) step(i int) {
	c.bytes(0x4D, 0x85, 0xFF) // test r15, r15
	c.over(greater, func() { c.leave(i) })
	c.bytes(0x49, 0xFF, 0xCF) // dec r15
}

// result stores XMM0 in register a, unless it is a NaN: then the operands may
// have been something else, and the interpreter does instruction i.
func (c *stubCompiler) result(i, a int) {
	c.cmpReg(xmm0, xmm0)
	c.over(noParity, func() { c.leave(i) })
	c.sse(0x11, xmm0, r13, a*8)
}

// ordered jumps to target if the condition that XMM0 and the flags stand for
// holds, or doesn't; if they can't tell, the interpreter does instruction i.
func (c *stubCompiler) ordered(i int, cond byte, target int) {
	c.over(noParity, func() { c.leave(i) })
	c.jump(cond, target)
}

// truth compares register r with False: the flags are below if it is true.
func (c *stubCompiler) truth(r int) {
	c.load(rax, r13, r*8)
	c.loadImm(rdx, uint64(False))
	c.bytes(0x48, 0x39, 0xD0) // cmp rax, rdx
}

func (c *stubCompiler) compile(vm *VM, r ref) {
	n := int(vm.proto(r).ncode)
	c.at = make([]int32, n)
	for i := range n {
		c.at[i] = int32(len(c.b))
		if !c.instruction(i, vm.instrAt(r, i)) {
			c.leave(i)
			c.left++
		}
	}
	for _, j := range c.jumps {
		binary.LittleEndian.PutUint32(c.b[j.pos-4:], uint32(int(c.at[j.to])-j.pos))
	}
}

func (c *stubCompiler) instruction(i int, ins Instr) bool {
	next := i + 1
	a, b, cc, d := ins.A(), ins.B(), ins.C(), int(ins.D())
	target := next + d
	pri := func() uint64 { return uint64(primitive(uintptr(b))) }
	upval := func(n int) { // RDX = place of upvalue n's value, in units of 8 bytes
		c.bytes(0x41, 0x8B, 0x55, 0xF0)       // mov edx, [r13-16]
		c.bytes(0x41, 0x8B, 0x94, 0xD4)       // mov edx, [r12+rdx*8+disp]
		c.imm32(closureHead + 4*n)            //
		c.bytes(0x41, 0x8B, 0x54, 0xD4, 0x08) // mov edx, [r12+rdx*8+8]
	}
	switch op := ins.Op(); op {
	case MOV:
		c.load(rax, r13, b*8)
		c.store(rax, r13, a*8)
	case LOADK:
		c.load(rax, rbx, 8*next+d)
		c.store(rax, r13, a*8)
	case LOADI:
		c.loadImm(rax, math.Float64bits(float64(d)))
		c.store(rax, r13, a*8)
	case LOADNIL:
		c.loadImm(rax, uint64(Nil))
		for ; a <= b; a++ {
			c.store(rax, r13, a*8)
		}
	case LOADPRI:
		c.loadImm(rax, pri())
		c.store(rax, r13, a*8)
	case UGET:
		upval(b)
		c.bytes(0x49, 0x8B, 0x04, 0xD4) // mov rax, [r12+rdx*8]
		c.store(rax, r13, a*8)
	case USETP:
		upval(a)
		c.loadImm(rax, pri())
		c.bytes(0x49, 0x89, 0x04, 0xD4) // mov [r12+rdx*8], rax
	case NOT:
		c.truth(b)
		c.loadImm(rax, uint64(True))
		c.over(notBelow, func() { c.loadImm(rax, uint64(False)) })
		c.store(rax, r13, a*8)
	case ADDVV, SUBVV, MULVV, DIVVV:
		c.sse(0x10, xmm0, r13, b*8)
		c.sse([]byte{0x58, 0x5C, 0x59, 0x5E}[op-ADDVV], xmm0, r13, cc*8)
		c.result(i, a)
	case ADDVK, SUBVK, MULVK, DIVVK:
		c.sse(0x10, xmm0, r13, b*8)
		c.sse([]byte{0x58, 0x5C, 0x59, 0x5E}[op-ADDVK], xmm0, rbx, 8*next+d)
		c.result(i, a)
	case ADDKV, SUBKV, MULKV, DIVKV:
		c.sse(0x10, xmm0, rbx, 8*next+d)
		c.sse([]byte{0x58, 0x5C, 0x59, 0x5E}[op-ADDKV], xmm0, r13, b*8)
		c.result(i, a)
	case JMP:
		c.jump(always, target)
	case LOOP:
		c.step(i)
		c.jump(always, target)
	case IST:
		c.truth(a)
		c.jump(below, target)
	case ISF:
		c.truth(a)
		c.jump(notBelow, target)
	case ISTC, ISFC:
		c.truth(b)
		cond := byte(notBelow) // jumps over what is done if R[B] is true
		if op == ISFC {
			cond = below
		}
		c.over(cond, func() {
			c.store(rax, r13, a*8)
			c.jump(always, target)
		})
	case ISLT, ISNLT, ISLE, ISNLE: // as b > a, b >= a
		c.sse(0x10, xmm0, r13, b*8)
		c.cmp(xmm0, r13, a*8)
		c.ordered(i, []byte{above, 0x86, notBelow, below}[op-ISLT], target)
	case ISLTI, ISNLTI, ISLEI, ISNLEI:
		c.loadImm(rax, math.Float64bits(float64(ins.Imm())))
		c.bytes(0x66, 0x48, 0x0F, 0x6E, 0xC0) // movq xmm0, rax
		c.cmp(xmm0, r13, a*8)
		c.ordered(i, []byte{above, 0x86, notBelow, below}[op-ISLTI], target)
	case ISGTI, ISNGTI, ISGEI, ISNGEI:
		c.sse(0x10, xmm0, r13, a*8)
		c.loadImm(rax, math.Float64bits(float64(ins.Imm())))
		c.bytes(0x66, 0x48, 0x0F, 0x6E, 0xC8) // movq xmm1, rax
		c.cmpReg(xmm0, xmm1)
		c.ordered(i, []byte{above, 0x86, notBelow, below}[op-ISGTI], target)
	case ISEQI, ISNEI:
		c.loadImm(rax, math.Float64bits(float64(ins.Imm())))
		c.bytes(0x66, 0x48, 0x0F, 0x6E, 0xC0)
		c.cmp(xmm0, r13, a*8)
		if op == ISNEI {
			c.jump(parity, target)
			c.jump(unequal, target)
			break
		}
		c.over(parity, func() { c.jump(equal, target) })
	case ISEQS, ISNES, ISEQP, ISNEP:
		c.load(rax, r13, a*8)
		if op == ISEQP || op == ISNEP {
			c.loadImm(rdx, pri())
		} else {
			c.load(rdx, rbx, 8*next-8*(1+ins.K()))
			target = next + ins.J()
		}
		c.bytes(0x48, 0x39, 0xD0)
		if op == ISEQS || op == ISEQP {
			c.jump(equal, target)
		} else {
			c.jump(unequal, target)
		}
	case FORLP:
		c.step(i)
		c.sse(0x10, xmm0, r13, a*8)
		c.sse(0x58, xmm0, r13, a*8+16)
		c.sse(0x10, xmm1, r13, a*8+8)
		c.cmpReg(xmm1, xmm0)
		c.over(below, func() {
			c.sse(0x11, xmm0, r13, a*8)
			c.sse(0x11, xmm0, r13, a*8+24)
			c.jump(always, target)
		})
	case FORL:
		c.step(i)
		c.sse(0x10, xmm0, r13, a*8)
		c.sse(0x58, xmm0, r13, a*8+16)
		c.cmpReg(xmm0, xmm0)
		c.over(parity, func() { // a NaN ends it
			c.sse(0x11, xmm0, r13, a*8)
			c.sse(0x10, xmm1, r13, a*8+8)
			c.load(rax, r13, a*8+16)
			c.bytes(0x48, 0x85, 0xC0) // test rax, rax
			c.over(negative, func() { // upwards
				c.cmpReg(xmm1, xmm0)
				c.jump(below, next)
				c.sse(0x11, xmm0, r13, a*8+24)
				c.jump(always, target)
			})
			c.cmpReg(xmm0, xmm1)
			c.jump(below, next)
			c.sse(0x11, xmm0, r13, a*8+24)
			c.jump(always, target)
		})
	case ITERL:
		c.step(i)
		c.load(rax, r13, a*8+24)
		c.bytes(0x48, 0x83, 0xF8, 0xFF) // cmp rax, -1
		c.over(equal, func() {
			c.store(rax, r13, a*8+16)
			c.jump(always, target)
		})
	case RET1:
		if b != 0 {
			return false
		}
		c.load(rdx, r13, -8)
		c.bytes(0x48, 0x89, 0xD0)       // mov rax, rdx
		c.bytes(0x48, 0xC1, 0xE8, 0x20) // shr rax, 32
		c.over(equal, func() { c.leave(i) })
		c.bytes(0x49, 0x8D, 0x0C, 0xD4) // lea rcx, [r12+rdx*8]
		c.bytes(0x0F, 0xB6, 0x51, 0xFA) // movzx edx, byte [rcx-6]: results and 1
		c.bytes(0x83, 0xFA, 0x02)       // cmp edx, 2
		c.over(equal, func() { c.leave(i) })
		c.load(rax, r13, a*8)
		c.store(rax, r13, -16)
		c.bytes(0x0F, 0xB6, 0x51, 0xF9) // movzx edx, byte [rcx-7]
		c.bytes(0x49, 0x83, 0xED, 0x10) // sub r13, 16
		c.bytes(0x48, 0xC1, 0xE2, 0x03) // shl rdx, 3
		c.bytes(0x49, 0x29, 0xD5)       // sub r13, rdx
		c.bytes(0x31, 0xC0, 0xC3)       // xor eax, eax; ret
	default:
		return false
	}
	return true
}

// stubPages is the memory of code that is in use, in maps.
var stubPages int

// CompileStub gives fn and all functions in it native code, and returns how
// many instructions there are and how many are left to the interpreter. An
// instruction is an entry if entry, unless nil, says so.
func (vm *VM) CompileStub(t testing.TB, fn Value, entry func(i int) bool) (all, left int) {
	t.Helper()
	for _, v := range vm.consts(vm.closure(fn.ref()).proto) {
		if v>>tagShift != tagObject {
			continue
		}
		// attachNative wants a function; any of the prototype will do.
		f := vm.newClosure(0)
		if f == 0 {
			t.Fatal(ErrMemory)
		}
		vm.closure(f).proto, vm.closure(f).pc = v.ref(), vm.codeOf(v.ref())
		n, l := vm.CompileStub(t, functionBits|Value(f), entry)
		all, left = all+n, left+l
	}
	var c stubCompiler
	c.compile(vm, vm.closure(fn.ref()).proto)
	page, err := unix.MmapPtr(-1, 0, nil, uintptr(len(c.b)), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		t.Fatal(err)
	}
	code := unsafe.Slice((*byte)(page), len(c.b))
	copy(code, c.b)
	if err := unix.Mprotect(code, unix.PROT_READ|unix.PROT_EXEC); err != nil {
		t.Fatal(err)
	}
	stubPages++
	n := &native{code: page, entries: c.at, release: func() {
		stubPages--
		if err := unix.MunmapPtr(page, uintptr(len(c.b))); err != nil {
			t.Error(err)
		}
	}}
	if entry != nil {
		n.entries = slices.Clone(c.at)
		for i := range n.entries {
			if !entry(i) {
				n.entries[i] = -1
			}
		}
	}
	if err := vm.attachNative(fn, n); err != nil {
		t.Fatal(err)
	}
	return all + len(c.at), left + c.left
}

// DropStub has fn interpreted again.
func (vm *VM) DropStub(fn Value) { vm.detachNative(fn) }

// StubsInUse is how many functions have native code, in all VMs.
func StubsInUse() int { return stubPages }

// Patched tells whether any instruction in the arena of fn and what is in it is patched.
func (vm *VM) Patched(fn Value) bool {
	r := vm.closure(fn.ref()).proto
	for i := range int(vm.proto(r).ncode) {
		if *vm.opByte(r, i) == uint8(opPatched) {
			return true
		}
	}
	return vm.infoOfProto(r).patch != 0
}
