package appliance

import (
	"os"
	"os/signal"
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
	*formation              // that serves
	next       *formation   // that is being started in its place by a reload; nil: none
	old        []*formation // whose workers finish their requests
	fostered   *formation   // among old: workers of a master that has died, until this one serves
	again      bool         // another reload was asked for while next is being started
	state      masterState
	code       int // exit code
	signals    <-chan os.Signal
	events     chan func()
	watched    time.Time // when watch looked last
}

// formation is a generation at work: what its workers are given, and they.
type formation struct {
	*estate
	memfd int
	cred  *syscall.Credential
	pins  []*unix.CPUSet
	slots []*slot
}

// slot is a worker's place: its number, CPU and sockets stay when its process is replaced.
type slot struct {
	formation   *formation
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
	pulse   *pulse   // nil if fostered
	ready   bool
	started time.Time

	fostered bool // not a child of this master: nobody reaps it

	reaped bool // status is there
	silent bool // nothing more will come from pair
	status syscall.WaitStatus
}

func runMaster(e *estate, memfd int, signals <-chan os.Signal) int {
	m := &master{formation: &formation{estate: e, memfd: memfd}, signals: signals, events: make(chan func(), 16)}
	defer func() { m.leave() }()
	signal.Ignore(unix.SIGPIPE)
	err := m.settle()
	if err == nil {
		err = m.makeImage(m.formation)
	}
	if err != nil {
		m.log.log(conf.Emerg, "%v", err)
		return 1
	}

	m.log.log(conf.Note, "moonring %s", m.Version)
	m.foster(e.orphans)
	if !m.spawnAll(m.formation) {
		m.fail()
	}
	m.watch()
	return m.run()
}

// settle decides what the workers run as, and where.
func (f *formation) settle() error {
	var allowed unix.CPUSet
	if err := unix.SchedGetaffinity(0, &allowed); err != nil {
		f.log.log(conf.Alert, "sched_getaffinity() failed%s", errnoText(err))
	}
	f.pins = pinning(f.cfg.WorkerCPUAffinity, allowed, f.workers())
	var err error
	f.cred, err = f.credentials()
	return err
}

// spawnAll starts the workers of a formation.
func (m *master) spawnAll(f *formation) bool {
	m.log.log(conf.Note, "start worker processes")
	for id := range f.workers() {
		s := &slot{formation: f, id: id}
		f.slots = append(f.slots, s)
		if !m.spawn(s) {
			return false
		}
	}
	return true
}

// run obeys signals and messages until the last worker has gone and the master is to go too.
func (m *master) run() int {
	for m.state != leaving || m.alive() {
		select {
		case s := <-m.signals:
			m.signal(s.(syscall.Signal))
		case f := <-m.events:
			f()
		}
	}
	return m.code
}

func (f *formation) alive() bool {
	for _, s := range f.slots {
		if s.process != nil {
			return true
		}
	}
	return false
}

// formations lists all that have workers, the one that serves last.
func (m *master) formations() []*formation {
	list := append([]*formation(nil), m.old...)
	if m.next != nil {
		list = append(list, m.next)
	}
	return append(list, m.formation)
}

func (m *master) alive() bool {
	for _, f := range m.formations() {
		if f.alive() {
			return true
		}
	}
	return false
}

// each calls f for every worker's process.
func (m *master) each(f func(p *process)) {
	for _, formation := range m.formations() {
		formation.each(f)
	}
}

func (f *formation) each(do func(p *process)) {
	for _, s := range f.slots {
		if s.process != nil {
			do(s.process)
		}
	}
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
		received("reconfiguring")
		switch {
		case m.heir == 0:
			m.reload()
		case m.state == idle:
			m.revive()
		}
	case unix.SIGUSR2:
		if m.heir != 0 || m.state == leaving || m.parentLives() {
			received("ignoring")
			m.log.log(conf.Crit, "the changing binary signal is ignored: you should shutdown or terminate before either old or new binary's process")
			return
		}
		received("changing binary")
		m.upgrade()
	}
}

// quit has the workers finish their requests. worker_shutdown_timeout is kept by the workers.
func (m *master) quit(then masterState) {
	m.abandon()
	m.state = max(m.state, then)
	if m.state == leaving {
		// The workers have duplicates, which they stop using in their own time.
		m.listeners.closeExcept(nil, m.alone())
	}
	how := cmdQuit
	if !m.alone() {
		how = cmdDrain // another binary serves
	}
	m.each(func(p *process) { p.tell(how, unix.SIGQUIT) })
}

// stop has the workers end at once, and kills those that don't.
func (m *master) stop() {
	m.abandon()
	m.state = leaving
	m.listeners.closeExcept(nil, m.alone())
	m.each(func(p *process) { p.tell(cmdStop, unix.SIGTERM) })
	time.AfterFunc(stopPatience, func() { m.events <- m.kill })
}

func (m *master) kill() {
	m.each(func(p *process) {
		m.log.log(conf.Alert, "worker process %d does not stop, killed", p.pid)
		syscall.Kill(p.pid, unix.SIGKILL)
	})
}

// serve has a worker that is ready begin to accept.
func (p *process) serve() {
	p.pulse.begin()
	p.tell(cmdServe, 0)
}

// tell sends a command to a worker. Where the socket pair is full, since the worker doesn't read, the signal of the same meaning goes.
func (p *process) tell(c command, sig syscall.Signal) {
	if send(p.pairFD, c, nil) != nil && sig != 0 {
		syscall.Kill(p.pid, sig)
	}
}

// reopen opens the logs again, those in force last: they keep standard error.
func (m *master) reopen() {
	for _, f := range m.formations() {
		if f.logs == nil { // fostered
			continue
		}
		f.logs.reopen(m.log)
		f.each(func(p *process) {
			if err := sendLogs(p.pairFD, f.logs); err != nil {
				m.log.log(conf.Alert, "sendmsg() to worker process %d failed%s", p.pid, errnoText(err))
			}
		})
	}
}

// fail ends the server because it can't start. Why has been logged.
func (m *master) fail() {
	m.releaseFostered(false)
	m.code = 1
	m.stop()
}

// message handles what a worker sent.
func (m *master) message(p *process, c command, rest string) {
	f := p.slot.formation
	if p.fostered {
		return // what it had to say has been read
	}
	switch c {
	case cmdReady:
		p.ready = true
		if f == m.next {
			if f.ready() {
				m.commit()
			}
			return
		}
		p.serve()
		if f != m.formation || m.state != starting || !f.ready() {
			return
		}
		m.state = serving
		m.started()
		m.releaseFostered(true)
		m.reloadAgain()
	case cmdFailed:
		if m.state != leaving && (f == m.formation || f == m.next) { // Every worker fails for the same reason: once is enough.
			m.log.log(conf.Emerg, "%s", rest)
		}
		switch {
		case f == m.next:
			m.abandon()
			m.reloadAgain()
		case m.state == starting:
			m.fail()
		}
	}
}

// ready tells that every worker could serve.
func (f *formation) ready() bool {
	for _, s := range f.slots {
		if s.process == nil || !s.process.ready {
			return false
		}
	}
	return true
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
		m.recoverZones(pid)
		if pid == m.heir {
			m.heirEnded(status)
		}
		m.each(func(p *process) {
			if p.pid == pid {
				m.log.log(conf.Note, "signal 17 (SIGCHLD) received from %d", pid)
				p.status, p.reaped = status, true
				m.ended(p)
			}
		})
	}
}

// ended takes note of a worker's end and replaces it, when it was reaped and all it sent has been read: the reason of a failure may be
// among it.
func (m *master) ended(p *process) {
	if !p.reaped || !p.silent || p.slot.process != p {
		return
	}
	s, status := p.slot, p.status
	s.process = nil
	p.pair.Close()
	if p.fostered {
		m.recoverZones(p.pid)
		m.log.log(conf.Note, "worker process %d, which was taken over, has gone", p.pid)
		m.release(s.formation)
		return
	}
	p.pulse.end()
	level := conf.Note
	if status.ExitStatus() != 0 && m.state != leaving {
		level = conf.Alert
	}
	m.logEnd("worker process", p.pid, status, level)
	switch f := s.formation; {
	case f == m.next:
		m.abandon()
		m.reloadAgain()
	case f != m.formation:
		m.release(f)
	case m.state == starting:
		m.fail()
	case m.state == serving:
		m.respawn(s, s.pauseAfter(p.ready, time.Since(p.started)))
	}
}

// logEnd says how a process ended, at level if it wasn't by a signal.
func (m *master) logEnd(name string, pid int, status syscall.WaitStatus, level conf.Level) {
	switch {
	case status.Signaled() && status.CoreDump():
		m.log.log(conf.Alert, "%s %d exited on signal %d (core dumped)", name, pid, status.Signal())
	case status.Signaled():
		m.log.log(conf.Alert, "%s %d exited on signal %d", name, pid, status.Signal())
	default:
		m.log.log(level, "%s %d exited with code %d", name, pid, status.ExitStatus())
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
				if m.state == serving && s.formation == m.formation && s.process == nil {
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
