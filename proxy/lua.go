package proxy

import (
	"fmt"
	"os"
	"strings"

	"moonring/lua"
	"moonring/proxy/conf"
	"moonring/proxy/phase"
)

// This file is where requests meet the Lua engine: the code of phases, and what its end means for the request. What happens in
// between is in thread.go.

// luaEntry is the code of one directive, loaded.
type luaEntry struct {
	code   *conf.LuaCode
	fn     lua.Value
	pin    lua.Ref
	status int    // what a request gets instead of running it: 404, 500; 0 if it can run
	err    string // logged then
	path   template
	varies bool // path has variables: fn is of no use
	once   bool // made for one run: see forget
}

// loadLua compiles the code of a directive; nil stays nil. That it doesn't compile, or its file isn't there, is found
// out by the first request, as in nginx.
func (w *Worker) loadLua(code *conf.LuaCode) *luaEntry {
	if code == nil {
		return nil
	}
	e := &luaEntry{code: code}
	if !code.Path.IsConst() {
		e.path = w.template(&code.Path)
		e.varies = true
		return e
	}
	path, _ := code.Path.Const()
	if code.Source == nil && code.ReadErr != nil {
		e.status, e.err = missingLua(path, code.ReadErr)
		return e
	}
	w.compileLua(e, path, code.Source, code.ChunkName)
	return e
}

// missingLua is what a request gets for a file of Lua code that can't be read, as lua-nginx has it.
func missingLua(path string, err error) (status int, text string) {
	status = 503
	if os.IsNotExist(err) {
		status = 404
	}
	path = string(appendLogSafe(nil, path)) // variables in it may be what a client sent
	return status, fmt.Sprintf(`failed to load external Lua file "%s": cannot open %s: %s`, path, path, conf.Strerror(err))
}

func (w *Worker) compileLua(e *luaEntry, path string, source []byte, chunk string) {
	if e.code.IsFile {
		source = lua.SkipShebang(source)
	}
	fn, err := w.VM.Load(source, chunk)
	if err == nil {
		e.fn, e.pin = fn, w.VM.Pin(fn)
		return
	}
	e.status = 500
	if e.code.IsFile {
		e.err = fmt.Sprintf(`failed to load external Lua file "%s": %v`, path, err)
	} else {
		e.err = fmt.Sprintf("failed to load inlined Lua code: %v", err)
	}
}

// resolveLua returns the entry to run for a directive whose file's name has variables, or whose file is to be read again.
func (r *Request) resolveLua(e *luaEntry) *luaEntry {
	w := r.Worker
	path, _ := e.code.Path.Const()
	if e.varies {
		p := r.appendTemplate(nil, &e.path)
		path = string(p)
		if !strings.HasPrefix(path, "/") {
			path = w.Conf.Prefix + path
		}
		if found := w.luaFiles[path]; found != nil && r.Loc.LuaCodeCache {
			return found
		}
	}
	one := &luaEntry{code: e.code, once: true}
	source, err := os.ReadFile(path)
	if err != nil {
		one.status, one.err = missingLua(path, err)
		return one
	}
	w.compileLua(one, path, source, "@"+path)
	if r.Loc.LuaCodeCache && one.status == 0 && len(w.luaFiles) < luaFilesMax {
		one.once = false
		w.luaFiles[path] = one
	}
	return one
}

// forget lets go of a function that was loaded for one run: from its start on, the thread holds it.
func (w *Worker) forget(e *luaEntry) {
	if e.once && e.pin != 0 {
		w.VM.Unpin(e.pin)
		e.pin = 0
	}
}

// luaFilesMax bounds the files loaded by names with variables in them.
const luaFilesMax = 4096

// runLua runs a directive's code in a phase.
func (r *Request) runLua(p phase.Phase, e *luaEntry) outcome {
	w := r.Worker
	r.Phase = p
	r.debugPhase(p)
	if e.varies || e.code.IsFile && !r.Loc.LuaCodeCache {
		e = r.resolveLua(e)
	}
	if e.status != 0 {
		r.Log(conf.Err, e.err)
		r.Phase = phase.None
		r.finalize(e.status)
		return responded
	}
	if !r.entryThread() {
		w.forget(e)
		r.Phase = phase.None
		r.finalize(500)
		return responded
	}
	r.exited, r.atOnce = false, true
	status := r.entry.start(e.fn)
	w.forget(e)
	o := r.stopped(&r.entry, status)
	if o == yielded && len(w.posted) > 0 {
		w.runPosted() // it may be through with more than this phase
	}
	return o
}

// phaseOver is what follows when all threads of phase p have ended.
func (r *Request) phaseOver(p phase.Phase) outcome {
	r.dropOnAbort()
	r.past = r.past[:0]
	if p == phase.Timer {
		r.endTimer()
		return responded
	}
	r.Phase = phase.None
	if (p == phase.Access || p == phase.Rewrite) && !r.HeaderSent && !r.buffering {
		if p == phase.Access {
			r.accessCode = 0
		}
		return next
	}
	// Code before the content phase that has answered ends the request: nothing can follow its response.
	r.finishOutput()
	r.end()
	return responded
}

// entryFailed is what follows when the entry thread has.
func (r *Request) entryFailed() outcome {
	if r.LogEnabled(conf.Err) {
		r.Log(conf.Err, "lua entry thread aborted: runtime error: "+r.entry.failure()+"\n"+r.entry.traceback())
	}
	capturing := r.Capturing()
	r.dropThreads()
	if r.Phase == phase.Timer {
		r.endTimer()
		return responded
	}
	r.Phase = phase.None
	if r.HeaderSent || capturing {
		r.finalize(codeError)
	} else {
		r.finalize(500)
	}
	return responded
}

// Exit notes what ngx.exit asks for; the builtin must end with Call.Abort. It returns what lua-nginx would log
// as an error, or "".
func (r *Request) Exit(code int) (complaint string) {
	if r.HeaderSent && code >= 300 && !closes(code) {
		if code != r.Status {
			complaint = fmt.Sprintf("attempt to set status %d via ngx.exit after sending out the response status %d", code, r.Status)
		}
		code = 200
	}
	r.exitCode, r.exited = code, true
	return complaint
}

// afterAbort is what follows ngx.exit and its like in phase p.
func (r *Request) afterAbort(p phase.Phase) outcome {
	if p == phase.Timer {
		r.endTimer()
		return responded
	}
	r.Phase = phase.None
	switch r.away {
	case awayJump:
		r.away = stays
		r.uriChanged = true
		r.dropCtx()
		return next
	case awayExec:
		r.away = stays
		r.exec()
		return responded
	}
	code := r.exitCode
	if !r.exited {
		code = codeError // aborted without a reason: a builtin's mistake
	}
	if p == phase.Access && r.Loc.SatisfyAny && !r.HeaderSent && !r.buffering {
		switch code {
		case 401, codeForbidden:
			r.refuseFor(code)
			return next
		case codeOK:
			r.accessCode = 0
		}
	}
	if !r.HeaderSent && r.Status == 0 && code >= 200 {
		r.Status = code
	}
	if code == codeDeclined && r.content && !r.HeaderSent && !r.buffering && r.sub.parent == nil {
		// As in nginx: code that has waited leaves the request to what serves files, other code leaves it without an answer.
		if r.atOnce {
			r.terminate(codeError)
		} else {
			r.serveStatic()
		}
		return responded
	}
	closing := code == codeError || closes(code)
	if r.buffering && !closing {
		r.finishOutput()
		r.end()
		return responded
	}
	if code == 0 && r.content || code >= 200 && code < 300 && code != 204 {
		r.finishOutput()
		r.end()
		return responded
	}
	if (p == phase.Access || p == phase.Rewrite) && code <= 0 && !closing {
		// ngx.OK after output ends the request, what else is below it lets the content phase go on.
		if r.HeaderSent && code == 0 {
			r.finishOutput()
			r.end()
			return responded
		}
		return next
	}
	r.finalize(code)
	return responded
}

// threadFrames turns a traceback to what lua-nginx prints of a dead thread: there the innermost frame, if it is
// Lua's, has lost its line.
func threadFrames(tb string) string {
	_, frames, ok := strings.Cut(tb, "\n")
	if !ok {
		return ""
	}
	first, rest, _ := strings.Cut(frames, "\n")
	if !strings.HasPrefix(first, "\t[C]") {
		if i := strings.Index(first, ": in "); i > 0 {
			j := i
			for j > 0 && first[j-1] >= '0' && first[j-1] <= '9' {
				j--
			}
			if j > 0 && j < i && first[j-1] == ':' {
				first = first[:j-1] + first[i:]
			}
		}
	}
	if rest == "" {
		return first
	}
	return first + "\n" + rest
}

// hostFrame is the end of a traceback that shows who called the main chunk: us.
const hostFrame = "\n\t[C]: at 0x00000000"

// runLog runs the log phase's code.
func (r *Request) runLog() {
	e := r.loc.log
	if e == nil {
		return
	}
	w := r.Worker
	r.debugPhase(phase.Log)
	r.Phase = phase.Log
	if e.varies || e.code.IsFile && !r.Loc.LuaCodeCache {
		e = r.resolveLua(e)
	}
	if e.status != 0 {
		r.Log(conf.Err, e.err)
		r.Phase = phase.None
		return
	}
	t := &r.entry
	if !r.entryThread() {
		w.forget(e)
		r.Phase = phase.None
		return
	}
	t.lua.SetYieldable(false)
	status := t.start(e.fn)
	t.state = threadIdle
	w.forget(e)
	switch status {
	case lua.Failed:
		if r.LogEnabled(conf.Err) {
			r.Log(conf.Err, "failed to run log_by_lua*: "+t.failure()+"\n"+strings.TrimSuffix(t.lua.Traceback(), hostFrame))
		}
		r.dropThreads()
	case lua.Done:
	default:
		r.dropThreads()
	}
	r.Phase = phase.None
}

// releaseLua lets go of what the request holds in the VM. A thread that has ended stays for the pool's next request.
func (r *Request) releaseLua() {
	if r.busy() {
		r.dropThreads()
	}
	if r.entry.lua != nil {
		r.entry.lua.DropResults()
	}
	r.dropSockets()
	r.dropOnAbort()
	r.dropCtx()
}

// Ctx is ngx.ctx, Nil while there is none.
func (r *Request) Ctx() lua.Value {
	if r.ctx == 0 {
		return lua.Nil
	}
	return r.Worker.VM.Pinned(r.ctx)
}

// SetCtx makes v ngx.ctx. It reports false when there is no memory.
func (r *Request) SetCtx(v lua.Value) bool {
	vm := r.Worker.VM
	if r.ctx != 0 {
		vm.Unpin(r.ctx)
	}
	r.ctx = r.pin(v)
	return r.ctx != 0
}

// setBudget bounds what runs next, in nanoseconds of CPU time without a stop.
func (w *Worker) setBudget(ns int64) {
	if ns != w.budget {
		w.budget = ns
		w.VM.SetBudget(ns, 0)
	}
}

// runMain runs the code of a directive outside of requests: init, init_worker, exit_worker.
func (w *Worker) runMain(p phase.Phase, code *conf.LuaCode) error {
	if code == nil {
		return nil
	}
	directive := p.Directive()
	if code.IsFile {
		directive += "_file"
	}
	if code.Source == nil && code.ReadErr != nil {
		return fmt.Errorf("%s error: cannot open %s", directive, code.Path.String())
	}
	source := code.Source
	if code.IsFile {
		source = lua.SkipShebang(source)
	}
	fn, err := w.VM.Load(source, code.ChunkName)
	if err != nil {
		return fmt.Errorf("%s error: %v", directive, err)
	}
	w.phase = p
	w.setBudget(0)
	_, err = w.VM.Call(fn)
	w.phase = phase.None
	if err != nil {
		return fmt.Errorf("%s error: %w", directive, err)
	}
	return nil
}

// CurrentPhase is whose code runs: the running request's phase, or init's.
func (w *Worker) CurrentPhase() phase.Phase {
	if w.Current != nil {
		return w.Current.Phase
	}
	return w.phase
}

// luaPath expands what lua-nginx does in lua_package_path: $prefix, and ";;" is the default path's place.
func luaPath(path, prefix string) string {
	return strings.NewReplacer("$prefix", prefix, "${prefix}", prefix).Replace(path)
}
