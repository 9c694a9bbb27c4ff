package libm

import "math"

// hyperbolicMax is where the exponential stands for all: e^-x doesn't count beside e^x.
const hyperbolicMax = 22

// Cosh is the hyperbolic cosine of x. This and the next two are as far off as glibc's, in the same places: they combine the same
// exponentials in the same way.
func Cosh(x float64) float64 {
	x = math.Abs(x)
	switch {
	case x < 0.5*math.Ln2:
		t := math.Expm1(x)
		if x < 0x1p-55 {
			return 1 + t
		}
		return 1 + float64(t*t)/(2*(1+t))
	case x < hyperbolicMax:
		t := Exp(x)
		return 0.5*t + 0.5/t
	}
	return halfExp(x, 0.5)
}

// Sinh is the hyperbolic sine of x.
func Sinh(x float64) float64 {
	half := math.Copysign(0.5, x)
	a := math.Abs(x)
	switch {
	case a < 0x1p-28 || a != a:
		return x
	case a < 1:
		t := math.Expm1(a)
		return half * (2*t - float64(t*t)/(t+1))
	case a < hyperbolicMax:
		t := math.Expm1(a)
		return half * (t + t/(t+1))
	}
	return halfExp(a, half)
}

// halfExp is half times e^x, which may be a float where e^x is none.
func halfExp(x, half float64) float64 {
	if x < 709.78 {
		return half * Exp(x)
	}
	w := Exp(0.5 * x)
	return float64(half*w) * w
}

// Tanh is the hyperbolic tangent of x.
func Tanh(x float64) float64 {
	a := math.Abs(x)
	var z float64
	switch {
	case a < 0x1p-55 || a != a:
		return x
	case a < 1:
		t := math.Expm1(-2 * a)
		z = -t / (t + 2)
	case a < hyperbolicMax:
		t := math.Expm1(2 * a)
		z = 1 - 2/(t+2)
	default:
		z = 1
	}
	return math.Copysign(z, x)
}
