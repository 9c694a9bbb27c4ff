package libm

import (
	"math"
	"math/big"
	"math/rand"
	"testing"
)

// bigSinCos returns sine and cosine of x, by their series: |x| up to 20.
func bigSinCos(x *big.Float) (s, c *big.Float) {
	s, c = newBig(0), newBig(0)
	t := newBig(1)
	for i := 0; i < 160; i++ {
		switch i % 4 {
		case 0:
			c.Add(c, t)
		case 1:
			s.Add(s, t)
		case 2:
			c.Sub(c, t)
		case 3:
			s.Sub(s, t)
		}
		t = newBig(0).Quo(newBig(0).Mul(t, x), newBig(float64(i+1)))
	}
	return s, c
}

// bigAtan2 improves a by Newton's method to the angle of (x, y).
func bigAtan2(y, x, a float64) *big.Float {
	z := newBig(a)
	for range 4 {
		s, c := bigSinCos(z)
		num := newBig(0).Sub(newBig(0).Mul(newBig(y), c), newBig(0).Mul(newBig(x), s))
		den := newBig(0).Add(newBig(0).Mul(newBig(y), s), newBig(0).Mul(newBig(x), c))
		z.Add(z, num.Quo(num, den))
	}
	return z
}

func TestTrigErrors(t *testing.T) {
	r := rand.New(rand.NewSource(2))
	worst := map[string]float64{}
	check := func(name string, got float64, want *big.Float, args ...float64) {
		u := ulps(got, want)
		worst[name] = max(worst[name], u)
		if u > errorMax && !(name == "Tan" && u < 0.54) {
			t.Errorf("%s%v = %v: %.3f ulps off", name, args, got, u)
		}
	}
	for i := range 800 {
		x := r.NormFloat64() * math.Ldexp(1, r.Intn(10)-6)
		if i%8 == 0 { // close to a multiple of pi/2
			x = float64(r.Intn(20)-10)*math.Pi/2 + r.NormFloat64()*math.Ldexp(1, -r.Intn(50))
		}
		if math.Abs(x) > 20 || math.Abs(x) < 1e-20 {
			continue
		}
		s, c := bigSinCos(newBig(x))
		check("Sin", Sin(x), s, x)
		check("Cos", Cos(x), c, x)
		check("Tan", Tan(x), newBig(0).Quo(s, c), x)
		check("Atan", Atan(x), bigAtan2(x, 1, math.Atan(x)), x)
		y := r.NormFloat64() * math.Ldexp(1, r.Intn(10)-5)
		check("Atan2", Atan2(y, x), bigAtan2(y, x, math.Atan2(y, x)), y, x)
		if z := math.Mod(x, 1); math.Abs(z) > 1e-10 && math.Abs(z) < 1 {
			if i%8 == 1 {
				z = 1 - math.Abs(z)*math.Ldexp(1, -r.Intn(40))
			}
			if z >= 1 {
				continue
			}
			c := newBig(0).Sqrt(newBig(0).Sub(newBig(1), newBig(0).Mul(newBig(z), newBig(z))))
			// Newton for sin y = z and cos y = z, with the other leg at full precision.
			y := newBig(math.Asin(z))
			w := newBig(math.Acos(z))
			for range 4 {
				sy, cy := bigSinCos(y)
				y.Add(y, newBig(0).Sub(newBig(0).Mul(newBig(z), cy), newBig(0).Mul(c, sy)))
				sw, cw := bigSinCos(w)
				w.Add(w, newBig(0).Sub(newBig(0).Mul(c, cw), newBig(0).Mul(newBig(z), sw)))
			}
			check("Asin", Asin(z), y, z)
			check("Acos", Acos(z), w, z)
		}
	}
	t.Logf("worst errors in ulps: %v", worst)
}

func TestTrigLargeArguments(t *testing.T) {
	// Known values, by arbitrary precision.
	for _, c := range []struct{ x, sin, cos float64 }{
		{1e5, 0.03574879797201651, -0.9993608074382124}, {1e8, 0.931639027109726, -0.3633850893556905}, {1<<28 - 1, -0.39352367567297836, -0.9193144819292409},
	} {
		if got := Sin(c.x); got != c.sin {
			t.Errorf("Sin(%v) = %v, want %v", c.x, got, c.sin)
		}
		if got := Cos(c.x); got != c.cos {
			t.Errorf("Cos(%v) = %v, want %v", c.x, got, c.cos)
		}
	}
}

// TestTrigVeryLargeArguments: the last but two is the float nearest to a multiple of pi/2.
func TestTrigVeryLargeArguments(t *testing.T) {
	for _, c := range [][4]float64{ // x, sine, cosine, tangent, by arbitrary precision
		{268435456.0, -0.9861982118369756, -0.16556897949057875, 5.956418979396394},
		{268435457.0, -0.6721666601241298, 0.740399879131252, -0.9078427469664316},
		{137438953472.0, 0.33393988357522025, -0.9425943741386156, -0.3542773994173149},
		{9007199254740992.0, -0.848925964814655, -0.5285117844130887, 1.6062574002155612},
		{1.8446744073709552e+19, 0.023598509904439558, -0.9997215163885841, -0.0236050835333497},
		{1000000000000000.0, 0.8582727931702359, -0.5131937377869703, -1.672414782127583},
		{1e+22, -0.8522008497671888, 0.523214785395139, -1.6287782256068988},
		{1e+100, -0.3806377310050287, 0.9247242387519338, -0.4116229628832498},
		{1e+300, -0.8178819121159085, -0.5753861119575491, 1.4214488238747245},
		{1.7976931348623157e+308, 0.004961954789184062, -0.9999876894265599, -0.004962015874444895},
		{5.319372648326541e+255, 1.0, -4.687165924254628e-19, -2.133485385753704e+18},
		{-9007199254740992.0, 0.848925964814655, -0.5285117844130887, -1.6062574002155612},
		{-1e+300, 0.8178819121159085, -0.5753861119575491, -1.4214488238747245},
	} {
		for i, f := range []func(float64) float64{Sin, Cos, Tan} {
			if got := f(c[0]); got != c[i+1] {
				t.Errorf("%s(%v) = %v, want %v", []string{"Sin", "Cos", "Tan"}[i], c[0], got, c[i+1])
			}
		}
	}
}

func TestTrigSpecialCases(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	same := func(a, b float64) bool {
		return a == b && math.Signbit(a) == math.Signbit(b) || a != a && b != b || math.Abs(a-b) < 4e-16*math.Abs(b)
	}
	for _, x := range []float64{0, math.Copysign(0, -1), inf, -inf, nan, 1, -1, 1e-300, -1e-300, 5e-324, 1e22, 1e300, 2, -2, 0.5, 1 - 0x1p-53, 0x1p-30} {
		for name, f := range map[string][2]func(float64) float64{
			"Sin": {Sin, math.Sin}, "Cos": {Cos, math.Cos}, "Tan": {Tan, math.Tan}, "Atan": {Atan, math.Atan}, "Asin": {Asin, math.Asin}, "Acos": {Acos, math.Acos},
		} {
			if got, want := f[0](x), f[1](x); !same(got, want) {
				t.Errorf("%s(%v) = %v, want %v", name, x, got, want)
			}
		}
		for _, y := range []float64{0, math.Copysign(0, -1), inf, -inf, nan, 1, -1, 1e-300, 1e300} {
			if got, want := Atan2(y, x), math.Atan2(y, x); !same(got, want) {
				t.Errorf("Atan2(%v, %v) = %v, want %v", y, x, got, want)
			}
		}
	}
}

func BenchmarkSin(b *testing.B) {
	for b.Loop() {
		Sin(1.5)
	}
}

func BenchmarkAtan2(b *testing.B) {
	for b.Loop() {
		Atan2(1.5, 2)
	}
}
