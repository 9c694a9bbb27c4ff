package proxy

// The worker's queue: subrequests that are to begin, threads that are to go on. Whoever puts something there, and isn't called by
// Lua, works it off afterwards, unless that is being done further down Go's stack, which so doesn't grow.

// posted is what waits in the queue.
type posted interface {
	// runPosted is its turn. It contains panics.
	runPosted()
}

// postedMax is how much is run from the queue before the loop turns again.
const postedMax = 64

// post puts p, which isn't there, into the queue.
func (w *Worker) post(p posted) { w.posted = append(w.posted, p) }

// postLater is post for those that are called by Lua: the loop sees to it.
func (w *Worker) postLater(p posted) {
	w.post(p)
	w.wakePosted()
}

func (w *Worker) wakePosted() {
	if !w.postTimer.Armed() {
		w.Ring.StartTimer(&w.postTimer, 0, (*postTimer)(w))
	}
}

// unpost takes p out of the queue.
func (w *Worker) unpost(p posted) {
	for i := range w.posted {
		if w.posted[i] == p {
			w.posted[i] = nil
		}
	}
}

// runPosted works the queue off, unless that is being done; after a while the other connections have their turn.
func (w *Worker) runPosted() {
	if w.posting {
		return
	}
	w.posting = true
	n := 0
	for ; n < len(w.posted) && n < postedMax; n++ {
		if p := w.posted[n]; p != nil {
			w.posted[n] = nil
			p.runPosted()
		}
	}
	w.posting = false
	rest := copy(w.posted, w.posted[n:])
	clear(w.posted[rest:])
	w.posted = w.posted[:rest]
	if rest > 0 {
		w.wakePosted()
	}
}
