package number

import (
	"bytes"
	"math"
	"math/bits"
	"strconv"
	"unsafe"
)

// pow10 holds the powers of ten that a float64 represents exactly.
var pow10 = [...]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
	1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22}

// digitsMax is how many decimal digits can matter to the rounding of a
// float64 (767 do); of the rest only whether one is not zero. strconv itself
// counts wrong beyond 800.
const digitsMax = 790

// exponentMax is where an exponent is too large to be one, as in LuaJIT.
const exponentMax = 1 << 20

// Parse reads all of s as a number: decimal ("12", ".5e-3"), hexadecimal with
// an optional fraction and binary exponent ("0x1.8p3"), binary ("0b101"),
// "inf", "infinity" or "nan" in any case, each with an optional sign and with
// white space on both sides. Decimal and hexadecimal values are rounded once,
// to even. Everything else is no number: the empty string, an embedded NUL,
// digits after the 64th in binary, an exponent of 2^20 and more.
func Parse(s []byte) (float64, bool) {
	// Most numbers are a few decimal digits.
	if n := len(s); n > 0 && n < 16 && s[0]-'0' < 10 {
		var x int64
		i := 0
		for ; i < n; i++ {
			d := s[i] - '0'
			if d > 9 {
				break
			}
			x = x*10 + int64(d)
		}
		if i == n {
			return float64(x), true
		}
	}
	return parse(s)
}

func isSpace(c byte) bool { return c == ' ' || c-'\t' < 5 }

func parse(s []byte) (float64, bool) {
	for len(s) > 0 && isSpace(s[0]) {
		s = s[1:]
	}
	for len(s) > 0 && isSpace(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	neg := false
	if len(s) > 0 && (s[0] == '-' || s[0] == '+') {
		neg = s[0] == '-'
		s = s[1:]
	}
	if len(s) == 0 {
		return 0, false
	}
	var f float64
	var ok bool
	switch {
	case s[0] >= 'A':
		f, ok = parseWord(s)
	case len(s) > 1 && s[0] == '0' && s[1]|0x20 == 'x':
		f, ok = parseHex(s[2:])
	case len(s) > 1 && s[0] == '0' && s[1]|0x20 == 'b':
		f, ok = parseBinary(s[2:])
	default:
		f, ok = parseDecimal(s)
	}
	if neg {
		f = -f
	}
	return f, ok
}

func parseWord(s []byte) (float64, bool) {
	switch {
	case bytes.EqualFold(s, []byte("inf")), bytes.EqualFold(s, []byte("infinity")):
		return math.Inf(1), true
	case bytes.EqualFold(s, []byte("nan")):
		return math.NaN(), true
	}
	return 0, false
}

// parseExponent reads [+-]digits, which must be all of s.
func parseExponent(s []byte) (int, bool) {
	neg := false
	if len(s) > 0 && (s[0] == '-' || s[0] == '+') {
		neg = s[0] == '-'
		s = s[1:]
	}
	if len(s) == 0 {
		return 0, false
	}
	x := 0
	for _, c := range s {
		if c-'0' > 9 {
			return 0, false
		}
		if x = x*10 + int(c-'0'); x >= exponentMax {
			return 0, false
		}
	}
	if neg {
		x = -x
	}
	return x, true
}

func parseDecimal(s []byte) (float64, bool) {
	var mant uint64 // the first 19 significant digits
	digits := 0     // significant digits: from the first that isn't zero on
	first := 0      // index of that first digit
	seen := false   // any digit at all, or a point
	point := false
	exp := 0 // power of ten of the last digit read
	i := 0
	for ; i < len(s); i++ {
		c := s[i]
		if c == '.' {
			if point {
				return 0, false
			}
			point = true
			continue
		}
		d := c - '0'
		if d > 9 {
			break
		}
		seen = true
		if point {
			exp--
		}
		if digits == 0 {
			if d == 0 {
				continue
			}
			first = i
		}
		digits++
		if digits <= 19 {
			mant = mant*10 + uint64(d)
		}
	}
	if !seen {
		return 0, false
	}
	end := i
	if i < len(s) {
		if s[i]|0x20 != 'e' {
			return 0, false
		}
		e, ok := parseExponent(s[i+1:])
		if !ok {
			return 0, false
		}
		exp += e
	}
	if digits == 0 {
		return 0, true
	}
	// Both factors exact: one rounding, and so the right result.
	if digits <= 19 && mant <= 1<<53 {
		switch {
		case exp == 0:
			return float64(mant), true
		case exp > 0 && exp < len(pow10):
			return float64(mant) * pow10[exp], true
		case exp < 0 && -exp < len(pow10):
			return float64(mant) / pow10[-exp], true
		}
	}
	if magnitude := digits + exp; magnitude > 310 { // the value is below 10^magnitude
		return math.Inf(1), true
	} else if magnitude < -326 {
		return 0, true
	}
	return roundDecimal(s[first:end], exp)
}

// roundDecimal converts digits (which may hold a point) times 10^exp. It
// copies them to a text of bounded length for strconv.
func roundDecimal(digits []byte, exp int) (float64, bool) {
	var buf [digitsMax + 16]byte
	n, rest := 0, 0
	sticky := false
	for _, c := range digits {
		switch {
		case c == '.':
		case n < digitsMax:
			buf[n] = c
			n++
		default:
			rest++
			sticky = sticky || c != '0'
		}
	}
	exp += rest
	if sticky {
		buf[n] = '1'
		n++
		exp--
	}
	buf[n] = 'e'
	text := strconv.AppendInt(buf[:n+1], int64(exp), 10)
	// The error can only be one of range; f is then infinite, as it should be.
	f, _ := strconv.ParseFloat(unsafe.String(&text[0], len(text)), 64)
	return f, true
}

// HexDigit is the value of a hexadecimal digit.
func HexDigit(c byte) (uint64, bool) {
	switch {
	case c-'0' < 10:
		return uint64(c - '0'), true
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return uint64(c|0x20-'a') + 10, true
	}
	return 0, false
}

func parseHex(s []byte) (float64, bool) {
	var mant uint64
	seen, point, sticky := false, false, false
	exp := 0
	i := 0
	for ; i < len(s); i++ {
		c := s[i]
		if c == '.' {
			if point {
				return 0, false
			}
			point = true
			continue
		}
		d, ok := HexDigit(c)
		if !ok {
			break
		}
		seen = true
		if mant>>60 == 0 {
			mant = mant<<4 | d
			if point {
				exp -= 4
			}
			continue
		}
		sticky = sticky || d != 0
		if !point {
			exp += 4
		}
	}
	if !seen {
		return 0, false
	}
	if i < len(s) {
		if s[i]|0x20 != 'p' {
			return 0, false
		}
		e, ok := parseExponent(s[i+1:])
		if !ok {
			return 0, false
		}
		exp += e
	}
	return scale(mant, sticky, exp), true
}

// parseBinary reads binary digits, at most 64 from the first 1 on.
func parseBinary(s []byte) (float64, bool) {
	var mant uint64
	for _, c := range s {
		d := c - '0'
		if d > 1 || mant>>63 != 0 {
			return 0, false
		}
		mant = mant<<1 | uint64(d)
	}
	return float64(mant), len(s) > 0
}

// scale returns mant * 2^exp rounded once to even; sticky says that the true
// value lies above mant by less than one.
func scale(mant uint64, sticky bool, exp int) float64 {
	if mant == 0 {
		return 0
	}
	// Normalise: the leading bit becomes bit 63, and so the value is in
	// [2^(exp+63), 2^(exp+64)).
	shift := bits.LeadingZeros64(mant)
	mant <<= shift
	exp -= shift
	top := exp + 63
	if top > 1023 {
		return math.Inf(1)
	}
	drop := 11 // bits below the 53 that are kept
	if top < -1022 {
		drop += -1022 - top
		if drop > 64 {
			return 0
		}
	}
	var kept, half uint64
	if drop == 64 { // less than the least denormal: only rounding can raise it
		kept, half = 0, mant
	} else {
		kept, half = mant>>drop, mant<<(64-drop)
	}
	// half holds the dropped bits, its top bit being one half of the last place.
	if half > 1<<63 || half == 1<<63 && (sticky || kept&1 != 0) {
		kept++
	}
	if top < -1022 {
		return math.Float64frombits(kept) // a carry becomes the least normal number by itself
	}
	return math.Ldexp(float64(kept), exp+11)
}
