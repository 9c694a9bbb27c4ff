package lib

import (
	"bytes"
	"unicode/utf8"

	"moonring/lua"
	"moonring/lua/number"
)

// jsonToken is a token's kind.
type jsonToken uint8

const (
	jsonBad jsonToken = iota // jsonDecoder.bad says why
	jsonObjBegin
	jsonObjEnd
	jsonArrBegin
	jsonArrEnd
	jsonString
	jsonNumber
	jsonBoolean
	jsonNullToken
	jsonColon
	jsonComma
	jsonEnd
)

var jsonTokenNames = [...]string{
	jsonObjBegin: "T_OBJ_BEGIN", jsonObjEnd: "T_OBJ_END", jsonArrBegin: "T_ARR_BEGIN", jsonArrEnd: "T_ARR_END",
	jsonString: "T_STRING", jsonNumber: "T_NUMBER", jsonBoolean: "T_BOOLEAN", jsonNullToken: "T_NULL",
	jsonColon: "T_COLON", jsonComma: "T_COMMA", jsonEnd: "T_END",
}

// jsonDecoder reads one text. As in lua-cjson a NUL ends it.
type jsonDecoder struct {
	buffer    // for strings with escapes
	vm        *lua.VM
	src       []byte
	at        int // the byte to read next
	token     jsonToken
	index     int    // where the token is
	bad       string // what is wrong with it
	val       lua.Value
	depthMax  int
	arrayMeta lua.Value // Nil: arrays have none
	invalid   bool
	comments  bool
}

func jsonDecode(c *lua.Call) lua.Ret {
	if c.NArgs() != 1 {
		return c.ArgError(1, "expected 1 argument")
	}
	src, ok := c.CheckString(1)
	if !ok || !c.Charge(len(src)/4) {
		return lua.Fail
	}
	if len(src) >= 2 && (src[0] == 0 || src[1] == 0) {
		return c.Errorf("JSON parser does not support UTF-16 or UTF-32")
	}
	vm, cfg := c.VM(), c.Upvalue(1)
	d := jsonDecoder{buffer: newBuffer(c), vm: vm, src: src, arrayMeta: lua.Nil}
	d.depthMax = min(jsonGet(vm, cfg, jsonDecodeDepth), jsonDepthMax)
	d.invalid = jsonGet(vm, cfg, jsonDecodeInvalid) == 1
	d.comments = jsonGet(vm, cfg, jsonComments) == 1
	if jsonGet(vm, cfg, jsonArrayMeta) == 1 {
		d.arrayMeta = c.Upvalue(3)
	}
	ok = d.scan()
	var v lua.Value
	if ok {
		v, ok = d.value(0)
	}
	if ok && d.scan() {
		if d.token == jsonEnd {
			d.release()
			return c.Return1(v)
		}
		d.expected("the end")
	}
	return d.fail()
}

// expected raises lua-cjson's error about the token.
func (d *jsonDecoder) expected(what string) bool {
	found := d.bad
	if d.token != jsonBad {
		found = jsonTokenNames[d.token]
	}
	d.c.Errorf("Expected %s but found %s at character %d", what, found, d.index+1)
	return false
}

// byteAt is byte i of the text, NUL beyond its end.
func (d *jsonDecoder) byteAt(i int) byte {
	if i < len(d.src) {
		return d.src[i]
	}
	return 0
}

// invalidToken makes the token a wrong one, which begins here.
func (d *jsonDecoder) invalidToken(why string) {
	d.token, d.index, d.bad = jsonBad, d.at, why
}

// scan reads the next token. It returns false only after an error that was raised: a wrong token is one, too.
func (d *jsonDecoder) scan() bool {
	for {
		for d.at < len(d.src) {
			if ch := d.src[d.at]; ch != ' ' && ch != '\n' && ch != '\t' && ch != '\r' {
				break
			}
			d.at++
		}
		if !d.comments || d.byteAt(d.at) != '/' || d.byteAt(d.at+1) != '/' && d.byteAt(d.at+1) != '*' {
			break
		}
		if !d.comment() {
			d.invalidToken("unclosed multi-line comment")
			return true
		}
	}
	d.index = d.at
	ch := d.byteAt(d.at)
	switch ch {
	case 0:
		d.token = jsonEnd
		return true
	case '"':
		return d.text()
	case '{':
		d.token = jsonObjBegin
	case '}':
		d.token = jsonObjEnd
	case '[':
		d.token = jsonArrBegin
	case ']':
		d.token = jsonArrEnd
	case ':':
		d.token = jsonColon
	case ',':
		d.token = jsonComma
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		if !d.invalid && d.strange() {
			d.invalidToken("invalid number")
			return true
		}
		d.number()
		return true
	case 't', 'f', 'n', 'i', 'I', 'N', '+':
		d.word()
		return true
	default:
		d.invalidToken("invalid token")
		return true
	}
	d.at++
	return true
}

// comment passes over a comment; false if it has no end.
func (d *jsonDecoder) comment() bool {
	line := d.src[d.at+1] == '/'
	d.at += 2
	rest := d.src[d.at:]
	if i := bytes.IndexByte(rest, 0); i >= 0 {
		rest = rest[:i]
	}
	if line {
		if i := bytes.IndexByte(rest, '\n'); i >= 0 {
			d.at += i
		} else {
			d.at += len(rest)
		}
		return true
	}
	i := bytes.Index(rest, []byte("*/"))
	if i < 0 {
		d.at += len(rest)
		return false
	}
	d.at += i + 2
	return true
}

func (d *jsonDecoder) word() {
	rest := d.src[d.at:]
	switch {
	case bytes.HasPrefix(rest, jsonTrue):
		d.token, d.val = jsonBoolean, lua.True
		d.at += 4
	case bytes.HasPrefix(rest, jsonFalse):
		d.token, d.val = jsonBoolean, lua.False
		d.at += 5
	case bytes.HasPrefix(rest, jsonNull):
		d.token, d.val = jsonNullToken, lua.Null
		d.at += 4
	case d.invalid && d.strange():
		d.number()
	default:
		d.invalidToken("invalid token")
	}
}

// strange tells if what begins here may be a number to C's strtod, but can't be one of JSON's.
func (d *jsonDecoder) strange() bool {
	i := d.at
	if d.src[i] == '+' {
		return true
	}
	if d.src[i] == '-' {
		i++
	}
	ch, next := d.byteAt(i), d.byteAt(i+1)
	if ch == '0' {
		return next|0x20 == 'x' || next-'0' < 10
	}
	if ch <= '9' {
		return false
	}
	return d.wordAt(i, "inf") || d.wordAt(i, "nan")
}

// wordAt compares, letter case aside.
func (d *jsonDecoder) wordAt(i int, lower string) bool {
	for k := range len(lower) {
		if d.byteAt(i+k)|0x20 != lower[k] {
			return false
		}
	}
	return true
}

func (d *jsonDecoder) digits(i int) int {
	for d.byteAt(i)-'0' < 10 {
		i++
	}
	return i
}

// number reads as much as C's strtod does.
func (d *jsonDecoder) number() {
	i := d.at
	if ch := d.src[i]; ch == '-' || ch == '+' {
		i++
	}
	end := 0
	switch {
	case d.wordAt(i, "inf"):
		end = i + 3
		if d.wordAt(i, "infinity") {
			end = i + 8
		}
	case d.wordAt(i, "nan"):
		end = i + 3
	case d.byteAt(i) == '0' && d.byteAt(i+1)|0x20 == 'x' && (isHex(d.byteAt(i+2)) || d.byteAt(i+2) == '.' && isHex(d.byteAt(i+3))):
		for end = i + 2; isHex(d.byteAt(end)); end++ {
		}
		if d.byteAt(end) == '.' {
			for end++; isHex(d.byteAt(end)); end++ {
			}
		}
		end = d.exponent(end, 'p')
	default:
		end = d.digits(i)
		n := end - i
		if d.byteAt(end) == '.' {
			frac := d.digits(end + 1)
			if n += frac - end - 1; n > 0 {
				end = frac
			}
		}
		if n == 0 {
			d.invalidToken("invalid number")
			return
		}
		end = d.exponent(end, 'e')
	}
	// Lua's numbers have no plus sign of their own.
	from := d.at
	if d.src[from] == '+' {
		from++
	}
	f, ok := number.Parse(d.src[from:end])
	if !ok {
		d.invalidToken("invalid number")
		return
	}
	d.token, d.val, d.at = jsonNumber, lua.Number(f), end
}

// exponent returns the end of an exponent at i, or i if there is none.
func (d *jsonDecoder) exponent(i int, letter byte) int {
	if d.byteAt(i)|0x20 != letter {
		return i
	}
	k := i + 1
	if ch := d.byteAt(k); ch == '+' || ch == '-' {
		k++
	}
	if end := d.digits(k); end > k {
		return end
	}
	return i
}

func isHex(ch byte) bool { return charClass[ch]&chXdigit != 0 }

// text reads a string.
func (d *jsonDecoder) text() bool {
	d.at++
	from := d.at
	for d.at < len(d.src) && d.src[d.at] != '"' && d.src[d.at] != '\\' && d.src[d.at] != 0 {
		d.at++
	}
	s := d.src[from:d.at]
	if d.byteAt(d.at) != '"' {
		d.b, d.done, d.next = append(d.b[:0], s...), 0, max(d.next, len(s)+bufferAsk)
		for d.byteAt(d.at) != '"' {
			ch := d.byteAt(d.at)
			switch ch {
			case 0:
				d.invalidToken("unexpected end of string")
				return true
			case '\\':
				switch ch = d.byteAt(d.at + 1); ch {
				case '"', '\\', '/':
				case 'b':
					ch = '\b'
				case 't':
					ch = '\t'
				case 'n':
					ch = '\n'
				case 'f':
					ch = '\f'
				case 'r':
					ch = '\r'
				case 'u':
					if !d.unicode() {
						d.invalidToken("invalid unicode escape code")
						return true
					}
					continue
				default:
					d.invalidToken("invalid escape code")
					return true
				}
				d.at++
			}
			d.b = append(d.b, ch)
			d.at++
		}
		s = d.b
	}
	d.at++
	d.token = jsonString
	if d.val = d.vm.NewString(s); d.val.IsNil() {
		d.c.MemoryError()
		return false
	}
	return true
}

// hex4 reads four digits at i, -1 if there aren't.
func (d *jsonDecoder) hex4(i int) rune {
	var r rune
	for k := range 4 {
		digit, ok := number.HexDigit(d.byteAt(i + k))
		if !ok {
			return -1
		}
		r = r<<4 | rune(digit)
	}
	return r
}

// unicode appends what an escape \uXXXX, or two for a pair of surrogates, stands for.
func (d *jsonDecoder) unicode() bool {
	r := d.hex4(d.at + 2)
	size := 6
	if r < 0 {
		return false
	}
	if r&0xF800 == 0xD800 {
		if r&0x400 != 0 || d.byteAt(d.at+6) != '\\' || d.byteAt(d.at+7) != 'u' {
			return false
		}
		low := d.hex4(d.at + 8)
		if low < 0 || low&0xFC00 != 0xDC00 {
			return false
		}
		r = 0x10000 + r&0x3FF<<10 + low&0x3FF
		size = 12
	}
	d.b = utf8.AppendRune(d.b, r)
	d.at += size
	return true
}

// value makes the value that begins with the token.
func (d *jsonDecoder) value(depth int) (lua.Value, bool) {
	if d.cost += 25; d.cost > 1<<13 {
		if !d.c.Charge(d.cost) {
			return lua.Nil, false
		}
		d.cost = 0
	}
	switch d.token {
	case jsonString, jsonNumber, jsonBoolean, jsonNullToken:
		return d.val, true
	case jsonObjBegin, jsonArrBegin:
		if depth++; depth > d.depthMax {
			d.c.Errorf("Found too many nested data structures (%d) at character %d", depth, d.at)
			return lua.Nil, false
		}
		if d.token == jsonArrBegin {
			return d.array(depth)
		}
		return d.object(depth)
	}
	return lua.Nil, d.expected("value")
}

func (d *jsonDecoder) noMemory() (lua.Value, bool) {
	d.c.MemoryError()
	return lua.Nil, false
}

func (d *jsonDecoder) array(depth int) (lua.Value, bool) {
	t := d.vm.NewTable(0, 0)
	if t.IsNil() {
		return d.noMemory()
	}
	if !d.arrayMeta.IsNil() {
		d.vm.SetMetatable(t, d.arrayMeta)
	}
	if !d.scan() {
		return lua.Nil, false
	}
	if d.token == jsonArrEnd {
		return t, true
	}
	for i := 1; ; i++ {
		v, ok := d.value(depth)
		if !ok {
			return lua.Nil, false
		}
		if !d.vm.RawSetInt(t, i, v) {
			return d.noMemory()
		}
		if !d.scan() {
			return lua.Nil, false
		}
		if d.token == jsonArrEnd {
			return t, true
		}
		if d.token != jsonComma {
			return lua.Nil, d.expected("comma or array end")
		}
		if !d.scan() {
			return lua.Nil, false
		}
	}
}

func (d *jsonDecoder) object(depth int) (lua.Value, bool) {
	t := d.vm.NewTable(0, 0)
	if t.IsNil() {
		return d.noMemory()
	}
	if !d.scan() {
		return lua.Nil, false
	}
	if d.token == jsonObjEnd {
		return t, true
	}
	for {
		if d.token != jsonString {
			return lua.Nil, d.expected("object key string")
		}
		key := d.val
		if !d.scan() {
			return lua.Nil, false
		}
		if d.token != jsonColon {
			return lua.Nil, d.expected("colon")
		}
		if !d.scan() {
			return lua.Nil, false
		}
		v, ok := d.value(depth)
		if !ok {
			return lua.Nil, false
		}
		if !d.vm.RawSet(t, key, v) {
			return d.noMemory()
		}
		if !d.scan() {
			return lua.Nil, false
		}
		if d.token == jsonObjEnd {
			return t, true
		}
		if d.token != jsonComma {
			return lua.Nil, d.expected("comma or object end")
		}
		if !d.scan() {
			return lua.Nil, false
		}
	}
}
