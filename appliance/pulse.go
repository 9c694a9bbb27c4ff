package appliance

import (
	"fmt"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"moonring/proxy/conf"
)

// A worker whose loop doesn't turn answers nobody, and can't be asked why. So each turns a byte in memory that it shares with the master
// about once a second, and the master looks at it: when it has stood still for worker_hang_timeout, the worker is made to print the stacks of its
// goroutines, which Go's runtime does on SIGABRT, then killed, and replaced as after any death.

const (
	// pulseSize is that of the shared memory, in bytes: a page, of which the first byte is used.
	pulseSize = 4096
	// hangMin is the shortest worker_hang_timeout that counts: the byte is turned once a second.
	hangMin = 2 * time.Second
	// pulsePause is how often the master looks.
	pulsePause = 500 * time.Millisecond
	// dumpPatience is how long a worker may take to print its stacks.
	dumpPatience = time.Second
)

// pulse is the master's view of a worker's heartbeat.
type pulse struct {
	mem     []byte
	last    byte
	changed time.Time // when last was first seen; zero: the worker doesn't serve yet
	dumped  bool
}

// newPulse makes the shared memory. The descriptor is for the worker.
func newPulse() (p *pulse, fd int, err error) {
	fd, err = unix.MemfdCreate("moonring pulse", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, -1, fmt.Errorf("memfd_create() failed%s", errnoText(err))
	}
	if err := unix.Ftruncate(fd, pulseSize); err != nil {
		unix.Close(fd)
		return nil, -1, fmt.Errorf("ftruncate() of memfd failed%s", errnoText(err))
	}
	mem, err := unix.Mmap(fd, 0, pulseSize, unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		unix.Close(fd)
		return nil, -1, fmt.Errorf("mmap() of memfd failed%s", errnoText(err))
	}
	return &pulse{mem: mem}, fd, nil
}

// heartbeat maps the shared memory in the worker, and returns what turns the byte. It takes the descriptor.
func heartbeat(fd int) (func(), error) {
	mem, err := unix.Mmap(fd, 0, pulseSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("mmap() of memfd failed%s", errnoText(err))
	}
	unix.Close(fd)
	return func() { mem[0]++ }, nil
}

// begin starts the watch: from now on the byte must turn.
func (p *pulse) begin() { p.last, p.changed = p.mem[0], time.Now() }

func (p *pulse) end() {
	unix.Munmap(p.mem)
	p.mem = nil
}

// still tells for how long the byte has not turned.
func (p *pulse) still(now time.Time) time.Duration {
	if b := p.mem[0]; b != p.last {
		p.last, p.changed = b, now
	}
	if p.changed.IsZero() {
		return 0
	}
	return now.Sub(p.changed)
}

// watch looks at every worker's pulse, now and from time to time.
func (m *master) watch() {
	now := time.Now()
	late := now.Sub(m.watched) > 2*pulsePause // the master itself, or the machine, was held up: nobody can be blamed
	m.watched = now
	for _, f := range m.formations() {
		if f.generation == nil { // fostered
			continue
		}
		timeout := f.cfg.WorkerHangTimeout
		if timeout <= 0 {
			continue
		}
		timeout = max(timeout, hangMin)
		f.each(func(p *process) {
			if late && !p.pulse.changed.IsZero() && !p.pulse.dumped {
				p.pulse.begin()
				return
			}
			if still := p.pulse.still(now); still >= timeout && !p.pulse.dumped {
				p.pulse.dumped = true
				m.hung(p, still)
			}
		})
	}
	time.AfterFunc(pulsePause, func() { m.events <- m.watch })
}

// hung has a worker print its stacks, and kills it.
func (m *master) hung(p *process, still time.Duration) {
	m.log.log(conf.Alert, "worker process %d hangs: its loop has not turned for %v; stacks follow if it can still print them, then it is killed", p.pid, still.Round(time.Second/10))
	// To the main thread, which runs the loop: only the thread that takes the signal can print its own stack.
	if err := unix.Tgkill(p.pid, p.pid, unix.SIGABRT); err != nil {
		m.log.log(conf.Alert, "tgkill(%d) failed%s", p.pid, errnoText(err))
	}
	time.AfterFunc(dumpPatience, func() {
		m.events <- func() {
			if p.slot.process == p && !p.reaped {
				syscall.Kill(p.pid, unix.SIGKILL)
			}
		}
	})
}
