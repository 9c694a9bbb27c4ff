package libm

import (
	"math"
	"math/big"
	"math/rand"
	"testing"
)

const prec = 200

// bigLn is ln x, by reduction to [1,2) and the series of atanh.
func bigLn(x float64) *big.Float {
	m, e := math.Frexp(x)
	if m < math.Sqrt2/2 {
		m, e = m*2, e-1
	}
	s := bigLn1(newBig(m))
	return s.Add(s, newBig(0).Mul(bigLn2, newBig(float64(e))))
}

func newBig(x float64) *big.Float { return new(big.Float).SetPrec(prec).SetFloat64(x) }

// bigLn1 is ln x for x around 1.
func bigLn1(x *big.Float) *big.Float {
	one := newBig(1)
	z := newBig(0).Quo(newBig(0).Sub(x, one), newBig(0).Add(x, one))
	z2 := newBig(0).Mul(z, z)
	s := newBig(0)
	for i := 1; i < 200; i += 2 {
		s.Add(s, newBig(0).Quo(z, newBig(float64(i))))
		z.Mul(z, z2)
	}
	return s.Mul(s, newBig(2))
}

var bigLn2 = bigLn1(newBig(2))

// bigExp is e^x for |x| < 800.
func bigExp(x *big.Float) *big.Float {
	n, _ := newBig(0).Quo(x, bigLn2).Int64()
	r := newBig(0).Sub(x, newBig(0).Mul(bigLn2, newBig(float64(n))))
	s, t := newBig(1), newBig(1)
	for i := 1; i < 80; i++ {
		t.Quo(t.Mul(t, r), newBig(float64(i)))
		s.Add(s, t)
	}
	return s.SetMantExp(s, int(n))
}

// ulps is the distance of got from want in units of got's last place.
func ulps(got float64, want *big.Float) float64 {
	d := newBig(0).Sub(newBig(got), want)
	f, _ := d.Float64()
	unit := math.Nextafter(math.Abs(got), math.Inf(1)) - math.Abs(got)
	return math.Abs(f) / unit
}

// errorMax bounds the error of every function, in units of the last place.
const errorMax = 0.51

func TestTables(t *testing.T) {
	for i, e := range logTable {
		want := bigLn(e.inv)
		want.Neg(want)
		d := newBig(0).Sub(want, newBig(e.hi))
		if lo, _ := d.Float64(); lo != e.lo || math.Abs(e.lo) > 0x1p-53*math.Abs(e.hi) {
			t.Errorf("logTable[%d]: lo is %x, want %x", i, e.lo, lo)
		}
	}
	for i, e := range expTable {
		want := bigExp(newBig(0).Quo(newBig(0).Mul(bigLn2, newBig(float64(i))), newBig(128)))
		d := newBig(0).Sub(want, newBig(e.hi))
		if lo, _ := d.Float64(); lo != e.lo {
			t.Errorf("expTable[%d]: lo is %x, want %x", i, e.lo, lo)
		}
	}
}

func TestErrors(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	worst := map[string]float64{}
	check := func(name string, got float64, want *big.Float, args ...float64) {
		u := ulps(got, want)
		if u > worst[name] {
			worst[name] = u
		}
		if u > errorMax {
			t.Errorf("%s%v = %v: %.3f ulps off", name, args, got, u)
		}
	}
	ln10 := bigLn(10)
	for i := range 1500 {
		x := math.Exp(r.NormFloat64() * 3)
		switch i % 4 {
		case 0:
			x = 1 + r.NormFloat64()*math.Ldexp(1, -r.Intn(50)-1)
		case 1:
			x = math.Float64frombits(uint64(r.Int63()) % (0x7ff << 52))
		}
		if x <= 0 || x == 1 {
			continue
		}
		ln := bigLn(x)
		check("Log", Log(x), ln, x)
		check("Log2", Log2(x), newBig(0).Quo(ln, bigLn2), x)
		if u := ulps(Log10(x), newBig(0).Quo(ln, ln10)); u > 2 {
			t.Errorf("Log10(%v) = %v: %.3f ulps off", x, Log10(x), u)
		}

		y := r.NormFloat64() * math.Ldexp(1, r.Intn(20)-10)
		if l := math.Abs(math.Log(x)); l > 0 && math.Abs(y*l) > 740 {
			y = (r.Float64()*1480 - 740) / l
		}
		if z := Pow(x, y); z > 0 && z <= math.MaxFloat64 {
			check("Pow", z, bigExp(newBig(0).Mul(ln, newBig(y))), x, y)
		}
		e := r.Float64()*1450 - 740
		if i%2 == 0 {
			e = r.NormFloat64()
		}
		if z := Exp(e); z <= math.MaxFloat64 {
			check("Exp", z, bigExp(newBig(e)), e)
		}
	}
	t.Logf("worst errors in ulps: %v", worst)
}

func TestExact(t *testing.T) {
	for i := -1074; i < 1024; i++ {
		if got := Log2(math.Ldexp(1, i)); got != float64(i) {
			t.Errorf("Log2(2^%d) = %v", i, got)
		}
		if got := Pow(2, float64(i)); got != math.Ldexp(1, i) {
			t.Errorf("Pow(2, %d) = %v", i, got)
		}
	}
	p := 1.0
	for i := range 23 {
		if got := Log10(p); got != float64(i) {
			t.Errorf("Log10(1e%d) = %v", i, got)
		}
		if got := Pow(10, float64(i)); got != p {
			t.Errorf("Pow(10, %d) = %v", i, got)
		}
		p *= 10
	}
	for x := 3.0; x < 40; x++ {
		p := x
		for y := 1.0; p < 1<<53; y++ {
			if got := Pow(x, y); got != p {
				t.Errorf("Pow(%v, %v) = %v", x, y, got)
			}
			if got := Pow(-x, y); math.Abs(got) != p || (got < 0) != (math.Mod(y, 2) == 1) {
				t.Errorf("Pow(%v, %v) = %v", -x, y, got)
			}
			p *= x
		}
	}
}

func TestSpecialCases(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	values := []float64{0, math.Copysign(0, -1), 1, -1, 0.5, -0.5, 2, -2, 3, -3, inf, -inf, nan, 1e300, -1e300, 5e-324, -5e-324, 1 << 53, 1<<53 + 2, math.MaxFloat64}
	same := func(a, b float64) bool {
		return a == b && math.Signbit(a) == math.Signbit(b) || a != a && b != b
	}
	for _, x := range values {
		for _, y := range values {
			if got, want := Pow(x, y), math.Pow(x, y); !same(got, want) && math.Abs(got-want) > 1e-15*math.Abs(want) {
				t.Errorf("Pow(%v, %v) = %v, want %v", x, y, got, want)
			}
		}
		if got, want := Exp(x), math.Exp(x); !same(got, want) && math.Abs(got-want) > 1e-15*want {
			t.Errorf("Exp(%v) = %v, want %v", x, got, want)
		}
		if x == 5e-324 {
			continue // math.Log is wrong
		}
		if got, want := Log(x), math.Log(x); !same(got, want) && math.Abs(got-want) > 1e-15*math.Abs(want) {
			t.Errorf("Log(%v) = %v, want %v", x, got, want)
		}
	}
	for _, c := range []struct{ x, y, want float64 }{
		{1.0001, 10000, 2.7181459268249255}, {2, 0.3, 1.2311444133449163}, {10, 308.5, inf}, {10, -330, 0}, {2, -1074, 5e-324}, {2, -1075, 0}, {3, -679, 0}, {3, -678, 5e-324},
		{1.5, -1837, 5e-324},
	} {
		if got := Pow(c.x, c.y); got != c.want {
			t.Errorf("Pow(%v, %v) = %v, want %v", c.x, c.y, got, c.want)
		}
	}
}

func BenchmarkPow(b *testing.B) {
	x := 1.5
	for b.Loop() {
		Pow(x, 2.25)
	}
}

func BenchmarkLog(b *testing.B) {
	for b.Loop() {
		Log(1.5)
	}
}

func BenchmarkExp(b *testing.B) {
	for b.Loop() {
		Exp(1.5)
	}
}
