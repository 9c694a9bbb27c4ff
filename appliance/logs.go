package appliance

import (
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"moonring/proxy"
	"moonring/proxy/conf"
)

// logger writes lines in the format of nginx's error log, for messages that belong to no request.
type logger struct {
	outs     []logOut
	terminal int // until the server has started, also a copy of what is a warning or worse goes here; -1: no more
}

type logOut struct {
	fd    int
	level conf.Level
}

func (l *logger) log(level conf.Level, format string, args ...any) {
	msg := fmt.Sprintf(format, args...)
	line := time.Now().AppendFormat(nil, "2006/01/02 15:04:05 ")
	line = fmt.Appendf(line, "[%v] %d#%d: %s\n", level, os.Getpid(), unix.Gettid(), msg)
	shown := false
	for _, o := range l.outs {
		if level <= o.level {
			unix.Write(o.fd, line) // Nobody is left to be told when the log can't be written.
			shown = shown || o.fd == 2
		}
	}
	if l.terminal >= 0 && level <= conf.Warn && !shown {
		unix.Write(l.terminal, fmt.Appendf(nil, "moonring: [%v] %s\n", level, msg))
	}
}

// logFiles are the error logs of a generation by path. In `moonring run` all are the terminal.
type logFiles struct {
	paths []string // conf's LogPaths
	fds   []int    // same order
	main  int      // descriptor that what is written to standard error goes to, -1 for where it goes already
}

func openLogs(g *generation) (*logFiles, error) {
	if err := g.makeTempPaths(); err != nil {
		return nil, err
	}
	f := &logFiles{paths: g.cfg.LogPaths, main: -1}
	for _, path := range f.paths {
		fd := 2
		if g.Run == nil {
			var err error
			if fd, err = proxy.OpenLog(path); err != nil {
				f.close()
				return nil, err
			}
		}
		f.fds = append(f.fds, fd)
	}
	f.findMain(g)
	return f, nil
}

func (f *logFiles) close() {
	for _, fd := range f.fds {
		if fd > 2 {
			unix.Close(fd)
		}
	}
	f.fds = nil
}

// findMain decides where standard error goes, as ngx_log_redirect_stderr does: a panic's stack then ends up in the error log.
func (f *logFiles) findMain(g *generation) {
	for _, e := range g.cfg.ErrorLog {
		if e.Stderr || g.Run != nil {
			f.main = -1
			return
		}
		f.main = f.fd(e.Path)
	}
}

// takeStderr has standard error go to main.
func (f *logFiles) takeStderr() error {
	if f.main >= 0 {
		if err := unix.Dup3(f.main, 2, 0); err != nil {
			return fmt.Errorf("dup3(STDERR) failed%s", errnoText(err))
		}
	}
	return nil
}

func (f *logFiles) fd(path string) int {
	for i, p := range f.paths {
		if p == path {
			return f.fds[i]
		}
	}
	return 2
}

// byPath is what package proxy takes.
func (f *logFiles) byPath() map[string]int {
	m := make(map[string]int, len(f.paths))
	for i, p := range f.paths {
		m[p] = f.fds[i]
	}
	return m
}

// logger writes to the main context's logs.
func (f *logFiles) logger(g *generation) *logger {
	l := &logger{terminal: -1}
	for _, e := range g.cfg.ErrorLog {
		fd := 2
		if !e.Stderr {
			fd = f.fd(e.Path)
		}
		l.outs = append(l.outs, logOut{fd, e.Level})
	}
	return l
}

// replace puts new descriptors in the places of the old ones, so that who writes notices nothing. fds is consumed.
func (f *logFiles) replace(first int, fds []int) {
	for i, fd := range fds {
		if at := first + i; at < len(f.fds) && f.fds[at] > 2 {
			unix.Dup3(fd, f.fds[at], unix.O_CLOEXEC)
			if f.fds[at] == f.main {
				unix.Dup3(fd, 2, 0)
			}
		}
		unix.Close(fd)
	}
}

// reopen opens every file again by its name, for log rotation. A file that can't be opened keeps its descriptor.
func (f *logFiles) reopen(log *logger) {
	for i, path := range f.paths {
		if f.fds[i] <= 2 {
			continue
		}
		fd, err := proxy.OpenLog(path)
		if err != nil {
			log.log(conf.Emerg, "%v", err)
			continue
		}
		f.replace(i, []int{fd})
	}
}

// report writes an error to standard error and, as nginx does with what stops it before a configuration is in force, to the log of -e.
func (inv *invocation) report(err error) {
	l := &logger{terminal: 2}
	if path := inv.errorLog; path == "stderr" {
		l.outs = []logOut{{2, conf.Note}} // it has the line then, and doesn't get it twice
	} else {
		if path == "" {
			path = "logs/error.log"
		}
		fd, openErr := proxy.OpenLog(inv.under(path))
		switch {
		case openErr == nil:
			defer unix.Close(fd)
			l.outs = []logOut{{fd, conf.Note}}
		case inv.errorLog != "":
			complain("[alert] could not open error log file: %v", openErr)
		}
	}
	l.log(levelOf(err), "%v", err)
}

// levelOf is the level of an error that stops a configuration from coming into force.
func levelOf(err error) conf.Level {
	var ce *conf.Error
	if errors.As(err, &ce) {
		return ce.Level
	}
	return conf.Emerg
}

// errnoText is nginx's " (2: No such file or directory)".
func errnoText(err error) string { return conf.ErrnoText(err) }
