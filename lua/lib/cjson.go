package lib

import (
	"encoding/binary"

	"moonring/lua"
)

// The modules cjson and cjson.safe, as OpenResty's lua-cjson has them: they are not globals, but what require finds.
// Each table that new returns has settings of its own.

// jsonSetting is the place of a setting in the settings' userdata, in units of 4 bytes.
type jsonSetting int

const (
	jsonSparseConvert jsonSetting = iota
	jsonSparseRatio
	jsonSparseSafe
	jsonEncodeDepth
	jsonDecodeDepth
	jsonEncodeInvalid // 0 off, 1 on, 2 null
	jsonDecodeInvalid
	jsonKeepBuffer
	jsonPrecision
	jsonEmptyAsObject
	jsonArrayMeta
	jsonComments
	jsonEscapeSlash
	jsonSkipUnsupported
	jsonSettings
)

var jsonDefaults = [jsonSettings]int32{
	jsonSparseRatio: 2, jsonSparseSafe: 10, jsonEncodeDepth: 1000, jsonDecodeDepth: 1000, jsonDecodeInvalid: 1,
	jsonKeepBuffer: 1, jsonPrecision: 14, jsonEmptyAsObject: 1, jsonEscapeSlash: 1,
}

// jsonDepthMax bounds the depth whatever is set: lua-cjson ends where the C stack of LuaJIT does.
const jsonDepthMax = 8000

// jsonEmptyArray is cjson.empty_array.
var jsonEmptyArray = lua.Light(0x6A736F6E)

var (
	jsonOpenID     = lua.Register("cjson", jsonOpen)
	jsonOpenSafeID = lua.Register("cjson.safe", jsonOpenSafe)
	jsonSafeID     = lua.Register("protected", jsonSafe)

	// The values of each are the settings, empty_array_mt, array_mt, and a table whose item 1 is the indent.
	jsonFuncs = []fn{
		{"encode", lua.RegisterPure("encode", jsonEncode)},
		{"decode", lua.RegisterPure("decode", jsonDecode)},
		{"encode_empty_table_as_object", lua.Register("encode_empty_table_as_object", jsonSwitch(jsonEmptyAsObject))},
		{"decode_array_with_array_mt", lua.Register("decode_array_with_array_mt", jsonSwitch(jsonArrayMeta))},
		{"decode_allow_comment", lua.Register("decode_allow_comment", jsonSwitch(jsonComments))},
		{"encode_sparse_array", lua.Register("encode_sparse_array", jsonSetSparse)},
		{"encode_max_depth", lua.Register("encode_max_depth", jsonInteger(jsonEncodeDepth, 1, 1<<31-1))},
		{"decode_max_depth", lua.Register("decode_max_depth", jsonInteger(jsonDecodeDepth, 1, 1<<31-1))},
		{"encode_number_precision", lua.Register("encode_number_precision", jsonInteger(jsonPrecision, 1, 16))},
		{"encode_keep_buffer", lua.Register("encode_keep_buffer", jsonSwitch(jsonKeepBuffer))},
		{"encode_invalid_numbers", lua.Register("encode_invalid_numbers", jsonSwitch(jsonEncodeInvalid))},
		{"decode_invalid_numbers", lua.Register("decode_invalid_numbers", jsonSwitch(jsonDecodeInvalid))},
		{"encode_escape_forward_slash", lua.Register("encode_escape_forward_slash", jsonSwitch(jsonEscapeSlash))},
		{"encode_skip_unsupported_value_types", lua.Register("encode_skip_unsupported_value_types", jsonSwitch(jsonSkipUnsupported))},
		{"encode_indent", lua.Register("encode_indent", jsonSetIndent)},
	}
)

// Here, as what they refer to refers to them.
var jsonNewID, jsonNewSafeID lua.BuiltinID

func init() {
	jsonNewID, jsonNewSafeID = lua.Register("new", jsonNew), lua.Register("new", jsonNewSafe)
}

func openJSON(vm *lua.VM) {
	preload := preloadTable(vm)
	vm.SetField(preload, "cjson", vm.Builtin(jsonOpenID))
	vm.SetField(preload, "cjson.safe", vm.Builtin(jsonOpenSafeID))
}

// jsonModule makes a module's table; Nil when there is no memory.
func jsonModule(vm *lua.VM) lua.Value {
	empty, array := registryTable(vm, "cjson.empty_array_mt"), registryTable(vm, "cjson.array_mt")
	cfg := vm.NewUserdata(4*int(jsonSettings), lua.Nil)
	indent := vm.NewTable(1, 0)
	t := vm.NewTable(0, len(jsonFuncs)+8)
	if empty.IsNil() || array.IsNil() || cfg.IsNil() || indent.IsNil() || t.IsNil() {
		return lua.Nil
	}
	for s, v := range jsonDefaults {
		jsonSet(vm, cfg, jsonSetting(s), int(v))
	}
	ok := true
	for _, f := range jsonFuncs {
		b := vm.Builtin(f.id, cfg, empty, array, indent)
		ok = ok && !b.IsNil() && vm.SetField(t, f.name, b)
	}
	newer := vm.Builtin(jsonNewID)
	ok = ok && !newer.IsNil() && vm.SetField(t, "new", newer) && vm.SetField(t, "null", lua.Null) &&
		vm.SetField(t, "empty_array_mt", empty) && vm.SetField(t, "array_mt", array) && vm.SetField(t, "empty_array", jsonEmptyArray) &&
		vm.SetField(t, "_NAME", vm.NewStringS("cjson")) && vm.SetField(t, "_VERSION", vm.NewStringS("2.1.0.11"))
	if !ok {
		return lua.Nil
	}
	return t
}

// jsonSafeModule is jsonModule with an encode and a decode that return their errors.
func jsonSafeModule(vm *lua.VM) lua.Value {
	t := jsonModule(vm)
	if t.IsNil() {
		return lua.Nil
	}
	newer := vm.Builtin(jsonNewSafeID)
	ok := !newer.IsNil() && vm.SetField(t, "new", newer)
	for _, name := range [...]string{"encode", "decode"} {
		b := vm.Builtin(jsonSafeID, vm.Field(t, name))
		ok = ok && !b.IsNil() && vm.SetField(t, name, b)
	}
	if !ok {
		return lua.Nil
	}
	return t
}

func jsonReturn(c *lua.Call, t lua.Value) lua.Ret {
	if t.IsNil() {
		return c.MemoryError()
	}
	return c.Return1(t)
}

func jsonOpen(c *lua.Call) lua.Ret     { return jsonReturn(c, jsonModule(c.VM())) }
func jsonOpenSafe(c *lua.Call) lua.Ret { return jsonReturn(c, jsonSafeModule(c.VM())) }
func jsonNew(c *lua.Call) lua.Ret      { return jsonReturn(c, jsonModule(c.VM())) }
func jsonNewSafe(c *lua.Call) lua.Ret  { return jsonReturn(c, jsonSafeModule(c.VM())) }

// jsonSafe calls the function in its value, and returns nil and the error if it fails.
func jsonSafe(c *lua.Call) lua.Ret {
	if c.NArgs() != 1 {
		return c.ArgError(1, "expected 1 argument")
	}
	if !c.Call(c.Upvalue(1), c.Arg(1)) {
		e, ok := c.Catch()
		if !ok {
			return lua.Fail
		}
		return c.Return2(lua.Nil, e)
	}
	return c.Return1(c.Result(1))
}

func jsonSet(vm *lua.VM, cfg lua.Value, s jsonSetting, v int) {
	binary.NativeEndian.PutUint32(vm.UserdataBytes(cfg)[4*s:], uint32(v))
}

func jsonGet(vm *lua.VM, cfg lua.Value, s jsonSetting) int {
	return int(int32(binary.NativeEndian.Uint32(vm.UserdataBytes(cfg)[4*s:])))
}

// jsonSwitch makes the function of a setting that is on or off; encode_invalid_numbers has a third state.
func jsonSwitch(s jsonSetting) lua.Func {
	return func(c *lua.Call) lua.Ret {
		if !jsonArgs(c, 1) || !jsonTakeSwitch(c, 1, s) {
			return lua.Fail
		}
		if jsonGet(c.VM(), c.Upvalue(1), s) == 2 {
			return c.ReturnString([]byte("null"))
		}
		return c.ReturnBool(jsonGet(c.VM(), c.Upvalue(1), s) == 1)
	}
}

// jsonInteger makes the function of a number.
func jsonInteger(s jsonSetting, least, most int) lua.Func {
	return func(c *lua.Call) lua.Ret {
		if !jsonArgs(c, 1) || !jsonTakeInteger(c, 1, s, least, most) {
			return lua.Fail
		}
		return c.ReturnInt(jsonGet(c.VM(), c.Upvalue(1), s))
	}
}

func jsonSetSparse(c *lua.Call) lua.Ret {
	if !jsonArgs(c, 3) || !jsonTakeSwitch(c, 1, jsonSparseConvert) || !jsonTakeInteger(c, 2, jsonSparseRatio, 0, 1<<31-1) ||
		!jsonTakeInteger(c, 3, jsonSparseSafe, 0, 1<<31-1) {
		return lua.Fail
	}
	vm, cfg := c.VM(), c.Upvalue(1)
	if !c.Push(lua.Bool(jsonGet(vm, cfg, jsonSparseConvert) == 1)) || !c.Push(lua.Int(jsonGet(vm, cfg, jsonSparseRatio))) ||
		!c.Push(lua.Int(jsonGet(vm, cfg, jsonSparseSafe))) {
		return lua.Fail
	}
	return c.Pushed()
}

// jsonSetIndent is encode_indent(text): what each level is indented by, "" for one line.
func jsonSetIndent(c *lua.Call) lua.Ret {
	if !jsonArgs(c, 1) {
		return lua.Fail
	}
	vm := c.VM()
	if !c.Arg(1).IsNil() {
		if _, ok := c.CheckString(1); !ok {
			return lua.Fail
		}
		if !vm.RawSetInt(c.Upvalue(4), 1, c.Arg(1)) {
			return c.MemoryError()
		}
	}
	if v := vm.RawGetInt(c.Upvalue(4), 1); v.IsString() {
		return c.Return1(v)
	}
	return c.ReturnString(nil)
}

func jsonArgs(c *lua.Call, most int) bool {
	if c.NArgs() > most {
		c.ArgError(most+1, "found too many arguments")
		return false
	}
	return true
}

// jsonTakeSwitch sets a setting from argument i: a boolean, "off", "on", or for numbers "null".
func jsonTakeSwitch(c *lua.Call, i int, s jsonSetting) bool {
	v := c.Arg(i)
	if v.IsNil() {
		return true
	}
	n := 0
	if v.IsBool() {
		if v.Truthy() {
			n = 1
		}
	} else {
		names := []string{"off", "on", "null"}
		if s != jsonEncodeInvalid {
			names = names[:2]
		}
		if n = option(c, i, -1, names...); n < 0 {
			return false
		}
	}
	jsonSet(c.VM(), c.Upvalue(1), s, n)
	return true
}

func jsonTakeInteger(c *lua.Call, i int, s jsonSetting, least, most int) bool {
	if c.Arg(i).IsNil() {
		return true
	}
	f, ok := c.CheckNumber(i)
	if !ok {
		return false
	}
	n := int(f) // whatever a NaN becomes is out of range
	if f != f || n < least || n > most {
		c.ArgError(1, "expected integer between "+string(lua.AppendNumber(nil, float64(least)))+" and "+string(lua.AppendNumber(nil, float64(most))))
		return false
	}
	jsonSet(c.VM(), c.Upvalue(1), s, n)
	return true
}
