package main

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestParseStat(t *testing.T) {
	got, err := parseStat("7 (a (b) c) S 3 7 7 0 -1 4194560 1 2 3 4 250 75 8 9 20 0 1 0 5 6 7")
	if err != nil {
		t.Fatal(err)
	}
	if want := (procStat{3, cpuTime{2500 * time.Millisecond, 750 * time.Millisecond}}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	for _, bad := range []string{"", "7 (x) S 3", "7 (x) S x 7 7 0 -1 4194560 1 2 3 4 250 75 8"} {
		if _, err := parseStat(bad); err == nil {
			t.Errorf("%q was understood", bad)
		}
	}
}

func TestOwnStatAndMemory(t *testing.T) {
	s, err := statOf(os.Getpid())
	if err != nil || s.parent != os.Getppid() {
		t.Errorf("parent %d, %v, want %d", s.parent, err, os.Getppid())
	}
	m, err := memoryOf([]int{os.Getpid()})
	if err != nil || m.pss > m.rss {
		t.Errorf("memory %+v, %v", m, err)
	}
	if cpus, err := cpusAllowed(os.Getpid()); err != nil || cpus == "" {
		t.Errorf("CPUs %q, %v", cpus, err)
	}
}

const wrkOutput = `Running 5s test @ http://127.0.0.1:1/
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   825.11us  412.02us  12.07ms   93.56%
  Latency Distribution
     50%  789.00us
     75%    0.86ms
     90%    0.98ms
     99%    2.14ms
  389254 requests in 5.10s, 60.14MB read
Requests/sec:  76325.44
Transfer/sec:     11.79MB
`

func TestParseWrk(t *testing.T) {
	got, err := parseWrk(wrkOutput)
	want := loadResult{389254, 76325.44, 789 * time.Microsecond, 2140 * time.Microsecond}
	if err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	for _, bad := range []string{
		"",
		wrkOutput + "  Non-2xx or 3xx responses: 5\n",
		"  Socket errors: connect 0, read 1, write 0, timeout 0\n" + wrkOutput,
	} {
		if _, err := parseWrk(bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

func TestMedian(t *testing.T) {
	if got := median([]float64{9, 1, 5}); got != 5 {
		t.Errorf("of three: %v", got)
	}
	if got := median([]float64{9, 1, 5, 2}); got != 3.5 {
		t.Errorf("of four: %v", got)
	}
}

func TestOptions(t *testing.T) {
	o, err := parse([]string{"-peer", "-rounds", "3", "http", "hello"})
	if err != nil || !o.peer || o.rounds != 3 || o.section != "http" || len(o.names) != 1 || o.names[0] != "hello" {
		t.Errorf("got %+v, %v", o, err)
	}
	for _, bad := range [][]string{{"nonsense"}, {"-rounds", "0"}, {"-duration", "10ms"}} {
		if _, err := parse(bad); err == nil {
			t.Errorf("%v was taken", bad)
		}
	}
}

func TestScenarios(t *testing.T) {
	t.Chdir("../..")
	for _, name := range append(httpScenarios, "idle") {
		s, err := readScenario(name)
		if err != nil || s.path == "" || s.path[0] != '/' {
			t.Errorf("%s: %+v, %v", name, s, err)
		}
		prefix, err := s.prepare(12345, 12346)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		os.RemoveAll(prefix)
	}
}

func TestCompare(t *testing.T) {
	const ms = time.Millisecond
	times := [][]time.Duration{{40 * ms, 1 * ms, 10 * ms}, {10 * ms, 0, 40 * ms}, {10 * ms, 0, 0}}
	tasks := []string{"a", "b", "c"}
	got, ok := compare(tasks, times, 0)
	if want := (comparison{1, "b", "a", 0.25, 4, 1}); !ok || math.Abs(got.mean-1) > 1e-9 || got.worst != want.worst ||
		got.best != want.best || got.worstRatio != want.worstRatio || got.bestRatio != want.bestRatio || got.slow != want.slow {
		t.Errorf("got %+v, %v, want %+v", got, ok, want)
	}
	if got, ok := compare(tasks, times, 1); !ok || math.Abs(got.mean-0.1) > 1e-9 || got.worst != "a" || got.best != "a" {
		t.Errorf("one task in common: %+v, %v", got, ok)
	}
	if _, ok := compare(tasks[2:], times[2:], 0); ok {
		t.Error("compared what has nothing in common")
	}
	var rep report
	rep.luaTables(tasks, []engine{{"X", nil}, {"Y", nil}, {"ours", nil}}, times, options{runs: 1})
	for _, row := range []string{"| a | 0.040 (4.00) | 0.001 (0.10) | 0.010 |", "| c | 0.010 | fails | fails |", "| X | 1.00 | b 0.25 | a 4.00 | 1 |"} {
		if !strings.Contains(rep.String(), row+"\n") {
			t.Errorf("no row %q in %s", row, rep.String())
		}
	}
}

func TestRace(t *testing.T) {
	all := []engine{
		{"fails", []string{"sh", "-c", "echo oops >&2; exit 1"}},
		{"one", []string{"sh", "-c", "echo $0"}},
		{"two", []string{"echo"}},
		{"other", []string{"sh", "-c", "echo else"}},
	}
	times, errs := race(all, "task", 2)
	for i, works := range []bool{false, true, true, false} {
		if (errs[i] == nil) != works || (times[i] > 0) != works {
			t.Errorf("%s: %v, %v", all[i].name, times[i], errs[i])
		}
	}
	if !strings.Contains(errs[0].Error(), "oops") || !strings.Contains(errs[3].Error(), "one printed") {
		t.Errorf("errors %q, %q", errs[0], errs[3])
	}
}

// The programs say what they measure, print something, and ask for nothing that Lua 5.1 doesn't have.
func TestTasks(t *testing.T) {
	tasks, err := filepath.Glob("../lua/*.lua")
	if err != nil || len(tasks) < 20 {
		t.Fatalf("%d tasks, %v", len(tasks), err)
	}
	for _, task := range tasks {
		text, err := os.ReadFile(task)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(string(text), "-- ") || !strings.Contains(string(text), "print(") {
			t.Errorf("%s: no comment on top, or nothing printed", task)
		}
		for _, word := range []string{"require", "bit.", "jit.", "goto ", "os.", "table.new"} {
			if strings.Contains(string(text), word) {
				t.Errorf("%s uses %s", task, word)
			}
		}
	}
}
