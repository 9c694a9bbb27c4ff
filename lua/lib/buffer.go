package lib

import (
	"moonring/lua"
	"moonring/lua/number"
)

// A buffer builds a string. It asks for the memory of the result while it
// grows, and charges for what is copied.
type buffer struct {
	c    *lua.Call
	b    []byte
	home *[]byte
	next int // length at which the next question is due
	done int // bytes that have been charged
	cost int // units to be charged besides

	failed bool // addDate: an error was raised within a composed conversion
}

const (
	bufferAsk   = 64 << 10 // ask and charge that often
	bufferKeep  = 1 << 20  // a larger one goes back to Go's collector
	buffersKept = 8        // and so do more of them
)

// newBuffer returns an empty buffer, whose memory release gives back. Buffers
// of nested calls are different ones.
func newBuffer(c *lua.Call) buffer {
	s := sideOf(c.VM())
	if n := len(s.buffers) - 1; n >= 0 {
		home := s.buffers[n]
		s.buffers = s.buffers[:n]
		return buffer{c: c, b: (*home)[:0], home: home, next: bufferAsk}
	}
	b := make([]byte, 0, 1024)
	return buffer{c: c, b: b, home: &b, next: bufferAsk}
}

// release gives the memory back; of a buffer that is none yet, nothing.
func (w *buffer) release() {
	if cap(w.b) > bufferKeep || w.home == nil {
		return
	}
	if s := sideOf(w.c.VM()); len(s.buffers) < buffersKept {
		*w.home = w.b
		s.buffers = append(s.buffers, w.home)
	}
}

// result ends the builtin with the string built.
func (w *buffer) result() lua.Ret {
	if !w.settle() {
		return w.fail()
	}
	r := w.c.ReturnString(w.b)
	w.release()
	return r
}

// settle charges for what hasn't been yet: bytes copied and hashed, and cost.
func (w *buffer) settle() bool {
	n := w.cost + (len(w.b)-w.done)>>2
	w.cost, w.done = 0, len(w.b)
	return n < 128 || w.c.Charge(n)
}

// fail gives the memory back after an error.
func (w *buffer) fail() lua.Ret {
	w.release()
	return lua.Fail
}

// reserve returns n bytes at the end to be filled, nil after an error.
func (w *buffer) reserve(n int) []byte {
	if len(w.b)+n > w.next && !w.grow(n) {
		return nil
	}
	k := len(w.b)
	if cap(w.b)-k < n {
		b := make([]byte, k, max(k+n, 2*cap(w.b)))
		copy(b, w.b)
		w.b = b
	}
	w.b = w.b[:k+n]
	return w.b[k:]
}

// grow is called before n bytes are added beyond next.
func (w *buffer) grow(n int) bool {
	if !w.c.CheckSize(len(w.b)+n) || !w.c.Charge(w.cost+(len(w.b)+n-w.done)>>2) {
		return false
	}
	w.cost, w.done = 0, len(w.b)+n
	w.next = w.done + bufferAsk
	return true
}

func (w *buffer) add(b []byte) bool {
	if len(w.b)+len(b) > w.next && !w.grow(len(b)) {
		return false
	}
	w.b = append(w.b, b...)
	return true
}

func (w *buffer) addByte(b byte) bool {
	if len(w.b) >= w.next && !w.grow(1) {
		return false
	}
	w.b = append(w.b, b)
	return true
}

// addValue adds a string or number; ok is false for other values.
func (w *buffer) addValue(v lua.Value) (ok, added bool) {
	switch {
	case v.IsString():
		return true, w.add(w.c.VM().Bytes(v))
	case v.IsNumber():
		w.b = number.Append(w.b, v.Float())
		return true, len(w.b) <= w.next || w.grow(0)
	}
	return false, false
}
