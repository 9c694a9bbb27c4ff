package lua

import (
	"slices"
	"unsafe"
)

// Who pays when memory is out. Nobody's use is counted while there is enough. When a full collection doesn't free what is
// wanted, one more cycle marks the heap in an order that tells who holds what: first what is everybody's (globals, loaded
// modules, metatables, pins without an owner), then what is reached from the threads and pins of each owner in turn. What two
// owners share is the first one's. The largest holder is ended, or gets the error if it is the one that runs.
//
// That takes place only where the collector may run anyhow, so a builtin's values in Go variables are as safe as ever; the
// price is that a builtin with side effects can't be helped once it has failed. So that this doesn't happen to whoever comes
// next, the last sixteenth of the limit is kept free for builtins: who holds most pays as soon as a collection, or the begin of
// a run, finds less.

// headroomShare is the part of the memory limit that is to be free after a collection, and the least that makes a holder.
const headroomShare = 16

// Owner is whom the host has the memory charged to that threads and pinned values keep: Thread.SetOwner, PinFor. It must be
// comparable, and be a pointer for two to be told apart.
type Owner interface {
	// OutOfMemory tells that the owner, none of whose threads runs or has called what does, holds the most, of limit bytes:
	// held. It must release its threads and unpin its values before it returns. As another run is under way, or about to
	// begin, it must neither run Lua nor make a Lua object.
	OutOfMemory(held, limit int64)
}

// starvation is the part of a VM that is about the lack of memory.
type starvation struct {
	tight    bool  // a cycle has ended with less than the headroom free
	counting bool  // markRef adds up what it marks
	counted  int64 // bytes
	wanted   int64 // bytes of the allocation that failed last
	futile   int64 // bytes in use up to which nobody is to be looked for: there was none

	hit bool // hitBy has been told "not enough memory", and no collection has found half of the limit free since
}

// SetOwner has what the thread keeps alive charged to o, until it is released.
func (t *Thread) SetOwner(o Owner) { t.vm.setOwner(t.pin, o) }

// PinFor is Pin for a value that is charged to o.
func (vm *VM) PinFor(v Value, o Owner) Ref {
	r := vm.Pin(v)
	if r != 0 {
		vm.setOwner(r, o)
	}
	return r
}

func (vm *VM) setOwner(r Ref, o Owner) {
	p := &vm.pinned
	if int(r) >= len(p.owners) {
		if o == nil {
			return
		}
		p.owners = append(p.owners, make([]Owner, int(r)+1-len(p.owners))...)
	}
	p.owners[r] = o
}

func (p *pinTable) owner(r Ref) Owner {
	if int(r) < len(p.owners) {
		return p.owners[r]
	}
	return nil
}

// OnStarved has f called when memory is short and no owner holds enough of it to be ended: shared bytes are nobody's. f must not
// use the VM.
func (vm *VM) OnStarved(f func(shared, limit int64)) { vm.onStarved = f }

// headroom is what is to be free after a collection.
func (h *heap) headroom() int64 { return h.limit / headroomShare }

// short tells whether so much is in use that a holder is to be looked for.
func (h *heap) short() bool { return h.used() > max(h.limit-h.headroom(), h.futile) }

// noteCycle is endCycle's part in this.
func (h *heap) noteCycle() {
	h.tight = h.short()
	if h.used() < h.limit/2 {
		h.hit, h.futile = false, 0
	}
}

// bytesOf is what the object r takes, with what it owns.
func (h *heap) bytesOf(r ref) int64 {
	n := h.cellBytes(r)
	switch h.header(r).typ {
	case objTable:
		t := h.table(r)
		if t.asize > 0 {
			n += int64(blobSize(t.asize * 8))
		}
		if t.mask > 0 {
			n += int64(blobSize((t.mask + 1) * uint32(unsafe.Sizeof(node{}))))
		}
	case objProto:
		p := h.proto(r)
		for _, b := range [...]ref{p.lines, p.debug} {
			if b != 0 {
				n += h.cellBytes(b)
			}
		}
	case objThread:
		n += int64(blobSize(h.thread(r).size * 8))
	}
	return n
}

// cellBytes is the size of the cell at r.
func (h *heap) cellBytes(r ref) int64 {
	p := h.page(h.spanOf(r))
	if p.state == pageLarge {
		return int64(p.pages) << pageShift
	}
	return int64(h.root.mem.classes[p.class].size)
}

// holding is what an owner keeps alive.
type holding struct {
	owner  Owner // nil: the thread that runs has none
	bytes  int64
	active bool // a thread of the owner's runs, or has called what runs
	roots  []Value
}

// rootThread is the thread that the host has begun and that has, in some steps, resumed r.
func (vm *VM) rootThread(r ref) ref {
	for vm.thread(r).parent != 0 {
		r = vm.thread(r).parent
	}
	return r
}

// ownerOf is the owner of the host's thread r.
func (vm *VM) ownerOf(r ref) Owner {
	for i := Ref(1); i <= Ref(vm.pinned.n); i++ {
		if v := vm.Pinned(i); v.isObject() && v.ref() == r {
			return vm.pinned.owner(i)
		}
	}
	return nil
}

// holdings tells how much is shared, and what each owner holds; whoever runs is the first. No cycle may be under way, and none
// is afterwards.
func (vm *VM) holdings() (shared int64, list []holding) {
	h, root := &vm.heap, vm.root
	run := vm.rootThread(root.curThread)
	list = []holding{{owner: vm.ownerOf(run), active: true, roots: []Value{objectBits | Value(root.curThread), root.errValue}}}
	at := map[Owner]int{}
	if list[0].owner != nil {
		at[list[0].owner] = 0
	}

	root.gc.phase = gcPhaseMark
	h.rounds = gcRounds
	h.counting, h.counted = true, 0
	for i := Ref(1); i <= Ref(vm.pinned.n); i++ {
		v, o := vm.Pinned(i), vm.pinned.owner(i)
		isThread := vm.TypeOf(v) == TypeThread
		switch {
		case isThread && v.ref() == run:
			list[0].roots = append(list[0].roots, v)
			continue
		case o == nil, isThread && vm.ThreadDead(v) && vm.thread(v.ref()).flags&threadZombie == 0: // of those, kept for reuse
			h.mark(v)
			continue
		}
		k, ok := at[o]
		if !ok {
			k = len(list)
			at[o] = k
			list = append(list, holding{owner: o})
		}
		list[k].roots = append(list[k].roots, v)
		list[k].active = list[k].active || isThread && slices.Contains(vm.callers, v.ref())
	}
	h.markShared()
	h.propagate(gcAll)
	shared = h.counted
	for i := range list {
		h.counted = 0
		for _, v := range list[i].roots {
			h.mark(v)
		}
		h.propagate(gcAll)
		list[i].bytes = h.counted
	}
	h.counting = false
	h.finishCycle() // its rest is that of any other
	return shared, list
}

// relieve is what follows a full collection: while want bytes and the headroom are not free, the largest holder is ended. It
// reports true if that is the one that runs.
func (vm *VM) relieve(want int64) (self bool) {
	if want > vm.limit {
		return false // nobody's end would help
	}
	for vm.used()+want > vm.limit-vm.headroom() {
		used := vm.used()
		if used <= vm.futile {
			return false
		}
		shared, list := vm.holdings()
		list[0].bytes += want
		big := &list[0]
		for i := range list {
			if list[i].bytes > big.bytes {
				big = &list[i]
			}
		}
		switch {
		case big.bytes < vm.headroom():
			vm.futile = used + (vm.limit-used)/2
			if vm.onStarved != nil {
				vm.onStarved(shared, vm.limit)
			}
			return false
		case big.active:
			return true
		}
		big.owner.OutOfMemory(big.bytes, vm.limit)
		if vm.gcFull(); vm.used() >= used {
			return false // the host doesn't let go of it
		}
	}
	return false
}

// tighten is relieve where nothing has failed yet: before a run, and after a cycle that has freed too little. Slots from top on
// must not be alive. It returns false if the one that runs has to pay, and has set the error.
func (vm *VM) tighten(top unsafe.Pointer) bool {
	vm.syncThread(top)
	vm.gcFull()
	self := vm.short() && vm.relieve(0)
	vm.tight = false
	if self {
		vm.outOfMemory()
	}
	return !self
}

// outOfMemory sets the error "not enough memory" after a full collection. A script may catch it, and let go of what it has. If
// it hits the limit again without having done so, it can't: like a second overrun of the CPU budget.
func (vm *VM) outOfMemory() {
	vm.setMemoryError()
	if vm.used() < vm.limit/2 {
		return // it asked for too much at once
	}
	o := vm.ownerOf(vm.rootThread(vm.root.curThread))
	if vm.hit && vm.hitBy == o {
		vm.fatal = true
	}
	vm.hit, vm.hitBy = true, o
}
