package libm

import (
	"math"
	"math/bits"
)

// twoOverPiBits is 2/pi as a binary fraction, behind 64 zeros.
var twoOverPiBits = [...]uint64{
	0x0000000000000000,
	0xa2f9836e4e441529,
	0xfc2757d1f534ddc0,
	0xdb6295993c439041,
	0xfe5163abdebbc561,
	0xb7246e3a424dd2e0,
	0x06492eea09d1921c,
	0xfe1deb1cb129a73e,
	0xe88235f52ebb4484,
	0xe99c7026b45f7e41,
	0x3991d639835339f4,
	0x9c845f8bbdf9283b,
	0x1ff897ffde05980f,
	0xef2f118b5a0a6d1f,
	0x6d367ecf27cb09b7,
	0x4f463f669e5fea2d,
	0x7527bac7ebe5f17b,
	0x3d0739f78a5292ea,
	0x6bfb5fb11f8d5d08,
	0x56033046fc7b6bab,
	0xf0cfbc209af4361d,
}

// reduceLarge is reduce for finite |x| >= 1. With x = m*2^e, the bits of 2/pi above 2^(2-e) only add multiples of four quarter turns;
// of the others 256 are enough, since no float is closer to a multiple of pi/2 than some 2^-62 of it.
func reduceLarge(x float64) (h, l float64, quarter int) {
	b := math.Float64bits(x)
	e := int(b>>52&0x7ff) - 1075
	m := b&(1<<52-1) | 1<<52

	// The bit with weight 2^(1-e) is the first that counts; p is m times 256 bits from there: two of quarter turns, then a fraction.
	first := 64 + (e - 1) - 1
	var p [4]uint64 // from the lowest word
	var carry uint64
	for i := range p {
		at := first + 64*(3-i)
		w := twoOverPiBits[at>>6] << (at & 63)
		if at&63 != 0 {
			w |= twoOverPiBits[at>>6+1] >> (64 - at&63)
		}
		hi, lo := bits.Mul64(w, m)
		var c uint64
		p[i], c = bits.Add64(lo, carry, 0)
		carry = hi + c
	}
	q := int(p[3] >> 62)
	for i := 3; i > 0; i-- {
		p[i] = p[i]<<2 | p[i-1]>>62
	}
	p[0] <<= 2
	minus := p[3]>>63 != 0 // from one half on, the next multiple is the nearest
	if minus {
		q++
		c := uint64(1)
		for i := range p {
			p[i], c = bits.Add64(^p[i], 0, c)
		}
	}
	scale := 0
	for p[3]>>63 == 0 && scale < 192 {
		n := min(max(bits.LeadingZeros64(p[3]), 1), 63)
		for i := 3; i > 0; i-- {
			p[i] = p[i]<<n | p[i-1]>>(64-n)
		}
		p[0] <<= n
		scale += n
	}
	fh := float64(p[3]>>11) * 0x1p-53
	fl := float64(p[3]&(1<<11-1))*0x1p-64 + float64(p[2])*0x1p-128
	h, l = mul(fh, fl, halfPi1, halfPi2)
	h, l = math.Ldexp(h, -scale), math.Ldexp(l, -scale)
	if minus != (x < 0) {
		h, l = -h, -l
	}
	if x < 0 {
		q = -q
	}
	return h, l, q & 3
}
