package appliance

import (
	"fmt"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"moonring/proxy/conf"
)

// The descriptors of a worker. After the fixed ones come its listening sockets, then the logs, then the shared dicts.
const (
	fdGeneration = 3
	fdPair       = 4
	fdPulse      = 5
	fdImage      = 6 // the same as fdGeneration if there is none
	fdTakeover   = 7 // the same for the init process
	fdFirst      = 8
)

// workerTitle is what ps shows.
const workerTitle = "moonring: worker process"

// spawn starts a worker in a slot. A failure has been logged.
func (m *master) spawn(s *slot) bool {
	f := s.formation
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		m.log.log(conf.Alert, "socketpair() failed while spawning worker process%s", errnoText(err))
		return false
	}
	pulse, fdShared, err := newPulse()
	if err != nil {
		unix.Close(pair[0])
		unix.Close(pair[1])
		m.log.log(conf.Alert, "%v", err)
		return false
	}
	takeover, err := listenForTakeover(f.cfg.PID)
	if err != nil {
		unix.Close(pair[0])
		unix.Close(pair[1])
		unix.Close(fdShared)
		pulse.end()
		m.log.log(conf.Alert, "%v", err)
		return false
	}
	files := []uintptr{0, 1, 2, uintptr(f.memfd), uintptr(pair[1]), uintptr(fdShared), uintptr(f.memfd), uintptr(takeover)}
	image := 0
	if f.image != 0 {
		files[fdImage], image = uintptr(f.image), fdImage
	}
	role := fmt.Sprintf("%s=worker %d %d %d", startVariable, fdGeneration, s.id, image)
	for _, sock := range f.listeners.of(s.id, f.workers()) {
		files = append(files, uintptr(sock.fd))
		role += fmt.Sprintf(" %d", sock.index)
	}
	for _, fd := range f.logs.fds {
		files = append(files, uintptr(fd))
	}
	files = append(files, zoneFDs(f.zones)...)
	attr := &syscall.ProcAttr{
		Env:   append(environment(f.cfg.Env), role),
		Files: files,
		Sys:   &syscall.SysProcAttr{Credential: f.cred},
	}
	restore := raiseFileLimit(f.cfg.WorkerRlimitNofile, m.log)
	pid, err := withAffinity(f.pins[s.id],
		func(err error) { m.log.log(conf.Alert, "%v", err) },
		func() (int, error) { return syscall.ForkExec(self, []string{workerTitle}, attr) })
	restore()
	unix.Close(takeover)
	unix.Close(pair[1])
	unix.Close(fdShared)
	if err != nil {
		unix.Close(pair[0])
		pulse.end()
		m.log.log(conf.Alert, "fork() failed while spawning worker process%s", errnoText(err))
		return false
	}
	m.log.log(conf.Note, "start worker process %d", pid)
	unix.SetNonblock(pair[0], true) // so that reading it takes no thread
	p := &process{slot: s, pid: pid, pair: os.NewFile(uintptr(pair[0]), "worker"), pairFD: pair[0], pulse: pulse, started: time.Now()}
	s.process = p
	go m.listen(p)
	return true
}

// listen hands a worker's messages to the master's goroutine, until the worker ends.
func (m *master) listen(p *process) {
	buf := make([]byte, messageMax)
	for {
		n, err := p.pair.Read(buf)
		if err != nil {
			break
		}
		c, rest := command(buf[0]), string(buf[1:n])
		m.events <- func() { m.message(p, c, rest) }
	}
	m.events <- func() {
		p.silent = true
		m.ended(p)
	}
}
