// Command ringbench answers every HTTP request head with 200 and counts what that
// costs: the floor below any server built on ring. Drive it from another processor:
//
//	taskset -c 0 ringbench -listen 127.0.0.1:8090 &
//	taskset -c 1 wrk -t1 -c64 -d3 http://127.0.0.1:8090/
//
// Each second under load it prints requests, CPU time per request (user and system, of the
// whole process), enters per request and Go allocations.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"net"
	"os"
	"runtime"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"moonring/ring"
)

var response = []byte("HTTP/1.1 200 OK\r\nServer: ringbench\r\nContent-Type: text/plain\r\nContent-Length: 6\r\n\r\nhello\n")

type responder struct {
	r        *ring.Ring
	requests uint64
	report   ring.Timer
	last     sample
}

type sample struct {
	requests    uint64
	user, sys   time.Duration
	stats       ring.Stats
	mallocs, gc uint64
}

func (s *responder) OnAccept(c *ring.Conn)         { c.SetHandler(s) }
func (s *responder) OnAcceptError(err error)       { fmt.Fprintln(os.Stderr, "accept:", err) }
func (s *responder) OnEOF(c *ring.Conn)            { c.CloseAfterDrain() }
func (s *responder) OnDrain(c *ring.Conn)          {}
func (s *responder) OnClose(c *ring.Conn, _ error) {}

var headEnd = []byte("\r\n\r\n")

func (s *responder) OnData(c *ring.Conn, data []byte) int {
	used := 0
	for {
		i := bytes.Index(data[used:], headEnd)
		if i < 0 {
			return used
		}
		used += i + len(headEnd)
		s.requests++
		b := c.Reserve(len(response))
		c.Commit(copy(b, response))
	}
}

func (s *responder) OnTimer(t *ring.Timer) {
	s.r.StartTimer(t, time.Second, s)
	now := s.take()
	n := now.requests - s.last.requests
	if n >= 1000 {
		per := func(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1000 / float64(n) }
		fmt.Printf("%d requests/s, user %.2f + sys %.2f = %.2f us/request; per request: %.3f enters, %.3f blocked, %.3f completions, %.5f allocations; gc %d\n",
			n, per(now.user-s.last.user), per(now.sys-s.last.sys), per(now.user+now.sys-s.last.user-s.last.sys),
			float64(now.stats.Enters-s.last.stats.Enters)/float64(n), float64(now.stats.Blocked-s.last.stats.Blocked)/float64(n),
			float64(now.stats.Completions-s.last.stats.Completions)/float64(n), float64(now.mallocs-s.last.mallocs)/float64(n), now.gc-s.last.gc)
	}
	s.last = now
}

func (s *responder) take() sample {
	var ru syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &ru)
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return sample{s.requests, time.Duration(ru.Utime.Nano()), time.Duration(ru.Stime.Nano()), s.r.Stats(), m.Mallocs, uint64(m.NumGC)}
}

func main() {
	listen := flag.String("listen", "127.0.0.1:8090", "address")
	entries := flag.Uint("entries", 0, "SQ entries")
	buffers := flag.Int("buffers", 0, "provided buffers")
	flag.Parse()
	if err := run(*listen, uint32(*entries), *buffers); err != nil {
		fmt.Fprintln(os.Stderr, "ringbench:", err)
		os.Exit(1)
	}
}

func run(listen string, entries uint32, buffers int) error {
	if err := ring.Probe(); err != nil {
		return err
	}
	a, err := net.ResolveTCPAddr("tcp4", listen)
	if err != nil {
		return err
	}
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1)
	unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
	if err := unix.Bind(fd, &unix.SockaddrInet4{Port: a.Port, Addr: [4]byte(a.IP.To4())}); err != nil {
		return fmt.Errorf("bind %s: %w", listen, err)
	}
	if err := unix.Listen(fd, 4096); err != nil {
		return err
	}
	// Two, so that the loop may wait in raw system calls (ring/wait.go).
	runtime.GOMAXPROCS(max(2, runtime.GOMAXPROCS(0)))
	runtime.LockOSThread()
	r, err := ring.New(ring.Config{Entries: entries, Buffers: buffers})
	if err != nil {
		return err
	}
	defer r.Close()
	s := &responder{r: r}
	if _, err := r.Listen(fd, s); err != nil {
		return err
	}
	s.last = s.take()
	r.StartTimer(&s.report, time.Second, s)
	for {
		if err := r.Run(); err != nil {
			return err
		}
	}
}
