package api

import (
	"encoding/binary"

	"moonring/lua"
)

// The builtins of resty.limit.req, which modules/limitreq.lua calls: its record, two unsigned integers of 8 bytes, as OpenResty's has them.

var limitPackID, limitUnpackID = lua.RegisterPure("pack", limitPack), lua.RegisterPure("unpack", limitUnpack)

const limitRecordSize = 16

func limitPack(c *lua.Call) lua.Ret {
	var b [limitRecordSize]byte
	for i := range 2 {
		f, ok := c.CheckNumber(i + 1)
		if !ok {
			return lua.Fail
		}
		binary.NativeEndian.PutUint64(b[8*i:], uint64(max(0, min(f, 1<<53))))
	}
	return c.ReturnString(b[:])
}

// limitUnpack returns nil for what is no record.
func limitUnpack(c *lua.Call) lua.Ret {
	v := c.Arg(1)
	if !v.IsString() {
		return c.Return1(lua.Nil)
	}
	b := c.VM().Bytes(v)
	if len(b) != limitRecordSize {
		return c.Return1(lua.Nil)
	}
	return c.Return2(lua.Number(float64(binary.NativeEndian.Uint64(b))), lua.Number(float64(binary.NativeEndian.Uint64(b[8:]))))
}
