package h1

// DateLen is the length of an IMF-fixdate, "Sun, 06 Nov 1994 08:49:37 GMT".
const DateLen = 29

const (
	dayNames   = "SunMonTueWedThuFriSat"
	monthNames = "JanFebMarAprMayJunJulAugSepOctNovDec"
)

// AppendDate appends the value of a Date, Last-Modified or Expires header (RFC 9110 section 5.6.7). Times before 1970
// count as 1970, as in nginx.
func AppendDate(dst []byte, unixSeconds int64) []byte {
	t := max(unixSeconds, 0)
	days, sec := t/86400, int(t%86400)
	year, month, day := civil(days)
	week := int((days + 4) % 7) // 1970-01-01 was a Thursday
	dst = append(dst, dayNames[week*3:week*3+3]...)
	dst = append(dst, ',', ' ')
	dst = append2(dst, day)
	dst = append(dst, ' ')
	dst = append(dst, monthNames[month*3-3:month*3]...)
	dst = append(dst, ' ')
	if year < 10000 {
		dst = append2(dst, int(year/100))
		dst = append2(dst, int(year%100))
	} else {
		dst = AppendDecimal(dst, year)
	}
	dst = append(dst, ' ')
	dst = append2(dst, sec/3600)
	dst = append(dst, ':')
	dst = append2(dst, sec/60%60)
	dst = append(dst, ':')
	dst = append2(dst, sec%60)
	return append(dst, " GMT"...)
}

// AppendDateHeader appends the whole Date header; it changes once a second, so keep it.
func AppendDateHeader(dst []byte, unixSeconds int64) []byte {
	dst = append(dst, "Date: "...)
	dst = AppendDate(dst, unixSeconds)
	return append(dst, "\r\n"...)
}

func append2(dst []byte, v int) []byte { return append(dst, byte('0'+v/10), byte('0'+v%10)) }

// civil turns days since 1970-01-01, not negative, into a date of the Gregorian calendar. Years are counted from
// March, so that a leap day is the last day of one.
func civil(days int64) (year int64, month, day int) {
	const cycle = 400*365 + 97 // days in 400 years
	days += 719468             // days from 0000-03-01 to 1970-01-01
	era := days / cycle
	d := int(days % cycle)
	y := (d - d/1460 + d/36524 - d/146096) / 365
	d -= 365*y + y/4 - y/100
	m := (5*d + 2) / 153
	day = d - (153*m+2)/5 + 1
	month = m + 3
	year = era*400 + int64(y)
	if month > 12 {
		month -= 12
		year++
	}
	return year, month, day
}

// daysOf is the inverse of civil; day may be 0.
func daysOf(year int64, month, day int) int64 {
	if month <= 2 {
		month += 12
		year--
	}
	return 365*year + floorDiv(year, 4) - floorDiv(year, 100) + floorDiv(year, 400) +
		int64((153*(month-3)+2)/5+day-1) - 719468
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// NoTime is what ParseDate returns for something that is no date, and how "no Last-Modified" is written.
const NoTime = -1

// ParseDate reads the three forms of RFC 9110 section 5.6.7, with the leniency of nginx: the name of the day is not
// looked at, a month is told by the letters that differ, what follows the time is ignored. It returns NoTime if value
// is none of them. The second 60 is refused.
func ParseDate(value []byte) int64 {
	const (
		rfc822  = iota // Sun, 06 Nov 1994 08:49:37 GMT
		rfc850         // Sunday, 06-Nov-94 08:49:37 GMT
		asctime        // Sun Nov  6 08:49:37 1994
	)
	form := -1
	i := 0
	for ; i < len(value); i++ {
		if value[i] == ',' {
			break
		}
		if value[i] == ' ' {
			form = asctime
			break
		}
	}
	for i++; i < len(value) && value[i] == ' '; i++ {
	}
	if len(value)-i < 18 {
		return NoTime
	}
	s := dateScanner{rest: value[i:], ok: true}
	day, year := 0, 0
	if form != asctime {
		day = s.digits(2)
		switch s.peek(0) {
		case ' ':
			form = rfc822
		case '-':
			form = rfc850
		default:
			return NoTime
		}
		if form == rfc822 && len(s.rest) < 18 {
			return NoTime
		}
		s.skip(1)
	}
	month := s.month()
	separator := byte(' ')
	if form == rfc850 {
		separator = '-'
	}
	if form == asctime {
		s.skip(1)
		if s.peek(0) == ' ' {
			s.skip(1)
		}
		day = s.digits(1)
		if s.peek(0) != ' ' {
			day = day*10 + s.digits(1)
		}
		if len(s.rest) < 14 {
			return NoTime
		}
	} else {
		s.expect(separator)
		if form == rfc822 {
			year = s.digits(4)
		} else {
			year = s.digits(2)
			if year < 70 {
				year += 2000
			} else {
				year += 1900
			}
		}
	}
	s.expect(' ')
	hour := s.digits(2)
	s.expect(':')
	minute := s.digits(2)
	s.expect(':')
	second := s.digits(2)
	if form == asctime {
		s.expect(' ')
		year = s.digits(4)
	}
	if !s.ok || hour > 23 || minute > 59 || second > 59 {
		return NoTime
	}
	if month == 2 && day == 29 {
		if year%4 != 0 || year%100 == 0 && year%400 != 0 {
			return NoTime
		}
	} else if day > monthDays[month-1] {
		return NoTime
	}
	return daysOf(int64(year), month, day)*86400 + int64(hour*3600+minute*60+second)
}

var monthDays = [12]int{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}

// dateScanner takes bytes off the front; the first thing that isn't there makes ok false for good.
type dateScanner struct {
	rest []byte
	ok   bool
}

func (s *dateScanner) peek(i int) byte {
	if i < len(s.rest) {
		return s.rest[i]
	}
	return 0
}

func (s *dateScanner) skip(n int) { s.rest = s.rest[min(n, len(s.rest)):] }

func (s *dateScanner) expect(c byte) {
	s.ok = s.ok && s.peek(0) == c
	s.skip(1)
}

func (s *dateScanner) digits(n int) (v int) {
	for i := range n {
		d := s.peek(i) - '0'
		if d > 9 {
			s.ok = false
		}
		v = v*10 + int(d)
	}
	s.skip(n)
	return v
}

// month reads three letters and returns 1..12.
func (s *dateScanner) month() int {
	second, third := s.peek(1), s.peek(2)
	first := s.peek(0)
	s.skip(3)
	pick := func(yes bool, a, b int) int {
		if yes {
			return a
		}
		return b
	}
	switch first {
	case 'J':
		if second == 'a' {
			return 1
		}
		return pick(third == 'n', 6, 7)
	case 'F':
		return 2
	case 'M':
		return pick(third == 'r', 3, 5)
	case 'A':
		return pick(second == 'p', 4, 8)
	case 'S':
		return 9
	case 'O':
		return 10
	case 'N':
		return 11
	case 'D':
		return 12
	}
	s.ok = false
	return 1
}
