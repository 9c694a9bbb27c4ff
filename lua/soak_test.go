package lua_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"moonring/lua"
	"moonring/lua/difftest"
	"moonring/lua/lib"
)

// TestDifferential compares a few random programs with LuaJIT.
func TestDifferential(t *testing.T) {
	n := int64(600)
	if raceEnabled || lua.Poisoned {
		n = 100
	}
	if *programCount != 0 {
		n = int64(*programCount)
	}
	differential(t, *programSeed, n, 0)
}

// TestSoakDifferential does so for as long as MOONRING_SOAK says, as `make soak` sets it, with a seed of its own, and otherwise for a moment.
func TestSoakDifferential(t *testing.T) {
	d, err := time.ParseDuration(os.Getenv("MOONRING_SOAK"))
	if err != nil {
		differential(t, *programSeed+1, 0, time.Second)
		return
	}
	seed := *programSeed
	if seed == programSeedDefault {
		seed = rand.Uint64()
	}
	differential(t, seed, 0, d)
}

// failuresMax ends a run that finds difference after difference.
const failuresMax = 40

// soak is one run.
type soak struct {
	t     *testing.T
	seed  uint64
	texts [][]byte
	next  atomic.Int64

	mu       sync.Mutex
	failures map[string]int // by what differs
	kinds    map[string]int
	skipped  map[string]int // results that can't be compared
	plain    int            // programs that gopher-lua ran, too
	alone    int            // of these, where it differs from the two others: it has faults of its own
}

// differential runs count programs, or as many as there are in the time given.
func differential(t *testing.T, seed uint64, count int64, d time.Duration) {
	luajit, err := difftest.FindLuaJIT()
	if err != nil {
		t.Fatal(err)
	}
	scripts, err := difftest.Scripts("difftest/testdata")
	if err != nil || len(scripts) == 0 {
		t.Fatal(len(scripts), err)
	}
	s := &soak{t: t, seed: seed, failures: map[string]int{}, kinds: map[string]int{}, skipped: map[string]int{}}
	for _, script := range scripts {
		s.texts = append(s.texts, script.Source)
	}
	t.Logf("seed %d", seed)
	before, start := cpuTime(t), time.Now()
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		server, err := luajit.Server()
		if err != nil {
			t.Fatal(err)
		}
		wg.Go(func() {
			defer server.Close() // waits for it, so that its CPU time counts
			for {
				i := s.next.Add(1) - 1
				if count > 0 && i >= count || d > 0 && time.Since(start) > d || s.found() >= failuresMax {
					return
				}
				s.one(server, i)
			}
		})
	}
	wg.Wait()
	t.Logf("%d programs in %v, CPU time %v with LuaJIT's; %v; not compared: %v", sum(s.kinds), time.Since(start).Round(time.Second), (cpuTime(t) - before).Round(time.Second), s.kinds, s.skipped)
	t.Logf("gopher-lua ran %d programs, and differs from both in %d", s.plain, s.alone)
	if sum(s.skipped) > sum(s.kinds)/20 || s.alone > s.plain/10 {
		t.Error("too many programs were not compared")
	}
}

func sum(counts map[string]int) (n int) {
	for _, v := range counts {
		n += v
	}
	return n
}

// cpuTime is what this process and its children that have ended took.
func cpuTime(t *testing.T) (d time.Duration) {
	for _, who := range []int{unix.RUSAGE_SELF, unix.RUSAGE_CHILDREN} {
		var r unix.Rusage
		if err := unix.Getrusage(who, &r); err != nil {
			t.Fatal(err)
		}
		d += time.Duration(r.Utime.Nano() + r.Stime.Nano())
	}
	return d
}

func (s *soak) found() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.failures)
}

// one makes program number i and compares.
func (s *soak) one(server *difftest.Server, i int64) {
	kind, p := difftest.Make(difftest.NewSource(s.seed, uint64(i)), s.texts)
	e := randomEngine(difftest.NewSource(s.seed+1, uint64(i)))
	got, err := e.run(p)
	var want []byte
	if err == nil {
		want, err = server.Run(context.Background(), p)
	}
	skip, alone := "", false
	if err == nil && kind.Plain && bytes.Equal(want, got) {
		third, fault := runGopher(p)
		alone = fault != nil || !bytes.Equal(third, got)
	}
	if errors.Is(err, difftest.ErrReference) {
		skip = "LuaJIT crashed"
		s.t.Logf("program %d of seed %d, %s: %v", i, s.seed, kind.Name, err)
	} else if err == nil {
		skip = explained(p.Source, want, got)
	}
	s.mu.Lock()
	s.kinds[kind.Name]++
	if skip != "" {
		s.skipped[skip]++
	}
	if kind.Plain {
		s.plain++
	}
	if alone {
		s.alone++
	}
	s.mu.Unlock()
	if skip != "" || err == nil && bytes.Equal(want, got) {
		return
	}
	what := func(want, got []byte, err error) string {
		if err != nil {
			return err.Error()
		}
		return difftest.Diff(want, got)
	}
	first := what(want, got, err)
	// The smallest program that still does it, as far as it is found soon.
	e.dump = false
	same := func(source string) bool {
		q := difftest.Chunk{Source: source, How: p.How}
		g, ourErr := e.run(q)
		if err != nil || ourErr != nil {
			return err != nil && ourErr != nil && sort(ourErr.Error()) == sort(err.Error())
		}
		w, err := server.Run(context.Background(), q)
		return err == nil && !bytes.Equal(w, g) && explained(source, w, g) == "" && sort(difftest.Diff(w, g)) == sort(first)
	}
	small := shrink(p.Source, same, time.Now().Add(20*time.Second))
	key := kind.Name + ": " + sort(first)
	s.mu.Lock()
	s.failures[key]++
	n := len(s.failures)
	again := s.failures[key] > 1
	s.mu.Unlock()
	if again {
		return
	}
	name := filepath.Join(s.t.ArtifactDir(), fmt.Sprintf("%d.lua", n))
	if err := os.WriteFile(name, []byte(p.Source), 0o644); err != nil {
		s.t.Error(err)
	}
	s.t.Errorf("program %d of seed %d, %s, %s, engine %+v, %s: %s\n%s", i, s.seed, kind.Name, p.How, e, name, first, small)
}

// cdata is a number that only LuaJIT with ffi knows.
var cdata = regexp.MustCompile(`(?i)[0-9a-f.](i|u?ll)`)

// explained says why two outputs may differ: what docs/differences.md has, and what is no fault of either. Empty if there is no reason, or
// no difference.
func explained(source string, want, got []byte) string {
	has := func(b []byte, s string) bool { return bytes.Contains(b, []byte(s)) }
	switch {
	case bytes.Equal(want, got):
		return ""
	case has(got, "not enough memory"):
		return "memory"
	case has(got, "CPU budget exceeded"): // of patterns that try everything
		return "budget"
	case has(got, "error in error handling") != has(want, "error in error handling"):
		return "second error in a handler"
	case bytes.Equal(overflow.ReplaceAll(want, nil), overflow.ReplaceAll(got, nil)): // frames have other sizes
		return "place of a stack overflow"
	case has(got, "malformed number near") && cdata.MatchString(source):
		return "numbers of ffi"
	case lastDigits(want, got):
		return "last digit"
	}
	return ""
}

var overflow = regexp.MustCompile(`p:\d+: stack overflow|stack overflow`)

var numeral = regexp.MustCompile(`\d\.?\d*(e[-+]\d+)?`)

// lastDigits tells whether two outputs differ just by neighbouring floats. Neither C's library nor ours rounds every power, exponential or
// angle correctly; both are off in other places.
func lastDigits(want, got []byte) bool {
	if !bytes.Equal(numeral.ReplaceAll(want, nil), numeral.ReplaceAll(got, nil)) {
		return false
	}
	g := numeral.FindAll(got, -1)
	for i, w := range numeral.FindAll(want, -1) {
		if bytes.Equal(w, g[i]) {
			continue
		}
		x, err := strconv.ParseFloat(string(w), 64)
		y, err2 := strconv.ParseFloat(string(g[i]), 64)
		if err != nil || err2 != nil || len(w) < 15 || math.Nextafter(x, y) != y {
			return false
		}
	}
	return true
}

// particular is what differs between two cases of one difference.
var particular = regexp.MustCompile(`\d+|"(\\.|[^"\\])*"|'[^']*'`)

// sort classifies a difference.
func sort(diff string) string {
	_, after, found := strings.Cut(diff, "\n") // without the line's number
	if found {
		diff = after
	}
	s := particular.ReplaceAllString(strings.ReplaceAll(diff, `\"`, `'`), "_")
	if len(s) < 60 {
		// All is in quotes: the words count.
		s = regexp.MustCompile(`\d+`).ReplaceAllString(diff, "_")
	}
	return s[:min(len(s), 200)]
}

// shrink takes away lines, then other parts, of a source that is bad, as long as it stays so.
func shrink(source string, bad func(string) bool, until time.Time) string {
	for _, sep := range []string{"\n", " ", ""} {
		parts := strings.SplitAfter(source, sep)
		if sep == "" {
			parts = strings.Split(source, "")
		}
		for size := max(len(parts)/2, 1); size > 0; size /= 2 {
			for i := 0; i < len(parts); {
				if time.Now().After(until) {
					return strings.Join(parts, "")
				}
				less := slices.Concat(parts[:i], parts[min(i+size, len(parts)):])
				if bad(strings.Join(less, "")) {
					parts = less
				} else {
					i += size
				}
			}
		}
		source = strings.Join(parts, "")
		if len(source) > 400 && sep == " " {
			return source
		}
	}
	return source
}

// engine is how our side runs a program.
type engine struct {
	stress bool  // a full collection at every safepoint
	limit  int64 // memory, in bytes
	pause  int   // collectgarbage's settings
	step   int
	dump   bool // by way of bytecode
	hook   bool // a hook runs often
	verify bool // the heap is verified afterwards
}

func randomEngine(s difftest.Source) engine {
	e := engine{limit: 64 << 20, pause: []int{200, 100, 110, 150, 400}[s.IntN(5)], step: []int{200, 100, 50, 1000, 10}[s.IntN(5)]}
	switch s.IntN(16) {
	case 0:
		e.stress = true
	case 1, 2:
		e.limit = int64(2+s.IntN(4)) << 20
	case 3:
		e.hook = true
	}
	e.dump = s.IntN(4) == 0
	e.verify = e.stress || s.IntN(8) == 0
	return e
}

// run gives what a program prints; an error is a fault of the engine.
func (e engine) run(p difftest.Chunk) (out []byte, err error) {
	defer func() {
		if r := recover(); r != nil {
			stack := make([]byte, 4096)
			err = fmt.Errorf("panic: %v\n%s", r, stack[:runtime.Stack(stack, false)])
		}
	}()
	vm, err := lua.New(lua.Config{MemoryLimit: e.limit, InstrBudget: 50_000_000})
	if err != nil {
		return nil, err
	}
	defer vm.Close()
	var stdout bytes.Buffer
	vm.SetStdout(&stdout)
	lib.Open(vm)
	prepare := fmt.Sprintf("collectgarbage('setpause', %d) collectgarbage('setstepmul', %d)", e.pause, e.step)
	if e.hook {
		prepare += " local n = 0 debug.sethook(function(...) n = n + #{...} + #tostring(n) end, '', 20)"
	}
	for _, source := range []string{difftest.Prelude, prepare} {
		fn, err := vm.Load([]byte(source), "=prelude")
		if err != nil {
			return nil, err
		}
		if _, err := vm.Call(fn); err != nil {
			return nil, err
		}
	}
	run := vm.Field(vm.Globals(), "run")
	text := lua.Nil
	fn, err := vm.Load([]byte(p.Source), "=p")
	if err != nil {
		fn, text = lua.Nil, vm.NewStringS(err.Error())
	} else if e.dump {
		b, _ := vm.Dump(nil, fn, false)
		if fn, err = vm.Load(b, "=p"); err != nil {
			return nil, fmt.Errorf("dumped: %w", err)
		}
	}
	if _, err = vm.Call(run, fn, text, vm.NewStringS(p.How)); err != nil {
		fmt.Fprintf(&stdout, "prelude: %v\n", err)
	}
	if e.verify {
		if err := vm.CheckHeap(); err != nil {
			return nil, fmt.Errorf("heap: %w", err)
		}
		vm.Collect()
		if err := vm.CheckHeap(); err != nil {
			return nil, fmt.Errorf("heap after a collection: %w", err)
		}
	}
	return stdout.Bytes(), nil
}
