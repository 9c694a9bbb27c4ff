package appliance

import (
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"moonring/proxy/conf"
)

const (
	// maxProcs is GOMAXPROCS of a worker: the loop's thread, which under load never parks, and one more for the collector and timers.
	maxProcs = 2
	// gcPercent lets the small Go heap of a worker (Lua objects, buffers and rings lie outside) grow to this many percent more before it is
	// collected: a collection competes with the loop for the worker's only CPU.
	gcPercent = 400
	// exitPatience is how long the loop may take to end after stop, before the process ends without it.
	exitPatience = 2 * time.Second
)

// Exit codes of a worker.
const (
	exitFailed = 1 // could not start
	exitPanic  = 2 // a bug outside of any request; also the Go runtime's own code
)

// settleRuntime sets what the Go runtime needs to know in a process that serves.
func settleRuntime() {
	runtime.GOMAXPROCS(maxProcs)
	debug.SetGCPercent(gcPercent)
	signal.Ignore(unix.SIGPIPE)
}

// runWorker is a worker process.
//
// indexes are those of its listening descriptors in conf's Sockets.
func runWorker(g *generation, id int, indexes []int) int {
	settleRuntime()
	setName("moonring-worker")
	sockets := newWorkerSockets(len(g.sockets()))
	var listening []int
	for i, index := range indexes {
		sockets.add(index, fdFirst+i)
		listening = append(listening, fdFirst+i)
	}
	if g.Run != nil {
		g.relocate(sockets.first)
	}
	logs := g.inheritLogs(len(indexes))
	log := logs.logger(g)

	lowerFileLimit(g.cfg.WorkerRlimitNofile, log)

	zones, err := g.attachZones(fdFirst + len(indexes) + len(logs.fds))
	if err != nil {
		send(fdPair, cmdFailed, []byte(err.Error()))
		return exitFailed
	}
	beat, err := heartbeat(fdPulse)
	if err != nil {
		log.log(conf.Alert, "%v", err)
		return exitFailed
	}
	ctl := &control{begin: make(chan struct{})}
	go ctl.obeyMaster(logs, log, legacy{listening, g.zoneFiles}, g.Run != nil)
	go ctl.obeySignals(ctl.signals())
	signal.Ignore(unix.SIGHUP, unix.SIGUSR1, unix.SIGUSR2, unix.SIGWINCH)

	return guard(log, func() int {
		// Files first: a ring keeps what it may open from when it is made. System calls last: the filter allows no more rings.
		err := g.confineFiles(id, log)
		var s server
		if err == nil {
			s, err = newServer(g, id, sockets, zones, logs, beat)
		}
		if err == nil {
			err = g.confineSystem()
		}
		if err != nil {
			send(fdPair, cmdFailed, []byte(err.Error()))
			return exitFailed
		}
		send(fdPair, cmdReady, nil) // A master that is gone is noticed by obeyMaster.
		return ctl.serve(s, log)
	})
}

// runSingle serves in this process: master_process off. As in nginx no user is changed, nobody is pinned, and QUIT is as good as TERM.
func runSingle(e *estate, signals <-chan os.Signal) int {
	defer e.leave()
	settleRuntime()
	raiseFileLimit(e.cfg.WorkerRlimitNofile, e.log)
	lowerFileLimit(e.cfg.WorkerRlimitNofile, e.log)
	replaceEnvironment(environment(e.cfg.Env))
	ctl := &control{abrupt: true, reopen: func() { e.logs.reopen(e.log) }, leave: e.leaveAtOnce, begin: make(chan struct{})}
	ctl.goOn()
	go ctl.obeySignals(signals)
	return guard(e.log, func() int {
		sockets := newWorkerSockets(len(e.sockets()))
		for _, f := range e.listeners.of(0, 1) {
			sockets.add(f.index, f.fd)
		}
		s, err := newServer(e.generation, 0, sockets, e.zoneViews(), e.logs, nil)
		if err == nil {
			// Files stay as they are: init_by_lua* had them all, and logs are opened again, wherever they are.
			err = e.confineSystem()
		}
		if err != nil {
			e.log.log(conf.Emerg, "%v", err)
			return exitFailed
		}
		e.log.log(conf.Note, "moonring %s", e.Version)
		e.started()
		return ctl.serve(s, e.log)
	})
}

// guard contains a panic outside of any request: it is logged with its stack, and the process ends.
func guard(log *logger, f func() int) (code int) {
	defer func() {
		if p := recover(); p != nil {
			log.log(conf.Alert, "panic: %v\n%s", p, debug.Stack())
			code = exitPanic
		}
	}()
	return f()
}

// control passes commands and signals to the server, which may not have been made yet.
type control struct {
	abrupt bool   // quit is stop
	reopen func() // nil: the master does it
	leave  func() // what must be done before an exit on the spot; may be nil

	begin chan struct{} // closed when the server may accept, or is to end
	began sync.Once

	mu     sync.Mutex
	server server
}

// workerSockets are the listening descriptors of a worker by index in conf's Sockets: one each, and what is left of workers that are no
// more.
type workerSockets struct {
	first []int
	more  map[int][]int
}

func newWorkerSockets(n int) *workerSockets {
	s := &workerSockets{first: make([]int, n)}
	for i := range s.first {
		s.first[i] = -1
	}
	return s
}

func (s *workerSockets) add(index, fd int) {
	if s.first[index] < 0 {
		s.first[index] = fd
		return
	}
	if s.more == nil {
		s.more = map[int][]int{}
	}
	s.more[index] = append(s.more[index], fd)
}

// serve runs the server to its end.
func (c *control) serve(s server, log *logger) int {
	c.mu.Lock()
	c.server = s
	c.mu.Unlock()
	<-c.begin
	if err := s.Run(); err != nil {
		log.log(conf.Alert, "%v", err)
		return exitPanic
	}
	return 0
}

// do calls f with the server. Before there is one, the process has nothing to finish and ends.
func (c *control) do(f func(server)) {
	c.mu.Lock()
	s := c.server
	c.mu.Unlock()
	if s == nil {
		c.exit()
	}
	f(s)
}

// goOn lets the server run.
func (c *control) goOn() { c.began.Do(func() { close(c.begin) }) }

func (c *control) quit() {
	if c.abrupt {
		c.stop()
		return
	}
	c.do(server.Quit)
	c.goOn()
}

func (c *control) drain() {
	c.do(server.Drain)
	c.goOn()
}

func (c *control) stop() {
	defer c.goOn()
	c.do(func(s server) {
		s.Stop()
		time.AfterFunc(exitPatience, c.exit)
	})
}

// flushLogs has what is buffered written to the logs as they are.
func (c *control) flushLogs() {
	c.mu.Lock()
	s := c.server
	c.mu.Unlock()
	if s != nil {
		s.FlushLogs()
	}
}

func (c *control) exit() {
	if c.leave != nil {
		c.leave()
	}
	os.Exit(0)
}

// obeyMaster waits for the master's commands. It blocks in recvmsg: one thread, no epoll.
func (c *control) obeyMaster(logs *logFiles, log *logger, left legacy, together bool) {
	for {
		cmd, rest, fds, err := receive(fdPair)
		if err != nil {
			if together {
				c.stop()
				return
			}
			log.log(conf.Alert, "the master process is gone (%v), serving on", err)
			c.goOn()
			if err := awaitMaster(left, log); err != nil {
				log.log(conf.Alert, "a new master can't be waited for: %v", err)
				return
			}
			continue
		}
		switch cmd {
		case cmdServe:
			c.goOn()
		case cmdDrain:
			log.log(conf.Note, "gracefully shutting down")
			c.drain()
		case cmdQuit:
			c.quit()
		case cmdStop:
			c.stop()
		case cmdReopen:
			c.flushLogs()
			first := 0
			if len(rest) > 0 {
				first = int(rest[0]) * descriptorsMax
			}
			logs.replace(first, fds)
			fds = nil
		}
		for _, fd := range fds {
			unix.Close(fd)
		}
	}
}

// signals are those that a worker of nginx obeys.
func (c *control) signals() <-chan os.Signal {
	signals := make(chan os.Signal, 16)
	signal.Notify(signals, unix.SIGQUIT, unix.SIGTERM, unix.SIGINT)
	return signals
}

// obeySignals obeys signals, in the only process also USR1. What can't be done is ignored.
func (c *control) obeySignals(signals <-chan os.Signal) {
	for s := range signals {
		switch s.(syscall.Signal) {
		case unix.SIGQUIT:
			c.quit()
		case unix.SIGTERM, unix.SIGINT:
			c.stop()
		case unix.SIGUSR1:
			if c.reopen != nil {
				c.flushLogs()
				c.reopen()
			}
		}
	}
}

// setName sets what ps and top show as the command: after an execution by way of /proc/self/exe that would be "exe". At most 15 bytes.
func setName(name string) {
	// Not by package os, which hands what it opens to epoll. A failure is only cosmetic.
	if fd, err := unix.Open("/proc/self/comm", unix.O_WRONLY|unix.O_CLOEXEC, 0); err == nil {
		unix.Write(fd, []byte(name))
		unix.Close(fd)
	}
}

func replaceEnvironment(env []string) {
	os.Clearenv()
	for _, e := range env {
		for i := range len(e) {
			if e[i] == '=' {
				os.Setenv(e[:i], e[i+1:])
				break
			}
		}
	}
}
