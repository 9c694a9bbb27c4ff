package compile

import (
	"math"
	"math/rand/v2"

	"moonring/lua/bytecode"
)

// constants are the constants of a function, with an index to find them again.
type constants struct {
	list  []bytecode.Const
	keys  []uint64 // of the constants in list
	index []int32  // open addressing, linear probing; constant + 1, 0 is empty
	shift uint     // 64 - log2(len(index))
}

// Keys of constants: the bits of a number, and patterns that no number
// constant has (they are NaNs) for the others.
const (
	stringKey = 0xfff1 << 48 // + nameID
	protoKey  = 0xfff2 << 48 // never looked up
)

// constSeed is the multiplier of the hash, odd and random, so that a source
// cannot aim for collisions.
var constSeed = rand.Uint64() | 1

const (
	constIndexMin = 6 // log2 of the first size of the index
	constIndexMax = 9 // of the largest that is kept for another function
)

func (k *constants) reset() {
	k.list = k.list[:0]
	k.keys = k.keys[:0]
	if n := len(k.index); n == 0 || n > 1<<constIndexMax {
		k.index = make([]int32, 1<<constIndexMin)
		k.shift = 64 - constIndexMin
	} else {
		clear(k.index)
	}
}

// find returns the index of the constant with this key, or -1 and the place in
// the index where it belongs.
func (k *constants) find(key uint64) (int32, uint64) {
	mask := uint64(len(k.index) - 1)
	for i := key * constSeed >> k.shift; ; i = (i + 1) & mask {
		c := k.index[i]
		if c == 0 {
			return -1, i
		}
		if k.keys[c-1] == key {
			return c - 1, i
		}
	}
}

func (k *constants) add(key uint64, c bytecode.Const) int32 {
	k.list = append(k.list, c)
	k.keys = append(k.keys, key)
	return int32(len(k.list) - 1)
}

// insert adds a constant that find didn't find.
func (k *constants) insert(at, key uint64, c bytecode.Const) int32 {
	n := k.add(key, c)
	k.index[at] = n + 1
	if 2*len(k.list) > len(k.index) {
		k.index = make([]int32, 2*len(k.index))
		k.shift--
		for i, key := range k.keys {
			if key != protoKey {
				_, at := k.find(key)
				k.index[at] = int32(i + 1)
			}
		}
	}
	return n
}

// constNumber returns the index of a number constant.
func (f *function) constNumber(n float64) int32 {
	key := math.Float64bits(n)
	i, at := f.consts.find(key)
	if i < 0 {
		i = f.consts.insert(at, key, bytecode.Const{Kind: bytecode.KNumber, Num: n})
	}
	return i
}

// constString returns the index of a string constant.
func (f *function) constString(id nameID) int32 {
	key := stringKey | uint64(id)
	i, at := f.consts.find(key)
	if i < 0 {
		s := f.c.names.str(id)
		i = f.consts.insert(at, key, bytecode.Const{Kind: bytecode.KString, Str: s})
	}
	return i
}

// constProto returns the index of a new prototype constant.
func (f *function) constProto(p *bytecode.Proto) int32 {
	return f.consts.add(protoKey, bytecode.Const{Kind: bytecode.KProto, Proto: p})
}
