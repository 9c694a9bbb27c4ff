package compile

import (
	"bytes"
	"fmt"

	"moonring/lua/number"
)

// token is a byte of the source (single-character tokens) or one of these.
type token int

const (
	tokAnd token = 257 + iota
	tokBreak
	tokDo
	tokElse
	tokElseif
	tokEnd
	tokFalse
	tokFor
	tokFunction
	tokGoto
	tokIf
	tokIn
	tokLocal
	tokNil
	tokNot
	tokOr
	tokRepeat
	tokReturn
	tokThen
	tokTrue
	tokUntil
	tokWhile
	tokConcat
	tokDots
	tokEq
	tokGe
	tokLe
	tokNe
	tokLabel
	tokNumber
	tokName
	tokString
	tokEOF
)

var tokenNames = [...]string{"and", "break", "do", "else", "elseif", "end", "false", "for",
	"function", "goto", "if", "in", "local", "nil", "not", "or", "repeat", "return", "then",
	"true", "until", "while", "..", "...", "==", ">=", "<=", "~=", "::", "<number>", "<name>",
	"<string>", "<eof>"}

// String is the token as error messages show it.
func (t token) String() string {
	switch {
	case t >= tokAnd:
		return tokenNames[t-tokAnd]
	case t < ' ' || t == 127:
		return fmt.Sprintf("char(%d)", int(t))
	}
	return string([]byte{byte(t)})
}

const (
	isDigit = 1 << iota
	isHex
	isIdent // letters, digits, underscore, bytes >= 128
	isSpace
)

var class = func() (c [256]uint8) {
	for i := range c {
		b := byte(i)
		l := b | 0x20
		switch {
		case b >= '0' && b <= '9':
			c[i] = isDigit | isHex | isIdent
		case l >= 'a' && l <= 'f':
			c[i] = isHex | isIdent
		case l >= 'g' && l <= 'z', b == '_', b >= 128:
			c[i] = isIdent
		case b == ' ', b >= '\t' && b <= '\r':
			c[i] = isSpace
		}
	}
	return
}()

// tokenValue is what belongs to a name, string or number token.
type tokenValue struct {
	str nameID
	num float64
}

// lexer reads tokens, with one token of look-ahead.
//
// line is where the scanner stands, hence the line of the current token's end
// (or of the token looked ahead to), and lastLine is line as it was when the
// current token became current: the line of the token before. Instructions
// get lastLine, messages line; that is LuaJIT's way to count, which the
// positions in runtime errors depend on.
type lexer struct {
	src      []byte
	pos      int // next byte
	line     int32
	lastLine int32

	tok   token
	cur   tokenValue // of tok
	ahead token      // token looked ahead to, tokEOF if none
	val   tokenValue // of the token scanned last

	text  []byte // text of the name, string or number scanned last, for messages
	buf   []byte
	chunk string
	names names
}

// skipHeader skips a byte order mark and a first line with #, and refuses
// precompiled chunks.
func (l *lexer) skipHeader() {
	header := false
	if bytes.HasPrefix(l.src, []byte("\xef\xbb\xbf")) {
		l.pos = 3
		header = true
	}
	if l.pos < len(l.src) && l.src[l.pos] == '#' {
		for l.pos < len(l.src) && l.src[l.pos] != '\n' && l.src[l.pos] != '\r' {
			l.pos++
		}
		if l.pos == len(l.src) {
			return
		}
		l.newline()
		header = true
	}
	if l.pos < len(l.src) && l.src[l.pos] == 0x1b {
		if header {
			panic(&Error{Text: msgMalformed})
		}
		n := l.chunk
		if n != "" {
			switch n[0] {
			case 0x1b:
				n = "(binary)"
			case '@', '=':
				n = n[1:]
			}
		}
		panic(&Error{Text: n + ": " + msgIncompatible})
	}
}

// next makes the next token current.
func (l *lexer) next() {
	l.lastLine = l.line
	if l.ahead == tokEOF {
		l.tok = l.scan()
	} else {
		l.tok = l.ahead
		l.ahead = tokEOF
	}
	l.cur = l.val
}

// lookahead returns the token after the current one.
func (l *lexer) lookahead() token {
	l.ahead = l.scan()
	return l.ahead
}

// maxLine is the number of the first line that is one too many.
const maxLine = 0x7fffff00

// newline skips "\n", "\r", "\r\n" or "\n\r".
func (l *lexer) newline() {
	old := l.src[l.pos]
	l.pos++
	if l.pos < len(l.src) {
		if c := l.src[l.pos]; (c == '\n' || c == '\r') && c != old {
			l.pos++
		}
	}
	l.line++
	if l.line >= maxLine {
		l.fail(l.tok, msgLines)
	}
}

// scan reads one token. At the end of the source it returns tokEOF for ever.
func (l *lexer) scan() token {
	src := l.src
	for l.pos < len(src) {
		c := src[l.pos]
		if class[c]&isIdent != 0 {
			if c-'0' < 10 {
				return l.number(l.pos)
			}
			i := l.pos + 1
			for i < len(src) && class[src[i]]&isIdent != 0 {
				i++
			}
			l.text = src[l.pos:i]
			l.pos = i
			l.val.str = l.names.intern(l.text)
			return l.names.list[l.val.str].tok
		}
		switch c {
		case '\n', '\r':
			l.newline()
		case ' ', '\t', '\v', '\f':
			l.pos++
		case '-':
			l.pos++
			if !l.follows('-') {
				return '-'
			}
			l.comment()
		case '[':
			return l.bracket()
		case '=':
			return l.withEqual('=', tokEq)
		case '<':
			return l.withEqual('<', tokLe)
		case '>':
			return l.withEqual('>', tokGe)
		case '~':
			return l.withEqual('~', tokNe)
		case ':':
			l.pos++
			if l.follows(':') {
				return tokLabel
			}
			return ':'
		case '"', '\'':
			l.quoted(c)
			return tokString
		case '.':
			start := l.pos
			l.pos++
			if l.follows('.') {
				if l.follows('.') {
					return tokDots
				}
				return tokConcat
			}
			if l.pos < len(src) && src[l.pos]-'0' < 10 {
				return l.number(start)
			}
			return '.'
		default:
			l.pos++
			return token(c)
		}
	}
	return tokEOF
}

// follows skips the byte c if it comes next.
func (l *lexer) follows(c byte) bool {
	if l.pos < len(l.src) && l.src[l.pos] == c {
		l.pos++
		return true
	}
	return false
}

func (l *lexer) withEqual(alone byte, both token) token {
	l.pos++
	if l.follows('=') {
		return both
	}
	return token(alone)
}

// number scans a numeral that begins at start; pos is at its first digit. It
// takes everything that could belong to a numeral and judges then.
func (l *lexer) number(start int) token {
	src, i := l.src, l.pos
	exp := byte('e')
	c := src[i]
	i++
	if c == '0' && i < len(src) && src[i]|0x20 == 'x' {
		exp = 'p'
	}
	for i < len(src) {
		d := src[i]
		if class[d]&isIdent == 0 && d != '.' && !((d == '-' || d == '+') && c|0x20 == exp) {
			break
		}
		c = d
		i++
	}
	l.pos = i
	l.text = src[start:i]
	n, ok := number.Parse(l.text)
	if !ok {
		l.fail(tokNumber, msgNumber)
	}
	l.val.num = n
	return tokNumber
}

// comment skips a comment; pos is after the two dashes.
func (l *lexer) comment() {
	if l.pos < len(l.src) && l.src[l.pos] == '[' {
		if sep := l.separator('['); sep >= 0 {
			l.skipLongComment(sep)
			return
		}
	}
	for l.pos < len(l.src) && l.src[l.pos] != '\n' && l.src[l.pos] != '\r' {
		l.pos++
	}
}

// bracket scans '[' or a long string.
func (l *lexer) bracket() token {
	start := l.pos
	sep := l.separator('[')
	if sep >= 0 {
		l.longString(start, sep)
		return tokString
	}
	if sep != -1 {
		l.text = l.src[start:l.pos]
		l.fail(tokString, msgDelim)
	}
	return '['
}

// separator skips "[=*" or "]=*" and returns the number of equal signs if the
// same bracket follows (pos is then at that bracket), else -1 minus it.
func (l *lexer) separator(bracket byte) int {
	l.pos++
	n := 0
	for l.pos < len(l.src) && l.src[l.pos] == '=' {
		l.pos++
		n++
	}
	if l.pos < len(l.src) && l.src[l.pos] == bracket {
		return n
	}
	return -1 - n
}
