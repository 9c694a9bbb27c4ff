package proxy

import (
	"fmt"

	"moonring/lua"
	"moonring/proxy/conf"
	"moonring/proxy/h1"
	"moonring/proxy/phase"
)

// Subrequests. One is a Request with a parent, on the same connection: it goes through the phases but access, and its
// response collects in Request.out instead of going to the connection. A thread makes any number of them (Capture)
// and suspends; they begin then. When all have ended it is resumed with their responses as tables, and they are
// released. So a parent outlives its subrequests: whatever drops its thread or releases it cancels them first.
//
// Starting subrequests and resuming parents goes through the worker's queue (posted.go), so that a script that
// makes one after the other doesn't go deeper and deeper into Go's stack.

const (
	// subrequestDepthMax bounds how deep subrequests nest, as nginx does.
	subrequestDepthMax = 50
	// subrequestCost is about what a subrequest takes until it ends, besides its response, in bytes.
	subrequestCost = 8 << 10
)

// Capture says what a subrequest is to be. Its slices are copied.
type Capture struct {
	Path, Args []byte
	Method     h1.Method
	Body       []byte // if HasBody; otherwise PUT, POST, and any other with ForwardBody, take the parent's
	HasBody    bool
	// ForwardBody: the parent's body whatever the method.
	ForwardBody bool
	Ctx         lua.Value // ngx.ctx, or Nil for one of its own
	// CopyVars and ShareVars: the variables that scripts and directives have set begin with the parent's values, or are
	// the parent's.
	CopyVars, ShareVars bool
}

// subrequests is what a Request knows of being one.
type subrequests struct {
	parent *Request
	thread *Thread  // of the parent's that has made it
	vars   *Request // share_all_vars: whose variables these are
	depth  int
	begun  bool // taken from the queue
	whole  bool // the response has come to its end
	done   bool // its parent may have the response
	posted bool // it is in Worker.posted

	isAuth   bool         // for auth_request: its body is dropped
	isInline bool         // its response becomes part of the parent's: inline.go
	inline   []inlinePart // those that do so with this request's
	awaited  *Request     // the one of them that the handler waits for
}

func (s *subrequests) reset() {
	clear(s.inline)
	*s = subrequests{inline: s.inline[:0]}
}

// IsSubrequest tells if r was made by another request.
func (r *Request) IsSubrequest() bool { return r.sub.parent != nil }

// main is the client's request that r belongs to.
func (r *Request) main() *Request {
	for r.sub.parent != nil {
		r = r.sub.parent
	}
	return r
}

// Capture makes a subrequest, which begins once the thread that runs is suspended; see Capture's fields. The builtin must end with
// Call.Suspend, to which the responses come as tables, or call DropCaptures. sub is nil if none can be made: why says it.
func (r *Request) Capture(o *Capture) (sub *Request, why string) {
	if r.sub.depth > subrequestDepthMax {
		if r.LogEnabled(conf.Err) {
			r.Log(conf.Err, fmt.Sprintf(`lua subrequests cycle while processing "%s"`, appendLogSafe(nil, o.Path)))
		}
		return nil, "failed to issue subrequest: -1"
	}
	if r.LogEnabled(conf.Debug) {
		r.Log(conf.Debug, fmt.Sprintf(`lua http subrequest "%s?%s"`, appendLogSafe(nil, o.Path), appendLogSafe(nil, o.Args)))
	}
	if sub = r.newSubrequest(o); sub == nil {
		return nil, "no memory"
	}
	sub.sub.thread = r.running
	r.running.made = append(r.running.made, sub)
	return sub, ""
}

// newSubrequest makes a subrequest; nil if there is no memory for it.
func (r *Request) newSubrequest(o *Capture) (sub *Request) {
	w := r.Worker
	forwards := o.HasBody || o.ForwardBody || o.Method == h1.MethodPUT || o.Method == h1.MethodPOST ||
		r.Head.ContentLength <= 0 && (r.body.state != bodyDone || r.BodySize() == 0)
	size := int64(len(o.Body))
	if !o.HasBody && forwards && r.body.state == bodyDone {
		size = r.BodySize()
	}
	if int64(w.subrequests+1)*subrequestCost+int64(w.buffered) > w.memoryMax || !w.bodyRoom(size) {
		return nil
	}
	r.own()
	sub = w.takeRequest()
	w.subrequests++
	sub.cn = r.cn
	sub.sub.parent, sub.sub.depth = r, r.sub.depth+1
	sub.StartTime = w.Ring.WallUnixNano()
	sub.Server = r.Server
	sub.setLocation(w.location(r.Server.Loc))
	sub.Head.CopyFrom(&r.Head)
	sub.Head.MethodID, sub.Head.Method = o.Method, w.methodName(o.Method)
	sub.Head.Chunked, sub.Head.ContentLength, sub.Head.Upgrade = false, -1, false
	sub.owned, sub.internal = true, true
	sub.headLen, sub.pipelined = r.headLen, r.pipelined
	switch owner := r.varOwner(); {
	case o.ShareVars:
		sub.sub.vars = owner
	case o.CopyVars:
		sub.userVars = append(sub.userVars[:0], owner.userVars...)
		sub.varMem, sub.varWaste = append(sub.varMem[:0], owner.varMem...), owner.varWaste
	}
	sub.SetPath(o.Path)
	sub.SetArgs(o.Args)
	sub.body.state = bodyDone
	switch {
	case size == 0:
	case o.HasBody:
		sub.body.buf = append(sub.body.buf, o.Body...)
	case !sub.copyBody(r):
		sub.release()
		return nil
	}
	if o.HasBody || forwards && size > 0 {
		sub.Head.ContentLength = size
	}
	sub.body.size = size
	sub.countBody()
	// The header says what nginx's does: the parent's own goes along with the parent's body, unless that came in chunks.
	if o.HasBody || !forwards || r.Head.Chunked {
		sub.Head.RemoveHeader(contentLength)
		if o.HasBody || forwards && size > 0 {
			var digits [20]byte
			sub.SetRequestHeader(contentLength, h1.AppendDecimal(digits[:0], size))
		}
	}
	if !o.Ctx.IsNil() && !sub.SetCtx(o.Ctx) {
		sub.release()
		return nil
	}
	return sub
}

// copyBody makes the body of p, wherever that is kept, the request's own.
func (r *Request) copyBody(p *Request) bool {
	if p.body.file.fd == 0 {
		r.body.buf = append(r.body.buf, p.body.buf...)
		return true
	}
	data := make([]byte, p.BodySize())
	if got, errno := readFull(p.body.file.fd-1, data, 0); got < len(data) {
		p.Log(conf.Crit, `read() "`+p.body.file.name+`" failed `+errnoText(errno))
		return false
	}
	r.body.buf = data
	return true
}

// SubrequestStats tells how many subrequests are not released, how many wait to begin or to resume their parent, and how many bytes of
// output requests keep back.
func (w *Worker) SubrequestStats() (n, posted, kept int) {
	return w.subrequests, len(w.posted), w.buffered
}

// keepBack counts n bytes that the request keeps in memory.
func (r *Request) keepBack(n int) {
	r.buffered += n
	r.Worker.buffered += n
}

// DropCaptures cancels the subrequests of the running thread: none is resumed any more.
func (r *Request) DropCaptures() { r.running.dropCaptures() }

func (t *Thread) dropCaptures() {
	if len(t.made) == 0 {
		return
	}
	if t.pending > 0 {
		t.pending = 0
		t.r.capturing--
	}
	for i, s := range t.made {
		t.made[i] = nil
		s.release()
	}
	t.made = t.made[:0]
}

// startCaptures posts what a thread that has been suspended now has made.
func (t *Thread) startCaptures() {
	t.pending = len(t.made)
	t.r.capturing++
	for _, s := range t.made {
		s.post()
	}
}

// post puts r into the worker's queue: a subrequest that is to begin, or the parent of one that has ended (inline.go).
func (r *Request) post() {
	r.sub.posted = true
	r.Worker.post(r)
}

// runPosted is r's turn in the queue.
func (r *Request) runPosted() {
	defer r.cn.contain()
	r.sub.posted = false
	if r.sub.parent != nil && !r.sub.begun {
		r.sub.begun = true
		r.process()
		return
	}
	if r.auth.sub != nil {
		r.process()
		return
	}
	r.inlineTurn()
}

// pendingCaptures is how many subrequests the request's threads wait for.
func (r *Request) pendingCaptures() int {
	n := r.entry.pending
	for _, t := range r.threads {
		n += t.pending
	}
	return n
}

// captured resumes the thread, whose subrequests have all ended, with their responses.
func (t *Thread) captured() {
	w := t.r.Worker
	values := w.responses[:0]
	for _, s := range t.made {
		v := s.responseTable()
		if v.IsNil() {
			t.dropCaptures()
			t.ResumeError(w.VM.NewStringS("not enough memory"))
			return
		}
		values = append(values, v)
	}
	t.dropCaptures()
	w.responses = values
	t.Resume(values...)
}

// subrequestDone hands the response over.
func (r *Request) subrequestDone() {
	r.file.close()
	if r.Loc.LogSubrequest {
		r.runLog()
		r.logAccess()
	}
	r.sub.done = true
	p := r.sub.parent
	if r.sub.isInline {
		if p.sub.awaited == r {
			p.sub.awaited = nil
		}
		if !p.sub.posted {
			p.post()
		}
		p.Worker.runPosted()
		return
	}
	t := r.sub.thread
	if t.pending--; t.pending == 0 {
		t.r.capturing--
		t.posted = true
		r.Worker.post(t)
		r.Worker.runPosted()
	}
}

// finalizeSubrequest is finalize for a subrequest: there are no pages, whoever made it sees to the status.
func (r *Request) finalizeSubrequest(code int) {
	switch {
	case closes(code):
		r.endMain(code)
		return
	case code == codeError || code >= 300 || code == 201 || code == 204:
		if !r.HeaderSent {
			if r.Status == 0 {
				r.Status = max(code, 0)
				if code == codeError {
					r.Status = 500
				}
			}
			if !r.typeSet && r.Status != 304 {
				r.contentType = r.loc.Type(r.path)
			}
			r.contentLength, r.lastModified = -1, h1.NoTime
			r.HeaderSent = true
		}
	default:
		r.finishOutput()
	}
	r.end()
}

// endMain ends the client's request without, or in the middle of, a response, and its subrequests with it.
func (r *Request) endMain(code int) {
	m := r.main()
	m.Phase = phase.None
	m.dropThreads()
	m.terminate(code)
}

// captureRoom tells if n more bytes of a subrequest's response may be kept. If not, that ends here.
func (r *Request) captureRoom(n int) bool {
	if r.Room(n) {
		return true
	}
	r.Log(conf.Err, "the response of a subrequest doesn't fit lua_memory_limit")
	r.ended = true
	return false
}

// captureFile reads the response's file.
func (r *Request) captureFile(size int64) {
	f := &r.file
	r.ended = true
	if r.sub.isAuth {
		size = 0
	}
	if int64(int(size)) != size || !r.captureRoom(int(size)) {
		f.close()
		r.end()
		return
	}
	data := make([]byte, size)
	got := r.readFile(data, 0)
	f.close()
	data = data[:got]
	switch {
	case r.loc.bodyFilter != nil:
		if r.filtered(data, got == int(size)) {
			r.filterEnd()
		}
	default:
		r.bodySent = int64(got)
		r.send(data, got == int(size))
	}
	r.end()
}

// responseTable is the response as ngx.location.capture returns it; Nil when there is no memory.
func (r *Request) responseTable() lua.Value {
	vm := r.Worker.VM
	t, header := vm.NewTable(0, 4), vm.NewTable(0, len(r.headers.lines)+4)
	body := vm.NewString(r.out)
	if t.IsNil() || header.IsNil() || body.IsNil() {
		return lua.Nil
	}
	ok := vm.SetField(t, "status", lua.Int(r.Status)) && vm.SetField(t, "truncated", lua.Bool(!r.sub.whole)) &&
		vm.SetField(t, "body", body) && vm.SetField(t, "header", header)
	for i := range r.headers.lines {
		l := &r.headers.lines[i]
		ok = ok && addValue(vm, header, vm.NewString(r.headers.name(l)), vm.NewString(r.headers.value(l)))
	}
	set := func(name string, v lua.Value) {
		ok = ok && !v.IsNil() && vm.SetField(header, name, v)
	}
	switch {
	case r.typeSet && len(r.typeBuf) > 0:
		set("Content-Type", vm.NewString(r.typeBuf))
	case !r.typeSet && r.contentType != "":
		set("Content-Type", vm.NewStringS(r.contentType))
	}
	has := r.headers.has
	if r.contentLength >= 0 && has&headerContentLength.bit() == 0 {
		set("Content-Length", lua.Number(float64(r.contentLength)))
	}
	if r.lastModified != h1.NoTime && has&headerLastModified.bit() == 0 {
		switch r.Status {
		case 200, 204, 206, 304:
			set("Last-Modified", vm.NewString(h1.AppendDate(r.varBuf[:0], r.lastModified)))
		}
	}
	if !ok {
		return lua.Nil
	}
	return t
}

// addValue adds a value to a header in a table: a second one makes a list of them.
func addValue(vm *lua.VM, t, name, value lua.Value) bool {
	if name.IsNil() || value.IsNil() {
		return false
	}
	before := vm.RawGet(t, name)
	switch {
	case before.IsNil():
		return vm.RawSet(t, name, value)
	case before.IsTable():
		return vm.RawSetInt(before, vm.RawLen(before)+1, value)
	}
	list := vm.NewTable(4, 0)
	return !list.IsNil() && vm.RawSetInt(list, 1, before) && vm.RawSetInt(list, 2, value) && vm.RawSet(t, name, list)
}
