package proxy

import (
	"encoding/binary"

	"moonring/lua"
	"moonring/proxy/cosocket"
)

// A pattern of receiveuntil is its text, a string, and a userdata, which belong to the iterator:
//
//	0       4     5      8        16
//	┌───────┬─────┬──────┬────────┬─────────────────┐
//	│ state │flags│      │ serial │ table           │
//	└───────┴─────┴──────┴────────┴─────────────────┘
//
// While a piece is read the state is the reader's. In between, the first state bytes of the text have been taken from the input and
// belong to no piece, if the socket has the pattern's serial; whatever is read next begins with them, unless it is this pattern.
const (
	patternHead      = 16
	patternInclusive = 1
	patternFound     = 2 // the last piece had a bound and ended at the text: the next one is nil
)

// NewSocketPattern makes the userdata for a text of at least one byte; Nil if there is no memory.
func (w *Worker) NewSocketPattern(text []byte, inclusive bool) lua.Value {
	v := w.VM.NewUserdata(patternHead+cosocket.PatternSize(len(text)), lua.Nil)
	if v.IsNil() {
		return lua.Nil
	}
	b := w.VM.UserdataBytes(v)
	if inclusive {
		b[4] = patternInclusive
	}
	cosocket.PatternTable(b[patternHead:], text)
	return v
}

// SocketPatternFound tells, and forgets, that the text was found by the last piece with a bound.
func (w *Worker) SocketPatternFound(state lua.Value) bool {
	b := w.VM.UserdataBytes(state)
	found := b[4]&patternFound != 0
	b[4] &^= patternFound
	return found
}

func patternSerial(b []byte) uint64 { return binary.NativeEndian.Uint64(b[8:]) }

// loadPattern is the pattern of the read under way, as its userdata has it.
func (s *Socket) loadPattern() cosocket.Pattern {
	vm := s.w.VM
	b := vm.UserdataBytes(s.pattern)
	return cosocket.Pattern{Text: vm.Bytes(s.patternText), Table: b[patternHead:],
		State: int(binary.NativeEndian.Uint32(b)), Inclusive: b[4]&patternInclusive != 0}
}

// savePattern gives the state back to the userdata after a read.
func (s *Socket) savePattern() {
	if s.pattern.IsNil() {
		return
	}
	p := s.rd.Pattern()
	b := s.w.VM.UserdataBytes(s.pattern)
	binary.NativeEndian.PutUint32(b, uint32(p.State))
	if p.Found {
		b[4] |= patternFound
	}
	if p.State > 0 {
		s.w.patternSerial++
		s.serial = s.w.patternSerial
		binary.NativeEndian.PutUint64(b[8:], s.serial)
		s.begun = append(s.begun[:0], p.Text[:p.State]...)
	}
	*p = cosocket.Pattern{}
	s.pattern, s.patternText = lua.Nil, lua.Nil
}

// pushBack makes what was taken for the beginning of a pattern input again.
func (s *Socket) pushBack() {
	if s.serial == 0 {
		return
	}
	s.serial = 0
	s.begun = append(s.begun, s.back[s.backAt:]...)
	s.back, s.begun = s.begun, s.back[:0]
	s.backAt = 0
}
