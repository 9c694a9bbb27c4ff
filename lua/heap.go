package lua

import (
	crand "crypto/rand"
	"encoding/binary"
	"errors"
	"unsafe"

	"golang.org/x/sys/unix"
)

// heap is the memory of one VM: an arena with an allocator, interned strings,
// tables and a collector. Everything that lasts lies in the arena, beginning
// with the rootBlock; the fields here are its address and working lists that
// are empty between collection cycles.
type heap struct {
	mem    unsafe.Pointer
	root   *rootBlock
	heads  unsafe.Pointer // of the string table's chains, behind the arena
	k0, k1 uint64         // hash keys, as in the arena
	limit  int64          // bytes that objects may occupy
	size   uintptr
	mapped uintptr

	headsMax uint32 // chains that heads has room for

	scratch [256]byte // for short texts in the making

	patches []*patch // by their numbers, from 1

	marker
	starvation
}

// init makes an empty heap for at most limit bytes of objects.
func (h *heap) init(limit int64) error {
	if limit <= 0 {
		return errors.New("lua: the memory limit must be positive")
	}
	// Cells of one size can't become cells of another before their whole span
	// is free, so the arena has to be larger than what may be in use.
	size := uintptr(reserveMax)
	if limit < reserveMax/16 {
		size = uintptr(limit)*16 + 64<<20
		size = min((size+pageSize-1)&^(pageSize-1), reserveMax)
	}
	err := h.reserve(size)
	for err != nil && size > uintptr(limit)*2+64<<20 {
		size = size / 2 &^ (pageSize - 1)
		err = h.reserve(size)
	}
	if err != nil {
		return err
	}
	h.limit = limit
	root := h.root
	h.initArena()
	root.mem.debtMax = limit
	root.errValue = Nil
	root.empty = node{Nil, Nil}
	root.emptyNode = h.offset(unsafe.Pointer(&root.empty))
	var seed [16]byte
	crand.Read(seed[:])
	root.strings.key = [2]uint64{binary.LittleEndian.Uint64(seed[:]), binary.LittleEndian.Uint64(seed[8:]) | 1}
	h.k0, h.k1 = root.strings.key[0], root.strings.key[1]
	if !h.initStrings() {
		h.free()
		return errors.New("lua: the memory limit is too low")
	}
	h.initCollector()
	return nil
}

// image is the arena as it is, without what was never used, and the heads of the
// string table: a heap can go on from a copy of them. It may only be taken between
// collection cycles, that is after gcFull, when no finalizers are due.
func (h *heap) image() (arena, heads []byte, err error) {
	if h.root.gc.phase != gcPhasePause || len(h.finalize) != 0 {
		return nil, nil, errors.New("lua: an image of a heap in the middle of a collection")
	}
	return h.bytes(0, uintptr(h.root.mem.top)<<pageShift), h.headBytes(), nil
}

// free gives the arena back; no view of it may be used afterwards.
func (h *heap) free() {
	if h.mem == nil {
		return
	}
	unix.MunmapPtr(h.mem, h.mapped)
	h.dropPatches()
	*h = heap{}
}

// used is the number of bytes in cells handed out.
func (h *heap) used() int64 { return h.root.mem.debtBase + h.root.mem.debt }

// setLimit changes the memory limit. It may be below what is in use.
func (h *heap) setLimit(limit int64) {
	h.limit = limit
	h.setDebt(h.root.mem.debt)
}

// setDebt makes d the collector's debt, without changing what is used.
func (h *heap) setDebt(d int64) {
	m := &h.root.mem
	m.debtBase, m.debt = h.used()-d, d
	m.debtMax = h.limit - m.debtBase
}

// newClosure makes a Lua closure without prototype, environment and upvalues.
func (h *heap) newClosure(nup uint8) ref {
	r := h.alloc(closureHead+uint32(nup)*4, objLua)
	if r == 0 {
		return 0
	}
	f := h.closure(r)
	f.nup = nup
	f.env, f.pc, f.proto = 0, 0, 0
	clear(unsafe.Slice(h.refAt(r, closureHead/4), nup))
	return r
}

// newBuiltin makes a builtin with nup nil upvalues.
func (h *heap) newBuiltin(nup uint8) ref {
	r := h.alloc(builtinHead+uint32(nup)*8, objBuiltin)
	if r == 0 {
		return 0
	}
	f := h.builtin(r)
	f.nup = nup
	f.env, f.id = 0, 0
	fillNil(h.values(r+builtinHead/8, uint32(nup)))
	return r
}

// newUpval makes a closed upvalue that is nil.
func (h *heap) newUpval() ref {
	r := h.alloc(uint32(unsafe.Sizeof(upvalObj{})), objUpval)
	if r == 0 {
		return 0
	}
	u := h.upval(r)
	u.loc, u.next, u.closed = r+upvalClosed, 0, Nil
	return r
}

// debt is positive when a collector step is due at the next safepoint.
func (h *heap) debt() int64 { return h.root.mem.debt }

// newThread makes a suspended thread with a stack of so many nil slots.
func (h *heap) newThread(slots uint32) ref {
	stack := h.allocBlob(slots * 8)
	if stack == 0 {
		return 0
	}
	r := h.allocCell(threadClass, objThread)
	if r == 0 {
		h.freeBlob(stack, slots*8)
		return 0
	}
	th := h.thread(r)
	*th = threadObj{typ: th.typ, gc: th.gc, stack: stack, size: slots}
	fillNil(h.values(stack, slots))
	return r
}

// newUserdata makes a full userdata of size bytes with any content.
func (h *heap) newUserdata(size uint32) ref {
	if size > 1<<31-1 {
		return 0
	}
	r := h.allocMore(userdataHead+(size+7)&^7+8, kindUserdata, objUserdata)
	if r == 0 {
		return 0
	}
	u := h.userdata(r)
	u.meta, u.env, u.size = 0, 0, size
	h.root.gc.serial++
	*h.userdataSerial(r) = h.root.gc.serial
	return r
}

// nils are copied from, which for more than a few takes less than a loop.
var nils = func() (vs [64]Value) {
	for i := range vs {
		vs[i] = Nil
	}
	return vs
}()

func fillNil(vs []Value) {
	for len(vs) >= 16 {
		vs = vs[copy(vs, nils[:]):]
	}
	for i := range vs {
		vs[i] = Nil
	}
}
