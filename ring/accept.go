package ring

import (
	"fmt"
	"syscall"
)

// AcceptHandler is told of new connections.
type AcceptHandler interface {
	// OnAccept must call c.SetHandler; reading starts after it returns. Without a handler the
	// connection is closed.
	OnAccept(c *Conn)
	// OnAcceptError tells that the kernel refused (EMFILE ...). The ring tries again by itself after Config.AcceptPause.
	OnAcceptError(err error)
}

// Listener is a multishot accept on a listening socket, which stays the caller's.
type Listener struct {
	r     *Ring
	h     AcceptHandler
	fd    int32
	slot  uint32
	gen   uint32
	retry Timer

	armed      bool // accept is in the kernel
	cancelling bool
	paused     bool // Pause
	stopped    bool // Stop
	waiting    bool // for retry
	queued     bool // in armq
	looks      int  // how often it may still look at what waits, once stopped

	accepts uint64 // connections and errors so far
	checked uint64 // accepts at the last Recheck
}

type acceptEvent struct {
	l   *Listener
	c   *Conn // nil: err
	err error
}

// Listen accepts connections on fd, a listening socket that the caller owns and must keep
// open until Stop was called and Active is false. RLIMIT_NOFILE counts as it is when accept is
// armed: raise it before.
func (r *Ring) Listen(fd int, h AcceptHandler) (*Listener, error) {
	if r.closed {
		return nil, ErrClosed
	}
	if h == nil {
		return nil, fmt.Errorf("ring: Listen without a handler")
	}
	l := &Listener{r: r, h: h, fd: int32(fd)}
	for i, old := range r.listeners {
		if old.stopped && !old.armed && !old.queued {
			l.slot, l.gen = uint32(i), old.gen+1
			r.listeners[i] = l
			l.enqueue()
			return l, nil
		}
	}
	if len(r.listeners) >= slotMax {
		return nil, ErrTooMany
	}
	l.slot = uint32(len(r.listeners))
	r.listeners = append(r.listeners, l)
	l.enqueue()
	return l, nil
}

// Stop ends accepting; the socket stays open. Connections that the kernel had accepted already, and those that wait in the
// socket's queue, are still handed to OnAccept: when Active is false, none will come any more. Of several rings on
// one socket the kernel wakes one for each connection. If that is the one whose accept is being cancelled, the connection
// would wait until another comes; so who stops looks once more, and again while there are any, up to a bound: under a flood
// there always are, and the next one wakes another ring.
func (l *Listener) Stop() {
	if !l.stopped {
		l.looks = 16
	}
	l.stopped = true
	l.r.StopTimer(&l.retry)
	l.enqueue()
}

// Active tells if the kernel may still accept for this listener.
func (l *Listener) Active() bool { return l.armed || l.queued }

// Recheck finds connections that wait although accept is armed: another process was woken for them and died before it took
// them. It costs a system call for each listener without news since the last Recheck; once a second is often enough.
func (r *Ring) Recheck() {
	for _, l := range r.listeners {
		if l.armed && !l.cancelling && l.accepts == l.checked && r.k.Readable(int(l.fd)) {
			l.cancelling = true
			r.prepCancel(userData(opAccept, l.slot, l.gen)) // its end arms it again, which takes what waits
		}
		l.checked = l.accepts
	}
}

// Pause stops accepting until Resume. Connections accepted already still come.
func (l *Listener) Pause() {
	l.paused = true
	l.enqueue()
}

// Resume undoes Pause.
func (l *Listener) Resume() {
	l.paused = false
	l.enqueue()
}

func (l *Listener) enqueue() {
	if !l.queued {
		l.queued = true
		l.r.armq = append(l.r.armq, l)
	}
}

// OnTimer tries again after an error. It is the ring's, not the user's, to call.
func (l *Listener) OnTimer(*Timer) {
	l.waiting = false
	l.enqueue()
}

// flushListeners arms and cancels accepts so that each is as its listener wants it.
func (r *Ring) flushListeners() {
	for _, l := range r.armq {
		l.queued = false
		want := !l.stopped && !l.paused && !l.waiting && !r.paused
		ud := userData(opAccept, l.slot, l.gen)
		switch {
		case want && !l.armed:
			l.armed = true
			r.prepAccept(l.fd, ud)
		case !want && l.armed && !l.cancelling:
			l.cancelling = true
			r.prepCancel(ud)
		case l.looks > 0 && !l.armed && !r.paused && r.k.Readable(int(l.fd)):
			l.looks--
			l.armed, l.cancelling = true, true
			r.prepAccept(l.fd, ud) // takes all that wait before the next entry is looked at
			r.prepCancel(ud)
		}
	}
	clear(r.armq)
	r.armq = r.armq[:0]
}

func (r *Ring) onAccept(slot, gen uint32, res int32, flags uint32) {
	if int(slot) >= len(r.listeners) || r.listeners[slot].gen != gen {
		r.stats.Stale++
		if res >= 0 {
			r.k.CloseFD(int(res))
		}
		return
	}
	l := r.listeners[slot]
	if flags&IORING_CQE_F_MORE == 0 {
		l.armed, l.cancelling = false, false
		l.enqueue()
	}
	l.accepts++
	if res < 0 {
		switch e := syscall.Errno(-res); e {
		case syscall.ECANCELED, syscall.ECONNABORTED, syscall.EAGAIN, syscall.EINTR:
			// Cancelled by us, or a peer that gave up: armed again if wanted.
		default:
			r.stats.AcceptErrors++
			l.looks = 0 // the kernel refuses what still waits
			l.pauseFor(e)
		}
		return
	}
	c := r.newConn(res)
	if c == nil {
		r.k.CloseFD(int(res))
		r.stats.AcceptErrors++
		l.looks = 0
		l.pauseFor(syscall.ENOMEM)
		return
	}
	r.stats.Accepts++
	c.flags |= fConnecting // not read from before OnAccept
	r.accepted = append(r.accepted, acceptEvent{l: l, c: c})
	if r.conns.live >= r.cfg.MaxConns && !r.paused {
		r.paused = true
		r.stats.AcceptPauses++
		r.allListeners()
	}
}

// pauseFor lets accept rest: descriptors or memory ran out, and would again at once.
func (l *Listener) pauseFor(e syscall.Errno) {
	r := l.r
	r.accepted = append(r.accepted, acceptEvent{l: l, err: e})
	if !l.waiting && !l.stopped {
		l.waiting = true
		l.enqueue()
		r.StartTimer(&l.retry, r.cfg.AcceptPause, l)
	}
}

func (r *Ring) allListeners() {
	for _, l := range r.listeners {
		l.enqueue()
	}
}

// runAccepted hands new connections over.
func (r *Ring) runAccepted() {
	for i := range r.accepted {
		e := &r.accepted[i]
		if e.c == nil {
			e.l.h.OnAcceptError(e.err)
			continue
		}
		c := e.c
		c.flags &^= fConnecting
		r.markDirty(c)
		e.l.h.OnAccept(c)
		if c.h == nil {
			c.Abort()
		}
	}
	clear(r.accepted)
	r.accepted = r.accepted[:0]
}

// connGone lets listeners go on that had paused at MaxConns.
func (r *Ring) connGone() {
	if r.paused && r.conns.live < r.cfg.MaxConns {
		r.paused = false
		r.allListeners()
	}
}
