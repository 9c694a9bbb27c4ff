package number

import (
	"math"
	"math/bits"
)

// Texts with a fixed number of decimals are whole numbers with a point in them: f*10^p fits in 128 bits for the usual
// f and p, and so is rounded exactly.

// tens holds the powers of ten below 2^57: times a mantissa they are below 2^110.
var tens = func() (p [18]uint64) {
	p[0] = 1
	for i := 1; i < len(p); i++ {
		p[i] = p[i-1] * 10
	}
	return p
}()

// scaled returns |f|*10^p, rounded to a whole number with ties away from zero; ok is false if f is too large for that,
// or not finite. p is an index of tens.
func scaled(f float64, p int) (n uint64, ok bool) {
	b := math.Float64bits(f)
	mant, exp := b&(1<<52-1), int(b>>52&0x7ff)
	if exp == 0 {
		exp = 1
	} else {
		mant |= 1 << 52
	}
	shift := 1075 - exp // |f| = mant / 2^shift
	if shift < 1 {
		return 0, false
	}
	if shift > 111 {
		return 0, true // less than a half
	}
	hi, lo := bits.Mul64(mant, tens[p])
	if shift > 64 {
		hi += 1 << (shift - 65)
		return hi >> (shift - 64), true
	}
	lo, carry := bits.Add64(lo, 1<<(shift-1), 0)
	hi += carry
	return hi<<(64-shift) | lo>>shift, hi>>shift == 0
}

// appendScaled appends n/10^p with p decimals, or if trim is set without those at the end that are 0, of which there are at most 15.
func appendScaled(dst []byte, n uint64, p int, trim bool) []byte {
	var buf [40]byte // up to 20 digits, or p and a zero in front, and the point
	end := len(buf)
	at := end
	if trim {
		if q := n / 1e8; p >= 8 && q*1e8 == n {
			n, p = q, p-8
		}
		if q := n / 1e4; p >= 4 && q*1e4 == n {
			n, p = q, p-4
		}
		if q := n / 100; p >= 2 && q*100 == n {
			n, p = q, p-2
		}
		if q := n / 10; p >= 1 && q*10 == n {
			n, p = q, p-1
		}
	}
	if p > 0 {
		for ; p > 1; p -= 2 {
			q := n / 100
			d := (n - q*100) * 2
			at -= 2
			buf[at], buf[at+1] = smalls[d], smalls[d+1]
			n = q
		}
		if p > 0 {
			q := n / 10
			at--
			buf[at] = byte('0' + n - q*10)
			n = q
		}
		at--
		buf[at] = '.'
	}
	for n >= 100 {
		q := n / 100
		d := (n - q*100) * 2
		at -= 2
		buf[at], buf[at+1] = smalls[d], smalls[d+1]
		n = q
	}
	at -= 2
	buf[at], buf[at+1] = smalls[n*2], smalls[n*2+1]
	if n < 10 {
		at++
	}
	return append(dst, buf[at:end]...)
}

// appendDecimal is Append for a number without an exponent in its text: 1e-4 <= |f| < 1e13.
func appendDecimal(dst []byte, f float64) []byte {
	if f < 0 {
		dst = append(dst, '-')
		f = -f
	}
	// 14 digits: f*10^p is to lie between 10^13 and 10^14. 2^k <= f < 2^(k+1).
	k := int(math.Float64bits(f)>>52) - 1023
	p := min(13-k*1233>>12, len(tens)-1) // log10(2) is about 1233/4096: at most one too many
	n, _ := scaled(f, p)
	if n >= 1e14 {
		p--
		n, _ = scaled(f, p)
	}
	return appendScaled(dst, n, p, true)
}
