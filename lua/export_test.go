package lua

import (
	"fmt"
	"slices"
	"strings"
)

// What the tests of package lua_test, which may use the libraries, see of the heap.

// CheckHeap verifies the whole arena.
func (vm *VM) CheckHeap() error { return vm.check() }

// SetMemoryLimit changes the memory limit of a VM.
func (vm *VM) SetMemoryLimit(n int64) { vm.setLimit(n) }

// Poisoned tells whether freed memory is overwritten and every access checked.
const Poisoned = poison

// StackSlots is the size of the thread's stack.
func (t *Thread) StackSlots() int { return int(t.vm.thread(t.th).size) }

// CheckSampler compares the stack that a sampler keeps with the one that there is.
func (vm *VM) CheckSampler() error {
	s := vm.sampler
	kept := slices.Clone(s.shadow)
	s.rebuild()
	if slices.Equal(kept, s.shadow) {
		return nil
	}
	return fmt.Errorf("kept %s, there is %s", shadowText(kept), shadowText(s.shadow))
}

func shadowText(frames []shadowFrame) string {
	var b strings.Builder
	for _, f := range frames {
		line := -1
		if f.pc < len(f.f.lines) {
			line = int(f.f.lines[f.pc])
		}
		fmt.Fprintf(&b, "[%s@%d thread %d base %d pc %d line %d]", f.f.Name, f.f.First, f.th, f.base, f.pc, line)
	}
	return b.String()
}
