package lib

// Character classes of the C locale, as isalpha and its kin have them.
const (
	chAlpha = 1 << iota
	chCntrl
	chDigit
	chGraph
	chLower
	chPunct
	chSpace
	chUpper
	chXdigit

	chAlnum = chAlpha | chDigit
)

var charClass = func() (t [256]uint16) {
	for c := range 128 {
		var m uint16
		switch {
		case c >= 'a' && c <= 'z':
			m = chAlpha | chLower | chGraph
		case c >= 'A' && c <= 'Z':
			m = chAlpha | chUpper | chGraph
		case c >= '0' && c <= '9':
			m = chDigit | chXdigit | chGraph
		case c > ' ' && c < 127:
			m = chPunct | chGraph
		case c == ' ':
			m = chSpace
		default:
			m = chCntrl
			if c >= '\t' && c <= '\r' {
				m |= chSpace
			}
		}
		if c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F' {
			m |= chXdigit
		}
		t[c] = m
	}
	return t
}()

// classLetters gives the class of %a, %c, ...; upper-case letters complement it.
var classLetters = [26]uint16{
	'a' - 'a': chAlpha, 'c' - 'a': chCntrl, 'd' - 'a': chDigit, 'g' - 'a': chGraph,
	'l' - 'a': chLower, 'p' - 'a': chPunct, 's' - 'a': chSpace, 'u' - 'a': chUpper,
	'w' - 'a': chAlnum, 'x' - 'a': chXdigit,
}

// byteSet is a set of bytes.
type byteSet [4]uint64

func (s *byteSet) has(c byte) bool { return s[c>>6]>>(c&63)&1 != 0 }
func (s *byteSet) add(c byte)      { s[c>>6] |= 1 << (c & 63) }
func (s *byteSet) addAll(o *byteSet) {
	for i := range s {
		s[i] |= o[i]
	}
}

// escapeSets[c] holds the bytes that %c matches: a class, or c itself.
var escapeSets = func() (sets [256]byteSet) {
	for e := range 256 {
		for c := range 256 {
			if matchEscape(byte(c), byte(e)) {
				sets[e].add(byte(c))
			}
		}
	}
	return sets
}()

// matchEscape tells whether c matches the pattern item %e.
func matchEscape(c, e byte) bool {
	if l := e | 0x20; l >= 'a' && l <= 'z' {
		if mask := classLetters[l-'a']; mask != 0 {
			return charClass[c]&mask != 0 == (e == l)
		}
		if l == 'z' { // the NUL, which a pattern can't hold
			return c == 0 == (e == l)
		}
	}
	return c == e
}
