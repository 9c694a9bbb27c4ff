package number

import (
	"math"
	"math/bits"
	"strconv"
)

// AppendFloat appends a finite f as C's printf writes it for the verbs e, f
// and g with the precision prec; alt is the flag '#': a point even without
// digits after it and, for g, trailing zeros. It differs from C, as LuaJIT
// does, where f lies exactly between two texts: it then rounds away from zero
// (%.0f of 0.5 is "1").
func AppendFloat(dst []byte, f float64, verb byte, prec int, alt bool) []byte {
	start := len(dst)
	if verb == 'g' {
		prec = max(prec, 1)
		up := tie(f, prec)
		if up && prec <= 15 {
			// Digits this coarse are further apart than floats: the next float is
			// no tie, and rounds the way that is wanted.
			f = math.Float64frombits(math.Float64bits(f) + 1)
			up = false
		}
		if up = up && evenBeforeTie(f); up || alt {
			dst = appendGAlt(dst, f, prec)
			if up {
				bumpLast(dst[start:])
			}
			if !alt && dst[len(dst)-1] == '.' {
				dst = dst[:len(dst)-1]
			}
			return dst
		}
		// strconv drops trailing zeros and writes at least two digits of exponent, as C does.
		return strconv.AppendFloat(dst, f, 'g', prec, 64)
	}
	if verb == 'f' && prec < len(tens) && !alt {
		if n, ok := scaled(f, prec); ok {
			if math.Signbit(f) {
				dst = append(dst, '-')
			}
			return appendScaled(dst, n, prec, false)
		}
	}
	dst = strconv.AppendFloat(dst, f, verb, prec, 64)
	if (verb == 'e' && tie(f, prec+1) || verb == 'f' && tieAt(f, -prec)) && evenBeforeTie(f) {
		bumpLast(dst[start:])
	}
	if alt && prec == 0 {
		i := len(dst)
		if verb == 'e' {
			for i = start + 1; dst[i] != 'e'; i++ {
			}
		}
		dst = append(dst, 0)
		copy(dst[i+1:], dst[i:])
		dst[i] = '.'
	}
	return dst
}

// bumpLast adds one to the last digit before the exponent, an even one.
func bumpLast(text []byte) {
	last := 0
	for i, c := range text {
		if c == 'e' {
			break
		}
		if c-'0' < 10 {
			last = i
		}
	}
	text[last]++
}

// appendGAlt is %#.<prec>g.
func appendGAlt(dst []byte, f float64, prec int) []byte {
	start := len(dst)
	dst = strconv.AppendFloat(dst, f, 'e', prec-1, 64)
	i := len(dst) - 1
	exp, unit := 0, 1
	for ; dst[i]-'0' < 10; i-- {
		exp += int(dst[i]-'0') * unit
		unit *= 10
	}
	if dst[i] == '-' {
		exp = -exp
	}
	if exp >= -4 && exp < prec {
		dst = strconv.AppendFloat(dst[:start], f, 'f', prec-1-exp, 64)
		if prec-1-exp == 0 {
			dst = append(dst, '.')
		}
	} else if prec == 1 {
		i-- // at the 'e'
		dst = append(dst, 0)
		copy(dst[i+1:], dst[i:])
		dst[i] = '.'
	}
	return dst
}

// split returns f's mantissa without trailing zero bits and the exponent:
// |f| = mant * 2^exp, mant odd. f is finite and not zero.
func split(f float64) (mant uint64, exp int) {
	b := math.Float64bits(f)
	mant = b & (1<<52 - 1)
	exp = int(b >> 52 & 0x7ff)
	if exp == 0 {
		exp = 1
	} else {
		mant |= 1 << 52
	}
	tz := bits.TrailingZeros64(mant)
	return mant >> tz, exp - 1075 + tz
}

// pow5 holds the powers of five below 2^64.
var pow5 = func() (p [28]uint64) {
	p[0] = 1
	for i := 1; i < len(p); i++ {
		p[i] = p[i-1] * 5
	}
	return p
}()

// tieAt tells whether f lies exactly between two multiples of 10^pos.
//
// f is mant*2^exp. With exp < 0 its last decimal digit, a 5, stands at
// 10^exp; so that must be the first one to go. With exp >= 0, f is an odd
// multiple of 10^pos/2 = 5^pos * 2^(pos-1).
func tieAt(f float64, pos int) bool {
	if f == 0 {
		return false
	}
	mant, exp := split(f)
	return exp == pos-1 && (pos <= 0 || pos < len(pow5) && mant%pow5[pos] == 0)
}

// tie tells whether f lies exactly between two numbers of prec significant
// digits. As its exact expansion then has prec+1 digits, of which mant*5^-exp
// must fit, there are few candidates, and most calls end at the first test.
func tie(f float64, prec int) bool {
	if f == 0 {
		return false
	}
	mant, exp := split(f)
	if exp < -1074 || exp > 22 {
		return false
	}
	if exp >= 0 {
		// |f| = digits * 10^exp
		pos := exp + 1
		if pos >= len(pow5) || mant%pow5[pos] != 0 {
			return false
		}
		digits := mant / pow5[exp]
		return decimals(digits) == prec+1
	}
	if -exp < len(pow5) {
		if hi, lo := bits.Mul64(mant, pow5[-exp]); hi == 0 {
			return decimals(lo) == prec+1
		}
	}
	if prec < 19 { // the expansion has more than 19 digits
		return false
	}
	// Rare: a wide precision. Count the digits before the last, which stands at 10^exp.
	var buf [800]byte
	text := strconv.AppendFloat(buf[:0], math.Abs(f), 'e', 780, 64)
	n := 0
	for i, c := range text {
		if c == 'e' {
			break
		}
		if c-'1' < 9 {
			n = i
		}
	}
	if n == 0 {
		n = 1 // a single digit; otherwise the point makes up for counting from 0
	}
	return n == prec+1
}

// evenBeforeTie tells whether the digit in front of the last one of f's exact
// expansion, a 5 on which f is a tie, is even: strconv, which rounds to even,
// has then rounded down.
func evenBeforeTie(f float64) bool {
	mant, exp := split(f)
	var digits uint64 // modulo 100
	switch {
	case exp >= 0:
		digits = mant / pow5[exp]
	case exp == -1:
		digits = mant % 100 * 5
	default: // 5^k is 25 modulo 100
		digits = mant % 100 * 25
	}
	return digits/10%2 == 0
}

// decimals is the number of decimal digits of u.
func decimals(u uint64) int {
	n := 1
	for u >= 10 {
		u /= 10
		n++
	}
	return n
}

// AppendHex appends a finite f as C's %a does: "0x1.8p+3", with prec hex digits
// after the point, or as many as f needs if prec < 0. Ties round away from
// zero, and denormals are written normalised, both as LuaJIT has it.
func AppendHex(dst []byte, f float64, prec int, alt bool) []byte {
	if math.Signbit(f) {
		dst = append(dst, '-')
	}
	dst = append(dst, "0x"...)
	mant, exp := uint64(0), 0
	if f != 0 {
		mant, exp = split(f)
		shift := bits.LeadingZeros64(mant) - 11 // the leading 1 to bit 52
		mant <<= shift
		exp += 52 - shift
	}
	if prec >= 0 && prec < 13 {
		drop := 52 - 4*prec
		mant = (mant + 1<<(drop-1)) >> drop << drop // the lead may become 2
	}
	dst = append(dst, byte('0'+mant>>52))
	mant &= 1<<52 - 1
	if prec < 0 {
		prec = 0
		if mant != 0 {
			prec = 13 - bits.TrailingZeros64(mant)/4
		}
	}
	if prec > 0 || alt {
		dst = append(dst, '.')
	}
	for ; prec > 0; prec-- {
		dst = append(dst, "0123456789abcdef"[mant>>48&15])
		mant <<= 4
	}
	dst = append(dst, 'p')
	if exp >= 0 {
		dst = append(dst, '+')
	}
	return AppendInt(dst, int64(exp))
}
