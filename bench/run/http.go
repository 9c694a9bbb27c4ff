package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"
)

// httpScenarios in the order of the report.
var httpScenarios = []string{"return200", "hello", "accesslog", "threephase", "proxy", "redis", "static1k",
	"dictget", "dictincr", "dictgetsmall", "dictincrsmall", "dictget2", "dictincr2"}

// warmUp lets caches, pools and JIT traces fill before anything counts.
const warmUp = time.Second

// sample is one round of one server.
type sample struct {
	load loadResult
	cpu  cpuTime
}

// perRequest is CPU time divided by requests, in microseconds.
func perRequest(d time.Duration, requests int) float64 {
	return float64(d) / float64(time.Microsecond) / float64(requests)
}

// benchHTTP runs the servers in turns and adds one table for each figure.
func benchHTTP(o options, rep *report) error {
	if runtime.NumCPU() < 2 {
		return errors.New("the server and the load each need a CPU, this machine has one")
	}
	all, err := servers(o)
	if err != nil {
		return err
	}
	names := o.names
	if len(names) == 0 {
		names = httpScenarios
	}
	rep.section("HTTP", fmt.Sprintf("One worker on CPU 0, wrk with %d keep-alive connections on CPU 1, %d rounds of %v a server. us/req is CPU time of the worker, user and system.",
		o.connections, o.rounds, o.duration))
	costs := table{header: []string{"scenario", "server", "us/req median", "min", "user", "sys", "req/s median", "max", "p50", "p99"}}
	ratios := table{header: []string{"scenario", "nginx / moonring us/req, medians", "minima", "moonring / nginx req/s, medians"}}
	for _, name := range names {
		s, err := readScenario(name)
		if err != nil {
			return err
		}
		samples, err := s.measure(o, all)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		var sums []summary
		for i, srv := range all {
			sum := summarize(samples[i])
			sums = append(sums, sum)
			costs.add(name, srv.name, us(sum.total), us(sum.totalMin), us(sum.user), us(sum.sys),
				fmt.Sprintf("%.0f", sum.perSec), fmt.Sprintf("%.0f", sum.perSecMax), sum.p50.String(), sum.p99.String())
		}
		if len(sums) == 2 {
			ratios.add(name, ratio(sums[0].total, sums[1].total), ratio(sums[0].totalMin, sums[1].totalMin), ratio(sums[1].perSec, sums[0].perSec))
		}
	}
	rep.table(costs)
	rep.table(ratios)
	return nil
}

// measure returns the samples of every server, in the order of all.
func (s scenario) measure(o options, all []server) ([][]sample, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	upstream, err := freePort()
	if err != nil {
		return nil, err
	}
	prefix, err := s.prepare(port, upstream)
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(prefix)
	origin, err := s.startUpstream(prefix, upstream)
	if err != nil {
		return nil, err
	}
	if origin != nil {
		defer origin.stop()
	}
	redis, err := s.startRedis(prefix, upstream)
	if err != nil {
		return nil, err
	}
	if redis != nil {
		defer redis.stop()
	}

	samples := make([][]sample, len(all))
	var firstBody []byte
	for round := range o.rounds {
		order := make([]int, len(all))
		for i := range order {
			order[i] = i
		}
		if round%2 == 1 {
			slices.Reverse(order)
		}
		for _, i := range order {
			sm, body, err := s.once(o, all[i], prefix, port)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", all[i].name, err)
			}
			if firstBody == nil {
				firstBody = body
			} else if !bytes.Equal(body, firstBody) {
				return nil, fmt.Errorf("%s answers %q, where another server, or a round before, said %q", all[i].name, body, firstBody)
			}
			samples[i] = append(samples[i], sm)
			fmt.Fprintf(progress, "%-10s round %d/%d  %-8s  %6.2f us/req  %8.0f req/s  p99 %v\n",
				s.name, round+1, o.rounds, all[i].name, perRequest(sm.cpu.total(), sm.load.requests), sm.load.perSec, sm.load.p99)
		}
	}
	return samples, nil
}

// once starts a server, warms it up, and measures it for one round.
func (s scenario) once(o options, srv server, prefix string, port int) (sample, []byte, error) {
	var sm sample
	inst, err := srv.start(prefix, port, s.cpus)
	if err != nil {
		return sm, nil, err
	}
	defer inst.stop()
	body, err := s.request(inst.addr)
	if err != nil {
		return sm, nil, err
	}
	if _, err := load(inst.addr, s, o.connections, warmUp); err != nil {
		return sm, nil, err
	}
	before, err := cpuOf(inst.workers)
	if err != nil {
		return sm, nil, err
	}
	if sm.load, err = load(inst.addr, s, o.connections, o.duration); err != nil {
		return sm, nil, err
	}
	after, err := cpuOf(inst.workers)
	if err != nil {
		return sm, nil, fmt.Errorf("a worker is gone: %w", err)
	}
	sm.cpu = after.sub(before)
	if sm.load.requests == 0 {
		return sm, nil, errors.New("no request was answered")
	}
	return sm, body, nil
}

// request makes the scenario's request once and returns the body of a 200.
func (s scenario) request(addr string) ([]byte, error) {
	req, err := http.NewRequest("GET", "http://"+addr+s.path, nil)
	if err != nil {
		return nil, err
	}
	for _, h := range s.headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	client := http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s answered %s: %q", addr, resp.Status, body)
	}
	return body, err
}

// summary condenses the rounds of one server; CPU figures in microseconds per request.
type summary struct {
	total, totalMin, user, sys float64
	perSec, perSecMax          float64
	p50, p99                   time.Duration
}

func summarize(samples []sample) summary {
	column := func(f func(sample) float64) []float64 {
		var all []float64
		for _, s := range samples {
			all = append(all, f(s))
		}
		return all
	}
	total := column(func(s sample) float64 { return perRequest(s.cpu.total(), s.load.requests) })
	perSec := column(func(s sample) float64 { return s.load.perSec })
	return summary{
		total:     median(total),
		totalMin:  slices.Min(total),
		user:      median(column(func(s sample) float64 { return perRequest(s.cpu.user, s.load.requests) })),
		sys:       median(column(func(s sample) float64 { return perRequest(s.cpu.sys, s.load.requests) })),
		perSec:    median(perSec),
		perSecMax: slices.Max(perSec),
		p50:       time.Duration(median(column(func(s sample) float64 { return float64(s.load.p50) }))).Round(time.Microsecond),
		p99:       time.Duration(median(column(func(s sample) float64 { return float64(s.load.p99) }))).Round(time.Microsecond),
	}
}

// median of at least one value; of an even number the mean of the middle two.
func median(values []float64) float64 {
	v := slices.Sorted(slices.Values(values))
	m := len(v) / 2
	if len(v)%2 == 1 {
		return v[m]
	}
	return (v[m-1] + v[m]) / 2
}
