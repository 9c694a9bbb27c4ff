package lua

import (
	"cmp"
	"math"
	"slices"
	"unsafe"
)

// The collector marks and sweeps in steps, between which the program runs.
//
//	pause         nothing to do until debt > 0
//	mark          gray objects are scanned; ends with the atomic phase
//	sweepThreads  dead threads close their upvalues, before any is freed
//	sweep         span by span, in the order of addresses
//	sweepStrings  the string table shrinks, if it should
//	trim          free memory goes back to the kernel, if it is much
//
// An object is white (not reached), gray (reached, to be scanned) or black
// (scanned); in the mark phase no black object refers to a white one. Storing
// into a black object therefore needs a barrier: tables become gray again, or,
// if they are large, have the slot that was stored to looked at later; other
// objects pass the colour on to what is stored. The running thread never
// becomes black, and a black one gets gray when it goes on.
// The atomic phase scans again what is gray then, clears weak tables and
// changes the meaning of white: what has the old white is dead, and new
// objects get the other one.
const (
	gcPhasePause = iota
	gcPhaseMark
	gcPhaseSweepThreads
	gcPhaseSweep
	gcPhaseSweepStrings
	gcPhaseTrim
)

var phaseNames = [...]string{"pause", "mark", "sweep threads", "sweep", "sweep strings", "trim"}

const (
	gcPauseMin   = 128 << 10 // bytes allocated between two cycles, at least
	gcPauseLow   = 32 << 10  // the same near the memory limit
	gcStepBytes  = 16 << 10  // bytes allocated between two steps
	gcWorkMax    = 64 << 10  // bytes of work in one step
	gcChunk      = 512       // slots of a large table that are scanned at a time
	gcRounds     = 3         // times that changed tables are scanned before the atomic phase
	gcSlotsMax   = 1 << 12   // slots of large tables that wait to be looked at
	gcPause      = 200       // percent of what is in use at which a cycle begins
	gcStepMul    = 200       // percent of what was allocated that a step works off
	gcStepMulMin = 40        // percent below which no step goes, whatever a script sets
	gcWorkUnit   = 2         // bytes looked at that count as one: new objects, too, are marked while a cycle runs
	gcKeepFree   = 1 << 20   // bytes of free memory that are never given back but by a full collection
	gcShrink     = 256       // chains of the string table joined at a time

	gcWeak   = gcWeakKey | gcWeakVal
	gcColour = gcWhites | gcBlack
	gcAll    = 1 << 60 // work without end
)

// gcState is the collector's part of the root block.
type gcState struct {
	phase    uint8
	stopped  uint8
	pause    uint32 // percent
	stepMul  uint32 // percent
	sweepAt  uint32 // run of pages to sweep next
	threadAt uint32 // span of threads to sweep next
	trimTo   int64  // bytes of free memory to keep
	serial   uint64 // of userdata, so that they are finalized newest first
	cycles   uint64 // finished
}

// marker holds the lists of a cycle's mark phase.
type marker struct {
	gray    []uint64 // refs of gray objects; with a chunk number + 1 above, part of a black table
	slots   []uint64 // refs of large black tables, with a slot's number above, that were stored to
	again   []ref    // gray tables that are scanned in the atomic phase
	threads []ref    // threads that are scanned in the atomic phase
	open    []ref    // open upvalues reached
	weak    []ref    // weak tables reached
	rounds  int

	// Of again and threads, what is scanned in the round that is under way.
	roundTables, roundThreads []ref

	atomic bool

	// threadBarrier says that touchThread is called for every thread that gets
	// to run. Otherwise all threads are scanned in the atomic phase.
	threadBarrier bool

	watch func(done bool, phase string) // see VM.WatchCollector

	order    []numbered // scratch of separate
	finalize []ref      // userdata whose __gc is to be called, the next one last
}

type numbered struct {
	serial uint64
	r      ref
}

func (h *heap) initCollector() {
	g := &h.root.gc
	g.pause, g.stepMul = gcPause, gcStepMul
	h.setDebt(-gcPauseMin)
}

// gcStep does some of the collector's work. Slots of the running thread from
// its top on must not be alive.
func (h *heap) gcStep() {
	if h.watch == nil {
		h.step()
		return
	}
	h.watch(false, phaseNames[h.root.gc.phase])
	h.step()
	h.watch(true, phaseNames[h.root.gc.phase])
}

func (h *heap) step() {
	g := &h.root.gc
	if g.stopped != 0 {
		h.setDebt(-gcStepBytes << 20)
		return
	}
	mul := g.workPerByte()
	// Near the limit be done before it is reached.
	if used := h.used(); used > h.limit/2 {
		mul = max(mul, min(200*gcWorkUnit*used/max(h.limit-used, 1), 100000))
	}
	due := max(h.debt(), 0) + gcStepBytes
	done := min(due, gcWorkMax*100/mul)
	if !h.advance(done * mul / 100) {
		h.setDebt(due - done - gcStepBytes)
	}
}

// WatchCollector has f called before and after each step that the collector
// makes by itself, with the name of the phase it is in: "pause" is between two
// cycles, and who leaves "mark" has been through the atomic phase. nil ends that.
// f must not use the VM.
func (vm *VM) WatchCollector(f func(done bool, phase string)) { vm.watch = f }

// workPerByte is the work that a byte allocated entails, in percent.
func (g *gcState) workPerByte() int64 { return int64(max(g.stepMul, gcStepMulMin)) * gcWorkUnit }

// gcStepFor makes a step as if kb KiB had been allocated, or to the end of the
// cycle if kb is negative. It tells whether that ended a cycle.
func (h *heap) gcStepFor(kb int) bool {
	if kb < 0 || kb > 1<<30 {
		kb = 1 << 30
	}
	done := int64(kb+1) << 10 // LuaJIT's smallest step
	if h.advance(done * h.root.gc.workPerByte() / gcWorkUnit / 100) {
		return true
	}
	h.setDebt(max(h.debt(), 0) - done/gcWorkUnit)
	return false
}

// gcFull frees everything that was garbage when it was called.
func (h *heap) gcFull() {
	if h.root.gc.phase != gcPhasePause {
		h.finishCycle()
	}
	h.finishCycle()
	for h.trim() != 0 {
	}
	h.trimHeads(math.MaxUint32)
}

func (h *heap) finishCycle() {
	for !h.advance(1 << 40) {
	}
}

// gcStop stops the collector or lets it run again; when memory is out it runs
// all the same.
func (h *heap) gcStop(stop bool) {
	h.root.gc.stopped = 0
	if stop {
		h.root.gc.stopped = 1
	} else {
		h.setDebt(0)
	}
}

func (h *heap) gcStopped() bool { return h.root.gc.stopped != 0 }

// gcSetPause and gcSetStepMul set the percentages and return the old ones.
func (h *heap) gcSetPause(percent int) int {
	old := h.root.gc.pause
	h.root.gc.pause = uint32(min(max(percent, 0), 100000))
	return int(old)
}

func (h *heap) gcSetStepMul(percent int) int {
	old := h.root.gc.stepMul
	h.root.gc.stepMul = uint32(min(max(percent, 0), 100000))
	return int(old)
}

// advance does work, measured in bytes looked at, and tells whether it came to
// the end of a cycle, where it stops in any case.
func (h *heap) advance(work int64) bool {
	g := &h.root.gc
	for work > 0 {
		switch g.phase {
		case gcPhasePause:
			h.rounds = 0
			h.markRoots()
			g.phase = gcPhaseMark
			work -= 1024
		case gcPhaseMark:
			work -= h.scanStored()
			work = h.propagate(work)
			if len(h.gray) != 0 {
				break
			}
			if n := h.rescan(); n > 0 {
				work -= n * 16
				break
			}
			if h.rounds < gcRounds && len(h.again)+len(h.threads) > 1 {
				h.rounds++
				h.again, h.roundTables = h.roundTables, h.again
				if h.threadBarrier {
					h.threads, h.roundThreads = h.roundThreads, h.threads
				}
				break
			}
			work -= h.runAtomic()
			g.phase, g.threadAt = gcPhaseSweepThreads, h.root.mem.spans[1]
		case gcPhaseSweepThreads:
			if g.threadAt == 0 {
				g.phase, g.sweepAt = gcPhaseSweep, h.root.mem.firstPage
				break
			}
			i := g.threadAt
			g.threadAt = h.page(i).after
			work -= h.sweepSpan(i)
		case gcPhaseSweep:
			i := g.sweepAt
			if i >= h.root.mem.top {
				g.phase, g.sweepAt = gcPhaseSweepStrings, 0
				break
			}
			p := h.page(i)
			g.sweepAt = i + p.pages
			switch {
			case p.state == pageLarge && p.class != kindBlob:
				work -= h.sweepLarge(i)
			case p.state == pageSpan && (p.class < classCount || p.class >= kindUserdata*classCount && p.class != threadClass):
				work -= h.sweepSpan(i)
			default:
				work -= 64
			}
		case gcPhaseSweepStrings:
			if h.shrinkStrings(gcShrink) {
				work -= gcShrink * 16
				break
			}
			g.phase = gcPhaseTrim
			dirty := int64(h.root.mem.dirtyPages) << pageShift
			g.trimTo = dirty
			if keep := max(gcKeepFree, h.used()/2); dirty > keep {
				g.trimTo = keep / 2
			}
		case gcPhaseTrim:
			if int64(h.root.mem.dirtyPages)<<pageShift > g.trimTo {
				if n := h.trim(); n != 0 {
					work -= int64(n) << pageShift / 8
					break
				}
			}
			if n := h.trimHeads(trimPages << pageShift); n != 0 {
				work -= int64(n) / 8
				break
			}
			g.phase = gcPhasePause
			g.cycles++
			h.endCycle()
			h.verify()
			return true
		}
	}
	return false
}

// rescan makes some of the tables and threads of a round gray and tells how
// many it looked at; 0 means that the round is over.
func (h *heap) rescan() int64 {
	n := min(len(h.roundTables), gcChunk)
	left := len(h.roundTables) - n
	for _, r := range h.roundTables[left:] {
		h.gray = append(h.gray, uint64(r))
	}
	h.roundTables = h.roundTables[:left]
	m := min(len(h.roundThreads), gcChunk)
	left = len(h.roundThreads) - m
	for _, r := range h.roundThreads[left:] {
		if r == h.root.curThread {
			h.threads = append(h.threads, r)
		} else {
			h.gray = append(h.gray, uint64(r))
		}
	}
	h.roundThreads = h.roundThreads[:left]
	return int64(n + m)
}

// endCycle decides when the next cycle begins.
func (h *heap) endCycle() {
	used := h.used()
	wait := max(used/100*(int64(h.root.gc.pause)-100), gcPauseMin)
	if room := h.limit - used; wait > room/2 {
		wait = max(room/2, gcPauseLow)
	}
	h.setDebt(-wait)
	h.noteCycle()
	const keep = 1 << 16
	if cap(h.gray) > keep {
		h.gray = nil
	}
	if cap(h.order) > keep {
		h.order = nil
	}
	for _, list := range [...]*[]ref{&h.again, &h.threads, &h.roundTables, &h.roundThreads} {
		if cap(*list) > keep {
			*list = nil
		}
	}
	if cap(h.open) > keep {
		h.open = nil
	}
}

// markRoots marks what is alive by itself. Fixed objects are not among it:
// only strings may be fixed.
func (h *heap) markRoots() {
	h.markShared()
	h.markRef(h.root.curThread)
	h.markRef(h.root.pins)
	h.mark(h.root.errValue)
}

// markShared marks those roots that belong to no thread.
func (h *heap) markShared() {
	root := h.root
	for _, r := range [...]ref{root.registry, root.globals, root.mainThread, root.strMeta} {
		h.markRef(r)
	}
	for _, r := range root.tmMeta {
		h.markRef(r)
	}
	for _, r := range root.mmName {
		h.markRef(r)
	}
	for _, r := range h.finalize {
		h.markRef(r)
	}
}

func (h *heap) mark(v Value) {
	if v.isRef() {
		h.markRef(ref(v))
	}
}

// markRef makes a white object gray, or black if there is nothing to scan.
func (h *heap) markRef(r ref) {
	if r == 0 {
		return
	}
	o := h.header(r)
	if o.gc&gcWhites == 0 {
		return
	}
	if h.counting {
		h.counted += h.bytesOf(r)
	}
	switch o.typ {
	case objString:
		o.gc ^= o.gc&gcWhites | gcBlack
	case objUpval:
		h.markUpval(r)
	default:
		o.gc &^= gcWhites
		h.gray = append(h.gray, uint64(r))
	}
}

// markUpval marks a white upvalue's value. The stack slot that an open one
// stands for may be written without a barrier: by the thread whose stack it is,
// while that runs. Such a thread is marked and scanned afterwards (touchThread);
// without that barrier an open upvalue stays gray.
func (h *heap) markUpval(r ref) {
	u := h.upval(r)
	u.gc &^= gcWhites
	if u.loc == r+upvalClosed || h.threadBarrier {
		u.gc |= gcBlack
	} else {
		h.open = append(h.open, r)
	}
	h.mark(*h.value(u.loc, 0))
}

// markValues marks what an array of n Values refers to.
func (h *heap) markValues(r ref, n uint32) {
	for i := range n {
		if v := *h.value(r, i); v.isRef() && h.header(ref(v)).gc&gcWhites != 0 {
			h.markRef(ref(v))
		}
	}
}

// propagate scans gray objects until work is used up or none is left. It
// returns the work left.
func (h *heap) propagate(work int64) int64 {
	for work > 0 {
		n := len(h.gray)
		if n == 0 {
			break
		}
		item := h.gray[n-1]
		h.gray = h.gray[:n-1]
		work -= h.scan(ref(item), uint32(item>>32))
	}
	return work
}

// scan marks what a gray object refers to and makes it black, or does that
// for a part of a table that is black already. It returns the bytes looked at.
func (h *heap) scan(r ref, chunk uint32) int64 {
	o := h.header(r)
	switch o.typ {
	case objTable:
		return h.scanTable(r, chunk)
	case objLua:
		f := h.closure(r)
		h.markRef(f.env)
		h.markRef(f.proto)
		for i := range uint32(f.nup) {
			h.markRef(*h.refAt(r+closureHead/8, i))
		}
		o.gc |= gcBlack
		return closureHead + int64(f.nup)*32
	case objBuiltin:
		f := h.builtin(r)
		h.markRef(f.env)
		h.markValues(r+builtinHead/8, uint32(f.nup))
		o.gc |= gcBlack
		return builtinHead + int64(f.nup)*8
	case objProto:
		p := h.proto(r)
		h.markRef(p.source)
		h.markValues(r+protoHead/8, p.nconst)
		o.gc |= gcBlack
		return protoHead + int64(p.nconst)*8
	case objUserdata:
		u := h.userdata(r)
		h.markRef(u.meta)
		h.markRef(u.env)
		o.gc |= gcBlack
		return 64
	case objThread:
		if !h.threadBarrier || r == h.root.curThread {
			h.threads = append(h.threads, r)
		} else {
			o.gc |= gcBlack
		}
		return h.scanThread(r)
	}
	return 16
}

// scanThread marks a thread's stack and clears what lies above the top when the
// thread is not going to be scanned again.
func (h *heap) scanThread(r ref) int64 {
	th := h.thread(r)
	h.markRef(th.env)
	h.markRef(th.parent)
	h.markValues(th.stack, th.top)
	if h.atomic || th.gc&gcBlack != 0 {
		fillNil(h.values(th.stack, th.size)[th.top:])
	}
	for u := th.open; u != 0; u = h.upval(u).next {
		h.markRef(u)
	}
	return 64 + int64(th.size)*8
}

// weakMode returns gcWeakKey and gcWeakVal as t's metatable says.
func (h *heap) weakMode(t *tableObj) uint8 {
	if t.meta == 0 {
		return 0
	}
	m := h.table(t.meta)
	if m.nomm&(1<<mmMode) != 0 {
		return 0
	}
	k := h.root.mmName[mmMode]
	if k == 0 {
		return 0
	}
	v := h.tgetStr(t.meta, k)
	if !v.isString() {
		return 0
	}
	mode := uint8(0)
	for _, c := range h.strBytes(ref(v)) {
		switch c {
		case 'k':
			mode |= gcWeakKey
		case 'v':
			mode |= gcWeakVal
		}
	}
	return mode
}

// slotCount is the number of slots of both parts.
func (t *tableObj) slotCount() uint64 { return uint64(t.asize) + uint64(t.mask) + 1 }

func (t *tableObj) large() bool { return t.slotCount() > gcChunk*2 }

func (h *heap) scanTable(r ref, chunk uint32) int64 {
	t := h.table(r)
	if chunk == 0 {
		mode := h.weakMode(t)
		t.gc = t.gc&^gcWeak | gcBlack | mode
		h.markRef(t.meta)
		if mode != 0 {
			h.weak = append(h.weak, r)
		}
		if t.large() {
			h.gray = append(h.gray, uint64(r)|1<<32)
			return 64
		}
		h.scanSlots(t, 0, uint32(t.slotCount()))
		return 32 + int64(t.asize)*8 + int64(t.mask)*16
	}
	if t.gc&gcBlack == 0 {
		return 16 // it will be scanned as a whole
	}
	from := uint64(chunk-1) * gcChunk
	n := t.slotCount()
	if from+gcChunk < n {
		h.gray = append(h.gray, uint64(r)|uint64(chunk+1)<<32)
		n = from + gcChunk
	}
	if from < n {
		h.scanSlots(t, uint32(from), uint32(n))
	}
	return gcChunk * 16
}

// scanSlots marks the slots from..to of a table, counted from the array part
// on.
func (h *heap) scanSlots(t *tableObj, from, to uint32) {
	mode := t.gc & gcWeak
	if from < t.asize && mode&gcWeakVal == 0 {
		h.markValues(t.arr+from, min(to, t.asize)-from)
	}
	if to <= t.asize || t.mask == 0 || mode == gcWeak {
		return
	}
	for i := max(from, t.asize) - t.asize; i < to-t.asize; i++ {
		n := h.nodeAt(t.node, i)
		switch {
		case n.val == Nil:
			if n.key.isRef() {
				n.key = deadKey(n.key)
			}
		case mode == 0:
			h.mark(n.key)
			h.mark(n.val)
		case mode == gcWeakKey:
			h.mark(n.val)
		default:
			h.mark(n.key)
		}
	}
}

// runAtomic ends the mark phase.
func (h *heap) runAtomic() int64 {
	h.atomic = true
	h.scanStored()
	h.markRoots()
	for _, r := range h.threads {
		h.scanThread(r)
	}
	work := h.propagate(gcAll)
	for len(h.again) > 0 {
		for _, r := range h.again {
			h.gray = append(h.gray, uint64(r))
		}
		h.again = h.again[:0]
		work = h.propagate(work)
	}
	// What open upvalues refer to may have changed since they were reached.
	for _, r := range h.open {
		u := h.upval(r)
		u.gc |= gcBlack
		h.mark(*h.value(u.loc, 0))
	}
	work = h.propagate(work)
	// A table that is no longer weak, or otherwise so, is scanned again.
	for i := 0; i < len(h.weak); i++ {
		t := h.table(h.weak[i])
		if mode := h.weakMode(t); mode != t.gc&gcWeak {
			t.gc = t.gc&^gcWeak | mode
			h.scanSlots(t, 0, uint32(t.slotCount()))
		}
		work = h.propagate(work)
	}
	work = h.separate(work, false)
	for _, r := range h.weak {
		work -= h.clearWeak(r)
	}
	h.threads, h.open, h.weak = h.threads[:0], h.open[:0], h.weak[:0]
	h.atomic = false
	h.root.mem.white ^= gcWhites
	return gcAll - work
}

// separate puts dead userdata with a __gc metamethod, or all of them, on the
// list of those to be finalized and marks them.
func (h *heap) separate(work int64, all bool) int64 {
	first := len(h.finalize)
	for i := h.root.mem.spans[0]; i != 0; i = h.page(i).after {
		p := h.page(i)
		r := i << pageRefShift
		if p.state == pageLarge {
			h.separateOne(r, all)
			continue
		}
		words := h.root.mem.classes[p.class].size >> 3
		for range p.carved {
			h.separateOne(r, all)
			r += words
		}
		work -= int64(p.carved) * 16
	}
	found := h.finalize[first:]
	h.order = h.order[:0] // sorted apart: a look at a million objects for each comparison would take long
	for _, r := range found {
		h.order = append(h.order, numbered{*h.userdataSerial(r), r})
	}
	slices.SortFunc(h.order, func(a, b numbered) int { return cmp.Compare(a.serial, b.serial) })
	for i, o := range h.order {
		found[i] = o.r
	}
	if !all {
		for _, r := range found {
			h.markRef(r)
		}
	}
	return h.propagate(work)
}

func (h *heap) separateOne(r ref, all bool) {
	o := h.header(r)
	if o.typ != objUserdata || o.gc&gcFinalized != 0 || !all && o.gc&gcWhites == 0 {
		return
	}
	meta := h.userdata(r).meta
	if meta == 0 || h.root.mmName[mmGC] == 0 || h.tgetStr(meta, h.root.mmName[mmGC]) == Nil {
		return
	}
	o.gc |= gcFinalized
	h.finalize = append(h.finalize, r)
}

// finalizeAll puts all userdata with a __gc metamethod on the list of those to
// be finalized, as at the end of the program.
func (h *heap) finalizeAll() { h.separate(0, true) }

// userdataSerial is the number of a userdata, in the last word of its cell.
func (h *heap) userdataSerial(r ref) *uint64 {
	u := (*userdataObj)(h.ptr(r))
	return (*uint64)(unsafe.Add(unsafe.Pointer(u), (userdataHead+uintptr(u.size)+7)&^7))
}

// dying tells whether v is an object that this cycle will free; strings, which
// are values, are kept instead.
func (h *heap) dying(v Value) bool {
	if !v.isRef() || h.header(ref(v)).gc&gcWhites == 0 {
		return false
	}
	if v.isString() {
		h.markRef(ref(v))
		return false
	}
	return true
}

// clearWeak removes the entries of a weak table that refer to dead objects.
func (h *heap) clearWeak(r ref) int64 {
	t := h.table(r)
	mode := t.gc & gcWeak
	t.gc &^= gcWeak
	if mode&gcWeakVal != 0 {
		for i := range t.asize {
			if p := h.value(t.arr, i); h.dyingValue(*p) {
				*p = Nil
			}
		}
	}
	if t.mask == 0 {
		return 32 + int64(t.asize)*8
	}
	for i := range t.mask + 1 {
		n := h.nodeAt(t.node, i)
		if n.val != Nil {
			gone := h.dying(n.key)
			if mode&gcWeakVal != 0 && h.dyingValue(n.val) || gone {
				n.val = Nil
			}
		}
		if n.val == Nil && n.key.isRef() {
			n.key = deadKey(n.key)
		}
	}
	return 32 + int64(t.asize)*8 + int64(t.mask)*16
}

// dyingValue is dying for the value of an entry: it also goes when it is
// userdata that is about to be finalized.
func (h *heap) dyingValue(v Value) bool {
	return h.dying(v) || v.isObject() && h.header(ref(v)).gc&gcFinalized != 0
}

// sweepSpan frees the dead cells of a span and makes its free list anew, in
// the order of addresses. It returns the bytes of work.
func (h *heap) sweepSpan(i uint32) int64 {
	a := &h.root.mem
	p := h.page(i)
	c := &a.classes[p.class]
	words := c.size >> 3
	white := uint8(a.white)
	dead := white ^ gcWhites
	var first ref
	link := &first
	nfree, freed := uint32(0), int64(0)
	r := i << pageRefShift
	for range uint32(p.carved) {
		o := h.header(r)
		if o.typ != objFree {
			if o.gc&dead == 0 || o.gc&gcFixed != 0 {
				o.gc = o.gc&^gcColour | white
				r += words
				continue
			}
			if o.typ <= objTable || o.typ >= objProto {
				h.dispose(r, o.typ)
			}
			freed++
			if poison {
				h.fillPoison(r, uintptr(c.size))
			}
		}
		*link = r
		nfree++
		*(*uint64)(unsafe.Pointer(o)) = 0
		link = (*ref)(unsafe.Add(unsafe.Pointer(o), 4))
		r += words
	}
	a.debt -= freed * int64(c.size)
	work := int64(p.carved)*8 + freed*32
	switch {
	case i == c.cur:
		c.free = first
		return work
	case nfree == uint32(p.carved):
		p.free = 0
		h.releaseSpan(i)
		return work
	}
	p.free, p.nfree = first, uint16(nfree)
	room := nfree > 0 || uint32(p.carved) < p.pages<<pageShift/c.size
	if room && !p.listed {
		h.listSpan(i)
	} else if !room && p.listed {
		h.unlistSpan(i)
	}
	return work
}

// sweepLarge frees a large object if it is dead.
func (h *heap) sweepLarge(i uint32) int64 {
	r := i << pageRefShift
	o := h.header(r)
	white := uint8(h.root.mem.white)
	if o.gc&(white^gcWhites) == 0 || o.gc&gcFixed != 0 {
		o.gc = o.gc&^gcColour | white
		return 64
	}
	h.dispose(r, o.typ)
	h.freeLarge(r)
	return 4096
}

// dispose frees what a dead object owns.
func (h *heap) dispose(r ref, typ objType) {
	switch typ {
	case objString:
		h.unlinkString(r)
	case objTable:
		t := (*tableObj)(h.ptr(r))
		h.freeParts(t.asize, t.arr, t.mask, t.node)
	case objProto:
		p := (*protoObj)(h.ptr(r))
		h.freeAny(p.lines)
		h.freeAny(p.debug)
		if n := (*protoInfo)(h.ptr(r + protoHead/8 + p.nconst)).patch; n != 0 {
			h.dropPatch(n)
		}
	case objThread:
		th := (*threadObj)(h.ptr(r))
		for u := th.open; u != 0; {
			uv := h.upval(u)
			uv.closed = *h.value(uv.loc, 0)
			uv.loc = u + upvalClosed
			u, uv.next = uv.next, 0
		}
		h.freeBlob(th.stack, th.size*8)
	}
}

// whiten is what a barrier does while sweeping: o is alive in any case, and
// this cycle doesn't look at it any more.
func (h *heap) whiten(o *objHeader) {
	o.gc = o.gc&^gcColour | uint8(h.root.mem.white)
}

// barrierBack must be called for a table that is black when something is
// stored into it.
func (h *heap) barrierBack(r ref) {
	o := h.header(r)
	if o.gc&gcBlack == 0 {
		return
	}
	if h.root.gc.phase != gcPhaseMark {
		h.whiten(o)
		return
	}
	o.gc &^= gcBlack
	h.again = append(h.again, r)
}

// barrierStore is barrierBack for a store of v, which is cheaper for a large
// table: that stays black.
func (h *heap) barrierStore(r ref, v Value) {
	t := h.table(r)
	if t.gc&gcBlack == 0 || !v.isRef() {
		return
	}
	if h.root.gc.phase != gcPhaseMark || !t.large() || t.gc&gcWeak != 0 {
		h.barrierBack(r)
		return
	}
	h.markRef(ref(v))
}

// barrierSlot is barrierBack for a store that is about to be made to slot i of
// t, counted from the array part on. A large table stays black: only the slot is
// looked at again, once the store is done.
func (h *heap) barrierSlot(t *tableObj, i uint32) {
	if t.gc&gcBlack == 0 {
		return
	}
	r := h.offset(unsafe.Pointer(t))
	if h.root.gc.phase != gcPhaseMark || !t.large() {
		h.barrierBack(r)
		return
	}
	if len(h.slots) == gcSlotsMax {
		h.scanStored()
	}
	h.slots = append(h.slots, uint64(r)|uint64(i)<<32)
}

// scanStored looks at the slots of large tables that were stored to.
func (h *heap) scanStored() int64 {
	for _, item := range h.slots {
		t := h.table(ref(item))
		// A table that was given new parts is gray, or was scanned since.
		if i := uint32(item >> 32); t.gc&gcBlack != 0 && uint64(i) < t.slotCount() {
			h.scanSlots(t, i, i+1)
		}
	}
	n := len(h.slots)
	h.slots = h.slots[:0]
	return int64(n) * 8
}

// barrierRehash is barrierBack for a table that has new parts.
func (h *heap) barrierRehash(t *tableObj) {
	if t.gc&gcBlack == 0 {
		return
	}
	r := h.offset(unsafe.Pointer(t))
	if h.root.gc.phase != gcPhaseMark || !t.large() {
		h.barrierBack(r)
		return
	}
	t.gc &^= gcBlack
	h.gray = append(h.gray, uint64(r))
}

// touchThread must be called for a thread that gets to run, if threadBarrier is
// set, before the collector can run again; and for one that has run, if it made
// upvalues.
func (h *heap) touchThread(r ref) {
	o := h.header(r)
	if h.root.gc.phase != gcPhaseMark {
		if o.gc&gcBlack != 0 {
			h.whiten(o)
		}
		return
	}
	switch {
	case o.gc&gcBlack != 0:
		o.gc &^= gcBlack
		h.threads = append(h.threads, r)
	case o.gc&gcWhites != 0 && h.thread(r).open != 0:
		h.markRef(r) // its upvalues may be black, and their values change unseen
	}
}

// barrierUp must be called when v is stored into a black upvalue, or an open
// one that is black is closed.
func (h *heap) barrierUp(r ref, v Value) { h.barrierObj(r, v) }

// barrierObj must be called when a black object is made to refer to v: as
// metatable, environment, upvalue.
func (h *heap) barrierObj(r ref, v Value) {
	o := h.header(r)
	if o.gc&gcBlack == 0 || !v.isRef() {
		return
	}
	if h.root.gc.phase == gcPhaseMark {
		h.markRef(ref(v))
	} else {
		h.whiten(o)
	}
}
