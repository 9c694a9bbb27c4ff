package lua_test

import (
	"fmt"
	"testing"

	"golang.org/x/sys/unix"

	"moonring/lua"
	"moonring/lua/lib"
)

// snapshotOf runs code in a new VM and gives its snapshot.
func snapshotOf(t *testing.T, code string) int {
	t.Helper()
	vm, err := lua.New(lua.Config{MemoryLimit: 64 << 20})
	if err != nil {
		t.Fatal(err)
	}
	defer vm.Close()
	lib.Open(vm)
	th := vm.NewThread() // kept for reuse by the VM
	vm.ReleaseThread(th)
	runCode(t, vm, code)
	fd, err := unix.MemfdCreate("snapshot", unix.MFD_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	if err := vm.Snapshot(fd); err != nil {
		t.Fatal(err)
	}
	return fd
}

func runCode(t *testing.T, vm *lua.VM, code string) string {
	t.Helper()
	values := mustCall(t, vm, code)
	if len(values) == 0 {
		return ""
	}
	return string(vm.Bytes(values[0]))
}

const snapshotProgram = `
	big = {} for i = 1, 20000 do big[i] = { name = "n" .. i, [i] = i } end
	function counter() local n = 0 return function() n = n + 1 return n end end
	tick = counter() tick() tick()
	co = coroutine.wrap(function(a) local b = coroutine.yield(a + 1) error("end " .. b) end)
	assert(co(1) == 2)
	weak = setmetatable({}, { __mode = "v" }) weak[1] = {}
	setmetatable(_G, { __index = function(_, k) return k == "late" and "made" or nil end })
	collected = 0
	do local p = newproxy(true) getmetatable(p).__gc = function() collected = collected + 1 end end
	function hello() error({ code = 7 }) end`

const snapshotCheck = `
	for i = 1, 20000 do assert(big[i].name == "n" .. i and big[i][i] == i) end
	assert(tick() == 3) assert(late == "made")
	local ok, err = pcall(co, "x") assert(not ok and err:find("end x", 1, true), err)
	local ok, err = pcall(hello) assert(err.code == 7)
	local n = 0 for k, v in pairs(big) do n = n + #v.name end assert(n == 108894 , n)
	for i, v in ipairs(big) do v.name = string.rep("y", 100) .. i end
	collectgarbage() collectgarbage()
	assert(collected == 1) assert(weak[1] == nil)
	for i = 1, 20000 do assert(#big[i].name > 100) end
	local t = {} for i = 1, 50000 do t["k" .. i] = i end for i = 1, 50000 do assert(t["k" .. i] == i) end
	return "well"`

// TestSnapshot holds that several VMs go on from one snapshot, each by itself.
func TestSnapshot(t *testing.T) {
	fd := snapshotOf(t, snapshotProgram)
	for _, stress := range []bool{false, false, true} {
		vm, err := lua.Restore(lua.Config{MemoryLimit: 64 << 20, GCStress: stress}, fd)
		if err != nil {
			t.Fatal(err)
		}
		check := snapshotCheck
		if stress {
			check = `assert(tick() == 3) assert(late == "made") for i = 1, 10 do assert(big[i].name == "n" .. i) end return "well"`
		}
		if got := runCode(t, vm, check); got != "well" {
			t.Errorf("the program says %q", got)
		}
		if th := vm.NewThread(); th == nil {
			t.Error("no thread")
		}
		vm.Close()
	}
	// A restored VM can be the source of another snapshot.
	vm, err := lua.Restore(lua.Config{MemoryLimit: 64 << 20}, fd)
	if err != nil {
		t.Fatal(err)
	}
	defer vm.Close()
	runCode(t, vm, "tick()")
	next, err := unix.MemfdCreate("snapshot", unix.MFD_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(next)
	if err := vm.Snapshot(next); err != nil {
		t.Fatal(err)
	}
	vm2, err := lua.Restore(lua.Config{MemoryLimit: 64 << 20}, next)
	if err != nil {
		t.Fatal(err)
	}
	defer vm2.Close()
	if got := runCode(t, vm2, "return tostring(tick())"); got != "4" {
		t.Errorf("the counter is at %s, want 4", got)
	}
}

// TestSnapshotLimit holds that the memory limit of a restored VM counts what is in the snapshot.
func TestSnapshotLimit(t *testing.T) {
	fd := snapshotOf(t, snapshotProgram)
	vm, err := lua.Restore(lua.Config{MemoryLimit: 24 << 20}, fd)
	if err != nil {
		t.Fatal(err)
	}
	defer vm.Close()
	if got := runCode(t, vm, `local ok, err = pcall(function() local t = {} for i = 1, 1e7 do t[i] = { i } end end) return tostring(ok) .. " " .. tostring(err)`); got != "false not enough memory" {
		t.Errorf("beyond the limit: %s", got)
	}
}

func TestDamagedSnapshots(t *testing.T) {
	fd := snapshotOf(t, "x = 1")
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		t.Fatal(err)
	}
	whole := make([]byte, st.Size)
	if _, err := unix.Pread(fd, whole, 0); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{
		"empty": nil, "cut": whole[:len(whole)-1], "half": whole[:len(whole)/2], "no arena": whole[len(whole)-24:],
		"other build": append(append([]byte(nil), whole[:len(whole)-20]...), fmt.Appendf(nil, "%20d", 1)...),
	} {
		f, err := unix.MemfdCreate(name, unix.MFD_CLOEXEC)
		if err != nil {
			t.Fatal(err)
		}
		unix.Write(f, data)
		if vm, err := lua.Restore(lua.Config{}, f); err == nil {
			vm.Close()
			t.Errorf("%s: taken for a snapshot", name)
		}
		unix.Close(f)
	}
}
