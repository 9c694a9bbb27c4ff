package lib

import (
	"moonring/lua"
	"moonring/lua/number"
)

// string.format, with LuaJIT's own reading of what C's printf does.

// spec is one conversion specification.
type spec struct {
	verb                         byte
	left, plus, zero, space, alt bool
	width                        int
	prec                         int // -1 if absent
}

// nextSpec splits format, whose first byte is '%', after the specification. ok
// is false if it is not one; then rest begins after the offending character.
func nextSpec(format []byte) (sp spec, rest []byte, ok bool) {
	at := func(i int) byte { // 0 at the end, as in C
		if i < len(format) {
			return format[i]
		}
		return 0
	}
	sp.prec = -1
	i := 1
flags:
	for ; ; i++ {
		switch at(i) {
		case '-':
			sp.left = true
		case '+':
			sp.plus = true
		case '0':
			sp.zero = true
		case ' ':
			sp.space = true
		case '#':
			sp.alt = true
		default:
			break flags
		}
	}
	for n := 0; n < 2 && at(i)-'0' < 10; n++ {
		sp.width = sp.width*10 + int(at(i)-'0')
		i++
	}
	if at(i) == '.' {
		i++
		sp.prec = 0
		for n := 0; n < 2 && at(i)-'0' < 10; n++ {
			sp.prec = sp.prec*10 + int(at(i)-'0')
			i++
		}
	}
	sp.verb = at(i)
	switch sp.verb {
	case 'A', 'E', 'F', 'G', 'X', 'a', 'c', 'd', 'e', 'f', 'g', 'i', 'o', 'p', 'q', 's', 'u', 'x':
		return sp, format[i+1:], true
	}
	if sp.verb >= 32 {
		i++
	}
	return sp, format[min(i, len(format)):], false
}

// format is a compiled format: pieces of text, each but maybe the last one
// followed by a conversion.
type format struct {
	text   []byte
	pieces []piece
	err    string // the conversion that the last piece has instead of one, which isn't any
}

type piece struct {
	from, to int32 // of text
	kind     uint8
	sp       spec
}

// Kinds of pieces, by how they end.
const (
	pieceEnd    = iota // without a conversion
	pieceBad           // with what isn't one
	pieceString        // %s without flags, width and precision
	pieceInt           // %d without
	pieceOther
)

func (f *format) compile(b []byte) {
	*f = format{text: f.text[:0], pieces: f.pieces[:0]}
	from := 0
	for len(b) > 0 {
		i := 0
		for i < len(b) && b[i] != '%' {
			i++
		}
		f.text = append(f.text, b[:i]...)
		if b = b[i:]; len(b) == 0 {
			break
		}
		if len(b) > 1 && b[1] == '%' {
			f.text = append(f.text, '%')
			b = b[2:]
			continue
		}
		sp, rest, ok := nextSpec(b)
		p := piece{from: int32(from), to: int32(len(f.text)), kind: pieceOther, sp: sp}
		if !ok {
			f.err = string(b[:len(b)-len(rest)])
			p.kind = pieceBad
			f.pieces = append(f.pieces, p)
			return
		}
		if sp.plain() && !sp.left && !sp.zero && !sp.alt {
			switch sp.verb {
			case 's':
				p.kind = pieceString
			case 'd', 'i':
				p.kind = pieceInt
			}
		}
		f.pieces = append(f.pieces, p)
		b, from = rest, len(f.text)
	}
	f.pieces = append(f.pieces, piece{from: int32(from), to: int32(len(f.text))})
}

func strFormat(c *lua.Call) lua.Ret {
	w := newBuffer(c)
	if !w.addFormat(1) {
		return w.fail()
	}
	return w.result()
}

// addFormat adds what argument arg, a format, makes of those after it; false
// after an error.
func (w *buffer) addFormat(arg int) bool {
	c := w.c
	if _, ok := c.CheckString(arg); !ok {
		return false
	}
	vm := c.VM()
	s := sideOf(vm)
	f := s.format(c, c.Arg(arg))
	if f == nil {
		return false
	}
	made := s.made
	for i := 0; ; i++ {
		if s.made != made { // by the __tostring of an argument
			if f = s.format(c, c.Arg(arg)); f == nil {
				return false
			}
			made = s.made
		}
		p := &f.pieces[i]
		if p.to > p.from && !w.add(f.text[p.from:p.to]) {
			return false
		}
		v := c.Arg(arg + i + 1)
		switch p.kind {
		case pieceEnd:
			return true
		case pieceBad:
			c.Errorf("invalid option '%s' to 'format'", f.err)
			return false
		case pieceString:
			if v.IsString() {
				if !w.add(vm.Bytes(v)) {
					return false
				}
				continue
			}
		case pieceInt:
			if k := int64(v.Float()); v.IsNumber() && float64(k) == v.Float() && len(w.b) <= w.next {
				w.b = number.AppendInt(w.b, k)
				continue
			}
		}
		sp := p.sp // which may be gone when addArg is done
		if !w.addArg(&sp, arg+i+1) {
			return false
		}
	}
}

// addArg adds argument i as sp says; false after an error.
func (w *buffer) addArg(sp *spec, i int) bool {
	c := w.c
	if !c.CheckAny(i) {
		return false
	}
	switch sp.verb {
	case 's', 'q':
		return w.addStringArg(sp, i)
	case 'p':
		var buf [24]byte
		return w.addPadded(sp, appendPointer(buf[:0], c.Arg(i)))
	}
	f, ok := c.CheckNumber(i)
	if !ok {
		return false
	}
	if len(w.b) > w.next && !w.grow(0) {
		return false
	}
	switch sp.verb {
	case 'd', 'i':
		w.b = appendInt(w.b, sp, uint64(toInt64(f)))
	case 'u', 'o', 'x', 'X':
		w.b = appendInt(w.b, sp, toUint64(f))
	case 'c':
		var b [1]byte
		b[0] = byte(toInt32(f))
		prec := sp.prec
		sp.prec = -1
		ok = w.addPadded(sp, b[:])
		sp.prec = prec
		return ok
	default:
		w.b = appendFloat(w.b, sp, f)
		if w.cost += 100 + 16*max(sp.prec, 0); w.cost > 4096 {
			return w.settle()
		}
	}
	return true
}

// appendPointer appends the place of an object in the arena as tostring shows
// it, NULL for values that are no objects.
func appendPointer(dst []byte, v lua.Value) []byte {
	a := v.Payload()
	switch {
	case v.IsNil() || v.IsBool() || v.IsNumber() || v == lua.Null:
		return append(dst, "NULL"...)
	case !v.IsLight():
		a = uint64(uint32(v)) << 3
	}
	n := 8
	for n < 16 && a>>(4*n) != 0 {
		n++
	}
	dst = append(dst, "0x"...)
	for n--; n >= 0; n-- {
		dst = append(dst, "0123456789abcdef"[a>>(4*n)&15])
	}
	return dst
}

func (sp *spec) plain() bool {
	return sp.width == 0 && sp.prec < 0 && !sp.plus && !sp.space
}

// addStringArg adds argument i for %s or %q.
func (w *buffer) addStringArg(sp *spec, i int) bool {
	c := w.c
	v := c.Arg(i)
	var text []byte
	switch {
	case v.IsString():
		text = c.VM().Bytes(v)
	case v.IsNumber():
		var buf [32]byte
		text = number.Append(buf[:0], v.Float())
	default:
		s, ok := c.ToString(v)
		if !ok {
			return false
		}
		if !s.IsString() {
			// What __tostring returned need not be a string.
			text = c.VM().AppendText(nil, s)
			break
		}
		text = c.VM().Bytes(s)
	}
	if sp.verb == 'q' {
		return w.addQuoted(text)
	}
	return w.addPadded(sp, text)
}

// addPadded adds text cut to the precision and padded to the width.
func (w *buffer) addPadded(sp *spec, text []byte) bool {
	if sp.prec >= 0 && sp.prec < len(text) {
		text = text[:sp.prec]
	}
	pad := sp.width - len(text)
	if !sp.left {
		w.pad(' ', pad)
	}
	if !w.add(text) {
		return false
	}
	if sp.left {
		w.pad(' ', pad)
	}
	return true
}

// pad adds ch n times; n is less than 100.
func (w *buffer) pad(ch byte, n int) { w.b = appendPad(w.b, ch, n) }

func appendPad(dst []byte, ch byte, n int) []byte {
	for ; n > 0; n-- {
		dst = append(dst, ch)
	}
	return dst
}

// addQuoted adds text as a Lua string literal.
func (w *buffer) addQuoted(text []byte) bool {
	if !w.addByte('"') {
		return false
	}
	for i, ch := range text {
		if len(w.b)+5 > w.next && !w.grow(5) {
			return false
		}
		switch {
		case ch == '"' || ch == '\\' || ch == '\n':
			w.b = append(w.b, '\\', ch)
		case charClass[ch]&chCntrl != 0:
			w.b = append(w.b, '\\')
			// Three digits if a digit follows, else as many as it takes.
			if ch >= 100 || i+1 < len(text) && text[i+1]-'0' < 10 {
				w.b = append(w.b, '0'+ch/100)
			}
			if ch >= 10 || i+1 < len(text) && text[i+1]-'0' < 10 {
				w.b = append(w.b, '0'+ch/10%10)
			}
			w.b = append(w.b, '0'+ch%10)
		default:
			w.b = append(w.b, ch)
		}
	}
	return w.addByte('"')
}

// toInt64 converts as cvttsd2si does.
func toInt64(f float64) int64 {
	if f >= -(1<<63) && f < 1<<63 {
		return int64(f)
	}
	return -1 << 63
}

// toUint64 converts f for the unsigned verbs: negative numbers wrap, and so do
// those from 2^63 on.
func toUint64(f float64) uint64 {
	if f >= 1<<63 {
		return uint64(toInt64(f - 1<<64))
	}
	return uint64(toInt64(f))
}

// appendInt appends k for the integer verbs.
func appendInt(dst []byte, sp *spec, k uint64) []byte {
	const digits, upper = "0123456789abcdef", "0123456789ABCDEF"
	var buf [32]byte
	p := len(buf)
	var prefix [2]byte
	np := 0
	if sp.verb == 'd' || sp.verb == 'i' {
		switch {
		case int64(k) < 0:
			k = -k
			prefix[0], np = '-', 1
		case sp.plus:
			prefix[0], np = '+', 1
		case sp.space:
			prefix[0], np = ' ', 1
		}
	}
	switch sp.verb {
	case 'o':
		for n := k; n != 0; n >>= 3 {
			p--
			buf[p] = byte('0' + n&7)
		}
		if k != 0 && sp.alt {
			p--
			buf[p] = '0'
		}
	case 'x', 'X':
		table := digits
		if sp.verb == 'X' {
			table = upper
		}
		for n := k; n != 0; n >>= 4 {
			p--
			buf[p] = table[n&15]
		}
		if k != 0 && sp.alt {
			prefix, np = [2]byte{'0', sp.verb}, 2
		}
	default:
		for n := k; n != 0; n /= 10 {
			p--
			buf[p] = byte('0' + n%10)
		}
	}
	if k == 0 && (sp.prec != 0 || sp.verb == 'o' && sp.alt) {
		p--
		buf[p] = '0'
	}
	number := buf[p:]
	zeros := max(sp.prec-len(number), 0)
	pad := max(sp.width-zeros-len(number)-np, 0)
	zero := sp.zero && sp.prec < 0 && !sp.left
	if zero {
		zeros, pad = pad, 0
	}
	if !sp.left {
		dst = appendPad(dst, ' ', pad)
	}
	dst = append(dst, prefix[:np]...)
	dst = appendPad(dst, '0', zeros)
	dst = append(dst, number...)
	if sp.left {
		dst = appendPad(dst, ' ', pad)
	}
	return dst
}

// appendFloat appends f for the verbs a, e, f and g.
func appendFloat(dst []byte, sp *spec, f float64) []byte {
	upper := sp.verb < 'a'
	verb := sp.verb | 0x20
	start := len(dst)
	if f-f == 0 && !upper && verb != 'a' && !sp.plus && !sp.space && !sp.zero && !sp.left {
		prec := sp.prec
		if prec < 0 {
			prec = 6
		}
		dst = number.AppendFloat(dst, f, verb, prec, sp.alt)
		if pad := sp.width - (len(dst) - start); pad > 0 {
			dst = appendPad(dst, ' ', pad)
			copy(dst[start+pad:], dst[start:])
			for i := range pad {
				dst[start+i] = ' '
			}
		}
		return dst
	}
	var buf [512]byte
	text := buf[:0]
	zero := sp.zero && !sp.left
	neg := false
	switch {
	case f != f:
		text = append(text, "nan"...)
		zero = false
	case f-f != 0:
		neg = f < 0
		text = append(text, "inf"...)
		zero = false
	case verb == 'a':
		text = number.AppendHex(text, f, sp.prec, sp.alt)
	default:
		prec := sp.prec
		if prec < 0 {
			prec = 6
		}
		text = number.AppendFloat(text, f, verb, prec, sp.alt)
	}
	if text[0] == '-' {
		neg = true
		text = text[1:]
	}
	sign := byte(0)
	switch {
	case neg:
		sign = '-'
	case sp.plus && f == f:
		sign = '+'
	case sp.space:
		sign = ' '
	}
	pad := sp.width - len(text)
	if sign != 0 {
		pad--
	}
	if !sp.left && !zero {
		dst = appendPad(dst, ' ', pad)
	}
	if sign != 0 {
		dst = append(dst, sign)
	}
	if zero {
		if verb == 'a' && f-f == 0 {
			dst = append(dst, text[:2]...)
			text = text[2:]
		}
		dst = appendPad(dst, '0', pad)
	}
	dst = append(dst, text...)
	if sp.left {
		dst = appendPad(dst, ' ', pad)
	}
	if upper {
		for i := start; i < len(dst); i++ {
			if dst[i]-'a' < 26 {
				dst[i] ^= 0x20
			}
		}
	}
	return dst
}
