package profile_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"moonring/lua"
	"moonring/lua/lib"
	"moonring/lua/profile"
)

// measure runs source as file NAME.lua and returns the path of its profile.
func measure(t *testing.T, name, source string) string {
	t.Helper()
	vm, err := lua.New(lua.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer vm.Close()
	lib.Open(vm)
	defer lib.Close(vm)
	fn, err := vm.Load([]byte(source), "@"+name+".lua")
	if err != nil {
		t.Fatal(err)
	}
	p := profile.Start(vm)
	_, err = vm.Call(fn)
	p.Stop()
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), name+".pb.gz")
	f, err := os.Create(out)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := p.Write(f); err != nil {
		t.Fatal(err)
	}
	return out
}

// pprof runs `go tool pprof` on a profile.
func pprof(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.Command("go", append([]string{"tool", "pprof", "-symbolize=none"}, args...)...)
	cmd.Env = append(os.Environ(), "PPROF_TMPDIR="+t.TempDir())
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return string(out)
}

var topLine = regexp.MustCompile(`(?m)^\s*\S+\s+([\d.]+)%\s+[\d.]+%\s+\S+\s+([\d.]+)%\s+(.*)$`)

// top returns the shares in percent that pprof -top gives: of each function alone, and with what it calls. order is its order.
func top(t *testing.T, file string, args ...string) (flat, cum map[string]float64, order []string) {
	t.Helper()
	out := pprof(t, append(append([]string{"-top", "-nodecount=100"}, args...), file)...)
	flat, cum = map[string]float64{}, map[string]float64{}
	for _, m := range topLine.FindAllStringSubmatch(out, -1) {
		name := strings.TrimSuffix(m[3], " (inline)")
		flat[name], _ = strconv.ParseFloat(m[1], 64)
		cum[name], _ = strconv.ParseFloat(m[2], 64)
		order = append(order, name)
	}
	if len(order) == 0 {
		t.Fatalf("no line of pprof's was understood:\n%s", out)
	}
	return flat, cum, order
}

// The hot function has neither loops nor calls, and beside it there is one with many of them: it is time that counts, not steps.
func TestHotFunctionIsOnTop(t *testing.T) {
	file := measure(t, "hot", `
local function busy(x)
	local y = x
	y = y * 3 % 7 + x; y = y * 3 % 7 + x; y = y * 3 % 7 + x; y = y * 3 % 7 + x
	y = y * 3 % 7 + x; y = y * 3 % 7 + x; y = y * 3 % 7 + x; y = y * 3 % 7 + x
	y = y * 3 % 7 + x; y = y * 3 % 7 + x; y = y * 3 % 7 + x; y = y * 3 % 7 + x
	y = y * 3 % 7 + x; y = y * 3 % 7 + x; y = y * 3 % 7 + x; y = y * 3 % 7 + x
	y = y * 3 % 7 + x; y = y * 3 % 7 + x; y = y * 3 % 7 + x; y = y * 3 % 7 + x
	y = y * 3 % 7 + x; y = y * 3 % 7 + x; y = y * 3 % 7 + x; y = y * 3 % 7 + x
	y = y * 3 % 7 + x; y = y * 3 % 7 + x; y = y * 3 % 7 + x; y = y * 3 % 7 + x
	return y
end
local function idle(x) return x end
local function both(i) local a = busy(i) idle(a) end
for i = 1, 500000 do both(i) end
`)
	flat, cum, order := top(t, file)
	if order[0] != "hot.lua:busy" || flat["hot.lua:busy"] < 50 {
		t.Errorf("on top is %v with %v; want hot.lua:busy with most of it", order[0], flat)
	}
	if flat["hot.lua:idle"] > 25 || flat["hot.lua:both"] > 25 {
		t.Errorf("what does little has too much: %v", flat)
	}
	if c := cum["hot.lua:both"]; c < 80 {
		t.Errorf("with what it calls, both has %v %%, want nearly all: %v", c, cum)
	}
	if c := cum["hot.lua:main chunk"]; c < 99 {
		t.Errorf("with what it calls, the main chunk has %v %%, want all", c)
	}
}

func TestBuiltinsAreFrames(t *testing.T) {
	file := measure(t, "b", `
local s = string.rep("abc", 3000)
local n = 0
local function reverse() for i = 1, 200 do n = n + #s:reverse():reverse():reverse() end end
for i = 1, 60 do reverse() s = s .. "x" end
local t = {}
for round = 1, 30 do
	for i = 1, 2000 do t[i] = i * 7919 % 2003 end
	table.sort(t, function(a, b) return a < b end)
end
`)
	flat, cum, order := top(t, file)
	if flat["string.reverse"] < 10 {
		t.Errorf("string.reverse is no frame of weight: %v", flat)
	}
	if cum["b.lua:reverse"] < cum["string.reverse"] {
		t.Errorf("string.reverse isn't below what calls it: %v", cum)
	}
	if flat["b.lua:9"] == 0 || cum["table.sort"] < flat["b.lua:9"] {
		t.Errorf("the comparator isn't below table.sort: %v\n%v", cum, order)
	}
}

// What a builtin does between two calls of a Lua function is its own.
func TestBuiltinsBetweenCalls(t *testing.T) {
	file := measure(t, "between", `
local function less(a, b) local x = a * 3 % 7 + b; x = x * 3 % 7 + a; x = x * 3 % 7 + a; x = x * 3 % 7 + a; x = x * 3 % 7 + a return a < b end
local t = {}
for round = 1, 15 do
	for i = 1, 10000 do t[i] = i * 7919 % 10007 end
	table.sort(t, less)
end
`)
	flat, _, _ := top(t, file)
	if flat["table.sort"] < 4 || flat["between.lua:2"] < 40 {
		t.Errorf("table.sort and its comparator get %v", flat)
	}
}

func TestLinesAreRight(t *testing.T) {
	file := measure(t, "lines", `local x = 0
local function f(n)
	for i = 1, n do
		x = x + i % 3
	end
	local s = 0
	while s < n do
		s = s + 1
	end
end
for round = 1, 30 do
	f(100000)
end
`)
	flat, cum, _ := top(t, file, "-lines")
	line := func(m map[string]float64, name string) float64 {
		for k, v := range m {
			if strings.HasSuffix(k, name) {
				return v
			}
		}
		return 0
	}
	if line(flat, "lines.lua:3") < 10 || line(flat, "lines.lua:7")+line(flat, "lines.lua:8") < 10 {
		t.Errorf("the loops aren't where the time goes: %v", flat)
	}
	if line(cum, "lines.lua:12") < 95 {
		t.Errorf("the call isn't where all time is spent below: %v", cum)
	}
}

func TestCoroutinesHangBelowTheirResumer(t *testing.T) {
	file := measure(t, "co", `
local function work(n) local y = 0 for i = 1, n do y = y + i % 5 end return y end
local function body() while true do work(20000) coroutine.yield() end end
local co = coroutine.create(body)
local function drive() for i = 1, 200 do assert(coroutine.resume(co)) end end
drive()
pcall(function() local f = setmetatable({}, { __index = function(t, k) local v = work(k) return v end }) for i = 1, 200 do local _ = f[20000] end error() end)
`)
	flat, cum, order := top(t, file)
	if order[0] != "co.lua:work" || flat["co.lua:work"] < 80 {
		t.Errorf("on top is %v, %v", order[0], flat)
	}
	if c := cum["co.lua:drive"]; c < 30 || c > 70 || cum["coroutine.resume"] < 30 || cum["co.lua:3"] < 30 {
		t.Errorf("drive has %v %%, want about half: %v", c, cum)
	}
	if c := cum["pcall"]; c < 30 || c > 70 || cum["co.lua:__index"] < 30 {
		t.Errorf("pcall has %v %%, want about half: %v", c, cum)
	}
}
