package conf

import (
	"math"
	"strings"
	"time"
)

// parseNumber reads decimal digits, as ngx_atoi.
func parseNumber(s string) (int64, bool) {
	if s == "" {
		return 0, false
	}
	var n int64
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c < '0' || c > '9' {
			return 0, false
		}
		d := int64(c - '0')
		if n > (math.MaxInt64-d)/10 {
			return 0, false
		}
		n = n*10 + d
	}
	return n, true
}

// parseSize reads a number of bytes with an optional k or m; with giga also g, which nginx allows for offsets only.
func parseSize(s string, giga bool) (int64, bool) {
	if s == "" {
		return 0, false
	}
	shift := 0
	switch s[len(s)-1] | 0x20 {
	case 'k':
		shift = 10
	case 'm':
		shift = 20
	case 'g':
		if giga {
			shift = 30
		}
	}
	if shift > 0 {
		s = s[:len(s)-1]
	}
	n, ok := parseNumber(s)
	if !ok || n > math.MaxInt64>>shift {
		return 0, false
	}
	return n << shift, true
}

// timeUnits are nginx's units of time from large to small; a value may name each once, in this order.
var timeUnits = []struct {
	name string
	ms   int64
}{
	{"y", 365 * 24 * 3600 * 1000},
	{"M", 30 * 24 * 3600 * 1000},
	{"w", 7 * 24 * 3600 * 1000},
	{"d", 24 * 3600 * 1000},
	{"h", 3600 * 1000},
	{"m", 60 * 1000},
	{"s", 1000},
	{"ms", 1},
}

const (
	unitMonth  = 1
	unitSecond = 6
	unitMilli  = 7
)

// parseTime reads a time such as "1h 30m" or "75"; a number without unit counts seconds. Milliseconds and years exclude
// one another, as in ngx_parse_time: with seconds, years are allowed and "ms" isn't; without, the other way round.
func parseTime(s string, seconds bool) (time.Duration, bool) {
	first, last := unitMonth+1, unitMilli
	if seconds {
		first, last = 0, unitSecond
	}
	var total int64 // milliseconds
	digits := false // anywhere: an empty text is no time
	for i := 0; i < len(s); {
		start := i
		for i < len(s) && s[i] >= '0' && s[i] <= '9' {
			i++
		}
		var n int64
		if i > start {
			var ok bool
			if n, ok = parseNumber(s[start:i]); !ok {
				return 0, false
			}
			digits = true
		}
		scale := int64(1000)
		switch {
		case i == len(s):
		case s[i] == ' ':
			if first > unitSecond {
				return 0, false
			}
			first = unitMilli + 1 // only one more number without unit may follow
		default:
			u := -1
			for j := range timeUnits {
				if strings.HasPrefix(s[i:], timeUnits[j].name) {
					u = j // "ms" comes behind "m" and wins
				}
			}
			if u < first || u > last {
				return 0, false
			}
			scale = timeUnits[u].ms
			first = u + 1
			i += len(timeUnits[u].name)
		}
		if n > math.MaxInt64/scale || total > math.MaxInt64-n*scale {
			return 0, false
		}
		total += n * scale
		for i < len(s) && s[i] == ' ' {
			i++
		}
	}
	const most = math.MaxInt64 / int64(time.Millisecond) // 292 years
	return time.Duration(min(total, most)) * time.Millisecond, digits
}
