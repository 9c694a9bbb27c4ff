package profile

import (
	"encoding/binary"
	"runtime"
	"time"

	"moonring/lua"
)

// Period is the time between two samples.
const Period = time.Millisecond

// Profile is a measurement.
type Profile struct {
	sampler *lua.Sampler
	stop    chan struct{}
	stopped chan struct{}
	began   time.Time
	took    time.Duration
	cpu     int64 // of the thread at the last sample

	places  map[lua.SampledFrame]uint64 // ids of places, from 1
	byID    []lua.SampledFrame
	samples map[string]*sample // by the ids of its places
	key     []byte
}

// sample is what was measured of one stack.
type sample struct{ n, cpu int64 }

// Start begins to measure what vm runs. The goroutine stays locked to its thread until Stop, which the same goroutine has to
// call; in between it alone may run VMs.
func Start(vm *lua.VM) *Profile {
	runtime.LockOSThread()
	p := &Profile{
		stop: make(chan struct{}), stopped: make(chan struct{}), began: time.Now(), cpu: lua.ThreadCPUTime(),
		places: map[lua.SampledFrame]uint64{}, samples: map[string]*sample{},
	}
	p.sampler = vm.StartSampling(p.take)
	go func() {
		defer close(p.stopped)
		t := time.NewTicker(Period)
		defer t.Stop()
		for {
			select {
			case <-t.C:
				p.sampler.Sample()
			case <-p.stop:
				return
			}
		}
	}()
	return p
}

// Stop ends the measurement.
func (p *Profile) Stop() {
	close(p.stop)
	<-p.stopped
	p.sampler.Stop()
	p.took = time.Since(p.began)
	runtime.UnlockOSThread()
}

// take counts a stack: the CPU time since the one before is its.
func (p *Profile) take(stack []lua.SampledFrame) {
	now := lua.ThreadCPUTime()
	took := now - p.cpu
	p.cpu = now
	p.key = p.key[:0]
	for _, f := range stack {
		id := p.places[f]
		if id == 0 {
			p.byID = append(p.byID, f)
			id = uint64(len(p.byID))
			p.places[f] = id
		}
		p.key = binary.AppendUvarint(p.key, id)
	}
	s := p.samples[string(p.key)]
	if s == nil {
		s = new(sample)
		p.samples[string(p.key)] = s
	}
	s.n++
	s.cpu += took
}
