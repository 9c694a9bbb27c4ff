package appliance

import (
	"errors"
	"fmt"
	"syscall"

	"golang.org/x/sys/unix"
)

// init_by_lua runs once in a generation's life, with the master's rights, as in nginx. The master has no VM, so a process of ours runs it, writes the
// VM to a memfd and ends. Every worker maps that memfd, copy on write, and goes on from there: also one that is started tomorrow.

// initTitle is what ps shows.
const initTitle = "moonring: init process"

// makeImage has init_by_lua run, if the generation has any. The master waits for it, but a signal that ends the server ends it too.
func (m *master) makeImage(f *formation) (err error) {
	if f.cfg.HTTP == nil || f.cfg.HTTP.Init == nil {
		return nil
	}
	image, err := unix.MemfdCreate("moonring image", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if err != nil {
		return fmt.Errorf("memfd_create() failed%s", errnoText(err))
	}
	defer func() {
		if err != nil {
			unix.Close(image)
		}
	}()
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("socketpair() failed%s", errnoText(err))
	}
	files := []uintptr{0, 1, 2, uintptr(f.memfd), uintptr(pair[1]), uintptr(image), uintptr(image), uintptr(f.memfd)}
	for _, fd := range f.logs.fds {
		files = append(files, uintptr(fd))
	}
	files = append(files, zoneFDs(f.zones)...)
	pid, err := syscall.ForkExec(self, []string{initTitle}, &syscall.ProcAttr{
		Env:   append(environment(f.cfg.Env), fmt.Sprintf("%s=init %d 0", startVariable, fdGeneration)),
		Files: files,
	})
	unix.Close(pair[1])
	if err != nil {
		unix.Close(pair[0])
		return fmt.Errorf("fork() failed while starting init process%s", errnoText(err))
	}
	done := make(chan error, 1)
	go func() { done <- awaitInit(pair[0], pid) }()
	for {
		select {
		case err := <-done:
			recoverZones(f.zones, func(owner uint32) bool { return owner == uint32(pid) }, m.log)
			if err != nil {
				return err
			}
			if err := addSeals(image); err != nil {
				return err
			}
			f.image = image
			return nil
		case s := <-m.signals:
			switch s.(syscall.Signal) {
			case unix.SIGTERM, unix.SIGINT, unix.SIGQUIT:
				syscall.Kill(pid, unix.SIGKILL)
			}
			go func() { m.events <- func() { m.signal(s.(syscall.Signal)) } }()
		}
	}
}

// awaitInit waits for the end of the init process, and tells what it said if it failed.
func awaitInit(pair, pid int) error {
	defer unix.Close(pair)
	c, rest, fds, err := receive(pair)
	for _, fd := range fds {
		unix.Close(fd)
	}
	status, waitErr := waitChild(pid)
	if waitErr != nil {
		return fmt.Errorf("wait4() failed%s", errnoText(waitErr))
	}
	switch {
	case err == nil && c == cmdFailed:
		return errors.New(string(rest))
	case status.Signaled():
		return fmt.Errorf("init process %d exited on signal %d", pid, status.Signal())
	case status.ExitStatus() != 0:
		return fmt.Errorf("init process %d exited with code %d", pid, status.ExitStatus())
	}
	return nil
}

// runInit is the init process.
func runInit(g *generation) int {
	settleRuntime()
	setName("moonring-init")
	logs := g.inheritLogs(0)
	log := logs.logger(g)
	return guard(log, func() int {
		zones, err := g.attachZones(fdFirst + len(logs.fds))
		if err == nil {
			err = writeImage(g, zones, logs, fdImage)
		}
		if err != nil {
			send(fdPair, cmdFailed, []byte(err.Error()))
			return exitFailed
		}
		return 0
	})
}

// inheritLogs finds the logs among the descriptors of a process that has so many listening sockets, and has none of them survive an exec.
func (g *generation) inheritLogs(nsockets int) *logFiles {
	logs := &logFiles{paths: g.cfg.LogPaths}
	for i := range logs.paths {
		logs.fds = append(logs.fds, fdFirst+nsockets+i)
	}
	for fd := fdGeneration; fd < fdFirst+nsockets+len(logs.fds); fd++ {
		unix.CloseOnExec(fd)
	}
	logs.findMain(g)
	return logs
}
