package ring

import (
	"math/bits"
	"time"
)

// Timer is a deadline. Embed it in what it belongs to: arming allocates nothing. The
// zero Timer is unarmed. An armed Timer is referenced by the ring and must not be copied.
type Timer struct {
	next, prev *Timer
	h          TimerHandler
	due        int64  // tick wanted; >= at
	at         int64  // tick of the slot it is linked into
	slot       uint16 // level<<6 | index, or slotSoon
	linked     bool
}

// TimerHandler is told when a timer is due. The timer is unarmed then and may be armed again.
type TimerHandler interface{ OnTimer(t *Timer) }

// Armed tells if the timer will fire.
func (t *Timer) Armed() bool { return t.linked }

// The wheel counts ticks of one millisecond since the ring's clock began. Level l has
// 64 slots of 64^l ticks. A timer lies at the level of the highest 6-bit digit in which
// its tick differs from the current one, in the slot which that digit names; when the
// current tick reaches the slot's start, its timers move down or fire. So arming and
// disarming are O(1), a timer moves at most six times, and the next tick at
// which anything happens comes from one bitmap per level, which makes sleeping long cheap.
//
// Seven levels reach 2^42 ticks, 139 years.
const (
	tickNs      = int64(time.Millisecond)
	wheelLevels = 7
	wheelBits   = 6
	wheelSlots  = 1 << wheelBits
	slotSoon    = 0xFFFF
	tickMax     = 1<<(wheelLevels*wheelBits) - 1
)

type wheel struct {
	now      int64 // current tick: all timers at or before it have fired
	count    int   // armed timers
	occupied [wheelLevels]uint64
	slots    [wheelLevels * wheelSlots]Timer // list heads: only next and prev are used
	soon     Timer                           // list head: due at the next iteration
	firing   Timer                           // list head: taken from soon, being called
}

func (w *wheel) init(now int64) {
	w.now = now / tickNs
	for i := range w.slots {
		w.slots[i].next, w.slots[i].prev = &w.slots[i], &w.slots[i]
	}
	w.soon.next, w.soon.prev = &w.soon, &w.soon
	w.firing.next, w.firing.prev = &w.firing, &w.firing
}

func listPush(head, t *Timer) {
	t.prev, t.next = head.prev, head
	head.prev.next = t
	head.prev = t
}

// start arms t for tick due; soon is for no delay at all.
func (w *wheel) start(t *Timer, due int64, soon bool, h TimerHandler) {
	t.h = h
	if due > tickMax {
		due = tickMax
	}
	if t.linked {
		// Moved later, as a keep-alive timeout is at every request: stay where we are,
		// and look again when that slot is reached.
		if !soon && due >= t.at && t.slot != slotSoon {
			t.due = due
			return
		}
		w.unlink(t)
	}
	w.count++
	t.due, t.linked = due, true
	if soon {
		t.slot = slotSoon
		listPush(&w.soon, t)
		return
	}
	w.link(t)
}

func (w *wheel) link(t *Timer) {
	at := max(t.due, w.now+1)
	level := uint(63-bits.LeadingZeros64(uint64(at^w.now))) / wheelBits
	if level >= wheelLevels { // due was bounded, the clock is 139 years old
		level = wheelLevels - 1
	}
	i := uint(at>>(level*wheelBits)) & (wheelSlots - 1)
	t.at = at &^ (1<<(level*wheelBits) - 1)
	t.slot = uint16(level<<wheelBits | i)
	w.occupied[level] |= 1 << i
	listPush(&w.slots[t.slot], t)
}

func (w *wheel) unlink(t *Timer) {
	t.prev.next, t.next.prev = t.next, t.prev
	if t.slot != slotSoon {
		head := &w.slots[t.slot]
		if head.next == head {
			w.occupied[t.slot>>wheelBits] &^= 1 << (t.slot & (wheelSlots - 1))
		}
	}
	t.next, t.prev, t.linked = nil, nil, false
	w.count--
}

func (w *wheel) stop(t *Timer) {
	if t.linked {
		w.unlink(t)
		t.h = nil
	}
}

// next is the first tick at which a slot is reached.
func (w *wheel) next() (tick int64, ok bool) {
	for level := range uint(wheelLevels) {
		occ := w.occupied[level]
		if occ == 0 {
			continue
		}
		// Within a level all slots lie after the current digit, and lower levels come first.
		i := int64(bits.TrailingZeros64(occ))
		shift := level * wheelBits
		base := w.now &^ (1<<(shift+wheelBits) - 1)
		return base | i<<shift, true
	}
	return 0, false
}

// wait is the time until something is due, in nanoseconds; negative if nothing is.
func (w *wheel) wait(now int64) int64 {
	if w.soon.next != &w.soon {
		return 0
	}
	tick, ok := w.next()
	if !ok {
		return -1
	}
	return max(tick*tickNs-now, 0)
}

// advance fires everything due at now.
func (w *wheel) advance(now int64) {
	if w.soon.next != &w.soon {
		w.fireSoon()
	}
	target := now / tickNs
	for {
		tick, ok := w.next()
		if !ok || tick > target {
			break
		}
		w.now = tick
		// The slot of this tick, at whatever level it is: its timers fire or move down.
		level := uint(0)
		for ; level < wheelLevels; level++ {
			if w.occupied[level] != 0 {
				break
			}
		}
		i := uint(tick>>(level*wheelBits)) & (wheelSlots - 1)
		head := &w.slots[level<<wheelBits|i]
		// A callback may stop or re-arm any timer; none enters this slot again, as it lies in the past.
		for t := head.next; t != head; t = head.next {
			w.unlink(t)
			if t.due > tick {
				w.count++
				t.linked = true
				w.link(t)
				continue
			}
			t.h.OnTimer(t)
		}
	}
	w.now = max(w.now, target)
}

// fireSoon calls the timers that were armed without delay before this iteration; those
// armed meanwhile wait for the next, so that one that re-arms itself can't hold the loop.
func (w *wheel) fireSoon() {
	f, s := &w.firing, &w.soon
	f.next, f.prev = s.next, s.prev
	f.next.prev, f.prev.next = f, f
	s.next, s.prev = s, s
	for t := f.next; t != f; t = f.next {
		w.unlink(t)
		t.h.OnTimer(t)
	}
}

// StartTimer arms t to call h after a delay; an armed timer is moved. A timer never fires
// early with respect to [Ring.Now] and at most a millisecond, plus the loop's delay, late. Without a
// delay (after <= 0) it fires in the next iteration.
func (r *Ring) StartTimer(t *Timer, after time.Duration, h TimerHandler) {
	now := r.Now()
	due := now
	if after > 0 {
		due = now + int64(after)
		if due < 0 { // overflow: beyond any bound
			due = 1<<63 - 1 - tickNs
		}
	}
	r.wheel.start(t, (due+tickNs-1)/tickNs, after <= 0, h)
}

// StopTimer disarms t. An unarmed timer stays so.
func (r *Ring) StopTimer(t *Timer) { r.wheel.stop(t) }
