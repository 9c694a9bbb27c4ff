package proxy

import (
	"bytes"
	"crypto/md5"  //nolint:gosec // set_md5 is what it is
	"crypto/sha1" //nolint:gosec // likewise
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"unicode/utf8"
)

// The functions of set-misc-nginx-module with one argument: directives that compute a variable, and ndk.set_var of scripts.

// SetFunction computes what a directive such as set_md5 does of src, and appends it to dst. It reports false for a value that it can't
// decode. dst and src don't overlap.
type SetFunction func(dst, src []byte) ([]byte, bool)

// SetFunctionOf finds one by the name of its directive; nil: there is none.
func SetFunctionOf(name string) SetFunction { return setFunctions[name] }

// base32Digits are what set_base32_alphabet is by default.
var base32Digits = base32.NewEncoding("0123456789abcdefghijklmnopqrstuv")

var setFunctions = map[string]SetFunction{
	"set_escape_uri": func(dst, src []byte) ([]byte, bool) {
		for _, c := range src {
			if c < 0x80 && uriPlain[c>>5]&(1<<(c&31)) != 0 {
				dst = append(dst, c)
			} else {
				dst = append(dst, '%', hexDigits[c>>4], hexDigits[c&15])
			}
		}
		return dst, true
	},
	"set_unescape_uri": func(dst, src []byte) ([]byte, bool) {
		return unescape(dst, src, true), true
	},
	"set_quote_sql_str": func(dst, src []byte) ([]byte, bool) {
		dst = append(dst, '\'')
		for _, c := range src {
			if i := bytes.IndexByte(sqlSpecial, c); i >= 0 {
				dst = append(dst, '\\', sqlLetters[i])
			} else {
				dst = append(dst, c)
			}
		}
		return append(dst, '\''), true
	},
	"set_quote_pgsql_str": func(dst, src []byte) ([]byte, bool) {
		if len(src) == 0 {
			return append(dst, "''"...), true
		}
		valid := utf8.Valid(src)
		dst = append(dst, "E'"...)
		for _, c := range src {
			switch i := bytes.IndexByte(sqlSpecial, c); {
			case i >= 0:
				dst = append(dst, '\\', sqlLetters[i])
			case c >= 0x80 && !valid:
				dst = append(dst, '\\', '\\', '0'+c>>6, '0'+c>>3&7, '0'+c&7)
			default:
				dst = append(dst, c)
			}
		}
		return append(dst, '\''), true
	},
	"set_quote_json_str": func(dst, src []byte) ([]byte, bool) {
		if len(src) == 0 {
			return append(dst, "null"...), true
		}
		const special, letters = "\r\n\\\"\f\b\t", "rn\\\"fbt"
		dst = append(dst, '"')
		for _, c := range src {
			switch i := bytes.IndexByte([]byte(special), c); {
			case i >= 0:
				dst = append(dst, '\\', letters[i])
			case c < 0x20:
				dst = append(dst, '\\', 'u', '0', '0', hexLower[c>>4], hexLower[c&15])
			default:
				dst = append(dst, c)
			}
		}
		return append(dst, '"'), true
	},
	"set_encode_base32": func(dst, src []byte) ([]byte, bool) { return base32Digits.AppendEncode(dst, src), true },
	"set_decode_base32": func(dst, src []byte) ([]byte, bool) {
		from := len(dst)
		src, _, _ = bytes.Cut(src, []byte("="))
		out, err := base32Digits.WithPadding(base32.NoPadding).AppendDecode(dst, src)
		if err != nil || bytes.ContainsAny(src, "\r\n") {
			return dst[:from], true // a value that isn't one is empty
		}
		return out, true
	},
	"set_encode_base64":    func(dst, src []byte) ([]byte, bool) { return base64.StdEncoding.AppendEncode(dst, src), true },
	"set_encode_base64url": func(dst, src []byte) ([]byte, bool) { return base64.RawURLEncoding.AppendEncode(dst, src), true },
	"set_decode_base64":    decoder(base64.RawStdEncoding),
	"set_decode_base64url": decoder(base64.RawURLEncoding),
	"set_encode_hex":       func(dst, src []byte) ([]byte, bool) { return hex.AppendEncode(dst, src), true },
	"set_decode_hex": func(dst, src []byte) ([]byte, bool) {
		out, err := hex.AppendDecode(dst, src)
		return out, err == nil
	},
	"set_md5": func(dst, src []byte) ([]byte, bool) {
		sum := md5.Sum(src)
		return hex.AppendEncode(dst, sum[:]), true
	},
	"set_sha1": func(dst, src []byte) ([]byte, bool) {
		sum := sha1.Sum(src)
		return hex.AppendEncode(dst, sum[:]), true
	},
}

// decoder is a Base64 without its padding, which may be there.
func decoder(e *base64.Encoding) SetFunction {
	return func(dst, src []byte) ([]byte, bool) {
		src, _, _ = bytes.Cut(src, []byte("="))
		out, err := e.AppendDecode(dst, src)
		return out, err == nil && !bytes.ContainsAny(src, "\r\n")
	}
}

// uriPlain are the ASCII characters that set_escape_uri leaves alone, a bit each.
var uriPlain = func() (t [4]uint32) {
	for _, c := range []byte("!$'()*,-.0123456789@ABCDEFGHIJKLMNOPQRSTUVWXYZ_`abcdefghijklmnopqrstuvwxyz|~") {
		t[c>>5] |= 1 << (c & 31)
	}
	return t
}()

// What is escaped in SQL, and the letters behind the backslash.
var (
	sqlSpecial = []byte("\x00\b\n\r\t\\'\"$\x1a")
	sqlLetters = []byte("0bnrt\\'\"$Z")
)
