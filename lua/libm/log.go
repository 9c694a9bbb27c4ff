package libm

import "math"

const (
	ln2Short = 0x1.62e42fefap-1 // ln 2 in 38 bits: exact times an exponent
	ln2Rest  = 0x1.cf79abc9e3b3ap-40

	logLow = 0x3fe6900900000000 // bits of the least mantissa, 0.705...
)

// twoSum returns a+b as the rounded sum and its error; |a| >= |b| or a == 0.
func twoSum(a, b float64) (s, e float64) {
	s = a + b
	return s, b - (s - a)
}

// mul returns (ah+al) * (bh+bl).
func mul(ah, al, bh, bl float64) (h, l float64) {
	h = ah * bh
	l = math.FMA(ah, bh, -h)
	l += float64(ah*bl) + float64(al*bh)
	return twoSum(h, l)
}

// logSum returns ln x as a sum whose relative error is below 2^-70. x is finite
// and greater than 0.
//
// x = 2^k * m with m around 1; inv is about 1/m, r = m*inv-1 is small and exact
// as a sum. ln x = k ln 2 - ln inv + ln(1+r). Around 1 itself, k and ln inv are
// 0, so that nothing cancels.
func logSum(x float64) (hi, lo float64) {
	k := 0.0
	b := math.Float64bits(x)
	if b < 1<<52 { // denormal
		b = math.Float64bits(x * (1 << 52))
		k = -52
	}
	b -= logLow
	k += float64(int64(b) >> 52)
	t := &logTable[b>>45&127]
	m := math.Float64frombits(b&(1<<52-1) + logLow)

	p := m * t.inv
	rh, rl := twoSum(p-1, math.FMA(m, t.inv, -p)) // p-1 is exact

	// ln(1+r) = r - r^2/2 + r^3/3 - ...; the first three terms as sums.
	s2, e2 := mul(rh, rl, rh, rl)
	s3, e3 := mul(s2, e2, rh, rl)
	s3, e3 = mul(s3, e3, 0x1.5555555555555p-2, 0x1.5555555555555p-56)
	r4 := s2 * s2
	rest := r4 * (-1.0/4 + rh*(1.0/5+rh*(-1.0/6+rh*(1.0/7+rh*(-1.0/8+rh*(1.0/9-rh*(1.0/10)))))))

	h, l := twoSum(rh, -s2/2)
	l += rl - e2/2
	h3, l3 := twoSum(h, s3)
	l += l3 + e3 + rest
	h = h3

	if k == 0 && t.inv == 1 {
		return twoSum(h, l)
	}
	// Each of the three is bigger than what is added to it.
	kh := k * ln2Short
	a, al := kh, 0.0
	if math.Abs(kh) >= math.Abs(t.hi) {
		a, al = twoSum(kh, t.hi)
	} else {
		a, al = twoSum(t.hi, kh)
	}
	if math.Abs(a) >= math.Abs(h) {
		var e float64
		a, e = twoSum(a, h)
		al += e
	} else {
		var e float64
		a, e = twoSum(h, a)
		al += e
	}
	return twoSum(a, al+(l+t.lo+float64(k*ln2Rest)))
}

// Log is the natural logarithm.
func Log(x float64) float64 {
	if !(x > 0) || x > math.MaxFloat64 {
		return math.Log(x)
	}
	hi, lo := logSum(x)
	return hi + lo
}

// Log2 is the logarithm to base 2, exact for powers of 2.
func Log2(x float64) float64 {
	if !(x > 0) || x > math.MaxFloat64 {
		return math.Log(x)
	}
	hi, lo := logSum(x)
	hi, lo = mul(hi, lo, 0x1.71547652b82fep+0, 0x1.777d0ffda0d24p-56)
	return hi + lo
}

// Log10 is the logarithm to base 10, exact for powers of 10. It is not the best
// but glibc's, bit for bit, which may be off by one unit more: with x = 2^k * m,
// the parts k log 2 and log m are added in plain arithmetic.
func Log10(x float64) float64 {
	if !(x > 0) || x > math.MaxFloat64 {
		return math.Log(x)
	}
	const (
		perLn    = 4.34294481903251816668e-01 // 1/ln 10
		twoShort = 3.01029995663611771306e-01 // log10 2, in few bits and the rest
		twoRest  = 3.69423907715893078616e-13
	)
	k := 0
	b := math.Float64bits(x)
	if b < 1<<52 { // denormal
		b = math.Float64bits(x * (1 << 54))
		k = -54
	}
	k += int(b>>52) - 1023
	half := 0
	if k < 0 {
		half = 1 // m in [0.5,1)
	}
	y := float64(k + half)
	m := math.Float64frombits(b&(1<<52-1) | uint64(1023-half)<<52)
	z := float64(y*twoRest) + float64(perLn*Log(m))
	return z + float64(y*twoShort)
}
