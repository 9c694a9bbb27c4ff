package lua

import (
	"fmt"
	"math"
	"unsafe"
)

// check verifies everything that the allocator, the string table, the tables
// and the collector rely on, and returns the first fault. It is for tests: it
// looks at the whole arena and allocates on Go's heap.
func (h *heap) check() error {
	c := &checker{h: h, cells: map[ref]cellInfo{}}
	for _, f := range []func() error{c.runs, c.bins, c.lists, c.objects, c.strings, c.roots} {
		if err := f(); err != nil {
			return err
		}
	}
	return nil
}

type cellInfo struct {
	size uint32
	kind uint8
}

type checker struct {
	h       *heap
	cells   map[ref]cellInfo // cells in use
	free    map[uint32]bool  // free runs
	spans   map[uint32]bool
	special [2]map[uint32]bool // runs of userdata, of threads
	used    int64
	strs    uint32
	owners  map[ref]ref // threads by their open upvalues, for owner
}

func kindOfClass(class uint8) uint8 { return class / classCount }

// runs checks that the runs of pages tile the arena and collects the cells.
func (c *checker) runs() error {
	h, a := c.h, &c.h.root.mem
	c.free, c.spans = map[uint32]bool{}, map[uint32]bool{}
	c.special = [2]map[uint32]bool{{}, {}}
	sweepFound := h.root.gc.sweepAt == 0 || h.root.gc.sweepAt == a.top
	lastFree := false
	dirty := uint32(0)
	for i := a.firstPage; i < a.top; {
		p := h.page(i)
		if p.pages == 0 || i+p.pages > a.top {
			return fmt.Errorf("page %d: run of %d pages", i, p.pages)
		}
		if i == h.root.gc.sweepAt {
			sweepFound = true
		}
		isFree := p.state == pageFree
		switch p.state {
		case pageFree:
			if lastFree {
				return fmt.Errorf("page %d: two free runs in a row", i)
			}
			if last := h.page(i + p.pages - 1); last.state != pageFree || last.pages != p.pages {
				return fmt.Errorf("page %d: end of free run is wrong", i)
			}
			if p.dirty {
				dirty += p.pages - p.after
			}
			c.free[i] = true
		case pageSpan:
			if err := c.span(i); err != nil {
				return err
			}
		case pageLarge:
			if p.class >= kindThread {
				return fmt.Errorf("page %d: large cell of kind %d", i, p.class)
			}
			if last := h.page(i + p.pages - 1); p.pages > 1 && last.state != pageInside {
				return fmt.Errorf("page %d: end of large cell has state %d", i, last.state)
			}
			c.cells[i<<pageRefShift] = cellInfo{p.pages << pageShift, p.class}
			c.used += int64(p.pages) << pageShift
			if p.class == kindUserdata {
				c.special[0][i] = true
			}
		default:
			return fmt.Errorf("page %d: state %d begins a run", i, p.state)
		}
		lastFree = isFree
		i += p.pages
	}
	if !sweepFound {
		return fmt.Errorf("sweep position %d is not the beginning of a run", h.root.gc.sweepAt)
	}
	if dirty != a.dirtyPages {
		return fmt.Errorf("%d dirty pages, counted as %d", dirty, a.dirtyPages)
	}
	c.used += int64(h.root.strings.size) * 8
	if c.used != h.used() {
		return fmt.Errorf("cells have %d bytes, used is %d", c.used, h.used())
	}
	if a.debtMax != h.limit-a.debtBase {
		return fmt.Errorf("debtMax %d doesn't fit limit %d and base %d", a.debtMax, h.limit, a.debtBase)
	}
	return nil
}

// span checks the free list of a span and enters its other cells.
func (c *checker) span(i uint32) error {
	h := c.h
	p := h.page(i)
	if p.class >= allClasses {
		return fmt.Errorf("span %d: class %d", i, p.class)
	}
	cl := &h.root.mem.classes[p.class]
	kind := kindOfClass(p.class)
	words := cl.size >> 3
	n := p.pages << pageShift / cl.size
	if p.pages != classPages(cl.size) || uint32(p.carved) > n {
		return fmt.Errorf("span %d: %d pages, %d of %d cells", i, p.pages, p.carved, n)
	}
	for k := uint32(1); k < p.pages; k++ {
		if q := h.page(i + k); q.state != pageInside || q.pages != k {
			return fmt.Errorf("span %d: page %d of it is wrong", i, k)
		}
	}
	first := i << pageRefShift
	list := p.free
	if i == cl.cur {
		if p.free != 0 || p.nfree != 0 || p.listed {
			return fmt.Errorf("span %d: current, but has a list", i)
		}
		list = cl.free
	}
	free := map[ref]bool{}
	for r := list; r != 0; r = nextFree(h.ptr(r)) {
		off := r - first
		if r < first || off%words != 0 || off/words >= uint32(p.carved) || free[r] {
			return fmt.Errorf("span %d: free list has %#x", i, r)
		}
		if h.header(r).typ != objFree {
			return fmt.Errorf("span %d: free cell %#x has type %d", i, r, h.header(r).typ)
		}
		free[r] = true
	}
	if i != cl.cur {
		if int(p.nfree) != len(free) {
			return fmt.Errorf("span %d: %d cells free, counted as %d", i, len(free), p.nfree)
		}
		if room := len(free) > 0 || uint32(p.carved) < n; room != p.listed {
			return fmt.Errorf("span %d: room %v, listed %v", i, room, p.listed)
		}
		if len(free) == int(p.carved) {
			return fmt.Errorf("span %d: empty, not released", i)
		}
	}
	for k := range uint32(p.carved) {
		r := first + k*words
		if free[r] {
			continue
		}
		if kind != kindBlob && h.header(r).typ == objFree {
			return fmt.Errorf("span %d: cell %#x is free, but not on the list", i, r)
		}
		c.cells[r] = cellInfo{cl.size, kind}
		c.used += int64(cl.size)
	}
	c.spans[i] = true
	switch kind {
	case kindUserdata:
		c.special[0][i] = true
	case kindThread:
		c.special[1][i] = true
	}
	return nil
}

// bins checks that the bins hold just the free runs.
func (c *checker) bins() error {
	h, a := c.h, &c.h.root.mem
	n := 0
	for b, i := range a.bins {
		if (i != 0) != (a.binMap[b>>6]>>(b&63)&1 != 0) {
			return fmt.Errorf("bin %d: map is wrong", b)
		}
		for prev := uint32(0); i != 0; prev, i = i, h.page(i).next {
			if !c.free[i] {
				return fmt.Errorf("bin %d: %d is no free run", b, i)
			}
			if prev != 0 && h.page(i).prev != prev {
				return fmt.Errorf("bin %d: run %d has a wrong predecessor", b, i)
			}
			if binOf(h.page(i).pages) != uint32(b) {
				return fmt.Errorf("bin %d: run %d has %d pages", b, i, h.page(i).pages)
			}
			n++
		}
	}
	if n != len(c.free) {
		return fmt.Errorf("%d free runs, %d in bins", len(c.free), n)
	}
	return nil
}

// lists checks the rings of the classes and the lists of special spans.
func (c *checker) lists() error {
	h, a := c.h, &c.h.root.mem
	for class := range a.classes {
		cl := &a.classes[class]
		if cl.cur != 0 && (!c.spans[cl.cur] || int(h.page(cl.cur).class) != class) {
			return fmt.Errorf("class %d: current span %d", class, cl.cur)
		}
		if cl.cur == 0 && cl.free != 0 {
			return fmt.Errorf("class %d: free cells without a span", class)
		}
		n := 0
		if i := cl.list; i != 0 {
			for {
				p := h.page(i)
				if !c.spans[i] || int(p.class) != class || !p.listed || h.page(p.next).prev != i {
					return fmt.Errorf("class %d: list has span %d", class, i)
				}
				n++
				if i = p.next; i == cl.list {
					break
				}
			}
		}
		for i := range c.spans {
			if p := h.page(i); int(p.class) == class && p.listed {
				n--
			}
		}
		if n != 0 {
			return fmt.Errorf("class %d: list and marks of spans differ by %d", class, n)
		}
	}
	for k, head := range a.spans {
		n := 0
		for i, before := head, uint32(0); i != 0; i, before = h.page(i).after, i {
			if !c.special[k][i] || h.page(i).before != before {
				return fmt.Errorf("special list %d has %d", k, i)
			}
			n++
		}
		if n != len(c.special[k]) {
			return fmt.Errorf("special list %d has %d runs of %d", k, n, len(c.special[k]))
		}
	}
	return nil
}

// dead tells whether the sweep will free the object.
func (c *checker) dead(o *objHeader) bool {
	return o.gc&(uint8(c.h.root.mem.white)^gcWhites) != 0 && o.gc&gcFixed == 0
}

func (c *checker) object(r ref, types ...objType) error {
	info, ok := c.cells[r]
	o := c.h.header(r)
	if !ok || info.kind == kindBlob {
		return fmt.Errorf("refers to %#x, which is no object", r)
	}
	for _, t := range types {
		if o.typ == t {
			if c.dead(o) {
				return fmt.Errorf("refers to a dead object, %#x of type %d", r, t)
			}
			return nil
		}
	}
	return fmt.Errorf("refers to %#x of type %d", r, o.typ)
}

func (c *checker) optional(r ref, types ...objType) error {
	if r == 0 {
		return nil
	}
	return c.object(r, types...)
}

func (c *checker) value(v Value) error {
	switch v >> tagShift {
	case tagObject:
		return c.object(ref(v), objUserdata, objThread, objProto)
	case tagFunction:
		return c.object(ref(v), objLua, objBuiltin)
	case tagTable:
		return c.object(ref(v), objTable)
	case tagString:
		return c.object(ref(v), objString)
	}
	if v.isNumber() || v.IsLight() || v == True || v == False || v == Nil {
		return nil
	}
	return fmt.Errorf("holds %#x", uint64(v))
}

func (c *checker) blob(r ref, size uint32) error {
	info, ok := c.cells[r]
	if !ok || info.kind != kindBlob || info.size < size {
		return fmt.Errorf("blob %#x of %d bytes is a cell of %d, kind %d", r, size, info.size, info.kind)
	}
	return nil
}

// objects checks every object and that what it refers to exists.
func (c *checker) objects() error {
	for r, info := range c.cells {
		if info.kind == kindBlob {
			continue
		}
		o := c.h.header(r)
		if o.gc&gcWhites == gcWhites || o.gc&gcWhites != 0 && o.gc&gcBlack != 0 {
			return fmt.Errorf("object %#x of type %d: colour %#x", r, o.typ, o.gc)
		}
		if o.typ == objString {
			c.strs++
		}
		if c.dead(o) {
			if p := c.h.root.gc.phase; p != gcPhaseSweep && p != gcPhaseSweepThreads {
				return fmt.Errorf("object %#x of type %d is dead in phase %d", r, o.typ, p)
			}
			continue
		}
		if (o.typ == objThread) != (info.kind == kindThread) || (o.typ == objUserdata) != (info.kind == kindUserdata) {
			return fmt.Errorf("object %#x of type %d: cell of kind %d", r, o.typ, info.kind)
		}
		if err := c.fields(r, o); err != nil {
			return fmt.Errorf("object %#x of type %d, colour %#x: %w", r, o.typ, o.gc, err)
		}
		if c.h.root.gc.phase == gcPhaseMark && o.gc&gcBlack != 0 {
			if err := c.black(r, o); err != nil {
				return fmt.Errorf("object %#x of type %d: %w", r, o.typ, err)
			}
		}
	}
	return nil
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *checker) fields(r ref, o *objHeader) error {
	h := c.h
	switch o.typ {
	case objString, objBlob:
		return nil
	case objTable:
		return c.table(h.table(r))
	case objLua:
		f := h.closure(r)
		for i := range uint32(f.nup) {
			if err := c.optional(*h.refAt(r+closureHead/8, i), objUpval); err != nil {
				return err
			}
		}
		return firstError(c.optional(f.env, objTable), c.optional(f.proto, objProto))
	case objBuiltin:
		f := h.builtin(r)
		for _, v := range h.values(r+builtinHead/8, uint32(f.nup)) {
			if err := c.value(v); err != nil {
				return err
			}
		}
		return c.optional(f.env, objTable)
	case objUpval:
		u := h.upval(r)
		return c.value(*h.value(u.loc, 0))
	case objProto:
		p := h.proto(r)
		for _, v := range h.values(r+protoHead/8, p.nconst) {
			if err := c.value(v); err != nil {
				return err
			}
		}
		return c.optional(p.source, objString)
	case objThread:
		th := h.thread(r)
		if th.top > th.size {
			return fmt.Errorf("top %d of %d", th.top, th.size)
		}
		for _, v := range h.values(th.stack, th.top) {
			if err := c.value(v); err != nil {
				return err
			}
		}
		last := ^ref(0)
		for u := th.open; u != 0; u = h.upval(u).next {
			if err := c.object(u, objUpval); err != nil {
				return err
			}
			loc := h.upval(u).loc
			if loc >= last || loc < th.stack || loc >= th.stack+th.size {
				return fmt.Errorf("open upvalue at %#x", loc)
			}
			last = loc
		}
		return firstError(c.optional(th.env, objTable), c.optional(th.parent, objThread), c.blob(th.stack, th.size*8))
	case objUserdata:
		u := h.userdata(r)
		return firstError(c.optional(u.meta, objTable), c.optional(u.env, objTable))
	}
	return fmt.Errorf("unknown type")
}

func (c *checker) table(t *tableObj) error {
	h := c.h
	if err := c.optional(t.meta, objTable); err != nil {
		return err
	}
	if (t.asize == 0) != (t.arr == 0) {
		return fmt.Errorf("asize %d, array %#x", t.asize, t.arr)
	}
	if t.asize != 0 {
		if err := c.blob(t.arr, t.asize*8); err != nil {
			return err
		}
		for _, v := range h.values(t.arr, t.asize) {
			if err := c.value(v); err != nil {
				return err
			}
		}
	}
	if t.mask == 0 {
		if t.node != h.root.emptyNode || *h.nodeAt(t.node, 0) != (node{Nil, Nil}) || t.used != 0 {
			return fmt.Errorf("empty hash part at %#x, %d used", t.node, t.used)
		}
		return nil
	}
	if err := c.blob(t.node, (t.mask+1)*16); err != nil {
		return err
	}
	used := uint32(0)
	for i, n := range h.nodes(t.node, t.mask+1) {
		if n.key == Nil {
			if n.val != Nil {
				return fmt.Errorf("node %d: value without a key", i)
			}
			continue
		}
		used++
		if n.val == Nil {
			continue // the key may be gone
		}
		if err := firstError(c.value(n.key), c.value(n.val)); err != nil {
			return fmt.Errorf("node %d: %w", i, err)
		}
		if n.key.isNumber() {
			if _, ok := arrayIndex(n.key, t.asize); ok || n.key == nanBits || n.key == Value(math.Float64bits(math.Copysign(0, -1))) {
				return fmt.Errorf("node %d: key %v", i, n.key.float())
			}
		}
		if j, ok := h.findNode(t, n.key, h.hashAny(n.key)); !ok || j != uint32(i) {
			return fmt.Errorf("node %d: its key is found at %d, %v", i, j, ok)
		}
	}
	if used != t.used || used > nodeMax(t.mask) {
		return fmt.Errorf("%d keys, counted as %d, of %d nodes", used, t.used, t.mask+1)
	}
	return nil
}

// black checks that a black object refers to no white one while marking.
func (c *checker) black(r ref, o *objHeader) error {
	h := c.h
	white := func(x ref) error {
		if x != 0 && h.header(x).gc&gcWhites != 0 {
			return fmt.Errorf("black, but refers to white %#x of type %d", x, h.header(x).typ)
		}
		return nil
	}
	whites := func(vs []Value) error {
		for _, v := range vs {
			if v.isRef() {
				if err := white(ref(v)); err != nil {
					return err
				}
			}
		}
		return nil
	}
	switch o.typ {
	case objTable:
		t := h.table(r)
		if err := white(t.meta); err != nil {
			return err
		}
		if t.large() || o.gc&gcWeak != 0 {
			return nil // parts may be waiting; entries may be white
		}
		if err := whites(h.values(t.arr, t.asize)); err != nil {
			return err
		}
		for _, n := range h.nodes(t.node, t.mask+1) {
			if n.val != Nil {
				if err := whites([]Value{n.key, n.val}); err != nil {
					return err
				}
			}
		}
	case objLua:
		f := h.closure(r)
		for i := range uint32(f.nup) {
			if err := white(*h.refAt(r+closureHead/8, i)); err != nil {
				return err
			}
		}
		return firstError(white(f.env), white(f.proto))
	case objBuiltin:
		f := h.builtin(r)
		return firstError(white(f.env), whites(h.values(r+builtinHead/8, uint32(f.nup))))
	case objUpval:
		if th := c.owner(r); th != 0 && (th == h.root.curThread || h.header(th).gc&(gcWhites|gcBlack) == 0) {
			return nil // the slot is seen when its thread is scanned
		}
		return whites(h.values(h.upval(r).loc, 1))
	case objUserdata:
		u := h.userdata(r)
		return firstError(white(u.meta), white(u.env))
	}
	return nil
}

// owner is the thread in whose stack the open upvalue r is; 0 if r is closed.
func (c *checker) owner(r ref) ref {
	if c.h.upval(r).loc == r+upvalClosed {
		return 0
	}
	if c.owners == nil {
		c.owners = map[ref]ref{}
		for t, info := range c.cells {
			if info.kind != kindThread {
				continue
			}
			for u := c.h.thread(t).open; u != 0; u = c.h.upval(u).next {
				c.owners[u] = t
			}
		}
	}
	return c.owners[r]
}

// strings checks the string table: every string is in the chain of its hash.
func (c *checker) strings() error {
	h, st := c.h, &c.h.root.strings
	n := st.mask + 1 + st.split
	if n > st.size || n+stringTableMin < st.size || st.split > st.mask || st.size > st.dirty || st.dirty > h.headsMax {
		return fmt.Errorf("string table: mask %#x, split %d, size %d, dirty %d", st.mask, st.split, st.size, st.dirty)
	}
	for i := n; i < st.dirty; i++ {
		if *h.chainHead(i) != 0 {
			return fmt.Errorf("string table: chain %d of %d is not empty", i, n)
		}
	}
	count := uint32(0)
	for i := range n {
		for r := ref(*h.chainHead(i)); r != 0; r = h.str(r).next {
			if info, ok := c.cells[r]; !ok || info.kind != kindObject || h.header(r).typ != objString {
				return fmt.Errorf("string table: chain %d has %#x", i, r)
			}
			b := h.strBytes(r)
			s := h.str(r)
			if hash := h.hash(unsafe.Pointer(unsafe.SliceData(b)), uintptr(len(b))); hash != s.hash || st.chain(hash) != i || *h.chainHead(i)&filterBit(hash) == 0 {
				return fmt.Errorf("string %#x: hash %#x, not %#x, in chain %d", r, s.hash, hash, i)
			}
			if count++; count > st.count {
				return fmt.Errorf("string table: more than %d strings", st.count)
			}
		}
	}
	if count != st.count || count != c.strs {
		return fmt.Errorf("string table: %d strings, counted as %d, of %d", count, st.count, c.strs)
	}
	return nil
}

func (c *checker) roots() error {
	root := c.h.root
	err := firstError(c.optional(root.registry, objTable), c.optional(root.globals, objTable),
		c.optional(root.mainThread, objThread), c.optional(root.curThread, objThread),
		c.optional(root.strMeta, objTable), c.optional(root.pins, objTable), c.value(root.errValue))
	for _, r := range c.h.finalize {
		err = firstError(err, c.object(r, objUserdata))
	}
	if err != nil {
		return fmt.Errorf("roots: %w", err)
	}
	return nil
}
