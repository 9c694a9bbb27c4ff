package main

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// A server is a program that reads an nginx.conf.
type server struct {
	name    string
	program string
}

// servers returns those to be measured, the peer first.
func servers(o options) ([]server, error) {
	nginx := server{"nginx", "/usr/sbin/nginx"}
	if _, err := os.Stat(nginx.program); err != nil {
		return nil, fmt.Errorf("%w: `make deps` installs it", err)
	}
	if o.peer {
		return []server{nginx}, nil
	}
	return []server{nginx, {"moonring", o.moonring}}, nil
}

// version asks a server who it is.
func (s server) version() string {
	out, err := exec.Command(s.program, "-v").CombinedOutput()
	if err != nil {
		return s.name + ": " + err.Error()
	}
	return strings.TrimSpace(string(out))
}

// A scenario is a folder below bench/scenario: the configuration that all servers load, and the request that the load repeats.
type scenario struct {
	name    string
	path    string
	headers []string
	cpus    []string // of its workers, one each
}

func readScenario(name string) (scenario, error) {
	text, err := os.ReadFile(filepath.Join("bench/scenario", name, "load"))
	if err != nil {
		return scenario{}, err
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	cpus := []string{"0"}
	if text, err := os.ReadFile(filepath.Join("bench/scenario", name, "cpus")); err == nil {
		cpus = strings.Fields(string(text))
	}
	return scenario{name, lines[0], lines[1:], cpus}, nil
}

// prepare copies a scenario to a new prefix and fills in the port.
func (s scenario) prepare(port, upstream int) (prefix string, err error) {
	prefix, err = os.MkdirTemp("", "moonring-bench-")
	if err != nil {
		return "", err
	}
	err = errors.Join(
		os.Chmod(prefix, 0o755),
		os.CopyFS(prefix, os.DirFS(filepath.Join("bench/scenario", s.name))),
		os.Mkdir(filepath.Join(prefix, "logs"), 0o755),
	)
	if err != nil {
		return prefix, err
	}
	for _, name := range []string{"nginx.conf", upstreamConf, redisConf} {
		conf := filepath.Join(prefix, name)
		text, err := os.ReadFile(conf)
		if name != "nginx.conf" && errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return prefix, err
		}
		text = bytes.ReplaceAll(text, []byte("@PORT@"), []byte(strconv.Itoa(port)))
		text = bytes.ReplaceAll(text, []byte("@UPSTREAM@"), []byte(strconv.Itoa(upstream)))
		if err := os.WriteFile(conf, text, 0o644); err != nil {
			return prefix, err
		}
	}
	return prefix, nil
}

// upstreamConf is the configuration of a scenario's origin: nginx for every server that is measured.
const upstreamConf = "upstream.conf"

// startUpstream starts the scenario's origin, if it has one. The caller stops what isn't nil.
func (s scenario) startUpstream(prefix string, port int) (*instance, error) {
	if _, err := os.Stat(filepath.Join(prefix, upstreamConf)); err != nil {
		return nil, nil
	}
	return server{"origin", "/usr/sbin/nginx"}.startWith(prefix, upstreamConf, port, []string{"1"})
}

// freePort finds a port below the ephemeral range, where no outgoing connection takes it between two starts.
func freePort() (int, error) {
	for range 100 {
		port := 20000 + rand.IntN(10000)
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			return port, l.Close()
		}
	}
	return 0, errors.New("no free port between 20000 and 30000")
}

// An instance is a server that runs.
type instance struct {
	server  server
	addr    string
	workers []int
	cmd     *exec.Cmd
	exited  chan struct{}
	output  bytes.Buffer
}

// running are the instances to be stopped when we are interrupted.
var running struct {
	sync.Mutex
	all map[*instance]bool
}

func stopAll() {
	running.Lock()
	defer running.Unlock()
	for i := range running.all {
		syscall.Kill(-i.cmd.Process.Pid, syscall.SIGKILL)
	}
}

// start runs a server on a prefix and returns once it accepts connections and its workers are pinned, one to each CPU.
func (s server) start(prefix string, port int, cpus []string) (*instance, error) {
	return s.startWith(prefix, "nginx.conf", port, cpus)
}

// startWith is start with another configuration.
func (s server) startWith(prefix, conf string, port int, cpus []string) (*instance, error) {
	i := &instance{server: s, addr: fmt.Sprintf("127.0.0.1:%d", port), exited: make(chan struct{})}
	i.cmd = exec.Command(s.program, "-p", prefix, "-c", conf, "-g", "daemon off;")
	i.cmd.Stdout, i.cmd.Stderr = &i.output, &i.output
	if err := i.begin(); err != nil {
		return nil, err
	}
	if err := i.ready(cpus); err != nil {
		i.stop()
		return nil, fmt.Errorf("%s doesn't start: %w\n%s", s.name, err, &i.output)
	}
	return i, nil
}

func (i *instance) ready(want []string) error {
	// A master may listen before it has workers.
	deadline := time.Now().Add(10 * time.Second)
	for {
		select {
		case <-i.exited:
			return errors.New("it exited")
		default:
		}
		c, err := net.DialTimeout("tcp", i.addr, time.Second)
		if err == nil {
			c.Close()
			if err = i.findWorkers(want); err == nil {
				return nil
			}
		}
		if time.Now().After(deadline) {
			return err
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// findWorkers finds the worker processes, if there is one on each CPU that is wanted: before that, others may run for a moment.
func (i *instance) findWorkers(want []string) (err error) {
	if i.workers, err = descendants(i.cmd.Process.Pid); err != nil {
		return err
	}
	var are []string
	for _, w := range i.workers {
		cpus, err := cpusAllowed(w)
		if err != nil {
			return err
		}
		are = append(are, cpus)
	}
	slices.Sort(are)
	if !slices.Equal(are, want) {
		return fmt.Errorf("workers run on CPUs %v, not on %v, one each", are, want)
	}
	return nil
}

// stop ends a server: asked for 5 s, then killed with all its workers.
func (i *instance) stop() {
	i.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-i.exited:
	case <-time.After(5 * time.Second):
	}
	syscall.Kill(-i.cmd.Process.Pid, syscall.SIGKILL)
	<-i.exited
	running.Lock()
	delete(running.all, i)
	running.Unlock()
}
