package appliance

import (
	"os"

	"golang.org/x/sys/unix"

	"moonring/proxy/conf"
)

// testConfig does -t and -T for a configuration that could be read: like nginx it also opens the logs and the pid file, and binds the
// addresses, where one in use is no error.
func (inv *invocation) testConfig(g *generation, notices []conf.Notice) int {
	log := &logger{terminal: 2}
	for _, n := range notices {
		if n.Level <= conf.Warn || !inv.quiet {
			complain("[%v] %v", n.Level, n)
		}
	}
	if !inv.quiet {
		complain("the configuration file %s syntax is ok", inv.confFile())
	}
	err := func() error {
		if _, err := g.credentials(); err != nil {
			return err
		}
		pid, err := openPID(g.cfg.PID)
		if err != nil {
			return err
		}
		unix.Close(pid)
		if _, err := openLogs(g); err != nil {
			return err
		}
		b := binder{log: log, workers: 1, tries: 1, test: true}
		_, err = b.bind(g.sockets(), nil)
		return err
	}()
	if err != nil {
		log.log(conf.Emerg, "%v", err)
		complain("configuration file %s test failed", inv.confFile())
		return 1
	}
	if !inv.quiet {
		complain("configuration file %s test is successful", inv.confFile())
	}
	if inv.dump {
		if err := g.cfg.WriteSources(os.Stdout); err != nil {
			log.log(conf.Emerg, "write() failed%s", errnoText(err))
			return 1
		}
	}
	return 0
}
