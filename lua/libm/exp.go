package libm

import "math"

const (
	stepsPerLn2 = 0x1.71547652b82fep+7 // 128/ln 2
	stepShort   = 0x1.62e42fef8p-8     // ln 2/128 in 34 bits: exact times a step number
	stepRest    = 0x1.1cf79abc9e3b4p-43

	expMax = 709.782712893384   // above, the result overflows
	expMin = -745.1332191019412 // below, it is 0
)

// expSum returns e^(hi+lo), where lo is much smaller than hi and hi is within
// -800..800.
//
// hi = n ln2/128 + r; the result is 2^(n/128) * e^r, with a table for n mod 128.
func expSum(hi, lo float64) float64 {
	n := math.RoundToEven(hi * stepsPerLn2)
	r := hi - float64(n*stepShort) - float64(n*stepRest) + lo
	i := int(n)
	t := &expTable[i&127]
	k := i >> 7
	q := r + float64(r*r)*(0.5+r*(1.0/6+r*(1.0/24+r*(1.0/120+r*(1.0/720)))))
	tail := t.lo + float64(t.hi*q)
	if k >= -1021 && k <= 1023 {
		return (t.hi + tail) * math.Float64frombits(uint64(k+1023)<<52)
	}
	if k > 1023 {
		if k > 1025 {
			return math.Inf(1)
		}
		return (t.hi + tail) * 0x1p1023 * math.Float64frombits(uint64(k)<<52)
	}
	// A denormal, or nearly: round once, at the place where its last bit is. In
	// units of 2^-1022 that is the last bit of numbers in [1,2).
	scale := math.Ldexp(1, k+1022)
	a, b := t.hi*scale, tail*scale
	s, e := twoSum(1, a)
	return (s + (e + b) - 1) * 0x1p-1022
}

// Exp is e^x.
func Exp(x float64) float64 {
	switch {
	case x > expMax || x < expMin || x != x:
		return math.Exp(x)
	case math.Abs(x) < 0x1p-54:
		return 1 + x
	}
	return expSum(x, 0)
}
