package cosocket

// Pool holds idle connections to one peer, and counts all that there are, as the connection pools of lua-nginx-module do.
// C is a connection, W somebody who waits to connect.
type Pool[C, W comparable] struct {
	Key     string
	Size    int // idle connections, at least 1
	Backlog int // how many may wait to connect; below 0: connections are not bounded
	// Connections are those in use, those under way and the idle ones. Of connections in use only those count that were made
	// when there was a pool.
	Connections int

	idle    []C // the last one was put there last
	waiting []W // the first one has waited longest
}

// Admission is what Admit says.
type Admission uint8

// Admissions.
const (
	Connect Admission = iota // a new connection may be made
	Wait                     // until there are fewer
	TooMany                  // wait already
)

// Admit counts a connection that is to be made. resumed tells that who asks has waited.
func (p *Pool[C, W]) Admit(resumed bool) Admission {
	p.Connections++
	if p.Backlog < 0 || resumed {
		return Connect
	}
	switch {
	case p.Connections > p.Size+p.Backlog:
		p.Connections--
		return TooMany
	case p.Connections > p.Size:
		return Wait
	}
	return Connect
}

// Enqueue has w, whom Admit has told to wait, wait.
func (p *Pool[C, W]) Enqueue(w W) { p.waiting = append(p.waiting, w) }

// Leave takes w out of the queue, and out of the count; false if it isn't there.
func (p *Pool[C, W]) Leave(w W) bool {
	for i := range p.waiting {
		if p.waiting[i] == w {
			p.waiting = append(p.waiting[:i], p.waiting[i+1:]...)
			p.Connections--
			return true
		}
	}
	return false
}

// Next takes the one who has waited longest out of the queue, and out of the count; ok is false if nobody waits.
func (p *Pool[C, W]) Next() (w W, ok bool) {
	if len(p.waiting) == 0 {
		return w, false
	}
	w = p.waiting[0]
	p.waiting = append(p.waiting[:0], p.waiting[1:]...)
	p.Connections--
	return w, true
}

// Waiting tells if somebody waits.
func (p *Pool[C, W]) Waiting() bool { return len(p.waiting) > 0 }

// Take takes the connection that was put there last; ok is false if there is none.
func (p *Pool[C, W]) Take() (c C, ok bool) {
	n := len(p.idle)
	if n == 0 {
		return c, false
	}
	c = p.idle[n-1]
	p.idle = p.idle[:n-1]
	return c, true
}

// Put keeps an idle connection; counted tells that it counts already. If there is no room, the one that has been idle for longest
// is returned, to be closed: it counts no more.
func (p *Pool[C, W]) Put(c C, counted bool) (old C, full bool) {
	if len(p.idle) >= p.Size {
		old, full = p.idle[0], true
		p.idle = append(p.idle[:0], p.idle[1:]...)
		if counted {
			p.Connections--
		}
	} else if !counted {
		p.Connections++
	}
	p.idle = append(p.idle, c)
	return old, full
}

// Remove takes an idle connection out that is closed; false if it isn't there. It counts no more.
func (p *Pool[C, W]) Remove(c C) bool {
	for i := range p.idle {
		if p.idle[i] == c {
			p.idle = append(p.idle[:i], p.idle[i+1:]...)
			p.Connections--
			return true
		}
	}
	return false
}

// Idle is how many connections are idle.
func (p *Pool[C, W]) Idle() int { return len(p.idle) }
