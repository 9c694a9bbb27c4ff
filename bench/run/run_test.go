package main

import (
	"os"
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
