package lua

import (
	"errors"
	"fmt"
	"strings"
	"unsafe"

	. "moonring/lua/bytecode" //nolint:revive // as in run.go
)

// NumOperations is how many operations the loop has, fused ones included.
const NumOperations = fusedEnd

// OperationName is what an operation is, all names of a fused one.
func OperationName(op Op) string {
	if op < NumOps {
		return op.String()
	}
	return strings.Trim(fmt.Sprint(fusions[op-NumOps]), "[]")
}

// A Stepper runs a program one instruction at a time: it patches every
// instruction (patch.go), suspends the run at each, and lets the loop do just this
// one when it goes on. Where a builtin is at work that has called back into Lua,
// the run can't be suspended; there it calls Within and goes on.
type Stepper struct {
	Pairs   bool // leave fused instructions together
	Between func(s *Stepper)
	Within  func(s *Stepper)
	Most    int              // stops, then it goes on at once
	Only    func(i int) bool // which instructions; nil: all
	At      func(i int)      // called for each stop

	Stops  int            // in front of an instruction, with the run suspended
	Nested map[string]int // the others, by the builtin that they are within
	Ops    map[Op]int     // operations done: what stands in the arena, so a fused one is one of its own
	VM     *VM            // Between may put another in its place, that goes on
	Thread *Thread

	protos  []ref
	lifted  ref // whose instruction lies open
	at      int
	stopped bool
	multres int
	top     int
}

// Run runs chunk to its end.
func (s *Stepper) Run(vm *VM, chunk Value) (*Thread, Status) {
	s.VM, s.Nested, s.Ops = vm, map[string]int{}, map[Op]int{}
	s.watch(vm.closure(chunk.ref()).proto)
	s.Thread = vm.NewThread()
	status := s.Thread.Start(chunk)
	for status == Suspended && s.stopped {
		if s.Stops > s.Most {
			s.Leave()
		} else if s.Between != nil {
			s.Between(s)
		}
		status = s.resume()
	}
	s.Leave()
	return s.Thread, status
}

// Leave lifts all patches.
func (s *Stepper) Leave() {
	for len(s.protos) > 0 {
		s.VM.unpatch(s.protos[0])
	}
}

// watch patches a prototype and those in it.
func (s *Stepper) watch(r ref) {
	vm := s.VM
	if vm.infoOfProto(r).patch != 0 || s.Stops > s.Most {
		return
	}
	set := make([]bool, vm.proto(r).ncode)
	for i := range set {
		set[i] = s.Only == nil || s.Only(i)
	}
	s.protos = append(s.protos, r)
	vm.patch(r, &stepped{s, r}, set)
	for _, v := range vm.consts(r) {
		if v>>tagShift == tagObject {
			s.watch(v.ref())
		}
	}
}

// stepped is a prototype that is watched.
type stepped struct {
	s *Stepper
	r ref
}

func (p *stepped) dropped() {
	s := p.s
	for i, r := range s.protos {
		if r == p.r {
			s.protos = append(s.protos[:i], s.protos[i+1:]...)
			break
		}
	}
	if s.lifted == p.r {
		s.lifted = 0
	}
}

func (p *stepped) reached(vm *VM, i int) (exit, bool) {
	s := p.s
	s.cover()
	vm.pc = unsafe.Add(vm.pc, -8)
	s.watchCalled(i, p.r)
	s.top = vm.indexOf(s.liveTop(p.r, i))
	if !vm.canSuspend() {
		s.Nested[s.within()]++
		if s.Within != nil {
			s.Within(s)
		}
		s.open(p.r, i)
		return exitNone, false
	}
	if s.Stops++; s.At != nil {
		s.At(i)
	}
	s.stopped, s.multres = true, vm.multres
	vm.syncThread(vm.at(s.top))
	return exitSuspend, false
}

// cover patches again the instruction that lies open.
func (s *Stepper) cover() {
	if s.lifted != 0 {
		*s.VM.opByte(s.lifted, s.at) = uint8(opPatched)
		s.lifted = 0
	}
}

// open lets the loop find instruction i.
func (s *Stepper) open(r ref, i int) {
	vm := s.VM
	n := vm.infoOfProto(r).patch
	if n == 0 {
		return
	}
	op := vm.patches[n-1].ops[i]
	if !s.Pairs {
		op = uint8(baseOps[op])
	}
	s.Ops[Op(op)]++
	*vm.opByte(r, i) = op
	s.lifted, s.at = r, i
}

// watchCalled watches what a call is about to enter, itself or by way of a builtin.
func (s *Stepper) watchCalled(i int, r ref) {
	vm := s.VM
	ins := vm.instrAt(r, i)
	switch ins.Op() {
	case CALL, CALLM, CALLT, CALLMT:
		for _, v := range slots(slotPtr(vm.base, ins.A()), 4) {
			if v.isFunction() && vm.isLua(v) {
				s.watch(vm.closure(v.ref()).proto)
			}
		}
	}
}

// liveTop is the end of what is alive in front of instruction i: of the frame,
// or of an open list that the instruction takes.
func (s *Stepper) liveTop(r ref, i int) unsafe.Pointer {
	vm := s.VM
	ins := vm.instrAt(r, i)
	n := 0
	switch ins.Op() {
	case CALLM, CALLMT:
		n = ins.A() + 2 + ins.C() + vm.multres
	case RETM:
		n = ins.A() + int(ins.D()) + vm.multres
	case TSETM:
		n = ins.A() + vm.multres
	}
	top := slotPtr(vm.base, n)
	if frame := vm.frameTop(); uintptr(frame) > uintptr(top) {
		top = frame
	}
	return top
}

// within is the builtin that has called back into Lua.
func (s *Stepper) within() string {
	vm := s.VM
	if vm.hooking {
		return "a hook"
	}
	for th := vm.root.curThread; th != 0; th = vm.thread(th).parent {
		if name := vm.nestedIn(th); name != "" {
			return name
		}
	}
	return "a host's call"
}

func (vm *VM) nestedIn(th ref) string {
	f := vm.topFrame()
	if th != vm.root.curThread {
		f = frame{slotPtr(vm.ptr(vm.thread(th).stack), int(vm.thread(th).base)), nil}
	}
	for {
		switch l := *slot(f.base, -1); linkKind(l) {
		case linkThread:
			return ""
		case linkFinalizer:
			return "a finalizer"
		case linkNested:
			up := frame{slotPtr(f.base, -linkDelta(l)), nil}
			if vm.thread(th).flags&threadHandler != 0 {
				return "a message handler"
			}
			return builtins[vm.BuiltinOf(up.function())].name
		case linkLua:
			pc := vm.ptr(linkPC(l))
			f = frame{slotPtr(f.base, -2-int(opA(pc))), pc}
		default:
			f = frame{slotPtr(f.base, -linkDelta(l)), nil}
		}
	}
}

// resume goes on in front of an instruction.
func (s *Stepper) resume() Status {
	t := s.Thread
	vm := t.vm
	vm.loadThread(t.cur)
	t.cur = 0
	vm.base, vm.pc = vm.at(int(vm.th.base)), vm.ptr(vm.th.pc)
	vm.multres, s.stopped = s.multres, false
	f := vm.closure(slot(vm.base, -2).ref())
	s.open(f.proto, slotsBetween(vm.ptr(f.pc), vm.pc))
	return t.end(vm.run())
}

// Disturb collects everything and moves the running stack, as a safepoint in a
// call might.
func (s *Stepper) Disturb() error {
	vm := s.VM
	vm.syncThread(vm.at(s.top))
	vm.gcFull()
	if err := vm.check(); err != nil {
		return err
	}
	return s.move()
}

func (s *Stepper) move() error {
	if !s.VM.resizeStack(int(s.VM.th.size)) {
		return errors.New("no memory to move the stack")
	}
	return nil
}

// MoveStack moves the stack of the suspended run.
func (s *Stepper) MoveStack() error {
	vm := s.VM
	vm.loadThread(s.Thread.cur)
	vm.base = vm.at(int(vm.th.base))
	err := s.move()
	vm.rest()
	return err
}

// Transplant goes on in a VM that is restored from a snapshot of this one, which
// is closed.
func (s *Stepper) Transplant(cfg Config, fd int) error {
	s.cover()
	old := s.VM
	if err := old.Snapshot(fd); err != nil {
		return err
	}
	vm, err := Restore(cfg, fd)
	if err != nil {
		return err
	}
	t := *s.Thread
	t.vm = vm
	vm.stdout, vm.loader, vm.host = old.stdout, old.loader, old.host
	watched := append([]ref(nil), s.protos...)
	old.Close()
	s.VM, s.Thread = vm, &t
	for _, r := range watched {
		s.watch(r)
	}
	return nil
}
