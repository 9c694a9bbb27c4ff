package lua

import (
	"bytes"
	"fmt"
	"math/bits"
	"math/rand/v2"
	"testing"
	"unsafe"
)

func TestInternIdentity(t *testing.T) {
	h := newTestHeap(t, 64<<20)
	rnd := rand.New(rand.NewPCG(1, 1))
	byText := map[string]ref{}
	buf := make([]byte, 300)
	for range 20000 {
		b := buf[:rnd.IntN(len(buf))]
		if rnd.IntN(2) == 0 {
			b = b[:min(len(b), rnd.IntN(6))]
		}
		for i := range b {
			b[i] = byte(rnd.IntN(3))
		}
		r := h.intern(b)
		if r == 0 || !bytes.Equal(h.strBytes(r), b) {
			t.Fatalf("intern of %q gives %q", b, h.strBytes(r))
		}
		if old, ok := byText[string(b)]; ok && old != r {
			t.Fatalf("two strings %q", b)
		}
		byText[string(b)] = r
		k := 0
		if len(b) > 0 {
			k = rnd.IntN(len(b))
		}
		if r2 := h.intern2(b[:k], b[k:]); r2 != r {
			t.Fatalf("intern2 of %q and %q is another string", b[:k], b[k:])
		}
	}
	mustCheck(t, h)
	for s, r := range byText {
		if h.intern([]byte(s)) != r {
			t.Fatalf("%q moved", s)
		}
	}
	// The table shrinks with what is left.
	size := h.root.strings.size
	h.gcFull()
	mustCheck(t, h)
	if got := h.root.strings; got.count != mmCount || got.size >= size || got.size != stringTableMin {
		t.Errorf("%d strings in a table for %d", got.count, got.size)
	}
}

func TestInternText(t *testing.T) {
	h := newTestHeap(t, 8<<20)
	used := h.used()
	for _, n := range []int{0, 1, 15, 64, 1000, 5000, 40000} {
		r := h.newText(n)
		text := h.text(r, n)
		for i := range text {
			text[i] = byte(i)
		}
		s := h.internText(r, n)
		if s != r || h.intern(text) != s {
			t.Errorf("text of %d bytes is interned elsewhere", n)
		}
		again := h.newText(n)
		copy(h.text(again, n), text)
		before := h.used()
		if h.internText(again, n) != s || h.used() >= before {
			t.Errorf("text of %d bytes: not found, or not freed", n)
		}
		h.dropText(h.newText(n))
	}
	mustCheck(t, h)
	h.newText(100) // forgotten
	h.gcFull()
	if h.used() != used {
		t.Errorf("%d bytes in use, %d before", h.used(), used)
	}
	if h.newText(8<<20) != 0 || h.newText(-1) != 0 || h.newText(1<<40) != 0 || h.intern(make([]byte, 9<<20)) != 0 {
		t.Error("a text above the limit was made")
	}
	if h.used() != used {
		t.Error("a failure is accounted")
	}
	mustCheck(t, h)
}

// The sweep must not free a string that was dead but is asked for again.
func TestInternRevives(t *testing.T) {
	h := newTestHeap(t, 8<<20)
	var dead []ref
	for i := range 2000 {
		dead = append(dead, h.intern(fmt.Appendf(nil, "dead%d", i)))
	}
	for h.root.gc.phase <= gcPhaseMark {
		h.advance(1)
	}
	for i := 0; i < 2000; i += 2 {
		if h.intern(fmt.Appendf(nil, "dead%d", i)) != dead[i] {
			t.Fatal("a string that is still there was not found")
		}
	}
	h.finishCycle()
	mustCheck(t, h)
	for i := range dead {
		found := h.findString(unsafe.Pointer(unsafe.SliceData(fmt.Appendf(nil, "dead%d", i))), len(fmt.Sprint("dead", i)), h.hashBytes(fmt.Appendf(nil, "dead%d", i)))
		if (found != 0) != (i%2 == 0) {
			t.Fatalf("string %d: alive %v", i, found != 0)
		}
	}
}

// However many strings there are, a new one divides two chains, and a step of the
// collector that lets the table shrink joins a bounded number.
func TestStringTableGrowsInSteps(t *testing.T) {
	h := newTestHeap(t, 64<<20)
	st := &h.root.strings
	last := *st
	for i := range 200000 {
		h.intern(fmt.Appendf(nil, "text %d", i))
		chains := func(s *stringTable) uint32 { return s.mask + s.split }
		if n := chains(st) - chains(&last); n > 2 || st.size-last.size > stringTableMin {
			t.Fatalf("string %d adds %d chains, %d heads", i, n, st.size-last.size)
		}
		last = *st
	}
	if st.size < 200000 {
		t.Fatalf("%d heads for %d strings", st.size, st.count)
	}
	mustCheck(t, h)
	steps := 0
	for h.root.gc.cycles < 2 {
		last = *st
		h.advance(1)
		if last.size-st.size > gcShrink {
			t.Fatalf("a step takes %d heads off", last.size-st.size)
		} else if st.size < last.size {
			steps++
		}
	}
	mustCheck(t, h)
	if st.size != stringTableMin || st.dirty > 4096/8 || steps < 700 {
		t.Errorf("%d heads, %d that hold memory, after %d steps", st.size, st.dirty, steps)
	}
}

func (h *heap) hashBytes(b []byte) uint32 {
	return h.hash(unsafe.Pointer(unsafe.SliceData(b)), uintptr(len(b)))
}

// Each bit of the text changes each bit of the hash half of the time, at all
// lengths, and the low bits alone spread similar texts evenly.
func TestHashQuality(t *testing.T) {
	h := newTestHeap(t, 8<<20)
	rnd := rand.New(rand.NewPCG(5, 5))
	for _, n := range []int{1, 3, 4, 7, 8, 15, 16, 17, 31, 32, 33, 48, 63, 64, 65, 100, 128, 129, 200} {
		var flips [32]int
		const rounds = 4000
		b := make([]byte, n)
		for range rounds {
			for i := range b {
				b[i] = byte(rnd.Uint32())
			}
			x := h.hashBytes(b)
			bit := rnd.IntN(n * 8)
			b[bit/8] ^= 1 << (bit % 8)
			d := x ^ h.hashBytes(b)
			for i := range flips {
				flips[i] += int(d >> i & 1)
			}
		}
		for i, f := range flips {
			if f < rounds*42/100 || f > rounds*58/100 {
				t.Errorf("%d bytes: bit %d of the hash flips %d of %d times", n, i, f, rounds)
			}
		}
	}
	for name, format := range map[string]string{"decimal": "%d", "padded": "%016d", "key": "user:%d:name", "long": "%0100d", "tail": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa%d"} {
		const n = 1 << 14
		var count [n]int
		for i := range n {
			count[h.hashBytes(fmt.Appendf(nil, format, i))&(n-1)]++
		}
		sum := 0
		for _, c := range count {
			sum += c * c
		}
		// A random function has a sum of 2n; variance of the sum is about 2n.
		if sum < 2*n-1200 || sum > 2*n+1200 {
			t.Errorf("%s: sum of squares %d, expected %d", name, sum, 2*n)
		}
	}
	other := newTestHeap(t, 8<<20)
	same := 0
	for i := range 1000 {
		s := fmt.Appendf(nil, "%d", i)
		same += 32 - bits.OnesCount32(h.hashBytes(s)^other.hashBytes(s))
	}
	if same < 15000 || same > 17000 {
		t.Errorf("hashes of two heaps agree in %d of 32000 bits", same)
	}
}

func BenchmarkIntern(b *testing.B) {
	h := newTestHeap(b, 1<<30)
	for _, n := range []int{4, 10, 23, 64, 256, 4096, 65536} {
		texts := make([][]byte, 64)
		for i := range texts {
			texts[i] = fmt.Appendf(nil, "%0*d", n, i)
			h.str(h.intern(texts[i])).gc |= gcFixed
		}
		b.Run(fmt.Sprint("Hit", n), func(b *testing.B) {
			b.SetBytes(int64(n))
			for i := 0; b.Loop(); i++ {
				if h.intern(texts[i&63]) == 0 {
					b.Fatal("out of memory")
				}
			}
		})
	}
	b.Run("New23", func(b *testing.B) { // with the collector's work
		text := []byte("............... request")
		for i := 0; b.Loop(); i++ {
			*(*uint64)(unsafe.Pointer(unsafe.SliceData(text))) = uint64(i)
			if h.intern(text) == 0 {
				b.Fatal("out of memory")
			}
			if h.debt() > 0 {
				h.gcStep()
			}
		}
	})
	b.Run("Concat23", func(b *testing.B) {
		x, y := []byte("/api/v1/use"), []byte("rs/123456789")
		for b.Loop() {
			if h.intern2(x, y) == 0 {
				b.Fatal("out of memory")
			}
		}
	})
}
