package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
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

// engines returns the yardstick first, ours last.
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

// benchLua times every task on every engine.
func benchLua(o options, rep *report) error {
	tasks, err := filepath.Glob("bench/lua/*.lua")
	if err != nil {
		return err
	}
	if len(o.names) > 0 {
		tasks = nil
		for _, n := range o.names {
			tasks = append(tasks, "bench/lua/"+strings.TrimSuffix(n, ".lua")+".lua")
		}
	}
	if len(tasks) == 0 {
		return errors.New("no tasks in bench/lua")
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
	rep.section("Lua", fmt.Sprintf("User CPU seconds of the process, the fastest of up to %d runs; in parentheses the ratio to LuaJIT -joff.", o.runs))
	t := table{header: []string{"task"}}
	for _, e := range all {
		t.header = append(t.header, e.name)
	}
	var failed []string
	for _, task := range tasks {
		name := strings.TrimSuffix(filepath.Base(task), ".lua")
		times := make([]time.Duration, len(all))
		errs := make([]error, len(all))
		var want []byte
		for i, e := range all {
			var out []byte
			times[i], out, errs[i] = e.fastest(task, o.runs)
			switch {
			case errs[i] != nil:
			case want == nil:
				want = out
			case !bytes.Equal(out, want):
				errs[i] = fmt.Errorf("printed %q, %s printed %q", out, all[0].name, want)
			}
			if errs[i] != nil {
				failed = append(failed, fmt.Sprintf("%s on %s: %v", name, e.name, errs[i]))
			}
			fmt.Fprintf(progress, "lua        %-14s %-12s  %7.3f s  %v\n", name, e.name, times[i].Seconds(), errs[i])
		}
		row := []string{name}
		base := slices.IndexFunc(all, func(e engine) bool { return e.name == "LuaJIT -joff" })
		for i := range all {
			switch {
			case errs[i] != nil:
				row = append(row, "fails")
			case errs[base] != nil:
				row = append(row, fmt.Sprintf("%.3f", times[i].Seconds()))
			default:
				row = append(row, fmt.Sprintf("%.3f (%s)", times[i].Seconds(), ratio(float64(times[i]), float64(times[base]))))
			}
		}
		t.add(row...)
	}
	rep.table(t)
	for _, f := range failed {
		rep.line("- " + f)
	}
	return nil
}

// fastest runs a task several times and returns its least user time and its output.
func (e engine) fastest(task string, runs int) (time.Duration, []byte, error) {
	var least, spent time.Duration
	var output []byte
	for run := range runs {
		ctx, cancel := context.WithTimeout(context.Background(), taskTimeout)
		var stdout, stderr bytes.Buffer
		cmd := exec.CommandContext(ctx, e.argv[0], append(slices.Clone(e.argv[1:]), task)...)
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		err := cmd.Run()
		timedOut := ctx.Err() != nil
		cancel()
		if timedOut {
			return 0, nil, fmt.Errorf("not finished after %v", taskTimeout)
		}
		if err != nil {
			first, _, _ := strings.Cut(strings.TrimSpace(stderr.String()), "\n")
			return 0, nil, fmt.Errorf("%w: %s", err, first)
		}
		user := cmd.ProcessState.UserTime()
		if run == 0 || user < least {
			least, output = user, stdout.Bytes()
		}
		if spent += user + cmd.ProcessState.SystemTime(); spent > taskPatience {
			break
		}
	}
	return least, output, nil
}
