package proxy

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"moonring/proxy/conf"
	"moonring/ring"
)

// When most of worker_connections are taken, idle connections are given up, those first that would time out first: who
// only keeps connections open must not keep others out. nginx does so by the same measure, a sixteenth. It looks at
// each accept; here a timer looks, since the ring stops accepting when the table is full.

const (
	// roomPause is the time between two looks at all connections.
	roomPause = 20 * time.Millisecond
	// complaintPause is the time between two lines in the log about it.
	complaintPause = int64(time.Second)
)

// crowded tells that no more than a sixteenth of the connections are free.
func (w *Worker) crowded() bool {
	return w.Ring.Stats().Conns >= w.maxConns-w.maxConns/16
}

// makeRoom has idle connections closed soon.
func (w *Worker) makeRoom() {
	if !w.room.Armed() && !w.quitting {
		w.Ring.StartTimer(&w.room, roomPause, (*roomTimer)(w))
	}
}

type roomTimer Worker

// OnTimer gives up as many idle connections as a sixteenth of all may be, and looks again while that was not enough.
func (t *roomTimer) OnTimer(*ring.Timer) {
	w := (*Worker)(t)
	if w.quitting || !w.refused && !w.crowded() {
		return
	}
	refused := w.refused
	w.refused = false
	var idle []*conn
	w.eachConn(func(cn *conn) {
		if cn.state == stateIdle && cn.c != nil && cn.c.QueuedBytes() == 0 && cn.c.Pending() == 0 {
			idle = append(idle, cn)
		}
	})
	slices.SortFunc(idle, func(a, b *conn) int { return cmp.Compare(a.until, b.until) })
	idle = idle[:min(len(idle), w.maxConns/16+1)]
	for _, cn := range idle {
		cn.state = stateClosed
		cn.c.CloseAfterDrain()
	}
	what := fmt.Sprintf("%d worker_connections are not enough", w.maxConns)
	if refused {
		what = "no descriptor is free for a connection"
	}
	if len(idle) > 0 {
		what += ", reusing connections"
	}
	w.complain(what)
	w.makeRoom()
}

// haunted tells, and logs, before a connection is taken, that as many requests as there may be connections run for clients
// that have gone: those don't count for the ring, but take memory, and whoever comes and goes quickly could leave any
// number of them.
func (w *Worker) haunted() bool {
	gone := w.liveConns - (w.Ring.Stats().Conns - 1 - w.liveUpConns) // the ring counts the new one already
	if gone < w.maxConns {
		return false
	}
	w.complain(fmt.Sprintf("%d worker_connections are not enough, %d requests run whose clients have gone", w.maxConns, gone))
	return true
}

// complain logs a warning, if the last one was long enough ago.
func (w *Worker) complain(what string) {
	if now := w.Ring.Now(); w.complaint == 0 || now-w.complaint >= complaintPause {
		w.complaint = now
		w.Log(conf.Warn, what)
	}
}
