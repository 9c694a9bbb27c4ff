package lua

import (
	"bytes"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"unsafe"
)

func TestSizeClasses(t *testing.T) {
	for n := uint32(1); n <= cellMax; n++ {
		c := classOf(n)
		if classBytes[c] < n || c > 0 && classBytes[c-1] >= n {
			t.Fatalf("%d bytes have class %d of %d bytes", n, c, classBytes[c])
		}
	}
	for i, n := range classBytes {
		pages := classPages(n)
		if rest := pages << pageShift % n; rest*8 > pages<<pageShift || n%8 != 0 {
			t.Errorf("class %d: %d of %d pages are left over", i, rest, pages)
		}
	}
	for n := uint32(1); n < 1<<21; n += 1 + n/37 {
		if binOf(n) >= binCount || binFor(n) >= binCount || binFor(n) < binOf(n) {
			t.Fatalf("%d pages: bins %d, %d", n, binOf(n), binFor(n))
		}
		for m := n; m > 0 && m > n-n/8-1; m-- {
			if binOf(m) >= binFor(n) && m < n {
				t.Fatalf("a run of %d pages is in a bin for %d", m, n)
			}
		}
	}
	if s := unsafe.Sizeof(rootBlock{}); s > pageSize {
		t.Errorf("the root block has %d bytes", s)
	}
	if pageInfoSize != 32 {
		t.Errorf("a page info has %d bytes", pageInfoSize)
	}
}

// TestBlobs allocates and frees at random and checks that cells keep what was
// written to them, that accounting is exact and that all memory comes back.
func TestBlobs(t *testing.T) {
	h := newTestHeap(t, 16<<20)
	before := h.used()
	rnd := rand.New(rand.NewPCG(7, 7))
	type blob struct {
		r    ref
		size uint32
		mark byte
	}
	var blobs []blob
	sum := int64(0)
	fill := func(b blob) {
		m := h.bytes(b.r, uintptr(b.size))
		for i := 0; i < len(m); i += 97 {
			m[i] = b.mark
		}
		m[len(m)-1] = b.mark
	}
	verify := func(b blob) {
		m := h.bytes(b.r, uintptr(b.size))
		for i := 0; i < len(m); i += 97 {
			if m[i] != b.mark {
				t.Fatalf("blob %#x of %d bytes was overwritten", b.r, b.size)
			}
		}
		if m[len(m)-1] != b.mark {
			t.Fatalf("blob %#x of %d bytes was overwritten", b.r, b.size)
		}
	}
	for i := range 30000 {
		if rnd.IntN(100) < 48 && len(blobs) > 0 {
			k := rnd.IntN(len(blobs))
			b := blobs[k]
			verify(b)
			if rnd.IntN(2) == 0 {
				h.freeBlob(b.r, b.size)
			} else {
				h.freeAny(b.r)
			}
			sum -= int64(blobSize(b.size))
			blobs[k] = blobs[len(blobs)-1]
			blobs = blobs[:len(blobs)-1]
		} else {
			size := uint32(1 + rnd.IntN(200))
			switch rnd.IntN(30) {
			case 0:
				size = uint32(1 + rnd.IntN(300000))
			case 1, 2:
				size = uint32(1 + rnd.IntN(40000))
			}
			b := blob{h.allocBlob(size), size, byte(i)}
			if b.r == 0 {
				if before+sum+int64(blobSize(size)) <= h.limit {
					t.Fatalf("no blob of %d bytes with %d of %d in use", size, h.used(), h.limit)
				}
				continue
			}
			sum += int64(blobSize(size))
			fill(b)
			blobs = append(blobs, b)
		}
		if h.used() != before+sum || h.used() > h.limit {
			t.Fatalf("used is %d, not %d", h.used(), before+sum)
		}
		if i%1000 == 0 {
			mustCheck(t, h)
		}
	}
	for _, b := range blobs {
		verify(b)
		h.freeBlob(b.r, b.size)
	}
	mustCheck(t, h)
	if h.used() != before {
		t.Errorf("used is %d, not %d", h.used(), before)
	}
	h.gcFull()
	if d := h.root.mem.dirtyPages; d != 0 {
		t.Errorf("%d dirty pages after a full collection", d)
	}
}

// The limit is met to the byte, by every kind of object.
func TestLimitExact(t *testing.T) {
	for _, size := range []uint32{16, 24, 100, 1000, 3000, 32768, 40000, 100000} {
		h := newTestHeap(t, 3<<20)
		n := int64(0)
		for h.alloc(size, objBlob) != 0 {
			n++
		}
		step := int64(blobSize(size))
		if rest := h.limit - h.used(); rest < 0 || rest >= step {
			t.Errorf("cells of %d bytes: %d bytes were left", size, rest)
		}
		mustCheck(t, h)
		h.setLimit(h.limit + step)
		if h.alloc(size, objBlob) == 0 || h.alloc(size, objBlob) != 0 {
			t.Errorf("cells of %d bytes: a higher limit is not met", size)
		}
		h.gcFull()
		if h.alloc(size, objBlob) == 0 {
			t.Errorf("cells of %d bytes: nothing was freed", size)
		}
		mustCheck(t, h)
		h.free()
	}
}

// A program that fills memory with one size after the other finds room for
// each, although a span that has one cell left can't be used for others.
func TestLimitAfterFragmentation(t *testing.T) {
	h := newTestHeap(t, 2<<20)
	keep := h.newTable(64, 0)
	h.root.globals = keep
	for i, size := range classBytes {
		n := int(size - stringHead)
		for h.newText(n) != 0 {
		}
		if rest := h.limit - h.used(); rest >= int64(size) {
			t.Fatalf("size %d: %d bytes left", size, rest)
		}
		h.gcFull()
		r := h.newText(n) // one stays behind
		text := h.text(r, n)
		for k := range text {
			text[k] = byte(i)
		}
		*h.tsetInt(keep, int64(i)) = stringBits | Value(h.internText(r, n))
		mustCheck(t, h)
	}
}

// resident is the process's resident memory in bytes.
func resident(t *testing.T) int64 {
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Fatal(err)
	}
	pages, err := strconv.ParseInt(string(bytes.Fields(b)[1]), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return pages * int64(os.Getpagesize())
}

func TestMemoryGoesBackToTheKernel(t *testing.T) {
	h := newTestHeap(t, 256<<20)
	base := resident(t)
	r := h.newText(64 << 20)
	text := h.text(r, 64<<20)
	for i := 0; i < len(text); i += 4096 {
		text[i] = 1
	}
	tab := h.newTable(0, 0)
	h.root.globals = tab
	for i := range 2 << 20 {
		*h.tsetInt(tab, int64(i+1)) = True
	}
	small := h.newTable(0, 0)
	h.root.registry = small
	for i := range 100000 {
		*h.tsetInt(small, int64(i+1)) = tableBits | Value(h.newTable(2, 1))
	}
	if grown := resident(t) - base; grown < 80<<20 {
		t.Fatalf("only %d MiB more are resident", grown>>20)
	}
	h.root.globals, h.root.registry = 0, 0
	h.gcFull()
	if rest := resident(t) - base; rest > 8<<20 {
		t.Errorf("%d MiB are still resident", rest>>20)
	}
	if h.used() > 100<<10 {
		t.Errorf("%d bytes are in use", h.used())
	}
	mustCheck(t, h)
}

// Many heaps at once, and many one after the other.
func TestManyHeaps(t *testing.T) {
	var hs []*heap
	for range 200 {
		h := new(heap)
		if err := h.init(512 << 20); err != nil {
			t.Fatal(err)
		}
		h.newTable(0, 4)
		hs = append(hs, h)
	}
	for _, h := range hs {
		h.free()
		h.free()
	}
	for range 500 {
		h := new(heap)
		if err := h.init(64 << 30); err != nil {
			t.Fatal(err)
		}
		h.intern([]byte("x"))
		h.free()
	}
	h := new(heap)
	if h.init(0) == nil || h.init(-1) == nil || h.init(100) == nil {
		t.Error("a heap without room was made")
	}
}

func BenchmarkAlloc(b *testing.B) {
	h := newTestHeap(b, 512<<10)
	b.Run("Cell32", func(b *testing.B) { // the collector is not counted
		for b.Loop() {
			if h.alloc(32, objBlob) == 0 {
				b.StopTimer()
				h.finishCycle()
				b.StartTimer()
			}
		}
	})
	h = newTestHeap(b, 1<<30)
	b.Run("CellFreeCell", func(b *testing.B) {
		for b.Loop() {
			h.freeCell(h.alloc(32, objBlob))
		}
	})
	b.Run("Blob128", func(b *testing.B) {
		for b.Loop() {
			h.freeBlob(h.allocBlob(128), 128)
		}
	})
	b.Run("Large64K", func(b *testing.B) {
		for b.Loop() {
			h.freeBlob(h.allocBlob(64<<10), 64<<10)
		}
	})
	b.Run("Cell32Collected", func(b *testing.B) {
		for b.Loop() {
			h.alloc(32, objBlob)
			if h.debt() > 0 {
				h.gcStep()
			}
		}
	})
	b.Run("NewHeap", func(b *testing.B) {
		for b.Loop() {
			h := new(heap)
			if err := h.init(512 << 20); err != nil {
				b.Fatal(err)
			}
			h.free()
		}
	})
}
