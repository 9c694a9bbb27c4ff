package lib

import (
	"time"

	"moonring/lua/number"
)

// addDate is strftime in the locale C, with glibc's flags and widths
// ("%-d", "%_5H", "%^a").
func (w *buffer) addDate(format []byte, t time.Time) bool {
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			if !w.addByte(format[i]) {
				return false
			}
			continue
		}
		if !w.c.Charge(100) {
			return false
		}
		start := i
		i++
		f := dateSpec{width: -1}
	flags:
		for ; i < len(format); i++ {
			switch format[i] {
			case '_', '-', '0':
				f.pad = format[i]
			case '^':
				f.upper = true
			case '#':
				f.swap = true
			default:
				break flags
			}
		}
		for i < len(format) && format[i]-'0' < 10 && f.width < 1000 {
			f.width = max(f.width, 0)*10 + int(format[i]-'0')
			i++
		}
		if i < len(format) && (format[i] == 'E' || format[i] == 'O') {
			i++ // alternative forms: the locale C has none
		}
		if i == len(format) || !w.addDateField(format[i], f, t) {
			// Not a conversion: it stands for itself, padded all the same.
			f.text(w, string(format[start:min(i+1, len(format))]))
		}
		if w.failed || len(w.b) > w.next && !w.grow(0) {
			return false
		}
	}
	return true
}

// dateSpec is what stands between '%' and the letter.
type dateSpec struct {
	pad   byte // '_' spaces, '-' none, '0' zeros; 0 as the letter has it
	upper bool
	swap  bool
	width int // -1 if not given
}

// text adds a word.
func (f dateSpec) text(w *buffer, s string) {
	pad := byte(' ')
	if f.pad == '0' {
		pad = '0'
	}
	if f.pad != '-' {
		w.pad(pad, f.width-len(s))
	}
	n := len(w.b)
	w.b = append(w.b, s...)
	if f.upper {
		for i := n; i < len(w.b); i++ {
			if w.b[i]-'a' < 26 {
				w.b[i] ^= 0x20
			}
		}
	}
}

// number adds a number of digits places, padded with pad unless told otherwise.
func (f dateSpec) number(w *buffer, n, digits int, pad byte) {
	if f.pad != 0 {
		pad = f.pad
	}
	digits = max(digits, f.width)
	var buf [24]byte
	text := number.AppendInt(buf[:0], int64(n))
	if text[0] == '-' && pad == '0' {
		w.b = append(w.b, '-')
		text = text[1:]
		digits--
	}
	if pad != '-' {
		if pad == '_' {
			pad = ' '
		}
		w.pad(pad, digits-len(text))
	}
	w.b = append(w.b, text...)
}

// hour12 is the hour on a clock of twelve.
func hour12(h int) int { return (h+11)%12 + 1 }

// addDateField adds one conversion; false if there is none of that letter.
func (w *buffer) addDateField(letter byte, f dateSpec, t time.Time) bool {
	year, month, day := t.Date()
	hour, minute, sec := t.Clock()
	wday := int(t.Weekday())
	composed := func(format string) bool {
		n := len(w.b)
		if !w.addDate([]byte(format), t) {
			w.failed = true
			return true
		}
		var buf [128]byte
		text := append(buf[:0], w.b[n:]...)
		w.b = w.b[:n]
		f.text(w, string(text))
		return true
	}
	switch letter {
	case 'a':
		f.upper = f.upper || f.swap
		f.text(w, t.Weekday().String()[:3])
	case 'A':
		f.upper = f.upper || f.swap
		f.text(w, t.Weekday().String())
	case 'b', 'h':
		f.upper = f.upper || f.swap
		f.text(w, month.String()[:3])
	case 'B':
		f.upper = f.upper || f.swap
		f.text(w, month.String())
	case 'c':
		return composed("%a %b %e %H:%M:%S %Y")
	case 'C':
		century := year / 100
		if year < 0 && year%100 != 0 {
			century--
		}
		f.number(w, century, 2, '0')
	case 'd':
		f.number(w, day, 2, '0')
	case 'D', 'x':
		return composed("%m/%d/%y")
	case 'e':
		f.number(w, day, 2, '_')
	case 'F':
		return composed("%Y-%m-%d")
	case 'g':
		y, _ := t.ISOWeek()
		f.number(w, (y%100+100)%100, 2, '0')
	case 'G':
		y, _ := t.ISOWeek()
		f.number(w, y, 1, '0')
	case 'H':
		f.number(w, hour, 2, '0')
	case 'I':
		f.number(w, hour12(hour), 2, '0')
	case 'j':
		f.number(w, t.YearDay(), 3, '0')
	case 'k':
		f.number(w, hour, 2, '_')
	case 'l':
		f.number(w, hour12(hour), 2, '_')
	case 'm':
		f.number(w, int(month), 2, '0')
	case 'M':
		f.number(w, minute, 2, '0')
	case 'n':
		f.text(w, "\n")
	case 'p', 'P':
		s := "AM"
		if hour >= 12 {
			s = "PM"
		}
		if letter == 'P' || f.swap {
			s = string([]byte{s[0] | 0x20, 'm'})
		}
		f.text(w, s)
	case 'r':
		return composed("%I:%M:%S %p")
	case 'R':
		return composed("%H:%M")
	case 's':
		f.number(w, int(t.Unix()), 1, '0')
	case 'S':
		f.number(w, sec, 2, '0')
	case 't':
		f.text(w, "\t")
	case 'T', 'X':
		return composed("%H:%M:%S")
	case 'u':
		f.number(w, (wday+6)%7+1, 1, '0')
	case 'U':
		f.number(w, (t.YearDay()-1+7-wday)/7, 2, '0')
	case 'V':
		_, week := t.ISOWeek()
		f.number(w, week, 2, '0')
	case 'w':
		f.number(w, wday, 1, '0')
	case 'W':
		f.number(w, (t.YearDay()-1+7-(wday+6)%7)/7, 2, '0')
	case 'y':
		f.number(w, (year%100+100)%100, 2, '0')
	case 'Y':
		f.number(w, year, 1, '0')
	case 'z':
		_, off := t.Zone()
		sign := byte('+')
		if off < 0 {
			sign, off = '-', -off
		}
		off /= 60
		w.b = append(w.b, sign)
		if f.width > 0 {
			f.width--
		}
		f.number(w, off/60*100+off%60, 4, '0')
	case 'Z':
		name, off := t.Zone()
		if name == "UTC" && t.Location() == time.UTC {
			name = "GMT"
		}
		if len(name) > 0 && (name[0] == '+' || name[0] == '-') && off == 0 {
			name = "GMT"
		}
		if f.swap {
			b := []byte(name)
			for i := range b {
				b[i] |= 0x20
			}
			name = string(b)
		}
		f.text(w, name)
	case '%':
		f.text(w, "%")
	default:
		return false
	}
	return true
}
