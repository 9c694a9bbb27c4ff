package proxy

import (
	"fmt"

	"moonring/lua"
	"moonring/proxy/conf"
	"moonring/proxy/phase"
)

// When memory for scripts is short, the engine has the request that holds most of it ended, whoever runs then (lua.Owner). What a
// request holds is what its threads, its ngx.ctx and those of its subrequests keep alive.

// starved waits for the loop's next turn, in which a request that has been ended for its memory says so to its client: when that
// was found out, another's code was running.
type starved struct{}

func (starved) Cancel(*Thread) {}

func (starved) TimedOut(t *Thread) {
	r := t.r
	t.waiter, t.state = nil, threadIdle
	switch {
	case r.Phase == phase.Timer:
		r.endTimer()
	case r.HeaderSent, r.Phase == phase.None && r.auth.sub == nil: // or it was waiting for something else than Lua
		r.Phase = phase.None
		r.terminate(codeError)
	default:
		r.Phase = phase.None
		r.finalize(500)
	}
	if w := t.r.Worker; len(w.posted) > 0 {
		w.runPosted()
	}
}

// OutOfMemory is the engine's to call, for requests of clients and timers.
func (r *Request) OutOfMemory(held, limit int64) {
	r.Log(conf.Err, fmt.Sprintf("lua request ended for its memory: it holds %d bytes of lua_memory_limit %d, more than any other", held, limit))
	busy := r.busy()
	r.dropScripts()
	if !busy && r.ended {
		return // only its log phase was to come
	}
	t := &r.entry
	t.r, t.state = r, threadWaits
	t.Wait(starved{}, 0)
}

// dropScripts ends what Lua does for the request and for those of its subrequests that directives have made. Those don't go on then, but
// are there: what was written is not to look whole until the request has ended.
func (r *Request) dropScripts() {
	r.dropThreads()
	r.dropCtx()
	for _, part := range r.sub.inline {
		part.sub.dropScripts()
	}
	if r.auth.sub != nil {
		r.auth.sub.dropScripts()
	}
}

// OutOfMemory is the engine's to call, for timers that wait.
func (j *luaTimer) OutOfMemory(held, limit int64) {
	w := j.w
	w.Log(conf.Err, fmt.Sprintf("lua timer dropped for its memory: its arguments hold %d bytes of lua_memory_limit %d, more than anything else",
		held, limit))
	w.Ring.StopTimer(&j.timer)
	w.timers.remove(j)
	j.release()
}

// memoryShared is called when memory for scripts is short and nobody holds much of it.
func (w *Worker) memoryShared(shared, limit int64) {
	w.Log(conf.Err, fmt.Sprintf("lua memory is short: globals and modules hold %d bytes of lua_memory_limit %d, no request much: none is ended",
		shared, limit))
}

// pin keeps v for the request, which pays for it.
func (r *Request) pin(v lua.Value) lua.Ref { return r.Worker.VM.PinFor(v, r.main()) }
