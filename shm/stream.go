package shm

// stream walks over what follows the head of a slot and lies in its pieces: an entry's key and value, a node's value.
type stream struct {
	off, left uint64 // here, and how much of this slot there is from here
	more      uint32 // the next piece
	steps     uint64
}

func (z *Zone) stream(ref uint32, what uint8, head uint64) stream {
	off, size := uint64(ref)*unit, classSize[what&classMask]
	s := stream{off: off + head, left: size - head}
	if size <= head {
		z.astray()
		s.left = 0
	}
	if what&chained != 0 && s.left >= 8 {
		s.left -= 8
		s.more = z.load32(off + size - 8)
	}
	return s
}

// next goes to the next piece; false if there is none.
func (z *Zone) next(s *stream) bool {
	if s.steps++; s.more == 0 || s.steps > z.geo.pages*64 {
		z.astray()
		return false
	}
	off := uint64(s.more) * unit
	class := z.load32(off+pieceClass) & classMask
	s.off, s.left, s.more = off+pieceData, classSize[class]-pieceData, z.load32(off+pieceNext)
	if class >= classes {
		z.astray()
		return false
	}
	return true
}

// put writes b, filled up to 8 bytes.
func (z *Zone) put(s *stream, b []byte) {
	for len(b) > 0 {
		if s.left == 0 && !z.next(s) {
			return
		}
		n := min(s.left, uint64(len(b)))
		z.putBytes(s.off, b[:n])
		b = b[n:]
		n = (n + 7) &^ 7
		s.off, s.left = s.off+n, s.left-n
	}
}

// get appends n bytes to buf.
func (z *Zone) get(s *stream, buf []byte, n uint64) []byte {
	for n > 0 {
		if s.left == 0 && !z.next(s) {
			return buf
		}
		k := min(s.left, n)
		if k > readMax { // under the lock
			buf = append(buf, z.view(s.off, k)...)
		} else {
			buf = z.getBytes(buf, s.off, k)
		}
		n -= k
		k = (k + 7) &^ 7
		s.off, s.left = s.off+k, s.left-k
	}
	return buf
}

// matches tells whether the next bytes are key, and goes behind them.
func (z *Zone) matches(s *stream, key []byte) bool {
	for len(key) > 0 {
		if s.left == 0 && !z.next(s) {
			return false
		}
		n := min(s.left, uint64(len(key)))
		if !z.equal(s.off, key[:n]) {
			return false
		}
		key = key[n:]
		n = (n + 7) &^ 7
		s.off, s.left = s.off+n, s.left-n
	}
	return true
}
