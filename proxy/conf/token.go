package conf

import "strings"

// token is what ends a statement.
type token int8

const (
	tokStatement token = iota // words ended by ";"
	tokBlock                  // words ended by "{"
	tokEnd                    // "}"
	tokEOF
)

// lexer splits a configuration file into words, by the rules of nginx's ngx_conf_read_token.
type lexer struct {
	src  []byte
	pos  int
	line int // of the next byte, from 1
	// param says that src is the -g parameter: other texts at its end.
	param bool
}

// words is one statement: the words, unquoted, and the line on which each begins.
type words struct {
	text  []string
	lines []int
}

// next reads one statement. w is valid for tokStatement and tokBlock.
func (x *lexer) next() (tok token, w words, err error) {
	for {
		x.skipSpace()
		if x.pos == len(x.src) {
			if len(w.text) > 0 {
				return tokEOF, w, x.eof()
			}
			return tokEOF, w, nil
		}
		switch c := x.src[x.pos]; c {
		case ';', '{':
			if len(w.text) == 0 {
				return tokEOF, w, unexpected(c)
			}
			x.pos++
			if c == '{' {
				return tokBlock, w, nil
			}
			return tokStatement, w, nil
		case '}':
			if len(w.text) > 0 {
				return tokEOF, w, unexpected(c)
			}
			x.pos++
			return tokEnd, w, nil
		case '"', '\'':
			line := x.line
			word, ok := x.quoted(c)
			if !ok {
				return tokEOF, w, x.eof()
			}
			w.add(word, line)
			// After a quote only an end or a space may follow; nginx also lets ")" begin the next word, for if ( ).
			if x.pos == len(x.src) {
				return tokEOF, w, x.eof()
			}
			switch c := x.src[x.pos]; c {
			case ' ', '\t', '\r', '\n', ';', '{', ')':
			default:
				return tokEOF, w, unexpected(c)
			}
		default:
			line := x.line
			word, ok := x.bare()
			if !ok {
				return tokEOF, w, x.eof()
			}
			w.add(word, line)
		}
	}
}

func (w *words) add(text string, line int) {
	w.text = append(w.text, text)
	w.lines = append(w.lines, line)
}

func unexpected(c byte) error { return fault(`unexpected "` + string([]byte{c}) + `"`) }

func (x *lexer) eof() error {
	if x.param {
		return fault(`unexpected end of parameter, expecting ";"`)
	}
	return fault(`unexpected end of file, expecting ";" or "}"`)
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

// skipSpace skips spaces and comments.
func (x *lexer) skipSpace() {
	for x.pos < len(x.src) {
		switch c := x.src[x.pos]; {
		case c == '\n':
			x.line++
			x.pos++
		case isSpace(c):
			x.pos++
		case c == '#':
			for x.pos < len(x.src) && x.src[x.pos] != '\n' {
				x.pos++
			}
		default:
			return
		}
	}
}

// quoted reads a word in quotes and goes behind its end.
func (x *lexer) quoted(quote byte) (word string, ok bool) {
	start := x.pos + 1
	for i := start; i < len(x.src); i++ {
		switch x.src[i] {
		case '\n':
			x.line++
		case '\\':
			i++
			if i < len(x.src) && x.src[i] == '\n' {
				x.line++
			}
		case quote:
			x.pos = i + 1
			return unescape(x.src[start:i]), true
		}
	}
	x.pos = len(x.src)
	return "", false
}

// bare reads a word without quotes up to the space, ";" or "{" that ends it. A "{" behind "$" belongs to a variable.
func (x *lexer) bare() (word string, ok bool) {
	start := x.pos
	variable := false
	for i := start; i < len(x.src); i++ {
		c := x.src[i]
		if c == '{' && variable {
			continue
		}
		variable = c == '$'
		switch {
		case c == '\\':
			i++
			if i < len(x.src) && x.src[i] == '\n' {
				x.line++
			}
		case isSpace(c), c == ';', c == '{':
			x.pos = i
			return unescape(x.src[start:i]), true
		}
	}
	x.pos = len(x.src)
	return "", false
}

// unescape resolves nginx's escapes: \" \' \\ lose the backslash, \t \r \n become the control character, any other
// backslash stays.
func unescape(src []byte) string {
	var b strings.Builder
	b.Grow(len(src))
	for i := 0; i < len(src); i++ {
		c := src[i]
		if c == '\\' && i+1 < len(src) {
			switch src[i+1] {
			case '"', '\'', '\\':
				i++
				c = src[i]
			case 't':
				i++
				c = '\t'
			case 'r':
				i++
				c = '\r'
			case 'n':
				i++
				c = '\n'
			}
		}
		b.WriteByte(c)
	}
	return b.String()
}
