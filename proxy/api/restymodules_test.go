package api_test

import (
	"fmt"
	"strings"
	"testing"

	"moonring/lua"
	"moonring/lua/lib"
	"moonring/proxy/api"
)

// newModuleVM is a VM without a server, for the modules that need none.
func newModuleVM(t *testing.T) *lua.VM {
	t.Helper()
	vm, err := lua.New(lua.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(vm.Close)
	lib.Open(vm)
	api.OpenModules(vm)
	return vm
}

// evaluate gives the results of source as print would show them; an error as "error: ".
func evaluate(t *testing.T, vm *lua.VM, source string) string {
	t.Helper()
	fn, err := vm.Load([]byte(source), "=t")
	if err != nil {
		t.Fatalf("%s: %v", source, err)
	}
	results, err := vm.Call(fn)
	if err != nil {
		return "error: " + err.(*lua.Error).Msg
	}
	texts := make([]string, len(results))
	for i, v := range results {
		texts[i] = string(vm.AppendText(nil, v))
	}
	return strings.Join(texts, "\t")
}

func TestAESModes(t *testing.T) {
	const k16 = "0123456789abcdef"
	keys := map[int]string{128: k16, 192: k16 + "01234567", 256: k16 + k16}
	for _, test := range []struct {
		size       int
		mode, want string // as `openssl enc` gives it
	}{
		{128, "ecb", "08eaec72a2775e8a412e92731f4a4a2ea7b9f28604c6b833e4a7336f09e82ea1"},
		{128, "cbc", "14e8f9ba07e6fa17b0067376b9beb132eb24d3f78ea92b4bb22a729163c55fbf"},
		{128, "cfb1", "607b481c4d2430226ab7baecb908f9a1178b2c03929066b747"},
		{128, "cfb8", "44853e36e5615033b32df2d53bf57a5901e962b65cb397fe96"},
		{128, "cfb128", "449bece3379a300426115a033a06a885ba9c5044fada658cd3"},
		{128, "ofb", "449bece3379a300426115a033a06a885be5597967064004879"},
		{128, "ctr", "449bece3379a300426115a033a06a88518a3d99544f474cd99"},
		{192, "ecb", "61234dc4b0adee86bf2420f2b1cb4f8b479e7ad05b12d418c9c2353cc919005a"},
		{192, "cbc", "702b9d86b969b1408dc74030b4089002ab59b1b1f57633147ddd464e607de081"},
		{192, "cfb1", "e61ae1cd7afa80101b74649f6e4dc5de99354af07868bcabb6"},
		{192, "cfb8", "9d545b2fd0cd7f4e356fd02e22288a361233280e6c78c0a3be"},
		{192, "cfb128", "9d23cc90ba5b813309c4ed9ec440f81acb9d8fe040b6c3b0f1"},
		{192, "ofb", "9d23cc90ba5b813309c4ed9ec440f81ae127eabc78c498ec2b"},
		{192, "ctr", "9d23cc90ba5b813309c4ed9ec440f81a6c750d44298946f45c"},
		{256, "ecb", "08bd9995d03ceec879e26eff0ddac112748b0bc475c5fc234064b4bed9d69f43"},
		{256, "cbc", "39e2b0ee3131ed5b2efcf84a8429ce2af8bc533edb8ad8b1c0866518389a2b3e"},
		{256, "cfb1", "e0d3573c9eef3fb3ed2a5d986b0fe381eab8403a03079c0be0"},
		{256, "cfb8", "ddf6672a2f38c5f1996e3353d66a916975a8b47531edb606bc"},
		{256, "cfb128", "dd17df4e4f0efe7273cc9063ff6c52897e0cdbd790f57d0c46"},
		{256, "ofb", "dd17df4e4f0efe7273cc9063ff6c528916c21a4ab96af7d04c"},
		{256, "ctr", "dd17df4e4f0efe7273cc9063ff6c528969b7ae6ddcdb7190c7"},
	} {
		source := fmt.Sprintf(`local aes = require "resty.aes"
			local a = aes:new(%q, nil, aes.cipher(%d, %q), { iv = "\254\220\186\152\118\84\50\16\1\35\69\103\137\171\205\239" })
			local s = "The quick brown fox jumps"
			local out = a:encrypt(s)
			return require "resty.string".to_hex(out), a:decrypt(out) == s, a:encrypt(s) == out, a:decrypt(a:encrypt("")) == ""`, keys[test.size], test.size, test.mode)
		if got, want := evaluate(t, newModuleVM(t), source), test.want+"\ttrue\ttrue\ttrue"; got != want {
			t.Errorf("%d %s: %s, want %s", test.size, test.mode, got, want)
		}
	}
}

func TestRestyModules(t *testing.T) {
	const start = `local aes, str = require "resty.aes", require "resty.string" local hex = str.to_hex
		local function unhex(s) return (s:gsub("..", function(d) return string.char(tonumber(d, 16)) end)) end `
	for _, test := range [][2]string{
		// The examples of lua-resty-string, with what OpenSSL gives.
		{`local a = aes:new("secret") local e = a:encrypt("hello") return hex(e), a:decrypt(e)`, "7b47a4dbb11e2cddb2f3740c9e3a552b\thello"},
		{`local a = aes:new("") return hex(a:encrypt("hello"))`, "6cb1a35bf9d66e92c9dec684fc329746"},
		{`local a = aes:new("secret", "WhatSalt") return hex(a:encrypt("hello"))`, "f72db89f8e19326d8da4928be106705c"},
		{`return aes:new("secret", "Oversized!")`, "nil\tsalt must be 8 characters or nil"},
		{`local a = aes:new("secret", nil, aes.cipher(256, "ecb"), aes.hash.sha1) return hex(a:encrypt("hello"))`, "927148b31f0e89696a222489403f540d"},
		{`local a = aes:new("secret", nil, aes.cipher(256, "ecb"), aes.hash.sha1, 5) return hex(a:encrypt("hello"))`, "d1a9b6e59b8980e783df223889563bee"},
		// Keys from each hash, as `openssl enc -P -S` prints them, put to use.
		{`local out = {} for h, k in pairs{ md5 = "7EE080C6739056454793B9864669D85F2D06F361067A22FDF7EEE3109C8CBDC68BDCE420BFB8CD33E85370EA108D6683",
			sha1 = "B42346AB224B93FBAF2A909AE2F81AE46076816A2CD11A175736FF5C474358E4AC7533F65CDB591D2BC8817A863F88C9",
			sha224 = "5779B261C747B53AC52EF01CD57D54F63CF9482BD85E077AEAA6BFF5EB0191299EF1D11C11A2245167C57996B42A35E9",
			sha256 = "B304F272228BD634ABA6E8882C3A274498E4877848827F46580D7D9556C426B3E17A9C203108CEB39520B80B649E66BA",
			sha384 = "3D9F2B1158BFC28FA41AD5212CF29BCA900769FE4B6A21813E346ED5D62BEDA668A409EC5634AC4D12A9BB0309E89C2A",
			sha512 = "896C31F276905AD24A22860E8272149CE8C355173F281FDABE79A0EEBBE26C58622E5CA556677CB3F4E89B3C86A90C01" } do
			local key, iv = unhex(k:sub(1, 64)), unhex(k:sub(65))
			local c = aes.cipher(256, "cbc")
			if aes:new("secret", "12345678", c, aes.hash[h]):encrypt("x") ~= aes:new(key, nil, c, { iv = iv }):encrypt("x") then return h end
			out[#out + 1] = h end return #out`, "6"},
		{`local c = aes.cipher(256, "cbc") return c.size, c.cipher, aes.cipher().size, aes.cipher().cipher`, "256\tcbc\t128\tcbc"},
		{`return pcall(aes.cipher, 129, "cbc")`, "false\tmissing declaration for symbol 'EVP_aes_129_cbc'"},
		{`return aes:new("hel", nil, nil, { iv = ("i"):rep(16) })`, "nil\tbad key length"},
		{`return aes:new("hel", nil, nil, { iv = "i", method = function(k) return k .. "lo" end })`, "nil\tbad key length"},
		{`return type(aes:new("hel", nil, nil, { iv = "i", method = function(k) return k .. ("o"):rep(13) end }))`, "table"},
		{`return aes:new(("k"):rep(16), nil, nil, { iv = ("i"):rep(17) })`, "nil\tbad iv length"},
		{`return aes:new(("k"):rep(16), nil, nil, {})`, "nil\tiv is needed"},
		{`local k = ("k"):rep(16) return aes:new(k, nil, nil, { iv = "short" }):encrypt("x") == aes:new(k, nil, nil, { iv = "short" .. ("\0"):rep(11) }):encrypt("x")`, "true"},
		{`return aes:new("secret"):decrypt("hel")`, "nil\tEVP_DecryptFinal_ex failed"},
		{`return aes:new("secret"):decrypt("")`, "nil\tEVP_DecryptFinal_ex failed"},
		{`return aes:new("secret"):decrypt(("\1"):rep(16))`, "nil\tEVP_DecryptFinal_ex failed"},
		{`local a = aes:new("secret", nil, nil, nil, nil, nil, false) local e = a:encrypt(("a"):rep(16)) return #e, a:decrypt(e), a:encrypt("a")`,
			"16\taaaaaaaaaaaaaaaa\tnil\tEVP_EncryptFinal_ex failed"},
		{`local a = aes:new("secret", nil, nil, nil, nil, nil, true) return #a:encrypt(("a"):rep(16))`, "32"},
		{`return pcall(aes.encrypt, "hello")`, "false\tbad argument #1 self: table expected, got string"},
		{`return pcall(aes.decrypt, 1, "hello")`, "false\tbad argument #1 self: table expected, got number"},

		{`local a = aes:new("0123456789abcdef", nil, aes.cipher(128, "gcm"), { iv = "fedcba987654" }) local e = a:encrypt("The quick brown fox jumps", "head")
			return hex(e[1]), hex(e[2]), a:decrypt(e[1], e[2], "head"), a:decrypt(e[1], e[2], "other")`,
			"1a7b87ed4fba616427b36d1680d0daf39dd30be3575398203c\t5f3e3d084187b1f5caf15fe9caa3d970\tThe quick brown fox jumps\tnil\tEVP_DecryptFinal_ex failed"},
		{`local a = aes:new("0123456789abcdef01234567", nil, aes.cipher(192, "gcm"), { iv = "fedcba9876543210" }) local e = a:encrypt("The quick brown fox jumps")
			return hex(e[1]), hex(e[2]), a:decrypt(e[1], e[2]), a:decrypt(e[1])`,
			"7da8fce98176894723228628f78cb615593e403142de1d4414\te6adeaa75ffde9bf9a3f770a46742f07\tThe quick brown fox jumps\tnil\tEVP_DecryptFinal_ex failed"},
		{`local a = aes:new("0123456789abcdef0123456789abcdef", nil, aes.cipher(256, "gcm"), { iv = "fedcba987654" }) local e = a:encrypt("The quick brown fox jumps", "head")
			return hex(e[1]), hex(e[2]), a:decrypt(e[1]:upper(), e[2], "head")`,
			"305cb87526896e6f6403988a81918024c75ebe9a1071525a41\t2089077fc4a5d8708353e91aafcd1fac\tnil\tEVP_DecryptFinal_ex failed"},
		{`local a = aes:new("secret", nil, aes.cipher(256, "gcm"), aes.hash.sha256, 1, 12) local e = a:encrypt("The quick brown fox jumps") return hex(e[1]), hex(e[2])`,
			"76c3f1085d4ab764272456c05e52e9ece874549bc14d91fdd4\tcdfc0d2594f670b3bffe6b773c6cff7f"},
		{`local a = aes:new("secret", nil, aes.cipher(256, "gcm"), aes.hash.sha256) local e = a:encrypt("The quick brown fox jumps") return hex(e[1]), hex(e[2])`,
			"82b732640df3bb73cd8cee254a86122635e722d482bf0170b9\t583d592cb8e0a31cfd79398f8f4fc630"},
		{`return aes:new("k", nil, aes.cipher(128, "gcm"), nil, 1, 0)`, "nil\tfailed to set IV length"},

		{`return str.to_hex("\0\255az\n"), str.to_hex("")`, "00ff617a0a\t"},
		{`return 1 + str.atoi("32"), str.atoi("007"), str.atoi("0"), str.atoi("")`, "33\t7\t0\t-1"},
		{`return str.atoi("12a"), str.atoi("-1"), str.atoi(" 1"), str.atoi("9223372036854775807"), str.atoi("9223372036854775808"), str.atoi("00009223372036854775808")`,
			"-1\t-1\t-1\t9.2233720368548e+18\t-1\t-1"},
		{`return pcall(str.atoi, 5)`, "false\tbad argument #1 to 'atoi' (string expected, got number)"},

		{`local out = {} for _, h in ipairs{"md5", "sha1", "sha224", "sha256", "sha384", "sha512"} do
			local d = require("resty." .. h):new() d:update("The quick ") d:update("brown foxXX", 9) out[#out + 1] = hex(d:final()):sub(1, 8)
			d:reset() out[#out + 1] = hex(d:final()):sub(1, 8) end return table.concat(out, " ")`,
			"a2004f37 d41d8cd9 c519c1a0 da39a3ee 146129bd d14a028c 5cac4f98 e3b0c442 2e45933d 38b060a7 015e6d23 cf83e135"},

		{`local r = require "resty.random" return #r.bytes(16), #r.bytes(7, true), #r.bytes(0), r.bytes(16) ~= r.bytes(16)`, "16\t7\t0\ttrue"},
		{`local b = require "ngx.base64" return b.encode_base64url("\251\239\190"), b.decode_base64url("--__") == "\251\239\255", b.decode_base64url("?")`, "----\ttrue\tnil\tinvalid input"},

		{`local p = require "tablepool" local t = p.fetch("a", 4, 4) t.x = 1 setmetatable(t, {}) p.release("a", t) return p.fetch("b", 0, 0) == t, p.fetch("a", 0, 0) == t, next(t), getmetatable(t), p.fetch("a", 0, 0) == t`,
			"false\ttrue\tnil\tnil\tfalse"},
		{`local p = require "tablepool" local t = p.fetch("a", 0, 0) t.x = 1 p.release("a", t, true) return p.fetch("a", 0, 0).x`, "1"},
		{`local p = require "tablepool" return pcall(p.release, "a", nil)`, "false\tobject empty"},
		{`local p = require "tablepool" for i = 1, 300 do p.release("a", {}) end local n, seen = 0, {} for i = 1, 300 do local t = p.fetch("a", 0, 0) if seen[t] == nil then n = n + 1 end seen[t] = true end
			return n`, "300"},
		{`local p, kept = require "tablepool", {} for i = 1, 300 do kept[i] = {} p.release("a", kept[i]) end local n, was = 0, {} for i = 1, 300 do was[kept[i]] = true end
			for i = 1, 300 do if was[p.fetch("a", 0, 0)] then n = n + 1 end end return n`, "200"},
		{`local p, t = require "tablepool", {} for i = 1, 19999 do p.release("a", t) end p.release("a", {}) return p.fetch("a", 0, 0) == t`, "false"},

		{`local l = require "resty.lrucache" local c = l.new(2) c:set("a", 1) c:set("b", 2, nil, 7) c:get("a") c:set("c", 3)
			return c:get("a"), tostring((c:get("b"))), c:count(), c:capacity(), table.concat(c:get_keys(), ","), require "resty.lrucache.pureffi".new(3):capacity()`,
			"1\tnil\t2\t2\ta,c\t3"},
		{`return type(require "resty.core"), type(require "resty.core.regex")`, "table\ttable"},
	} {
		if got := evaluate(t, newModuleVM(t), start+test[0]); got != test[1] {
			t.Errorf("%s:\n got %s\nwant %s", test[0], got, test[1])
		}
	}
}
