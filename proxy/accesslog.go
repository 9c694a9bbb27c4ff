package proxy

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"moonring/proxy/conf"
	"moonring/proxy/phase"
	"moonring/ring"
)

// Access logs. A line is put together where it is kept until it is written: of a log without buffer=, what one
// iteration of the loop brings is one write, made before the answers are sent.

// accessLogs are the files that this worker logs requests to.
type accessLogs struct {
	files     []*accessFile
	dirty     []*accessFile // without buffer=, something to write
	complaint int64         // ring.Now when a failure was logged last
}

// accessLog is an access_log of a location.
type accessLog struct {
	file   *accessFile
	text   template
	escape conf.Escape
	when   template
	always bool // without when
}

// accessFile is a file that requests are logged to.
type accessFile struct {
	*logFile
	w     *Worker
	buf   []byte
	size  int // buffer=; 0: written at the end of the iteration
	flush int64
	timer ring.Timer
}

// accessBatch is how much of a log without buffer= collects at most, in bytes.
const accessBatch = 64 << 10

// accessLogsOf prepares the access logs of a location.
func (w *Worker) accessLogsOf(c *conf.Location) ([]accessLog, error) {
	if c.AccessLogOff {
		return nil, nil
	}
	var all []accessLog
	for i := range c.AccessLog {
		a := &c.AccessLog[i]
		f, err := w.accessFile(a.Path)
		if err != nil {
			return nil, err
		}
		if a.Buffer > 0 {
			f.size, f.flush = int(a.Buffer), int64(a.Flush)
		}
		l := accessLog{file: f, text: w.template(&a.Format.Text), escape: a.Format.Escape, always: a.If == nil}
		if a.If != nil {
			l.when = w.template(a.If)
		}
		all = append(all, l)
	}
	return all, nil
}

// accessFile finds or opens a file. What of the error log it shares is the descriptor.
func (w *Worker) accessFile(path string) (*accessFile, error) {
	for _, f := range w.access.files {
		if f.path == path {
			return f, nil
		}
	}
	targets, err := w.log.targets([]conf.ErrorLog{{Path: path}})
	if err != nil {
		return nil, err
	}
	f := &accessFile{logFile: targets[0].file, w: w}
	w.access.files = append(w.access.files, f)
	return f, nil
}

// logAccess writes the request to the access logs of its location.
func (r *Request) logAccess() {
	before := r.Phase
	r.Phase = phase.Log
	defer func() { r.Phase = before }()
	for i := range r.loc.accessLogs {
		a := &r.loc.accessLogs[i]
		if !a.always && !r.holds(&a.when) {
			continue
		}
		f := a.file
		at := len(f.buf)
		f.buf = append(r.appendLogLine(f.buf, a), '\n')
		f.added(at)
	}
}

// holds tells if a condition is met.
func (r *Request) holds(t *template) bool {
	r.text = r.appendTemplate(r.text[:0], t)
	return truth(r.text)
}

// added decides what becomes of the buffer after a line was put behind its first n bytes.
func (f *accessFile) added(n int) {
	if f.size == 0 {
		if n == 0 {
			f.w.access.dirty = append(f.w.access.dirty, f)
		}
		if len(f.buf) >= accessBatch {
			f.write(len(f.buf))
		}
		return
	}
	if len(f.buf) > f.size {
		if n > 0 {
			f.write(n)
		}
		if len(f.buf) > f.size {
			f.write(len(f.buf))
		}
	}
	if f.flush > 0 && len(f.buf) > 0 && !f.timer.Armed() {
		f.w.Ring.StartTimer(&f.timer, time.Duration(f.flush), f)
	}
}

// OnTimer writes what flush= no longer lets wait.
func (f *accessFile) OnTimer(*ring.Timer) { f.write(len(f.buf)) }

// write writes the first n bytes of the buffer, in one call unless the system takes less.
func (f *accessFile) write(n int) {
	p := f.buf[:n]
	for len(p) > 0 {
		m, err := unix.Write(f.fd, p)
		if err == unix.EINTR {
			continue
		}
		if err != nil || m <= 0 {
			f.w.access.failed(f, err)
			break
		}
		p = p[m:]
	}
	f.buf = f.buf[:copy(f.buf, f.buf[n:])]
	if len(f.buf) == 0 {
		if cap(f.buf) > 4*max(f.size, accessBatch) {
			f.buf = nil
		}
		f.w.Ring.StopTimer(&f.timer)
	}
}

// failed logs that a log can't be written, once a minute.
func (a *accessLogs) failed(f *accessFile, err error) {
	now := f.w.Ring.Now()
	if a.complaint != 0 && now-a.complaint < int64(time.Minute) {
		return
	}
	a.complaint = now
	text := ""
	if err != nil {
		text = " " + errnoText(err)
	}
	f.w.Log(conf.Alert, fmt.Sprintf("write() to %q failed%s", f.path, text))
}

// flushDirty writes the lines of an iteration.
func (a *accessLogs) flushDirty(w *Worker) {
	if len(a.dirty) == 0 {
		return
	}
	for _, f := range a.dirty {
		if len(f.buf) > 0 {
			f.write(len(f.buf))
		}
	}
	a.dirty = a.dirty[:0]
}

// flush writes all that waits.
func (a *accessLogs) flush(w *Worker) {
	for _, f := range a.files {
		if len(f.buf) > 0 {
			f.write(len(f.buf))
		}
	}
	a.dirty = a.dirty[:0]
}

// appendLogLine appends the request in the format of a.
func (r *Request) appendLogLine(b []byte, a *accessLog) []byte {
	for i := range a.text {
		p := &a.text[i]
		if p.id == varNone {
			b = append(b, p.text...)
			continue
		}
		v, ok := r.variable(p.id, p.name)
		switch {
		case a.escape == conf.EscapeNone:
			b = append(b, v...)
		case a.escape == conf.EscapeJSON:
			b = appendJSONEscaped(b, v)
		case !ok:
			b = append(b, '-')
		default:
			b = appendLogEscaped(b, v)
		}
	}
	return b
}

const hexDigits = "0123456789ABCDEF"

// appendLogEscaped appends v with quotes, backslashes and what isn't printable ASCII as \xXX.
func appendLogEscaped(b, v []byte) []byte {
	from := 0
	for i, c := range v {
		if c >= 0x20 && c < 0x7f && c != '"' && c != '\\' {
			continue
		}
		b = append(b, v[from:i]...)
		b = append(b, '\\', 'x', hexDigits[c>>4], hexDigits[c&15])
		from = i + 1
	}
	return append(b, v[from:]...)
}

// appendJSONEscaped appends v as it may stand in a JSON string.
func appendJSONEscaped(b, v []byte) []byte {
	from := 0
	for i, c := range v {
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		b = append(b, v[from:i]...)
		from = i + 1
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, '\\', 'n')
		case '\r':
			b = append(b, '\\', 'r')
		case '\t':
			b = append(b, '\\', 't')
		case '\b':
			b = append(b, '\\', 'b')
		case '\f':
			b = append(b, '\\', 'f')
		default:
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	return append(b, v[from:]...)
}
