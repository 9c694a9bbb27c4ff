package compile

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"moonring/lua/bytecode"
)

// runLuaJIT runs a script with the sources as files 0.in, 1.in, ... in the
// folder that is the script's first argument (the second is their number), by
// the binary in MOONRING_LUAJIT. It returns the files 0.out, 1.out, ... that the
// script leaves there, or nil without that variable.
func runLuaJIT(t *testing.T, script string, sources []string) []string {
	t.Helper()
	bin := os.Getenv("MOONRING_LUAJIT")
	if bin == "" {
		t.Log("MOONRING_LUAJIT is not set: nothing compared with luajit")
		return nil
	}
	dir := t.TempDir()
	for i, s := range sources {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprint(i, ".in")), []byte(s), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(dir, "driver.lua")
	if err := os.WriteFile(file, []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(bin, file, dir, fmt.Sprint(len(sources))).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", bin, err, out)
	}
	texts := make([]string, len(sources))
	for i := range sources {
		b, err := os.ReadFile(filepath.Join(dir, fmt.Sprint(i, ".out")))
		if err != nil {
			t.Fatal(err)
		}
		texts[i] = string(b)
	}
	return texts
}

const forEachSource = `local dir, n = ...
local function each(f)
	for i = 0, n - 1 do
		local h = io.open(dir .. "/" .. i .. ".in", "rb")
		local s = h:read("*a")
		h:close()
		h = io.open(dir .. "/" .. i .. ".out", "wb")
		h:write(f(s))
		h:close()
	end
end
`

// luajitErrors loads the sources and returns the errors' texts, "" for none.
func luajitErrors(t *testing.T, sources []string) []string {
	t.Helper()
	return runLuaJIT(t, forEachSource+`each(function(s)
	local f, e = loadstring(s, "=x")
	return f and "" or e
end)`, sources)
}

// luajitOps lists the operations of a source's functions that can fail or be
// seen in a traceback, one a line: "OP LINE". Children come after their parent,
// in the order of their lines.
func luajitOps(t *testing.T, sources []string) []string {
	t.Helper()
	return runLuaJIT(t, forEachSource+`
local util, vmdef = require("jit.util"), require("jit.vmdef")
local class = { GGET = "GGET", GSET = "GSET", FNEW = "CLOSURE", LEN = "LEN", UNM = "UNM", CAT = "CAT",
	FORI = "FORI", ITERC = "ITERC", ITERN = "ITERC", UGET = "UGET" }
class.CALLT, class.CALLMT = "TAILCALL", "TAILCALL"
for _, o in ipairs { "CALL", "TGET", "TSET", "USET", "ADD", "SUB", "MUL", "DIV", "MOD", "POW" } do
	for _, s in ipairs { "", "M", "V", "S", "B", "N", "P", "VV", "VN", "NV" } do class[o .. s] = o end
end
for _, o in ipairs { "LT", "GE", "LE", "GT" } do class["IS" .. o] = "ORDER" end
for _, o in ipairs { "EQ", "NE" } do
	for _, s in ipairs { "V", "S", "N", "P" } do class["IS" .. o .. s] = "EQUAL" end
end
local const = { POW = true, KSTR = true, KNUM = true, KSHORT = true, KPRI = true, KNIL = true }
local function list(out, f)
	local last
	local tail = {} -- tail calls may be moved to the function's end
	for pc = 1, math.huge do
		local ins = util.funcbc(f, pc)
		if not ins then break end
		local n = (ins % 256) * 6
		local name = vmdef.bcnames:sub(n + 1, n + 6):gsub(" ", "")
		local c = class[name]
		-- A pair of constants may be in a template, a constant power may be folded.
		if (c == "TSET" or c == "POW") and const[last] then c = nil end
		if c == "TAILCALL" then
			tail[#tail + 1] = util.funcinfo(f, pc).currentline
		elseif c then out[#out + 1] = c .. " " .. util.funcinfo(f, pc).currentline end
		last = name
	end
	table.sort(tail)
	for _, line in ipairs(tail) do out[#out + 1] = "TAILCALL " .. line end
	local children = {}
	for k = -1, -math.huge, -1 do
		local p = util.funck(f, k)
		if not p then break end
		if type(p) == "proto" then children[#children + 1] = p end
	end
	for _, p in ipairs(children) do
		out[#out + 1] = "function " .. util.funcinfo(p).linedefined .. " " .. util.funcinfo(p).lastlinedefined
		list(out, p)
	end
end
each(function(s)
	local f, e = loadstring(s, "=x")
	if not f then return e end
	local out = {}
	list(out, f)
	return table.concat(out, "\n")
end)`, sources)
}

// ops lists the same operations of a compiled function.
func ops(b *bytes.Buffer, p *bytecode.Proto) {
	last := bytecode.NumOps
	var tail []int32
	for pc, i := range p.Code {
		op := i.Op()
		name := ""
		switch {
		case op == bytecode.POWVK || op == bytecode.POWKV:
		case op >= bytecode.ADDVV && op <= bytecode.POWKV:
			name = op.String()[:3]
		case op >= bytecode.ISLT && op <= bytecode.ISNLE, op >= bytecode.ISLTI && op <= bytecode.ISNGEI:
			name = "ORDER"
		case op == bytecode.ISEQ || op == bytecode.ISNE, op >= bytecode.ISEQI && op <= bytecode.ISNEP:
			name = "EQUAL"
		case op == bytecode.CALL || op == bytecode.CALLM:
			name = "CALL"
		case op == bytecode.CALLT || op == bytecode.CALLMT:
			tail = append(tail, p.Lines[pc])
		case op >= bytecode.TGETV && op <= bytecode.TGETI, op == bytecode.SELF:
			name = "TGET"
		case op >= bytecode.TSETV && op <= bytecode.TSETM:
			name = "TSET"
		case op >= bytecode.USET && op <= bytecode.USETP:
			name = "USET"
		default:
			switch op {
			case bytecode.GGET, bytecode.GSET, bytecode.CLOSURE, bytecode.LEN, bytecode.UNM,
				bytecode.CAT, bytecode.FORI, bytecode.ITERC, bytecode.UGET:
				name = op.String()
			}
		}
		switch last {
		case bytecode.LOADK, bytecode.LOADI, bytecode.LOADNIL, bytecode.LOADPRI,
			bytecode.POWVV, bytecode.POWVK, bytecode.POWKV:
			if name == "TSET" || name == "POW" {
				name = "" // as above
			}
		}
		if name != "" {
			fmt.Fprintf(b, "%s %d\n", name, p.Lines[pc])
		}
		last = op
	}
	slices.Sort(tail)
	for _, line := range tail {
		fmt.Fprintf(b, "TAILCALL %d\n", line)
	}
	for _, k := range p.Consts {
		if k.Kind == bytecode.KProto {
			fmt.Fprintf(b, "function %d %d\n", k.Proto.FirstLine, k.Proto.LastLine)
			ops(b, k.Proto)
		}
	}
}

// TestAgainstLuaJIT compares, for all Lua files of the differential tests and
// for this package's own sources, whether they are accepted, and the order and
// lines of the operations that errors and tracebacks name.
func TestAgainstLuaJIT(t *testing.T) {
	var names, sources []string
	err := filepath.WalkDir("../difftest/testdata", func(path string, d os.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".lua") {
			var b []byte
			b, err = os.ReadFile(path)
			names = append(names, path)
			sources = append(sources, string(b))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range lineSources {
		names = append(names, fmt.Sprint("lineSources ", i))
		sources = append(sources, s)
	}
	theirs := luajitOps(t, sources)
	for i, src := range sources {
		p, err := Compile([]byte(src), "=x")
		var got string
		if err != nil {
			got = err.Error()
		} else {
			if err := bytecode.Verify(p); err != nil {
				t.Errorf("%s: %v", names[i], err)
			}
			var b bytes.Buffer
			ops(&b, p)
			got = strings.TrimSuffix(b.String(), "\n")
		}
		if theirs != nil && got != theirs[i] {
			t.Errorf("%s: %s", names[i], firstDifference(got, theirs[i]))
		}
	}
}

func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	function := "main"
	for i := 0; i < len(g) && i < len(w); i++ {
		if g[i] != w[i] {
			return fmt.Sprintf("in %s: got %q, luajit has %q", function, g[i:min(i+3, len(g))], w[i:min(i+3, len(w))])
		}
		if strings.HasPrefix(g[i], "function") {
			function = g[i]
		}
	}
	return fmt.Sprintf("in %s: got %q after the common part, luajit has %q", function, g[min(len(g), len(w)):], w[min(len(g), len(w)):])
}

// lineSources spread expressions over lines.
var lineSources = []string{
	"local a\n=\nb\n+\nc\n*\nd",
	"f(\na,\nb\n,c\n)\n",
	"f\t(a\n)(b\n)\n.c(\nd\n)",
	"a\n.\nb\n.\nc\n=\nd\n.\ne",
	"a\n[\nb\n]\n[\nc\n]\n=\nd",
	"o\n:\nm(\na\n,\nb\n)\n:n {\n} :k ''",
	"return\nf(\na\n)\n",
	"return\na\n..\nb\n..\nc\n",
	"return a\n<\nb\n,\nc\n>\n1\n,\n2\n<=\nd,\ne\n==\n'x'\n,\nnil\n~=\nf",
	"if a\n<\nb\nthen\nc()\nelseif\nd\n==\n1\nthen\ne()\nelse\ng()\nend",
	"for i\n=\na\n,\nb\n,\nc\ndo\nd()\nend",
	"for k\n,\nv\nin\npairs(\na\n)\ndo\nd()\nend",
	"while\na\n<\n2\ndo\nb()\nend\nrepeat\nc()\nuntil\nd\n>\ne",
	"local t = {\na,\n[b\n]=\nc\n,\nd\n=\ne,\nf(\n)\n}",
	"function a\n.\nb\n.\nc\n(\n)\nx()\nend",
	"function a\n.\nb\n:\nc\n(\n)\nx(self)\nend",
	"local function f(\n)\nlocal x\nreturn function\n()\nx = x\n+ 1\nend\nend",
	"a\n,\nb\n,\nc.d\n=\nf\n(\n)\n,\ng",
	"x = -\na\n+ #\nb\n+ -\n-\n1",
	"x = not\na\nand\nb\nor\nc(\n)",
	"local f = function\n()\nend\nx = f",
	"f {\na = b.c,\nd\n}\ng 'x'\nh [[\n\n]]",
	"x = a ^\n2\ny = 2\n^\nb",
	"goto x\ndo local a = b(\n) end\n::x::\nreturn a(\n)\n",
	"t.a.b.c = t\n.a.b\n.c + 1",
	"t[1] = t[2] + t[\n3]\nt['x'] = t\n['y']",
	"local a <\n= 1",
}
