package compile

import "unicode/utf8"

// quoted scans a string in quotes. Its text for messages is what LuaJIT's
// buffer holds: the opening quote, the decoded value so far, and the closing
// quote once that is read.
func (l *lexer) quoted(delim byte) {
	src := l.src
	start := l.pos
	for i := start + 1; i < len(src); i++ {
		switch c := src[i]; c {
		case delim:
			l.pos = i + 1
			l.text = src[start:l.pos]
			l.val.str = l.names.intern(src[start+1 : i])
			return
		case '\\':
			l.pos = i
			l.buf = append(l.buf[:0], src[start:i]...)
			l.quotedEscapes(delim)
			return
		case '\n', '\r':
			l.pos = i
			l.text = src[start:i]
			l.fail(tokString, msgString)
		}
	}
	l.pos = len(src)
	l.fail(tokEOF, msgString)
}

// quotedEscapes scans the rest of a quoted string from its first backslash on.
func (l *lexer) quotedEscapes(delim byte) {
	for l.pos < len(l.src) {
		switch c := l.src[l.pos]; c {
		case delim:
			l.pos++
			l.val.str = l.names.intern(l.buf[1:])
			l.buf = append(l.buf, delim)
			l.text = l.buf
			return
		case '\n', '\r':
			l.text = l.buf
			l.fail(tokString, msgString)
		case '\\':
			l.pos++
			if !l.escape() {
				l.text = l.buf
				l.fail(tokString, msgEscape)
			}
		default:
			l.buf = append(l.buf, c)
			l.pos++
		}
	}
	l.fail(tokEOF, msgString)
}

// escape decodes one escape sequence, with pos after the backslash.
func (l *lexer) escape() bool {
	src := l.src
	if l.pos == len(src) {
		return true // the caller finds the end of the source
	}
	c := src[l.pos]
	l.pos++
	switch c {
	case 'a':
		c = '\a'
	case 'b':
		c = '\b'
	case 'f':
		c = '\f'
	case 'n':
		c = '\n'
	case 'r':
		c = '\r'
	case 't':
		c = '\t'
	case 'v':
		c = '\v'
	case '\\', '"', '\'':
	case 'x':
		if l.pos+2 > len(src) || class[src[l.pos]]&class[src[l.pos+1]]&isHex == 0 {
			return false
		}
		c = hexValue(src[l.pos])<<4 | hexValue(src[l.pos+1])
		l.pos += 2
	case 'u':
		return l.escapeUnicode()
	case 'z':
		for l.pos < len(src) && class[src[l.pos]]&isSpace != 0 {
			if src[l.pos] == '\n' || src[l.pos] == '\r' {
				l.newline()
			} else {
				l.pos++
			}
		}
		return true
	case '\n', '\r':
		l.pos--
		l.newline()
		c = '\n'
	default:
		if class[c]&isDigit == 0 {
			return false
		}
		n := int(c - '0')
		for i := 0; i < 2 && l.pos < len(src) && class[src[l.pos]]&isDigit != 0; i++ {
			n = n*10 + int(src[l.pos]-'0')
			l.pos++
		}
		if n > 255 {
			return false
		}
		c = byte(n)
	}
	l.buf = append(l.buf, c)
	return true
}

// escapeUnicode decodes \u{XXX}, with pos after the u.
func (l *lexer) escapeUnicode() bool {
	src := l.src
	if !l.follows('{') {
		return false
	}
	r := rune(0)
	for first := true; ; first = false {
		if l.pos == len(src) {
			return false
		}
		c := src[l.pos]
		if c == '}' && !first {
			break
		}
		if class[c]&isHex == 0 {
			return false
		}
		r = r<<4 | rune(hexValue(c))
		if r > utf8.MaxRune {
			return false
		}
		l.pos++
	}
	l.pos++
	if r >= 0xd800 && r < 0xe000 {
		return false // no surrogates
	}
	l.buf = utf8.AppendRune(l.buf, r)
	return true
}

func hexValue(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c&15 + 9
}

// longString scans a string in long brackets that began at start; pos is at
// the second bracket. Line ends become "\n", a first one is dropped.
func (l *lexer) longString(start, sep int) {
	l.pos++
	src := l.src
	if l.pos < len(src) && (src[l.pos] == '\n' || src[l.pos] == '\r') {
		l.newline()
	}
	l.buf = append(l.buf[:0], src[start:start+sep+2]...)
	from := l.pos // not yet copied
	for l.pos < len(src) {
		switch src[l.pos] {
		case ']':
			if l.separator(']') == sep {
				l.pos++
				l.buf = append(l.buf, src[from:l.pos]...)
				l.text = l.buf
				l.val.str = l.names.intern(l.buf[sep+2 : len(l.buf)-sep-2])
				return
			}
		case '\n', '\r':
			l.buf = append(l.buf, src[from:l.pos]...)
			l.buf = append(l.buf, '\n')
			l.newline()
			from = l.pos
		default:
			l.pos++
		}
	}
	l.fail(tokEOF, msgLongString)
}

// skipLongComment skips to the end of a long comment; pos is at the second bracket.
func (l *lexer) skipLongComment(sep int) {
	l.pos++
	for l.pos < len(l.src) {
		switch l.src[l.pos] {
		case ']':
			if l.separator(']') == sep {
				l.pos++
				return
			}
		case '\n', '\r':
			l.newline()
		default:
			l.pos++
		}
	}
	l.fail(tokEOF, msgLongCom)
}
