package main

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"time"

	"moonring/lua"
	"moonring/lua/lib"

	"golang.org/x/sys/unix"
)

// liveSizes are the heaps that are measured, in MiB of what is alive.
var liveSizes = []int{64, 256}

// gcLimit is far above the largest heap: near the limit the collector hurries.
const gcLimit = 4 << 30

// benchGC measures how long a script stands still for a step of the collector: bench/gc/*.lua each fill a heap and return a function
// that keeps changing it.
func benchGC(o options, rep *report) error {
	if o.peer {
		return nil
	}
	scripts, err := o.scripts("bench/gc")
	if err != nil {
		return err
	}
	rep.section("Collector", fmt.Sprintf("Steps of the collector while a script changes its heap, over %d cycles: CPU time of the thread in us, and of the worst the time by the clock, which other programs add to.", gcCycles))
	for _, live := range liveSizes {
		t := table{header: []string{fmt.Sprintf("%d MiB live", live), "steps", "mean", "p99.9", "worst", "by the clock", "phases of the worst"}}
		var worst time.Duration
		for _, script := range scripts {
			s, err := collectorSteps(script, live)
			if err != nil {
				return fmt.Errorf("%s with %d MiB: %w", script, live, err)
			}
			name := scriptName(script)
			fmt.Fprintf(progress, "gc         %-10s %3d MiB  worst %v in %s\n", name, live, s.worst.cpu, s.worst.phases)
			worst = max(worst, s.worst.cpu)
			t.add(name, fmt.Sprint(len(s.cpu)), micros(s.mean()), micros(s.percentile(0.999)), micros(s.worst.cpu), micros(s.worst.wall), s.worst.phases)
		}
		rep.table(t)
		rep.line("")
		rep.line(fmt.Sprintf("Worst pause with %d MiB live: %s us.", live, micros(worst)))
	}
	return nil
}

func micros(d time.Duration) string { return fmt.Sprintf("%.1f", float64(d.Nanoseconds())/1000) }

const gcCycles = 2 // complete ones that are measured

// steps are those of some cycles.
type steps struct {
	cpu    []time.Duration
	worst  step
	cycles int
}

type step struct {
	cpu, wall time.Duration
	phases    string // in which it began and ended
}

func (s *steps) mean() time.Duration {
	var sum time.Duration
	for _, d := range s.cpu {
		sum += d
	}
	return sum / time.Duration(max(len(s.cpu), 1))
}

// percentile is the time that a share q of the steps doesn't exceed.
func (s *steps) percentile(q float64) time.Duration {
	if len(s.cpu) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(s.cpu))
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)]
}

// watch returns what VM.WatchCollector calls to fill in s. The first cycle that ends, which the build of the heap began, doesn't count.
func (s *steps) watch() func(done bool, phase string) {
	var cpu, wall time.Duration
	var from string
	s.cycles = -1
	return func(done bool, phase string) {
		if !done {
			from = phase
			wall, cpu = monotonic(unix.CLOCK_MONOTONIC), monotonic(unix.CLOCK_THREAD_CPUTIME_ID)
			return
		}
		d := step{monotonic(unix.CLOCK_THREAD_CPUTIME_ID) - cpu, monotonic(unix.CLOCK_MONOTONIC) - wall, from}
		if phase != from {
			d.phases += " to " + phase
		}
		if s.cycles >= 0 {
			s.cpu = append(s.cpu, d.cpu)
			if d.cpu > s.worst.cpu {
				s.worst = d
			}
		}
		if phase == "pause" && from != phase {
			s.cycles++
		}
	}
}

func monotonic(clock int32) time.Duration {
	var ts unix.Timespec
	if unix.ClockGettime(clock, &ts) != nil {
		panic("no clock")
	}
	return time.Duration(ts.Nano())
}

// collectorSteps runs a script with so many MiB until some cycles are over.
func collectorSteps(script string, live int) (*steps, error) {
	runtime.LockOSThread() // the CPU time is a thread's
	defer runtime.UnlockOSThread()
	source, err := os.ReadFile(script)
	if err != nil {
		return nil, err
	}
	vm, err := lua.New(lua.Config{MemoryLimit: gcLimit})
	if err != nil {
		return nil, err
	}
	defer vm.Close()
	lib.Open(vm)
	defer lib.Close(vm)
	build, err := vm.Load(source, "@"+script)
	if err != nil {
		return nil, err
	}
	results, err := vm.Call(build, lua.Number(float64(live)*1024))
	if err != nil {
		return nil, err
	}
	if len(results) != 1 {
		return nil, fmt.Errorf("returned %d values, not a function", len(results))
	}
	mutate := vm.Pin(results[0])
	s := &steps{cpu: make([]time.Duration, 0, 1<<18)}
	vm.WatchCollector(s.watch())
	for began := time.Now(); s.cycles < gcCycles; {
		if _, err := vm.Call(vm.Pinned(mutate)); err != nil {
			return nil, err
		}
		if time.Since(began) > taskTimeout {
			return nil, fmt.Errorf("%d cycles after %v", s.cycles, taskTimeout)
		}
	}
	vm.WatchCollector(nil)
	return s, nil
}
