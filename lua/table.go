package lua

import (
	"math"
	"math/bits"
	"unsafe"
)

// The array part of a table has keys 0 <= k < asize. It grows to double its
// size when the key asize is set and at least half of it is in use; apart from
// that both parts get new sizes when the hash part is full.
//
// A node whose value is nil counts as free, but it keeps its key, so that
// next() finds its place: it is reused or dropped when keys are added. If the
// key is an object that may die, the collector replaces it by deadKey.

const (
	asizeMax = 1 << 27
	nodesMax = 1 << 26

	// deadBits marks the key of an empty node whose object may be gone. It is
	// no value of Lua: False with bits that False doesn't have. The bits below
	// are those of the former key.
	deadBits Value = False | 1<<47
)

// deadKey is what the collector replaces the key k by, an object.
func deadKey(k Value) Value {
	return deadBits | (k>>tagShift&7)<<32 | k&0xFFFFFFFF
}

// nodeMax is how many of mask+1 nodes may have a key: never all of them, so
// that every search ends at an empty one.
func nodeMax(mask uint32) uint32 {
	if mask < 8 {
		return mask
	}
	n := mask + 1
	return n - n>>2
}

// normKey makes -0 the key 0: apart from that, equal numbers are equal bits.
func normKey(k Value) Value {
	if k == 1<<63 {
		return 0
	}
	return k
}

// hashKey is the hash of a key other than a string, with -0 normalised.
func (h *heap) hashKey(k Value) uint32 {
	return uint32(mix(uint64(k)^h.k0, h.k1))
}

func (h *heap) hashAny(k Value) uint32 {
	if k.isString() {
		return (*stringObj)(h.ptr(ref(k))).hash
	}
	return h.hashKey(k)
}

// arrayIndex is the index that k is in an array part of asize slots.
func arrayIndex(k Value, asize uint32) (uint32, bool) {
	f := k.float()
	i := int64(f)
	return uint32(i), uint64(i) < uint64(asize) && float64(i) == f
}

// newTable makes a table with at least asize slots of array and, if hbits is
// not 0, 2^hbits nodes, which have room for nodeMax(2^hbits-1) keys.
func (h *heap) newTable(asize uint32, hbits uint8) ref {
	r := h.alloc(uint32(unsafe.Sizeof(tableObj{})), objTable)
	if r == 0 {
		return 0
	}
	t := (*tableObj)(h.ptr(r))
	t.asize, t.arr = 0, 0
	t.node, t.mask = h.root.emptyNode, 0
	t.meta, t.lenHint, t.used = 0, 0, 0
	if asize == 0 && hbits == 0 {
		return r
	}
	nodes := uint32(0)
	if hbits != 0 {
		if hbits > 26 {
			h.freeCell(r)
			return 0
		}
		nodes = 1 << hbits
	}
	if !h.initParts(t, asize, nodes) {
		h.freeCell(r)
		return 0
	}
	return r
}

// initParts gives t new parts with nothing in them; what parts it has are only
// forgotten. On failure t is unchanged.
func (h *heap) initParts(t *tableObj, asize, nodes uint32) bool {
	if asize > asizeMax || nodes > nodesMax {
		return false
	}
	arr, node := ref(0), h.root.emptyNode
	if asize != 0 {
		asize = blobSize(asize*8) >> 3
		if arr = h.allocBlob(asize * 8); arr == 0 {
			return false
		}
		fillNil(h.values(arr, asize))
	}
	mask := uint32(0)
	if nodes != 0 {
		if node = h.allocBlob(nodes * 16); node == 0 {
			h.freeBlob(arr, asize*8)
			return false
		}
		fillNil(h.values(node, nodes*2))
		mask = nodes - 1
	}
	t.asize, t.arr, t.node, t.mask = asize, arr, node, mask
	t.lenHint, t.used = 0, 0
	return true
}

// freeParts frees the blobs of a table.
func (h *heap) freeParts(asize uint32, arr ref, mask uint32, node ref) {
	if asize != 0 {
		h.freeBlob(arr, asize*8)
	}
	if mask != 0 {
		h.freeBlob(node, (mask+1)*16)
	}
}

// tget returns t[k], Nil if absent.
func (h *heap) tget(r ref, k Value) Value {
	if k.isString() {
		return h.tgetStr(r, ref(k))
	}
	t := h.table(r)
	if k.isNumber() {
		if i, ok := arrayIndex(k, t.asize); ok {
			return *h.value(t.arr, i)
		}
		k = normKey(k)
	}
	return h.probe(t, k, h.hashKey(k))
}

// homeNode is the node where the search for the string k begins, and mostly
// ends: small enough to be inlined, before tgetStr or tsetStr are called.
func (h *heap) homeNode(t *tableObj, k ref) *node {
	return h.nodeAt(t.node, (*stringObj)(h.ptr(k)).hash&t.mask)
}

// tgetStr returns t[k] for the string k.
func (h *heap) tgetStr(r ref, k ref) Value {
	t := (*tableObj)(h.ptr(r))
	n := h.homeNode(t, k)
	if n.key == stringBits|Value(k) {
		return n.val
	}
	return h.tgetStrMore(t, k)
}

func (h *heap) tgetStrMore(t *tableObj, k ref) Value {
	return h.probe(t, stringBits|Value(k), h.str(k).hash)
}

// tgetInt returns t[i].
func (h *heap) tgetInt(r ref, i int64) Value {
	t := (*tableObj)(h.ptr(r))
	if uint64(i) < uint64(t.asize) {
		return *h.value(t.arr, uint32(i))
	}
	return h.tgetIntMore(t, i)
}

func (h *heap) tgetIntMore(t *tableObj, i int64) Value {
	if t.mask == 0 {
		return Nil
	}
	k := Value(math.Float64bits(float64(i)))
	return h.probe(t, k, h.hashKey(k))
}

// probe looks k up in the hash part.
func (h *heap) probe(t *tableObj, k Value, hash uint32) Value {
	mask := t.mask
	i := hash & mask
	for {
		n := h.nodeAt(t.node, i)
		if n.key == k {
			return n.val
		}
		if n.key == Nil {
			return Nil
		}
		i = (i + 1) & mask
	}
}

// findNode is probe for the node's index.
func (h *heap) findNode(t *tableObj, k Value, hash uint32) (uint32, bool) {
	mask := t.mask
	i := hash & mask
	for {
		n := h.nodeAt(t.node, i)
		if n.key == k {
			return i, true
		}
		if n.key == Nil {
			return 0, false
		}
		i = (i + 1) & mask
	}
}

// tset returns the place of t[k], which it makes, with the value nil, if k is
// new; nil at the memory limit. k must be neither nil nor NaN. The write
// barrier is done. The place is good until t gets another new key.
func (h *heap) tset(r ref, k Value) *Value {
	if k.isString() {
		return h.tsetStr(r, ref(k))
	}
	t := h.table(r)
	if k.isNumber() {
		if i, ok := arrayIndex(k, t.asize); ok {
			if t.gc&gcBlack != 0 {
				h.barrierSlot(t, i)
			}
			return h.value(t.arr, i)
		}
		k = normKey(k)
		if k == Value(math.Float64bits(float64(max(t.asize, 1)))) {
			return h.tappend(t, k)
		}
	}
	return h.insert(t, k, h.hashKey(k))
}

// tsetStr is tset for the string k.
func (h *heap) tsetStr(r ref, k ref) *Value {
	t := h.table(r)
	hash := (*stringObj)(h.ptr(k)).hash
	n := h.nodeAt(t.node, hash&t.mask)
	if n.key == stringBits|Value(k) && n.val != Nil && t.gc&gcBlack == 0 {
		return &n.val
	}
	return h.insert(t, stringBits|Value(k), hash)
}

// tsetInt is tset for the number i.
func (h *heap) tsetInt(r ref, i int64) *Value {
	t := (*tableObj)(h.ptr(r))
	if uint64(i) < uint64(t.asize) && t.gc&gcBlack == 0 {
		return h.value(t.arr, uint32(i))
	}
	return h.tsetIntMore(t, i)
}

func (h *heap) tsetIntMore(t *tableObj, i int64) *Value {
	if uint64(i) < uint64(t.asize) {
		h.barrierSlot(t, uint32(i))
		return h.value(t.arr, uint32(i))
	}
	k := Value(math.Float64bits(float64(i)))
	if i == int64(max(t.asize, 1)) {
		return h.tappend(t, k)
	}
	return h.insert(t, k, h.hashKey(k))
}

// insert finds or makes the node of k.
func (h *heap) insert(t *tableObj, k Value, hash uint32) *Value {
	t.nomm = 0
	mask := t.mask
	free := ^uint32(0)
	i := hash & mask
	for {
		n := h.nodeAt(t.node, i)
		if n.key == k {
			if t.gc&gcBlack != 0 {
				h.barrierSlot(t, t.asize+i)
			}
			return &n.val
		}
		if n.key == Nil {
			if free == ^uint32(0) {
				if t.used >= nodeMax(mask) {
					return h.rehash(t, k)
				}
				t.used++
				free = i
			}
			break
		}
		if n.val == Nil && free == ^uint32(0) {
			free = i
		}
		i = (i + 1) & mask
	}
	n := h.nodeAt(t.node, free)
	n.key = k
	if t.gc&gcBlack != 0 {
		h.barrierSlot(t, t.asize+free)
	}
	return &n.val
}

// tappend is insert for k = asize, or 1 if there is no array part: it extends
// that if half of it is in use.
func (h *heap) tappend(t *tableObj, k Value) *Value {
	if t.asize != 0 {
		if t.mask != 0 {
			if i, ok := h.findNode(t, k, h.hashKey(k)); ok && h.nodeAt(t.node, i).val != Nil {
				return h.insert(t, k, h.hashKey(k))
			}
		}
		n := uint32(1)
		for _, v := range h.values(t.arr, t.asize) {
			if v != Nil {
				n++
			}
		}
		if n < t.asize/2 {
			return h.insert(t, k, h.hashKey(k))
		}
	}
	i := t.asize
	if i == 0 {
		i = 1
	}
	if !h.growArray(t, max(4, t.asize*2)) {
		return nil
	}
	return h.value(t.arr, i)
}

// growArray makes the array part larger and moves to it what the hash part has
// of it.
func (h *heap) growArray(t *tableObj, asize uint32) bool {
	if asize > asizeMax {
		return false
	}
	asize = blobSize(asize*8) >> 3
	arr := h.allocBlob(asize * 8)
	if arr == 0 {
		return false
	}
	old := t.asize
	vs := h.values(arr, asize)
	copy(vs, h.values(t.arr, old))
	fillNil(vs[old:])
	if old != 0 {
		h.freeBlob(t.arr, old*8)
	}
	t.arr, t.asize = arr, asize
	if t.mask != 0 {
		h.moveToArray(t, old)
	}
	h.barrierRehash(t)
	return true
}

// moveToArray moves keys from old up out of the hash part.
func (h *heap) moveToArray(t *tableObj, old uint32) {
	if t.asize-old <= t.mask {
		for i := old; i < t.asize; i++ {
			k := Value(math.Float64bits(float64(i)))
			if j, ok := h.findNode(t, k, h.hashKey(k)); ok {
				n := h.nodeAt(t.node, j)
				*h.value(t.arr, i), n.val = n.val, Nil
			}
		}
		return
	}
	ns := h.nodes(t.node, t.mask+1)
	for j := range ns {
		n := &ns[j]
		if n.val == Nil || !n.key.isNumber() {
			continue
		}
		if i, ok := arrayIndex(n.key, t.asize); ok {
			*h.value(t.arr, i), n.val = n.val, Nil
		}
	}
}

// rehash gives t parts of the sizes that its keys and k ask for, adds k and
// returns its place.
func (h *heap) rehash(t *tableObj, k Value) *Value {
	if t.asize == 0 && t.mask == 0 && k.isString() {
		// Most objects that get one field get a few.
		if !h.initParts(t, 0, 4) {
			return nil
		}
		h.barrierRehash(t)
		return h.insert(t, k, h.hashAny(k))
	}
	if t.asize == 0 && t.mask < 8 && k.isString() {
		if n, ok := h.countFields(t); ok {
			if !h.tresize(t, 0, nodesFor(n+1)) {
				return nil
			}
			return h.insert(t, k, h.hashAny(k))
		}
	}
	// bins[b] counts the integers 2^(b-1) <= i < 2^b among the keys; bins[0] is 0 itself.
	var bins [29]uint32
	ints, total := uint32(0), uint32(1)
	if t.asize != 0 {
		vs := h.values(t.arr, t.asize)
		for lo, b := uint32(0), 0; lo < t.asize; b++ {
			hi := min(uint32(1)<<b, t.asize)
			for _, v := range vs[lo:hi] {
				if v != Nil {
					bins[b]++
				}
			}
			ints += bins[b]
			lo = hi
		}
		total += ints
	}
	if t.mask != 0 {
		for _, n := range h.nodes(t.node, t.mask+1) {
			if n.val != Nil {
				total++
				if n.key.isNumber() {
					if i, ok := arrayIndex(n.key, asizeMax); ok {
						bins[bits.Len32(i)]++
						ints++
					}
				}
			}
		}
	}
	if k.isNumber() {
		if i, ok := arrayIndex(k, asizeMax); ok {
			bins[bits.Len32(i)]++
			ints++
		}
	}
	// The largest power of two of which half is used. Slot 0, which is seldom,
	// counts as used.
	asize, inArray, sum := uint32(0), uint32(0), bins[0]
	for b := 1; b < len(bins) && uint32(1)<<b <= asizeMax && ints >= uint32(1)<<(b-1); b++ {
		sum += bins[b]
		if sum > bins[0] && sum-bins[0] >= uint32(1)<<(b-1) {
			asize, inArray = uint32(1)<<b, sum
		}
	}
	if !h.tresize(t, asize, nodesFor(total-inArray)) {
		return nil
	}
	if k.isNumber() {
		if i, ok := arrayIndex(k, t.asize); ok {
			return h.value(t.arr, i)
		}
	}
	return h.insert(t, k, h.hashAny(k))
}

// nodesFor is the size of a hash part for n keys.
func nodesFor(n uint32) uint32 {
	if n == 0 {
		return 0
	}
	// Room to add more before the next time.
	if n > 7 {
		n += n >> 2
	}
	nodes := uint32(2)
	for nodeMax(nodes-1) < n {
		nodes *= 2
	}
	return nodes
}

// countFields counts the entries of a small hash part, if no key is a number:
// then none belongs into an array part, as in most objects that get fields one
// after the other.
func (h *heap) countFields(t *tableObj) (n uint32, ok bool) {
	if t.mask == 0 {
		return 0, true
	}
	for _, e := range h.nodes(t.node, t.mask+1) {
		if e.val != Nil {
			if e.key.isNumber() {
				return 0, false
			}
			n++
		}
	}
	return n, true
}

// tresize gives t parts of these sizes, or larger ones, and moves its entries
// there. The nodes must be enough. False: memory limit, and t is as before.
func (h *heap) tresize(t *tableObj, asize, nodes uint32) bool {
	old := *t
	if !h.initParts(t, asize, nodes) {
		return false
	}
	keep := min(old.asize, t.asize)
	copy(h.values(t.arr, keep), h.values(old.arr, keep))
	t.lenHint = min(old.lenHint, t.asize)
	for i := keep; i < old.asize; i++ {
		if v := *h.value(old.arr, i); v != Nil {
			k := Value(math.Float64bits(float64(i)))
			h.place(t, k, h.hashKey(k), v)
		}
	}
	if old.mask != 0 {
		for i := uint32(0); i <= old.mask; i++ {
			n := h.nodeAt(old.node, i)
			if n.val == Nil {
				continue
			}
			if n.key.isNumber() {
				if i, ok := arrayIndex(n.key, t.asize); ok {
					*h.value(t.arr, i) = n.val
					continue
				}
			}
			h.place(t, n.key, h.hashAny(n.key), n.val)
		}
	}
	h.freeParts(old.asize, old.arr, old.mask, old.node)
	h.barrierRehash(t)
	return true
}

// place adds a key that is not there to a hash part without deleted keys.
func (h *heap) place(t *tableObj, k Value, hash uint32, v Value) {
	i := hash & t.mask
	for {
		n := h.nodeAt(t.node, i)
		if n.key == Nil {
			n.key, n.val = k, v
			t.used++
			return
		}
		i = (i + 1) & t.mask
	}
}

// tgrow makes sure that the array part has the key n. False: memory limit.
func (h *heap) tgrow(r ref, n uint32) bool {
	t := h.table(r)
	return n < t.asize || n < asizeMax && h.growArray(t, n+1)
}

// tclear removes all entries of t and keeps its parts.
func (h *heap) tclear(r ref) {
	t := h.table(r)
	fillNil(h.values(t.arr, t.asize))
	if t.mask != 0 {
		fillNil(h.values(t.node, (t.mask+1)*2))
	}
	t.used, t.lenHint = 0, 0
}

// titer returns the entry at position idx or after it, and the position to go
// on from: the array part first, then the nodes. next is 0 at the end.
func (h *heap) titer(r ref, idx uint32) (next uint32, k, v Value) {
	t := h.table(r)
	for ; idx < t.asize; idx++ {
		if v := *h.value(t.arr, idx); v != Nil {
			return idx + 1, Value(math.Float64bits(float64(idx))), v
		}
	}
	for i := idx - t.asize; i <= t.mask; i++ {
		if n := h.nodeAt(t.node, i); n.val != Nil {
			return t.asize + i + 1, n.key, n.val
		}
	}
	return 0, Nil, Nil
}

// tnext returns the entry after the key k, the first one for Nil. nk is Nil
// when there is none; ok is false when k is not a key of t.
func (h *heap) tnext(r ref, k Value) (nk, nv Value, ok bool) {
	idx, ok := h.position(h.table(r), k)
	if !ok {
		return Nil, Nil, false
	}
	_, nk, nv = h.titer(r, idx)
	return nk, nv, true
}

// position is where titer goes on after the key k.
func (h *heap) position(t *tableObj, k Value) (uint32, bool) {
	if k == Nil {
		return 0, true
	}
	if k.isNumber() {
		if i, ok := arrayIndex(k, t.asize); ok {
			return i + 1, true
		}
		k = normKey(k)
	}
	hash := h.hashAny(k)
	i, ok := h.findNode(t, k, hash)
	if !ok && k.isRef() {
		// Its entry may have been removed, and the collector seen it since.
		i, ok = h.findNode(t, deadKey(k), hash)
	}
	return t.asize + i + 1, ok
}

// tlen returns a border: n with t[n] not nil and t[n+1] nil, or 0 if t[1] is
// nil.
func (h *heap) tlen(r ref) uint32 {
	t := h.table(r)
	if t.asize <= 1 {
		if t.mask == 0 {
			return 0
		}
		return h.tlenHash(t, 0)
	}
	// A full array part first, as LuaJIT does: #{nil, 2, 3} is 3.
	if *h.value(t.arr, t.asize-1) != Nil {
		return h.tlenAt(t, t.asize-1)
	}
	// The last answer, one more or one less: what appending and removing need.
	n := t.lenHint
	if n < t.asize && (n == 0 || *h.value(t.arr, n) != Nil) {
		if n+1 == t.asize || *h.value(t.arr, n+1) == Nil {
			return h.tlenAt(t, n)
		}
		if n+2 == t.asize || *h.value(t.arr, n+2) == Nil {
			return h.tlenAt(t, n+1)
		}
	} else if n > 0 && n < t.asize && (n == 1 || *h.value(t.arr, n-1) != Nil) {
		return h.tlenAt(t, n-1)
	}
	lo, hi := uint32(0), t.asize-1 // t[lo] counts as set, t[hi] is nil
	for hi-lo > 1 {
		m := lo + (hi-lo)/2
		if *h.value(t.arr, m) != Nil {
			lo = m
		} else {
			hi = m
		}
	}
	return h.tlenAt(t, lo)
}

// tlenAt notes the border n of the array part; if it is the end of that, the
// hash part may go on.
func (h *heap) tlenAt(t *tableObj, n uint32) uint32 {
	t.lenHint = n
	if n+1 == t.asize && t.mask != 0 {
		return h.tlenHash(t, n)
	}
	return n
}

// tlenHash is the border of a table whose keys up to n are all set, and the
// next one, if set, in the hash part.
func (h *heap) tlenHash(t *tableObj, n uint32) uint32 {
	has := func(i uint32) bool { return h.tgetIntMore(t, int64(i)) != Nil }
	lo := n
	if !has(lo + 1) {
		return lo
	}
	lo++
	hi := lo
	for has(hi) {
		lo = hi
		if hi > 1<<30 {
			return lo
		}
		hi *= 2
	}
	for hi-lo > 1 {
		m := lo + (hi-lo)/2
		if has(m) {
			lo = m
		} else {
			hi = m
		}
	}
	return lo
}
