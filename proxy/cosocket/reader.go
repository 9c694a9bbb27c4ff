// Package cosocket is what there is to cosockets without I/O: how a stream is cut into what receive and receiveuntil return,
// and how a pool counts connections. Everything is as lua-nginx-module does it, down to what it returns when less has come.
//
// Values belong to one goroutine. Nothing is allocated on the way of a piece that lies whole in the input.
package cosocket

import (
	"bytes"
	"encoding/binary"
	"strconv"
)

// Mode is how a Reader cuts.
type Mode uint8

// Modes.
const (
	Line  Mode = iota // up to a line feed, which goes, as all carriage returns do
	Count             // so many bytes
	All               // up to the end
	Any               // what there is, at most so many bytes
	Until             // up to a pattern
)

// Reader takes one piece from a stream. Between pieces it is empty, but for memory, and for what Until holds back.
type Reader struct {
	mode  Mode
	rest  int64 // Count, Any, Until with a bound: bytes to come
	bound bool  // Until
	until Pattern
	buf   []byte // of the piece, as far as it has come
}

// Begin starts a piece of n bytes; n counts for Count and Any, where it must be above 0.
func (r *Reader) Begin(m Mode, n int64) {
	r.mode, r.rest, r.buf = m, n, r.buf[:0]
}

// BeginUntil starts a piece that ends before a pattern, or, if n is above 0, when it has about n bytes, as lua-nginx counts: what looked
// like the pattern comes whole.
func (r *Reader) BeginUntil(p Pattern, n int64) {
	r.mode, r.until, r.rest, r.bound, r.buf = Until, p, n, n > 0, r.buf[:0]
}

// Pattern is what Until looks for. Its memory is the caller's, who may move it between two calls of Feed: see SetPattern.
type Pattern struct {
	Text  []byte // at least one byte
	Table []byte // that of Text, see PatternTable
	// State is how much of the text the input ends with; these bytes were taken from it and belong to no piece yet.
	State     int
	Inclusive bool // the piece ends with the text
	Found     bool // the last piece, which had a bound, ended at the text
}

// PatternSize is the size of the table for a text of n bytes.
func PatternSize(n int) int { return 4 * n }

// PatternTable fills in the table of a text: for each of its beginnings the length of the longest shorter beginning that it ends with.
func PatternTable(table, text []byte) {
	k := 0
	for i := range text {
		if i > 0 {
			for k > 0 && text[i] != text[k] {
				k = border(table, k)
			}
			if text[i] == text[k] {
				k++
			}
		}
		binary.NativeEndian.PutUint32(table[4*i:], uint32(k))
	}
}

// border is the table's entry for the first n bytes, n above 0.
func border(table []byte, n int) int { return int(binary.NativeEndian.Uint32(table[4*(n-1):])) }

// Doing says, as lua-nginx's debug log does, what Feed is going to do with n bytes.
func (r *Reader) Doing(n int) string {
	switch r.mode {
	case Line:
		return "lua tcp socket read line"
	case Count:
		return "lua tcp socket read chunk " + strconv.Itoa(n)
	case All:
		return "lua tcp socket read all"
	case Any:
		return "lua tcp socket read any"
	}
	return "lua tcp socket read until"
}

// Pattern is the one of the piece under way, with its present state.
func (r *Reader) Pattern() *Pattern { return &r.until }

// Held is the memory that the reader has, in bytes.
func (r *Reader) Held() int { return cap(r.buf) }

// Partial is the piece as far as it has come.
func (r *Reader) Partial() []byte { return r.buf }

// Drop lets go of memory beyond most bytes.
func (r *Reader) Drop(most int) {
	if cap(r.buf) > most {
		r.buf = nil
	}
	r.buf = r.buf[:0]
}

// Feed takes input, used bytes of it. When done, the piece is a view of the input or of the reader's memory.
func (r *Reader) Feed(data []byte) (piece []byte, used int, done bool) {
	switch r.mode {
	case Line:
		i := bytes.IndexByte(data, '\n')
		if i < 0 {
			r.buf = appendWithoutCR(r.buf, data)
			return nil, len(data), false
		}
		line := data[:i]
		if len(r.buf) == 0 {
			if n := len(line); n > 0 && line[n-1] == '\r' {
				line = line[:n-1]
			}
			if bytes.IndexByte(line, '\r') < 0 {
				return line, i + 1, true
			}
		}
		r.buf = appendWithoutCR(r.buf, line)
		return r.buf, i + 1, true
	case Count, Any:
		n := int(min(r.rest, int64(len(data))))
		if n == 0 {
			return nil, 0, false
		}
		if r.rest -= int64(n); r.rest == 0 || r.mode == Any {
			if len(r.buf) == 0 {
				return data[:n], n, true
			}
			r.buf = append(r.buf, data[:n]...)
			return r.buf, n, true
		}
		r.buf = append(r.buf, data[:n]...)
		return nil, n, false
	case All:
		r.buf = append(r.buf, data...)
		return nil, len(data), false
	}
	used, done = r.feedUntil(data)
	return r.buf, used, done
}

func appendWithoutCR(b, data []byte) []byte {
	for {
		i := bytes.IndexByte(data, '\r')
		if i < 0 {
			return append(b, data...)
		}
		b = append(b, data[:i]...)
		data = data[i+1:]
	}
}

func (r *Reader) feedUntil(data []byte) (used int, done bool) {
	p := &r.until
	state := p.State
	i := 0
	for i < len(data) {
		c := data[i]
		switch {
		case c == p.Text[state]:
			i++
			if state++; state == len(p.Text) {
				p.State, p.Found = 0, r.bound
				if p.Inclusive {
					r.buf = append(r.buf, p.Text...)
				}
				return i, true
			}
			continue
		case state == 0:
			n := bytes.IndexByte(data[i:], p.Text[0])
			if n < 0 {
				n = len(data) - i
			}
			if r.bound {
				n = int(min(int64(n), r.rest))
				r.rest -= int64(n)
			}
			r.buf = append(r.buf, data[i:i+n]...)
			i += n
			if r.bound && r.rest == 0 {
				p.State = 0
				return i, true
			}
			continue
		}
		// What looked like the text is not. Its end together with c may be a beginning again.
		k := border(p.Table, state)
		for k > 0 && p.Text[k] != c {
			k = border(p.Table, k)
		}
		lost := state
		if k > 0 {
			lost = state - k
			i++
		}
		r.buf = append(r.buf, p.Text[:lost]...)
		if state = 0; k > 0 {
			state = k + 1
		}
		if r.bound {
			if r.rest -= int64(lost); r.rest <= 0 {
				r.rest = 0
				p.State = state
				return i, true
			}
		}
		if state == len(p.Text) { // k+1 is at most the state it came from
			panic("cosocket: a fallback is as long as the pattern")
		}
	}
	p.State = state
	return i, false
}

// End is the end of the stream. ok tells that the piece is whole; otherwise it is what has come of it.
func (r *Reader) End() (piece []byte, ok bool) { return r.buf, r.mode == All }
