package proxy

import (
	"fmt"
	"net/netip"
	"time"

	"moonring/lua"
	"moonring/proxy/conf"
	"moonring/proxy/phase"
	"moonring/ring"
)

// ngx.timer: functions that run detached from any client. Each run has a Request of its own, of a connection that isn't one
// (conn.job), so that everything which waits works there as in a handler; what needs a client is refused by the API.

// luaTimer is a timer that waits. It is in the worker's list as long as it does.
type luaTimer struct {
	w          *Worker
	next, prev *luaTimer
	timer      ring.Timer
	fn, args   lua.Ref // args is a table
	nargs      int
	every      time.Duration // 0: once
	loc        *location     // of whoever made it, as are the addresses
	remote     netip.AddrPort
	server     string
}

// luaTimers are the timers of a worker.
type luaTimers struct {
	first, last      *luaTimer
	pending, running int
	serial           uint64
	values           []lua.Value // scratch
}

// TimersPending and TimersRunning are what ngx.timer.pending_count and running_count return.
func (w *Worker) TimersPending() int { return w.timers.pending }
func (w *Worker) TimersRunning() int { return w.timers.running }

// StartTimer has fn, a Lua function, called with "premature" and nargs arguments after d; after every d if every. args holds
// the arguments in a table, Nil if there are none. It returns why that is not possible, or "".
func (w *Worker) StartTimer(d time.Duration, every bool, fn, args lua.Value, nargs int) (why string) {
	t := &w.timers
	switch {
	case w.quitting && d > 0:
		return "process exiting"
	case int64(t.pending) >= w.Conf.HTTP.LuaMaxPendingTimers:
		return "too many pending timers"
	}
	j := &luaTimer{w: w, nargs: nargs, loc: w.mainLocation()}
	if every {
		j.every = d
	}
	if j.fn = w.VM.PinFor(fn, j); j.fn == 0 {
		return "no memory"
	}
	if nargs > 0 {
		if j.args = w.VM.PinFor(args, j); j.args == 0 {
			w.VM.Unpin(j.fn)
			return "no memory"
		}
	}
	if r := w.Current; r != nil {
		j.loc, j.remote = r.loc, r.cn.remoteAddr()
		if r.cn.job != nil {
			j.server = r.cn.job.server
		} else {
			j.server = r.cn.addr.Key
		}
	}
	t.add(j)
	w.Ring.StartTimer(&j.timer, d, j)
	return ""
}

func (t *luaTimers) add(j *luaTimer) {
	j.prev, j.next = t.last, nil
	if t.last != nil {
		t.last.next = j
	} else {
		t.first = j
	}
	t.last = j
	t.pending++
}

func (t *luaTimers) remove(j *luaTimer) {
	if j.prev != nil {
		j.prev.next = j.next
	} else {
		t.first = j.next
	}
	if j.next != nil {
		j.next.prev = j.prev
	} else {
		t.last = j.prev
	}
	j.prev, j.next = nil, nil
	t.pending--
}

// mainLocation has the settings of the http block.
func (w *Worker) mainLocation() *location {
	c := w.Conf.HTTP.Loc
	if l := w.locations[c]; l != nil {
		return l
	}
	l, _ := w.bareLocation(c) // without its error_log the worker's own has to do
	return l
}

// OnTimer is the ring's to call.
func (j *luaTimer) OnTimer(*ring.Timer) { j.run(false) }

// expire runs the timers that wait at once, as premature: the worker is to end.
func (w *Worker) expireTimers() {
	for n := w.timers.pending; n > 0 && w.timers.first != nil; n-- {
		j := w.timers.first
		w.Ring.StopTimer(&j.timer)
		j.run(true)
	}
}

func (j *luaTimer) run(premature bool) {
	w := j.w
	t := &w.timers
	t.remove(j)
	again := j.every > 0 && !w.quitting
	if again {
		t.add(j)
		w.Ring.StartTimer(&j.timer, j.every, j)
	}
	fn := w.VM.Pinned(j.fn)
	if int64(t.running) >= w.Conf.HTTP.LuaMaxRunningTimers {
		source, line := w.VM.Defined(fn)
		w.Log(conf.Alert, fmt.Sprintf("lua failed to run timer with function defined at %s:%d: %d lua_max_running_timers are not enough",
			source, line, w.Conf.HTTP.LuaMaxRunningTimers))
		if !again {
			j.release()
		}
		w.checkDone()
		return
	}
	t.running++
	t.serial++
	cn := &conn{w: w, job: j, id: t.serial, state: stateBusy}
	r := w.takeRequest()
	r.cn, cn.req = cn, r
	r.remote = j.remote
	r.StartTime = w.Ring.WallUnixNano()
	r.setLocation(j.loc)
	defer cn.contain()
	if !r.entryThread() {
		if !again {
			j.release()
		}
		r.endTimer()
		return
	}
	r.Phase = phase.Timer
	r.content = true
	r.Log(conf.Debug, "lua ngx.timer expired")
	values := append(t.values[:0], lua.Bool(premature))
	if j.nargs > 0 {
		args := w.VM.Pinned(j.args)
		for i := range j.nargs {
			values = append(values, w.VM.RawGetInt(args, i+1))
		}
	}
	t.values = values[:0]
	if !again {
		defer j.release() // the thread holds what it needs
	}
	if r.stopped(&r.entry, r.entry.start(fn, values...)) == yielded && len(w.posted) > 0 {
		w.runPosted()
	}
}

func (j *luaTimer) release() {
	j.w.VM.Unpin(j.fn)
	j.w.VM.Unpin(j.args)
	j.fn, j.args = 0, 0
}

// Detached tells that no client belongs to the request: it is a timer's.
func (r *Request) Detached() bool { return r.cn.job != nil }

// endTimer is the end of a timer's run.
func (r *Request) endTimer() {
	cn := r.cn
	r.Phase = phase.None
	r.Log(conf.Debug, "http lua close fake http connection")
	cn.req = nil
	r.release()
	cn.free()
}
