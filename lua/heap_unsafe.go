package lua

import "unsafe"

// Views of arena memory. None of them checks anything unless the program is
// built with the tag poison; the caller knows what r refers to.

func (h *heap) ptr(r ref) unsafe.Pointer { return unsafe.Add(h.mem, uintptr(r)<<3) }

func (h *heap) str(r ref) *stringObj {
	if poison {
		h.expect(r, objString)
	}
	return (*stringObj)(h.ptr(r))
}

func (h *heap) table(r ref) *tableObj {
	if poison {
		h.expect(r, objTable)
	}
	return (*tableObj)(h.ptr(r))
}

func (h *heap) closure(r ref) *closureObj {
	if poison {
		h.expect(r, objLua)
	}
	return (*closureObj)(h.ptr(r))
}

func (h *heap) builtin(r ref) *builtinObj {
	if poison {
		h.expect(r, objBuiltin)
	}
	return (*builtinObj)(h.ptr(r))
}

func (h *heap) upval(r ref) *upvalObj {
	if poison {
		h.expect(r, objUpval)
	}
	return (*upvalObj)(h.ptr(r))
}

func (h *heap) proto(r ref) *protoObj {
	if poison {
		h.expect(r, objProto)
	}
	return (*protoObj)(h.ptr(r))
}

func (h *heap) thread(r ref) *threadObj {
	if poison {
		h.expect(r, objThread)
	}
	return (*threadObj)(h.ptr(r))
}

func (h *heap) userdata(r ref) *userdataObj {
	if poison {
		h.expect(r, objUserdata)
	}
	return (*userdataObj)(h.ptr(r))
}

func (h *heap) header(r ref) *objHeader { return (*objHeader)(h.ptr(r)) }

// value is the place of element i of an array of Values at r.
func (h *heap) value(r ref, i uint32) *Value {
	return (*Value)(unsafe.Add(h.mem, uintptr(r)<<3+uintptr(i)<<3))
}

// values views n Values at r.
func (h *heap) values(r ref, n uint32) []Value {
	return unsafe.Slice((*Value)(h.ptr(r)), n)
}

// nodeAt is node i of a hash part at r.
func (h *heap) nodeAt(r ref, i uint32) *node {
	return (*node)(unsafe.Add(h.mem, uintptr(r)<<3+uintptr(i)<<4))
}

// nodes views n nodes at r.
func (h *heap) nodes(r ref, n uint32) []node {
	return unsafe.Slice((*node)(h.ptr(r)), n)
}

// bytes views n bytes at r.
func (h *heap) bytes(r ref, n uintptr) []byte {
	return unsafe.Slice((*byte)(h.ptr(r)), n)
}

// strBytes views the text of the string at r.
func (h *heap) strBytes(r ref) []byte {
	s := h.str(r)
	return unsafe.Slice((*byte)(unsafe.Add(unsafe.Pointer(s), stringHead)), s.len)
}

// refAt is the place of element i of an array of refs at r.
func (h *heap) refAt(r ref, i uint32) *ref {
	return (*ref)(unsafe.Add(h.mem, uintptr(r)<<3+uintptr(i)<<2))
}

// chainHead is the head of a chain of the string table.
func (h *heap) chainHead(chain uint32) *uint64 {
	return (*uint64)(unsafe.Add(h.heads, uintptr(chain)<<3))
}

// headBytes views the chain heads that are in use.
func (h *heap) headBytes() []byte {
	return unsafe.Slice((*byte)(h.heads), uintptr(h.root.strings.size)*8)
}

// offset is the ref of a place in the arena.
func (h *heap) offset(p unsafe.Pointer) ref {
	return ref((uintptr(p) - uintptr(h.mem)) >> 3)
}

// page is the description of page i.
func (h *heap) page(i uint32) *pageInfo {
	return (*pageInfo)(unsafe.Add(h.mem, pageTable+uintptr(i)*pageInfoSize))
}

// setHeader writes the first word of a new object: what is not type and
// colour becomes zero.
func setHeader(p unsafe.Pointer, typ objType, gc uint8) {
	*(*uint64)(p) = uint64(typ) | uint64(gc)<<8
}

// freeLink is the word that a cell on a free list begins with: type objFree,
// no colour, and the next free cell in the upper half.
func freeLink(next ref) uint64 { return uint64(next) << 32 }

func nextFree(p unsafe.Pointer) ref { return *(*ref)(unsafe.Add(p, 4)) }

// copyWords copies n bytes, and up to 7 more of what follows.
func copyWords(dst, src unsafe.Pointer, n int) {
	for i := 0; i < n; i += 8 {
		*(*uint64)(unsafe.Add(dst, i)) = *(*uint64)(unsafe.Add(src, i))
	}
}

func load64(p unsafe.Pointer, off uintptr) uint64 { return *(*uint64)(unsafe.Add(p, off)) }
func load32(p unsafe.Pointer, off uintptr) uint64 {
	return uint64(*(*uint32)(unsafe.Add(p, off)))
}
func load8(p unsafe.Pointer, off uintptr) uint64 { return uint64(*(*uint8)(unsafe.Add(p, off))) }

func store64(p unsafe.Pointer, off uintptr, v uint64) { *(*uint64)(unsafe.Add(p, off)) = v }
func store32(p unsafe.Pointer, off uintptr, v uint64) { *(*uint32)(unsafe.Add(p, off)) = uint32(v) }
