package h1

// EscapeKind selects which bytes EscapeURI writes as %XX. The values are the types of ngx.escape_uri and of
// ngx_http_lua_escape_uri.
type EscapeKind uint8

const (
	EscapeWholeURI    EscapeKind = iota // space # % ? and 00-1F, 7F-FF
	EscapeArgs                          // these and +
	EscapeComponent                     // all but letters, digits, - . _ ~ ! ' ( ) *: what ngx.escape_uri does by default
	EscapeHTML                          // space " # % ' and 00-1F, 7F-FF
	EscapeRefresh                       // space " ' and 00-1F, 7F-FF
	EscapeMemcached                     // space % and 00-1F
	EscapeMailAuth                      // the same
	EscapeHeaderName                    // separators, controls and 7F-FF
	EscapeHeaderValue                   // controls but TAB
	escapeKinds
)

const (
	escapeHeaderName  = 1 << EscapeHeaderName
	escapeHeaderValue = 1 << EscapeHeaderValue
)

const upperHex = "0123456789ABCDEF"

// escapeClass has bit k of byte c set if kind k escapes c.
var escapeClass = func() (t [256]uint16) {
	set := func(k EscapeKind, chars string, controls, high bool) {
		for c := range 256 {
			if controls && c < 0x20 || high && c >= 0x7f {
				t[c] |= 1 << k
			}
		}
		for i := range len(chars) {
			t[chars[i]] |= 1 << k
		}
	}
	set(EscapeWholeURI, " #%?", true, true)
	set(EscapeArgs, " #%?+", true, true)
	set(EscapeComponent, " \"#$%&+,/:;<=>?@[\\]^`{|}", true, true)
	set(EscapeHTML, " \"#%'", true, true)
	set(EscapeRefresh, " \"'", true, true)
	set(EscapeMemcached, " %", true, false)
	set(EscapeMailAuth, " %", true, false)
	set(EscapeHeaderName, " \"(),/:;<=>?@[\\]{}", true, true)
	set(EscapeHeaderValue, "\x7f", true, false)
	t['\t'] &^= 1 << EscapeHeaderValue
	return t
}()

// EscapeURI appends src to dst with the bytes that kind names written as %XX, capitals. An unknown kind counts as
// EscapeComponent.
func EscapeURI(dst, src []byte, kind EscapeKind) []byte {
	if kind >= escapeKinds {
		kind = EscapeComponent
	}
	return appendEscaped(dst, src, 1<<kind)
}

// EscapedLen returns how many bytes EscapeURI would append.
func EscapedLen(src []byte, kind EscapeKind) int {
	if kind >= escapeKinds {
		kind = EscapeComponent
	}
	n := len(src)
	for _, c := range src {
		n += 2 * int(escapeClass[c]>>kind&1)
	}
	return n
}

// UnescapeURI appends src to dst, decoded as ngx.unescape_uri does: '+' is a space, %XX a byte, and a '%' without two
// hexadecimal digits stays. The result is never longer than src, so dst may be src[:0].
func UnescapeURI(dst, src []byte) []byte {
	for i := 0; i < len(src); i++ {
		c := src[i]
		switch c {
		case '+':
			c = ' '
		case '%':
			if i+2 < len(src) {
				if high, low := hexValue[src[i+1]], hexValue[src[i+2]]; high|low < 16 {
					c = high<<4 | low
					i += 2
				}
			}
		}
		dst = append(dst, c)
	}
	return dst
}
