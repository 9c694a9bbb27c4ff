package appliance

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"

	"golang.org/x/sys/unix"

	"moonring/proxy/conf"
)

// A generation is a configuration as it was read at one moment, with everything its meaning depends on: plain data that leads to
// the same conf.Config in every process.
type generation struct {
	Version  string // the build's
	Command  string // the command line, for the master's title
	Program  string // path of the binary, and its arguments, to start it again
	Args     []string
	Prefix   string
	ConfPath string
	Globals  string
	ErrorLog string // -e

	CPUs         int
	Hostname     string
	Unprivileged bool
	Run          *runMode // nil unless of `moonring run`

	Bundle *conf.Bundle

	zoneFiles []zoneFile // those of a worker

	image   int // descriptor of the VM in which init_by_lua has run; 0: none
	cfg     *conf.Config
	notices []conf.Notice
}

// runMode is what `moonring run` changes.
type runMode struct {
	Dir  string // as given
	Temp string // a private folder for the pid file, removed at the end
}

// load reads the configuration.
func (inv *invocation) load() (*generation, []conf.Notice, error) {
	host, err := os.Hostname()
	if err != nil {
		host = "localhost"
	}
	g := &generation{
		Prefix: inv.prefix, ConfPath: inv.confPath, Globals: inv.globals, ErrorLog: inv.errorLog,
		CPUs: runtime.NumCPU(), Hostname: host, Unprivileged: os.Geteuid() != 0,
	}
	rec := conf.NewRecorder(conf.OS{})
	cfg, notices, err := conf.Load(g.options(rec))
	if err != nil {
		return nil, notices, err
	}
	g.Bundle, g.cfg = rec.Bundle(), cfg
	return g, notices, nil
}

func (g *generation) options(fs conf.FS) conf.Options {
	return conf.Options{
		Prefix: g.Prefix, ConfPath: g.ConfPath, Globals: g.Globals, ErrorLog: g.ErrorLog, FS: fs,
		CPUs: g.CPUs, Hostname: g.Hostname, Unprivileged: g.Unprivileged, Variable: knownVariable,
	}
}

// sealAll makes a memfd immutable for all that hold it.
const sealAll = unix.F_SEAL_SEAL | unix.F_SEAL_SHRINK | unix.F_SEAL_GROW | unix.F_SEAL_WRITE

// seal puts the generation into a memfd that nobody can change any more.
func (g *generation) seal() (fd int, err error) {
	data, err := json.Marshal(g)
	if err != nil {
		return -1, err
	}
	fd, err = unix.MemfdCreate("moonring generation", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if err != nil {
		return -1, fmt.Errorf("memfd_create() failed%s", errnoText(err))
	}
	for len(data) > 0 {
		n, err := unix.Write(fd, data)
		if err != nil {
			unix.Close(fd)
			return -1, fmt.Errorf("write() to memfd failed%s", errnoText(err))
		}
		data = data[n:]
	}
	if err := addSeals(fd); err != nil {
		unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

// addSeals sets sealAll.
func addSeals(fd int) error {
	if _, err := unix.FcntlInt(uintptr(fd), unix.F_ADD_SEALS, sealAll); err != nil {
		return fmt.Errorf("fcntl(F_ADD_SEALS) failed%s", errnoText(err))
	}
	return nil
}

// unseal reads a generation back. The descriptor's offset is shared with others and left alone.
func unseal(fd int) (*generation, error) {
	seals, err := unix.FcntlInt(uintptr(fd), unix.F_GET_SEALS, 0)
	if err != nil || seals&sealAll != sealAll {
		return nil, errors.New(startVariable + " is set, but its descriptor holds no sealed generation")
	}
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return nil, err
	}
	data := make([]byte, st.Size)
	for n := 0; n < len(data); {
		m, err := unix.Pread(fd, data[n:], int64(n))
		if err != nil || m == 0 {
			return nil, fmt.Errorf("generation: %d of %d bytes read: %v", n, len(data), err)
		}
		n += m
	}
	g := &generation{}
	if err := json.Unmarshal(data, g); err != nil {
		return nil, fmt.Errorf("generation: %w", err)
	}
	cfg, notices, err := conf.Load(g.options(g.Bundle))
	if err != nil {
		return nil, err
	}
	g.cfg, g.notices = cfg, notices
	if g.Run != nil {
		cfg.Daemon, cfg.MasterProcess = false, true
		cfg.PID = g.Run.Temp + "/moonring.pid"
		cfg.SetTempPath(g.Run.Temp + "/client_body_temp") // the folder that is served stays as it is
	}
	return g, nil
}

// readFile gives what was read when the configuration was, else what is on disk: modules that scripts require, files whose names
// have variables.
func (g *generation) readFile(path string) ([]byte, error) {
	if text, ok := g.Bundle.Files[path]; ok {
		return text, nil
	}
	return os.ReadFile(path)
}

// makeTempPaths creates the folders of temporary files that don't exist yet, and gives them to who workers run as.
func (g *generation) makeTempPaths() error {
	cred, err := g.credentials()
	if err != nil {
		return err
	}
	for _, path := range g.cfg.TempPaths {
		if err := unix.Mkdir(path, 0o700); err != nil && err != unix.EEXIST {
			return fmt.Errorf("mkdir() %q failed%s", path, errnoText(err))
		}
		if cred == nil || !g.cfg.MasterProcess && g.Run == nil {
			continue
		}
		var st unix.Stat_t
		if err := unix.Stat(path, &st); err != nil {
			return fmt.Errorf("stat() %q failed%s", path, errnoText(err))
		}
		if st.Uid != cred.Uid {
			if err := unix.Chown(path, int(cred.Uid), -1); err != nil {
				return fmt.Errorf("chown(%q, %d) failed%s", path, cred.Uid, errnoText(err))
			}
		}
	}
	return nil
}

// sockets are what to listen on.
func (g *generation) sockets() []*conf.Socket {
	if g.cfg.HTTP == nil {
		return nil
	}
	return g.cfg.HTTP.Sockets
}

// workers is how many processes serve.
func (g *generation) workers() int {
	if !g.cfg.MasterProcess {
		return 1
	}
	return max(g.cfg.WorkerProcesses, 1)
}
