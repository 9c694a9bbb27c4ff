package lua

import (
	"fmt"
	"math/bits"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The arena, from its start:
//
//	page 0            rootBlock
//	page 1 ...        page table, one pageInfo a page; touched as the arena grows
//	firstPage ...     runs of pages, each one of
//	                    a span: cells of one size class and kind
//	                    a large cell: one object or blob of more than cellMax bytes
//	                    a free run
//	top               nothing was ever there
//
// Behind it, out of any ref's reach, are the heads of the string table.
//
// Cells of objects and of blobs never share a span: the sweep reads the header
// of every cell of an object span, and blobs, which their owners free, need no
// header. Threads and userdata have spans of their own because the collector
// must find the dead ones before it frees anything else.
const (
	pageShift    = 14
	pageSize     = 1 << pageShift
	pageRefShift = pageShift - 3 // from ref to page index
	pageTable    = pageSize      // offset of the page table

	reserveMax   = 32 << 30
	reserveGuard = 1 << 16 // the struct at the last ref still lies in the reservation

	cellMax    = 32 << 10 // bytes of the largest cell in a span
	classCount = 43
	kindCount  = 3
	allClasses = classCount*kindCount + 1
	carveBytes = 2048    // fresh memory is put on a free list in pieces of this size
	discardMin = 4 << 20 // bytes of a freed run that goes back to the kernel at once
	trimPages  = 32      // pages given back in one step
)

// Kinds of cells: the class numbers of a kind begin at kind*classCount.
const (
	kindObject = iota
	kindBlob
	kindUserdata
	kindThread // has one class only

	threadClass = kindThread * classCount
)

// classBytes are the cell sizes: multiples of 8, at most a quarter apart.
var classBytes = [classCount]uint32{
	16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512,
	640, 768, 896, 1024, 1280, 1536, 1792, 2048, 2560, 3072, 3584, 4096, 5120, 6144, 7168, 8192,
	10240, 12288, 14336, 16384, 20480, 24576, 28672, 32768,
}

// smallClass is the class of sizes up to smallClassMax, by size in words.
const smallClassMax = 1024

var smallClass = func() (t [smallClassMax/8 + 1]uint8) {
	c := uint8(0)
	for i := range t {
		for uint32(i)*8 > classBytes[c] {
			c++
		}
		t[i] = c
	}
	return t
}()

// classOf is the class for n bytes, n <= cellMax.
func classOf(n uint32) uint32 {
	if n <= smallClassMax {
		return uint32(smallClass[(n+7)>>3])
	}
	// From 1024 on each doubling has four steps; class 22 is 1024.
	l := uint32(bits.Len32(n-1)) - 1 // 2^l < n <= 2^(l+1)
	return 22 + (l-10)*4 + (n-1)>>(l-2) - 3
}

// classPages is how many pages a span of cells of n bytes has; at most an
// eighth of it is left over.
func classPages(n uint32) uint32 {
	switch {
	case n <= 4096:
		return 1
	case n <= 8192:
		return 2
	case n <= 16384:
		return 4
	}
	return 8
}

// arenaState is the allocator's part of the root block.
type arenaState struct {
	debt     int64 // bytes handed out since the collector was content; > 0: it is to run
	debtBase int64 // used bytes = debtBase + debt
	debtMax  int64 // debt at the memory limit
	white    uint64

	top        uint32 // first page that was never used
	pageLimit  uint32 // pages of the reservation
	firstPage  uint32
	dirtyPages uint32 // pages of free runs that may hold memory
	spans      [2]uint32

	binMap  [binWords]uint64 // which bins of free runs are not empty
	bins    [binCount]uint32
	classes [256]classState
}

// classState is where cells of one class come from.
type classState struct {
	free ref    // free cells of the current span
	size uint32 // bytes of a cell
	cur  uint32 // current span, 0 none
	list uint32 // other spans with free or fresh cells: a ring, oldest first
}

// States of a page that begins a run; others are pageInside, or stale within
// large and free runs except for the last page.
const (
	pageFree = iota
	pageSpan
	pageLarge
	pageInside
)

// pageInfo describes a run of pages in the entry of its first page. The last
// page of a free run has its state and size too, and those of a span know how
// far the first is.
type pageInfo struct {
	state  uint8
	class  uint8 // of a span; of a large cell the kind
	dirty  bool  // free run: may hold memory
	listed bool  // span: on its class's list
	pages  uint32
	free   ref    // span: free cells, unless current
	nfree  uint16 // span: how many those are
	carved uint16 // span: cells that have ever been on a free list
	next   uint32 // ring of the class, or bin of free runs
	prev   uint32
	after  uint32 // list of all spans of threads or of userdata; dirty free run: pages given back
	before uint32
}

const pageInfoSize = unsafe.Sizeof(pageInfo{})

// Free runs are kept in bins by size: exact below 16 pages, eight bins for each
// doubling above.
const (
	binExact = 16
	binCount = binExact + 8*18
	binWords = (binCount + 63) / 64
)

// binOf is the bin that holds free runs of n pages.
func binOf(n uint32) uint32 {
	if n < binExact {
		return n
	}
	l := uint32(bits.Len32(n)) - 1
	return binExact + (l-4)*8 + n>>(l-3)&7
}

// binFor is the first bin all of whose runs have at least n pages.
func binFor(n uint32) uint32 {
	if n < binExact {
		return n
	}
	l := uint32(bits.Len32(n)) - 1
	return binOf(n + 1<<(l-3) - 1)
}

// reserve maps address space for the arena: 32 GiB and a guard, so that
// whatever a ref says it points into it, of which size bytes can be used. What
// follows are the heads of a string table, one for 128 bytes: strings are longer on
// average, or share chains.
func (h *heap) reserve(size uintptr) error {
	const flags = unix.MAP_PRIVATE | unix.MAP_ANON | unix.MAP_NORESERVE
	heads := (size/16 + pageSize - 1) &^ (pageSize - 1)
	length := uintptr(reserveMax + reserveGuard)
	mem, err := unix.MmapPtr(-1, 0, nil, length+heads, unix.PROT_NONE, flags)
	if err != nil {
		// An address space limit: take what is needed alone.
		length = size + reserveGuard
		if mem, err = unix.MmapPtr(-1, 0, nil, length+heads, unix.PROT_NONE, flags); err != nil {
			return fmt.Errorf("lua: reserving %d MiB of address space: %w", (length+heads)>>20, err)
		}
	}
	h.mem, h.size, h.mapped = mem, size, length+heads
	h.heads, h.headsMax = unsafe.Add(mem, length), uint32(heads/8)
	for _, part := range [][]byte{unsafe.Slice((*byte)(mem), size), unsafe.Slice((*byte)(h.heads), heads)} {
		if err := unix.Mprotect(part, unix.PROT_READ|unix.PROT_WRITE); err != nil {
			unix.MunmapPtr(mem, length+heads)
			return fmt.Errorf("lua: mapping %d MiB: %w", len(part)>>20, err)
		}
	}
	h.root = (*rootBlock)(mem)
	return nil
}

// initArena lays out an empty arena.
func (h *heap) initArena() {
	a := &h.root.mem
	a.pageLimit = uint32(h.size >> pageShift)
	table := uintptr(a.pageLimit) * pageInfoSize
	a.firstPage = 1 + uint32((table+pageSize-1)>>pageShift)
	a.top = a.firstPage
	for kind := range uint32(kindCount) {
		for c, n := range classBytes {
			a.classes[kind*classCount+uint32(c)].size = n
		}
	}
	a.classes[threadClass].size = classBytes[classOf(uint32(unsafe.Sizeof(threadObj{})))]
	a.white = gcWhite0
}

// alloc makes an object of size bytes, in the current white. Its first word is
// set, the rest holds anything. It returns 0 at the memory limit.
func (h *heap) alloc(size uint32, typ objType) ref {
	if size > smallClassMax {
		return h.allocMore(size, kindObject, typ)
	}
	// This is allocCell again, to save a call.
	class := smallClass[(size+7)>>3]
	a := &h.root.mem
	c := &a.classes[class]
	r := c.free
	debt := a.debt + int64(c.size)
	if r == 0 || debt > a.debtMax {
		return h.allocRefill(class, typ)
	}
	p := h.ptr(r)
	c.free = nextFree(p)
	a.debt = debt
	*(*uint64)(p) = uint64(typ) | a.white<<8
	return r
}

// allocCell takes a cell of a class.
func (h *heap) allocCell(class uint8, typ objType) ref {
	a := &h.root.mem
	c := &a.classes[class]
	r := c.free
	debt := a.debt + int64(c.size)
	if r == 0 || debt > a.debtMax {
		return h.allocRefill(class, typ)
	}
	p := h.ptr(r)
	c.free = nextFree(p)
	a.debt = debt
	*(*uint64)(p) = uint64(typ) | a.white<<8
	return r
}

// allocRefill is allocCell when the free list is empty or the limit is near.
func (h *heap) allocRefill(class uint8, typ objType) ref {
	a := &h.root.mem
	c := &a.classes[class]
	if a.debt+int64(c.size) > a.debtMax {
		h.wanted = int64(c.size)
		return 0
	}
	if c.free == 0 && !h.refill(uint32(class)) {
		return 0
	}
	return h.allocCell(class, typ)
}

// allocMore allocates what needs a class computed or pages of its own.
func (h *heap) allocMore(size uint32, kind uint32, typ objType) ref {
	if size <= cellMax {
		return h.allocCell(uint8(kind*classCount+classOf(size)), typ)
	}
	r := h.allocLarge(size, kind)
	if r != 0 {
		setHeader(h.ptr(r), typ, uint8(h.root.mem.white))
	}
	return r
}

// allocLarge takes whole pages for one cell.
func (h *heap) allocLarge(size, kind uint32) ref {
	a := &h.root.mem
	n := (uint64(size) + pageSize - 1) >> pageShift
	debt := a.debt + int64(n<<pageShift)
	if debt > a.debtMax {
		h.wanted = int64(n << pageShift)
		return 0
	}
	first := h.allocPages(uint32(n))
	if first == 0 {
		return 0
	}
	p := h.page(first)
	*p = pageInfo{state: pageLarge, class: uint8(kind), pages: uint32(n)}
	if n > 1 {
		*h.page(first + uint32(n) - 1) = pageInfo{state: pageInside, pages: uint32(n) - 1}
	}
	if kind == kindUserdata {
		h.linkSpan(first, 0)
	}
	a.debt = debt
	return first << pageRefShift
}

// allocBlob takes size bytes without a header, with any content; 0 at the
// memory limit. The owner gives it back with freeBlob.
func (h *heap) allocBlob(size uint32) ref {
	if size <= smallClassMax {
		return h.allocCell(kindBlob*classCount+smallClass[(size+7)>>3], objBlob)
	}
	if size <= cellMax {
		return h.allocCell(uint8(kindBlob*classCount+classOf(size)), objBlob)
	}
	return h.allocLarge(size, kindBlob)
}

// freeBlob gives a blob of size bytes back.
func (h *heap) freeBlob(r ref, size uint32) {
	if r == 0 {
		return
	}
	if size > cellMax {
		h.freeLarge(r)
		return
	}
	h.freeCell(r)
}

// freeAny frees a blob whose size only the page table knows.
func (h *heap) freeAny(r ref) {
	if r == 0 {
		return
	}
	if h.page(r>>pageRefShift).state == pageLarge {
		h.freeLarge(r)
		return
	}
	h.freeCell(r)
}

// blobSize rounds size up to what allocBlob takes for it.
func blobSize(size uint32) uint32 {
	if size <= cellMax {
		return classBytes[classOf(size)]
	}
	return (size + pageSize - 1) &^ (pageSize - 1)
}

// spanOf is the first page of the span that r lies in.
func (h *heap) spanOf(r ref) uint32 {
	i := r >> pageRefShift
	if p := h.page(i); p.state == pageInside {
		i -= p.pages
	}
	return i
}

// freeCell puts a cell back on the free list of its span.
func (h *heap) freeCell(r ref) {
	a := &h.root.mem
	i := h.spanOf(r)
	p := h.page(i)
	c := &a.classes[p.class]
	a.debt -= int64(c.size)
	if poison {
		h.fillPoison(r, uintptr(c.size))
	}
	if i == c.cur {
		*(*uint64)(h.ptr(r)) = freeLink(c.free)
		c.free = r
		return
	}
	*(*uint64)(h.ptr(r)) = freeLink(p.free)
	p.free = r
	p.nfree++
	if p.nfree == p.carved {
		h.releaseSpan(i)
	} else if !p.listed {
		h.listSpan(i)
	}
}

// freeLarge gives the pages of a large cell back.
func (h *heap) freeLarge(r ref) {
	i := r >> pageRefShift
	p := h.page(i)
	n := p.pages
	h.root.mem.debt -= int64(n) << pageShift
	if p.class == kindUserdata {
		h.unlinkSpan(i, 0)
	}
	h.freePages(i, n, true)
}

// refill puts cells on the free list of a class: fresh ones of the current
// span, or those of another span, or of a new one. False: no pages are left.
func (h *heap) refill(class uint32) bool {
	a := &h.root.mem
	c := &a.classes[class&255]
	for {
		if c.cur != 0 {
			p := h.page(c.cur)
			n := p.pages << pageShift / c.size
			if fresh := n - uint32(p.carved); fresh > 0 {
				h.carve(c, p, min(fresh, max(1, carveBytes/c.size)))
				return true
			}
			c.cur = 0
		}
		if c.list != 0 {
			i := c.list
			h.unlistSpan(i)
			p := h.page(i)
			c.cur, c.free = i, p.free
			p.free, p.nfree = 0, 0
			if c.free != 0 {
				return true
			}
			continue
		}
		n := classPages(c.size)
		i := h.allocPages(n)
		if i == 0 {
			return false
		}
		*h.page(i) = pageInfo{state: pageSpan, class: uint8(class), pages: n}
		for k := uint32(1); k < n; k++ {
			*h.page(i + k) = pageInfo{state: pageInside, pages: k}
		}
		switch {
		case class == threadClass:
			h.linkSpan(i, 1)
		case class >= kindUserdata*classCount:
			h.linkSpan(i, 0)
		}
		c.cur = i
	}
}

// carve makes the next n fresh cells of the current span its free list.
func (h *heap) carve(c *classState, p *pageInfo, n uint32) {
	words := c.size >> 3
	first := c.cur<<pageRefShift + uint32(p.carved)*words
	last := first + (n-1)*words
	for r := first; r < last; r += words {
		*(*uint64)(h.ptr(r)) = freeLink(r + words)
		if poison {
			h.fillPoison(r, uintptr(c.size))
		}
	}
	*(*uint64)(h.ptr(last)) = freeLink(0)
	if poison {
		h.fillPoison(last, uintptr(c.size))
	}
	p.carved += uint16(n)
	c.free = first
}

// listSpan appends span i to the ring of its class.
func (h *heap) listSpan(i uint32) {
	p := h.page(i)
	c := &h.root.mem.classes[p.class]
	p.listed = true
	if c.list == 0 {
		c.list, p.next, p.prev = i, i, i
		return
	}
	head := h.page(c.list)
	p.next, p.prev = c.list, head.prev
	h.page(head.prev).next = i
	head.prev = i
}

// unlistSpan takes span i off the ring of its class.
func (h *heap) unlistSpan(i uint32) {
	p := h.page(i)
	c := &h.root.mem.classes[p.class]
	p.listed = false
	if p.next == i {
		c.list = 0
		return
	}
	h.page(p.next).prev, h.page(p.prev).next = p.prev, p.next
	if c.list == i {
		c.list = p.next
	}
}

// linkSpan puts a run on the list of all that hold userdata (0) or threads (1).
func (h *heap) linkSpan(i, which uint32) {
	a := &h.root.mem
	p := h.page(i)
	p.before, p.after = 0, a.spans[which]
	if p.after != 0 {
		h.page(p.after).before = i
	}
	a.spans[which] = i
}

func (h *heap) unlinkSpan(i, which uint32) {
	p := h.page(i)
	if p.after != 0 {
		h.page(p.after).before = p.before
	}
	if p.before != 0 {
		h.page(p.before).after = p.after
	} else {
		h.root.mem.spans[which] = p.after
	}
}

// releaseSpan gives the pages of a span without live cells back. It must not
// be its class's current one.
func (h *heap) releaseSpan(i uint32) {
	p := h.page(i)
	if p.listed {
		h.unlistSpan(i)
	}
	switch {
	case uint32(p.class) == threadClass:
		h.unlinkSpan(i, 1)
	case uint32(p.class) >= kindUserdata*classCount:
		h.unlinkSpan(i, 0)
	}
	h.freePages(i, p.pages, true)
}

// allocPages finds n pages in a row and returns the first, or 0. The caller
// writes their pageInfo.
func (h *heap) allocPages(n uint32) uint32 {
	a := &h.root.mem
	b := binFor(n)
	for w := b >> 6; w < binWords; w++ {
		m := a.binMap[w]
		if w == b>>6 {
			m &= ^uint64(0) << (b & 63)
		}
		if m != 0 {
			return h.takeRun(a.bins[w<<6+uint32(bits.TrailingZeros64(m))], n)
		}
	}
	if a.pageLimit-a.top >= n {
		i := a.top
		a.top += n
		return i
	}
	// The bin below may still have a run that is just long enough.
	for i := a.bins[binOf(n)]; i != 0; i = h.page(i).next {
		if h.page(i).pages >= n {
			return h.takeRun(i, n)
		}
	}
	return 0
}

// takeRun cuts n pages off the free run i.
func (h *heap) takeRun(i, n uint32) uint32 {
	p := h.page(i)
	pages, dirty := p.pages, p.dirty
	h.unbin(i)
	if pages > n {
		h.bin(i+n, pages-n, dirty)
	}
	return i
}

// bin makes n pages from i a free run.
func (h *heap) bin(i, n uint32, dirty bool) {
	a := &h.root.mem
	if dirty {
		a.dirtyPages += n
	}
	b := binOf(n)
	next := a.bins[b]
	*h.page(i + n - 1) = pageInfo{state: pageFree, pages: n}
	*h.page(i) = pageInfo{state: pageFree, pages: n, dirty: dirty, next: next}
	if next != 0 {
		h.page(next).prev = i
	}
	a.bins[b] = i
	a.binMap[b>>6] |= 1 << (b & 63)
}

func (h *heap) unbin(i uint32) {
	a := &h.root.mem
	p := h.page(i)
	if p.dirty {
		a.dirtyPages -= p.pages - p.after
	}
	if p.next != 0 {
		h.page(p.next).prev = p.prev
	}
	if p.prev != 0 {
		h.page(p.prev).next = p.next
		return
	}
	b := binOf(p.pages)
	a.bins[b] = p.next
	if p.next == 0 {
		a.binMap[b>>6] &^= 1 << (b & 63)
	}
}

// freePages makes n pages from i a free run, together with free neighbours.
func (h *heap) freePages(i, n uint32, dirty bool) {
	a := &h.root.mem
	// What the sweep frees waits for the trim phase, which gives back a little at a time.
	if dirty && n >= discardMin>>pageShift && h.root.gc.phase != gcPhaseSweep {
		discard(h.bytes(i<<pageRefShift, uintptr(n)<<pageShift))
		dirty = false
	}
	start, end := i, i+n
	if start > a.firstPage {
		if p := h.page(start - 1); p.state == pageFree {
			start -= p.pages
			dirty = dirty || h.page(start).dirty
			h.unbin(start)
		}
	}
	if end < a.top {
		if p := h.page(end); p.state == pageFree {
			dirty = dirty || p.dirty
			h.unbin(end)
			end += p.pages
		}
	}
	// The sweep's position must stay the beginning of a run.
	if at := &h.root.gc.sweepAt; *at > start && *at < end {
		*at = end
	}
	h.bin(start, end-start, dirty)
}

// discard gives memory of whole pages back to the kernel.
func discard(b []byte) {
	// Without the advice the memory only stays resident: no error to report.
	unix.Madvise(b, unix.MADV_DONTNEED)
}

// trim gives some dirty free pages back to the kernel, those of large runs
// first. It returns how many those are.
func (h *heap) trim() uint32 {
	a := &h.root.mem
	for b := binCount - 1; b > 0 && a.dirtyPages > 0; b-- {
		for i := a.bins[b]; i != 0; i = h.page(i).next {
			p := h.page(i)
			if !p.dirty {
				continue
			}
			n := min(p.pages-p.after, trimPages)
			discard(h.bytes((i+p.after)<<pageRefShift, uintptr(n)<<pageShift))
			a.dirtyPages -= n
			if p.after += n; p.after == p.pages {
				p.dirty, p.after = false, 0
			}
			return n
		}
	}
	return 0
}
