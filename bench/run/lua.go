package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	// taskTimeout ends a run that takes this long; slow engines are slow by a factor, not for ever.
	taskTimeout = 3 * time.Minute
	// taskPatience: no further runs of a task on an engine that has had this much time.
	taskPatience = 20 * time.Second
)

// An engine runs a Lua script that is the last argument.
type engine struct {
	name string
	argv []string
}

// engines returns those that run, ours last.
func engines(o options, tmp string) ([]engine, error) {
	luajit := os.Getenv("MOONRING_LUAJIT")
	if luajit == "" {
		luajit = "build/luajit/run"
	}
	if _, err := os.Stat(luajit); err != nil {
		return nil, fmt.Errorf("%w: `make deps` unpacks LuaJIT", err)
	}
	gopher := filepath.Join(tmp, "gopherlua")
	if out, err := exec.Command("go", "build", "-o", gopher, "./bench/gopherlua").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("building gopherlua: %w\n%s", err, out)
	}
	all := []engine{
		{"LuaJIT", []string{luajit}},
		{"LuaJIT -joff", []string{luajit, "-joff"}},
		{"PUC 5.1", []string{"lua5.1"}},
		{"gopher-lua", []string{gopher}},
	}
	if !o.peer {
		all = append(all, engine{"moonring", []string{o.moonring, "lua"}})
	}
	return all, nil
}

// scripts are the Lua files of a directory, or of these the ones that the options name.
func (o options) scripts(dir string) ([]string, error) {
	if len(o.names) > 0 {
		var named []string
		for _, n := range o.names {
			named = append(named, dir+"/"+strings.TrimSuffix(n, ".lua")+".lua")
		}
		return named, nil
	}
	all, err := filepath.Glob(dir + "/*.lua")
	if err == nil && len(all) == 0 {
		err = errors.New("no scripts in " + dir)
	}
	return all, err
}

// scriptName is what a script is called in reports.
func scriptName(path string) string { return strings.TrimSuffix(filepath.Base(path), ".lua") }

// benchLua times every task on every engine.
func benchLua(o options, rep *report) error {
	tasks, err := o.scripts("bench/lua")
	if err != nil {
		return err
	}
	tmp, err := os.MkdirTemp("", "moonring-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	all, err := engines(o, tmp)
	if err != nil {
		return err
	}
	var taskList []string
	times := make([][]time.Duration, 0, len(tasks)) // by task and engine; 0: it failed
	var failed []string
	for _, task := range tasks {
		name := scriptName(task)
		got, errs := race(all, task, o.runs)
		for i, err := range errs {
			if err != nil {
				failed = append(failed, fmt.Sprintf("%s on %s: %v", name, all[i].name, err))
			}
			fmt.Fprintf(progress, "lua        %-14s %-12s  %7.3f s  %v\n", name, all[i].name, got[i].Seconds(), err)
		}
		taskList = append(taskList, name)
		times = append(times, got)
	}
	rep.luaTables(taskList, all, times, o)
	if len(failed) > 0 {
		return errors.New(strings.Join(failed, "\n"))
	}
	return nil
}

// luaTables writes the times and, unless Moonring was not measured, how they compare: times is by task and engine, ours last, 0 for a
// run that failed.
func (r *report) luaTables(tasks []string, all []engine, times [][]time.Duration, o options) {
	what := fmt.Sprintf("User CPU seconds of the process, the fastest of up to %d runs", o.runs)
	if !o.peer {
		what += "; in parentheses divided by Moonring's: above 1 means that we are faster"
	}
	r.section("Lua", what+".")
	t := table{header: []string{"task"}}
	for _, e := range all {
		t.header = append(t.header, e.name)
	}
	for i, name := range tasks {
		row := []string{name}
		ours := times[i][len(all)-1]
		for k, d := range times[i] {
			switch {
			case d == 0:
				row = append(row, "fails")
			case o.peer || ours == 0 || k == len(all)-1:
				row = append(row, fmt.Sprintf("%.3f", d.Seconds()))
			default:
				row = append(row, fmt.Sprintf("%.3f (%s)", d.Seconds(), ratio(float64(d), float64(ours))))
			}
		}
		t.add(row...)
	}
	r.table(t)
	if o.peer {
		return
	}
	t = table{header: []string{"against", "geometric mean of their time / ours", "worst task", "best task", "tasks below 0.5"}}
	for k, e := range all[:len(all)-1] {
		if c, ok := compare(tasks, times, k); ok {
			t.add(e.name, us(c.mean), fmt.Sprintf("%s %.2f", c.worst, c.worstRatio), fmt.Sprintf("%s %.2f", c.best, c.bestRatio), strconv.Itoa(c.slow))
		}
	}
	r.table(t)
}

// A comparison of an engine's times with ours; ratios are their time divided by ours.
type comparison struct {
	mean                  float64 // geometric
	worst, best           string  // tasks
	worstRatio, bestRatio float64
	slow                  int // tasks below 0.5
}

// compare compares engine k with the last one over the tasks that both have a time for; without any ok is false.
func compare(tasks []string, times [][]time.Duration, k int) (c comparison, ok bool) {
	logs, n := 0.0, 0
	for i, row := range times {
		ours := row[len(row)-1]
		if ours == 0 || row[k] == 0 {
			continue
		}
		q := float64(row[k]) / float64(ours)
		logs += math.Log(q)
		if n == 0 || q < c.worstRatio {
			c.worst, c.worstRatio = tasks[i], q
		}
		if n == 0 || q > c.bestRatio {
			c.best, c.bestRatio = tasks[i], q
		}
		if q < 0.5 {
			c.slow++
		}
		n++
	}
	if n == 0 {
		return c, false
	}
	c.mean = math.Exp(logs / float64(n))
	return c, true
}

// race runs a task up to runs times on every engine, in turns so that what else the machine does meets them alike, and returns each
// engine's least user time. What an engine prints must be what the first one that works does.
func race(all []engine, task string, runs int) ([]time.Duration, []error) {
	least := make([]time.Duration, len(all))
	errs := make([]error, len(all))
	spent := make([]time.Duration, len(all))
	var want []byte
	var from string
	for range runs {
		for i, e := range all {
			if errs[i] != nil || spent[i] > taskPatience {
				continue
			}
			user, system, out, err := e.once(task)
			if err == nil && want == nil {
				want, from = out, e.name
			}
			if err == nil && !bytes.Equal(out, want) {
				err = fmt.Errorf("printed %q, %s printed %q", out, from, want)
			}
			if err != nil {
				errs[i], least[i] = err, 0
				continue
			}
			if least[i] == 0 || user < least[i] {
				least[i] = user
			}
			spent[i] += user + system
		}
	}
	return least, errs
}

// once runs a task and returns its CPU times and what it printed.
func (e engine) once(task string) (user, system time.Duration, output []byte, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), taskTimeout)
	defer cancel()
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, e.argv[0], append(slices.Clone(e.argv[1:]), task)...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return 0, 0, nil, fmt.Errorf("not finished after %v", taskTimeout)
		}
		first, _, _ := strings.Cut(strings.TrimSpace(stderr.String()), "\n")
		return 0, 0, nil, fmt.Errorf("%w: %s", err, first)
	}
	// A run within the clock's resolution would look like one that failed.
	user = max(cmd.ProcessState.UserTime(), time.Microsecond)
	return user, cmd.ProcessState.SystemTime(), stdout.Bytes(), nil
}
