package proxy

import (
	"fmt"
	"strconv"
	"time"

	"moonring/lua"
	"moonring/proxy/conf"
	"moonring/ring"
)

// Light threads. A phase's code runs on its request's entry thread; ngx.thread.spawn makes more. Each runs until it has to wait,
// and then the others of the request go on; the phase is over when all have ended. Which one ran first, who may wait for whom and
// what is logged is as in ngx_http_lua_run_thread of lua-nginx.
//
//	Start/Resume ---> Lua ---> stopped: waits (Waiter), posted (spawn, yield), ended
//	     ^                        |
//	     +--- the Waiter's end, the thread's timer, the worker's queue (runPosted)

// Waiter is what a suspended thread waits for. It resumes the thread by Thread.Resume or ResumeError; while it holds a thread
// it hears of all that comes in between.
type Waiter interface {
	// TimedOut tells that the time given to Thread.Wait is over. It has to resume the thread, or start its timer anew.
	TimedOut(t *Thread)
	// Cancel tells that the thread won't be resumed: it was killed, or its request has ended. Nothing may hold it afterwards.
	Cancel(t *Thread)
}

// threadState is what a Thread does.
type threadState uint8

const (
	threadIdle   threadState = iota // nothing: not begun, or ended
	threadRuns                      // its code runs
	threadWaits                     // for its waiter
	threadPosted                    // for its turn in the worker's queue
	threadZombie                    // it has ended, its parent has not looked
)

// Thread is one light thread of a request. Threads are pooled: who holds one lets go of it when it resumes it, or is cancelled.
type Thread struct {
	r      *Request
	lua    *lua.Thread // nil: none was needed yet
	state  threadState
	posted bool   // it is in Worker.posted
	since  uint64 // number of the wait among those of its worker
	waiter Waiter
	timer  ring.Timer
	// Subrequests that it has made, and how many are not done once it waits for them.
	made    []*Request
	pending int
	// result is what a posted thread's builtin returns; Nil: nothing.
	result lua.Value
	// children is how many of the request's threads have it for a parent.
	children int
	waits    []*Thread // those it waits for, see Join

	// Of those that were spawned: what Worker.threads and Request.threads have it at, and the coroutine that did so, with the thread that
	// it ran in; nil: that has ended. The coroutine is pinned if it isn't the thread's own.
	tag       uint32
	at        int
	parent    *Thread
	parentCo  lua.Value
	parentPin lua.Ref
	waitedBy  *Thread
	failed    bool
}

// pastThread is what is remembered of a thread that was spawned, for whoever still has it. The values are compared, never used.
type pastThread struct{ co, parent lua.Value }

const (
	endedMax    = 64   // of ended threads that a request remembers
	threadsKept = 1024 // threads in the worker's pool
)

// Thread is the light thread whose code runs.
func (r *Request) Thread() *Thread { return r.running }

// entryThread readies the entry thread; false after an error, which is logged.
func (r *Request) entryThread() bool {
	t := &r.entry
	if t.lua == nil {
		if t.lua = r.Worker.VM.NewThread(); t.lua == nil {
			r.Log(conf.Err, "failed to create a Lua thread: not enough memory")
			return false
		}
	}
	if t.state == threadWaits {
		t.cancel() // it was ended for its ngx.ctx, and goes on before it has heard of that: see starved
	}
	t.lua.SetYieldable(true)
	t.lua.SetOwner(r.main())
	return true
}

// enter is the begin of every run of t: what returns is to be Worker.Current again afterwards.
func (t *Thread) enter() (before *Request) {
	r := t.r
	w := r.Worker
	w.setBudget(r.loc.budget)
	before = w.Current
	w.Current = r
	r.running = t
	t.state = threadRuns
	return before
}

// start runs fn on t, which is new.
func (t *Thread) start(fn lua.Value, args ...lua.Value) lua.Status {
	before := t.enter()
	status := t.lua.Start(fn, args...)
	t.r.Worker.Current = before
	return status
}

// resumeError is resume, but the builtin that suspended t raises err.
func (t *Thread) resumeError(err lua.Value) lua.Status {
	before := t.enter()
	status := t.lua.ResumeError(err)
	t.r.Worker.Current = before
	return status
}

// resume goes on with t.
func (t *Thread) resume(values ...lua.Value) lua.Status {
	before := t.enter()
	status := t.lua.Resume(values...)
	t.r.Worker.Current = before
	return status
}

// Wait notes what the running thread is going to wait for; the builtin ends with Call.Suspend. If that takes longer than d, unless
// it is negative, the waiter is told.
func (t *Thread) Wait(w Waiter, d time.Duration) {
	t.waiter = w
	t.r.Worker.waits++
	t.since = t.r.Worker.waits
	if d >= 0 {
		t.r.Worker.Ring.StartTimer(&t.timer, d, t)
	}
}

// rewait changes until when a thread that waits does so; for ever if d is negative.
func (t *Thread) rewait(d time.Duration) {
	if d >= 0 {
		t.r.Worker.Ring.StartTimer(&t.timer, d, t)
	} else {
		t.r.Worker.Ring.StopTimer(&t.timer)
	}
}

// Resume goes on with a thread that waits; the values become the results of the builtin that suspended it. A thread that doesn't
// wait ignores it. The request may be over when it returns.
func (t *Thread) Resume(values ...lua.Value) {
	if t.wake() {
		r := t.r
		r.goOn(r.stopped(t, t.resume(values...)))
	}
}

// ResumeError is Resume, but the builtin that suspended the thread raises err.
func (t *Thread) ResumeError(err lua.Value) {
	if t.wake() {
		r := t.r
		r.goOn(r.stopped(t, t.resumeError(err)))
	}
}

// wake tells if t waits, and ends that.
func (t *Thread) wake() bool {
	if t.state != threadWaits {
		return false
	}
	t.waiter = nil
	if t.timer.Armed() {
		t.r.Worker.Ring.StopTimer(&t.timer)
	}
	return true
}

// OnTimer is the ring's to call.
func (t *Thread) OnTimer(*ring.Timer) {
	defer t.r.cn.contain()
	if t.state == threadWaits && t.waiter != nil {
		t.waiter.TimedOut(t)
	}
}

// goOn continues the request after a run of one of its threads.
func (r *Request) goOn(o outcome) {
	w := r.Worker
	if o == next {
		r.process()
	}
	if len(w.posted) > 0 {
		w.runPosted()
	}
}

// sleeping waits for the thread's timer.
type sleeping struct{}

func (sleeping) TimedOut(t *Thread) {
	t.r.DebugURI("lua sleep timer expired:")
	t.Resume()
}

func (sleeping) Cancel(t *Thread) {
	if t.r.LogEnabled(conf.Debug) {
		t.r.Log(conf.Debug, "lua clean up the timer for pending ngx.sleep")
	}
}

// Sleep has the running thread, once it is suspended, resumed without values after d.
func (t *Thread) Sleep(d time.Duration) {
	if r := t.r; r.LogEnabled(conf.Debug) {
		r.Log(conf.Debug, fmt.Sprintf("lua ready to sleep for %d ms", d.Milliseconds()))
	}
	t.Wait(sleeping{}, d)
}

// draining waits for the connection's output to be with the kernel.
type draining struct{}

func (draining) TimedOut(*Thread) {}
func (draining) Cancel(t *Thread) { t.r.flushing-- }

// WaitDrained has the running thread, once it is suspended, resumed when all output is with the kernel: with 1, or nil and what went
// wrong. It returns false, and does nothing, if there is nothing to wait for.
func (r *Request) WaitDrained() bool {
	if r.IsSubrequest() || r.cn.gone() || r.cn.c.QueuedBytes() == 0 {
		return false
	}
	r.flushing++
	r.running.Wait(draining{}, -1)
	r.cn.watchSending(r.Loc.SendTimeout)
	return true
}

// drained resumes the threads that wait for output to go; why is "" if it has.
func (r *Request) drained(why string) {
	if r.flushing == 0 {
		return
	}
	vm := r.Worker.VM
	r.wakeAll(draining{}, func(t *Thread) {
		r.flushing--
		if why == "" {
			t.Resume(lua.Int(1))
		} else {
			t.Resume(lua.Nil, vm.NewStringS(why))
		}
	})
}

// readingBody waits for the whole body.
type readingBody struct{}

func (readingBody) TimedOut(*Thread) {}
func (readingBody) Cancel(*Thread)   {}

func resumeThread(t *Thread) { t.Resume() }

// wakeAll calls resume for each thread that waits for w now, as long as the request lives. Those that begin to wait for it meanwhile
// go on waiting.
func (r *Request) wakeAll(w Waiter, resume func(*Thread)) {
	life, last := r.life, r.Worker.waits
	due := func(t *Thread) bool { return t.state == threadWaits && t.waiter == w && t.since <= last }
	if due(&r.entry) {
		resume(&r.entry)
	}
	// A thread that ends gives its place to another: what stands there is looked at again, and all of them once more in the end.
	for again := true; again; {
		again = false
		for i := 0; r.life == life && i < len(r.threads); {
			t := r.threads[i]
			if !due(t) {
				i++
				continue
			}
			again = true
			resume(t)
		}
	}
}

// stopped decides how the request goes on after a run of t, and has run the threads that go on at once.
func (r *Request) stopped(t *Thread, status lua.Status) outcome {
	w := r.Worker
	for {
		ok := true
		switch status {
		case lua.Suspended:
			if r.spawning {
				r.spawning = false
				child := r.newThread(t)
				if child == nil {
					status = t.resumeError(w.VM.NewStringS("no memory"))
					continue
				}
				t.result = child.lua.Value()
				t.post()
				t = child
				status = t.start(w.values[0], w.values[1:]...)
				continue
			}
			t.state, r.atOnce = threadWaits, false
			if len(t.made) > 0 && t.pending == 0 {
				t.startCaptures()
			}
			return yielded
		case lua.Yielded:
			// coroutine.yield outside of a coroutine lets others run.
			t.result = lua.Nil
			t.post()
			return yielded
		case lua.Aborted:
			r.dropThreads()
			return r.afterAbort(r.Phase)
		case lua.Failed:
			if t == &r.entry {
				return r.entryFailed()
			}
			if r.LogEnabled(conf.Err) {
				r.Log(conf.Err, "lua user thread aborted: runtime error: "+t.failure()+"\n"+t.traceback())
			}
			t.lua.KeepErr()
			ok = false
		}
		waiter := r.threadEnded(t, ok)
		if waiter == nil {
			if r.entry.state != threadIdle || r.live > 0 {
				return yielded
			}
			return r.phaseOver(r.Phase)
		}
		t = waiter
		status = t.resume(w.values...)
	}
}

// post puts t into the worker's queue, to go on with its result.
func (t *Thread) post() {
	t.state = threadPosted
	t.posted = true
	t.r.Worker.post(t)
}

// runPosted is t's turn in the queue: its result is there, or the responses of its subrequests are.
func (t *Thread) runPosted() {
	defer t.r.cn.contain()
	t.posted = false
	if t.state != threadPosted {
		t.captured()
		return
	}
	t.state = threadWaits
	if t.result.IsNil() {
		t.Resume()
	} else {
		t.Resume(t.result)
	}
}

// Spawn notes that a thread is to be made that runs function 1 of the builtin's arguments with the others. The builtin must end with
// Call.Suspend; its result is the new thread, which runs first.
func (r *Request) Spawn(c *lua.Call) {
	w := r.Worker
	w.values = w.values[:0]
	for i := 1; i <= c.NArgs(); i++ {
		w.values = append(w.values, c.Arg(i)) // they stay on the builtin's stack, too
	}
	r.spawning = true
	r.spawner = w.VM.Current()
}

// newThread makes a thread whose parent is r.spawner, a coroutine of t's; nil if there is no memory.
func (r *Request) newThread(t *Thread) *Thread {
	w := r.Worker
	th := w.VM.NewThread()
	if th == nil {
		return nil
	}
	c := w.takeThread()
	c.r, c.lua, c.at = r, th, len(r.threads)
	c.parent, c.parentCo = t, r.spawner
	if t == nil || c.parentCo != t.lua.Value() {
		if c.parentPin = r.pin(c.parentCo); c.parentPin == 0 {
			th.Release()
			w.freeThread(c)
			return nil
		}
	}
	th.SetYieldable(true)
	th.SetTag(c.tag)
	th.SetOwner(r.main())
	if t != nil {
		t.children++
	}
	r.threads = append(r.threads, c)
	r.live++
	return c
}

// takeThread takes a thread from the pool, or makes one, with a tag.
func (w *Worker) takeThread() *Thread {
	if n := len(w.freeThreads); n > 0 {
		t := w.freeThreads[n-1]
		w.freeThreads = w.freeThreads[:n-1]
		return t
	}
	t := &Thread{}
	if n := len(w.freeTags); n > 0 {
		t.tag = w.freeTags[n-1]
		w.freeTags = w.freeTags[:n-1]
		w.threads[t.tag-1] = t
	} else {
		w.threads = append(w.threads, t)
		t.tag = uint32(len(w.threads))
	}
	return t
}

// freeThread gives t, which nothing refers to, back.
func (w *Worker) freeThread(t *Thread) {
	*t = Thread{tag: t.tag, made: t.made[:0], waits: t.waits[:0]}
	if len(w.freeThreads) < threadsKept {
		w.freeThreads = append(w.freeThreads, t)
		return
	}
	w.threads[t.tag-1] = nil
	w.freeTags = append(w.freeTags, t.tag)
}

// removeThread ends the life of t, which was spawned.
func (r *Request) removeThread(t *Thread) {
	w := r.Worker
	if len(r.past) == endedMax {
		r.past = append(r.past[:0], r.past[1:]...)
	}
	r.past = append(r.past, pastThread{t.lua.Value(), t.parentCo})
	last := r.threads[len(r.threads)-1]
	r.threads[t.at], last.at = last, t.at
	r.threads[len(r.threads)-1] = nil
	r.threads = r.threads[:len(r.threads)-1]
	if t.parent != nil {
		t.parent.children--
	}
	if t.parentPin != 0 {
		w.VM.Unpin(t.parentPin)
	}
	t.lua.Release()
	w.freeThread(t)
}

// cancel ends what t waits for.
func (t *Thread) cancel() {
	w := t.r.Worker
	if wt := t.waiter; wt != nil {
		t.waiter = nil
		wt.Cancel(t)
	}
	if t.timer.Armed() {
		w.Ring.StopTimer(&t.timer)
	}
	if t.posted {
		t.posted = false
		w.unpost(t)
	}
	t.dropCaptures()
	t.state = threadIdle
}

// threadEnded says that t has, with results, or with an error in place of them if it is not ok. It returns the thread that waits for
// that, with what it gets in Worker.values.
func (r *Request) threadEnded(t *Thread, ok bool) (waiter *Thread) {
	w := r.Worker
	t.cancel()
	r.orphan(t)
	if t == &r.entry {
		return nil
	}
	r.live--
	switch waiter = t.waitedBy; {
	case waiter != nil:
		waiter.wake()
		waiter.stopWaiting()
		w.values = append(w.values[:0], lua.Bool(ok))
		for i := 1; i <= t.lua.NResults(); i++ {
			w.values = append(w.values, t.lua.Result(i))
		}
		r.removeThread(t)
		return waiter
	case t.parent != nil && (t.parentPin == 0 || !w.VM.ThreadDead(t.parentCo)):
		t.state, t.failed = threadZombie, !ok
		t.lua.SetZombie(true)
	default:
		r.removeThread(t)
	}
	return nil
}

// orphan is the end of t as a parent: what its children would have told it is lost.
func (r *Request) orphan(t *Thread) {
	if r.onAbort.parent == t {
		r.onAbort.parent = nil
	}
	for i := len(r.threads) - 1; i >= 0 && t.children > 0; i-- {
		c := r.threads[i]
		if c.parent != t {
			continue
		}
		if c.state == threadZombie {
			r.removeThread(c) // the last one takes its place, and was looked at
			continue
		}
		c.parent = nil
		t.children--
	}
}

// joining waits for the end of one of Thread.waits.
type joining struct{}

func (joining) TimedOut(*Thread) {}
func (joining) Cancel(t *Thread) { t.stopWaiting() }

func (t *Thread) stopWaiting() {
	for i, c := range t.waits {
		c.waitedBy = nil
		t.waits[i] = nil
	}
	t.waits = t.waits[:0]
}

// ThreadRef is what a coroutine is to the one that runs.
type ThreadRef uint8

const (
	NotThread    ThreadRef = iota // no light thread of this request that was spawned
	NotChild                      // another coroutine has spawned it
	ChildGone                     // it was waited for, or killed
	ChildEnded                    // its results wait
	ChildCapture                  // it waits for subrequests
	ChildLives
)

// Child tells what co, a coroutine, is; the thread comes with the last three.
func (r *Request) Child(co lua.Value) (*Thread, ThreadRef) {
	vm := r.Worker.VM
	if tag := vm.ThreadTag(co); tag != 0 {
		if t := r.Worker.threads[tag-1]; t != nil && t.r == r && t.lua.Value() == co {
			switch {
			case t.parent == nil || t.parentCo != vm.Current():
				return nil, NotChild
			case t.state == threadZombie:
				return t, ChildEnded
			case t.pending > 0:
				return t, ChildCapture
			}
			return t, ChildLives
		}
	}
	for i := len(r.past) - 1; i >= 0; i-- {
		if e := &r.past[i]; e.co == co {
			if e.parent != vm.Current() {
				return nil, NotChild
			}
			return nil, ChildGone
		}
	}
	return nil, NotThread
}

// Join has the running thread, once it is suspended, resumed when c ends, with true and its results, or false and its error. It may
// be called for several: the first to end counts.
func (r *Request) Join(c *Thread) {
	t := r.running
	if c.waitedBy != nil {
		return
	}
	c.waitedBy = t
	t.waits = append(t.waits, c)
	t.waiter = joining{}
}

// StopJoin takes back what Join did for the running thread.
func (r *Request) StopJoin() {
	r.running.waiter = nil
	r.running.stopWaiting()
}

// Results are how a child that has ended did so; Bury is to follow.
func (t *Thread) Results() (ok bool, n int) { return !t.failed, t.lua.NResults() }

// Result is result i of Results, from 1.
func (t *Thread) Result(i int) lua.Value { return t.lua.Result(i) }

// Bury ends the life of a child that has ended.
func (r *Request) Bury(t *Thread) { r.removeThread(t) }

// Kill ends the life of a child that has not.
func (r *Request) Kill(t *Thread) {
	t.cancel()
	r.orphan(t)
	r.live--
	r.removeThread(t)
}

// Capturing tells that a thread of the request's waits for subrequests: ngx.exit and the like are refused then.
func (r *Request) Capturing() bool { return r.capturing > 0 }

// dropThreads ends all threads of the request, whatever they wait for.
func (r *Request) dropThreads() {
	for _, t := range r.threads {
		t.cancel()
		t.parent = nil // whichever goes first
	}
	for n := len(r.threads); n > 0; n-- {
		r.removeThread(r.threads[n-1])
	}
	t := &r.entry
	t.cancel()
	if t.lua != nil {
		t.lua.Release()
		t.lua = nil
	}
	t.children = 0
	r.live, r.spawning, r.running = 0, false, nil
	r.dropOnAbort()
}

// busy tells if the request has threads that have not ended.
func (r *Request) busy() bool { return r.entry.state != threadIdle || len(r.threads) > 0 }

// failure is what t failed with, as lua-nginx words it.
func (t *Thread) failure() string {
	v := t.lua.Err()
	switch vm := t.r.Worker.VM; vm.TypeOf(v) {
	case lua.TypeString:
		return string(vm.Bytes(v))
	case lua.TypeNumber:
		return string(lua.AppendNumber(nil, v.Float()))
	}
	return "unknown reason"
}

// tracedMax is how many coroutines a traceback shows.
const tracedMax = 5

// traceback is the stack of a thread that has failed, and those of the coroutines that it comes from, as lua-nginx prints them.
func (t *Thread) traceback() string {
	vm := t.r.Worker.VM
	s := "stack traceback:\ncoroutine 0:\n" + threadFrames(t.lua.Traceback())
	for n := 1; n < tracedMax && t.parent != nil; n++ {
		co := t.parentCo
		t = t.parent
		for ; n < tracedMax && !vm.ThreadDead(co); n++ {
			s += "\ncoroutine " + strconv.Itoa(n) + ":"
			if frames := threadFrames(vm.ThreadTraceback(co)); frames != "" {
				s += "\n" + frames
			}
			if co == t.lua.Value() {
				break
			}
			if co = vm.ThreadResumer(co); co.IsNil() {
				return s
			}
		}
	}
	return s
}
