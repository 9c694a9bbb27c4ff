package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of utime and stime in /proc/PID/stat: USER_HZ, 100 on every architecture Go runs on (proc(5)).
const tick = time.Second / 100

// cpuTime is what processes have used, of all their threads, those that have ended included.
type cpuTime struct{ user, sys time.Duration }

func (c cpuTime) total() time.Duration { return c.user + c.sys }

func (c cpuTime) sub(d cpuTime) cpuTime { return cpuTime{c.user - d.user, c.sys - d.sys} }

// procStat is the part of /proc/PID/stat that we read.
type procStat struct {
	parent int
	cpu    cpuTime
}

// parseStat reads the line of /proc/PID/stat. The second field, the name in parentheses, may contain anything.
func parseStat(line string) (procStat, error) {
	end := strings.LastIndexByte(line, ')')
	if end < 0 {
		return procStat{}, fmt.Errorf("no name in stat line %q", line)
	}
	fields := strings.Fields(line[end+1:])
	// Counted from the state, which is field 3 in proc(5): ppid is 4, utime 14, stime 15.
	if len(fields) < 13 {
		return procStat{}, fmt.Errorf("only %d fields in stat line %q", len(fields), line)
	}
	parent, err1 := strconv.Atoi(fields[1])
	user, err2 := strconv.ParseInt(fields[11], 10, 64)
	sys, err3 := strconv.ParseInt(fields[12], 10, 64)
	if err := errors.Join(err1, err2, err3); err != nil {
		return procStat{}, err
	}
	return procStat{parent, cpuTime{time.Duration(user) * tick, time.Duration(sys) * tick}}, nil
}

func statOf(pid int) (procStat, error) {
	line, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return procStat{}, err
	}
	return parseStat(string(line))
}

// descendants returns the processes below pid, itself left out.
func descendants(pid int) ([]int, error) {
	paths, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return nil, err
	}
	children := map[int][]int{}
	for _, p := range paths {
		child, err := strconv.Atoi(filepath.Base(filepath.Dir(p)))
		if err != nil {
			continue
		}
		if s, err := statOf(child); err == nil { // Some end while we read.
			children[s.parent] = append(children[s.parent], child)
		}
	}
	var all []int
	for queue := children[pid]; len(queue) > 0; queue = queue[1:] {
		all = append(all, queue[0])
		queue = append(queue, children[queue[0]]...)
	}
	return all, nil
}

// cpuOf adds up the CPU time of processes.
func cpuOf(pids []int) (cpuTime, error) {
	var sum cpuTime
	for _, pid := range pids {
		s, err := statOf(pid)
		if err != nil {
			return sum, err
		}
		sum.user += s.cpu.user
		sum.sys += s.cpu.sys
	}
	return sum, nil
}

// memory is what the kernel counts as resident, in bytes; PSS divides shared pages among those who map them.
type memory struct{ rss, pss int64 }

// parseRollup reads /proc/PID/smaps_rollup, whose lines are "Rss:   1234 kB".
func parseRollup(text string) (memory, error) {
	var m memory
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(line, ":")
		var to *int64
		switch name {
		case "Rss":
			to = &m.rss
		case "Pss":
			to = &m.pss
		default:
			continue
		}
		kb, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
		if err != nil {
			return m, err
		}
		*to = kb * 1024
	}
	if m.rss == 0 || m.pss == 0 {
		return m, fmt.Errorf("no Rss or Pss in smaps_rollup %q", text)
	}
	return m, nil
}

func memoryOf(pids []int) (memory, error) {
	var sum memory
	for _, pid := range pids {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
		if err != nil {
			return sum, err
		}
		m, err := parseRollup(string(text))
		if err != nil {
			return sum, err
		}
		sum.rss += m.rss
		sum.pss += m.pss
	}
	return sum, nil
}

// cpusAllowed returns the CPUs a process may run on, as the kernel writes them: "0", "0-3".
func cpusAllowed(pid int) (string, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, "Cpus_allowed_list:"); ok {
			return strings.TrimSpace(value), nil
		}
	}
	return "", fmt.Errorf("no Cpus_allowed_list for process %d", pid)
}
