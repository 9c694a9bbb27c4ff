package appliance

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"moonring/proxy/conf"
)

// A worker outlives its master, and the next master takes it over: it gets the worker's listening sockets, so that no queue is lost, starts its own
// workers on them, and has the old ones drain as after a reload. They find each other by a socket in the abstract namespace (no file is left
// behind; its scope is the network namespace, as that of the addresses) that each worker is given at its start. Its name begins with what
// stands for the pid file. While the master lives nobody accepts there.

// takeoverPatience is how long a new master waits for the answers of workers that it finds. Those of another living master give none.
const takeoverPatience = 500 * time.Millisecond

// orphan is a worker without a master.
type orphan struct {
	pid  int // from the kernel: it gets the master's signals
	pair int // connected to the worker, in the place of its socket pair
	legacy
}

// legacy is what a worker hands over: all that must not end with it.
type legacy struct {
	sockets []int
	zones   []zoneFile
}

// takeoverPrefix is how the names of the sockets begin that the workers of a server with this pid file have.
func takeoverPrefix(pidPath string) (string, error) {
	dir, base := filepath.Split(pidPath)
	var st unix.Stat_t
	if err := unix.Stat(dir, &st); err != nil {
		return "", fmt.Errorf("stat() %q failed%s", dir, errnoText(err))
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %d %s", st.Dev, st.Ino, base)) // the folder may have several paths
	return fmt.Sprintf("@moonring/%x/", sum[:8]), nil
}

// listenForTakeover makes a worker's socket. Its peer credentials are the master's.
func listenForTakeover(pidPath string) (int, error) {
	prefix, err := takeoverPrefix(pidPath)
	if err != nil {
		return -1, err
	}
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, fmt.Errorf("socket() failed%s", errnoText(err))
	}
	name := fmt.Sprintf("%s%d.%d", prefix, os.Getpid(), time.Now().UnixNano())
	if err = unix.Bind(fd, &unix.SockaddrUnix{Name: name}); err == nil {
		err = unix.Listen(fd, 8)
	}
	if err != nil {
		unix.Close(fd)
		return -1, fmt.Errorf("listening on %s failed%s", name, errnoText(err))
	}
	return fd, nil
}

// awaitMaster is the worker's side: it waits for a new master, gives it the listening sockets and takes the connection for the socket pair.
func awaitMaster(left legacy, log *logger) error {
	owner, err := unix.GetsockoptUcred(fdTakeover, unix.SOL_SOCKET, unix.SO_PEERCRED)
	if err != nil {
		return err
	}
	for {
		fd, _, err := unix.Accept4(fdTakeover, unix.SOCK_CLOEXEC)
		if err == unix.EINTR || err == unix.ECONNABORTED {
			continue
		}
		if err != nil {
			return err
		}
		peer, err := unix.GetsockoptUcred(fd, unix.SOL_SOCKET, unix.SO_PEERCRED)
		if err == nil && (peer.Uid == owner.Uid || peer.Uid == 0) && handOver(fd, left) == nil && unix.Dup3(fd, fdPair, unix.O_CLOEXEC) == nil {
			unix.Close(fd)
			log.log(conf.Note, "master process %d takes over", peer.Pid)
			return nil
		}
		unix.Close(fd)
	}
}

func handOver(fd int, left legacy) error {
	for _, z := range left.zones {
		if err := send(fd, cmdZone, []byte(describeZone(z.name, z.persist)), int(z.file.Fd())); err != nil {
			return err
		}
	}
	for sockets := left.sockets; len(sockets) > 0; {
		n := min(len(sockets), descriptorsMax)
		if err := send(fd, cmdSockets, nil, sockets[:n]...); err != nil {
			return err
		}
		sockets = sockets[n:]
	}
	return send(fd, cmdOrphan, nil)
}

// findOrphans is the new master's side.
func findOrphans(pidPath string, log *logger) []orphan {
	prefix, err := takeoverPrefix(pidPath)
	if err != nil {
		return nil // opening the pid file will say so
	}
	text, err := os.ReadFile("/proc/net/unix")
	if err != nil {
		log.log(conf.Warn, "workers without a master can't be looked for: %v", err)
		return nil
	}
	var fds []int
	seen := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		_, name, ok := strings.Cut(strings.TrimRight(line, "\n"), prefix)
		if !ok || seen[name] {
			continue
		}
		seen[name] = true
		if fd := connectOrphan(prefix + name); fd >= 0 {
			fds = append(fds, fd)
		}
	}
	var list []orphan
	for deadline := time.Now().Add(takeoverPatience); len(fds) > 0; fds = fds[1:] {
		o := orphan{pair: fds[0]}
		if o.accept(deadline) {
			log.log(conf.Note, "taking over worker process %d, which has no master", o.pid)
			list = append(list, o)
		} else {
			unix.Close(o.pair)
		}
	}
	return list
}

// connectOrphan connects to a worker's socket, if it was made by a master of this user; -1: no.
func connectOrphan(name string) int {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return -1
	}
	if unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_PASSCRED, 1) == nil && unix.Connect(fd, &unix.SockaddrUnix{Name: name}) == nil && unix.SetNonblock(fd, false) == nil {
		if peer, err := unix.GetsockoptUcred(fd, unix.SOL_SOCKET, unix.SO_PEERCRED); err == nil && int(peer.Uid) == os.Geteuid() {
			return fd
		}
	}
	unix.Close(fd)
	return -1
}

// accept receives what a worker hands over, if it does so until then.
func (o *orphan) accept(deadline time.Time) bool {
	for {
		wait := unix.NsecToTimeval(max(time.Until(deadline), time.Millisecond).Nanoseconds())
		if unix.SetsockoptTimeval(o.pair, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &wait) != nil {
			return false
		}
		c, rest, fds, pid, err := receiveFrom(o.pair)
		if z, ok := parseZone(string(rest)); c == cmdZone && ok && len(fds) == 1 {
			z.file = os.NewFile(uintptr(fds[0]), z.name)
			o.zones = append(o.zones, z)
		} else {
			o.sockets = append(o.sockets, fds...)
		}
		if err == nil && (c == cmdSockets || c == cmdZone) && time.Now().Before(deadline) {
			continue
		}
		if o.pid = pid; err == nil && c == cmdOrphan && pid > 1 {
			return true
		}
		for _, fd := range o.sockets {
			unix.Close(fd)
		}
		for _, z := range o.zones {
			z.file.Close()
		}
		return false
	}
}

// foster makes a formation of the workers that are taken over. They serve until those of this master do.
func (m *master) foster(orphans []orphan) {
	if len(orphans) == 0 {
		return
	}
	f := m.newFormation()
	for i, o := range orphans {
		unix.SetNonblock(o.pair, true)
		s := &slot{formation: f, id: i}
		s.process = &process{slot: s, pid: o.pid, pair: os.NewFile(uintptr(o.pair), "worker"), pairFD: o.pair, fostered: true, reaped: true}
		f.slots = append(f.slots, s)
		go m.listen(s.process)
	}
	m.fostered = f
	m.old = append(m.old, f)
}

// releaseFostered has the workers that were taken over drain, when others serve, or leaves them alone again.
func (m *master) releaseFostered(drain bool) {
	f := m.fostered
	if f == nil {
		return
	}
	m.fostered, m.shared = nil, !drain
	f.each(func(p *process) {
		if drain {
			p.tell(cmdDrain, 0)
			return
		}
		p.pair.Close()
		p.slot.process = nil
	})
	m.release(f)
}
