package main

import (
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// loadResult is what the load generator saw.
type loadResult struct {
	requests int
	perSec   float64
	p50, p99 time.Duration
}

var (
	wrkRequests = regexp.MustCompile(`(\d+) requests in `)
	wrkPerSec   = regexp.MustCompile(`Requests/sec:\s+([\d.]+)`)
	wrkP50      = regexp.MustCompile(`(?m)^\s+50%\s+([\d.]+[a-z]+)`)
	wrkP99      = regexp.MustCompile(`(?m)^\s+99%\s+([\d.]+[a-z]+)`)
	wrkBad      = regexp.MustCompile(`(?m)^\s*(Non-2xx or 3xx responses:.*|Socket errors:.*)$`)
)

// parseWrk reads the output of wrk --latency. A response that isn't 2xx or 3xx, or a socket error, makes the result worthless.
func parseWrk(out string) (loadResult, error) {
	var r loadResult
	if bad := wrkBad.FindString(out); bad != "" {
		return r, errors.New("wrk: " + strings.TrimSpace(bad))
	}
	find := func(re *regexp.Regexp) string {
		if m := re.FindStringSubmatch(out); m != nil {
			return m[1]
		}
		return ""
	}
	var errs [4]error
	r.requests, errs[0] = strconv.Atoi(find(wrkRequests))
	r.perSec, errs[1] = strconv.ParseFloat(find(wrkPerSec), 64)
	r.p50, errs[2] = time.ParseDuration(find(wrkP50)) // wrk's us, ms, s and m are Go's.
	r.p99, errs[3] = time.ParseDuration(find(wrkP99))
	if err := errors.Join(errs[:]...); err != nil {
		return r, fmt.Errorf("output of wrk not understood: %w\n%s", err, out)
	}
	return r, nil
}

// load runs wrk on CPU 1 for the duration, one thread.
func load(addr string, s scenario, connections int, duration time.Duration) (loadResult, error) {
	args := []string{"-c", "1", "wrk", "--latency", "-t1", fmt.Sprintf("-c%d", connections), fmt.Sprintf("-d%ds", int(duration.Seconds()))}
	for _, h := range s.headers {
		args = append(args, "-H", h)
	}
	out, err := exec.Command("taskset", append(args, "http://"+addr+s.path)...).CombinedOutput()
	if err != nil {
		return loadResult{}, fmt.Errorf("taskset %s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return parseWrk(string(out))
}
