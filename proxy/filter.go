package proxy

import (
	"strings"

	"moonring/lua"
	"moonring/proxy/conf"
	"moonring/proxy/h1"
	"moonring/proxy/phase"
)

// The filters of Lua: header_filter_by_lua* runs just before a response's header is frozen, body_filter_by_lua* on each piece
// of its body, where nginx runs them: behind what decides on 304, before ranges are cut and chunks are framed. Both run
// to their end at once, also in the middle of a handler's code that writes (lua.Thread.Call). Locations without them pay
// one comparison with nil.

// filterPiece is how much of a file a body filter gets at once, in bytes: nginx's default output_buffers.
const filterPiece = 64 << 10

// bodyFilter is what a body filter sees and changes.
type bodyFilter struct {
	chunk []byte // ngx.arg[1]
	eof   bool   // ngx.arg[2]
	gone  bool   // the piece was dropped: nothing goes on
	cut   bool   // the end went on: what comes after it is dropped
	own   []byte // memory of chunk, once it is replaced
	piece []byte // memory of what is filtered, gathered or read
	at    int64  // of a file: where the next piece begins, and where the last one ends
	end   int64
	// gathering: what Output gets collects in piece, see Gather.
	gathering bool
}

func (f *bodyFilter) reset() {
	own, piece := f.own[:0], f.piece[:0]
	if cap(own) > outKeep {
		own = nil
	}
	if cap(piece) > filterPiece {
		piece = nil
	}
	*f = bodyFilter{own: own, piece: piece}
}

// callLua runs the code of a phase whose code can't wait, to its end. It reports false, and has logged why, when that failed.
func (r *Request) callLua(p phase.Phase, e *luaEntry) bool {
	w := r.Worker
	r.debugPhase(p)
	beforePhase := r.Phase
	r.Phase = p
	defer func() { r.Phase = beforePhase }()
	if e.varies || e.code.IsFile && !r.Loc.LuaCodeCache {
		e = r.resolveLua(e)
	}
	if e.status != 0 {
		r.Log(conf.Err, e.err)
		return false
	}
	th := w.caller
	w.caller = nil
	if th == nil {
		if th = w.VM.NewThread(); th == nil {
			w.forget(e)
			r.Log(conf.Err, "failed to create a Lua thread: not enough memory")
			return false
		}
	}
	th.SetYieldable(false)
	th.SetOwner(r.main())
	w.calling = append(w.calling, th)
	before := w.Current
	if before == nil {
		w.setBudget(r.loc.budget)
	}
	w.Current = r
	status := th.Call(e.fn)
	w.calling = w.calling[:len(w.calling)-1]
	refused := false
	switch {
	case status != lua.Done:
	case p == phase.Set: // never within another run
		r.setResult(th.Result(1))
	case p == phase.BodyFilter: // it may return ngx.ERROR, or a status that is one
		n, ok := w.VM.ToNumber(th.Result(1))
		refused = ok && (n >= 300 || int(n) == codeError)
	}
	w.forget(e)
	w.Current = before
	if status == lua.Done {
		if w.caller == nil {
			w.caller = th
		} else {
			th.Release()
		}
		return !refused
	}
	if status == lua.Failed && r.LogEnabled(conf.Err) {
		r.Log(conf.Err, "failed to run "+p.Context()+": "+th.Message()+"\n"+strings.TrimSuffix(th.Traceback(), hostFrame))
	}
	th.Release()
	return false
}

// filterHeader runs the header filter. It reports false if the request has got another response, or none.
func (r *Request) filterHeader() bool {
	r.headFiltered = true
	old := 0
	if r.exited {
		old = r.exitCode
	}
	if !r.callLua(phase.HeaderFilter, r.loc.headerFilter) {
		r.fail()
		return false
	}
	if !r.exited || r.exitCode == old {
		return true
	}
	if r.exitCode == codeError {
		r.fail()
		return false
	}
	// nginx ends the connection behind the page, which doesn't say so.
	r.cleanHeader()
	r.sendSpecial(r.exitCode)
	r.keepAlive = false
	return false
}

// cleanHeader forgets the response's header.
func (r *Request) cleanHeader() {
	r.file.close()
	r.headers.reset()
	r.moreDone = false
	r.location = r.location[:0]
	r.statusText = nil
	r.Status, r.errStatus, r.contentLength, r.lastModified = 0, 0, -1, h1.NoTime
	r.contentType, r.typeSet = "", false
	r.buffering = false
}

// fail makes what was sent of the response all of it: the connection will be closed.
func (r *Request) fail() {
	r.file.close()
	r.out = r.out[:0]
	r.HeaderSent, r.ended, r.keepAlive, r.closeSilently = true, true, false, true
}

// filtered passes a piece of the body through the filter, and on. It reports false when the response can't go on.
func (r *Request) filtered(p []byte, eof bool) bool {
	f := &r.filter
	if f.cut {
		return true
	}
	if r.loc.bodyFilter == nil { // a file that is compressed
		if !eof {
			return r.write(p)
		}
		f.cut = true
		r.bodySent += int64(len(p))
		r.send(p, true)
		return true
	}
	f.chunk, f.eof, f.gone = p, eof, false
	if !r.callLua(phase.BodyFilter, r.loc.bodyFilter) {
		f.chunk = nil
		r.fail()
		return false
	}
	chunk, last := f.chunk, f.eof
	f.chunk = nil
	switch {
	case f.gone:
		return true
	case last:
		f.cut = true
		r.bodySent += int64(len(chunk))
		r.send(chunk, true)
		return true
	}
	return r.write(chunk)
}

// filterEnd is the end of a filtered response. A filter that took the end away leaves one that the client can't take for whole.
func (r *Request) filterEnd() {
	if !r.filter.cut {
		r.send(nil, false)
		r.keepAlive = false
	}
}

// Gather has Output collect what a filter is to get as one piece, until Gathered. It does nothing where there is no filter.
func (r *Request) Gather() {
	if r.loc.bodyFilter != nil && !r.buffering {
		r.filter.gathering = true
		r.filter.piece = r.filter.piece[:0]
	}
}

// Gathered passes on what Output has collected, and reports what Output would.
func (r *Request) Gathered() bool {
	f := &r.filter
	if !f.gathering {
		return true
	}
	f.gathering = false
	piece := f.piece
	f.piece = piece[:0]
	if r.ended || len(piece) == 0 || r.headOnly {
		return !r.ended
	}
	return r.filtered(piece, false)
}

// Chunk is the piece that the body filter works on.
func (r *Request) Chunk() (chunk []byte, eof bool) { return r.filter.chunk, r.filter.eof }

// SetChunk replaces the piece by a copy of p; nothing of it goes on if p is empty and it is not the last.
func (r *Request) SetChunk(p []byte) {
	f := &r.filter
	f.own = append(f.own[:0], p...)
	f.chunk, f.gone = f.own, len(p) == 0 && !f.eof
}

// SetEOF says whether the piece is the last.
func (r *Request) SetEOF(eof bool) {
	r.filter.eof = eof
	if eof {
		r.filter.gone = false
	}
}

// filterFile passes n bytes of the open file from off on through the body filter and ends the request.
func (r *Request) filterFile(off, n int64) {
	r.filter.at, r.filter.end = off, off+n
	r.filterMore()
}

// filterMore passes as much of the file as may wait for the client, and goes on when it is sent.
func (r *Request) filterMore() {
	f := &r.filter
	if cap(f.piece) < filterPiece {
		f.piece = make([]byte, filterPiece)
	}
	r.ended = true // nobody else writes
	for {
		piece := f.piece[:min(f.end-f.at, filterPiece)]
		if got := r.readFile(piece, f.at); got < len(piece) || r.cn.gone() {
			r.fail()
			break
		}
		f.at += int64(len(piece))
		if !r.filtered(piece, f.at == f.end) {
			break
		}
		if f.cut || f.at == f.end {
			r.filterEnd()
			break
		}
		if r.cn.c.QueuedBytes() > queueMax && r.cn.waitSent(r) {
			return
		}
	}
	f.at = f.end
	r.file.close()
	r.end()
}
