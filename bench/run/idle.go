package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"syscall"
	"time"
)

// spareFiles is what we keep open besides the connections.
const spareFiles = 200

// idleSettle lets a server finish what follows the last response before its memory is read.
const idleSettle = time.Second

// benchIdle counts memory per connection that has made a request and waits.
func benchIdle(o options, rep *report) error {
	all, err := servers(o)
	if err != nil {
		return err
	}
	if err := allowFiles(uint64(o.idle) + spareFiles); err != nil {
		return err
	}
	s, err := readScenario("idle")
	if err != nil {
		return err
	}
	rep.section("Idle connections", fmt.Sprintf("%d keep-alive connections, each has made one request. Memory of the workers, in bytes where not said otherwise. "+
		"nginx touches its table of connections at start, so that growth alone flatters it.", o.idle))
	t := table{header: []string{"server", "PSS before, KiB", "after", "PSS growth/connection", "RSS growth/connection", "PSS after/connection"}}
	for _, srv := range all {
		before, after, err := s.idle(o, srv)
		if err != nil {
			return fmt.Errorf("%s: %w", srv.name, err)
		}
		per := func(b, a int64) string { return fmt.Sprintf("%.0f", float64(a-b)/float64(o.idle)) }
		t.add(srv.name, fmt.Sprint(before.pss/1024), fmt.Sprint(after.pss/1024), per(before.pss, after.pss), per(before.rss, after.rss), per(0, after.pss))
		fmt.Fprintf(progress, "idle       %-8s  %s bytes/connection\n", srv.name, per(before.pss, after.pss))
	}
	rep.table(t)
	return nil
}

// allowFiles raises our own limit of open files, which the servers inherit.
func allowFiles(n uint64) error {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return err
	}
	if limit.Cur >= n {
		return nil
	}
	limit.Cur, limit.Max = n, max(n, limit.Max)
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return fmt.Errorf("%d open files needed (try fewer with -idle): %w", n, err)
	}
	return nil
}

// idle opens the connections and returns the workers' memory before and after.
func (s scenario) idle(o options, srv server) (before, after memory, err error) {
	port, err := freePort()
	if err != nil {
		return before, after, err
	}
	prefix, err := s.prepare(port, 0)
	if err != nil {
		return before, after, err
	}
	defer os.RemoveAll(prefix)
	inst, err := srv.start(prefix, port, s.cpus)
	if err != nil {
		return before, after, err
	}
	defer inst.stop()

	// What the first requests allocate once is no connection's.
	for range 100 {
		if _, err := s.request(inst.addr); err != nil {
			return before, after, err
		}
	}
	if before, err = memoryOf(inst.workers); err != nil {
		return before, after, err
	}
	conns := make([]net.Conn, 0, o.idle)
	defer func() {
		for _, c := range conns {
			c.Close()
		}
	}()
	for len(conns) < o.idle {
		c, err := net.DialTimeout("tcp", inst.addr, 5*time.Second)
		if err != nil {
			return before, after, fmt.Errorf("connection %d: %w", len(conns)+1, err)
		}
		conns = append(conns, c)
		if err := s.ask(c); err != nil {
			return before, after, fmt.Errorf("connection %d: %w", len(conns), err)
		}
	}
	time.Sleep(idleSettle)
	if after, err = memoryOf(inst.workers); err != nil {
		return before, after, err
	}
	// Those that were closed meanwhile would make the rest look cheap.
	for i, c := range conns {
		if err := s.ask(c); err != nil {
			return before, after, fmt.Errorf("connection %d didn't stay: %w", i+1, err)
		}
	}
	return before, after, nil
}

// ask makes one request on a connection that stays open.
func (s scenario) ask(c net.Conn) error {
	c.SetDeadline(time.Now().Add(5 * time.Second))
	if _, err := io.WriteString(c, "GET "+s.path+" HTTP/1.1\r\nHost: bench\r\n\r\n"); err != nil {
		return err
	}
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK || resp.Close {
		return fmt.Errorf("answered %s, closing: %v", resp.Status, resp.Close)
	}
	return nil
}
