package proxy

import (
	"bytes"

	"golang.org/x/sys/unix"

	"moonring/proxy/h1"
)

// What scripts change of the request itself: its headers, method and body. What was sent stays in RawHead.

// editsMax bounds the memory for changed request headers, in bytes: what was replaced counts, and editCost for each.
const (
	editsMax = 256 << 10
	editCost = 64
)

// SetRequestHeader gives a request header one value, in the place of all that it has; an empty value removes it. Bytes
// that can't be in a header are escaped. It reports false for a Host or a Content-Length that is none, and when
// the headers have grown too large. How the body on the connection ends is not changed by it.
func (r *Request) SetRequestHeader(name, value []byte) bool {
	if len(name) == 0 {
		return true
	}
	id := h1.HeaderIDOf(name)
	if len(value) == 0 {
		r.own()
		r.Head.RemoveHeader(name)
		if id == h1.HeaderHost {
			r.Head.SetHost(nil, false)
		}
		return true
	}
	return r.edit(id, name, value, false)
}

// AddRequestHeader adds one more value to a request header, which may be empty; of Host and Content-Length there is one. See
// SetRequestHeader.
func (r *Request) AddRequestHeader(name, value []byte) bool {
	if len(name) == 0 {
		return true
	}
	id := h1.HeaderIDOf(name)
	single := id == h1.HeaderHost || id == h1.HeaderContentLength
	if single && len(value) == 0 {
		return true
	}
	return r.edit(id, name, value, !single)
}

func (r *Request) edit(id h1.HeaderID, name, value []byte, add bool) bool {
	r.own()
	if r.edited += len(name) + len(value) + editCost; r.edited > editsMax {
		return false
	}
	if id == h1.HeaderContentLength && parseLength(value) < 0 {
		return false
	}
	// A buffer that is full stays with the views of it.
	if n := 3 * (len(name) + len(value)); cap(r.edits)-len(r.edits) < n+4 {
		r.edits = make([]byte, 0, max(2*cap(r.edits), n+4, 512))
	}
	from := len(r.edits)
	r.edits = h1.AppendHeader(r.edits, name, value)
	line := r.edits[from : len(r.edits)-2 : len(r.edits)-2]
	// A colon in the name was escaped, so the first one ends it.
	n := bytes.IndexByte(line, ':')
	name, value = line[:n:n], line[n+2:]
	if id == h1.HeaderHost {
		host, upper, ok := h1.ValidateHost(value)
		if !ok {
			return false
		}
		r.Head.SetHost(host, upper)
	}
	if add {
		r.Head.AddHeader(name, value)
	} else {
		r.Head.ReplaceHeader(name, value)
	}
	return true
}

// SetMethod changes the method. The response to a HEAD request has no body even if it is made another.
func (r *Request) SetMethod(m h1.Method) {
	r.own()
	if r.Head.MethodID == h1.MethodHEAD {
		r.sentHead = true
	}
	r.Head.MethodID, r.Head.Method = m, r.Worker.methodName(m)
}

// isHead tells if the client expects no body behind the header, or the method is HEAD by now.
func (r *Request) isHead() bool { return r.sentHead || r.Head.MethodID == h1.MethodHEAD }

// methodName is the name of a method as bytes, made once.
func (w *Worker) methodName(m h1.Method) []byte {
	for int(m) >= len(w.methods) {
		w.methods = append(w.methods, []byte(h1.Method(len(w.methods)).String()))
	}
	return w.methods[m]
}

// bodyChangeable tells why the body can't be changed yet, or "".
func (r *Request) bodyChangeable() string {
	switch r.body.state {
	case bodyDone:
		if r.body.dropped {
			break
		}
		return ""
	case bodyDropped:
		return "request body already discarded asynchronously"
	}
	return "request body not read yet"
}

// SetBody gives the request a copy of p as its body, with a Content-Length to match. The body must have been read,
// otherwise it returns why it can't be changed.
func (r *Request) SetBody(p []byte) (why string) {
	if why := r.bodyChangeable(); why != "" {
		return why
	}
	r.clearBody()
	r.body.buf = append(r.body.buf, p...)
	r.countBody()
	r.bodyChanged()
	return ""
}

// clearBody forgets the body that was read, or was being made.
func (r *Request) clearBody() {
	b := &r.body
	r.closeBodyFile()
	b.buf, b.size, b.building = b.buf[:0], 0, false
	r.countBody()
}

// bodyChanged makes the head say what the body is. Nothing of the body that was sent is left on the connection.
func (r *Request) bodyChanged() {
	n := r.BodySize()
	r.Head.ContentLength, r.Head.Chunked = n, false
	r.own()
	r.Head.RemoveHeader(transferEncoding)
	var digits [20]byte
	r.SetRequestHeader(contentLength, h1.AppendDecimal(digits[:0], n))
}

var (
	transferEncoding = []byte("Transfer-Encoding")
	contentLength    = []byte("Content-Length")
)

// SetBodyFile makes a file the request's body, with a Content-Length to match. The file is removed with the request, or when another
// body takes its place, if clean. It returns why that is not possible, or "".
func (r *Request) SetBodyFile(name string, clean bool) (why string) {
	if why := r.bodyChangeable(); why != "" {
		return why
	}
	b := &r.body
	r.clearBody()
	var st unix.Stat_t
	if err := unix.Stat(name, &st); err != nil {
		return `stat() "` + name + `" failed`
	}
	fd, err := unix.Open(name, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return `open() "` + name + `" failed`
	}
	if err := unix.Fstat(fd, &st); err != nil || st.Mode&unix.S_IFMT != unix.S_IFREG {
		closeFD(fd)
		return `fstat() "` + name + `" failed`
	}
	b.file = bodyFile{fd: fd + 1, name: name, keep: !clean, at: st.Size}
	if b.size = st.Size; b.size == 0 { // as nginx: no body, rather than an empty file
		r.closeBodyFile()
	}
	r.bodyChanged()
	return ""
}

// InitBody begins a new body, which replaces the one that was read: AppendBody and FinishBody. If it grows above room bytes it goes to
// a file; a negative room stands for client_body_buffer_size.
func (r *Request) InitBody(room int64) (why string) {
	if why := r.bodyChangeable(); why != "" {
		return why
	}
	b := &r.body
	r.clearBody()
	b.building = true
	if b.room = room; room < 0 {
		b.room = r.Loc.ClientBodyBufferSize
	}
	return ""
}

// Why AppendBody and FinishBody can't.
const (
	noBodyBegun     = "request_body not initialized"
	bodyWriteFailed = "fail to write file"
)

// AppendBody appends to the body that InitBody began. It returns why that is not possible, or "".
func (r *Request) AppendBody(p []byte) (why string) {
	b := &r.body
	if !b.building {
		return noBodyBegun
	}
	b.size += int64(len(p))
	if b.file.fd == 0 && (b.size > b.room || b.room == 0 || !r.Worker.bodyRoom(int64(len(p)))) {
		if r.openBodyFile() != 0 {
			return bodyWriteFailed
		}
		b.file.keep = false
	}
	b.buf = append(b.buf, p...)
	r.countBody()
	if b.file.fd != 0 && (len(b.buf) >= int(min(b.room, bodyKeep)) || !r.Worker.bodyRoom(0)) && r.writeBody() != 0 {
		return bodyWriteFailed
	}
	return ""
}

// FinishBody completes the body that InitBody began. It returns why that is not possible, or "".
func (r *Request) FinishBody() (why string) {
	if !r.body.building {
		return noBodyBegun
	}
	if r.body.file.fd != 0 && r.writeBody() != 0 {
		return bodyWriteFailed
	}
	r.body.building = false
	r.bodyChanged()
	return ""
}
