package libm

import "math"

// Pow is x^y.
func Pow(x, y float64) float64 {
	switch {
	case y == 2:
		return x * x
	case y == 1:
		return x
	case y == 0.5 && x >= 0 && x <= math.MaxFloat64 && x != 0:
		return math.Sqrt(x)
	case x == 0 || x == 1 || y == 0 || x-x != 0 || y-y != 0:
		return math.Pow(x, y) // not finite, or a case of its own in C
	}
	neg := false
	if x < 0 {
		whole := math.Trunc(y)
		if whole != y {
			return math.NaN()
		}
		neg = math.Abs(y) < 1<<53 && int64(y)&1 != 0
		x = -x
		if x == 1 {
			if neg {
				return -1
			}
			return 1
		}
	}
	hi, lo := logSum(x)
	h := y * hi
	var z float64
	switch {
	case h > 710:
		z = math.Inf(1)
	case h < -746:
		z = 0
	case math.Abs(h) < 0x1p-60:
		z = 1 + h
	default:
		l := math.FMA(y, hi, -h) + float64(y*lo)
		h, l = twoSum(h, l)
		z = expSum(h, l)
	}
	if neg {
		return -z
	}
	return z
}
