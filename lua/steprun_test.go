package lua_test

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"moonring/lua"
	"moonring/lua/bytecode"
	"moonring/lua/difftest"
)

// within is what calls back into Lua from Go and so can't be suspended meanwhile, with what it calls. The
// builtins stand in the middle of a loop whose state is on Go's stack. LuaJIT has
// the same limit for all of them: "attempt to yield across C-call boundary".
var within = map[string]string{
	"sort": "the comparison", "gsub": "the replacement", "load": "the reader", "require": "loaders and the module",
	"print": "__tostring", "format": "__tostring", "put": "__tostring",
	"a finalizer": "", "a hook": "", "a message handler": "",
}

// TestStepped holds that a program which is suspended in front of every instruction does what it
// does without: other threads run and collections are made meanwhile, and stacks move. The
// programs are the scripts of the corpus and random ones; together they do every operation, and every fused one.
func TestStepped(t *testing.T) {
	scripts, err := difftest.Scripts("difftest/testdata")
	if err != nil {
		t.Fatal(err)
	}
	for i := range uint64(100) {
		src := difftest.Prelude + "refuel(300) " + difftest.Program(difftest.NewSource(31, i))
		scripts = append(scripts, difftest.Script{Name: fmt.Sprint("random/", i), File: "random.lua", Source: []byte(src)})
	}
	stops, all := 0, map[string]int{}
	ops := map[bytecode.Op]int{}
	for i, s := range scripts {
		if (raceEnabled || lua.Poisoned) && i%16 != 0 {
			continue
		}
		same(t, s, func(vm *lua.VM, chunk lua.Value) (*lua.Thread, lua.Status, error) {
			st := &lua.Stepper{Pairs: i%2 == 0 || strings.HasPrefix(s.Name, "ops/"), Most: 20000}
			r := difftest.NewSource(32, uint64(i))
			st.Between = func(st *lua.Stepper) {
				if strings.HasPrefix(s.Name, "gc/") { // looks at what is collected when
					return
				}
				switch r.IntN(400) {
				case 0:
					other, status := startHostile(t, st.VM, between)
					if status != lua.Done {
						t.Fatalf("in between: %v %s", status, other.ErrString())
					}
					other.Release()
				case 1:
					if err := st.MoveStack(); err != nil {
						t.Fatal(err)
					}
				case 2:
					st.VM.Collect()
					if err := st.VM.CheckHeap(); err != nil {
						t.Fatal(err)
					}
				}
			}
			st.Within = func(st *lua.Stepper) {
				if r.IntN(200) == 0 && !strings.HasPrefix(s.Name, "gc/") {
					if err := st.Disturb(); err != nil {
						t.Fatal(err)
					}
				}
			}
			th, status := st.Run(vm, chunk)
			stops += st.Stops
			for op, n := range st.Ops {
				ops[op] += n
			}
			for name, n := range st.Nested {
				all[name] += n
			}
			return th, status, nil
		})
	}
	t.Logf("suspended %d times; not within %v", stops, all)
	for name := range all {
		if _, known := within[name]; !known {
			t.Errorf("%s calls back into Lua and can't be suspended then", name)
		}
	}
	if raceEnabled || lua.Poisoned {
		return
	}
	for name := range within {
		if all[name] == 0 {
			t.Errorf("%s: not seen", name)
		}
	}
	for op := range lua.NumOperations {
		if ops[op] == 0 {
			t.Errorf("no script does %s", lua.OperationName(op))
		}
	}
}

// TestPatchedInPair: an instruction that is the second of a fused pair is reached when it alone is patched.
func TestPatchedInPair(t *testing.T) {
	const src = "local n, t = 0, {} for i = 1, 5 do n = n + i t.n = n t.m = t.n + n * n end local s = tostring(n) return s .. t.m"
	count := func(pairs bool, only func(int) bool) map[int]int {
		vm := newVM(t, lua.Config{})
		defer vm.Close()
		fn, err := vm.Load([]byte(src), "=pairs")
		if err != nil {
			t.Fatal(err)
		}
		counts := map[int]int{}
		st := &lua.Stepper{Pairs: pairs, Most: 1000, Only: only, At: func(i int) { counts[i]++ }}
		if th, status := st.Run(vm, fn); status != lua.Done {
			t.Fatal(th.ErrString())
		}
		return counts
	}
	want := count(false, nil)
	if len(want) < 20 || want[0] != 1 {
		t.Errorf("one by one: %v", want)
	}
	for i := range want {
		if got := count(true, func(k int) bool { return k == i })[i]; got != 1 { // then it lies open for good
			t.Errorf("instruction %d alone was reached %d times, want 1", i, got)
		}
	}
}

// TestTransplanted goes on from a snapshot now and then.
func TestTransplanted(t *testing.T) {
	all := 0
	for i := range uint64(60) {
		if (raceEnabled || lua.Poisoned) && i%16 != 0 {
			continue
		}
		src := difftest.Prelude + "refuel(300) " + difftest.Program(difftest.NewSource(33, i))
		var last *lua.VM
		moves := 0
		same(t, difftest.Script{Name: fmt.Sprint("random/", i), File: "random.lua", Source: []byte(src)}, func(vm *lua.VM, chunk lua.Value) (*lua.Thread, lua.Status, error) {
			r := difftest.NewSource(34, i)
			st := &lua.Stepper{Most: 20000}
			st.Between = func(st *lua.Stepper) {
				if r.IntN(300) != 0 || moves == 5 {
					return
				}
				moves++
				all++
				fd, err := unix.MemfdCreate("snapshot", unix.MFD_CLOEXEC)
				if err != nil {
					t.Fatal(err)
				}
				defer unix.Close(fd)
				if err := st.Transplant(lua.Config{}, fd); err != nil {
					t.Fatal(err)
				}
				last = st.VM
			}
			th, status := st.Run(vm, chunk)
			return th, status, nil
		})
		if last != nil {
			last.Close()
		}
	}
	if all < 4 {
		t.Errorf("went on from %d snapshots", all)
	}
}
