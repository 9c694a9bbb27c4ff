package proxy

import (
	"fmt"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"moonring/proxy/conf"
	"moonring/proxy/h1"
	"moonring/proxy/phase"
)

// Logger writes error logs in nginx's format, one write(2) a line, to files opened for appending.
type Logger struct {
	files  map[string]*logFile
	buf    []byte
	pid    string // "PID#TID: "
	second int64
	stamp  []byte // "2026/11/24 10:20:53 "
}

type logFile struct {
	path string
	fd   int
}

// logTarget is where messages up to a level go.
type logTarget struct {
	file  *logFile
	level conf.Level
}

// logLineMax is NGX_MAX_ERROR_STR: longer lines are cut, except those about bugs of ours.
const logLineMax = 2048

func newLogger(files map[string]int) *Logger {
	l := &Logger{files: map[string]*logFile{}, second: -1}
	for path, fd := range files {
		l.files[path] = &logFile{path, fd}
	}
	l.pid = strconv.Itoa(os.Getpid()) + "#" + strconv.Itoa(unix.Gettid()) + ": "
	return l
}

// targets finds or opens the files of an error_log list.
func (l *Logger) targets(list []conf.ErrorLog) ([]logTarget, error) {
	var all []logTarget
	for _, e := range list {
		path, fd := e.Path, 2
		if e.Stderr {
			path = "stderr"
		}
		f := l.files[path]
		if f == nil {
			if !e.Stderr {
				var err error
				if fd, err = OpenLog(path); err != nil {
					return nil, err
				}
			}
			f = &logFile{path, fd}
			l.files[path] = f
		}
		all = append(all, logTarget{f, e.Level})
	}
	return all, nil
}

// OpenLog opens a log file for appending. The error is in nginx's words.
func OpenLog(path string) (fd int, err error) {
	fd, err = unix.Open(path, unix.O_WRONLY|unix.O_APPEND|unix.O_CREAT|unix.O_CLOEXEC, 0o644)
	if err != nil {
		return -1, fmt.Errorf("open() %q failed %s", path, errnoText(err))
	}
	return fd, nil
}

// reopen opens every file again under its name, for a rotated log.
func (l *Logger) reopen() error {
	var failed error
	for path, f := range l.files {
		if path == "stderr" {
			continue
		}
		fd, err := OpenLog(path)
		if err != nil {
			failed = err
			continue
		}
		if err := unix.Dup3(fd, f.fd, unix.O_CLOEXEC); err != nil {
			failed = fmt.Errorf("dup3() for %q failed %s", path, errnoText(err))
		}
		unix.Close(fd)
	}
	return failed
}

// begin starts a line in l.buf. now is in nanoseconds since 1970.
func (l *Logger) begin(level conf.Level, now int64) []byte {
	if s := now / 1e9; s != l.second {
		l.second = s
		l.stamp = time.Unix(s, 0).AppendFormat(l.stamp[:0], "2006/01/02 15:04:05 ")
	}
	b := append(l.buf[:0], l.stamp...)
	b = append(b, '[')
	if level != conf.Stderr { // as nginx prints it
		b = append(b, level.String()...)
	}
	b = append(b, "] "...)
	return append(b, l.pid...)
}

// end writes the line to every target that takes its level.
func (l *Logger) end(b []byte, targets []logTarget, level conf.Level) {
	if len(b) >= logLineMax && level != conf.Alert {
		b = b[:logLineMax-1]
	}
	b = append(b, '\n')
	l.buf = b[:0]
	for i, t := range targets {
		if t.level < level || i > 0 && t.file == targets[i-1].file {
			continue
		}
		for {
			if _, err := unix.Write(t.file.fd, b); err != unix.EINTR {
				break
			}
		}
	}
}

func enabled(targets []logTarget, level conf.Level) bool {
	for i := range targets {
		if targets[i].level >= level {
			return true
		}
	}
	return false
}

// Log writes a message that belongs to no request.
func (w *Worker) Log(level conf.Level, msg string) {
	if !enabled(w.logs, level) {
		return
	}
	b := w.log.begin(level, time.Now().UnixNano())
	w.log.end(append(b, msg...), w.logs, level)
}

// LogEnabled tells if a message of this level is written outside of requests.
func (w *Worker) LogEnabled(level conf.Level) bool { return enabled(w.logs, level) }

// LogBytes is Log for bytes.
func (w *Worker) LogBytes(level conf.Level, msg []byte) { w.Log(level, unsafeString(msg)) }

// logConn writes a message about a connection without a request.
func (w *Worker) logConn(cn *conn, level conf.Level, msg string) {
	logs := cn.addr.def.logs
	if !enabled(logs, level) {
		return
	}
	b := w.log.begin(level, w.Ring.WallUnixNano())
	b = append(b, '*')
	b = h1.AppendDecimal(b, int64(cn.id))
	b = append(b, ' ')
	b = append(b, msg...)
	b = appendClient(b, cn.remoteAddr().Addr(), cn.addr.Key)
	w.log.end(b, logs, level)
}

// appendClient appends the first of a message's context: whom it is about.
func appendClient(b []byte, client netip.Addr, server string) []byte {
	b = appendAddr(append(b, ", client: "...), client)
	return append(append(b, ", server: "...), server...)
}

// LogEnabled tells if a message of this level about the request is written: ask before building one.
func (r *Request) LogEnabled(level conf.Level) bool { return r.loc.logLevel >= level }

// Log writes a message about the request, with its context behind it.
func (r *Request) Log(level conf.Level, msg string) {
	action := ""
	if r.Phase == phase.Log && !r.IsSubrequest() {
		action = " while logging request"
	}
	r.logAt(level, msg, action)
}

// DebugURI writes a message about the request at the level debug, with URI and arguments behind it as lua-nginx quotes them. Like
// all at that level it traces what has happened, in the words that users know; nothing is built unless the level is on.
func (r *Request) DebugURI(msg string) {
	if !r.LogEnabled(conf.Debug) {
		return
	}
	b := append(make([]byte, 0, 256), msg...)
	b = append(appendLogSafe(append(b, ` "`...), r.path), '?')
	b = append(appendLogSafe(b, r.args), '"')
	r.LogBytes(conf.Debug, b)
}

// debugPhase traces that the code of a phase is about to run, as lua-nginx's handlers do.
func (r *Request) debugPhase(p phase.Phase) {
	if !r.LogEnabled(conf.Debug) {
		return
	}
	b := make([]byte, 0, 256)
	switch p {
	case phase.HeaderFilter:
		b = append(b, `lua header filter for user lua code, uri "`...)
	case phase.BodyFilter:
		b = append(b, `lua body filter for user lua code, uri "`...)
	case phase.Set:
		return // nginx has no line for it
	default:
		b = append(append(append(b, "lua "...), p.String()...), ` handler, uri:"`...)
	}
	b = append(appendLogSafe(b, r.path), '"')
	if p == phase.Rewrite || p == phase.Access || p == phase.Content {
		b = h1.AppendDecimal(append(b, " c:"...), int64(1+r.main().pendingCaptures()))
	}
	r.LogBytes(conf.Debug, b)
}

// LogBytes is Log for bytes.
func (r *Request) LogBytes(level conf.Level, msg []byte) { r.Log(level, unsafeString(msg)) }

func (r *Request) logAt(level conf.Level, msg, action string) {
	if !r.LogEnabled(level) {
		return
	}
	w := r.Worker
	b := w.log.begin(level, w.Ring.WallUnixNano())
	b = append(b, '*')
	b = h1.AppendDecimal(b, int64(r.cn.id))
	b = append(b, ' ')
	b = append(b, msg...)
	if level == conf.Debug { // as in nginx: without context
		w.log.end(b, r.loc.logs, level)
		return
	}
	if j := r.cn.job; j != nil {
		b = append(b, ", context: ngx.timer"...)
		if j.server != "" {
			b = appendClient(b, j.remote.Addr(), j.server)
		}
		w.log.end(b, r.loc.logs, level)
		return
	}
	b = append(b, action...)
	b = appendClient(b, r.cn.remoteAddr().Addr(), r.Server.Name)
	quoted := func(what string, value []byte) {
		if len(value) > 0 {
			b = append(b, what...)
			b = appendLogSafe(b, value)
			b = append(b, '"')
		}
	}
	quoted(`, request: "`, r.Head.Line)
	if r.IsSubrequest() {
		quoted(`, subrequest: "`, r.path)
	}
	if p := r.up; p != nil && p.peerLog != "" {
		b = append(b, `, upstream: "http://`...)
		b = appendLogSafe(b, p.peerLog)
		if strings.HasPrefix(p.peerLog, "unix:") {
			b = append(b, ':')
		}
		b = appendLogSafe(b, p.uri)
		b = append(b, '"')
	}
	quoted(`, host: "`, r.Head.Get(h1.HeaderHost))
	quoted(`, referrer: "`, r.Head.Get(h1.HeaderReferer))
	w.log.end(b, r.loc.logs, level)
}

// appendLogSafe appends what a client sent, its control characters written as \x0A: it must not be able to forge lines.
func appendLogSafe[T string | []byte](b []byte, s T) []byte {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < 0x20 || c == 0x7f {
			b = append(b, '\\', 'x', hexDigits[c>>4], hexDigits[c&15])
		} else {
			b = append(b, c)
		}
	}
	return b
}
