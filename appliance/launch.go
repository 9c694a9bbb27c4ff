package appliance

import (
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"moonring/proxy/conf"
	"moonring/ring"
)

// startVariable says what a process of ours was started as, and with which descriptors:
//
//	master GENERATION READY   READY: where to say that the server runs, -1 in the foreground
//	single GENERATION READY   master_process off
//	worker GENERATION ID IMAGE INDEX...   IMAGE: of the VM after init_by_lua, 0 for none; INDEX: in conf's Sockets, of each listening descriptor
//	init GENERATION 0
const startVariable = "MOONRING_START"

// self is executed for every process: the binary that runs, even when the file has been replaced.
const self = "/proc/self/exe"

// launch starts the server. The process executes itself once, which gives the master its title; with `daemon on` that happens in a new
// session, and this process waits until the server runs.
func launch(g *generation) int {
	if err := ring.Probe(); err != nil {
		complain("[emerg] %v", err)
		return 1
	}
	var err error
	g.Command, g.Args = strings.Join(os.Args, " "), os.Args[1:]
	if g.Program, err = programPath(); err != nil {
		complain("[emerg] %v", err)
		return 1
	}
	memfd, err := g.seal()
	if err != nil {
		complain("[emerg] %v", err)
		return 1
	}
	role, argv := "master", []string{"moonring: master process " + g.Command}
	if !g.cfg.MasterProcess && g.Run == nil {
		role, argv = "single", os.Args
	}
	if _, heir := inheritedSockets(); heir || !g.cfg.Daemon || g.Run != nil {
		// An exec keeps what is not marked close-on-exec.
		if _, err := unix.FcntlInt(uintptr(memfd), unix.F_SETFD, 0); err == nil {
			env := append(os.Environ(), fmt.Sprintf("%s=%s %d -1", startVariable, role, memfd))
			err = syscall.Exec(self, argv, env)
		}
		complain("[emerg] execve() failed%s", errnoText(err))
		return 1
	}
	return daemonize(role, argv, memfd)
}

// daemonize starts the server in a session of its own and waits until it says that it runs, or ends.
func daemonize(role string, argv []string, memfd int) int {
	null, err := unix.Open("/dev/null", unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		complain("[emerg] open(\"/dev/null\") failed%s", errnoText(err))
		return 1
	}
	var pipe [2]int
	if err := unix.Pipe2(pipe[:], unix.O_CLOEXEC); err != nil {
		complain("[emerg] pipe2() failed%s", errnoText(err))
		return 1
	}
	pid, err := syscall.ForkExec(self, argv, &syscall.ProcAttr{
		Env:   append(os.Environ(), fmt.Sprintf("%s=%s 3 4", startVariable, role)),
		Files: []uintptr{uintptr(null), uintptr(null), 2, uintptr(memfd), uintptr(pipe[1])},
		Sys:   &syscall.SysProcAttr{Setsid: true},
	})
	if err != nil {
		complain("[emerg] fork() failed%s", errnoText(err))
		return 1
	}
	unix.Close(pipe[1])
	var buf [1]byte
	for {
		n, err := unix.Read(pipe[0], buf[:])
		if err == unix.EINTR {
			continue
		}
		if n == 1 {
			return 0
		}
		break
	}
	// It ended without a word; why is on standard error.
	if status, err := waitChild(pid); err == nil && status.Exited() && status.ExitStatus() != 0 {
		return status.ExitStatus()
	}
	return 1
}

// waitChild waits for the end of a child.
func waitChild(pid int) (status syscall.WaitStatus, err error) {
	for {
		if _, err = syscall.Wait4(pid, &status, 0, nil); err != unix.EINTR {
			return status, err
		}
	}
}

// resume is where a process starts that was executed by one of ours.
func resume(role, version string) int {
	var kind string
	var fd, arg int
	words := strings.Fields(role)
	if len(words) < 3 {
		words = []string{"", "", ""}
	}
	if _, err := fmt.Sscan(strings.Join(words[:3], " "), &kind, &fd, &arg); err != nil {
		complain("[emerg] environment variable %s has no meaning to this version: %q", startVariable, role)
		return 1
	}
	g, err := unseal(fd)
	if err != nil {
		complain("[emerg] %v", err)
		return 1
	}
	unix.CloseOnExec(fd)
	switch kind {
	case "master", "single":
		setName("moonring")
		if arg >= 0 {
			unix.CloseOnExec(arg)
		}
		// From here on: who reads the pid file may signal at once.
		signals := make(chan os.Signal, 64)
		signal.Notify(signals, unix.SIGQUIT, unix.SIGTERM, unix.SIGINT, unix.SIGHUP, unix.SIGUSR1, unix.SIGUSR2, unix.SIGWINCH, unix.SIGCHLD)
		e, err := furnish(g, arg)
		if err != nil {
			return 1
		}
		if kind == "master" {
			return runMaster(e, fd, signals)
		}
		return runSingle(e, signals)
	case "worker":
		words = append(words, "")
		g.image, err = strconv.Atoi(words[3])
		var indexes []int
		if err == nil {
			indexes, err = parseIndexes(words[4:len(words)-1], len(g.sockets()))
		}
		if err != nil {
			complain("[emerg] environment variable %s: %v", startVariable, err)
			return 1
		}
		return runWorker(g, arg, indexes)
	case "init":
		return runInit(g)
	}
	complain("[emerg] environment variable %s names an unknown role: %q", startVariable, role)
	return 1
}

// parseIndexes reads which address each listening descriptor is for: every one has at least one.
func parseIndexes(words []string, nsockets int) ([]int, error) {
	indexes := make([]int, len(words))
	seen := make([]bool, nsockets)
	for i, w := range words {
		n, err := strconv.Atoi(w)
		if err != nil || n < 0 || n >= nsockets {
			return nil, fmt.Errorf("there is no address %q", w)
		}
		indexes[i], seen[n] = n, true
	}
	for n, ok := range seen {
		if !ok {
			return nil, fmt.Errorf("no descriptor for address %d", n)
		}
	}
	return indexes, nil
}

// estate is what the process that owns the server holds: the master, or the only process.
type estate struct {
	*generation
	*lineage
	log       *logger
	logs      *logFiles
	listeners *listeners
	zones     []*zone
	ready     int      // descriptor, -1: nobody waits
	orphans   []orphan // to be taken over
}

// furnish opens logs and sockets and writes the pid file. Its error has been reported.
func furnish(g *generation, ready int) (*estate, error) {
	e := &estate{generation: g, lineage: &lineage{parent: os.Getppid()}, ready: ready, log: &logger{terminal: 2}}
	var inherited []int
	inherited, e.inherited = inheritedSockets()
	err := func() error {
		logs, err := openLogs(g)
		if err != nil {
			return err
		}
		e.logs, e.log = logs, logs.logger(g)
		// Standard error may become the log: what concerns the start is still for the terminal.
		// That of a new binary is the log of the one before.
		if e.log.terminal, err = unix.FcntlInt(2, unix.F_DUPFD_CLOEXEC, 3); err != nil || e.inherited {
			unix.Close(e.log.terminal)
			e.log.terminal = -1
		}
		for _, n := range g.notices {
			e.log.log(n.Level, "%v", n)
		}
		var zones []*zone
		if e.inherited {
			zones = inheritedZones(e.log)
			e.log.log(conf.Note, "using inherited sockets from %q", os.Getenv(inheritVariable))
			os.Unsetenv(inheritVariable)
		}
		if !e.inherited && g.cfg.MasterProcess && g.Run == nil {
			e.orphans = findOrphans(g.cfg.PID, e.log)
			e.shared = len(e.orphans) > 0
			for _, o := range e.orphans {
				inherited = append(inherited, o.sockets...)
			}
			zones = append(zones, orphanedZones(e.orphans, e.log)...)
		}
		e.zones, err = g.openZones(zones, e.log)
		dropZones(zones, false, e.log)
		if err != nil {
			return err
		}
		b := binder{log: e.log, workers: g.workers(), tries: bindTries}
		if g.Run != nil {
			b.tries, b.elsewhere = 1, true
		}
		if e.listeners, err = b.bind(g.sockets(), adopt(inherited, g.sockets())); err != nil {
			return err
		}
		if err := e.listeners.listen(e.log); err != nil {
			return err
		}
		if err := writePID(g.cfg.PID); err != nil {
			return err
		}
		return logs.takeStderr()
	}()
	if err != nil {
		e.log.log(conf.Emerg, "%v", err)
		e.closeZones()
		if g.Run != nil {
			os.RemoveAll(g.Run.Temp)
		}
	}
	return e, err
}

// started tells who waits for it that the server runs.
func (e *estate) started() {
	if e.log.terminal >= 0 {
		unix.Close(e.log.terminal)
		e.log.terminal = -1
	}
	if e.ready >= 0 {
		unix.Write(e.ready, []byte{1})
		unix.Close(e.ready)
		e.ready = -1
	}
	if e.Run != nil {
		e.announce()
	}
}

// leave removes what must not outlive the server.
func (e *estate) leave() {
	e.listeners.closeExcept(nil, e.alone())
	e.closeZones()
	os.Remove(e.pidPath())
	if e.Run != nil {
		os.RemoveAll(e.Run.Temp)
	}
	e.log.log(conf.Note, "exit")
}
