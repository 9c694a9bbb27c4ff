package number

import (
	"math"
	"testing"
)

// The wanted texts are LuaJIT's.
func TestAppendFloat(t *testing.T) {
	for _, c := range []struct {
		f    float64
		verb byte
		prec int
		alt  bool
		want string
	}{
		{0.5, 'f', 0, false, "1"}, {1.5, 'f', 0, false, "2"}, {2.5, 'f', 0, false, "3"}, {-2.5, 'f', 0, false, "-3"},
		{0.125, 'f', 2, false, "0.13"}, {1.25, 'e', 1, false, "1.3e+00"}, {0.125, 'g', 2, false, "0.13"}, {10.5, 'g', 2, false, "11"},
		{1.005, 'f', 2, false, "1.00"}, {1e19 + 0x1p21, 'f', 0, false, "10000000000002097152"},
		{1 << 60, 'e', 3, false, "1.153e+18"}, {1 << 60, 'g', 15, false, "1.15292150460685e+18"}, {1.0 / 3, 'g', 17, false, "0.33333333333333331"},
		{100000, 'g', 6, false, "100000"}, {1e6, 'g', 6, false, "1e+06"}, {1e-5, 'g', 6, false, "1e-05"}, {1, 'g', 6, true, "1.00000"}, {1, 'g', 3, true, "1.00"},
		{3, 'f', 0, true, "3."}, {3, 'e', 0, true, "3.e+00"}, {3e20, 'g', 1, true, "3.e+20"}, {123, 'g', 3, true, "123."}, {0, 'g', 0, true, "0."}, {0, 'e', 2, false, "0.00e+00"},
		// Ties where one step of the text is finer than one of the float.
		{math.Float64frombits(0xc2bd252cc9780bb7), 'g', 21, false, "-32045502396427.7148438"},
		{math.Float64frombits(0x400b5c7e00000000), 'g', 18, true, "3.42016220092773438"},
		{math.Float64frombits(0x410ce373273b621a), 'e', 38, false, "2.36654394156233232934027910232543945313e+05"},
		{math.Float64frombits(0x42bb8d1dfc941628), 'f', 4, false, "30292907430934.1563"},
	} {
		if got := string(AppendFloat([]byte("1e"), c.f, c.verb, c.prec, c.alt)); got != "1e"+c.want {
			t.Errorf("AppendFloat(%v, %c, %d, %v) = %q, want %q", c.f, c.verb, c.prec, c.alt, got[2:], c.want)
		}
	}
}

func TestAppendHex(t *testing.T) {
	for _, c := range []struct {
		f    float64
		prec int
		alt  bool
		want string
	}{
		{1, -1, false, "0x1p+0"}, {0, -1, false, "0x0p+0"}, {math.Copysign(0, -1), -1, false, "-0x0p+0"}, {0.1, -1, false, "0x1.999999999999ap-4"},
		{0.1, 20, false, "0x1.999999999999a0000000p-4"}, {5e-324, -1, false, "0x1p-1074"}, {65, 3, false, "0x1.040p+6"}, {1, 0, true, "0x1.p+0"},
		{1.03125, 1, false, "0x1.1p+0"}, {1.5, 0, false, "0x2p+0"}, {2.5, 0, false, "0x1p+1"}, {-math.MaxFloat64, -1, false, "-0x1.fffffffffffffp+1023"},
	} {
		if got := string(AppendHex(nil, c.f, c.prec, c.alt)); got != c.want {
			t.Errorf("AppendHex(%v, %d, %v) = %q, want %q", c.f, c.prec, c.alt, got, c.want)
		}
	}
}

func FuzzAppendFloat(f *testing.F) {
	f.Add(uint64(0x3fe0000000000000), uint8(0), uint8(1), false)
	f.Add(uint64(0x42bb8d1dfc941628), uint8(4), uint8(1), true)
	f.Fuzz(func(t *testing.T, bits uint64, prec, verb uint8, alt bool) {
		x := math.Float64frombits(bits)
		if x-x != 0 {
			return
		}
		p := int(prec) % 100
		text := AppendFloat(nil, x, "efg"[verb%3], p, alt)
		back, ok := Parse(text)
		if !ok {
			t.Fatalf("%q is no number", text)
		}
		if verb%3 != 1 && p >= 17 && back != x {
			t.Fatalf("%v -> %q -> %v", x, text, back)
		}
		hex := AppendHex(nil, x, -1, alt)
		if back, ok := Parse(hex); !ok || back != x {
			t.Fatalf("%v -> %q -> %v", x, hex, back)
		}
	})
}
