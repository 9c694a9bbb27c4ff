package proxy

import (
	"strconv"

	"golang.org/x/sys/unix"

	"moonring/proxy/conf"
)

// The content handler of echo and its kin.

// echoCommand is a conf.EchoCommand with its templates looked up.
type echoCommand struct {
	kind        conf.EchoKind
	text, count template
	status      int
}

func (w *Worker) compileEcho(c *conf.Location) []echoCommand {
	var all []echoCommand
	for i := range c.Echo {
		e := &c.Echo[i]
		all = append(all, echoCommand{e.Kind, w.template(&e.Text), w.template(&e.Count), e.Status})
	}
	return all
}

// serveEcho runs commands from the first that hasn't been on. One that waits ends in process again, at the same step.
func (r *Request) serveEcho() {
	for r.echoAt < len(r.loc.echo) {
		e := &r.loc.echo[r.echoAt]
		r.echoAt++
		switch e.kind {
		case conf.EchoText:
			r.echoBuf = r.appendTemplate(r.echoBuf[:0], &e.text)
			r.echo(r.echoBuf)
		case conf.EchoDuplicate:
			if !r.echoDuplicate(e) {
				return
			}
		case conf.EchoFlush:
			if r.startResponse() {
				r.Flush()
			}
		case conf.EchoStatus:
			if !r.HeaderSent {
				r.SetStatus(e.status)
			}
		case conf.EchoSleep:
			r.echoBuf = r.appendTemplate(r.echoBuf[:0], &e.count)
			d, ok := conf.EchoSeconds(r.echoBuf)
			if !ok {
				r.Log(conf.Err, `invalid sleep duration "`+string(appendLogSafe(nil, r.echoBuf))+`"`)
				r.finalize(500)
				return
			}
			r.Flush() // while it waits the client has what was written
			r.onEcho = true
			r.Worker.Ring.StartTimer(&r.timer, d, r)
			return
		case conf.EchoReadBody:
			switch r.ReadBody() {
			case BodyWaits:
				r.body.first = true
				return
			case BodyFailed:
				r.finalize(r.exitCode)
				return
			}
		case conf.EchoBody:
			if !r.echoBody() {
				return
			}
		}
		if r.ended {
			break
		}
	}
	r.finishOutput()
	r.end()
}

// echo writes p, if it may. It reports false, and has ended the request, if there is no memory for it.
func (r *Request) echo(p []byte) bool {
	if !r.Room(len(p)) {
		r.Log(conf.Err, "not enough memory for the output of echo")
		r.finalize(codeError)
		return false
	}
	r.Output(p)
	return true
}

func (r *Request) echoDuplicate(e *echoCommand) bool {
	r.echoBuf = r.appendTemplate(r.echoBuf[:0], &e.count)
	n, err := strconv.ParseUint(string(r.echoBuf), 10, 31)
	if err != nil {
		r.Log(conf.Err, `invalid size specified: "`+string(appendLogSafe(nil, r.echoBuf))+`"`)
		r.finalize(500)
		return false
	}
	r.echoBuf = r.appendTemplate(r.echoBuf[:0], &e.text)
	if len(r.echoBuf) == 0 {
		return true
	}
	for range n {
		if r.ended {
			return true
		}
		if !r.echo(r.echoBuf) {
			return false
		}
	}
	return true
}

// echoBody writes the request's body as far as it was read.
func (r *Request) echoBody() bool {
	_, fd, inFile := r.BodyFile()
	if !inFile {
		return len(r.Body()) == 0 || r.echo(r.Body())
	}
	part := make([]byte, 32<<10)
	for at := int64(0); ; {
		n, err := unix.Pread(fd, part, at)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			r.Log(conf.Crit, "pread() of a request body failed "+errnoText(err))
			r.finalize(codeError)
			return false
		}
		if n == 0 {
			return true
		}
		if !r.echo(part[:n]) {
			return false
		}
		at += int64(n)
	}
}
