package appliance

import (
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"moonring/proxy/conf"
)

// USR2 changes the binary as nginx does: the pid file gets another name, the program is executed again by its path, which may lead to another file
// by now, and finds the listening sockets among its descriptors. Two servers then accept from the same queues until one of them is told to
// go. The variable that numbers the descriptors is nginx's, so either server can be changed for the other.

// inheritVariable holds "6;7;8;".
const inheritVariable = "NGINX"

// oldBinSuffix is appended to the name of the pid file while a new binary runs.
const oldBinSuffix = ".oldbin"

// lineage is what a master knows of the one before and the one after it.
type lineage struct {
	parent    int // process that started this one
	inherited bool
	heir      int  // new binary's process, 0: none
	shared    bool // workers of a master that has died serve on the same sockets
}

// parentLives tells whether the process that started this one is there. Of a daemon that is so before it serves, or when it is the heir of a master that
// runs.
func (l *lineage) parentLives() bool { return os.Getppid() == l.parent }

// alone tells that no other server uses the same sockets.
func (l *lineage) alone() bool { return l.heir == 0 && !l.shared && !(l.inherited && l.parentLives()) }

// pidPath is where the pid file is.
func (e *estate) pidPath() string {
	if e.heir != 0 {
		return e.cfg.PID + oldBinSuffix
	}
	return e.cfg.PID
}

// programPath is the path that a later execution of this program takes: the one it was called by, so that a link that is changed is followed.
func programPath() (string, error) {
	path, err := exec.LookPath(os.Args[0])
	if err == nil {
		path, err = filepath.Abs(path)
	}
	running, runningErr := os.Stat(self)
	if err == nil && runningErr == nil {
		if named, err := os.Stat(path); err == nil && os.SameFile(named, running) {
			return path, nil
		}
	}
	return os.Executable()
}

// upgrade does USR2.
func (m *master) upgrade() {
	m.abandon()
	m.log.log(conf.Note, "changing binary")
	path, old := m.cfg.PID, m.cfg.PID+oldBinSuffix
	if err := unix.Rename(path, old); err != nil {
		m.log.log(conf.Alert, "rename() %s to %s failed before executing new binary process %q%s", path, old, m.Program, errnoText(err))
		return
	}
	files := []uintptr{0, 1, 2}
	var sockets strings.Builder
	for _, fds := range m.listeners.fds {
		for _, fd := range fds {
			fmt.Fprintf(&sockets, "%d;", len(files))
			files = append(files, uintptr(fd))
		}
	}
	var zones strings.Builder
	for _, z := range m.zones {
		fmt.Fprintf(&zones, "%d %s;", len(files), describeZone(z.name, z.persist))
		files = append(files, z.file.Fd())
	}
	env := slices.DeleteFunc(os.Environ(), func(s string) bool { return strings.HasPrefix(s, inheritVariable+"=") }) // the first one would count
	pid, err := syscall.ForkExec(m.Program, append([]string{m.Program}, m.Args...), &syscall.ProcAttr{
		Env:   append(env, inheritVariable+"="+sockets.String(), zonesVariable+"="+zones.String()),
		Files: files,
	})
	if err != nil {
		m.log.log(conf.Alert, "execve() failed while executing new binary process %q%s", m.Program, errnoText(err))
		if err := unix.Rename(old, path); err != nil {
			m.log.log(conf.Alert, "rename() %s back to %s failed after an attempt to execute new binary process %q%s", old, path, m.Program, errnoText(err))
		}
		return
	}
	m.heir = pid
	m.log.log(conf.Note, "start new binary process %d", pid)
}

// heirEnded takes back what the new binary has left.
func (m *master) heirEnded(status syscall.WaitStatus) {
	m.logEnd("new binary process", m.heir, status, conf.Note)
	path, old := m.cfg.PID, m.cfg.PID+oldBinSuffix
	if err := unix.Rename(old, path); err != nil {
		m.log.log(conf.Alert, "rename() %s back to %s failed after the new binary process %q exited%s", old, path, m.Program, errnoText(err))
	}
	m.heir = 0
	if m.state == idle {
		m.revive()
	}
}

// revive starts the workers of the formation in force again, after WINCH. Those that still finish requests stay with what they have.
func (m *master) revive() {
	twin, err := m.formation.twin()
	if err != nil {
		m.log.log(conf.Alert, "%v", err)
		return
	}
	old := m.formation
	m.formation, m.state = twin, serving
	m.old = append(m.old, old)
	m.release(old)
	m.log.log(conf.Note, "start worker processes")
	for id := range twin.workers() {
		s := &slot{formation: twin, id: id}
		twin.slots = append(twin.slots, s)
		m.respawn(s, 0)
	}
}

// twin is the same formation with descriptors of its own, and no workers. The listening sockets are both's.
func (f *formation) twin() (*formation, error) {
	var fds []int
	dup := func(fd int) (int, error) {
		d, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 3)
		if err != nil {
			for _, fd := range fds {
				unix.Close(fd)
			}
			return -1, fmt.Errorf("fcntl(F_DUPFD_CLOEXEC) failed%s", errnoText(err))
		}
		fds = append(fds, d)
		return d, nil
	}
	e, g, logs := *f.estate, *f.generation, &logFiles{paths: f.logs.paths, main: -1}
	t := &formation{estate: &e, cred: f.cred, pins: f.pins}
	var err error
	if t.memfd, err = dup(f.memfd); err != nil {
		return nil, err
	}
	if g.image != 0 {
		if g.image, err = dup(g.image); err != nil {
			return nil, err
		}
	}
	for _, fd := range f.logs.fds {
		if fd > 2 {
			if fd, err = dup(fd); err != nil {
				return nil, err
			}
		}
		logs.fds = append(logs.fds, fd)
	}
	logs.findMain(&g)
	e.generation, e.logs, e.log, e.zones = &g, logs, logs.logger(&g), holdZones(f.zones)
	return t, nil
}

// inheritedSockets reads the descriptors that a master before this one has passed. ok tells that there was one: a variable of that name may
// also be the user's own, with something else in it.
func inheritedSockets() (fds []int, ok bool) {
	text, ok := os.LookupEnv(inheritVariable)
	for ok && text != "" {
		at := strings.IndexAny(text, ":;")
		if at < 0 {
			return nil, false
		}
		fd, err := strconv.ParseUint(text[:at], 10, 31)
		if err != nil {
			return nil, false
		}
		fds, text = append(fds, int(fd)), text[at+1:]
	}
	return fds, ok
}

// adopt sorts listening sockets that others have bound by the addresses to listen on. Those for no such address are closed.
func adopt(fds []int, sockets []*conf.Socket) *listeners {
	l := newListeners(sockets)
	seen := map[uint64]bool{} // the same socket may come from several processes
	for _, fd := range fds {
		if n, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ACCEPTCONN); err != nil || n != 1 {
			continue
		}
		at := socketIndex(fd, sockets)
		cookie, err := unix.GetsockoptUint64(fd, unix.SOL_SOCKET, unix.SO_COOKIE)
		if at < 0 || err != nil || seen[cookie] {
			unix.Close(fd)
			continue
		}
		seen[cookie] = true
		unix.CloseOnExec(fd)
		l.fds[at] = append(l.fds[at], fd)
	}
	return l
}

// socketIndex finds the address that a socket is bound to, -1 if it is none of these.
func socketIndex(fd int, sockets []*conf.Socket) int {
	sa, err := unix.Getsockname(fd)
	if err != nil {
		return -1
	}
	var addr netip.AddrPort
	path := ""
	switch sa := sa.(type) {
	case *unix.SockaddrInet4:
		addr = netip.AddrPortFrom(netip.AddrFrom4(sa.Addr), uint16(sa.Port))
	case *unix.SockaddrInet6:
		addr = netip.AddrPortFrom(netip.AddrFrom16(sa.Addr), uint16(sa.Port))
	case *unix.SockaddrUnix:
		path = sa.Name
	}
	for i, s := range sockets {
		if s.Network == "unix" && s.Path == path && path != "" || s.Network != "unix" && addr.IsValid() && s.Addr == addr {
			return i
		}
	}
	return -1
}
