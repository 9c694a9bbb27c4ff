package shm

import (
	"math"
)

// A list is an entry whose number word holds its first and last node. The links from the first node on are the truth: the last
// node, the links back and the length follow from them. All of it changes under the stripe and the pool.
const (
	listFirst = entryNumber
	listLast  = entryNumber + 4
	listLen   = entryWhat + 4
)

// Push puts v, a Number or String, at the left or right end of the list that key has, and returns its new length. It fails with ErrNotList,
// ErrNoMemory, ErrDamaged or ErrBusy.
func (z *Zone) Push(left bool, key []byte, v *Value, now int64) (n int, err error) {
	if err := z.tick(now); err != nil {
		return 0, err
	}
	h := z.hash(key)
	stripe := z.stripe(h)
	if !z.lock(stripe) {
		return 0, ErrBusy
	}
	if z.lock(offPoolLock) {
		n, err = z.push(left, h, stripe, key, v, now)
		z.setHint()
		z.unlock(offPoolLock)
	} else {
		err = ErrBusy
	}
	z.unlock(stripe)
	if z.bad {
		err = z.damage()
	}
	return n, err
}

func (z *Zone) push(left bool, h, stripe uint64, key []byte, v *Value, now int64) (int, error) {
	ref, link := z.find(h, key)
	if ref != 0 {
		off := uint64(ref) * unit
		isList := kindOf(z.load64(off+entryWhat)) == List
		if e := z.load64(off + entryExpires); e != 0 && e <= uint64(now) {
			z.drop(ref, link)
			ref = 0
		} else if !isList {
			z.touchHeld(off, now)
			return 0, ErrNotList
		}
	}
	node, class := z.newNode(v)
	if node == 0 {
		return 0, ErrNoMemory
	}
	if ref == 0 {
		var err error
		// An empty list must not be there when this process ends here: the entry comes with its node.
		if ref, err = z.insertList(h, stripe, key, node, now); err != nil {
			z.freeChain(node, class)
			return 0, err
		}
		return 1, nil
	}
	off := uint64(ref) * unit
	first, last := z.load32(off+listFirst), z.load32(off+listLast)
	if left {
		z.store32(z.at(node)+nodeNext, first)
		z.store32(off+listFirst, node) // it is there
		z.store32(z.at(first)+nodePrev, node)
	} else {
		z.store32(z.at(node)+nodePrev, last)
		z.store32(z.at(last)+nodeNext, node) // it is there
		z.store32(off+listLast, node)
	}
	n := z.load32(off+listLen) + 1
	z.store32(off+listLen, n)
	z.touchHeld(off, now)
	return int(n), nil
}

// newNode makes a node with v that is in no list; 0 if there is no memory. A list never makes others go.
func (z *Zone) newNode(v *Value) (ref uint32, class uint8) {
	n := uint64(8)
	if v.Kind == String {
		n = uint64(len(v.Bytes))
	}
	ref, class = z.alloc(nodeData, n)
	if ref == 0 {
		return 0, 0
	}
	off := uint64(ref) * unit
	z.store32(off+nodeNext, 0)
	z.store32(off+nodePrev, 0)
	z.store64(off+nodeWhat, uint64(v.len())|uint64(v.Kind)<<32|uint64(class)<<40)
	z.store64(off+nodeSum, uint64(z.nodeSum(v)))
	s := z.stream(ref, class, nodeData)
	if v.Kind == String {
		z.put(&s, v.Bytes)
	} else {
		z.store64(s.off, v.bits())
	}
	return ref, class
}

// insertList makes the list key with one node.
func (z *Zone) insertList(h, stripe uint64, key []byte, node uint32, now int64) (uint32, error) {
	v := Value{Kind: List}
	z.node = node
	_, link := z.find(h, key)
	ref, _, err := z.insert(Safe, h, stripe, key, 0, link, &v, 0, now)
	z.node = 0
	return ref, err
}

func (z *Zone) nodeClass(off uint64) uint8 { return uint8(z.load64(off+nodeWhat) >> 40) }

// Pop takes the value at the left or right end off the list that key has; v is Nil if there is no list. It fails with ErrNotList,
// ErrDamaged or ErrBusy.
func (z *Zone) Pop(left bool, key []byte, v *Value, now int64) (err error) {
	v.Kind = Nil
	if err := z.tick(now); err != nil {
		return err
	}
	h := z.hash(key)
	stripe := z.stripe(h)
	if !z.lock(stripe) {
		return ErrBusy
	}
	if z.lock(offPoolLock) {
		err = z.pop(left, h, key, v, now)
		z.setHint()
		z.unlock(offPoolLock)
	} else {
		err = ErrBusy
	}
	z.unlock(stripe)
	if z.bad {
		err = z.damage()
	}
	return err
}

func (z *Zone) pop(left bool, h uint64, key []byte, v *Value, now int64) error {
	ref, link := z.find(h, key)
	off := uint64(ref) * unit
	if ref == 0 {
		return nil
	}
	if e := z.load64(off + entryExpires); e != 0 && e <= uint64(now) {
		return nil
	}
	if kindOf(z.load64(off+entryWhat)) != List {
		z.touchHeld(off, now)
		return ErrNotList
	}
	node := z.load32(off + listFirst)
	if !left {
		node = z.load32(off + listLast)
	}
	z.readNode(node, v)
	if z.bad {
		return nil
	}
	at := z.at(node)
	next, prev := z.load32(at+nodeNext), z.load32(at+nodePrev)
	n := z.load32(off + listLen)
	if n <= 1 {
		z.drop(ref, link)
		return nil
	}
	if left {
		z.store32(off+listFirst, next) // it is gone
		z.store32(z.at(next)+nodePrev, 0)
	} else {
		z.store32(z.at(prev)+nodeNext, 0) // it is gone
		z.store32(off+listLast, prev)
	}
	z.store32(off+listLen, n-1)
	z.freeChain(node, z.nodeClass(at))
	z.touchHeld(off, now)
	return nil
}

// readNode copies a node's value.
func (z *Zone) readNode(ref uint32, v *Value) {
	w := z.load64(uint64(ref)*unit + nodeWhat)
	v.Flags, v.Stale = 0, false
	s := z.stream(ref, uint8(w>>40), nodeData)
	switch k := Kind(w >> 32); k {
	case Number:
		v.setBits(k, z.load64(s.off))
	case String:
		v.Kind = String
		z.buf = z.get(&s, z.buf[:0], w&math.MaxUint32)
		v.Bytes = z.buf
	default:
		z.astray()
	}
}

// freeNodes gives back the nodes of the list at off, which nobody can reach any more.
func (z *Zone) freeNodes(off uint64) {
	steps := z.geo.pages * 64
	for node := z.load32(off + listFirst); node != 0 && !z.bad; steps-- {
		at := z.at(node)
		next := z.load32(at + nodeNext)
		z.freeChain(node, z.nodeClass(at))
		if node = next; steps == 0 {
			z.astray()
		}
	}
}

// Len is the length of the list that key has, 0 if there is none. It fails with ErrNotList.
func (z *Zone) Len(key []byte, now int64) (n int, err error) {
	if err := z.tick(now); err != nil {
		return 0, err
	}
	h := z.hash(key)
	stripe := z.stripe(h)
	if !z.lock(stripe) {
		return 0, ErrBusy
	}
	if ref, _ := z.find(h, key); ref != 0 {
		off := uint64(ref) * unit
		w := z.load64(off + entryWhat)
		if e := z.load64(off + entryExpires); e != 0 && e <= uint64(now) {
			// as if it weren't there
		} else if kindOf(w) != List {
			z.touchHeld(off, now)
			err = ErrNotList
		} else {
			n = int(valueLenOf(w))
			z.touchHeld(off, now)
		}
	}
	z.unlock(stripe)
	if z.bad {
		err = z.damage()
	}
	return n, err
}

// firstNode is what insert writes into a new list's number word.
func (z *Zone) firstNode() uint64 { return uint64(z.node) | uint64(z.node)<<32 }
