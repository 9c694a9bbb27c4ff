package proxy

import (
	"fmt"

	"moonring/proxy/conf"
)

// Subrequests whose responses become part of their parent's body: echo_location and its kin. Any number runs at a time; what
// they and their parent write goes out in the order in which they were made. The first of them passes on what it has written when it
// flushes; what the others write, and what the parent writes behind one of them, waits.

// inlinePart is one of them.
type inlinePart struct {
	sub   *Request
	after []byte // what the parent has written since
}

// newInline makes a subrequest that has its turn in the worker's queue. It returns nil, and has logged why, if there can be none.
func (r *Request) newInline(o *Capture) *Request {
	if r.sub.depth > subrequestDepthMax {
		r.Log(conf.Err, fmt.Sprintf(`subrequests cycle while processing "%s"`, appendLogSafe(nil, o.Path)))
		return nil
	}
	sub := r.newSubrequest(o)
	if sub == nil {
		r.Log(conf.Err, "not enough memory for a subrequest")
		return nil
	}
	sub.sub.isInline = true
	sub.post()
	return sub
}

// addInline is newInline for one that becomes part of the body, to begin with startInline.
func (r *Request) addInline(o *Capture) *Request {
	sub := r.newInline(o)
	if sub != nil {
		r.sub.inline = append(r.sub.inline, inlinePart{sub: sub})
	}
	return sub
}

// startInline runs what addInline has made. The parent may have gone on, or ended, when it returns.
func (r *Request) startInline() {
	if len(r.sub.inline) > 0 {
		r.Worker.runPosted()
	}
}

// inlineTurn goes on after one of a request's subrequests has ended.
func (r *Request) inlineTurn() {
	r.passInline()
	if r.echo.waits && r.sub.awaited == nil && !r.ended {
		r.echo.waits = false
		r.process()
	}
}

// passInline passes on what has its turn.
func (r *Request) passInline() {
	for len(r.sub.inline) > 0 && !r.ended {
		part := r.sub.inline[0]
		if !part.sub.sub.done {
			return
		}
		copy(r.sub.inline, r.sub.inline[1:])
		last := len(r.sub.inline) - 1
		r.sub.inline[last] = inlinePart{}
		r.sub.inline = r.sub.inline[:last]
		if !r.Room(len(part.sub.out) + len(part.after)) {
			part.sub.release()
			r.Log(conf.Err, "not enough memory for the response of a subrequest")
			r.echo.waits = false
			r.finalize(codeError)
			return
		}
		r.writeNow(part.sub.out)
		part.sub.release()
		r.keepBack(-len(part.after))
		r.writeNow(part.after)
	}
}

// postpone keeps what is written behind subrequests that have not ended.
func (r *Request) postpone(p []byte) bool {
	if !r.Room(len(p)) {
		return false
	}
	last := &r.sub.inline[len(r.sub.inline)-1]
	last.after = append(last.after, p...)
	r.keepBack(len(p))
	return true
}

// forward passes on what a subrequest has written, if it is its turn and there is room.
func (r *Request) forward() {
	p := r.sub.parent
	if !r.sub.isInline || len(p.sub.inline) == 0 || p.sub.inline[0].sub != r || !p.Room(len(r.out)) {
		return
	}
	p.writeNow(r.out)
	r.keepBack(-len(r.out))
	r.out = r.out[:0]
	if p.sub.parent != nil {
		p.forward()
	} else {
		p.pass(nil)
	}
}

// dropInline cancels them.
func (r *Request) dropInline() {
	parts := r.sub.inline
	r.sub.inline, r.sub.awaited, r.echo.waits = parts[:0], nil, false
	for i := range parts {
		s := parts[i].sub
		r.keepBack(-len(parts[i].after))
		parts[i] = inlinePart{}
		s.release()
	}
}
