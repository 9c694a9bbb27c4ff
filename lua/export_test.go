package lua

// What the tests of package lua_test, which may use the libraries, see of the heap.

// CheckHeap verifies the whole arena.
func (vm *VM) CheckHeap() error { return vm.check() }

// SetMemoryLimit changes the memory limit of a VM.
func (vm *VM) SetMemoryLimit(n int64) { vm.setLimit(n) }

// Poisoned tells whether freed memory is overwritten and every access checked.
const Poisoned = poison

// StackSlots is the size of the thread's stack.
func (t *Thread) StackSlots() int { return int(t.vm.thread(t.th).size) }
