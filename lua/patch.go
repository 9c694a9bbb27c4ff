package lua

import (
	"unsafe"

	. "moonring/lua/bytecode" //nolint:revive // as in run.go
)

// opPatched stands over the operation of an instruction that somebody else than
// the loop has to do: native code (native.go). The loop has no case for it, so
// functions without any pay nothing: it leaves as for everything it can't do,
// and slow finds who is meant by the number in the word before the code. Like
// fused operations it exists in the arena alone, no dumped function and no
// snapshot has it; what looks at an operation does so through opAt or instrAt.
const opPatched = fusedEnd

// patcher is who does the patched instructions of a function.
type patcher interface {
	// reached is called with the registers stored and vm.pc behind instruction
	// i of the current frame's function. If do is set, slow goes on to do
	// whatever instruction is in front of vm.pc then, otherwise x holds.
	reached(vm *VM, i int) (x exit, do bool)
	// dropped is called when the prototype is dead or its patch is lifted.
	dropped()
}

// patch is what replaces instructions of one prototype. Its number, from 1, is
// in the prototype's protoInfo.
type patch struct {
	to    patcher // nil: the number is free
	proto ref
	ops   []uint8 // what the operations were, fused or not
	set   []bool  // which are replaced
}

// patch has to do the instructions of the prototype r that are set, of which
// there are as many as r has instructions. It takes effect in running frames,
// too, at the next such instruction. r must not be patched yet.
func (vm *VM) patch(r ref, to patcher, set []bool) {
	p := &patch{to: to, proto: r, ops: make([]uint8, len(set)), set: set}
	for i := range p.ops {
		p.ops[i] = *vm.opByte(r, i)
	}
	n := 0
	for n < len(vm.patches) && vm.patches[n].to != nil {
		n++
	}
	if n == len(vm.patches) {
		vm.patches = append(vm.patches, nil)
	}
	vm.patches[n] = p
	vm.apply(uint32(n + 1))
}

// unpatch makes the prototype r what it was.
func (vm *VM) unpatch(r ref) {
	if n := vm.infoOfProto(r).patch; n != 0 {
		vm.lift(n)
		vm.dropPatch(n)
	}
}

// apply writes patch n into its prototype.
func (vm *VM) apply(n uint32) {
	p := vm.patches[n-1]
	vm.infoOfProto(p.proto).patch = n
	for i, set := range p.set {
		if !set {
			continue
		}
		*vm.opByte(p.proto, i) = uint8(opPatched)
		for j := i - 1; j >= 0 && j > i-fusedMax; j-- {
			if fusedLen(p.ops[j]) > i-j && !p.set[j] { // the loop would not see this one
				*vm.opByte(p.proto, j) = uint8(baseOps[p.ops[j]])
			}
		}
	}
}

// lift takes patch n out of its prototype.
func (vm *VM) lift(n uint32) {
	p := vm.patches[n-1]
	vm.infoOfProto(p.proto).patch = 0
	for i, op := range p.ops {
		*vm.opByte(p.proto, i) = op
	}
}

// withoutPatches runs f while no prototype is patched.
func (vm *VM) withoutPatches(f func() error) error {
	for i, p := range vm.patches {
		if p.to != nil {
			vm.lift(uint32(i + 1))
			defer vm.apply(uint32(i + 1))
		}
	}
	return f()
}

// dropPatch forgets patch n, whose prototype is dead or as it was.
func (h *heap) dropPatch(n uint32) {
	p := h.patches[n-1]
	h.patches[n-1] = &patch{}
	p.to.dropped()
}

func (h *heap) dropPatches() {
	for i, p := range h.patches {
		if p.to != nil {
			h.dropPatch(uint32(i + 1))
		}
	}
}

// infoOfProto is the word in front of a prototype's code.
func (h *heap) infoOfProto(r ref) *protoInfo {
	return (*protoInfo)(h.ptr(r + protoHead/8 + h.proto(r).nconst))
}

// opByte is the operation of instruction i as it stands in the arena.
func (vm *VM) opByte(r ref, i int) *uint8 {
	return (*uint8)(unsafe.Pointer(slot(vm.ptr(vm.codeOf(r)), i)))
}

// reached is slow for a patched instruction.
func (vm *VM) reached() (x exit, do bool) {
	f := vm.closure(slot(vm.base, -2).ref())
	p := vm.patches[infoOf(vm.ptr(f.pc)).patch-1]
	return p.to.reached(vm, vm.pcIndex(f, vm.pc))
}

// opAt is the operation at which the frame f, of a Lua function, is: that of the
// instruction in front of its pc. It is none if the frame isn't at one of its own.
func (vm *VM) opAt(f frame) Op {
	if op := baseOp(opOf(f.pc)); op != opPatched {
		return op
	}
	return vm.patchedOp(f)
}

func (vm *VM) patchedOp(f frame) Op {
	c := vm.luaFunction(f)
	if c == nil {
		return NumOps
	}
	n := infoOf(vm.ptr(c.pc)).patch
	i := vm.pcIndex(c, f.pc)
	if n == 0 || uint(i) >= uint(len(vm.patches[n-1].ops)) {
		return NumOps
	}
	return baseOp(vm.patches[n-1].ops[i])
}
