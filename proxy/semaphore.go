package proxy

import (
	"math"
	"slices"
	"time"

	"moonring/lua"
)

// Semaphores. One is a table of Lua's: [1] is how many resources are free, [2] the number of its queue while threads wait for it, 0
// otherwise. So one that nobody waits for is the VM's alone, in init's image, too.

// semaphore is the queue of those that wait for one.
type semaphore struct {
	w       *Worker
	state   lua.Value
	pin     lua.Ref
	id      int
	waiters []*Thread
	posted  bool
}

// NewSemaphore makes one with n resources; Nil if there is no memory.
func (w *Worker) NewSemaphore(n int) lua.Value {
	t := w.VM.NewTable(2, 0)
	if t.IsNil() || !w.VM.RawSetInt(t, 1, lua.Int(n)) || !w.VM.RawSetInt(t, 2, lua.Int(0)) {
		return lua.Nil
	}
	return t
}

// queueOf is the queue of a semaphore, nil if it has none.
func (w *Worker) queueOf(state lua.Value) *semaphore {
	v := w.VM.RawGetInt(state, 2)
	if !v.IsNumber() {
		return nil
	}
	if f := v.Float(); f >= 1 && f <= float64(len(w.semaphores)) {
		if q := w.semaphores[int(f)-1]; q.state == state { // a script may have written there
			return q
		}
	}
	return nil
}

func (w *Worker) resources(state lua.Value) int {
	if v := w.VM.RawGetInt(state, 1); v.IsNumber() {
		return int(max(math.MinInt32, min(math.MaxInt32, v.Float())))
	}
	return 0
}

func (w *Worker) addResources(state lua.Value, n int) {
	w.VM.RawSetInt(state, 1, lua.Int(min(w.resources(state)+n, math.MaxInt32)))
}

// SemaphoreCount is how many resources are free, less how many threads wait.
func (w *Worker) SemaphoreCount(state lua.Value) int {
	n := w.resources(state)
	if q := w.queueOf(state); q != nil {
		n -= len(q.waiters)
	}
	return n
}

// SemaphorePost frees n resources. Who waits for them goes on when the loop turns.
func (w *Worker) SemaphorePost(state lua.Value, n int) {
	w.addResources(state, n)
	if q := w.queueOf(state); q != nil && !q.posted {
		q.posted = true
		w.postLater(q)
	}
}

// SemaphoreTake takes a resource, if one is free and nobody waits.
func (w *Worker) SemaphoreTake(state lua.Value) bool {
	if w.queueOf(state) != nil || w.resources(state) <= 0 {
		return false
	}
	w.addResources(state, -1)
	return true
}

// SemaphoreWait has the running thread, once it is suspended, resumed with true and nil when it has got a resource, or false and
// "timeout" after d. It returns false when there is no memory.
func (r *Request) SemaphoreWait(state lua.Value, d time.Duration) bool {
	w := r.Worker
	q := w.queueOf(state)
	if q == nil {
		if n := len(w.freeSemaphores); n > 0 {
			q = w.freeSemaphores[n-1]
		} else {
			q = &semaphore{w: w, id: len(w.semaphores) + 1}
			w.semaphores = append(w.semaphores, q)
			w.freeSemaphores = append(w.freeSemaphores, q)
		}
		pin := w.VM.Pin(state)
		if pin == 0 || !w.VM.RawSetInt(state, 2, lua.Int(q.id)) {
			if pin != 0 {
				w.VM.Unpin(pin)
			}
			return false
		}
		w.freeSemaphores = w.freeSemaphores[:len(w.freeSemaphores)-1]
		q.state, q.pin = state, pin
	}
	q.waiters = append(q.waiters, r.running)
	r.running.Wait(q, d)
	return true
}

// leave takes a thread out of the queue. It reports true if that was the last: the queue is free then.
func (q *semaphore) leave(t *Thread) bool {
	if i := slices.Index(q.waiters, t); i >= 0 {
		q.waiters = slices.Delete(q.waiters, i, i+1)
	}
	if len(q.waiters) > 0 {
		return false
	}
	w := q.w
	if q.posted {
		q.posted = false
		w.unpost(q)
	}
	w.VM.RawSetInt(q.state, 2, lua.Int(0))
	w.VM.Unpin(q.pin)
	q.state, q.pin = lua.Nil, 0
	w.freeSemaphores = append(w.freeSemaphores, q)
	return true
}

// TimedOut and Cancel are of Waiter.
func (q *semaphore) TimedOut(t *Thread) {
	q.leave(t)
	t.Resume(lua.False, q.w.VM.NewStringS("timeout"))
}

func (q *semaphore) Cancel(t *Thread) { q.leave(t) }

// runPosted resumes those for whom there are resources: each that waits now once, so that threads that take turns by one don't
// keep the loop.
func (q *semaphore) runPosted() {
	q.posted = false
	for n := len(q.waiters); n > 0 && len(q.waiters) > 0 && q.w.resources(q.state) > 0; n-- {
		q.w.addResources(q.state, -1)
		t := q.waiters[0]
		last := q.leave(t)
		t.proceed()
		if last {
			return
		}
	}
	if len(q.waiters) > 0 && q.w.resources(q.state) > 0 && !q.posted {
		q.posted = true
		q.w.postLater(q)
	}
}

// proceed resumes a thread that has its resource.
func (t *Thread) proceed() {
	defer t.r.cn.contain()
	t.Resume(lua.True, lua.Nil)
}
