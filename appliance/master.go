package appliance

import (
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"moonring/proxy/conf"
)

const (
	// stopPatience is how long a worker that was told to stop may take before it is killed.
	stopPatience = time.Second
	// A worker that has lived this long was well: if it dies, the next one starts at once. One that was never ready starts after a pause,
	// as do those after quickDeathsFree short lives in a row.
	wellAfter       = time.Second
	quickDeathsFree = 3
	restartPauseMin = 100 * time.Millisecond
	restartPauseMax = 5 * time.Second
)

type masterState int

const (
	starting masterState = iota // until every worker was ready once
	serving
	idle    // WINCH: the workers go, the master stays
	leaving // the master goes when the last worker has gone
)

// master supervises. Everything in it belongs to the goroutine of run.
type master struct {
	*estate
	memfd  int
	cred   *syscall.Credential
	pins   []*unix.CPUSet
	slots  []*slot
	state  masterState
	code   int // exit code
	events chan func()
}

// slot is a worker's place: its number, CPU and sockets stay when its process is replaced.
type slot struct {
	id          int
	process     *process // nil while there is none
	quickDeaths int      // in a row
}

// process is one life of a worker.
type process struct {
	slot    *slot
	pid     int
	pair    *os.File // our end of the socket pair, for reading
	pairFD  int      // the same, for writing
	ready   bool
	started time.Time

	reaped bool // status is there
	silent bool // nothing more will come from pair
	status syscall.WaitStatus
}

func runMaster(e *estate, memfd int) int {
	runtime.LockOSThread() // so that log lines always have the same thread's id
	m := &master{estate: e, memfd: memfd, events: make(chan func(), 16)}
	defer m.leave()
	var allowed unix.CPUSet
	if err := unix.SchedGetaffinity(0, &allowed); err != nil {
		m.log.log(conf.Alert, "sched_getaffinity() failed%s", errnoText(err))
	}
	m.pins = pinning(m.cfg.WorkerCPUAffinity, allowed, m.workers())
	var err error
	if m.cred, err = m.credentials(); err != nil {
		m.log.log(conf.Emerg, "%v", err)
		return 1
	}
	signal.Ignore(unix.SIGPIPE)
	signals := make(chan os.Signal, 64)
	signal.Notify(signals, unix.SIGQUIT, unix.SIGTERM, unix.SIGINT, unix.SIGHUP, unix.SIGUSR1, unix.SIGUSR2, unix.SIGWINCH, unix.SIGCHLD)

	m.log.log(conf.Note, "moonring %s", m.Version)
	m.log.log(conf.Note, "start worker processes")
	for id := range m.workers() {
		s := &slot{id: id}
		m.slots = append(m.slots, s)
		if !m.spawn(s) {
			m.fail()
			break
		}
	}
	return m.run(signals)
}

// run obeys signals and messages until the last worker has gone and the master is to go too.
func (m *master) run(signals <-chan os.Signal) int {
	for m.state != leaving || m.alive() > 0 {
		select {
		case s := <-signals:
			m.signal(s.(syscall.Signal))
		case f := <-m.events:
			f()
		}
	}
	return m.code
}

func (m *master) alive() int {
	n := 0
	for _, s := range m.slots {
		if s.process != nil {
			n++
		}
	}
	return n
}

func (m *master) signal(s syscall.Signal) {
	received := func(what string) {
		m.log.log(conf.Note, "signal %d (%s) received, %s", s, unix.SignalName(s), what)
	}
	switch s {
	case unix.SIGCHLD:
		m.reap()
	case unix.SIGQUIT:
		received("shutting down")
		m.quit(leaving)
	case unix.SIGTERM, unix.SIGINT:
		received("exiting")
		m.stop()
	case unix.SIGWINCH:
		received("gracefully shutting down workers")
		if m.state == serving {
			m.quit(idle)
		}
	case unix.SIGUSR1:
		received("reopening logs")
		m.reopen()
	case unix.SIGHUP:
		if m.Run != nil {
			received("exiting")
			m.stop()
			return
		}
		m.log.log(conf.Err, "signal 1 (SIGHUP) received, but reload is not supported yet: the configuration in force stays")
	case unix.SIGUSR2:
		m.log.log(conf.Err, "signal 12 (SIGUSR2) received, but changing the binary is not supported yet")
	}
}

// quit has the workers finish their requests. worker_shutdown_timeout is kept by the workers.
func (m *master) quit(then masterState) {
	m.state = max(m.state, then)
	if m.state == leaving {
		// The workers have duplicates, which they stop using in their own time.
		m.listeners.close(m.sockets())
	}
	m.tell(cmdQuit, unix.SIGQUIT)
}

// stop has the workers end at once, and kills those that don't.
func (m *master) stop() {
	m.state = leaving
	m.listeners.close(m.sockets())
	m.tell(cmdStop, unix.SIGTERM)
	time.AfterFunc(stopPatience, func() { m.events <- m.kill })
}

func (m *master) kill() {
	for _, s := range m.slots {
		if p := s.process; p != nil {
			m.log.log(conf.Alert, "worker process %d does not stop, killed", p.pid)
			syscall.Kill(p.pid, unix.SIGKILL)
		}
	}
}

// tell sends a command to every worker. Where the socket pair is full, since the worker doesn't read, the signal of the same meaning goes.
func (m *master) tell(c command, sig syscall.Signal) {
	for _, s := range m.slots {
		if p := s.process; p != nil && send(p.pairFD, c, nil) != nil {
			syscall.Kill(p.pid, sig)
		}
	}
}

func (m *master) reopen() {
	m.logs.reopen(m.log)
	for _, s := range m.slots {
		if p := s.process; p != nil {
			if err := sendLogs(p.pairFD, m.logs); err != nil {
				m.log.log(conf.Alert, "sendmsg() to worker process %d failed%s", p.pid, errnoText(err))
			}
		}
	}
}

// fail ends the server because it can't start. Why has been logged.
func (m *master) fail() {
	m.code = 1
	m.stop()
}

// message handles what a worker sent.
func (m *master) message(p *process, c command, rest string) {
	switch c {
	case cmdReady:
		p.ready = true
		if m.state != starting {
			return
		}
		for _, s := range m.slots {
			if s.process == nil || !s.process.ready {
				return
			}
		}
		m.state = serving
		m.started()
	case cmdFailed:
		if m.state != leaving { // Every worker fails for the same reason: once is enough.
			m.log.log(conf.Emerg, "%s", rest)
		}
		if m.state == starting {
			m.fail()
		}
	}
}

// reap collects every child that has ended. As process 1 those may be strangers.
func (m *master) reap() {
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, unix.WNOHANG, nil)
		if err == unix.EINTR {
			continue
		}
		if err != nil || pid <= 0 {
			return
		}
		for _, s := range m.slots {
			if p := s.process; p != nil && p.pid == pid {
				m.log.log(conf.Note, "signal 17 (SIGCHLD) received from %d", pid)
				p.status, p.reaped = status, true
				m.ended(p)
				break
			}
		}
	}
}

// ended takes note of a worker's end and replaces it, when it was reaped and all it sent has been read: the reason of a failure may be
// among it.
func (m *master) ended(p *process) {
	if !p.reaped || !p.silent {
		return
	}
	s, status := p.slot, p.status
	s.process = nil
	p.pair.Close()
	switch {
	case status.Signaled() && status.CoreDump():
		m.log.log(conf.Alert, "worker process %d exited on signal %d (core dumped)", p.pid, status.Signal())
	case status.Signaled():
		m.log.log(conf.Alert, "worker process %d exited on signal %d", p.pid, status.Signal())
	case status.ExitStatus() != 0 && m.state != leaving:
		m.log.log(conf.Alert, "worker process %d exited with code %d", p.pid, status.ExitStatus())
	default:
		m.log.log(conf.Note, "worker process %d exited with code %d", p.pid, status.ExitStatus())
	}
	switch m.state {
	case starting:
		m.fail()
	case serving:
		m.respawn(s, s.pauseAfter(p.ready, time.Since(p.started)))
	}
}

// pauseAfter decides how long to wait after a death.
func (s *slot) pauseAfter(ready bool, lived time.Duration) time.Duration {
	if ready && lived >= wellAfter {
		s.quickDeaths = 0
		return 0
	}
	s.quickDeaths++
	n := s.quickDeaths
	if ready {
		if n -= quickDeathsFree; n <= 0 {
			return 0
		}
	}
	return min(restartPauseMin<<min(n-1, 10), restartPauseMax)
}

func (m *master) respawn(s *slot, pause time.Duration) {
	if pause > 0 {
		m.log.log(conf.Alert, "worker %d keeps dying, next start in %v", s.id, pause)
		time.AfterFunc(pause, func() {
			m.events <- func() {
				if m.state == serving && s.process == nil {
					m.respawn(s, 0)
				}
			}
		})
		return
	}
	if !m.spawn(s) {
		m.respawn(s, s.pauseAfter(false, 0))
	}
}
