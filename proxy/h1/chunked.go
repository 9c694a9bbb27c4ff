package h1

import (
	"encoding/binary"
	"math"
)

// Bounds of chunked framing. A size has at most 16 digits, leading zeros included.
const (
	chunkDigitsMax    = 16
	chunkExtensionMax = 1024 // bytes between a size and its end of line
	chunkWasteMax     = 8192 // bytes of extensions over the whole body: nobody reads them
	trailerMaxDefault = 8192 // bytes of the trailer section
)

// ChunkedReader decodes chunked transfer coding, RFC 9112 section 7.1. The zero value is ready. Each end of line must
// be CR LF: what takes LF alone here and what doesn't see two different bodies.
type ChunkedReader struct {
	// TrailerMax bounds the trailer section in bytes; 0: 8192. Trailers are checked and dropped.
	TrailerMax int

	left   int64 // bytes of the current chunk still to come
	total  int64
	waste  int
	count  int // digits, bytes of an extension, or bytes of the trailer section
	state  chunkState
	failed bool
}

type chunkState uint8

const (
	chunkSize      chunkState = iota // at a size, digits seen in count
	chunkSpace                       // spaces before ';'
	chunkExtension                   // after ';'
	chunkSizeLF
	chunkData
	chunkDataCR
	chunkDataLF
	trailerStart // at a trailer line or the final CR
	trailerName
	trailerValue
	trailerLF
	chunkFinalLF
	chunkDone
)

// Reset makes it ready for the next body.
func (r *ChunkedReader) Reset() { *r = ChunkedReader{TrailerMax: r.TrailerMax} }

// Total returns how many bytes of payload were announced so far: all chunks whose size was read, the current one
// whole. A limit on the body's size can be checked against it before the bytes are here.
func (r *ChunkedReader) Total() int64 { return r.total }

// Done reports whether the body has ended.
func (r *ChunkedReader) Done() bool { return r.state == chunkDone }

// Decode reads framing and at most one piece of payload from data.
//
// It returns the payload, a view of data; how many bytes of data it used, payload included; and whether the body has
// ended, in which case data[used:] is the next request. When not done, used is less than len(data) only if payload is
// not empty: call again with the rest. The error is ErrChunked, and stays.
func (r *ChunkedReader) Decode(data []byte) (payload []byte, used int, done bool, err error) {
	if r.failed {
		return nil, 0, false, ErrChunked
	}
	i := 0
	for i < len(data) {
		c := data[i]
		switch r.state {
		case chunkSize:
			if v := hexValue[c]; v < 16 {
				if r.count == chunkDigitsMax || r.left > math.MaxInt64>>4 {
					return r.fail()
				}
				r.left = r.left<<4 | int64(v)
				r.count++
				break
			}
			if r.count == 0 || !r.sizeEnds(c) {
				return r.fail()
			}
		case chunkSpace:
			if c != ' ' && c != '\t' && c != ';' {
				return r.fail()
			}
			r.count++
			r.waste++
			if r.count > chunkExtensionMax || r.waste > chunkWasteMax {
				return r.fail()
			}
			if c == ';' {
				r.state = chunkExtension
			}
		case chunkExtension:
			if c == '\r' {
				r.state = chunkSizeLF
				break
			}
			r.count++
			r.waste++
			if r.count > chunkExtensionMax || r.waste > chunkWasteMax || c < ' ' && c != '\t' || c == 0x7f {
				return r.fail()
			}
		case chunkSizeLF:
			if c != '\n' || !r.sizeRead() {
				return r.fail()
			}
		case chunkData:
			payload = data[i:]
			if int64(len(payload)) > r.left {
				payload = payload[:r.left]
			}
			r.left -= int64(len(payload))
			if r.left == 0 {
				r.state = chunkDataCR
			}
			return payload, i + len(payload), false, nil
		case chunkDataCR:
			if c != '\r' {
				return r.fail()
			}
			r.state = chunkDataLF
		case chunkDataLF:
			if c != '\n' {
				return r.fail()
			}
			r.state, r.count = chunkSize, 0
			// The whole of "size CR LF" is mostly here.
			if next := r.shortSize(data, i+1); next > 0 {
				i = next
				continue
			}
		case chunkDone:
			return nil, i, true, nil
		default:
			if !r.trailer(c) {
				return r.fail()
			}
			if r.state == chunkDone {
				return nil, i + 1, true, nil
			}
		}
		i++
	}
	return nil, i, r.state == chunkDone, nil
}

// shortSize reads up to four digits and CR LF at once; 0 if they aren't there.
func (r *ChunkedReader) shortSize(data []byte, i int) int {
	size, digits := int64(0), 0
	for i+2 < len(data) && digits < 4 && hexValue[data[i]] < 16 {
		size = size<<4 | int64(hexValue[data[i]])
		digits++
		i++
	}
	if digits == 0 || i+2 > len(data) || binary.LittleEndian.Uint16(data[i:]) != wordCRLF {
		return 0
	}
	r.left = size
	if !r.sizeRead() {
		r.left = 0
		return 0
	}
	return i + 2
}

func (r *ChunkedReader) fail() ([]byte, int, bool, error) {
	r.failed = true
	return nil, 0, false, ErrChunked
}

// sizeEnds handles the byte after the digits.
func (r *ChunkedReader) sizeEnds(c byte) bool {
	r.count = 0
	switch c {
	case '\r':
		r.state = chunkSizeLF
	case ';':
		r.state = chunkExtension
	case ' ', '\t':
		r.state = chunkSpace
	default:
		return false
	}
	return true
}

// sizeRead handles the end of the line that holds a size.
func (r *ChunkedReader) sizeRead() bool {
	r.count = 0
	if r.left == 0 {
		r.state = trailerStart
		return true
	}
	if r.left > math.MaxInt64-r.total {
		return false
	}
	r.total += r.left
	r.state = chunkData
	return true
}

// trailer handles one byte after the last chunk's line.
func (r *ChunkedReader) trailer(c byte) bool {
	r.count++
	if r.count > orDefault(r.TrailerMax, trailerMaxDefault) {
		return false
	}
	switch r.state {
	case trailerStart:
		if c == '\r' {
			r.state = chunkFinalLF
			return true
		}
		r.state = trailerName
		return nameClass[c] != nameRefused && c != ':'
	case trailerName:
		if c == ':' {
			r.state = trailerValue
			return true
		}
		return nameClass[c] != nameRefused
	case trailerValue:
		if c == '\r' {
			r.state = trailerLF
			return true
		}
		return c >= ' ' && c != 0x7f || c == '\t'
	case trailerLF:
		r.state = trailerStart
		return c == '\n'
	case chunkFinalLF:
		r.state = chunkDone
		return c == '\n'
	}
	return false
}
