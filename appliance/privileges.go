package appliance

import (
	"fmt"
	"os"
	"os/user"
	"strconv"
	"syscall"

	"moonring/proxy/conf"
)

// nobody is nginx's default for user.
const nobody = "nobody"

// overflowID is the id of nobody and nogroup where no /etc/passwd names them, as in an empty container (the kernel's
// DEFAULT_OVERFLOWUID).
const overflowID = 65534

// credentials are what workers run as; nil for what the master runs as: when that isn't root, and with `moonring run`, which serves the
// caller's own files, unless the configuration has a user.
func (g *generation) credentials() (*syscall.Credential, error) {
	name, group := g.cfg.User, g.cfg.Group
	if os.Geteuid() != 0 || name == "" && g.Run != nil {
		return nil, nil
	}
	byDefault := name == ""
	if byDefault {
		name = nobody
	}
	u, err := user.Lookup(name)
	if err != nil {
		if byDefault {
			return &syscall.Credential{Uid: overflowID, Gid: overflowID}, nil
		}
		return nil, fmt.Errorf("getpwnam(%q) failed: %w", name, err)
	}
	gid := u.Gid
	if group != "" {
		gr, err := user.LookupGroup(group)
		if err != nil {
			return nil, fmt.Errorf("getgrnam(%q) failed: %w", group, err)
		}
		gid = gr.Gid
	}
	c := &syscall.Credential{}
	if c.Uid, err = parseID(u.Uid); err != nil {
		return nil, err
	}
	if c.Gid, err = parseID(gid); err != nil {
		return nil, err
	}
	// The supplementary groups of initgroups(3).
	ids, err := u.GroupIds()
	if err != nil {
		return nil, fmt.Errorf("initgroups(%s) failed: %w", name, err)
	}
	for _, id := range ids {
		n, err := parseID(id)
		if err != nil {
			return nil, err
		}
		c.Groups = append(c.Groups, n)
	}
	return c, nil
}

func parseID(s string) (uint32, error) {
	n, err := strconv.ParseUint(s, 10, 32)
	if err != nil {
		return 0, fmt.Errorf("invalid user or group id %q", s)
	}
	return uint32(n), nil
}

// raiseFileLimit sees to it that what is forked next may have worker_rlimit_nofile, if that is more than the hard limit: only root can.
// Call what it returns afterwards. By syscall.Setrlimit, after which a fork no longer restores the soft limit the process began with.
func raiseFileLimit(n int64, log *logger) (restore func()) {
	var lim syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &lim) != nil || n < 0 || uint64(n) <= lim.Max {
		return func() {}
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: uint64(n), Max: uint64(n)}); err != nil {
		log.log(conf.Alert, "setrlimit(RLIMIT_NOFILE, %d) failed%s", n, errnoText(err))
		return func() {}
	}
	return func() { syscall.Setrlimit(syscall.RLIMIT_NOFILE, &lim) }
}

// lowerFileLimit applies a worker_rlimit_nofile that is less than the hard limit, in the worker. Not from outside: Go's start raises the
// soft limit to the hard one that it read a moment before.
func lowerFileLimit(n int64, log *logger) {
	var lim syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &lim) != nil || n < 0 || uint64(n) >= lim.Max {
		return
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: uint64(n), Max: uint64(n)}); err != nil {
		log.log(conf.Alert, "setrlimit(RLIMIT_NOFILE, %d) failed%s", n, errnoText(err))
	}
}

// environment is what scripts see: the variables of env directives, and TZ, as in nginx.
func environment(words []string) []string {
	var env []string
	tz := false
	keep := func(name string) {
		if value, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+value)
		}
	}
	for _, w := range words {
		name := w
		for i := range len(w) {
			if w[i] == '=' {
				name = w[:i]
				break
			}
		}
		tz = tz || name == "TZ"
		if name == w {
			keep(w)
		} else {
			env = append(env, w)
		}
	}
	if !tz {
		keep("TZ")
	}
	return env
}
