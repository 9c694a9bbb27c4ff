package lua_test

import (
	"testing"

	"moonring/lua"
)

// FuzzDecode: whatever string.buffer decodes, it encodes and decodes again to the same bytes length and without harm.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{"\x08", "\x0c\x02\x01", "\x0d\x02\x01\x01\x21a\x02", "\x09\x01\x0f\x00\x02", "\x0e\x00\x08", "\x07\x00\x00\x00\x00\x00\x00\xf0\x3f", "\xe0\x00", "\x0a\xff\xff\xff\xff\x07", "\x04\x01\x02\x03\x04", "\x05\x01\x02\x03\x04\x05\x00\x00\x00"} {
		f.Add([]byte(s))
	}
	const script = `
		local buffer, s = require "string.buffer", ...
		local b = buffer.new { dict = { "a", "b" }, metatable = { {}, {} } }
		b:put(s)
		local ok, v = pcall(b.decode, b)
		pcall(buffer.decode, s)
		if not ok then return end
		local e = b:reset():encode(v):tostring()
		local again = b:decode()
		assert(b:encode(again):tostring() == e or type(v) == "table", "not the same")`
	f.Fuzz(func(t *testing.T, b []byte) {
		vm := newVM(t, lua.Config{MemoryLimit: 8 << 20, InstrBudget: 100_000})
		defer vm.Close()
		fn, err := vm.Load([]byte(script), "=fuzz")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := vm.Call(fn, vm.NewString(b)); err != nil {
			t.Fatalf("%q: %v", b, err)
		}
		if err := vm.CheckHeap(); err != nil {
			t.Fatal(err)
		}
	})
}

// TestBufferMeddled: a script that exchanges what lies behind a buffer gets no more than wrong contents.
func TestBufferMeddled(t *testing.T) {
	const script = `
		local buffer = require "string.buffer"
		local meta = debug.getmetatable(buffer.new())
		local function try(b)
			for name, f in pairs(meta.__index) do for _, x in ipairs { 3, "x" } do pcall(f, b, x) end end
			pcall(tostring, b) pcall(function() return #b end) pcall(function() return b .. b end)
		end
		local a, b = buffer.new(), buffer.new { dict = { "k" }, metatable = { meta } }
		a:put("0123456789abcdef") b:put(("y"):rep(100))
		debug.setfenv(a, {}) try(a)
		debug.setfenv(b, { a, a, a, a, a }) try(b) b:encode({ k = 1 })
		debug.setfenv(b, setmetatable({ debug.getfenv(a)[1], { k = 1e300 }, { k = -1 }, {}, { [meta] = 0 / 0 } }, {})) try(b)
		b:encode(setmetatable({ k = 1 }, meta))
		a = buffer.new():put("SFUB" .. "\255\0\0\0" .. "\0\1\0\0" .. ("z"):rep(8))
		local text = debug.getfenv(a)[1]
		debug.setmetatable(text, meta) try(text)
		for i = 1, 40 do local c = buffer.new(i) c:put("SFUB", "\255\255\0\0", "\255\255\255\127", "    ") local u = debug.getfenv(c)[1] debug.setmetatable(u, meta) try(u) end
		debug.setmetatable(newproxy(), meta) try(debug.setmetatable(newproxy(), meta) and newproxy())
		return true`
	vm := newVM(t, lua.Config{MemoryLimit: 8 << 20, InstrBudget: 1_000_000})
	defer vm.Close()
	fn, err := vm.Load([]byte(script), "=meddled")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := vm.Call(fn); err != nil {
		t.Error(err)
	}
	vm.Collect()
	if err := vm.CheckHeap(); err != nil {
		t.Error(err)
	}
}
