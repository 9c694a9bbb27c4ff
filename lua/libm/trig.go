package libm

import "math"

const (
	twoOverPi = 0x1.45f306dc9c883p-1

	// pi/2 as a sum of three floats: 160 bits.
	halfPi1 = 0x1.921fb54442d18p+0
	halfPi2 = 0x1.1a62633145c07p-54
	halfPi3 = -0x1.f1976b7ed8fbcp-110

	// trigMax bounds the arguments: beyond, the number of quarter turns times
	// halfPi3 is no longer small enough.
	trigMax = 1 << 28
)

// reduce returns x minus the nearest multiple of pi/2 as a sum, and the
// multiple modulo 4. x is finite.
func reduce(x float64) (h, l float64, quarter int) {
	if math.Abs(x) <= math.Pi/4 {
		return x, 0, 0
	}
	if math.Abs(x) >= trigMax {
		return reduceLarge(x)
	}
	n := math.RoundToEven(x * twoOverPi)
	p1 := n * halfPi1
	e1 := math.FMA(n, halfPi1, -p1)
	p2 := n * halfPi2
	e2 := math.FMA(n, halfPi2, -p2)
	h = x - p1 // exact: the two are neighbours
	h, l = sum(h, -e1)
	var e float64
	h, e = sum(h, -p2)
	l += e
	l -= e2 + float64(n*halfPi3)
	h, l = twoSum(h, l)
	return h, l, int(int64(n)) & 3
}

// sum is twoSum for any order of magnitudes.
func sum(a, b float64) (s, e float64) {
	s = a + b
	t := s - a
	return s, (a - (s - t)) + (b - t)
}

// sinSum is the sine of h+l, |h| <= pi/4, as a sum: r - r^3/6 + ..., of which
// the first two terms are sums themselves.
func sinSum(h, l float64) (sh, sl float64) {
	r2, e2 := mul(h, l, h, l)
	t, te := mul(r2, e2, h, l)
	t, te = mul(t, te, -0x1.5555555555555p-3, -0x1.5555555555555p-57) // -1/6
	z := r2
	rest := 1.0/120 + z*(-1.0/5040+z*(1.0/362880+z*(-1.0/39916800+z*(1.0/6227020800+z*(-1.0/1307674368000+z*(1.0/355687428096000-z*(1.0/121645100408832000)))))))
	rest *= float64(z*z) * h
	sh, sl = twoSum(h, t)
	return twoSum(sh, sl+(l+te+rest))
}

// cosSum is the cosine of h+l, |h| <= pi/4, as a sum: 1 - r^2/2 + ..., of which
// the first two terms are exact, nearly.
func cosSum(h, l float64) (ch, cl float64) {
	z, e := mul(h, l, h, l)
	ch, cl = twoSum(1, -z/2)
	cl -= e / 2
	rest := 1.0/24 + z*(-1.0/720+z*(1.0/40320+z*(-1.0/3628800+z*(1.0/479001600+z*(-1.0/87178291200+z*(1.0/20922789888000-z*(1.0/6402373705728000)))))))
	return twoSum(ch, cl+float64(z*z)*rest)
}

// Sin is the sine of x radians.
func Sin(x float64) float64 {
	if !(math.Abs(x) < math.Inf(1)) || math.Abs(x) < 0x1p-26 {
		return math.Sin(x)
	}
	h, l, q := reduce(x)
	var s, e float64
	if q&1 == 0 {
		s, e = sinSum(h, l)
	} else {
		s, e = cosSum(h, l)
	}
	if q&2 != 0 {
		return -(s + e)
	}
	return s + e
}

// Cos is the cosine of x radians.
func Cos(x float64) float64 {
	if !(math.Abs(x) < math.Inf(1)) {
		return math.Cos(x)
	}
	h, l, q := reduce(x)
	var s, e float64
	if q&1 == 0 {
		s, e = cosSum(h, l)
	} else {
		s, e = sinSum(h, l)
	}
	if q == 1 || q == 2 {
		return -(s + e)
	}
	return s + e
}

// Tan is the tangent of x radians.
func Tan(x float64) float64 {
	if !(math.Abs(x) < math.Inf(1)) || math.Abs(x) < 0x1p-27 {
		return math.Tan(x)
	}
	h, l, q := reduce(x)
	sh, sl := sinSum(h, l)
	ch, cl := cosSum(h, l)
	if q&1 != 0 {
		sh, sl, ch, cl = -ch, -cl, sh, sl
	}
	t := sh / ch
	return t + (math.FMA(-t, ch, sh)+sl-float64(t*cl))/ch
}

// Atan is the arc tangent in radians: Go's, improved by one step of Newton's
// method.
func Atan(x float64) float64 {
	y := math.Atan(x)
	if !(math.Abs(x) < 0x1p60) || math.Abs(x) < 0x1p-27 {
		return y
	}
	return y + atanStep(x, 1, y)
}

// atanStep is how far y, close to the angle of the point (v, u), is from it:
// the sine of the difference over the point's distance.
func atanStep(u, v, y float64) float64 {
	a := math.Abs(y)
	sh, sl, ch, cl := 0.0, 0.0, 0.0, 0.0
	h, l, q := reduce(a)
	sh, sl = sinSum(h, l)
	ch, cl = cosSum(h, l)
	for ; q > 0; q-- { // a quarter turn each
		sh, sl, ch, cl = ch, cl, -sh, -sl
	}
	if y < 0 {
		sh, sl = -sh, -sl
	}
	p := u * ch
	pe := math.FMA(u, ch, -p) + float64(u*cl)
	r := v * sh
	re := math.FMA(v, sh, -r) + float64(v*sl)
	return ((p - r) + (pe - re)) / (float64(u*sh) + float64(v*ch))
}

// Atan2 is the angle of the point (x, y) in radians.
func Atan2(y, x float64) float64 {
	a := math.Atan2(y, x)
	ay, ax := math.Abs(y), math.Abs(x)
	// Within these bounds no product overflows or loses bits.
	if !(ay > 0x1p-400 && ay < 0x1p400 && ax > 0x1p-400 && ax < 0x1p400) || ay < ax*0x1p-100 || ax < ay*0x1p-100 {
		return a
	}
	return a + atanStep(y, x, a)
}

// Asin is the arc sine in radians.
func Asin(x float64) float64 {
	if !(math.Abs(x) < 1) || math.Abs(x) < 0x1p-26 {
		return math.Asin(x)
	}
	c, ce := root(x)
	y := math.Atan2(x, c)
	// Besides the step for (c, x): c itself is short of ce, which turns the
	// point by -x*ce.
	return y + (atanStep(x, c, y) - float64(x*ce))
}

// Acos is the arc cosine in radians.
func Acos(x float64) float64 {
	if !(math.Abs(x) < 1) {
		return math.Acos(x)
	}
	c, ce := root(x)
	y := math.Atan2(c, x)
	return y + (atanStep(c, x, y) + float64(x*ce))
}

// root is the square root of 1-x^2 as a sum.
func root(x float64) (c, ce float64) {
	p := x * x
	e := math.FMA(x, x, -p)
	h, l := sum(1, -p)
	l -= e
	h, l = twoSum(h, l)
	c = math.Sqrt(h)
	return c, (math.FMA(-c, c, h) + l) / (2 * c)
}
