package lua_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"moonring/lua"
	"moonring/lua/bytecode"
	"moonring/lua/compile"
	"moonring/lua/difftest"
)

// protos are all functions of p.
func protos(p *bytecode.Proto, list []*bytecode.Proto) []*bytecode.Proto {
	list = append(list, p)
	for _, k := range p.Consts {
		if k.Kind == bytecode.KProto {
			list = protos(k.Proto, list)
		}
	}
	return list
}

// spoil changes one thing of a function: mostly an operand, by a little.
func spoil(p *bytecode.Proto, r *rand.Rand) {
	list := protos(p, nil)
	f := list[r.IntN(len(list))]
	pc := r.IntN(len(f.Code))
	small := func(n int) int { return n + r.IntN(7) - 3 }
	i := f.Code[pc]
	switch r.IntN(12) {
	case 0, 1:
		f.Code[pc] = bytecode.Instr(uint64(i)&^0xFF00 | uint64(uint8(small(i.A())))<<8)
	case 2, 3:
		f.Code[pc] = bytecode.Instr(uint64(i)&^0xFF0000 | uint64(uint8(small(i.B())))<<16)
	case 4, 5:
		f.Code[pc] = bytecode.Instr(uint64(i)&^0xFF000000 | uint64(uint8(small(i.C())))<<24)
	case 6, 7:
		f.Code[pc] = i.WithD(int32(small(int(i.D()))))
	case 8:
		f.Code[pc] = bytecode.Instr(uint64(i)&^0xFF | uint64(r.IntN(int(bytecode.NumOps))))
	case 9:
		f.Code[pc] = f.Code[r.IntN(len(f.Code))]
	case 10:
		if len(f.LocVars) > 0 {
			l := &f.LocVars[r.IntN(len(f.LocVars))]
			switch r.IntN(3) {
			case 0:
				l.Reg = uint8(small(int(l.Reg)))
			case 1:
				l.Start = int32(small(int(l.Start)))
			default:
				l.End = int32(small(int(l.End)))
			}
		}
	case 11:
		if len(f.Upvals) > 0 {
			u := &f.Upvals[r.IntN(len(f.Upvals))]
			if u.Index = uint8(small(int(u.Index))); r.IntN(2) == 0 {
				u.FromLocal = !u.FromLocal
			}
		}
		if r.IntN(4) == 0 {
			f.FrameSize = uint8(small(int(f.FrameSize)))
		}
	}
	f.HasChild = false
	for _, i := range f.Code {
		f.HasChild = f.HasChild || i.Op() == bytecode.CLOSURE
	}
}

// meddle looks at and changes all that package debug can reach, while the function under test runs.
const meddle = `
	local debug, pcall, type = debug, pcall, type
	return function(level)
		for l = 2, 12 do
			local info = debug.getinfo(l, "nSluf")
			if not info then break end
			for i = 1, 260 do
				local name, v = debug.getlocal(l, i)
				if not name then break end
				if type(v) == "table" then v.x = nil end
				debug.setlocal(l, i, i % 3 == 0 and {} or i % 3 == 1 and "s" or nil)
			end
		end
		return debug.traceback()
	end`

// runHostile loads b, if the VM takes it, and runs it.
func runHostile(t testing.TB, b []byte, stress bool) (loaded bool) {
	cfg := lua.Config{MemoryLimit: 8 << 20, InstrBudget: 3000, GCStress: stress}
	vm := newVM(t, cfg)
	defer vm.Close()
	vm.SetField(vm.Globals(), "print", mustCall(t, vm, meddle)[0])
	fn, err := vm.Load(b, "=b")
	if err != nil {
		return false
	}
	_, _ = vm.Call(fn)
	for range 2 {
		if err := vm.CheckHeap(); err != nil {
			t.Fatalf("heap: %v", err)
		}
		vm.Collect()
	}
	return true
}

// hostileSource is what TestHostileBytecode spoils: one of everything that the verifier has to know.
const hostileSource = `
	local a, b = 1, "x"
	local t = {1, 2, print(), n = a, f = function() a = a + 1 return b end}
	for i = 1, 3 do local v = i t[i] = function() v = v + 1 print() return v end end
	for k, v in pairs(t) do print(k, v) if type(v) == "function" then v() end end
	for i, v in ipairs({1, 2, 3}) do local c = function() return v end if c() == 2 then break end end
	for w in ("a b"):gmatch("%a") do t[w] = w .. i end
	local function g(...) local x, y = ... local l = {...} l[#l + 1] = x return select("#", ...), ... end
	local function h(x) if x == 0 then return print() end return h(x - 1) end
	h(3) print(g(1, g(2, g(3))))
	while a < 9 do a = a + 1 local q = function() return a end if q() > 5 then goto done end t[q] = {q()} end
	::done::
	repeat local z = a - 1 a = z local up = function() return z end until up() < 0 or not t
	local co = coroutine.wrap(function(...) local p = {...} for k in pairs(p) do coroutine.yield(k) print() end return #p end)
	co(1, 2) co()
	return pcall(g, a and b or t, -a, not b, #b, a == 1, a ~= "x", t.f(), g(1, 2))`

func TestHostileBytecode(t *testing.T) {
	n := 3000
	if testing.Short() || raceEnabled {
		n = 200
	}
	r := rand.New(rand.NewPCG(1, 2))
	loaded := 0
	for i := range n {
		p, err := compile.Compile([]byte(strings.Replace(hostileSource, "x == 0", "x == 0 or not x", 1)), "=h")
		if err != nil {
			t.Fatal(err)
		}
		for range 1 + r.IntN(2) {
			spoil(p, r)
		}
		b := bytecode.Dump(nil, p, i%5 == 0)
		if runHostile(t, b, i%8 == 0) {
			loaded++
		}
	}
	t.Logf("%d of %d spoiled functions were accepted and run", loaded, n)
	if loaded == 0 || loaded == n {
		t.Errorf("%d of %d spoiled functions accepted", loaded, n)
	}
}

// FuzzBytecode: whatever Load accepts can be run.
func FuzzBytecode(f *testing.F) {
	scripts, err := difftest.Scripts("difftest/testdata")
	if err != nil {
		f.Fatal(err)
	}
	for i, s := range scripts {
		if p, err := compile.Compile(s.Source, "=s"); err == nil && len(s.Source) < 1000 {
			f.Add(bytecode.Dump(nil, p, i%2 == 0), uint64(i))
		}
	}
	f.Fuzz(func(t *testing.T, b []byte, seed uint64) {
		if len(b) > 1<<16 {
			return
		}
		runHostile(t, b, false)
		// Bytes alone seldom make anything valid: spoil what was.
		p, err := bytecode.Undump(b, "=s")
		if err != nil {
			return
		}
		r := rand.New(rand.NewPCG(seed, 0))
		for range 1 + r.IntN(3) {
			spoil(p, r)
		}
		runHostile(t, bytecode.Dump(nil, p, seed%4 == 0), seed%8 == 0)
	})
}
