package proxy

import (
	"bytes"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"moonring/proxy/conf"
	"moonring/proxy/h1"
	"moonring/ring"
)

// The echo module: a content handler that runs commands, among them subrequests whose responses become part of its own
// (inline.go), a filter that puts text around bodies, and variables.

// echoCommand is a conf.EchoCommand with its templates looked up.
type echoCommand struct {
	kind conf.EchoKind
	args []template
}

// echoState is what the module knows of a request.
type echoState struct {
	at      int    // the command to run next
	text    []byte // computed arguments
	ends    []int  // where each of them ends
	onTimer bool   // the timer is echo_sleep's
	waits   bool   // for subrequests
	counter int    // $echo_incr
	begin   int64  // of $echo_timer_elapsed, nanoseconds since 1970; 0: the request's own

	// echo_foreach_split: where its first command is, 0 outside of one; the parts, each ending at one of loopEnds; and which of
	// them it is at.
	loop     int
	loopText []byte
	loopEnds []int
	part     int

	after bool // echo_after_body has its turn at the end of the body
}

func (e *echoState) reset() {
	text, loopText := e.text[:0], e.loopText[:0]
	if cap(text) > headKeep {
		text = nil
	}
	if cap(loopText) > headKeep {
		loopText = nil
	}
	*e = echoState{text: text, ends: e.ends[:0], loopText: loopText, loopEnds: e.loopEnds[:0]}
}

func (w *Worker) compileEcho(c *conf.Location) []echoCommand {
	var all []echoCommand
	for i := range c.Echo {
		e := &c.Echo[i]
		all = append(all, echoCommand{e.Kind, w.templates(e.Args)})
	}
	return all
}

// serveEcho runs commands from the first that hasn't been on. One that waits ends in process again, at the same step.
func (r *Request) serveEcho() {
	e := &r.echo
	for e.at < len(r.loc.echo) && !r.ended {
		c := &r.loc.echo[e.at]
		e.at++
		r.echoArgs(c)
		switch c.kind {
		case conf.EchoText:
			if r.echoHeader() {
				r.say(e.text)
			}
		case conf.EchoDuplicate:
			if !r.echoDuplicate() {
				return
			}
		case conf.EchoFlush:
			if r.echoHeader() {
				r.Flush()
			}
		case conf.EchoSleep, conf.EchoBlockingSleep:
			d, ok := conf.EchoSeconds(r.echoArg(0))
			if !ok {
				r.Log(conf.Err, `invalid sleep duration "`+string(appendLogSafe(nil, r.echoArg(0)))+`"`)
				r.echoFail(400)
				return
			}
			if c.kind == conf.EchoBlockingSleep {
				time.Sleep(d)
				continue
			}
			r.Flush() // while it waits the client has what was written
			e.onTimer = true
			r.Worker.Ring.StartTimer(&r.timer, d, r)
			r.startInline()
			return
		case conf.EchoResetTimer:
			e.begin = time.Now().UnixNano()
		case conf.EchoReadBody:
			if !r.readBodyFirst() {
				return
			}
		case conf.EchoBody:
			if !r.echoBody() {
				return
			}
		case conf.EchoLocation, conf.EchoLocationAsync, conf.EchoSubrequest, conf.EchoSubrequestAsync:
			e.at-- // come here again once the body is read
			if !r.readBodyFirst() {
				return
			}
			e.at++
			if !r.echoSubrequest(c.kind) {
				return
			}
		case conf.EchoForeach:
			if !r.echoForeach() {
				return
			}
		case conf.EchoEnd:
			if e.loop == 0 {
				r.Log(conf.Err, "Found a echo_end that has no corresponding echo_foreach before it.")
				r.finalize(codeError)
				return
			}
			if e.part++; e.part >= len(e.loopEnds) {
				e.loop, e.part = 0, 0
			} else {
				e.at = e.loop
			}
		case conf.EchoExec:
			r.echoExec()
			return
		}
	}
	if !r.ended && r.echoHeader() && len(r.sub.inline) > 0 {
		e.waits = true // they come before the end
		r.startInline()
		return
	}
	r.finishOutput()
	r.end()
}

// echoArgs computes a command's arguments.
func (r *Request) echoArgs(c *echoCommand) {
	e := &r.echo
	e.text, e.ends = r.appendPieces(e.text[:0], e.ends[:0], c.args)
}

// echoArg is argument i of those computed.
func (r *Request) echoArg(i int) []byte { return piece(r.echo.text, r.echo.ends, i) }

// echoHeader sends the header, with the status that echo_status names. It reports false if the response has ended by that.
func (r *Request) echoHeader() bool {
	if !r.HeaderSent && !r.buffering {
		r.Status, r.statusText = r.Loc.EchoStatus, nil
	}
	return r.startResponse()
}

// echoFail ends the request with a status, or, when it is too late for that, its connection.
func (r *Request) echoFail(status int) {
	if r.HeaderSent {
		status = codeError
	}
	r.finalize(status)
}

// OnTimer is the ring's to call: the sleep is over.
func (r *Request) OnTimer(*ring.Timer) {
	defer r.cn.contain()
	if r.echo.onTimer {
		r.echo.onTimer = false
		r.process()
	}
}

// say writes p, if it may. It reports false, and has ended the request, if there is no memory for it.
func (r *Request) say(p []byte) bool {
	if !r.Room(len(p)) {
		r.Log(conf.Err, "not enough memory for the output of echo")
		r.finalize(codeError)
		return false
	}
	r.Output(p)
	return true
}

func (r *Request) echoDuplicate() bool {
	count, text := r.echoArg(0), r.echoArg(1)
	n, err := strconv.ParseUint(string(bytes.ReplaceAll(count, []byte("_"), nil)), 10, 31)
	if err != nil {
		r.Log(conf.Err, `invalid size specified: "`+string(appendLogSafe(nil, count))+`"`)
		r.echoFail(500)
		return false
	}
	if !r.echoHeader() || len(text) == 0 {
		return true
	}
	for range n {
		if r.ended || r.headOnly || r.gone() {
			return true
		}
		if !r.say(text) {
			return false
		}
	}
	return true
}

// echoBody writes the request's body as far as it was read.
func (r *Request) echoBody() bool {
	_, fd, inFile := r.BodyFile()
	if !inFile {
		return len(r.Body()) == 0 || !r.echoHeader() || r.say(r.Body())
	}
	if !r.echoHeader() {
		return true
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
		if !r.say(part[:n]) {
			return false
		}
		at += int64(n)
	}
}

// echoForeach begins a loop over the parts of its second argument, without those that are empty.
func (r *Request) echoForeach() bool {
	e := &r.echo
	if e.loop != 0 {
		r.Log(conf.Err, "Nested echo_foreach not supported yet.")
		r.echoFail(500)
		return false
	}
	e.loop, e.part, e.loopText, e.loopEnds = e.at, 0, e.loopText[:0], e.loopEnds[:0]
	between, rest := r.echoArg(0), r.echoArg(1)
	for len(rest) > 0 {
		part, more, found := rest, []byte(nil), false
		if len(between) > 0 {
			part, more, found = bytes.Cut(rest, between)
		}
		if rest = more; len(part) > 0 {
			e.loopText = append(e.loopText, part...)
			e.loopEnds = append(e.loopEnds, len(e.loopText))
		}
		if !found {
			break
		}
	}
	if len(e.loopEnds) > 0 {
		return true
	}
	for e.at < len(r.loc.echo) && r.loc.echo[e.at].kind != conf.EchoEnd {
		e.at++
	}
	return true
}

// echoExec goes on at another path, or in a named location.
func (r *Request) echoExec() {
	uri := r.echoArg(0)
	if len(uri) == 0 {
		r.echoFail(400)
		return
	}
	path, args, ok := SplitURI(nil, uri)
	if !ok {
		r.finalize(codeError)
		return
	}
	if len(r.echo.ends) > 1 {
		args = r.echoArg(1)
	}
	if path[0] != '@' {
		r.InternalRedirect(path, args)
		return
	}
	if len(args) > 0 && r.LogEnabled(conf.Warn) {
		r.Log(conf.Warn, "querystring "+string(appendLogSafe(nil, args))+" ignored when exec'ing named location "+string(appendLogSafe(nil, path)))
	}
	r.NamedLocation(path)
}

// echoSubrequest makes a subrequest that becomes part of the response. It reports false if the commands wait for it, or the request has
// ended.
func (r *Request) echoSubrequest(kind conf.EchoKind) bool {
	o := Capture{Method: h1.MethodGET, ForwardBody: true}
	n, uri, name, query := len(r.echo.ends), r.echoArg(0), []byte(nil), []byte(nil)
	whole := kind == conf.EchoSubrequest || kind == conf.EchoSubrequestAsync
	switch {
	case whole:
		name, uri = uri, r.echoArg(1)
		o.Method = h1.MethodByName(name)
		for i := 2; i+1 < n; i += 2 {
			value := r.echoArg(i + 1)
			switch string(r.echoArg(i)) {
			case "-q":
				query = value
			case "-b":
				if len(value) > 0 {
					o.Body, o.HasBody = value, true
				}
			case "-f":
				if len(value) > 0 && !o.HasBody && !r.echoFile(&o, value) {
					return false
				}
			default:
				r.Log(conf.Err, "unknown option for echo_subrequest*: "+string(appendLogSafe(nil, r.echoArg(i))))
				r.finalize(codeError)
				return false
			}
		}
	case n > 1:
		query = r.echoArg(1)
	}
	path, args, ok := SplitURI(nil, uri)
	if !ok {
		r.finalize(codeError)
		return false
	}
	if query != nil {
		args = query
	}
	o.Path, o.Args = path, args
	if !r.echoHeader() {
		return true
	}
	if r.headOnly {
		if kind == conf.EchoLocation || kind == conf.EchoSubrequest {
			r.finishOutput()
			r.end()
			return false
		}
		return true
	}
	sub := r.addInline(&o)
	if sub == nil {
		r.finalize(codeError)
		return false
	}
	if whole && o.Method == h1.MethodUnknown {
		sub.Head.Method = append([]byte(nil), name...)
	}
	if kind == conf.EchoLocationAsync || kind == conf.EchoSubrequestAsync {
		return true
	}
	r.echo.waits, r.sub.awaited = true, sub
	r.startInline()
	return false
}

// echoFile makes a file the body of a subrequest. It reports false, and has ended the request, if it can't be read.
func (r *Request) echoFile(o *Capture, name []byte) bool {
	path := string(name)
	if path[0] != '/' {
		path = r.Worker.Conf.Prefix + path
	}
	fail := func(call string, err error) bool {
		r.Log(conf.Err, call+` "`+string(appendLogSafe(nil, path))+`" failed `+errnoText(err))
		r.finalize(codeError)
		return false
	}
	fd, st, errno := openFile(append([]byte(path), 0))
	if errno != 0 {
		return fail("open()", errno)
	}
	defer closeFD(fd)
	if st.size > 0 && !r.Worker.bodyRoom(st.size) {
		return fail("read()", unix.ENOMEM)
	}
	data := make([]byte, max(st.size, 0))
	got, errno := readFull(fd, data, 0)
	if errno != 0 {
		return fail("read()", errno)
	}
	o.Body, o.HasBody = data[:got], true
	return true
}

// echoes tells that text of echo_before_body or echo_after_body is put around the response's body. Responses that Lua captures
// don't come that far.
func (r *Request) echoes() bool {
	return (r.loc.echoBefore != nil || r.loc.echoAfter != nil) && (r.sub.parent == nil || r.sub.isInline)
}

// echoAround puts echo_before_body's text in front of the body of a response whose header is frozen.
func (r *Request) echoAround() {
	if r.headOnly {
		return
	}
	r.echo.after = r.loc.echoAfter != nil
	if r.loc.echoBefore == nil {
		return
	}
	b := r.moreBuf[:0]
	for i := range r.loc.echoBefore {
		b = r.appendTemplate(b, &r.loc.echoBefore[i])
	}
	n := len(b)
	r.bodySent += int64(n)
	b = append(b, r.out...)
	r.moreBuf = b[:0]
	r.out = append(r.out[:0], b...)
	if r.buffering || r.sub.parent != nil {
		r.keepBack(n)
	}
}

// echoEnd puts echo_after_body's text behind the last piece of the body, which goes to out.
func (r *Request) echoEnd(p []byte) {
	r.echo.after = false
	from := len(r.out)
	r.out = append(r.out, p...)
	for i := range r.loc.echoAfter {
		r.out = r.appendTemplate(r.out, &r.loc.echoAfter[i])
	}
	r.bodySent += int64(len(r.out) - from - len(p))
	if r.sub.parent != nil {
		r.keepBack(len(r.out) - from)
	}
}

// echoVar is a variable of the module.
func (r *Request) echoVar(id varID) ([]byte, bool) {
	switch id {
	case varEchoMethod:
		return r.Head.Method, r.Head.Method != nil
	case varEchoClientMethod:
		m := r.main().Head.Method
		return m, m != nil
	case varEchoCacheableURI, varEchoRequestURI:
		return r.path, len(r.path) > 0
	case varEchoClientHeaders:
		return r.RawHead(), true
	case varEchoStatus:
		s := r.CurrentStatus()
		if s == 0 {
			return nil, false
		}
		return r.number(int64(s))
	case varEchoIncr:
		m := r.main()
		if m.echo.at == 0 {
			return nil, false
		}
		m.echo.counter++
		return r.number(int64(m.echo.counter))
	case varEchoIt:
		e := &r.echo
		if e.loop == 0 || e.part >= len(e.loopEnds) {
			return nil, false
		}
		return piece(e.loopText, e.loopEnds, e.part), true
	}
	begin := r.echo.begin
	if begin == 0 {
		begin = r.StartTime
	}
	return r.seconds(max(time.Now().UnixNano()/1e6-begin/1e6, 0) * 1e6)
}
