package proxy

import (
	"fmt"

	"moonring/proxy/conf"
	"moonring/proxy/h1"
	"moonring/proxy/phase"
)

// bodyReader is the state of a request's body. Bodies are read, up to client_max_body_size, when a handler asks for them
// (ReadBody), and dropped otherwise. They are kept in memory, or in a file (bodyfile.go).
type bodyReader struct {
	buf     []byte
	file    bodyFile
	size    int64 // what was read
	counted int   // bytes of buf that count in Worker.bodies
	left    int64 // bytes still to come, of a body with Content-Length
	state   bodyState
	chunked bool
	waiting bool // a handler waits for the end
	stream  bool // it goes to an upstream as it comes
	first   bool // no handler does: a phase will begin then
	tested  bool // Expect was looked at
	dropped bool // a script didn't want it: DiscardBody
	// building: a script is making a new body, of which room bytes stay in memory.
	building bool
	room     int64
	chunks   h1.ChunkedReader
}

type bodyState uint8

const (
	bodyNone    bodyState = iota // there is none, or nobody has begun to read it
	bodyReading                  // it goes to buf
	bodyDropped                  // it is read and forgotten
	bodyDone                     // nothing of it is left on the connection
	bodyTaken                    // a script reads it from a socket
)

func (b *bodyReader) reset() {
	buf := b.buf[:0]
	if cap(buf) > bodyKeep {
		buf = nil
	}
	*b = bodyReader{buf: buf}
}

// BodyResult is what ReadBody says.
type BodyResult uint8

const (
	BodyReady  BodyResult = iota // the body, or that there is none, is there
	BodyWaits                    // suspend: Resume comes, without values, when it is
	BodyFailed                   // the request ends with an error: abort the thread
)

// ReadBody reads the whole body. Once it is there, Body or BodyFile returns it. If BodyWaits
// is returned and reading fails later, the thread is never resumed: the request ends with an error page.
func (r *Request) ReadBody() BodyResult {
	b := &r.body
	if !r.Head.HasBody() && b.state == bodyNone {
		b.state = bodyDone
	}
	if b.state == bodyDone || b.state == bodyDropped {
		return BodyReady
	}
	if b.state == bodyNone {
		r.beginBody(bodyReading)
		if r.wantsBodyFile() {
			if status := r.openBodyFile(); status != 0 {
				r.exitCode, r.exited = status, true
				return BodyFailed
			}
		}
	}
	if status := r.readBody(); status != 0 {
		r.exitCode, r.exited = status, true
		return BodyFailed
	}
	if b.state == bodyDone {
		return BodyReady
	}
	b.waiting = true
	if r.Phase != phase.None {
		r.running.Wait(readingBody{}, -1)
	}
	r.cn.wantBody(r)
	return BodyWaits
}

// readBodyFirst has the body read before the request goes on. It reports false if that has to be waited for, which ends in process at
// the step that is due, or has failed, which has ended the request.
func (r *Request) readBodyFirst() bool {
	switch r.ReadBody() {
	case BodyWaits:
		r.body.first = true
		return false
	case BodyFailed:
		r.finalize(r.exitCode)
		return false
	}
	return true
}

// Body is the body as far as it was read: nil before ReadBody, or if it is kept in a file. The view is valid until the request
// ends.
func (r *Request) Body() []byte {
	if r.body.file.fd != 0 {
		return nil
	}
	return r.body.buf
}

// BodySize is the length of the body as far as it was read, in bytes.
func (r *Request) BodySize() int64 {
	if r.body.file.fd != 0 {
		return r.body.size
	}
	return int64(len(r.body.buf))
}

// BodyWasRead tells if the whole body was read, or there is none and it was asked for.
func (r *Request) BodyWasRead() bool { return r.body.state == bodyDone }

// DiscardBody drops the body, as ngx.req.discard_body does. It returns a status above 0 if the body is
// found to be broken.
func (r *Request) DiscardBody() (status int) {
	b := &r.body
	if b.state == bodyDone || b.state == bodyDropped || !r.Head.HasBody() {
		return 0
	}
	if b.state == bodyNone {
		r.beginBody(bodyDropped)
	}
	b.state, b.dropped = bodyDropped, true
	b.buf = b.buf[:0]
	r.closeBodyFile()
	return r.readBody()
}

// beginBody sends 100 Continue if the client waits for that.
func (r *Request) beginBody(state bodyState) {
	b := &r.body
	b.state = state
	b.chunked, b.left = r.Head.Chunked, r.Head.ContentLength
	if r.Head.Expect100 && !b.tested && !r.committed {
		b.tested = true
		if c := r.cn.c; c != nil {
			c.WriteString(h1.Continue)
		}
	}
}

// readBody takes what is here of the body. status is that of the error to answer with, or 0.
func (r *Request) readBody() (status int) {
	w := r.Worker
	if w.inputConn == r.cn {
		for len(w.input) > 0 && r.body.state != bodyDone {
			used, status := r.feedBody(w.input)
			w.input = w.input[used:]
			if status != 0 {
				return status
			}
		}
	}
	if r.body.state == bodyDropped && !r.body.chunked && r.body.left == 0 {
		r.body.state = bodyDone
	}
	return 0
}

// feedBody reads from data, and returns how much of it was the body's.
func (r *Request) feedBody(data []byte) (used, status int) {
	b := &r.body
	var payload []byte
	done := false
	if b.chunked {
		var err error
		if payload, used, done, err = b.chunks.Decode(data); err != nil {
			r.Log(conf.Info, err.Error())
			return used, 400
		}
	} else {
		used = int(min(int64(len(data)), b.left))
		payload = data[:used]
		b.left -= int64(used)
		done = b.left == 0
	}
	if b.state == bodyReading {
		if b.stream {
			b.size += int64(len(payload))
		}
		if most := r.Loc.ClientMaxBodySize; most > 0 && b.chunked && b.chunks.Total() > most {
			r.Log(conf.Err, fmt.Sprintf("client intended to send too large chunked body: %d+%d bytes", b.size, b.chunks.Total()-b.size))
			return used, 413
		}
		if b.stream {
			r.up.upload(payload, done)
		} else if status := r.keepBody(payload, done); status != 0 {
			return used, status
		}
	}
	if done {
		b.state = bodyDone
	}
	return used, 0
}

// bodyPending tells if bytes of the body are still to be taken off the connection.
func (r *Request) bodyPending() bool {
	return r.body.state != bodyDone && r.Head.HasBody()
}

// bodyForwarding tells that the body is still on its way through to an upstream.
func (r *Request) bodyForwarding() bool { return r.body.stream && r.body.state != bodyDone }

// bodyArrived goes on after more of the body came: with the handler once it is all here.
func (r *Request) bodyArrived() {
	status := r.readBody()
	switch {
	case status != 0:
		r.bodyFailed(status)
	case r.body.state == bodyDone:
		r.body.waiting = false
		r.cn.state = stateBusy
		switch p := r.up; {
		case p != nil && p.state == upReadsBody:
			p.begin()
		case p != nil && r.body.stream:
			if p.uc != nil && p.uc.c.QueuedBytes() == 0 {
				p.sent()
			}
		case r.body.first:
			r.body.first = false
			r.process()
		default:
			r.wakeAll(readingBody{}, resumeThread)
		}
	case r.body.stream:
		r.up.holdClient()
	}
}

// bodyFailed ends a request whose handler waits for a body that won't come.
func (r *Request) bodyFailed(status int) {
	r.body.waiting = false
	r.cn.state = stateBusy
	r.Phase = phase.None
	r.dropThreads()
	r.body.state = bodyDone // the rest is not worth reading
	r.keepAlive = false
	r.finalize(status)
}
