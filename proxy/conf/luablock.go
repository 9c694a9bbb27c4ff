package conf

import "bytes"

// luaError is an error of a Lua block, with the line it is about.
type luaError struct {
	msg  string
	line int
}

// luaBlock reads Lua code up to the "}" that closes the block whose "{" has just been read, and goes behind it. Braces in
// strings, long strings and comments don't count. The tokens are lua-nginx-module's (util/gen-lexer-c), down to a quote
// without an end on its line, which is an ordinary character.
func (x *lexer) luaBlock() (code []byte, lerr *luaError) {
	start := x.pos
	open := x.line // of the last "{"
	depth := 1
	for x.pos < len(x.src) {
		rest := x.src[x.pos:]
		switch c := rest[0]; c {
		case '\n':
			x.line++
			x.pos++
		case '{':
			depth++
			open = x.line
			x.pos++
		case '}':
			depth--
			x.pos++
			if depth == 0 {
				return x.src[start : x.pos-1], nil
			}
		case '-':
			if len(rest) < 2 || rest[1] != '-' {
				x.pos++
				continue
			}
			if n := longBracket(rest[2:]); n > 0 {
				if lerr := x.skipLong(2, n); lerr != nil {
					return nil, lerr
				}
				continue
			}
			if n := bytes.IndexByte(rest, '\n'); n >= 0 {
				x.pos += n
			} else {
				x.pos = len(x.src)
			}
		case '[':
			n := longBracket(rest)
			if n == 0 {
				x.pos++
				continue
			}
			if lerr := x.skipLong(0, n); lerr != nil {
				return nil, lerr
			}
		case '"', '\'':
			x.pos += luaString(rest, c)
		default:
			x.pos++
		}
	}
	return nil, &luaError{"unexpected end of file, expecting terminating characters for lua code block", open}
}

// longBracket returns the length of "[==[" at the start of s, 0 if there is none.
func longBracket(s []byte) int {
	if len(s) == 0 || s[0] != '[' {
		return 0
	}
	i := 1
	for i < len(s) && s[i] == '=' {
		i++
	}
	if i == len(s) || s[i] != '[' {
		return 0
	}
	return i + 1
}

// skipLong goes behind the end of a long string or comment whose bracket of n bytes is skip bytes ahead.
func (x *lexer) skipLong(skip, n int) *luaError {
	body := x.src[x.pos+skip+n:]
	end := bytes.Repeat([]byte{'='}, n)
	end[0], end[n-1] = ']', ']'
	i := bytes.Index(body, end)
	if i < 0 {
		return &luaError{`Lua code block missing the closing long bracket "` + string(end) +
			`", the inlined Lua code may be too long`, x.line}
	}
	x.line += bytes.Count(body[:i], []byte{'\n'})
	x.pos += skip + n + i + n
	return nil
}

// luaString returns the length of the string in quotes at the start of s, 1 if it has no end on its line.
func luaString(s []byte, quote byte) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case quote:
			return i + 1
		case '\n':
			return 1
		case '\\':
			i++
			if i < len(s) && s[i] == '\n' {
				return 1
			}
		}
	}
	return 1
}
