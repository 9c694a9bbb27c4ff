package h1

// NormalizePath appends the path that raw stands for to dst: percent-decoded, dot segments resolved, and with
// mergeSlashes runs of slashes made one, as nginx does before it looks for a location. raw begins with '/'; '?' and
// '#' end it. An escaped '%', '#' or '?' stays that character and starts nothing.
//
// It fails with ErrPath (400) on a broken escape, on NUL, escaped or not, and on ".." beyond the root. An escaped slash or dot counts
// as itself: /a/%2e%2e/b is /b.
//
// dst must not overlap raw, except that dst may be raw[:0]: the result is never longer than what was read.
func NormalizePath(dst, raw []byte, mergeSlashes bool) ([]byte, error) {
	// The names of the states say what the end of the output so far is.
	const (
		inSegment = iota
		afterSlash
		afterDot    // a segment that is "." so far
		afterDotDot // a segment that is ".." so far
	)
	base := len(dst)
	state := inSegment
	for i := 0; i < len(raw); i++ {
		c := raw[i]
		literal := false // c came from an escape and has no meaning of its own
		if c == '%' {
			if i+2 >= len(raw) {
				return dst[:base], ErrPath
			}
			high, low := hexValue[raw[i+1]], hexValue[raw[i+2]]
			if high|low > 15 {
				return dst[:base], ErrPath
			}
			c = high<<4 | low
			i += 2
			literal = c == '%' || c == '#' || c == '?'
		}
		switch {
		case c == 0:
			return dst[:base], ErrPath
		case literal:
			dst = append(dst, c)
			state = inSegment
		case c == '?' || c == '#':
			raw = raw[:i] // ends the loop
		case c == '/':
			switch state {
			case inSegment:
				dst = append(dst, c)
			case afterSlash:
				if !mergeSlashes {
					dst = append(dst, c)
				}
			case afterDot:
				dst = dst[:len(dst)-1]
			case afterDotDot:
				var ok bool
				if dst, ok = parent(dst, base); !ok {
					return dst[:base], ErrPath
				}
			}
			state = afterSlash
		case c == '.' && state == afterSlash:
			dst = append(dst, c)
			state = afterDot
		case c == '.' && state == afterDot:
			dst = append(dst, c)
			state = afterDotDot
		default:
			dst = append(dst, c)
			state = inSegment
		}
	}
	switch state {
	case afterDot:
		dst = dst[:len(dst)-1]
	case afterDotDot:
		var ok bool
		if dst, ok = parent(dst, base); !ok {
			return dst[:base], ErrPath
		}
	}
	return dst, nil
}

// parent cuts "segment/.." off the end of dst, so that it ends with the slash before segment. With runs of slashes
// kept, the segment may be empty.
func parent(dst []byte, base int) ([]byte, bool) {
	// dst ends with "/..": the search begins left of that slash.
	for i := len(dst) - 4; i >= base; i-- {
		if dst[i] == '/' {
			return dst[:i+1], true
		}
	}
	return dst, false
}

// hexValue gives the value of a hexadecimal digit, 255 for any other byte.
var hexValue = func() (t [256]uint8) {
	for i := range t {
		t[i] = 255
	}
	for i := range 10 {
		t['0'+i] = uint8(i)
	}
	for i := range 6 {
		t['a'+i], t['A'+i] = uint8(10+i), uint8(10+i)
	}
	return t
}()
