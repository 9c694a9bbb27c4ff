package number

import "math"

// MaxLen is the longest text that Append produces: sign, 14 digits, point and
// a three-digit exponent with its sign, "-1.2345678901234e-308".
const MaxLen = 21

// Append appends the text of f as %.14g writes it (see AppendFloat). There is
// only one NaN, "nan"; infinities are "inf" and "-inf", negative zero is "-0".
func Append(dst []byte, f float64) []byte {
	// Whole numbers of at most 14 digits need no rounding and no exponent.
	if i := int64(f); float64(i) == f && i > -1e14 && i < 1e14 && (i != 0 || !math.Signbit(f)) {
		return AppendInt(dst, i)
	}
	if a := math.Abs(f); a >= 1e-4 && a < 1e13 {
		return appendDecimal(dst, f)
	}
	if f-f != 0 { // not finite
		switch {
		case f != f:
			return append(dst, "nan"...)
		case f > 0:
			return append(dst, "inf"...)
		}
		return append(dst, "-inf"...)
	}
	return AppendFloat(dst, f, 'g', 14, false)
}

const smalls = "0001020304050607080910111213141516171819" +
	"2021222324252627282930313233343536373839" +
	"4041424344454647484950515253545556575859" +
	"6061626364656667686970717273747576777879" +
	"8081828384858687888990919293949596979899"

// AppendInt appends i in decimal.
func AppendInt(dst []byte, i int64) []byte {
	u := uint64(i)
	if i < 0 {
		dst = append(dst, '-')
		u = -u
	}
	if u < 10 {
		return append(dst, byte('0'+u))
	}
	var buf [20]byte
	p := len(buf)
	for u >= 100 {
		q := u / 100
		d := (u - q*100) * 2
		p -= 2
		buf[p], buf[p+1] = smalls[d], smalls[d+1]
		u = q
	}
	p -= 2
	buf[p], buf[p+1] = smalls[u*2], smalls[u*2+1]
	if u < 10 {
		p++
	}
	return append(dst, buf[p:]...)
}
