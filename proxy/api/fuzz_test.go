package api

import (
	"bytes"
	"encoding/base64"
	"testing"
)

// FuzzBase64 compares with the standard library, which is as lenient when it is given no padding and no line ends.
func FuzzBase64(f *testing.F) {
	for _, s := range []string{"", "aGVsbG8=", "aGVsbG8", "aGVs=bG8", "aGVsb", "a G\r\nVs", "-_", "//+/"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, s []byte) {
		upTo, _, _ := bytes.Cut(s, []byte("="))
		want, err := base64.RawStdEncoding.DecodeString(string(upTo))
		if bytes.ContainsAny(upTo, "\r\n") {
			want, err = nil, base64.CorruptInputError(0) // the library passes over them
		}
		got, ok := appendBase64(nil, s, &base64Values, false)
		if ok != (err == nil) || ok && !bytes.Equal(got, want) {
			t.Errorf("%q: %q, %v, want %q, %v", s, got, ok, want, err)
		}
		clean := bytes.Map(func(r rune) rune {
			if r < 256 && base64Values[r] == 0xff && r != '=' {
				return -1
			}
			return r
		}, onlyBytes(s))
		mime, mimeOK := appendBase64(nil, s, &base64Values, true)
		strict, strictOK := appendBase64(nil, clean, &base64Values, false)
		if mimeOK != strictOK || !bytes.Equal(mime, strict) {
			t.Errorf("%q: %q, %v skipping, %q, %v without what is skipped", s, mime, mimeOK, strict, strictOK)
		}
	})
}

// onlyBytes drops bytes above 0x7f, which bytes.Map would take for parts of runes; none is of the alphabet.
func onlyBytes(s []byte) []byte {
	var b []byte
	for _, c := range s {
		if c < 0x80 {
			b = append(b, c)
		}
	}
	return b
}
