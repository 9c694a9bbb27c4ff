package number

import (
	"fmt"
	"math"
	"math/rand"
	"strconv"
	"strings"
	"testing"
)

func TestAppend(t *testing.T) {
	for _, c := range []struct {
		f    float64
		want string
	}{
		{0, "0"}, {math.Copysign(0, -1), "-0"}, {1, "1"}, {-1, "-1"}, {10, "10"}, {99, "99"}, {100, "100"},
		{123456789, "123456789"}, {99999999999999, "99999999999999"}, {-99999999999999, "-99999999999999"},
		{100000000000000, "1e+14"}, {123456789012345, "1.2345678901235e+14"},
		{123456789012355, "1.2345678901236e+14"}, {1 << 53, "9.007199254741e+15"},
		{0.1, "0.1"}, {0.5, "0.5"}, {1.0 / 3, "0.33333333333333"}, {2.0 / 3, "0.66666666666667"},
		{3.14159265358979, "3.1415926535898"}, {1e15, "1e+15"}, {1e100, "1e+100"}, {1e-4, "0.0001"},
		{1e-5, "1e-05"}, {1.5e-7, "1.5e-07"}, {1e-300, "1e-300"}, {5e-324, "4.9406564584125e-324"},
		{math.MaxFloat64, "1.7976931348623e+308"}, {-math.MaxFloat64, "-1.7976931348623e+308"},
		{math.Inf(1), "inf"}, {math.Inf(-1), "-inf"}, {math.NaN(), "nan"}, {math.Copysign(math.NaN(), -1), "nan"},
		{0.99999999999999994, "1"}, {9.999999999999995, "10"}, {9.99999999999994, "9.9999999999999"},
		{99999999999999.6, "1e+14"},
		// Exactly between two texts: away from zero.
		{1273327492537250, "1.2733274925373e+15"}, {-100000000000005, "-1.0000000000001e+14"}, {10000000000000.5, "10000000000001"},
		{999999999999.125, "999999999999.13"}, {.5 + 0x1p-15, "0.50003051757813"}, {1e15 + 50, "1.0000000000001e+15"}, {1e15 + 150, "1.0000000000002e+15"},
	} {
		if got := string(Append(nil, c.f)); got != c.want {
			t.Errorf("Append(%v) = %q, want %q", c.f, got, c.want)
		}
	}
}

func TestAppendKeepsWithinMaxLen(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	for range 100000 {
		f := math.Float64frombits(r.Uint64())
		b := Append(nil, f)
		if len(b) > MaxLen {
			t.Fatalf("Append(%v) = %q: %d bytes", f, b, len(b))
		}
		// An independent route to the same text.
		if f-f == 0 {
			if want := cG14(f); string(b) != want && !tie(f, 14) {
				t.Fatalf("Append(%v) = %q, want %q", f, b, want)
			}
		}
	}
}

// cG14 is %.14g by its definition in C: by way of %e.
func cG14(f float64) string {
	e := fmt.Sprintf("%.13e", f)
	i := strings.IndexByte(e, 'e')
	exp, _ := strconv.Atoi(e[i+1:])
	s := e[:i]
	if exp >= -4 && exp < 14 {
		s = fmt.Sprintf("%.*f", 13-exp, f)
		if strings.Contains(s, ".") {
			s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
		}
		return s
	}
	return strings.TrimRight(strings.TrimRight(s, "0"), ".") + e[i:]
}

func TestAppendInt(t *testing.T) {
	for _, i := range []int64{0, 1, 9, 10, 11, 99, 100, 101, 999, 1000, 12345, 123456, math.MaxInt64, math.MinInt64, -1, -10, -100} {
		if got, want := string(AppendInt(nil, i)), strconv.FormatInt(i, 10); got != want {
			t.Errorf("AppendInt(%d) = %q", i, got)
		}
	}
}

func TestParse(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct {
		s    string
		want float64
	}{
		{"0", 0}, {"00", 0}, {"1", 1}, {"007", 7}, {"123456789012345678", 123456789012345678}, {" 12\t\n", 12}, {"+5", 5}, {"-5", -5},
		{"1.5", 1.5}, {".5", .5}, {"5.", 5}, {"-.5e1", -5}, {"1e3", 1000}, {"1E+3", 1000}, {"1e-3", .001}, {"0e1048575", 0},
		{"0x10", 16}, {"0XfF", 255}, {"0x.8", .5}, {"0x8.", 8}, {"0x1p4", 16}, {"0x1P-4", .0625}, {"0x1.8p1", 3}, {"-0x10", -16},
		{"0x1p-1074", 5e-324}, {"0x1p-1075", 0}, {"0x1.8p-1075", 5e-324}, {"0x3p-1075", 1e-323}, {"0x1p1024", inf}, {"0x1.fffffffffffff8p1023", inf},
		{"0x1.fffffffffffff7ffffffffp1023", math.MaxFloat64}, {"0x1.00000000000008", 1}, {"0x1.000000000000080000000001", 1 + 0x1p-52},
		{"0x123456789abcdef01", 0x123456789abcdef01}, {"0xffffffffffffffff", 0xffffffffffffffff},
		{"0b101", 5}, {"0B1", 1}, {"0b", math.NaN()}, {"0b" + strings.Repeat("1", 64), 1<<64 - 1}, {"0b000000000" + strings.Repeat("1", 64), 1<<64 - 1},
		{"inf", inf}, {"-Infinity", -inf}, {"1e309", inf}, {"1e400", inf}, {"-1e1048575", -inf}, {"1e-400", 0}, {"2e-324", 0}, {"3e-324", 5e-324},
		{"1.7976931348623158e308", math.MaxFloat64}, {"1.7976931348623159e308", inf}, {"4.9406564584124654e-324", 5e-324},
		{"2.2250738585072011e-308", 2.225073858507201e-308}, {"9007199254740993", 9007199254740992},
		{"9007199254740993" + strings.Repeat("0", 900) + "1e-900", 90071992547409940}, {"9007199254740993." + strings.Repeat("0", 900) + "1", 9007199254740994},
		{"0." + strings.Repeat("0", 400) + "1e401", 1}, {"0." + strings.Repeat("0", 999999) + "1e1000000", 1}, {strings.Repeat("0", 5000) + "7", 7}, {"1" + strings.Repeat("0", 400) + "e-400", 1},
	} {
		got, ok := Parse([]byte(c.s))
		if c.want != c.want {
			if ok {
				t.Errorf("Parse(%.40q) = %v, want no number", c.s, got)
			}
		} else if !ok || got != c.want || math.Signbit(got) != math.Signbit(c.want) {
			t.Errorf("Parse(%.40q) = %v, %v, want %v", c.s, got, ok, c.want)
		}
	}
	if f, ok := Parse([]byte(" -NaN ")); !ok || f == f {
		t.Errorf("Parse(-NaN) = %v, %v", f, ok)
	}
	if f, ok := Parse([]byte("-0")); !ok || !math.Signbit(f) {
		t.Errorf("Parse(-0) = %v, %v", f, ok)
	}
}

func TestParseRefuses(t *testing.T) {
	for _, s := range []string{
		"", " ", "\x00", "1\x00", "1 \x00", "a", "1a", "--1", "+-1", "- 1", ".", "-", "e5", ".e5", "1e", "1e+", "1e5.0", "1..2", "1.2.3", "1 2",
		"0x", "0x.", "0xg", "0x1p", "0x1.2.3", "0x1e+2", "0b", "0b2", "0b.", "0b1.0", "0b1.", "0b1e1", "0b1.1", "0b1" + strings.Repeat("0", 64), "infin", "in", "nann", "1_000",
		"1e1048576", "0e-1048576", "1e99999999999999999999", "0x1p1048576", "1LL", "1u", "1i", "0x1ULL", "\xa01", "１",
	} {
		if f, ok := Parse([]byte(s)); ok {
			t.Errorf("Parse(%q) = %v, want no number", s, f)
		}
	}
}

func TestNoAllocation(t *testing.T) {
	buf := make([]byte, 0, 64)
	texts := [][]byte{[]byte("12"), []byte(" -1.25e3"), []byte("0x1.8p3"), []byte("1.7976931348623157e308"), []byte("1e400"), []byte("3.14159265358979323846264338")}
	if n := testing.AllocsPerRun(100, func() {
		for _, f := range []float64{1, -123456, 0.1, 1.0 / 3, 1e300, math.Inf(1)} {
			buf = Append(buf[:0], f)
		}
		for _, s := range texts {
			if _, ok := Parse(s); !ok {
				t.Fatal("no number")
			}
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzNumber(f *testing.F) {
	for _, s := range []string{"1", "1.5e3", "0x1.8p-1070", "0b101", " inf ", "9007199254740993", "1e-330", "0.000", "-0x.p", "1e308"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, s []byte) {
		got, ok := Parse(s)
		if !ok {
			return
		}
		if got == got { // 17 digits and back
			text := strconv.AppendFloat(nil, got, 'g', 17, 64)
			if got-got == 0 {
				if again, ok := Parse(text); !ok || again != got {
					t.Fatalf("Parse(%q) = %v; Parse(%q) = %v, %v", s, got, text, again, ok)
				}
			}
		}
		short := Append(nil, got)
		again, ok := Parse(short)
		if !ok || string(Append(nil, again)) != string(short) {
			t.Fatalf("Parse(%q) = %v; its text %q parses as %v, %v", s, got, short, again, ok)
		}
		// Go's parser agrees wherever it takes the text.
		trimmed := strings.Trim(string(s), " \t\n\v\f\r")
		if strings.ContainsAny(trimmed, "_") {
			t.Fatalf("Parse(%q) accepts an underscore", s)
		}
		if want, err := strconv.ParseFloat(trimmed, 64); err == nil && want == want && want != got {
			t.Fatalf("Parse(%q) = %v, want %v", s, got, want)
		}
	})
}

func BenchmarkAppend(b *testing.B) {
	buf := make([]byte, 0, 64)
	for _, f := range []float64{7, 123456789, 0.1, 1.0 / 3} {
		b.Run(strconv.FormatFloat(f, 'g', 4, 64), func(b *testing.B) {
			for b.Loop() {
				buf = Append(buf[:0], f)
			}
		})
	}
}

func BenchmarkParse(b *testing.B) {
	for _, s := range []string{"7", "123456789", "0.25", "3.141592653589793"} {
		p := []byte(s)
		b.Run(s, func(b *testing.B) {
			for b.Loop() {
				Parse(p)
			}
		})
	}
}
