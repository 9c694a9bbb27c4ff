package api

import (
	"encoding/binary"
	"errors"
	"math"

	"moonring/lua"
	"moonring/proxy"
	"moonring/shm"
)

// ngx.shared.DICT. A dict is a table whose [1] is userdata with the number of its zone: nothing of Go's, so that what init_by_lua* made of
// it is right in every worker. Allowed in every phase.

var sharedFuncs = []entry{
	{"get", lua.RegisterPure("get", sharedGet)},
	{"get_stale", lua.RegisterPure("get_stale", sharedGetStale)},
	{"set", lua.Register("set", func(c *lua.Call) lua.Ret { return sharedStore(c, shm.Always) })},
	{"safe_set", lua.Register("safe_set", func(c *lua.Call) lua.Ret { return sharedStore(c, shm.Safe) })},
	{"add", lua.Register("add", func(c *lua.Call) lua.Ret { return sharedStore(c, shm.Add) })},
	{"safe_add", lua.Register("safe_add", func(c *lua.Call) lua.Ret { return sharedStore(c, shm.Add|shm.Safe) })},
	{"replace", lua.Register("replace", func(c *lua.Call) lua.Ret { return sharedStore(c, shm.Replace) })},
	{"delete", lua.Register("delete", sharedDelete)},
	{"incr", lua.Register("incr", sharedIncr)},
	{"lpush", lua.Register("lpush", func(c *lua.Call) lua.Ret { return sharedPush(c, true) })},
	{"rpush", lua.Register("rpush", func(c *lua.Call) lua.Ret { return sharedPush(c, false) })},
	{"lpop", lua.Register("lpop", func(c *lua.Call) lua.Ret { return sharedPop(c, true) })},
	{"rpop", lua.Register("rpop", func(c *lua.Call) lua.Ret { return sharedPop(c, false) })},
	{"llen", lua.RegisterPure("llen", sharedLen)},
	{"ttl", lua.RegisterPure("ttl", sharedTTL)},
	{"expire", lua.Register("expire", sharedExpire)},
	{"flush_all", lua.Register("flush_all", sharedFlushAll)},
	{"flush_expired", lua.Register("flush_expired", sharedFlushExpired)},
	{"get_keys", lua.RegisterPure("get_keys", sharedKeys)},
	{"capacity", lua.RegisterPure("capacity", sharedCapacity)},
	{"free_space", lua.RegisterPure("free_space", sharedFreeSpace)},
}

// ownSharedFuncs are what no other server has. They are not in the metatable, whose entries scripts may count, but in the table that it falls
// back to.
var ownSharedFuncs = []entry{{"cas", lua.Register("cas", sharedCAS)}}

// A dict's userdata is a word: sharedMagic above the zone's number.
const (
	sharedMagic = 0x74636964
	sharedSize  = 8
)

// openShared makes ngx.shared.
func openShared(w *proxy.Worker, ngx lua.Value) {
	vm := w.VM
	shared := vm.NewTable(0, len(w.Zones))
	vm.SetField(ngx, "shared", shared)
	if len(w.Zones) == 0 {
		return
	}
	meta := vm.NewTable(0, len(sharedFuncs)+1)
	setFuncs(vm, meta, sharedFuncs)
	vm.SetField(meta, "__index", meta)
	more := vm.NewTable(0, 1)
	subtable(vm, more, "__index", ownSharedFuncs)
	vm.SetMetatable(meta, more)
	for i, d := range w.Conf.HTTP.SharedDicts {
		dict, zone := vm.NewTable(2, 0), vm.NewUserdata(sharedSize, lua.Nil)
		if b := vm.UserdataBytes(zone); b != nil {
			binary.NativeEndian.PutUint64(b, sharedMagic<<32|uint64(i))
		}
		vm.RawSetInt(dict, 1, zone)
		vm.SetMetatable(dict, meta)
		vm.SetField(shared, d.Name, dict)
	}
}

// zoneOf finds the zone of argument 1.
func zoneOf(c *lua.Call) (z *shm.Zone, index int) {
	t := c.Arg(1)
	if !t.IsTable() {
		return nil, 0
	}
	vm := c.VM()
	zone, ok := vm.UserdataWord(vm.RawGetInt(t, 1))
	if zones := worker(c).Zones; ok && zone>>32 == sharedMagic && zone&math.MaxUint32 < uint64(len(zones)) {
		i := int(zone & math.MaxUint32)
		return zones[i], i
	}
	return nil, 0
}

// millis is ngx.now, as zones count time.
func millis(c *lua.Call) int64 { return wall(c) / 1e6 }

// toMillis makes a long of seconds, as C does.
func toMillis(seconds float64) int64 {
	ms := seconds * 1000
	if ms > -(1<<62) && ms < 1<<62 {
		return int64(ms)
	}
	return math.MinInt64
}

// sharedKey is the key and the zone of a call; ret is what to return if there is none.
func sharedKey(c *lua.Call) (z *shm.Zone, key []byte, ret lua.Ret) {
	z, _ = zoneOf(c)
	if z == nil {
		return nil, nil, c.Errorf(`bad "zone" argument`)
	}
	v := c.Arg(2)
	if !v.IsString() {
		if v.IsNil() {
			return nil, nil, returnNilError(c, "nil key")
		}
		s, ok := c.ToString(v)
		if !ok {
			return nil, nil, lua.Fail
		}
		if !c.Keep(s) {
			return nil, nil, lua.Fail
		}
		v = s
	}
	key = c.VM().Bytes(v)
	if why := badKey(key); why != "" {
		return nil, nil, returnNilError(c, why)
	}
	return z, key, 0
}

func badKey(key []byte) string {
	if len(key) == 0 {
		return "empty key"
	}
	if len(key) > shm.MaxKey {
		return "key too long"
	}
	return ""
}

// sharedValue is an argument as a dict takes it; ok is false for other types.
func sharedValue(c *lua.Call, i int) (v shm.Value, ok bool) {
	switch a := c.Arg(i); {
	case a.IsString():
		return shm.Value{Kind: shm.String, Bytes: c.VM().Bytes(a)}, true
	case a.IsNumber():
		return shm.Value{Kind: shm.Number, Number: a.Float()}, true
	case a.IsNil():
		return shm.Value{}, true
	case a == lua.True:
		return shm.Value{Kind: shm.Bool, Number: 1}, true
	case a == lua.False:
		return shm.Value{Kind: shm.Bool}, true
	}
	return shm.Value{}, false
}

// returned is a value for Lua; ok is false after an error.
func returned(c *lua.Call, v *shm.Value) (r lua.Value, ok bool) {
	switch v.Kind {
	case shm.Number:
		return lua.Number(v.Number), true
	case shm.Bool:
		return lua.Bool(v.Number != 0), true
	case shm.String:
		if !c.Charge(len(v.Bytes) / 8) {
			return lua.Nil, false
		}
		if r = c.VM().NewString(v.Bytes); r.IsNil() {
			c.MemoryError()
			return lua.Nil, false
		}
	}
	return r, true
}

func sharedGet(c *lua.Call) lua.Ret {
	z, key, ret := sharedKey(c)
	if z == nil {
		return ret
	}
	var v shm.Value
	if err := z.Get(key, millis(c), false, &v); err != nil {
		return returnNilError(c, err.Error())
	}
	if v.Kind == shm.Nil {
		return c.Return1(lua.Nil)
	}
	r, ok := returned(c, &v)
	if !ok {
		return lua.Fail
	}
	if v.Flags != 0 {
		return c.Return2(r, lua.Int(int(int32(v.Flags))))
	}
	return c.Return1(r)
}

func sharedGetStale(c *lua.Call) lua.Ret {
	z, key, ret := sharedKey(c)
	if z == nil {
		return ret
	}
	var v shm.Value
	if err := z.Get(key, millis(c), true, &v); err != nil {
		return returnNilError(c, err.Error())
	}
	if v.Kind == shm.Nil {
		return c.Return1(lua.Nil)
	}
	r, ok := returned(c, &v)
	if !ok {
		return lua.Fail
	}
	flags := lua.Nil
	if v.Flags != 0 {
		flags = lua.Int(int(int32(v.Flags)))
	}
	return c.Return3(r, flags, lua.Bool(v.Stale))
}

// stored returns what a store came to.
func stored(c *lua.Call, forcible bool, err error) lua.Ret {
	ok, text := lua.True, lua.Nil
	if err != nil {
		ok = lua.False
		if text = c.VM().NewStringS(err.Error()); text.IsNil() {
			return c.MemoryError()
		}
	}
	return c.Return3(ok, text, lua.Bool(forcible))
}

// lifeArgs reads a time in seconds, and user flags, from argument i on.
func lifeArgs(c *lua.Call, i int) (ttl int64, flags uint32, ok bool) {
	switch v := c.Arg(i); {
	case v.IsNumber():
		if v.Float() < 0 {
			c.Errorf(`bad "exptime" argument`)
			return 0, 0, false
		}
		ttl = toMillis(v.Float())
	case v.Truthy():
		c.Errorf("attempt to compare %s with number", c.VM().TypeName(v))
		return 0, 0, false
	}
	switch v := c.Arg(i + 1); {
	case v.IsNumber():
		flags = uint32(flagsOf(v.Float()))
	case v.Truthy():
		c.Errorf("bad argument #%d to '?' (cannot convert '%s' to 'int')", 10, c.VM().TypeName(v))
		return 0, 0, false
	}
	return ttl, flags, true
}

// flagsOf is a number as LuaJIT passes it for an int: what doesn't fit is the smallest one.
func flagsOf(f float64) int32 {
	if f > math.MinInt32-1 && f < math.MaxInt32+1 {
		return int32(f)
	}
	return math.MinInt32
}

var errNilValue = errors.New("attempt to add or replace nil values")

// sharedStore is dict:set(key, value, exptime?, flags?) and its family.
func sharedStore(c *lua.Call, mode shm.Mode) lua.Ret {
	if z, _ := zoneOf(c); z == nil {
		return c.Errorf(`bad "zone" argument`)
	}
	ttl, flags, ok := lifeArgs(c, 4)
	if !ok {
		return lua.Fail
	}
	z, key, ret := sharedKey(c)
	if z == nil {
		return ret
	}
	v, ok := sharedValue(c, 3)
	if !ok {
		return returnNilError(c, "bad value type")
	}
	if v.Kind == shm.Nil && mode&(shm.Add|shm.Replace) != 0 {
		return stored(c, false, errNilValue)
	}
	if !c.Charge(len(v.Bytes) / 8) {
		return lua.Fail
	}
	v.Flags = flags
	forcible, err := z.Set(mode, key, &v, ttl, millis(c))
	return stored(c, forcible, err)
}

// sharedCAS is dict:cas(key, old, new, exptime?, flags?), which no other server has: it stores new if the value is old, nil standing for none,
// and otherwise returns false, "changed".
func sharedCAS(c *lua.Call) lua.Ret {
	if z, _ := zoneOf(c); z == nil {
		return c.Errorf(`bad "zone" argument`)
	}
	ttl, flags, ok := lifeArgs(c, 5)
	if !ok {
		return lua.Fail
	}
	z, key, ret := sharedKey(c)
	if z == nil {
		return ret
	}
	old, ok := sharedValue(c, 3)
	v, okNew := sharedValue(c, 4)
	if !ok || !okNew {
		return returnNilError(c, "bad value type")
	}
	if !c.Charge((len(v.Bytes) + len(old.Bytes)) / 8) {
		return lua.Fail
	}
	v.Flags = flags
	forcible, err := z.CompareAndSet(key, &old, &v, ttl, millis(c))
	return stored(c, forcible, err)
}

func sharedDelete(c *lua.Call) lua.Ret {
	z, key, ret := sharedKey(c)
	if z == nil {
		return ret
	}
	return stored(c, false, z.Delete(key, millis(c)))
}

// sharedIncr is dict:incr(key, value, init?, init_ttl?).
func sharedIncr(c *lua.Call) lua.Ret {
	z, key, ret := sharedKey(c)
	if z == nil {
		return ret
	}
	delta, ok := tonumber(c, 3)
	if !ok {
		return c.Errorf("cannot convert 'nil' to 'double'")
	}
	var begin float64
	init, ttl := (*float64)(nil), int64(0)
	if v := c.Arg(4); v.Truthy() {
		if begin, ok = tonumber(c, 4); !ok {
			return c.Errorf("bad init arg: number expected, got %s", c.VM().TypeName(v))
		}
		init = &begin
	}
	if v := c.Arg(5); !v.IsNil() {
		f, ok := tonumber(c, 5)
		switch {
		case !ok:
			return c.Errorf("bad init_ttl arg: number expected, got %s", c.VM().TypeName(v))
		case f < 0:
			return c.Errorf(`bad "init_ttl" argument`)
		case init == nil:
			return c.Errorf(`must provide "init" when providing "init_ttl"`)
		}
		ttl = toMillis(f)
	}
	sum, forcible, err := z.Incr(key, delta, init, ttl, millis(c))
	switch {
	case err != nil:
		return returnNilError(c, err.Error())
	case init == nil:
		return c.ReturnNumber(sum)
	}
	return c.Return3(lua.Number(sum), lua.Nil, lua.Bool(forcible))
}

// listArgs is sharedKey for the functions of lists, which are C functions in lua-nginx-module: they count their arguments, and don't take
// any value for a key.
func listArgs(c *lua.Call, n int) (z *shm.Zone, key []byte, ret lua.Ret) {
	if c.NArgs() != n {
		return nil, nil, c.Errorf("expecting %d arguments, but only seen %d", n, c.NArgs())
	}
	if z, _ = zoneOf(c); z == nil {
		return nil, nil, c.Errorf(`bad "zone" argument`)
	}
	if c.Arg(2).IsNil() {
		return nil, nil, returnNilError(c, "nil key")
	}
	key, ok := c.CheckString(2)
	if !ok {
		return nil, nil, lua.Fail
	}
	if why := badKey(key); why != "" {
		return nil, nil, returnNilError(c, why)
	}
	return z, key, 0
}

func sharedPush(c *lua.Call, left bool) lua.Ret {
	z, key, ret := listArgs(c, 3)
	if z == nil {
		return ret
	}
	v, _ := sharedValue(c, 3)
	if v.Kind != shm.String && v.Kind != shm.Number {
		return returnNilError(c, "bad value type")
	}
	if !c.Charge(len(v.Bytes) / 8) {
		return lua.Fail
	}
	n, err := z.Push(left, key, &v, millis(c))
	if err != nil {
		return returnNilError(c, err.Error())
	}
	return c.ReturnInt(n)
}

func sharedPop(c *lua.Call, left bool) lua.Ret {
	z, key, ret := listArgs(c, 2)
	if z == nil {
		return ret
	}
	var v shm.Value
	if err := z.Pop(left, key, &v, millis(c)); err != nil {
		return returnNilError(c, err.Error())
	}
	if v.Kind == shm.Nil {
		return c.Return1(lua.Nil)
	}
	r, ok := returned(c, &v)
	if !ok {
		return lua.Fail
	}
	return c.Return1(r)
}

func sharedLen(c *lua.Call) lua.Ret {
	z, key, ret := listArgs(c, 2)
	if z == nil {
		return ret
	}
	n, err := z.Len(key, millis(c))
	if err != nil {
		return returnNilError(c, err.Error())
	}
	return c.ReturnInt(n)
}

func sharedTTL(c *lua.Call) lua.Ret {
	z, key, ret := sharedKey(c)
	if z == nil {
		return ret
	}
	ms, _, err := z.TTL(key, millis(c))
	if err != nil {
		return returnNilError(c, err.Error())
	}
	return c.ReturnNumber(float64(ms) / 1000)
}

func sharedExpire(c *lua.Call) lua.Ret {
	if z, _ := zoneOf(c); z == nil {
		return c.Errorf(`bad "zone" argument`)
	}
	if !c.Arg(3).Truthy() {
		return c.Errorf(`bad "exptime" argument`)
	}
	z, key, ret := sharedKey(c)
	if z == nil {
		return ret
	}
	ttl, ok := tonumber(c, 3)
	if !ok {
		return c.Errorf("attempt to perform arithmetic on local 'exptime' (a %s value)", c.VM().TypeName(c.Arg(3)))
	}
	if err := z.Expire(key, toMillis(ttl), millis(c)); err != nil {
		return returnNilError(c, err.Error())
	}
	return c.ReturnBool(true)
}

func sharedFlushAll(c *lua.Call) lua.Ret {
	z, _ := zoneOf(c)
	if z == nil {
		return c.Errorf(`bad "zone" argument`)
	}
	n, err := z.Count()
	if err == nil && !c.Charge(10*n) {
		return lua.Fail
	}
	if err == nil {
		err = z.FlushAll(millis(c))
	}
	if err != nil {
		return returnNilError(c, err.Error())
	}
	return c.Return()
}

// walkArgs is the zone and the bound of a walk over a dict's entries, which costs about so many nanoseconds for each.
func walkArgs(c *lua.Call, def, cost int) (z *shm.Zone, most int) {
	if n := c.NArgs(); n != 1 && n != 2 {
		c.Errorf("expecting 1 or 2 argument(s), but saw %d", n)
		return nil, 0
	}
	if _, ok := c.CheckTable(1); !ok {
		return nil, 0
	}
	if z, _ = zoneOf(c); z == nil {
		c.Errorf("bad user data for the ngx_shm_zone_t pointer")
		return nil, 0
	}
	most = def
	if c.NArgs() == 2 {
		var ok bool
		if most, ok = c.CheckInt(2); !ok {
			return nil, 0
		}
	}
	n, err := z.Count()
	if err == nil && !c.Charge(n*cost) {
		return nil, 0
	}
	return z, most
}

func sharedFlushExpired(c *lua.Call) lua.Ret {
	z, most := walkArgs(c, 0, 10)
	if z == nil {
		return lua.Fail
	}
	n, err := z.FlushExpired(most, millis(c))
	if err != nil {
		return returnNilError(c, err.Error())
	}
	return c.ReturnInt(n)
}

// keysDefault is how many keys get_keys returns if it isn't told.
const keysDefault = 1024

func sharedKeys(c *lua.Call) lua.Ret {
	z, most := walkArgs(c, keysDefault, 0)
	if z == nil {
		return lua.Fail
	}
	n, err := z.Count()
	if err != nil {
		return returnNilError(c, err.Error())
	}
	if most > 0 {
		n = min(n, most)
	}
	vm := c.VM()
	if !c.Charge(50*n) || !c.CheckSize(16*n) {
		return lua.Fail
	}
	t := vm.NewTable(n+1, 0)
	if t.IsNil() {
		return c.MemoryError()
	}
	i, room := 0, true
	err = z.Keys(most, millis(c), func(key []byte) bool {
		k := vm.NewString(key)
		i++
		room = !k.IsNil() && vm.RawSetInt(t, i, k)
		return room
	})
	switch {
	case !room:
		return c.MemoryError()
	case err != nil:
		return returnNilError(c, err.Error())
	}
	return c.Return1(t)
}

func sharedCapacity(c *lua.Call) lua.Ret {
	z, i := zoneOf(c)
	if z == nil {
		return c.Errorf(`bad "zone" argument`)
	}
	return c.ReturnNumber(float64(worker(c).Conf.HTTP.SharedDicts[i].Size))
}

func sharedFreeSpace(c *lua.Call) lua.Ret {
	z, _ := zoneOf(c)
	if z == nil {
		return c.Errorf(`bad "zone" argument`)
	}
	n, err := z.FreeSpace()
	if err != nil {
		return returnNilError(c, err.Error())
	}
	return c.ReturnInt(n)
}
