package lua

import (
	"slices"
	"sync/atomic"
	"unsafe"
)

// Sampling of Lua stacks. What is wanted, a stack at a moment that a clock gives, can't be had from outside: where the loop
// is stands in the processor's registers. So while sampling is on every safepoint is seen (a slice of the budget is one
// step, links of calls are marked so that a return leaves the loop, builtins are wrapped), and the stack as it was at the last
// one is kept. A sample that was asked for since then belongs to that stack, as no function was entered or left
// in between. While it is off nothing of this is there.

// SampledFunc is a function that was seen on a stack.
type SampledFunc struct {
	Name   string // what it was called by when it was seen first, of a builtin with its library; "" if that can't be told
	Source string // chunk name as given to load; "=[C]" for a builtin
	First  int    // the line of "function"; 0 for a main chunk, -1 for a builtin
	Last   int
	named  int // attempts to find out its name
	source ref
	lines  []int32 // of each instruction
}

// SampledFrame is a function on a stack.
type SampledFrame struct {
	Func *SampledFunc
	Line int // 0 in a builtin
}

// Sampler takes stacks of what a VM runs. Only Sample may be called by another goroutine than the VM's.
type Sampler struct {
	vm     *VM
	wanted atomic.Bool
	take   func(stack []SampledFrame)

	shadow []shadowFrame // outermost first, as at the last safepoint
	frames []SampledFrame
	funcs  map[ref]*SampledFunc
	native map[BuiltinID]*SampledFunc
	plain  []Func // the builtins as they were
}

type shadowFrame struct {
	th   ref
	base int // in the thread's stack
	fn   Value
	f    *SampledFunc
	pc   int // index of an instruction
}

const sampleSlice = 1 // steps of a slice while sampling

// StartSampling has take called, on the VM's goroutine, with the stack of what runs after each call of Sample; the slice is
// valid until take returns. It slows scripts down: calls and loops take about 30 ns more. No other VM
// of the process may run from now until Stop, and one can be sampled at a time.
func (vm *VM) StartSampling(take func(stack []SampledFrame)) *Sampler {
	s := &Sampler{vm: vm, take: take, funcs: map[ref]*SampledFunc{}, native: map[BuiltinID]*SampledFunc{}, plain: builtinFuncs}
	wrapped := make([]Func, len(builtinFuncs))
	for i, f := range builtinFuncs {
		if f != nil {
			wrapped[i] = s.wrap(f)
		}
	}
	builtinFuncs, vm.sampler, vm.sliceSteps = wrapped, s, sampleSlice
	vm.refill()
	return s
}

// Stop ends the sampling. Nothing may run.
func (s *Sampler) Stop() {
	builtinFuncs, s.vm.sampler, s.vm.sliceSteps = s.plain, nil, sliceSteps
	s.vm.refill()
}

// Sample asks for the stack as it is now.
func (s *Sampler) Sample() { s.wanted.Store(true) }

// wrap makes calls and returns of a builtin safepoints.
func (s *Sampler) wrap(f Func) Func {
	return func(c *Call) Ret {
		s.look()
		depth := len(s.shadow)
		n := f(c)
		if n >= 0 { // else something else runs now, and is met at its next safepoint
			s.flush()
			s.shadow = s.shadow[:min(len(s.shadow), max(depth-1, 0))]
		}
		return n
	}
}

// flush delivers a sample that was asked for.
func (s *Sampler) flush() {
	if !s.wanted.Load() || len(s.shadow) == 0 {
		return
	}
	s.wanted.Store(false)
	s.frames = s.frames[:0]
	for i := len(s.shadow) - 1; i >= 0; i-- {
		e := &s.shadow[i]
		line := 0
		if e.f.First >= 0 {
			line = e.f.First
			if uint(e.pc) < uint(len(e.f.lines)) {
				line = int(e.f.lines[e.pc])
			}
		}
		s.frames = append(s.frames, SampledFrame{e.f, line})
	}
	s.take(s.frames)
}

// look is called at a safepoint: the current frame is the one that goes on.
func (s *Sampler) look() {
	s.flush()
	vm := s.vm
	f := vm.topFrame()
	fn := f.function()
	if !fn.isFunction() { // nothing runs
		return
	}
	th, base := vm.root.curThread, vm.indexOf(f.base)
	n := len(s.shadow)
	for n > 0 && s.shadow[n-1].th == th && s.shadow[n-1].base > base {
		n--
	}
	s.shadow = s.shadow[:n]
	if n > 0 && s.shadow[n-1].th == th && s.shadow[n-1].base == base {
		if e := &s.shadow[n-1]; e.fn == fn {
			e.pc = s.pcOf(f)
			return
		}
		n-- // a tail call
		s.shadow = s.shadow[:n]
	}
	up, ok := vm.caller(f)
	if n > 0 && ok && s.shadow[n-1].th == th && s.shadow[n-1].base == vm.indexOf(up.base) && s.shadow[n-1].fn == up.function() {
		s.shadow[n-1].pc = s.pcOf(up)
		s.push(th, f)
		return
	}
	s.rebuild()
}

// sampleReturn is called when a function has returned to the current frame, and that goes on.
func (vm *VM) sampleReturn() {
	if vm.sampler != nil {
		vm.sampler.look()
	}
}

// rebuild reads the stacks of all coroutines that are under way.
func (s *Sampler) rebuild() {
	vm := s.vm
	s.shadow = s.shadow[:0]
	for th := vm.root.curThread; th != 0; th = vm.thread(th).parent {
		for _, f := range vm.frames(th) {
			s.push(th, f)
		}
	}
	slices.Reverse(s.shadow)
}

func (s *Sampler) push(th ref, f frame) {
	base := slotsBetween(s.vm.ptr(s.vm.thread(th).stack), f.base)
	s.shadow = append(s.shadow, shadowFrame{th, base, f.function(), s.funcOf(f), s.pcOf(f)})
}

func (s *Sampler) pcOf(f frame) int {
	c := s.vm.luaFunction(f)
	if c == nil || f.pc == nil {
		return 0
	}
	return max(s.vm.pcIndex(c, f.pc), 0)
}

// funcOf is the function of a frame that is on the stack.
func (s *Sampler) funcOf(f frame) *SampledFunc {
	vm := s.vm
	fn := f.function()
	if !vm.isLua(fn) {
		return s.builtinFunc(vm.builtin(fn.ref()).id)
	}
	r := vm.closure(fn.ref()).proto
	p := vm.proto(r)
	known := s.funcs[r]
	// Where a function was there may be another one by now.
	if known == nil || known.source != p.source || known.First != int(p.firstLine) || known.Last != int(p.lastLine) || len(known.lines) != int(p.ncode) {
		known = &SampledFunc{Source: string(vm.strBytes(p.source)), First: int(p.firstLine), Last: int(p.lastLine), source: p.source}
		known.lines = append(known.lines, unsafe.Slice((*int32)(vm.ptr(p.lines)), int(p.ncode))...)
		s.funcs[r] = known
	}
	if known.Name == "" && known.First != 0 && known.named < 8 {
		known.named++
		_, known.Name = vm.functionName(f)
	}
	return known
}

func (s *Sampler) builtinFunc(id BuiltinID) *SampledFunc {
	f := s.native[id]
	if f == nil {
		f = &SampledFunc{Name: s.vm.builtinPath(id), Source: "=[C]", First: -1, Last: -1}
		s.native[id] = f
	}
	return f
}

// builtinPath is the name of a builtin with that of the table which it is found in: a global or a module.
func (vm *VM) builtinPath(id BuiltinID) string {
	name := builtins[id].name
	in := func(t Value) bool { return t.isTable() && vm.BuiltinOf(vm.Field(t, name)) == id }
	if in(vm.Globals()) {
		return name
	}
	for _, tables := range [...]Value{vm.Globals(), vm.Field(vm.Registry(), "_LOADED")} {
		if !tables.isTable() {
			continue
		}
		for k, v, ok := vm.Next(tables, Nil); ok && k != Nil; k, v, ok = vm.Next(tables, k) {
			if k.isString() && in(v) {
				return string(vm.strBytes(k.ref())) + "." + name
			}
		}
	}
	return name
}
