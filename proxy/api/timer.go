package api

import (
	"math"
	"time"

	"moonring/lua"
	"moonring/proxy/phase"
)

// ngx.timer.

var timerFuncs = []entry{
	{"at", lua.Register("at", timerAt)},
	{"every", lua.Register("every", timerEvery)},
	{"running_count", lua.RegisterPure("running_count", timerRunning)},
	{"pending_count", lua.RegisterPure("pending_count", timerPending)},
}

func timerAt(c *lua.Call) lua.Ret    { return startTimer(c, false) }
func timerEvery(c *lua.Call) lua.Ret { return startTimer(c, true) }

// startTimer is ngx.timer.at and every: (delay in seconds, function, arguments...).
func startTimer(c *lua.Call, every bool) lua.Ret {
	n := c.NArgs()
	if n < 2 {
		return c.Errorf("expecting at least 2 arguments but got %d", n)
	}
	f, ok := c.CheckNumber(1)
	if !ok {
		return lua.Fail
	}
	// What is negative, or no number, is due at once; what doesn't fit waits for the longest time.
	ms := int64(0)
	if f *= 1000; f > 0 {
		ms = int64(min(f, math.MaxInt64/float64(2*time.Millisecond)))
	}
	if every && ms == 0 {
		return c.Errorf("delay cannot be zero")
	}
	vm := c.VM()
	fn, ok := luaFunction(c, 2)
	if !ok {
		return lua.Fail
	}
	w := worker(c)
	switch p := w.CurrentPhase(); {
	case beforeWorkers(p):
		return c.Errorf("no request")
	case p == phase.ExitWorker:
		wrongPhase(c)
		return lua.Fail
	}
	args := lua.Nil
	if n > 2 {
		if args = vm.NewTable(n-2, 0); args.IsNil() || !c.Keep(args) {
			return c.MemoryError()
		}
		for i := 3; i <= n; i++ {
			if v := c.Arg(i); !v.IsNil() && !vm.RawSetInt(args, i-2, v) {
				return c.MemoryError()
			}
		}
	}
	switch why := w.StartTimer(time.Duration(ms)*time.Millisecond, every, fn, args, n-2); why {
	case "":
		return c.ReturnInt(1)
	case "no memory":
		return c.Errorf("no memory")
	default:
		return returnNilError(c, why)
	}
}

func timerRunning(c *lua.Call) lua.Ret {
	w := worker(c)
	if beforeWorkers(w.CurrentPhase()) {
		return c.Errorf("no request")
	}
	return c.ReturnInt(w.TimersRunning())
}

func timerPending(c *lua.Call) lua.Ret {
	w := worker(c)
	if beforeWorkers(w.CurrentPhase()) {
		return c.Errorf("no request")
	}
	return c.ReturnInt(w.TimersPending())
}
