package lua

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// put stores t[k] = v as the VM does.
func put(tb testing.TB, h *heap, t ref, k, v Value) {
	p := h.tset(t, k)
	if p == nil {
		tb.Fatal("out of memory")
	}
	*p = v
}

// strings returns n interned, fixed strings.
func testStrings(tb testing.TB, h *heap, n int) []Value {
	vs := make([]Value, n)
	for i := range vs {
		r := h.intern(fmt.Appendf(nil, "key%d", i))
		if r == 0 {
			tb.Fatal("out of memory")
		}
		h.str(r).gc |= gcFixed
		vs[i] = stringBits | Value(r)
	}
	return vs
}

// testKeys is a mix of all that may be a key.
func testKeys(tb testing.TB, h *heap) []Value {
	keys := []Value{True, False, Null, Light(1), Light(1<<47 - 1),
		Number(0.5), Number(-1), Number(-0.5), Number(math.Inf(1)), Number(math.Inf(-1)), Number(math.MaxFloat64),
		Number(1 << 31), Number(1 << 32), Number(1<<53 + 2), Number(-(1 << 53)), Number(1 << 62), Number(1 << 63), Number(-(1 << 63)),
		Number(1e300), Number(math.SmallestNonzeroFloat64), Number(1<<32 - 1), Number(1 << 27), Number(1<<27 - 1)}
	for i := range 70 {
		keys = append(keys, Int(i))
	}
	for i := range 20 {
		keys = append(keys, Int(1<<i), Int(i*1000), Number(float64(i)+0.25))
	}
	seen := map[Value]bool{}
	unique := keys[:0]
	for _, k := range keys {
		if !seen[k] {
			unique = append(unique, k)
		}
		seen[k] = true
	}
	keys = unique
	for range 10 {
		keys = append(keys, tableBits|Value(h.newTable(0, 0)), functionBits|Value(h.newClosure(0)), objectBits|Value(h.newUserdata(8)))
	}
	return append(keys, testStrings(tb, h, 60)...)
}

// compare checks that t has the entries of want, by look-up and by both ways
// of traversing.
func compare(tb testing.TB, h *heap, t ref, want map[Value]Value) {
	tb.Helper()
	for k, v := range want {
		if got := h.tget(t, k); got != v {
			tb.Fatalf("[%#x] is %#x, not %#x", uint64(k), uint64(got), uint64(v))
		}
		if k.isString() {
			if got := h.tgetStr(t, ref(k)); got != v {
				tb.Fatalf("tgetStr [%#x] is %#x, not %#x", uint64(k), uint64(got), uint64(v))
			}
		}
	}
	n := 0
	key := Nil
	for idx, k, v := h.titer(t, 0); idx != 0; idx, k, v = h.titer(t, idx) {
		if want[k] != v {
			tb.Fatalf("titer gives [%#x] = %#x, not %#x", uint64(k), uint64(v), uint64(want[k]))
		}
		nk, nv, ok := h.tnext(t, key)
		if !ok || nk != k || nv != v {
			tb.Fatalf("tnext gives [%#x] = %#x, %v, titer [%#x] = %#x", uint64(nk), uint64(nv), ok, uint64(k), uint64(v))
		}
		key = nk
		n++
	}
	if nk, _, ok := h.tnext(t, key); !ok || nk != Nil {
		tb.Fatalf("tnext goes on with %#x, %v", uint64(nk), ok)
	}
	if n != len(want) {
		tb.Fatalf("%d entries, not %d", n, len(want))
	}
}

func TestTableModel(t *testing.T) {
	for seed := range 30 {
		h := newTestHeap(t, 32<<20)
		rnd := rand.New(rand.NewPCG(uint64(seed), 2))
		keys := testKeys(t, h)
		tab := h.newTable(uint32(rnd.IntN(10)), uint8(rnd.IntN(4)))
		h.root.globals = tab
		holder := h.newTable(0, 0) // keeps the keys alive
		for i, k := range keys {
			put(t, h, holder, Int(i+1), k)
		}
		h.root.registry = holder
		want := map[Value]Value{}
		bias := 1 + rnd.IntN(4)
		for i := range 3000 {
			if i%300 == 0 {
				bias = 1 + rnd.IntN(4)
			}
			k := keys[rnd.IntN(len(keys))]
			switch {
			case rnd.IntN(5) >= bias:
				if _, ok := want[k]; ok {
					put(t, h, tab, k, Nil)
					delete(want, k)
				}
			default:
				v := Int(rnd.IntN(1000))
				want[k] = v
				if i, ok := arrayIndex(k, 1<<31); ok && rnd.IntN(2) == 0 {
					*h.tsetInt(tab, int64(i)) = v
				} else {
					put(t, h, tab, k, v)
				}
			}
			if got := h.tget(tab, k); got != Nil && got != want[k] || got == Nil && want[k] != 0 {
				t.Fatalf("[%#x] is %#x, not %#x", uint64(k), uint64(got), uint64(want[k]))
			}
			if rnd.IntN(50) == 0 {
				h.advance(5000)
			}
			if i%100 == 0 {
				compare(t, h, tab, want)
				mustCheck(t, h)
			}
		}
		// Removing everything while traversing, the collector at work.
		key := Nil
		for n := 0; ; n++ {
			nk, _, ok := h.tnext(tab, key)
			if !ok {
				t.Fatalf("key %#x is lost after %d", uint64(key), n)
			}
			if nk == Nil {
				if n != len(want) {
					t.Fatalf("%d entries traversed, not %d", n, len(want))
				}
				break
			}
			put(t, h, tab, nk, Nil)
			if rnd.IntN(4) == 0 {
				h.gcFull()
			}
			key = nk
		}
		compare(t, h, tab, map[Value]Value{})
		h.free()
	}
}

func TestTableNumberKeys(t *testing.T) {
	h := newTestHeap(t, 8<<20)
	tab := h.newTable(0, 0)
	h.root.globals = tab
	put(t, h, tab, Number(math.Copysign(0, -1)), True)
	if h.tgetInt(tab, 0) != True || h.tget(tab, Int(0)) != True {
		t.Error("-0 is not 0")
	}
	if k, _, _ := h.tnext(tab, Nil); k != Int(0) {
		t.Errorf("the key is %#x", uint64(k))
	}
	put(t, h, tab, Int(1), False)
	if h.tgetInt(tab, 0) != True || h.tget(tab, Number(math.Copysign(0, -1))) != True {
		t.Error("0 is lost in the array part")
	}
	if h.tget(tab, nanBits) != Nil || h.tget(tab, Nil) != Nil {
		t.Error("NaN or nil is a key")
	}
	if _, _, ok := h.tnext(tab, nanBits); ok {
		t.Error("NaN is a key for next")
	}
	if _, _, ok := h.tnext(tab, Number(77)); ok {
		t.Error("77 is a key for next")
	}
	mustCheck(t, h)
}

func TestTableLength(t *testing.T) {
	h := newTestHeap(t, 64<<20)
	tab := h.newTable(0, 0)
	h.root.globals = tab
	for i := 1; i <= 3000; i++ {
		if n := h.tlen(tab); int(n) != i-1 {
			t.Fatalf("length %d, not %d", n, i-1)
		}
		*h.tsetInt(tab, int64(i)) = True
	}
	if a := h.table(tab).asize; a != 4096 {
		t.Errorf("array part of %d slots for 3000 items", a)
	}
	for i := 3000; i >= 1; i-- {
		if n := h.tlen(tab); int(n) != i {
			t.Fatalf("length %d, not %d", n, i)
		}
		*h.tsetInt(tab, int64(i)) = Nil
	}
	if n := h.tlen(tab); n != 0 {
		t.Errorf("length %d of an empty table", n)
	}
	// From above, so that items begin in the hash part.
	for i := 1000; i >= 1; i-- {
		*h.tsetInt(tab, int64(i)) = True
	}
	if n := h.tlen(tab); n != 1000 {
		t.Errorf("length %d, not 1000", n)
	}
	// An array part that goes on in the hash part.
	tab = h.newTable(4, 3)
	for i := 1; i <= 3; i++ {
		*h.tsetInt(tab, int64(i)) = True
	}
	h.root.globals = tab
	put(t, h, tab, Int(6), True)
	put(t, h, tab, Int(5), True)
	if n := h.tlen(tab); n != 3 {
		t.Errorf("length %d, not 3", n)
	}
	put(t, h, tab, Int(4), True)
	if n := h.tlen(tab); n != 6 {
		t.Errorf("length %d, not 6", n)
	}
	// Random lengths against any border.
	rnd := rand.New(rand.NewPCG(3, 3))
	for range 2000 {
		tab := h.newTable(uint32(rnd.IntN(20)), uint8(rnd.IntN(4)))
		for range rnd.IntN(60) {
			v := True
			if rnd.IntN(3) == 0 {
				v = Nil
			}
			*h.tsetInt(tab, int64(rnd.IntN(30))) = v
			n := int64(h.tlen(tab))
			if n != 0 && h.tgetInt(tab, n) == Nil || h.tgetInt(tab, n+1) != Nil {
				t.Fatalf("%d is no border", n)
			}
		}
		if h.used() > 32<<20 {
			h.gcFull()
		}
	}
	mustCheck(t, h)
}

// A queue whose indices only grow must not make the table grow.
func TestTableQueue(t *testing.T) {
	h := newTestHeap(t, 8<<20)
	tab := h.newTable(0, 0)
	h.root.globals = tab
	const length = 100
	for i := range int64(200000) {
		p := h.tsetInt(tab, i+1)
		if p == nil {
			t.Fatalf("out of memory at %d", i)
		}
		*p = True
		if i >= length {
			*h.tsetInt(tab, i+1-length) = Nil
		}
	}
	o := h.table(tab)
	if slots := o.slotCount(); slots > 1024 {
		t.Errorf("%d slots for %d items", slots, length)
	}
	mustCheck(t, h)
}

// What the memory limit refuses leaves the table as it was.
func TestTableMemoryLimit(t *testing.T) {
	h := newTestHeap(t, 160<<10)
	keys := testStrings(t, h, 2000)
	tab, arr := h.newTable(0, 0), h.newTable(0, 0)
	h.root.globals, h.root.registry = tab, arr
	want, wantArr := map[Value]Value{}, map[Value]Value{}
	for i, k := range keys {
		p := h.tset(tab, k)
		q := h.tsetInt(arr, int64(i)*3)
		if p == nil || q == nil {
			if p != nil {
				*p = Nil
			}
			break
		}
		*p, *q = Int(i), Int(i)
		want[k], wantArr[Int(i*3)] = Int(i), Int(i)
	}
	if len(want) == len(keys) {
		t.Fatal("the limit was not reached")
	}
	compare(t, h, tab, want)
	compare(t, h, arr, wantArr)
	if h.used() > h.limit {
		t.Errorf("%d bytes of %d", h.used(), h.limit)
	}
	mustCheck(t, h)
}

func TestTableClearAndSizes(t *testing.T) {
	h := newTestHeap(t, 8<<20)
	tab := h.newTable(5, 2)
	h.root.globals = tab
	for i, k := range testStrings(t, h, 20) {
		put(t, h, tab, k, True)
		*h.tsetInt(tab, int64(i)) = True
	}
	used := h.used()
	h.tclear(tab)
	if h.tlen(tab) != 0 || h.used() != used {
		t.Error("tclear left items or gave memory back")
	}
	compare(t, h, tab, map[Value]Value{})
	if !h.tgrow(tab, 1000) || h.table(tab).asize < 1001 {
		t.Error("tgrow")
	}
	if h.tgrow(tab, 1<<30) || h.tgrow(tab, math.MaxUint32) {
		t.Error("tgrow beyond any limit")
	}
	if h.newTable(math.MaxUint32, 0) != 0 || h.newTable(0, 32) != 0 || h.newTable(0, 255) != 0 {
		t.Error("newTable beyond any limit")
	}
	mustCheck(t, h)
	h.gcFull()
	mustCheck(t, h)
}

var sink Value

func BenchmarkTable(b *testing.B) {
	h := newTestHeap(b, 1<<30)
	keys := testStrings(b, h, 64)
	tab := h.newTable(0, 0)
	h.root.globals = tab
	for _, k := range keys[:12] {
		put(b, h, tab, k, True)
	}
	arr := h.newTable(0, 0)
	h.root.registry = arr
	for i := range 1000 {
		*h.tsetInt(arr, int64(i)) = Int(i)
	}
	b.Run("GetStrHit", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			sink = h.tgetStr(tab, ref(keys[i&7]))
		}
	})
	b.Run("GetStrMiss", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			sink = h.tgetStr(tab, ref(keys[20+i&31]))
		}
	})
	b.Run("SetStrHit", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			*h.tsetStr(tab, ref(keys[i&7])) = True
		}
	})
	b.Run("GetInt", func(b *testing.B) {
		for i := int64(0); b.Loop(); i++ {
			sink = h.tgetInt(arr, i&511)
		}
	})
	b.Run("SetInt", func(b *testing.B) {
		for i := int64(0); b.Loop(); i++ {
			*h.tsetInt(arr, i&511) = True
		}
	})
	b.Run("GetFloat", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			sink = h.tget(arr, Int(i&511))
		}
	})
	b.Run("Append", func(b *testing.B) {
		t := h.newTable(0, 0)
		for b.Loop() {
			n := int64(h.tlen(t)) + 1
			if n > 100000 {
				h.gcFull()
				t = h.newTable(0, 0)
				n = 1
			}
			*h.tsetInt(t, n) = True
		}
	})
	b.Run("NewFields3", func(b *testing.B) {
		for b.Loop() {
			t := h.newTable(0, 2)
			for _, k := range keys[:3] {
				*h.tsetStr(t, ref(k)) = True
			}
			if h.debt() > 0 {
				h.gcStep()
			}
		}
	})
	b.Run("Churn", func(b *testing.B) { // delete one key, add another
		t := h.newTable(0, 0)
		h.root.pins = t
		for i := 0; b.Loop(); i++ {
			*h.tset(t, Number(float64(i)+0.5)) = True
			if i >= 1000 {
				*h.tset(t, Number(float64(i-1000)+0.5)) = Nil
			}
		}
	})
}
