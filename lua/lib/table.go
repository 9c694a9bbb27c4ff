package lib

import "moonring/lua"

// The table library, and the modules table.new, table.clear, table.nkeys,
// table.isarray, table.isempty and table.clone of OpenResty's LuaJIT.

var (
	tabConcatID = lua.RegisterPure("concat", tabConcat)
	tabGetnID   = lua.Register("getn", tabGetn)
	tabInsertID = lua.Inlined(lua.Register("insert", tabInsert), lua.InlineInsert)
	tabMaxnID   = lua.Register("maxn", tabMaxn)
	tabMoveID   = lua.Register("move", tabMove)
	tabRemoveID = lua.Register("remove", tabRemove)
	tabSortID   = lua.Register("sort", tabSort)

	tabNewID     = lua.RegisterPure("new", tabNew)
	tabClearID   = lua.Register("clear", tabClear)
	tabNkeysID   = lua.Register("nkeys", tabNkeys)
	tabIsarrayID = lua.Register("isarray", tabIsarray)
	tabIsemptyID = lua.Register("isempty", tabIsempty)
	tabCloneID   = lua.RegisterPure("clone", tabClone)

	tabPackID = lua.RegisterPure("pack", tabPack) // with 5.2 compatibility

	tabModuleID = lua.Register("module", tabModule)
)

func openTable(vm *lua.VM) {
	t := newLib(vm, "table", []fn{
		{"concat", tabConcatID}, {"getn", tabGetnID},
		{"insert", tabInsertID}, {"maxn", tabMaxnID}, {"move", tabMoveID}, {"remove", tabRemoveID}, {"sort", tabSortID},
	})
	openForeach(vm, t)
	if vm.Compat52() {
		vm.SetField(t, "pack", vm.Builtin(tabPackID))
		vm.SetField(t, "unpack", vm.Field(vm.Globals(), "unpack"))
	}
	preload := preloadTable(vm)
	for _, f := range []fn{
		{"new", tabNewID}, {"clear", tabClearID}, {"nkeys", tabNkeysID}, {"isarray", tabIsarrayID}, {"isempty", tabIsemptyID}, {"clone", tabCloneID},
	} {
		vm.SetField(preload, "table."+f.name, vm.Builtin(tabModuleID, t, vm.NewStringS(f.name), vm.Builtin(f.id)))
	}
}

// tabModule is the loader of the module table.xyz: the function also appears
// in the library's table. Its values are that table, the name, the function.
func tabModule(c *lua.Call) lua.Ret {
	f := c.Upvalue(3)
	if !c.VM().RawSet(c.Upvalue(1), c.Upvalue(2), f) {
		return c.MemoryError()
	}
	return c.Return1(f)
}

// entryCost is the price of touching a table's entry.
const entryCost = 4

// entryLump is how many entries are touched between charges.
const entryLump = 256

func tabConcat(c *lua.Call) lua.Ret {
	t, ok := c.CheckTable(1)
	if !ok {
		return lua.Fail
	}
	sep, ok := c.OptString(2, nil)
	if !ok {
		return lua.Fail
	}
	vm := c.VM()
	i, ok := optInt(c, 3, 1)
	if !ok {
		return lua.Fail
	}
	var j int
	if c.Arg(4).IsNil() {
		j = vm.RawLen(t)
	} else if j, ok = checkInt(c, 4); !ok {
		return lua.Fail
	}
	if i <= j && j-i < 32 {
		if b, next := vm.AppendTexts(c.Scratch(), t, i, j, sep); next > j {
			return c.ReturnString(b)
		}
	}
	w := newBuffer(c)
	for k := i; k <= j; k++ {
		n := len(w.b)
		b, next := vm.AppendTexts(w.b[:n:max(min(cap(w.b), w.next), n)], t, k, j, sep)
		w.b = w.b[:len(b)]
		if w.cost += (next - k) * entryCost; w.cost > entryLump*entryCost && !w.settle() {
			return w.fail()
		}
		if k = next; k > j {
			break
		}
		v := vm.RawGetInt(t, k)
		isText, ok := w.addValue(v)
		if !isText {
			w.release()
			return c.Errorf("invalid value (%s) at index %d in table for 'concat'", vm.TypeName(v), k)
		}
		w.cost += entryCost
		if !ok || k < j && !w.add(sep) {
			return w.fail()
		}
	}
	return w.result()
}

func tabGetn(c *lua.Call) lua.Ret {
	t, ok := checkTableNil(c, 1)
	if !ok {
		return lua.Fail
	}
	return c.ReturnInt(c.VM().RawLen(t))
}

func tabInsert(c *lua.Call) lua.Ret {
	t, ok := c.CheckTable(1)
	if !ok {
		return lua.Fail
	}
	vm := c.VM()
	i := vm.RawLen(t) + 1
	switch c.NArgs() {
	case 2:
	case 3:
		pos, ok := checkInt(c, 2)
		if !ok {
			return lua.Fail
		}
		for ; i > pos; i-- {
			if !vm.RawSetInt(t, i, vm.RawGetInt(t, i-1)) {
				return c.MemoryError()
			}
			if (i-pos)%entryLump == 0 && !c.Charge(entryLump*entryCost) {
				return lua.Fail
			}
		}
		i = pos
	default:
		return c.Errorf("wrong number of arguments to 'insert'")
	}
	if !vm.RawSetInt(t, i, c.Arg(c.NArgs())) {
		return c.MemoryError()
	}
	return c.Return()
}

func tabRemove(c *lua.Call) lua.Ret {
	t, ok := checkTableNil(c, 1)
	if !ok {
		return lua.Fail
	}
	vm := c.VM()
	n := vm.RawLen(t)
	pos, ok := optInt(c, 2, n)
	if !ok {
		return lua.Fail
	}
	if c.Arg(2).IsNil() {
		if n == 0 {
			return c.Return()
		}
		v := vm.RawGetInt(t, n)
		vm.RawSetInt(t, n, lua.Nil)
		return c.Return1(v)
	}
	if pos < 1 || pos > n {
		return c.Return()
	}
	last := n
	if f := c.Arg(2); f.IsNumber() && f.Float() > float64(pos) { // a fraction: LuaJIT's loop runs from it, and takes one turn less
		if last--; pos > last {
			return c.Return()
		}
	}
	v := vm.RawGetInt(t, pos)
	for ; pos < last; pos++ {
		vm.RawSetInt(t, pos, vm.RawGetInt(t, pos+1))
		if (n-pos)%entryLump == 0 && !c.Charge(entryLump*entryCost) {
			return lua.Fail
		}
	}
	vm.RawSetInt(t, n, lua.Nil)
	return c.Return1(v)
}

func tabMaxn(c *lua.Call) lua.Ret {
	t, ok := c.CheckTable(1)
	if !ok {
		return lua.Fail
	}
	m := 0.0
	ok = eachKey(c, t, func(k, _ lua.Value) bool {
		if k.IsNumber() && k.Float() > m {
			m = k.Float()
		}
		return true
	})
	if !ok {
		return lua.Fail
	}
	return c.ReturnNumber(m)
}

// eachKey calls visit for each entry of t until it returns false; eachKey
// itself returns false after an error.
func eachKey(c *lua.Call, t lua.Value, visit func(k, v lua.Value) bool) bool {
	vm := c.VM()
	k, n := lua.Nil, 0
	for {
		nk, v, ok := vm.Next(t, k)
		if !ok {
			c.Errorf("invalid key to 'next'")
			return false
		}
		if nk.IsNil() || !visit(nk, v) {
			return true
		}
		k = nk
		if n++; n%entryLump == 0 && !c.Charge(entryLump*entryCost) {
			return false
		}
	}
}

func tabMove(c *lua.Call) lua.Ret {
	a1, ok := checkTableNil(c, 1)
	if !ok {
		return lua.Fail
	}
	var pos [3]int
	for i := range pos {
		if pos[i], ok = checkIntNil(c, i+2); !ok {
			return lua.Fail
		}
	}
	f, e, t := pos[0], pos[1], pos[2]
	a2 := a1
	if !c.Arg(5).IsNil() {
		if a2, ok = checkTableNil(c, 5); !ok {
			return lua.Fail
		}
	}
	if e >= f {
		vm := c.VM()
		from, step := f, 1
		if t > f && t <= e && a1 == a2 { // overlapping: from the end
			from, step = e, -1
		}
		for n := e - f + 1; n > 0; n-- {
			if !vm.RawSetInt(a2, from-f+t, vm.RawGetInt(a1, from)) {
				return c.MemoryError()
			}
			from += step
			if n%entryLump == 0 && !c.Charge(entryLump*entryCost) {
				return lua.Fail
			}
		}
	}
	return c.Return1(a2)
}

func tabNew(c *lua.Call) lua.Ret {
	narr, ok := checkInt(c, 1)
	if !ok {
		return lua.Fail
	}
	nhash, ok := checkInt(c, 2)
	if !ok {
		return lua.Fail
	}
	narr, nhash = max(narr, 0), max(nhash, 0)
	if narr >= 1<<27 || nhash > 1<<26 {
		return c.ThrowString("table overflow")
	}
	if size := narr*8 + nhash*16; size > 4096 && (!c.CheckSize(size) || !c.Charge(size>>3)) {
		return lua.Fail
	}
	t := c.VM().NewTable(narr, nhash)
	if t.IsNil() {
		return c.MemoryError()
	}
	return c.Return1(t)
}

// tabPack makes a list of its arguments, with their number in field n.
func tabPack(c *lua.Call) lua.Ret {
	vm, n := c.VM(), c.NArgs()
	t := vm.NewTable(n, 1)
	if t.IsNil() {
		return c.MemoryError()
	}
	for i := 1; i <= n; i++ {
		if !vm.RawSetInt(t, i, c.Arg(i)) {
			return c.MemoryError()
		}
	}
	if !vm.SetField(t, "n", lua.Int(n)) {
		return c.MemoryError()
	}
	return c.Return1(t)
}

func tabNkeys(c *lua.Call) lua.Ret {
	t, ok := c.CheckTable(1)
	if !ok {
		return lua.Fail
	}
	n := 0
	if !eachKey(c, t, func(_, _ lua.Value) bool { n++; return true }) {
		return lua.Fail
	}
	return c.ReturnInt(n)
}

// tabIsempty tells whether a table has no entries.
func tabIsempty(c *lua.Call) lua.Ret {
	t, ok := c.CheckTable(1)
	if !ok {
		return lua.Fail
	}
	empty := true
	if !eachKey(c, t, func(_, _ lua.Value) bool { empty = false; return false }) {
		return lua.Fail
	}
	return c.ReturnBool(empty)
}

// tabIsarray tells whether all keys of a table are positive integers.
func tabIsarray(c *lua.Call) lua.Ret {
	t, ok := c.CheckTable(1)
	if !ok {
		return lua.Fail
	}
	is := true
	ok = eachKey(c, t, func(k, _ lua.Value) bool {
		f := 0.0
		if k.IsNumber() {
			f = k.Float()
		}
		is = f >= 1 && f == float64(toInt32(f))
		return is
	})
	if !ok {
		return lua.Fail
	}
	return c.ReturnBool(is)
}

// tabClone makes a shallow copy, without the metatable.
func tabClone(c *lua.Call) lua.Ret {
	t, ok := c.CheckTable(1)
	if !ok {
		return lua.Fail
	}
	vm := c.VM()
	n := vm.RawLen(t)
	d := vm.NewTable(n, 0)
	if d.IsNil() {
		return c.MemoryError()
	}
	full := true
	ok = eachKey(c, t, func(k, v lua.Value) bool {
		full = vm.RawSet(d, k, v)
		return full
	})
	if !full {
		return c.MemoryError()
	}
	if !ok {
		return lua.Fail
	}
	return c.Return1(d)
}

func tabClear(c *lua.Call) lua.Ret {
	t, ok := c.CheckTable(1)
	if !ok {
		return lua.Fail
	}
	vm := c.VM()
	ok = eachKey(c, t, func(k, _ lua.Value) bool { return vm.RawSet(t, k, lua.Nil) })
	if !ok {
		return lua.Fail
	}
	return c.Return()
}
