package appliance

import (
	"fmt"
	"os"
	"runtime/debug"

	"golang.org/x/sys/unix"

	"moonring/proxy/conf"
)

// A reload is all or nothing. The next generation is read, its addresses are bound, its workers are started; only when each of them could
// serve do they begin to, and the workers in force begin to drain. Whatever goes wrong before that is logged, and nothing has changed.

// reload reads the configuration anew.
func (m *master) reload() {
	if m.state == starting || m.next != nil {
		m.again = true
		return
	}
	if m.state == leaving {
		return
	}
	m.log.log(conf.Note, "reconfiguring")
	f, err := m.prepare()
	if err != nil {
		m.log.log(levelOf(err), "%v", err)
		return
	}
	m.next = f
	if !m.spawnAll(f) {
		m.abandon()
	}
}

// reloadAgain does the reload that was asked for during the last one.
func (m *master) reloadAgain() {
	if m.again && m.next == nil {
		m.again = false
		m.reload()
	}
}

// newFormation is one beside those that are there, of nothing yet.
func (m *master) newFormation() *formation {
	return &formation{estate: &estate{lineage: m.lineage, ready: -1, listeners: &listeners{}, log: m.log}, memfd: -1}
}

// prepare makes the next formation, without workers. A panic in it is a bug that must not end the server.
func (m *master) prepare() (f *formation, err error) {
	f = m.newFormation()
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
		if err != nil {
			f.listeners.discard()
			f.close()
		}
	}()
	inv := &invocation{prefix: m.Prefix, confPath: m.ConfPath, globals: m.Globals, errorLog: m.ErrorLog}
	g, notices, err := inv.load()
	if err != nil {
		return f, err
	}
	for _, n := range notices {
		m.log.log(n.Level, "%v", n)
	}
	g.Version, g.Command, g.Program, g.Args = m.Version, m.Command, m.Program, m.Args
	// These are settled for as long as the server runs.
	g.cfg.Daemon, g.cfg.MasterProcess = m.cfg.Daemon, m.cfg.MasterProcess
	f.generation = g
	if f.memfd, err = g.seal(); err != nil {
		return f, err
	}
	if f.logs, err = openLogs(g); err != nil {
		return f, err
	}
	f.log = f.logs.logger(g)
	if err := f.settle(); err != nil {
		return f, err
	}
	if f.zones, err = g.openZones(m.zones, m.log); err != nil {
		return f, err
	}
	if err := m.makeImage(f); err != nil {
		return f, err
	}
	b := binder{log: m.log, workers: g.workers(), tries: bindTries}
	f.listeners, err = b.bind(g.sockets(), m.listeners)
	return f, err
}

// commit puts the next formation in the place of the one that serves.
func (m *master) commit() {
	old, next := m.formation, m.next
	err := func() error {
		if next.cfg.PID != old.cfg.PID {
			if err := writePID(next.cfg.PID); err != nil {
				return err
			}
		}
		return next.listeners.listen(next.log)
	}()
	if err != nil {
		m.log.log(conf.Emerg, "%v", err)
		m.abandon()
		return
	}
	if err := next.logs.takeStderr(); err != nil {
		m.log.log(conf.Alert, "%v", err)
	}
	next.each((*process).serve)
	old.each(func(p *process) { p.tell(cmdDrain, unix.SIGQUIT) })
	old.listeners.closeExcept(next.listeners, true)
	if next.cfg.PID != old.cfg.PID {
		os.Remove(old.cfg.PID)
	}
	m.formation, m.next, m.state = next, nil, serving
	m.old = append(m.old, old)
	m.release(old)
	m.reloadAgain()
}

// abandon ends a reload that has not come into force.
func (m *master) abandon() {
	f := m.next
	if f == nil {
		return
	}
	m.next = nil
	f.listeners.discard()
	f.listeners = &listeners{}
	f.each(func(p *process) { p.tell(cmdStop, unix.SIGTERM) })
	m.old = append(m.old, f)
	m.release(f)
}

// release frees what an old formation holds once its last worker has gone.
func (m *master) release(f *formation) {
	if f.alive() {
		return
	}
	for i, old := range m.old {
		if old == f {
			m.old = append(m.old[:i:i], m.old[i+1:]...)
			break
		}
	}
	f.close()
}

func (f *formation) close() {
	if f.memfd >= 0 {
		unix.Close(f.memfd)
		f.memfd = -1
	}
	if f.generation != nil && f.image != 0 {
		unix.Close(f.image)
		f.image = 0
	}
	if f.logs != nil {
		f.logs.close()
	}
	f.closeZones()
}
