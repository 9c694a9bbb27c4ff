package ring

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// Poll waits once until a descriptor can be read from: for sockets that the user reads itself, as those of datagrams. Embed it in what it belongs
// to: starting it allocates nothing.
type Poll struct {
	h      PollHandler
	slot   uint32
	active bool
}

// PollHandler is told that a descriptor can be read from, or that reading would tell an error.
type PollHandler interface {
	OnReadable(p *Poll)
}

// StartPoll has h called, once, as soon as fd can be read from. fd stays the caller's; StopPoll must precede closing it.
func (r *Ring) StartPoll(p *Poll, fd int, h PollHandler) error {
	switch {
	case r.closed:
		return ErrClosed
	case p.active:
		return syscall.EBUSY
	}
	if n := len(r.pollFree); n > 0 {
		p.slot = r.pollFree[n-1]
		r.pollFree = r.pollFree[:n-1]
	} else {
		if len(r.polls) >= slotMax {
			return ErrTooMany
		}
		p.slot = uint32(len(r.polls))
		r.polls = append(r.polls, nil)
		r.pollGen = append(r.pollGen, 0)
	}
	r.polls[p.slot] = p
	p.h, p.active = h, true
	r.prepPoll(int32(fd), unix.POLLIN, userData(opPoll, p.slot, r.pollGen[p.slot]))
	return nil
}

// StopPoll ends p, if it waits: its handler is not called any more.
func (r *Ring) StopPoll(p *Poll) {
	if !p.active || r.closed {
		return
	}
	p.active, p.h = false, nil
	if r.polls[p.slot] == p { // else it is in pollDone
		r.polls[p.slot] = nil
		r.prepCancel(userData(opPoll, p.slot, r.pollGen[p.slot]))
	}
}

func (r *Ring) onPoll(slot, gen uint32) {
	if int(slot) >= len(r.polls) || r.pollGen[slot] != gen {
		r.stats.Stale++
		return
	}
	if p := r.polls[slot]; p != nil {
		r.pollDone = append(r.pollDone, p)
	}
	r.polls[slot] = nil
	r.pollGen[slot]++
	r.pollFree = append(r.pollFree, slot)
}

func (r *Ring) runPolls() {
	for i := 0; i < len(r.pollDone); i++ {
		p := r.pollDone[i]
		if !p.active { // stopped meanwhile; if it was started anew, this is a false alarm, as any poll may be
			continue
		}
		if int(p.slot) < len(r.polls) && r.polls[p.slot] == p {
			continue
		}
		h := p.h
		p.h, p.active = nil, false
		h.OnReadable(p)
	}
	clear(r.pollDone)
	r.pollDone = r.pollDone[:0]
}
