package api

import (
	"bytes"
	"strings"
	"testing"

	"moonring/lua"
	"moonring/lua/lib"
)

// pureVM is a VM with what of ngx needs no worker.
func pureVM(t testing.TB) *lua.VM {
	vm, err := lua.New(lua.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(vm.Close)
	lib.Open(vm)
	ngx := vm.NewTable(0, 100)
	vm.SetField(vm.Globals(), "ngx", ngx)
	openPure(vm, ngx)
	setUnsupported(vm, ngx)
	return vm
}

// evalPure runs an expression and returns what print makes of its values, or the error.
func evalPure(t testing.TB, vm *lua.VM, expr string) string {
	var out bytes.Buffer
	vm.SetStdout(&out)
	fn, err := vm.Load([]byte("print("+expr+")"), "=t")
	if err != nil {
		t.Fatalf("%s: %v", expr, err)
	}
	if _, err = vm.Call(fn); err != nil {
		return "error: " + err.Error()
	}
	return strings.TrimSuffix(out.String(), "\n")
}

func TestPureFunctions(t *testing.T) {
	for _, c := range []struct{ expr, want string }{
		{`ngx.escape_uri("a b/?&=+~!*'()-._%\0\255")`, "a%20b%2F%3F%26%3D%2B~!*'()-._%25%00%FF"},
		{`ngx.escape_uri("a b/?&=+%", 0)`, "a%20b/%3F&=+%25"},
		{`ngx.escape_uri("a b/?&=+%", 1)`, "a%20b/%3F&=%2B%25"},
		{`ngx.escape_uri("plain")`, "plain"},
		{`ngx.escape_uri(12)`, "12"},
		{`ngx.escape_uri(nil) .. "|" .. ngx.escape_uri() .. "|" .. ngx.escape_uri(false)`, "||"},
		{`ngx.escape_uri(true)`, "true"},
		{`ngx.escape_uri(setmetatable({}, {__tostring = function() return "a b" end}))`, "a%20b"},
		{`ngx.escape_uri("x", "2")`, `error: "type" is not a number`},
		{`ngx.escape_uri("x", 7)`, `error: "type" 7 out of range`},
		{`select(2, pcall(ngx.escape_uri, "x", -1))`, `t:1: "type" -1 out of range`},
		{`ngx.unescape_uri("a%20b+c%2")`, "a b c%2"},
		{`ngx.unescape_uri("%zz%41%e4%BD")`, "%zzA\xe4\xbd"},
		{`#ngx.unescape_uri("%00")`, "1"},
		{`ngx.unescape_uri(nil) .. "."`, "."},

		{`ngx.encode_args({a = "b c"})`, "a=b%20c"},
		{`ngx.encode_args({["k&"] = {1, true, "x", false}})`, "k%26=1&k%26&k%26=x"},
		{`ngx.encode_args({a = true})`, "a"},
		{`ngx.encode_args({a = false}) .. "."`, "."},
		{`ngx.encode_args({a = {}, b = 2})`, "b=2"},
		{`ngx.encode_args({})`, ""},
		{`ngx.encode_args({1})`, `error: t:1: attempt to use a non-string key in the "args" option table`},
		{`ngx.encode_args({a = print})`, `error: t:1: attempt to use function as query arg value`},
		{`ngx.encode_args({a = {{}}})`, `error: t:1: attempt to use table as query arg value`},
		{`ngx.encode_args()`, `error: t:1: expecting 1 argument but seen 0`},
		{`ngx.encode_args("a")`, `error: t:1: bad argument #1 to 'encode_args' (table expected, got string)`},

		{`(function() local t, e = ngx.decode_args("a=1&b&a=2&=x&c=&%41=+%2B") return t.a[1], t.a[2], #t.a, t.b, t.c, t.A, t[""], e end)()`, "1\t2\t2\ttrue\t\t +\tnil\tnil"},
		{`(function() local t, e = ngx.decode_args("a=1&b=2&c=3", 2) return t.a, t.b, t.c, e end)()`, "1\t2\tnil\ttruncated"},
		{`(function() local t, e = ngx.decode_args("a=1&b=2", 2) return t.a, t.b, e end)()`, "1\t2\tnil"},
		{`(function() local t, e = ngx.decode_args("a=1&b=2&", 2) return t.a, t.b, e end)()`, "1\t2\ttruncated"},
		{`(function() local t, e = ngx.decode_args(("a=1&"):rep(300), 0) return #t.a, e end)()`, "300\tnil"},
		{`(function() local t, e = ngx.decode_args(("a=1&"):rep(300)) return #t.a, e end)()`, "100\ttruncated"},
		{`next(ngx.decode_args(""))`, "nil"},
		{`ngx.decode_args("a", 1, 2)`, `error: t:1: expecting 1 or 2 arguments but seen 3`},

		{`ngx.quote_sql_str("a'b\"c\\d\n\r\t\b\0\26é")`, `'a\'b\"c\\d\n\r\t\b\0\Zé'`},
		{`ngx.quote_sql_str("")`, `''`},
		{`ngx.quote_sql_str(1)`, `'1'`},
		{`ngx.quote_sql_str()`, `error: t:1: expecting one argument`},

		{`ngx.md5("hello")`, "5d41402abc4b2a76b9719d911017c592"},
		{`ngx.md5()`, "d41d8cd98f00b204e9800998ecf8427e"},
		{`ngx.encode_base64(ngx.md5_bin("hello"))`, "XUFAKrxLKna5cZ2REBfFkg=="},
		{`ngx.encode_base64(ngx.sha1_bin("hello"))`, "qvTGHdzF6KLavt4PO0gs2a6pQ00="},
		{`ngx.encode_base64(ngx.hmac_sha1("thisisverysecretstuff", "some string we want to sign"))`, "R/pvxzHC4NLtj7S+kXFg/NePTmk="},
		// RFC 2202, test case 6: a key longer than a block.
		{`ngx.encode_base64(ngx.hmac_sha1(("\170"):rep(80), "Test Using Larger Than Block-Size Key - Hash Key First"))`, "qkrl4VJy0A6VcFY3zoo7Ve1AIRI="},
		{`ngx.hmac_sha1("a")`, "error: t:1: expecting 2 arguments, but got 1"},
		{`ngx.crc32_short("hello, world")`, "4289425978"},
		{`ngx.crc32_long("hello, world")`, "4289425978"},
		{`ngx.crc32_long("")`, "0"},

		{`ngx.encode_base64("hello")`, "aGVsbG8="},
		{`ngx.encode_base64("hello", true)`, "aGVsbG8"},
		{`ngx.encode_base64("hello", false)`, "aGVsbG8="},
		{`ngx.encode_base64(12)`, "MTI="},
		{`ngx.encode_base64()`, ""},
		{`ngx.encode_base64("x", "y")`, "error: t:1: bad no_padding: boolean expected, got string"},
		{`ngx.decode_base64("aGVsbG8=")`, "hello"},
		{`ngx.decode_base64("aGVsbG8")`, "hello"},
		{`ngx.decode_base64("aGVsbA==")`, "hell"},
		{`ngx.decode_base64("aGVs=bG8")`, "hel"},
		{`ngx.decode_base64("aGVsb")`, "nil"},
		{`ngx.decode_base64("aGV sbG8=")`, "nil"},
		{`ngx.decode_base64("aGVsbG8-")`, "nil"},
		{`ngx.decode_base64("")`, ""},
		{`ngx.decode_base64(1)`, "error: t:1: string argument only"},
		{`ngx.decode_base64mime("aGV\r\nsb G8=")`, "hello"},
		{`ngx.decode_base64mime("aGVsb")`, "nil"},

		{`ngx.OK, ngx.ERROR, ngx.AGAIN, ngx.DONE, ngx.DECLINED, ngx.null, type(ngx.null)`, "0\t-1\t-2\t-4\t-5\tuserdata: NULL\tuserdata"},
		{`ngx.HTTP_GET, ngx.HTTP_TRACE, ngx.HTTP_NOT_FOUND, ngx.HTTP_CLOSE, ngx.STDERR, ngx.DEBUG`, "2\t32768\t404\t444\t0\t8"},

		{`ngx.location.capture("/x")`, "error: t:1: ngx.location.capture is not supported yet"},
		{`type(ngx.re.match), pcall(ngx.re.match, "a", "b")`, "function\tfalse\tngx.re.match is not supported yet"},
		{`ngx.socket.tcp()`, "error: t:1: ngx.socket.tcp is not supported yet"},
		{`ngx.no_such_thing`, "nil"},
	} {
		if got := evalPure(t, pureVM(t), c.expr); got != c.want {
			t.Errorf("%s\n got %q\nwant %q", c.expr, got, c.want)
		}
	}
}

func TestPureFunctionsAllocateNothing(t *testing.T) {
	vm := pureVM(t)
	fn, err := vm.Load([]byte(`
		local s = ...
		ngx.escape_uri(s) ngx.unescape_uri(s) ngx.md5(s) ngx.md5_bin(s) ngx.sha1_bin(s) ngx.hmac_sha1("key", s) ngx.crc32_long(s)
		ngx.decode_base64(ngx.encode_base64(s)) ngx.quote_sql_str(s)
	`), "=t")
	if err != nil {
		t.Fatal(err)
	}
	arg := vm.NewStringS("a b&c=d/e%20")
	vm.Pin(arg)
	vm.Pin(fn)
	th := vm.NewThread()
	run := func() {
		if th.Start(fn, arg) != lua.Done {
			t.Fatal(th.ErrString())
		}
		th.Release()
		th = vm.NewThread()
	}
	run()
	if n := testing.AllocsPerRun(200, run); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
