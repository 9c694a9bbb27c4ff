package h1

import (
	"math/rand/v2"
	"net/http"
	"testing"
	"time"
)

func TestDatesAgreeWithTheTimePackage(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	times := []int64{0, 1, 86399, 86400, 951782399, 951782400, 951868799, 951868800, 4107542399, 4107542400, 253402300799, 253402300800}
	for range 20000 {
		times = append(times, random.Int64N(253402300800))
	}
	for _, v := range times {
		got := string(AppendDate(nil, v))
		want := time.Unix(v, 0).UTC().Format(http.TimeFormat)
		if got != want {
			t.Fatalf("%d: %q, want %q", v, got, want)
		}
		if v < 253402300800 {
			if back := ParseDate([]byte(got)); back != v {
				t.Fatalf("%q is read as %d, not %d", got, back, v)
			}
			if back := ParseDate([]byte(time.Unix(v, 0).UTC().Format(time.ANSIC))); back != v {
				t.Fatalf("asctime of %d is read as %d", v, back)
			}
		}
	}
	if got := string(AppendDate(nil, -5)); got != "Thu, 01 Jan 1970 00:00:00 GMT" {
		t.Errorf("a negative time: %q", got)
	}
	if len(AppendDate(nil, 0)) != DateLen {
		t.Error("DateLen")
	}
}

func TestParseDate(t *testing.T) {
	tests := []struct {
		name, value string
		want        int64
	}{
		{"IMF-fixdate", "Sun, 06 Nov 1994 08:49:37 GMT", 784111777},
		{"RFC 850", "Sunday, 06-Nov-94 08:49:37 GMT", 784111777},
		{"RFC 850 of this century", "Friday, 06-Nov-20 08:49:37 GMT", 1604652577},
		{"asctime", "Sun Nov  6 08:49:37 1994", 784111777},
		{"asctime with one space", "Sun Nov 6 08:49:37 1994", 784111777},
		{"the day's name is not looked at", "Foo, 06 Nov 1994 08:49:37 GMT", 784111777},
		{"no zone", "Sun, 06 Nov 1994 08:49:37", 784111777},
		{"any zone counts as GMT", "Sun, 06 Nov 1994 08:49:37 CET", 784111777},
		{"nothing", "", NoTime},
		{"a word", "yesterday", NoTime},
		{"cut off", "Sun, 06 Nov 1994 08:49", NoTime},
		{"letters for digits", "Sun, 0x Nov 1994 08:49:37 GMT", NoTime},
		{"no such month", "Sun, 06 Xov 1994 08:49:37 GMT", NoTime},
		{"no such day", "Sun, 31 Nov 1994 08:49:37 GMT", NoTime},
		{"a leap day", "Thu, 29 Feb 1996 00:00:00 GMT", 825552000},
		{"a leap day of a common year", "Thu, 29 Feb 1995 00:00:00 GMT", NoTime},
		{"a leap day of 1900", "Thu, 29 Feb 1900 00:00:00 GMT", NoTime},
		{"a leap day of 2000", "Tue, 29 Feb 2000 00:00:00 GMT", 951782400},
		{"a leap second", "Sat, 31 Dec 2016 23:59:60 GMT", NoTime},
		{"hour 24", "Sun, 06 Nov 1994 24:00:00 GMT", NoTime},
		{"no colon", "Sun, 06 Nov 1994 08 49 37 GMT", NoTime},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := ParseDate([]byte(test.value)); got != test.want {
				t.Errorf("%q: %d, want %d", test.value, got, test.want)
			}
		})
	}
}
