package number

import (
	"math"
	"math/big"
	"math/rand"
	"strings"
	"testing"
)

// big.Rat's texts are exact, with ties away from zero.
func TestScaled(t *testing.T) {
	r := rand.New(rand.NewSource(2))
	check := func(f float64, prec int) {
		t.Helper()
		want := new(big.Rat).SetFloat64(f).FloatString(prec)
		if f < 0 && want[0] != '-' || f == 0 && math.Signbit(f) {
			want = "-" + strings.TrimPrefix(want, "-")
		}
		if got := string(AppendFloat(nil, f, 'f', prec, false)); got != want {
			t.Fatalf("%%.%df of %v: %q, want %q", prec, f, got, want)
		}
		a := math.Abs(f)
		if a < 1e-4 || a >= 1e13 {
			return
		}
		for prec = 0; a*math.Pow(10, float64(prec)) < 9.9e12; prec++ {
		}
		// One decimal too many, if any, shows as 15 digits.
		digits := func(s string) int { return len(strings.TrimLeft(strings.Replace(s, ".", "", 1), "-0")) }
		want = new(big.Rat).SetFloat64(f).FloatString(prec)
		for digits(want) > 14 && prec > 0 {
			prec--
			want = new(big.Rat).SetFloat64(f).FloatString(prec)
		}
		for digits(want) < 14 {
			prec++
			want = new(big.Rat).SetFloat64(f).FloatString(prec)
		}
		if strings.Contains(want, ".") {
			want = strings.TrimRight(strings.TrimRight(want, "0"), ".")
		}
		if got := string(Append(nil, f)); got != want {
			t.Fatalf("%%.14g of %v: %q, want %q", f, got, want)
		}
	}
	for _, f := range []float64{0, math.Copysign(0, -1), 0.5, 1.5, 0.125, 1e-4, math.Nextafter(1e-4, 1), math.Nextafter(1e13, 0), 9.99999999999995, 0.99999999999999994, 1e-320, 5e-324, 0x1p-53, 0x1p-54, 0x1p-112, 1 << 52, 1 << 53} {
		for prec := range 18 {
			check(f, prec)
			check(-f, prec)
		}
	}
	for range 200000 {
		f := r.Float64() * math.Pow(10, float64(r.Intn(34)-18))
		switch r.Intn(4) {
		case 0: // few decimals
			f = math.Round(f*1000) / 1000
		case 1: // ties
			f = math.Ldexp(math.Trunc(math.Ldexp(f, 12)), -12)
		}
		if r.Intn(2) == 0 {
			f = -f
		}
		check(f, r.Intn(18))
	}
}

func BenchmarkAppendDecimals(b *testing.B) {
	var buf [64]byte
	for _, f := range []float64{0.5, 1234.25, 1.0 / 3, 33333.3333} {
		b.Run("", func(b *testing.B) {
			for b.Loop() {
				Append(buf[:0], f)
			}
		})
	}
	b.Run("f2", func(b *testing.B) {
		for b.Loop() {
			AppendFloat(buf[:0], 333.3333, 'f', 2, false)
		}
	})
}
