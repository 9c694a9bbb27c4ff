package lua

import (
	"strconv"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The budget is counted in steps: loop iterations and calls. A slice of them
// runs between two looks at the clock.
const (
	sliceSteps = 10000
	nsPerUnit  = 8 // Charge's nanoseconds that make a step
)

// ThreadCPUTime is the CPU time of the calling thread in nanoseconds.
func ThreadCPUTime() int64 {
	var ts unix.Timespec
	if unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &ts) != nil {
		return 0
	}
	return ts.Nano()
}

// SetBudget changes the bounds of an uninterrupted run, from the next on.
func (vm *VM) SetBudget(cpu, instr int64) { vm.cpuBudget, vm.instrLimit = cpu, instr }

// beginRun starts a new uninterrupted run.
func (vm *VM) beginRun() {
	vm.overruns = 0
	vm.instrLeft = vm.instrLimit
	vm.deadline = 0 // read the clock only when the first slice is used up
	vm.root.errValue = Nil
	vm.refill()
}

func (vm *VM) refill() {
	vm.budget = vm.sliceSteps
	if vm.instrLimit > 0 {
		vm.budget = min(vm.budget, max(vm.instrLeft, 1))
	}
	if vm.root.hookCount != 0 && !vm.hooking {
		if vm.budget = min(vm.budget, max(vm.hookLeft, 1)); vm.hookDue {
			vm.budget = 0 // at the next loop iteration or call
		}
	}
	vm.slice = vm.budget
}

// account takes what was used of the slice from what is counted.
func (vm *VM) account() {
	used := vm.slice - vm.budget
	if vm.instrLimit > 0 {
		vm.instrLeft -= used
	}
	if vm.root.hookCount != 0 && !vm.hooking {
		if vm.hookLeft -= used; vm.hookLeft <= 0 {
			vm.hookLeft, vm.hookDue = int64(vm.root.hookCount), true
		}
	}
	vm.slice = vm.budget
}

// spend is called when a slice is used up: it begins the next one, or raises
// an error if the budget is too. After a second overrun the error can't be
// caught.
func (vm *VM) spend() bool {
	vm.account()
	over := vm.instrLimit > 0 && vm.instrLeft <= 0
	if vm.cpuBudget > 0 {
		now := vm.clock()
		if vm.deadline == 0 {
			vm.deadline = now + vm.cpuBudget
		}
		over = over || now > vm.deadline
	}
	if !over {
		vm.refill()
		if vm.sampler != nil {
			vm.sampler.look()
		}
		if vm.interrupted.Load() {
			vm.interrupted.Store(false)
			vm.raise("interrupted!")
			return false
		}
		return true
	}
	vm.overruns++
	vm.instrLeft = vm.instrLimit
	vm.deadline = 0
	vm.refill()
	vm.raise("Lua CPU budget exceeded")
	if vm.overruns > 1 {
		vm.fatal = true
	}
	return false
}

// Interrupt has the script that runs fail with "interrupted!", once the slice is used up. Any goroutine may call it. It tells whether
// one before it has not been seen yet.
func (vm *VM) Interrupt() (waits bool) { return vm.interrupted.Swap(true) }

// Interrupted tells, and forgets, that an Interrupt has not been seen yet.
func (vm *VM) Interrupted() bool { return vm.interrupted.Swap(false) }

// spendAndRetry is spend for the instruction in front of vm.pc, which is then
// done again.
func (vm *VM) spendAndRetry() exit {
	if !vm.spend() || !vm.runHook() {
		return vm.throw()
	}
	vm.pc = unsafe.Add(vm.pc, -8)
	return exitNone
}

func itoa(i int) string { return strconv.Itoa(i) }
