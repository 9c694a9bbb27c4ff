package lib

import (
	"bytes"
	"math/bits"
	"slices"
	"sync"

	"moonring/lua"
)

// table.sort is the quicksort of the reference implementation, step by step:
// which comparisons are made decides which bad order functions are noticed.
// Without an order function, numbers and strings are sorted on the side.

func tabSort(c *lua.Call) lua.Ret {
	t, ok := c.CheckTable(1)
	if !ok {
		return lua.Fail
	}
	less := c.Arg(2)
	n := c.VM().RawLen(t)
	if less.IsNil() {
		if done, ok := sortPlain(c, t, n); done || !ok {
			if !ok {
				return lua.Fail
			}
			return c.Return()
		}
	} else if less, ok = c.CheckFunction(2); !ok {
		return lua.Fail
	}
	s := sorter{c: c, vm: c.VM(), t: t, less: less}
	for range 3 {
		if !c.Keep(lua.Nil) {
			return lua.Fail
		}
	}
	if !s.sort(1, n) {
		return lua.Fail
	}
	return c.Return()
}

// sorter sorts with calls into Lua. The values that it holds across them are
// kept on the stack under these numbers.
type sorter struct {
	c    *lua.Call
	vm   *lua.VM
	t    lua.Value
	less lua.Value // Nil: the operator
	ops  int
}

const (
	keptPivot = 1 + iota
	keptLow
	keptHigh
)

// before tells whether a < b in the order; ok is false after an error.
func (s *sorter) before(a, b lua.Value) (less, ok bool) {
	if s.less.IsNil() {
		if s.ops++; s.ops%entryLump == 0 && !s.c.Charge(entryLump*4*entryCost) {
			return false, false
		}
		return s.operator(a, b)
	}
	if !s.c.Call(s.less, a, b) {
		return false, false
	}
	return s.c.Result(1).Truthy(), true
}

// operator is a < b. Its error carries no position: it is raised in sort
// itself, not in Lua code.
func (s *sorter) operator(a, b lua.Value) (less, ok bool) {
	if a.IsNumber() != b.IsNumber() || a.IsString() != b.IsString() || !a.IsNumber() && !a.IsString() {
		if s.vm.Metafield(a, "__lt").IsNil() && s.vm.Metafield(b, "__lt").IsNil() {
			x, y := s.vm.TypeName(a), s.vm.TypeName(b)
			if x == y {
				s.c.ThrowString("attempt to compare two " + x + " values")
			} else {
				s.c.ThrowString("attempt to compare " + x + " with " + y)
			}
			return false, false
		}
	}
	return s.c.Less(a, b)
}

func (s *sorter) get(i int) lua.Value { return s.vm.RawGetInt(s.t, i) }

// set2 stores two items.
func (s *sorter) set2(i int, a lua.Value, j int, b lua.Value) bool {
	if s.vm.RawSetInt(s.t, i, a) && s.vm.RawSetInt(s.t, j, b) {
		return true
	}
	s.c.MemoryError()
	return false
}

// order swaps the items i < j if they are the wrong way round.
func (s *sorter) order(i, j int) (swapped, ok bool) {
	a, b := s.get(i), s.get(j)
	s.c.SetKept(keptLow, a)
	s.c.SetKept(keptHigh, b)
	less, ok := s.before(b, a)
	if !ok || !less {
		return false, ok
	}
	return true, s.set2(i, b, j, a)
}

// sort sorts the items l..u.
func (s *sorter) sort(l, u int) bool {
	c := s.c
	for l < u {
		if _, ok := s.order(l, u); !ok {
			return false
		}
		if u-l == 1 {
			break
		}
		m := (l + u) / 2
		if swapped, ok := s.order(l, m); !ok {
			return false
		} else if !swapped {
			if _, ok := s.order(m, u); !ok {
				return false
			}
		}
		if u-l == 2 {
			break
		}
		pivot := s.get(m)
		c.SetKept(keptPivot, pivot)
		if !s.set2(m, s.get(u-1), u-1, pivot) {
			return false
		}
		// Now t[l] <= pivot == t[u-1] <= t[u].
		i, j := l, u-1
		for {
			var low, high lua.Value
			for {
				i++
				low = s.get(i)
				c.SetKept(keptLow, low)
				less, ok := s.before(low, pivot)
				if !ok {
					return false
				}
				if !less {
					break
				}
				if i >= u {
					c.Errorf("invalid order function for sorting")
					return false
				}
			}
			for {
				j--
				high = s.get(j)
				c.SetKept(keptHigh, high)
				less, ok := s.before(pivot, high)
				if !ok {
					return false
				}
				if !less {
					break
				}
				if j <= l {
					c.Errorf("invalid order function for sorting")
					return false
				}
			}
			if j < i {
				break
			}
			if !s.set2(i, high, j, low) {
				return false
			}
		}
		if !s.set2(u-1, s.get(i), i, s.get(u-1)) {
			return false
		}
		// The smaller half by recursion, which so stays within log2 n levels.
		if i-l < u-i {
			if !s.sort(l, i-1) {
				return false
			}
			l = i + 1
		} else {
			if !s.sort(i+1, u) {
				return false
			}
			u = i - 1
		}
	}
	return true
}

// sortScratch is where arrays are sorted on the side.
type sortScratch struct {
	numbers []float64
	values  []lua.Value
}

var sortScratches = sync.Pool{New: func() any { return new(sortScratch) }}

// sortPlain sorts t[1..n] if all are numbers other than NaN, or all are
// strings. Neither has an order that could be inconsistent, and equal items
// are alike, so any algorithm gives the same result.
func sortPlain(c *lua.Call, t lua.Value, n int) (done, ok bool) {
	vm := c.VM()
	first := vm.RawGetInt(t, 1)
	if n < 2 || !first.IsNumber() && !first.IsString() {
		return false, true
	}
	if !c.Charge(n * (bits.Len(uint(n)) + 4)) {
		return false, false
	}
	if n > 4096 && !c.CheckSize(n*8) {
		return false, false
	}
	s := sortScratches.Get().(*sortScratch)
	defer func() {
		if cap(s.numbers)+cap(s.values) <= bufferKeep {
			sortScratches.Put(s)
		}
	}()
	if first.IsNumber() {
		s.numbers = s.numbers[:0]
		for i := 1; i <= n; i++ {
			v := vm.RawGetInt(t, i)
			if !v.IsNumber() || v.Float() != v.Float() {
				return false, true
			}
			s.numbers = append(s.numbers, v.Float())
		}
		slices.Sort(s.numbers)
		for i, f := range s.numbers {
			if !vm.RawSetInt(t, i+1, lua.Number(f)) {
				c.MemoryError()
				return false, false
			}
		}
		return true, true
	}
	s.values = s.values[:0]
	for i := 1; i <= n; i++ {
		v := vm.RawGetInt(t, i)
		if !v.IsString() {
			return false, true
		}
		s.values = append(s.values, v)
	}
	// A comparison may read as much as two strings have in common.
	steps, in := 0, true
	slices.SortFunc(s.values, func(a, b lua.Value) int {
		if !in {
			return 0
		}
		x, y := vm.Bytes(a), vm.Bytes(b)
		steps += 2 + min(len(x), len(y))>>5
		if steps >= 256 {
			in = c.Charge(steps * 8)
			steps = 0
		}
		return bytes.Compare(x, y)
	})
	if !in {
		return false, false
	}
	for i, v := range s.values {
		if !vm.RawSetInt(t, i+1, v) {
			c.MemoryError()
			return false, false
		}
	}
	return true, true
}
