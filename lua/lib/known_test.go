package lib

import (
	"testing"

	"moonring/lua"
)

// What is compiled for a string may be dropped while it is in use, and a string
// may be a pattern, a gmatch pattern and a format at once.
func TestKnown(t *testing.T) {
	vm := newVM(t, lua.Config{})
	for _, src := range []string{
		`local function many(n)
			for i = 1, n do
				local s = "p" .. i .. "%d+"
				assert(("p" .. i .. "77x"):match(s) == "p" .. i .. "77")
				assert(s:format(5) == "p" .. i .. "5+")
			end
			collectgarbage()
		end
		local t = setmetatable({}, {__tostring = function() many(300) return "T" end})
		assert(string.format("<%s|%s|%5.1f|%d>", t, t, 2.25, 7) == "<T|T|  2.3|7>")
		local n = 0
		local s = ("k1=v1,k2=v2,"):gsub("(%w+)=(%w+)", function(k, v) many(300) n = n + 1 return v .. k end)
		assert(s == "v1k1,v2k2," and n == 2, s)
		s = ("a b c"):gsub("%a", setmetatable({}, {__index = function(_, k) many(300) return k .. k end}))
		assert(s == "aa bb cc", s)
		s = ("a b c"):gsub("%a", function(k) return (k:gsub("%a", string.upper)) end)
		assert(s == "A B C", s)
		assert(not pcall(string.gsub, "a b", "%a", function(k) return ("x"):gsub("%", "") end))
		many(600)`,
		// Freed strings' places in the arena are taken by others.
		`for round = 1, 20 do
			for i = 1, 300 do
				local p = "^" .. ("x"):rep(i % 7) .. "(%d+)" .. round % 3 .. "$"
				local subject = ("x"):rep(i % 7) .. i .. round % 3
				assert(subject:match(p) == tostring(i), p)
				assert(not ("y" .. subject):match(p))
			end
			collectgarbage()
		end`,
		`local p = "^a%d"
		for _ = 1, 2 do
			assert(("a1"):match(p) == "a1")
			local n = 0
			for m in ("a1^a2^a3"):gmatch(p) do n = n + 1 assert(m == "^a" .. n + 1) end
			assert(n == 2)
			assert(select(2, ("a1a2"):gsub(p, "")) == 1)
			assert(p:format(3) == "^a3")
		end
		p = "%5"
		assert(not pcall(string.format, p) and not pcall(string.match, "x", p) and not pcall(string.format, p))`,
	} {
		if err := run(t, vm, src); err != "" {
			t.Error(err)
		}
	}
}
