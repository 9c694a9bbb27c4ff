package lua

import (
	"math/bits"
	"unsafe"
)

// All strings are interned: equal text is the same object. The string table is
// an array of chains that grows and shrinks by linear hashing: chains are
// divided in two a few at a time, with every new string, so that no single
// string pays for a million others. Chains below split are divided already.
// The heads lie behind the arena, in address space reserved for as many as there
// can be, so that they never move.
//
// A chain's head is a word: the first string's ref below, and above it a
// filter, in which each string of the chain sets the bit that the top five bits
// of its hash name. So a new text is mostly seen to be new without a look at
// the strings, which would miss the cache. Bits of freed strings stay until the
// chain is divided or empty.
type stringTable struct {
	key   [2]uint64 // secret keys of all hashes
	mask  uint32    // chains before doubling, minus 1
	split uint32    // how many are divided; 0: no doubling under way
	size  uint32    // heads that count as used memory
	dirty uint32    // heads that may hold memory; those from size on are 0
	count uint32    // strings
}

const (
	stringMax      = 1<<31 - 32 // bytes
	stringTableMin = 256        // heads, by which the table grows and shrinks, too
)

func (h *heap) initStrings() bool {
	h.root.strings.mask = stringTableMin - 1
	return h.moreHeads()
}

// moreHeads makes room for some more chains; false at the memory limit.
func (h *heap) moreHeads() bool {
	st, m := &h.root.strings, &h.root.mem
	if st.size+stringTableMin > h.headsMax || m.debt+stringTableMin*8 > m.debtMax {
		return false
	}
	m.debt += stringTableMin * 8
	st.size += stringTableMin
	st.dirty = max(st.dirty, st.size)
	return true
}

// mix multiplies to 128 bits and folds them.
func mix(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
}

// hash is a keyed hash over all n bytes at p: 16 bytes a multiplication, four
// multiplications side by side in long texts. With secret keys, as here,
// nobody can choose texts that collide.
func (h *heap) hash(p unsafe.Pointer, n uintptr) uint32 {
	seed := h.seed(n)
	var a, b uint64
	if n > 16 {
		k1 := h.k1
		if n > 64 {
			s1, s2, s3 := bits.RotateLeft64(seed, 17), bits.RotateLeft64(seed, 31), bits.RotateLeft64(seed, 47)
			for ; n > 64; n -= 64 {
				seed = mix(load64(p, 0)^k1, load64(p, 8)^seed)
				s1 = mix(load64(p, 16)^k1, load64(p, 24)^s1)
				s2 = mix(load64(p, 32)^k1, load64(p, 40)^s2)
				s3 = mix(load64(p, 48)^k1, load64(p, 56)^s3)
				p = unsafe.Add(p, 64)
			}
			seed ^= s1 + bits.RotateLeft64(s2, 23) ^ bits.RotateLeft64(s3, 41)
		}
		for ; n > 16; n -= 16 {
			seed = mix(load64(p, 0)^k1, load64(p, 8)^seed)
			p = unsafe.Add(p, 16)
		}
		// The last 16 bytes, some of which may have been seen.
		p = unsafe.Add(p, int(n)-16)
		a, b = load64(p, 0), load64(p, 8)
	} else if n >= 8 {
		a, b = load64(p, 0), load64(p, n-8)
	} else if n >= 4 {
		a, b = load32(p, 0), load32(p, n-4)
	} else if n > 0 {
		a = packed(p, n)
	}
	return h.finish(a, b, seed)
}

// chain is the index of the chain for a hash.
func (st *stringTable) chain(hash uint32) uint32 {
	i := hash & st.mask
	if i < st.split {
		i = hash & (st.mask<<1 | 1)
	}
	return i
}

// filterBit is the bit of a chain's head that a hash sets.
func filterBit(hash uint32) uint64 { return 1 << (32 + hash>>27) }

// packed is a text of 1 to 3 bytes in a word.
func packed(p unsafe.Pointer, n uintptr) uint64 {
	return load8(p, 0) | load8(p, n>>1)<<8 | load8(p, n-1)<<16
}

// finish is the end of hash, and all of it for a text of up to 16 bytes.
func (h *heap) finish(a, b, seed uint64) uint32 {
	x := mix(mix(a^h.k1, b^seed)^h.k0, h.k1)
	return uint32(x ^ x>>32)
}

// seed is what the hash of a text of n bytes begins with.
func (h *heap) seed(n uintptr) uint64 { return h.k0 ^ uint64(n)*0x9E3779B97F4A7C15 }

// intern returns the string with the text b, which it copies if it is new. It
// returns 0 at the memory limit, or if b is too long.
func (h *heap) intern(b []byte) ref {
	p, n := unsafe.Pointer(unsafe.SliceData(b)), uintptr(len(b))
	if n-1 >= 16 {
		return h.internLong(b)
	}
	// This is internLong for what most strings are. The first and the last bytes
	// in two words, overlapping or not, are the whole text.
	var first, last uint64
	switch {
	case n >= 8:
		first, last = load64(p, 0), load64(p, n-8)
	case n >= 4:
		first, last = load32(p, 0), load32(p, n-4)
	default:
		first = packed(p, n)
	}
	hash := h.finish(first, last, h.seed(n))
	chain := h.root.strings.chain(hash)
	if head := *h.chainHead(chain); head&filterBit(hash) != 0 {
		for r := ref(head); r != 0; {
			s := (*stringObj)(h.ptr(r))
			if s.hash == hash && uintptr(s.len) == n {
				text, same := unsafe.Add(unsafe.Pointer(s), stringHead), false
				switch {
				case n >= 8:
					same = load64(text, 0) == first && load64(text, n-8) == last
				case n >= 4:
					same = load32(text, 0) == first && load32(text, n-4) == last
				default:
					same = packed(text, n) == first
				}
				if same {
					h.reviveString(s)
					return r
				}
			}
			r = s.next
		}
	}
	r := h.alloc(stringHead+uint32(n), objString)
	if r == 0 {
		return 0
	}
	switch text := h.ptr(r + stringHead/8); {
	case n >= 8:
		store64(text, 0, first)
		store64(text, n-8, last)
	case n >= 4:
		store32(text, 0, first)
		store32(text, n-4, last)
	default:
		for i, c := range b {
			*(*byte)(unsafe.Add(text, i)) = c
		}
	}
	h.linkString(r, uint32(n), hash, chain)
	return r
}

func (h *heap) internLong(b []byte) ref {
	p, n := unsafe.Pointer(unsafe.SliceData(b)), len(b)
	hash := h.hash(p, uintptr(n))
	st := &h.root.strings
	chain := st.chain(hash)
	if head := *h.chainHead(chain); head&filterBit(hash) != 0 {
		for r := ref(head); r != 0; {
			s := (*stringObj)(h.ptr(r))
			if s.hash == hash && int(s.len) == n && equalBytes(unsafe.Add(unsafe.Pointer(s), stringHead), p, n) {
				h.reviveString(s)
				return r
			}
			r = s.next
		}
	}
	if n > stringMax {
		return 0
	}
	r := h.alloc(stringHead+uint32(n), objString)
	if r == 0 {
		return 0
	}
	copy(unsafe.Slice((*byte)(h.ptr(r+stringHead/8)), n), b)
	h.linkString(r, uint32(n), hash, chain)
	return r
}

// reviveString makes a string that the sweep would free alive again: the
// string table holds it although nothing else does.
func (h *heap) reviveString(s *stringObj) {
	if w := uint8(h.root.mem.white); s.gc&(gcWhites^w) != 0 {
		s.gc = s.gc&^gcWhites | w
	}
}

// equalBytes compares n bytes; the short texts that most strings are without
// a call.
func equalBytes(a, b unsafe.Pointer, n int) bool {
	if n > 32 {
		return unsafe.String((*byte)(a), n) == unsafe.String((*byte)(b), n)
	}
	if n >= 8 {
		m := uintptr(n)
		d := load64(a, m-8) ^ load64(b, m-8)
		for i := uintptr(0); i < m-8; i += 8 {
			d |= load64(a, i) ^ load64(b, i)
		}
		return d == 0
	}
	if n >= 4 {
		m := uintptr(n)
		return load32(a, 0) == load32(b, 0) && load32(a, m-4) == load32(b, m-4)
	}
	for i := range uintptr(n) {
		if load8(a, i) != load8(b, i) {
			return false
		}
	}
	return true
}

// findString looks n bytes at p up without making a string; 0 if there is none.
func (h *heap) findString(p unsafe.Pointer, n int, hash uint32) ref {
	st := &h.root.strings
	for r := ref(*h.chainHead(st.chain(hash))); r != 0; {
		s := (*stringObj)(h.ptr(r))
		if s.hash == hash && int(s.len) == n && equalBytes(unsafe.Add(unsafe.Pointer(s), stringHead), p, n) {
			h.reviveString(s)
			return r
		}
		r = s.next
	}
	return 0
}

// linkString completes a string whose text is in place and enters it.
func (h *heap) linkString(r ref, n, hash, chain uint32) {
	st := &h.root.strings
	s := (*stringObj)(h.ptr(r))
	head := h.chainHead(chain)
	s.hash, s.len, s.next = hash, n, ref(*head)
	*head = *head>>32<<32 | filterBit(hash) | uint64(r)
	st.count++
	if st.split != 0 || st.count > st.mask {
		h.growStrings()
	}
}

// intern2 is intern of the texts a and b together, which are long.
func (h *heap) intern2(a, b []byte) ref {
	n := len(a) + len(b)
	r := h.newText(n)
	if r == 0 {
		return 0
	}
	text := h.text(r, n)
	copy(text, a)
	copy(text[len(a):], b)
	return h.internText(r, n)
}

// newText makes room for a string of n bytes, so that it can be put together
// in the arena: fill in text(r, n), then call internText, before the collector
// gets a chance to run. It returns 0 at the memory limit.
func (h *heap) newText(n int) ref {
	if uint(n) > stringMax {
		return 0
	}
	return h.alloc(stringHead+uint32(n), objBlob)
}

// text views the room that newText made.
func (h *heap) text(r ref, n int) []byte {
	return unsafe.Slice((*byte)(h.ptr(r+stringHead/8)), n)
}

// internText interns a text of n bytes in place. What it returns is r, or a
// string of the same text that was there before; then r is free again.
func (h *heap) internText(r ref, n int) ref {
	p := h.ptr(r + stringHead/8)
	hash := h.hash(p, uintptr(n))
	if s := h.findString(p, n, hash); s != 0 {
		h.dropText(r)
		return s
	}
	(*stringObj)(h.ptr(r)).typ = objString
	h.linkString(r, uint32(n), hash, h.root.strings.chain(hash))
	return r
}

// dropText frees what newText made.
func (h *heap) dropText(r ref) { h.freeAny(r) }

// growStrings divides two more chains.
func (h *heap) growStrings() {
	st := &h.root.strings
	n := st.mask + 1
	for range 2 {
		if n+st.split == st.size && !h.moreHeads() {
			return // longer chains do
		}
		h.splitChain(st.split)
		st.split++
		if st.split == n {
			st.mask, st.split = st.mask<<1|1, 0
			return
		}
	}
}

// splitChain divides chain i over i and its double.
func (h *heap) splitChain(i uint32) {
	n := h.root.strings.mask + 1
	low, high := h.chainHead(i), h.chainHead(i+n)
	r := ref(*low)
	*low, *high = 0, 0
	for r != 0 {
		s := (*stringObj)(h.ptr(r))
		to := low
		if s.hash&n != 0 {
			to = high
		}
		next := s.next
		s.next = ref(*to)
		*to = *to>>32<<32 | filterBit(s.hash) | uint64(r)
		r = next
	}
}

// joinChain is the reverse of splitChain.
func (h *heap) joinChain(i uint32) {
	low, high := h.chainHead(i), h.chainHead(i+h.root.strings.mask+1)
	if first := ref(*high); first != 0 {
		s := (*stringObj)(h.ptr(first))
		for s.next != 0 {
			s = (*stringObj)(h.ptr(s.next))
		}
		s.next = ref(*low)
		*low = (*low|*high)>>32<<32 | uint64(first)
		*high = 0
	}
}

// shrinkStrings joins up to n chains of a table that is far too large for its
// strings and tells whether there is more to do.
func (h *heap) shrinkStrings(n uint32) bool {
	st := &h.root.strings
	if st.split == 0 {
		if st.mask+1 <= stringTableMin || st.count > st.mask/4 {
			return false
		}
		st.mask >>= 1
		st.split = st.mask + 1
	} else if st.count > st.mask/2 {
		return false // on the way to more
	}
	for ; n > 0 && st.split > 0; n-- {
		st.split--
		h.joinChain(st.split)
		if st.size-stringTableMin == st.mask+1+st.split {
			st.size -= stringTableMin
			h.root.mem.debt -= stringTableMin * 8
		}
	}
	return true
}

// trimHeads gives up to n bytes of chain heads that are not in use back to the
// kernel and tells how many that were.
func (h *heap) trimHeads(n uint32) uint32 {
	const page = 4096 / 8
	st := &h.root.strings
	from := max((st.size+page-1)&^(page-1), st.dirty-min(st.dirty, n/8)&^(page-1))
	if from >= st.dirty {
		return 0
	}
	n = (st.dirty - from) * 8
	discard(unsafe.Slice((*byte)(unsafe.Pointer(h.chainHead(from))), n))
	st.dirty = from
	return n
}

// unlinkString takes a string that is about to be freed out of the table.
func (h *heap) unlinkString(r ref) {
	st := &h.root.strings
	s := (*stringObj)(h.ptr(r))
	head := h.chainHead(st.chain(s.hash))
	st.count--
	if ref(*head) == r {
		if s.next == 0 {
			*head = 0
		} else {
			*head = *head>>32<<32 | uint64(s.next)
		}
		return
	}
	prev := (*stringObj)(h.ptr(ref(*head)))
	for prev.next != r {
		prev = (*stringObj)(h.ptr(prev.next))
	}
	prev.next = s.next
}
