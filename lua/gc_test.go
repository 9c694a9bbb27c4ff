package lua

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// newTestHeap makes a heap as the VM sets one up.
func newTestHeap(t testing.TB, limit int64) *heap {
	t.Helper()
	h := new(heap)
	if err := h.init(limit); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.free)
	root := h.root
	for i, name := range mmNames {
		root.mmName[i] = h.intern([]byte(name))
		h.str(root.mmName[i]).gc |= gcFixed
	}
	root.globals = h.newTable(0, 0)
	root.mainThread = h.newThread(64)
	root.curThread = root.mainThread
	h.thread(root.mainThread).top = 64
	return h
}

func mustCheck(t testing.TB, h *heap) {
	t.Helper()
	if err := h.check(); err != nil {
		t.Fatal(err)
	}
}

// The model: what the heap should hold, as Go objects.
type modelObj struct {
	r     ref
	typ   objType
	entry map[any]any // of a table
	meta  *modelObj
	weak  uint8
	up    []*modelCell // of a closure
	stack []*modelCell // of a thread; of a builtin its values
	gone  bool         // finalized
}

// modelCell is a variable: a stack slot, or an upvalue that was one.
type modelCell struct {
	val any // nil, float64, bool, string or *modelObj
	up  ref // its upvalue, if there is one
}

type model struct {
	t     *testing.T
	h     *heap
	rnd   *rand.Rand
	main  *modelObj
	metas map[uint8]*modelObj // metatables for weak modes
	gc    *modelObj           // metatable with __gc
	udata []*modelObj
	from  map[*modelObj]*modelObj // how reachable came to an object
}

func newModel(t *testing.T, seed uint64, limit int64) *model {
	h := newTestHeap(t, limit)
	h.threadBarrier = seed%2 == 1
	m := &model{t: t, h: h, rnd: rand.New(rand.NewPCG(seed, 1)), metas: map[uint8]*modelObj{}}
	m.main = &modelObj{r: h.root.mainThread, typ: objThread}
	for range 64 {
		m.main.stack = append(m.main.stack, &modelCell{})
	}
	// The metatables live in the last slots of the main thread.
	for i, mode := range []string{"k", "v", "kv"} {
		mt := m.newTable()
		m.setField(mt, "__mode", mode)
		bits := []uint8{gcWeakKey, gcWeakVal, gcWeak}[i]
		m.metas[bits] = mt
		m.setSlot(m.main, 60+i, mt)
	}
	m.gc = m.newTable()
	m.setField(m.gc, "__gc", true)
	m.setSlot(m.main, 63, m.gc)
	return m
}

func (m *model) value(x any) Value {
	switch x := x.(type) {
	case nil:
		return Nil
	case float64:
		return Number(x)
	case bool:
		return Bool(x)
	case string:
		return stringBits | Value(m.must(m.h.intern([]byte(x))))
	case *modelObj:
		switch x.typ {
		case objTable:
			return tableBits | Value(x.r)
		case objLua, objBuiltin:
			return functionBits | Value(x.r)
		}
		return objectBits | Value(x.r)
	}
	panic(x)
}

func (m *model) must(r ref) ref {
	if r == 0 {
		m.t.Fatal("out of memory")
	}
	return r
}

func (m *model) newTable() *modelObj {
	r := m.must(m.h.newTable(uint32(m.rnd.IntN(8)), uint8(m.rnd.IntN(4))))
	return &modelObj{r: r, typ: objTable, entry: map[any]any{}}
}

func (m *model) setField(t *modelObj, k, v any) {
	if v == nil {
		if t.entry[k] == nil {
			return
		}
		delete(t.entry, k)
	} else {
		t.entry[k] = v
	}
	kv, vv := m.value(k), m.value(v)
	p := m.h.tset(t.r, kv)
	if p == nil {
		m.t.Fatal("out of memory")
	}
	*p = vv
}

func (m *model) slot(th *modelObj, i int) *Value {
	return m.h.value(m.h.thread(th.r).stack, uint32(i))
}

func (m *model) setSlot(th *modelObj, i int, v any) {
	m.h.touchThread(th.r)
	th.stack[i].val = v
	*m.slot(th, i) = m.value(v)
}

// capture returns the upvalue of a slot, as the VM does.
func (m *model) capture(th *modelObj, i int) ref {
	h := m.h
	h.touchThread(th.r)
	o := h.thread(th.r)
	loc := o.stack + uint32(i)
	prev := &o.open
	for *prev != 0 && h.upval(*prev).loc >= loc {
		if h.upval(*prev).loc == loc {
			return *prev
		}
		prev = &h.upval(*prev).next
	}
	r := m.must(h.newUpval())
	u := h.upval(r)
	u.loc, u.next = loc, *prev
	*prev = r
	th.stack[i].up = r
	return r
}

// closeFrom closes the upvalues of slots from i on.
func (m *model) closeFrom(th *modelObj, i int) {
	h := m.h
	o := h.thread(th.r)
	for o.open != 0 && h.upval(o.open).loc >= o.stack+uint32(i) {
		r := o.open
		u := h.upval(r)
		u.closed = *h.value(u.loc, 0)
		u.loc = r + upvalClosed
		o.open, u.next = u.next, 0
		h.barrierUp(r, u.closed)
	}
	for j := i; j < len(th.stack); j++ {
		if c := th.stack[j]; c.up != 0 {
			th.stack[j] = &modelCell{val: c.val}
		}
	}
}

const modelSlots = 48 // of the main thread, for whatever the test does

// object returns a random object that is in a slot.
func (m *model) object(typ objType) *modelObj {
	for range 20 {
		if o, ok := m.main.stack[m.rnd.IntN(modelSlots)].val.(*modelObj); ok && o.typ == typ {
			return o
		}
	}
	return nil
}

func (m *model) scalar() any {
	switch m.rnd.IntN(6) {
	case 0:
		return float64(m.rnd.IntN(40))
	case 1:
		return m.rnd.Float64()
	case 2:
		return m.rnd.IntN(2) == 0
	case 3:
		return fmt.Sprintf("%0*d", m.rnd.IntN(200), m.rnd.IntN(50))
	}
	return fmt.Sprint("s", m.rnd.IntN(200))
}

func (m *model) any() any {
	if m.rnd.IntN(3) == 0 {
		return m.scalar()
	}
	return m.main.stack[m.rnd.IntN(modelSlots)].val
}

// act does one random thing that a program could do.
func (m *model) act() {
	h := m.h
	slot := m.rnd.IntN(modelSlots)
	switch m.rnd.IntN(16) {
	case 0, 1:
		t := m.newTable()
		if m.rnd.IntN(6) == 0 {
			for bits, mt := range m.metas {
				t.weak, t.meta = bits, mt
				h.table(t.r).meta = mt.r
				h.barrierObj(t.r, m.value(mt))
				break
			}
		}
		m.setSlot(m.main, slot, t)
	case 2, 3, 4, 5:
		if t := m.object(objTable); t != nil {
			k, v := m.any(), m.any()
			if k == nil {
				k = "x"
			}
			if m.rnd.IntN(3) == 0 {
				for k2 := range t.entry {
					k, v = k2, nil
					break
				}
				if o, ok := k.(*modelObj); ok && t.weak != 0 && o != nil {
					return // it may be gone
				}
			}
			m.setField(t, k, v)
		}
	case 6, 7:
		if t := m.object(objTable); t != nil && t.weak == 0 {
			for _, v := range t.entry {
				m.setSlot(m.main, slot, v)
				break
			}
		}
	case 8:
		m.setSlot(m.main, slot, m.scalar())
	case 9:
		m.setSlot(m.main, slot, nil)
	case 10: // a closure over slots of a thread
		th := m.main
		if o := m.object(objThread); o != nil && m.rnd.IntN(2) == 0 {
			th = o
		}
		f := &modelObj{typ: objLua}
		var ups []ref
		for range m.rnd.IntN(4) {
			i := m.rnd.IntN(min(len(th.stack), modelSlots))
			ups = append(ups, m.capture(th, i))
			f.up = append(f.up, th.stack[i])
		}
		f.r = m.must(h.newClosure(uint8(len(ups))))
		for i, u := range ups {
			*h.refAt(f.r+closureHead/8, uint32(i)) = u
		}
		h.closure(f.r).env = h.root.globals
		m.setSlot(m.main, slot, f)
	case 11:
		th := m.main
		if o := m.object(objThread); o != nil && m.rnd.IntN(2) == 0 {
			th = o
		}
		m.closeFrom(th, m.rnd.IntN(len(th.stack)))
	case 12: // write through an upvalue
		if f := m.object(objLua); f != nil && len(f.up) > 0 {
			i := m.rnd.IntN(len(f.up))
			v := m.any()
			f.up[i].val = v
			r := *h.refAt(f.r+closureHead/8, uint32(i))
			vv := m.value(v)
			*h.value(h.upval(r).loc, 0) = vv
			h.barrierUp(r, vv)
		}
	case 13:
		n := 1 + m.rnd.IntN(20)
		th := &modelObj{typ: objThread, r: m.must(h.newThread(uint32(n + 10)))}
		h.thread(th.r).top = uint32(n)
		for i := range n {
			th.stack = append(th.stack, &modelCell{})
			m.setSlot(th, i, m.any())
		}
		*h.value(h.thread(th.r).stack, uint32(n+5)) = tableBits | 12345 // stale
		m.setSlot(m.main, slot, th)
		if o := m.object(objThread); o != nil { // another runs
			for i := range o.stack {
				if m.rnd.IntN(2) == 0 {
					m.setSlot(o, i, m.any())
				}
			}
		}
	case 14: // builtin
		n := m.rnd.IntN(5)
		f := &modelObj{typ: objBuiltin, r: m.must(h.newBuiltin(uint8(n)))}
		for i := range n {
			v := m.any()
			f.stack = append(f.stack, &modelCell{val: v})
			*h.value(f.r+builtinHead/8, uint32(i)) = m.value(v)
		}
		m.setSlot(m.main, slot, f)
	case 15:
		u := &modelObj{typ: objUserdata, r: m.must(h.newUserdata(uint32(m.rnd.IntN(64))))}
		if m.rnd.IntN(40) == 0 {
			u.r = m.must(h.newUserdata(40000))
		}
		if m.rnd.IntN(2) == 0 {
			u.meta = m.gc
			h.userdata(u.r).meta = m.gc.r
			m.udata = append(m.udata, u)
		}
		m.setSlot(m.main, slot, u)
	}
}

// reachable is what certainly is reachable, or with possible set, what may be:
// the other half of a weak entry counts if the entry does, or even if it
// doesn't.
func (m *model) reachable(possible bool) map[*modelObj]bool {
	seen := map[*modelObj]bool{}
	m.from = map[*modelObj]*modelObj{}
	var todo []*modelObj
	var at *modelObj
	visit := func(x any) {
		if o, ok := x.(*modelObj); ok && !seen[o] {
			seen[o] = true
			m.from[o] = at
			todo = append(todo, o)
		}
	}
	alive := func(x any) bool {
		o, ok := x.(*modelObj)
		return !ok || seen[o]
	}
	visit(m.main)
	for {
		for len(todo) > 0 {
			o := todo[len(todo)-1]
			todo = todo[:len(todo)-1]
			at = o
			if o.meta != nil {
				visit(o.meta)
			}
			for k, v := range o.entry {
				if o.weak == 0 || possible && o.weak == gcWeakVal {
					visit(k)
				}
				if o.weak == 0 || possible && o.weak == gcWeakKey {
					visit(v)
				}
			}
			for _, c := range o.up {
				visit(c.val)
			}
			for _, c := range o.stack {
				visit(c.val)
			}
		}
		for o := range seen {
			if o.weak == 0 || o.weak == gcWeak {
				continue
			}
			for k, v := range o.entry {
				at = o
				if o.weak == gcWeakKey && alive(k) {
					visit(v)
				}
				if o.weak == gcWeakVal && alive(v) {
					visit(k)
				}
			}
		}
		if len(todo) == 0 {
			return seen
		}
	}
}

// prune removes the entries of weak tables that collections remove.
func (m *model) prune() {
	for more := true; more; {
		more = false
		live := m.reachable(true)
		for o := range live {
			for k, v := range o.entry {
				ko, kdead := k.(*modelObj)
				vo, vdead := v.(*modelObj)
				if kdead && !live[ko] || vdead && !live[vo] {
					delete(o.entry, k)
					more = true
				}
			}
		}
	}
}

// verify compares the heap with the model. After a full collection weak
// entries must be gone exactly if what they refer to is.
func (m *model) verify(full bool) {
	t, h := m.t, m.h
	t.Helper()
	pending := map[ref]bool{}
	take := func() {
		for _, r := range h.finalize {
			if pending[r] {
				t.Fatalf("userdata %#x is finalized twice", r)
			}
			pending[r] = true
		}
		h.finalize = h.finalize[:0]
	}
	take()
	if full {
		for used := int64(0); used != h.used(); {
			used = h.used()
			h.gcFull()
			take()
		}
		m.prune()
	}
	live := m.reachable(full)
	alive := func(x any) bool {
		o, ok := x.(*modelObj)
		return !ok || live[o]
	}
	same := func(v Value, x any) bool {
		if s, ok := x.(string); ok {
			return v.isString() && string(h.strBytes(ref(v))) == s
		}
		return v == m.value(x)
	}
	for o := range live {
		if typ := h.header(o.r).typ; typ != o.typ {
			for p := o; p != nil; p = m.from[p] {
				t.Logf("%#x of type %d, gc %#x, weak %#x", p.r, p.typ, h.header(p.r).gc, p.weak)
			}
			t.Fatalf("object %#x has type %d, not %d", o.r, typ, o.typ)
		}
		switch o.typ {
		case objTable:
			n := 0
			for k, v := range o.entry {
				if !alive(k) || !alive(v) {
					continue
				}
				if got := h.tget(o.r, m.value(k)); !same(got, v) {
					t.Fatalf("table %#x (weak %#x): [%v] is %#x, not %v", o.r, o.weak, k, uint64(got), v)
				}
				n++
			}
			got := 0
			for idx, k, _ := h.titer(o.r, 0); idx != 0; idx, k, _ = h.titer(o.r, idx) {
				got++
				_ = k
			}
			if got < n || got > len(o.entry) || full && got > n {
				t.Fatalf("table %#x (weak %#x) has %d entries, not %d", o.r, o.weak, got, n)
			}
		case objLua:
			for i, c := range o.up {
				u := h.upval(*h.refAt(o.r+closureHead/8, uint32(i)))
				if v := *h.value(u.loc, 0); !same(v, c.val) {
					t.Fatalf("closure %#x: upvalue %d is %#x, not %v", o.r, i, uint64(v), c.val)
				}
			}
		case objThread:
			th := h.thread(o.r)
			for i, c := range o.stack {
				if v := *h.value(th.stack, uint32(i)); !same(v, c.val) {
					t.Fatalf("thread %#x: slot %d is %#x, not %v", o.r, i, uint64(v), c.val)
				}
			}
		case objBuiltin:
			for i, c := range o.stack {
				if v := *h.value(o.r+builtinHead/8, uint32(i)); !same(v, c.val) {
					t.Fatalf("builtin %#x: value %d is %#x, not %v", o.r, i, uint64(v), c.val)
				}
			}
		}
	}
	rest := m.udata[:0]
	for _, u := range m.udata {
		switch {
		case pending[u.r] && live[u]:
			t.Fatalf("userdata %#x is to be finalized, but alive", u.r)
		case pending[u.r]:
			delete(pending, u.r)
		case !live[u] && full:
			t.Fatalf("userdata %#x is dead, but was not finalized", u.r)
		default:
			rest = append(rest, u)
		}
	}
	m.udata = rest
	if len(pending) != 0 {
		t.Fatalf("%d userdata finalized that should not be", len(pending))
	}
}

// TestCollectorModel lets a random program run between the collector's steps.
func TestCollectorModel(t *testing.T) {
	seeds, acts := 12, 6000
	if testing.Short() {
		seeds = 3
	}
	for seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			m := newModel(t, uint64(seed), 64<<20)
			var cycles uint64
			for i := range acts {
				m.act()
				switch seed % 3 {
				case 0: // tiny steps
					m.h.advance(1 + int64(m.rnd.IntN(300)))
				case 1:
					if m.rnd.IntN(20) == 0 {
						m.h.advance(int64(m.rnd.IntN(20000)))
					}
				case 2:
					if m.h.debt() > 0 {
						m.h.gcStep()
					}
				}
				if i%97 == 0 {
					mustCheck(t, m.h)
					m.verify(false)
				}
				if i%1500 == 1499 {
					m.verify(true)
					mustCheck(t, m.h)
				}
			}
			if cycles = m.h.root.gc.cycles; cycles < 6 {
				t.Errorf("only %d cycles", cycles)
			}
			for i := range m.main.stack {
				m.setSlot(m.main, i, nil)
			}
			m.closeFrom(m.main, 0)
			m.verify(true)
			mustCheck(t, m.h)
			fresh := newTestHeap(t, 64<<20)
			fresh.gcFull()
			if got, want := m.h.used(), fresh.used(); got != want {
				t.Errorf("%d bytes are in use when nothing is left, %d at the beginning", got, want)
			}
		})
	}
}

// TestCollectorLargeTables stores into tables that are scanned in parts, while
// they are scanned, in all the ways there are.
func TestCollectorLargeTables(t *testing.T) {
	for seed := range 6 {
		h := newTestHeap(t, 256<<20)
		rnd := rand.New(rand.NewPCG(uint64(seed), 9))
		root := h.newTable(0, 0)
		h.root.globals = root
		names := testStrings(t, h, 6000)
		want := map[Value]float64{} // by key, the value's number
		tab := h.newTable(0, 0)
		put(t, h, root, Int(1), tableBits|Value(tab))
		set := func(k Value) {
			id := float64(rnd.IntN(1 << 40))
			o := h.newTable(2, 0)
			*h.tsetInt(o, 1) = Number(id)
			v := tableBits | Value(o)
			// It is only reachable from where it is stored to.
			if i, ok := arrayIndex(k, h.table(tab).asize); ok && rnd.IntN(2) == 0 {
				*h.value(h.table(tab).arr, uint32(i)) = v
				h.barrierStore(tab, v)
			} else {
				put(t, h, tab, k, v)
			}
			want[k] = id
		}
		key := func() Value {
			switch rnd.IntN(3) {
			case 0:
				return names[rnd.IntN(len(names))]
			case 1:
				return Int(1 + rnd.IntN(5000))
			}
			return Number(float64(rnd.IntN(3000)) + 0.5)
		}
		for i := 1; i <= 5000; i++ {
			set(Int(i))
		}
		for range 9000 {
			set(key())
		}
		cycles := h.root.gc.cycles
		for n := 0; h.root.gc.cycles < cycles+4; n++ {
			switch rnd.IntN(8) {
			case 0:
				k := key()
				put(t, h, tab, k, Nil)
				delete(want, k)
			case 1:
				if rnd.IntN(200) == 0 {
					set(Number(rnd.Float64()))
				}
			case 2: // move a value from where it may not have been seen
				a, b := key(), key()
				if id, ok := want[a]; ok {
					v := h.tget(tab, a)
					put(t, h, tab, b, v)
					want[b] = id
					put(t, h, tab, a, Nil)
					delete(want, a)
				}
			case 3:
				if rnd.IntN(3000) == 0 {
					if !h.tresize(h.table(tab), uint32(rnd.IntN(9000)), 32768) {
						t.Fatal("out of memory")
					}
				}
			default:
				set(key())
			}
			if n%50 == 0 {
				h.advance(int64(rnd.IntN(60000)))
			}
			if n%20000 == 0 {
				mustCheck(t, h)
			}
		}
		mustCheck(t, h)
		for k, id := range want {
			v := h.tget(tab, k)
			if !v.isTable() || h.header(ref(v)).typ != objTable || h.tgetInt(ref(v), 1) != Number(id) {
				t.Fatalf("seed %d: [%#x] was lost", seed, uint64(k))
			}
		}
		h.free()
	}
}

// A heap goes on from a copy of its bytes elsewhere.
func TestImage(t *testing.T) {
	h := newTestHeap(t, 32<<20)
	names := testStrings(t, h, 3000)
	tab := h.newTable(0, 0)
	h.root.globals = tab
	want := map[Value]Value{}
	for i, k := range names {
		want[k] = Int(i)
		put(t, h, tab, k, Int(i))
	}
	h.advance(1)
	if _, _, err := h.image(); err == nil {
		t.Error("an image was made in the middle of a cycle")
	}
	h.gcFull()
	arena, heads, err := h.image()
	if err != nil {
		t.Fatal(err)
	}
	image := slices.Concat(arena, heads)
	c := new(heap)
	if err := fromImage(t, c, image); err != nil {
		t.Fatal(err)
	}
	defer c.free()
	short := slices.Clone(image[:100])
	h.free()
	if c.used() == 0 || c.limit != 16<<20 {
		t.Errorf("used %d, limit %d", c.used(), c.limit)
	}
	mustCheck(t, c)
	compare(t, c, c.root.globals, want)
	if r := c.intern([]byte("key7")); stringBits|Value(r) != names[7] {
		t.Error("a string has another ref")
	}
	for i := range 300000 {
		if put(t, c, c.root.globals, Int(i%1000), tableBits|Value(c.newTable(0, 1))); c.debt() > 0 {
			c.gcStep()
		}
	}
	if c.root.gc.cycles < 5 {
		t.Errorf("%d cycles", c.root.gc.cycles)
	}
	mustCheck(t, c)
	// The string table shrinks, gives memory back and grows over it again.
	c.root.globals = c.newTable(0, 0)
	c.gcFull()
	mustCheck(t, c)
	testStrings(t, c, 3000)
	mustCheck(t, c)
	if fromImage(t, new(heap), short) == nil || fromImage(t, new(heap), make([]byte, len(image))) == nil {
		t.Error("a broken image was taken")
	}
}

// fromImage has h go on from an image, with a limit of 16 MiB.
func fromImage(t *testing.T, h *heap, image []byte) error {
	t.Helper()
	fd, err := unix.MemfdCreate("image", unix.MFD_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	if n, err := unix.Write(fd, image); err != nil || n != len(image) {
		t.Fatal(n, err)
	}
	return h.mapImage(16<<20, fd, uintptr(len(image)))
}

// The collector keeps up with allocation and stays below the limit.
func TestCollectorPace(t *testing.T) {
	for _, limit := range []int64{2 << 20, 64 << 20} {
		h := newTestHeap(t, limit)
		keep := h.newTable(0, 0)
		h.root.globals = keep
		live := limit / 2 / 64
		peak := int64(0)
		for i := range live * 4 {
			r := h.newTable(4, 0)
			if r == 0 {
				t.Fatalf("limit %d: out of memory with half of it garbage (%d)", limit, i)
			}
			if p := h.tsetInt(keep, 1+i%live); p != nil {
				*p = tableBits | Value(r)
			} else {
				t.Fatal("out of memory")
			}
			if h.debt() > 0 {
				h.gcStep()
			}
			peak = max(peak, h.used())
		}
		t.Logf("limit %d: peak %d, %d cycles", limit, peak, h.root.gc.cycles)
		mustCheck(t, h)
	}
}

// cpuTime is the CPU time of this thread.
func cpuTime() time.Duration {
	var ts unix.Timespec
	unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &ts)
	return time.Duration(ts.Nano())
}

// BenchmarkStep shows how long the program stands still: a million entries in
// one table that is changed all the time, or ten thousand threads.
func BenchmarkStep(b *testing.B) {
	run := func(b *testing.B, h *heap, mutate func(i int)) {
		h.gcFull()
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		var worst, atomic time.Duration
		i := 0
		for b.Loop() {
			cycles := h.root.gc.cycles
			for h.root.gc.cycles == cycles {
				for h.debt() <= 0 {
					mutate(i)
					i++
				}
				phase, start := h.root.gc.phase, cpuTime()
				h.gcStep()
				d := cpuTime() - start
				worst = max(worst, d)
				if phase == gcPhaseMark && h.root.gc.phase != phase {
					atomic = max(atomic, d)
				}
			}
		}
		b.ReportMetric(float64(worst.Microseconds()), "worst-µs")
		b.ReportMetric(float64(atomic.Microseconds()), "atomic-µs")
	}
	b.Run("LargeTable", func(b *testing.B) {
		h := newTestHeap(b, 4<<30)
		tab := h.newTable(0, 0)
		h.root.globals = tab
		const n = 1 << 18
		set := func(i int) {
			v := tableBits | Value(h.newTable(2, 0))
			*h.tset(tab, Number(float64(i*7919%n)+0.5)) = v
		}
		for i := range n {
			set(i)
		}
		run(b, h, set)
	})
	b.Run("Threads", func(b *testing.B) {
		h := newTestHeap(b, 4<<30)
		h.threadBarrier = true
		tab := h.newTable(0, 0)
		h.root.globals = tab
		for i := range 10000 {
			th := h.newThread(60)
			h.thread(th).top = 30
			for k := range uint32(30) {
				*h.value(h.thread(th).stack, k) = tableBits | Value(h.newTable(2, 0))
			}
			*h.tsetInt(tab, int64(i)) = objectBits | Value(th)
		}
		run(b, h, func(int) { h.newTable(2, 0) })
	})
}

// A coroutine changes a variable that a function outside shares, and is lost in the same mark phase; what it stored lives on.
func TestVariableOfLostCoroutine(t *testing.T) {
	vm := newTestVM(t, Config{})
	out, err := runLua(t, vm, `
		local get = {}
		local function body(i)
			local v = {i}
			get[i] = function() return v end
			for k = 1, 3 do
				coroutine.yield()
				v = {i, k}
			end
			coroutine.yield()
		end
		local ballast = {}
		for i = 1, 2000 do ballast[i] = {{}, {}} end
		local lost = 0
		collectgarbage() collectgarbage("stop")
		for i = 1, 3000 do
			local co = coroutine.create(body)
			coroutine.resume(co, i)
			for k = 1, i % 4 do
				for _ = 1, i % 7 do collectgarbage("step", 0) end
				coroutine.resume(co)
			end
			co = nil
			for _ = 1, i % 5 do collectgarbage("step", 0) end
			if i > 500 then get[i - 500] = nil end
			if i % 10 == 0 then
				for j = i > 499 and i - 499 or 1, i do
					local v = get[j]()
					if v[1] ~= j or v[2] ~= (j % 4 > 0 and j % 4 or nil) then lost = lost + 1 end
				end
			end
		end
		print(lost)`)
	if err != nil || out != "0\n" {
		t.Errorf("got %q, %v", out, err)
	}
	mustCheck(t, &vm.heap)
}
