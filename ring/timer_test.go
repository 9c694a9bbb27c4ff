package ring

import (
	"math/rand/v2"
	"testing"
	"time"
)

// fired is a timer that notes when it fires.
type fired struct {
	Timer
	w   *wheel
	at  int64 // tick; 0 not yet
	due int64
}

func (f *fired) OnTimer(*Timer) { f.at = f.w.now }

// The wheel is compared with the obvious rule: a timer fires in the first advance whose time is
// not before its deadline, and stopped ones never.
func TestWheelFiresEveryTimerInItsTick(t *testing.T) {
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 1))
		w := &wheel{}
		now := rng.Int64N(1 << 40)
		w.init(now)
		timers := make([]fired, 300)
		for step := range 4000 {
			f := &timers[rng.IntN(len(timers))]
			f.w = w
			switch rng.IntN(4) {
			case 0, 1:
				span := int64(1) << rng.IntN(34)
				f.due = (now + 1 + rng.Int64N(span)*1000 + tickNs - 1) / tickNs
				f.at = 0
				w.start(&f.Timer, f.due, false, f)
			case 2:
				w.stop(&f.Timer)
				f.due = 0
			}
			if rng.IntN(3) == 0 {
				before := now / tickNs
				if wait := w.wait(now); wait >= 0 && rng.IntN(2) == 0 {
					now += wait // as a sleeping loop does
				} else {
					now += rng.Int64N(1 << (10 + rng.IntN(26)))
				}
				w.advance(now)
				for i := range timers {
					f := &timers[i]
					switch should := f.due != 0 && f.due <= now/tickNs; {
					case should && f.at == 0:
						t.Fatalf("seed %d step %d: timer due %d has not fired at %d", seed, step, f.due, now/tickNs)
					case should && (f.at < f.due || f.at <= before && f.due > before):
						t.Fatalf("seed %d step %d: timer due %d fired at %d", seed, step, f.due, f.at)
					case !should && f.at != 0:
						t.Fatalf("seed %d step %d: timer due %d fired early, at %d", seed, step, f.due, f.at)
					case should:
						f.due, f.at = 0, 0
					}
				}
			}
			armed := 0
			for i := range timers {
				if timers[i].Armed() {
					armed++
				}
			}
			if armed != w.count {
				t.Fatalf("seed %d step %d: %d timers armed, %d counted", seed, step, armed, w.count)
			}
		}
	}
}

func TestWaitReachesTheNextTimerInFewSteps(t *testing.T) {
	for _, d := range []time.Duration{time.Millisecond, 70 * time.Millisecond, 75 * time.Second, 24 * time.Hour, 1000 * 24 * time.Hour} {
		w := &wheel{}
		now := int64(12345 * tickNs)
		w.init(now)
		f := &fired{w: w}
		w.start(&f.Timer, (now+int64(d))/tickNs, false, f)
		steps := 0
		for f.at == 0 {
			now += w.wait(now)
			w.advance(now)
			if steps++; steps > wheelLevels {
				t.Fatalf("%v: not fired after %d sleeps", d, steps)
			}
		}
		if got := time.Duration(now - 12345*tickNs); got != d {
			t.Errorf("%v fired after %v", d, got)
		}
	}
}

// chain re-arms itself without delay.
type rearm struct {
	Timer
	w *wheel
	n int
}

func (f *rearm) OnTimer(*Timer) { f.n++; f.w.start(&f.Timer, 0, true, f) }

func TestTimerWithoutDelayFiresOncePerIteration(t *testing.T) {
	w := &wheel{}
	w.init(0)
	f := &rearm{w: w}
	w.start(&f.Timer, 0, true, f)
	for i := range 5 {
		if w.wait(0) != 0 {
			t.Fatal("a timer without delay lets the loop wait")
		}
		w.advance(0)
		if f.n != i+1 {
			t.Fatalf("%d calls in iteration %d", f.n, i)
		}
	}
	w.stop(&f.Timer)
	if w.wait(0) >= 0 || w.count != 0 {
		t.Fatal("a stopped timer is still waited for")
	}
}

// stopper stops another timer that is due in the same tick.
type stopper struct {
	Timer
	w     *wheel
	other *stopper
	n     int
}

func (f *stopper) OnTimer(*Timer) { f.n++; f.w.stop(&f.other.Timer) }

func TestTimerStoppedByAnotherOfTheSameTickDoesNotFire(t *testing.T) {
	for _, soon := range []bool{false, true} {
		w := &wheel{}
		w.init(0)
		a, b := &stopper{w: w}, &stopper{w: w}
		a.other, b.other = b, a
		w.start(&a.Timer, 5, soon, a)
		w.start(&b.Timer, 5, soon, b)
		w.advance(10 * tickNs)
		if a.n+b.n != 1 || w.count != 0 {
			t.Fatalf("soon %v: %d and %d calls, %d armed", soon, a.n, b.n, w.count)
		}
	}
}

func BenchmarkTimerRearmLater(b *testing.B) {
	w := &wheel{}
	w.init(0)
	f := &fired{w: w}
	for i := 0; b.Loop(); i++ {
		w.start(&f.Timer, int64(60000+i/1000), false, f)
	}
}

func BenchmarkTimerStopAndStart(b *testing.B) {
	w := &wheel{}
	w.init(0)
	f := &fired{w: w}
	for i := 0; b.Loop(); i++ {
		w.stop(&f.Timer)
		w.start(&f.Timer, int64(60000+i/1000), false, f)
	}
}
