package api

import (
	"crypto/md5"  //nolint:gosec // ngx.md5 is what it is
	"crypto/sha1" //nolint:gosec // likewise
	"encoding/base64"
	"encoding/hex"
	"hash/crc32"

	"moonring/lua"
)

// Digests and Base64: pure functions of strings, allowed in every phase.

var digestFuncs = []entry{
	{"md5", lua.RegisterPure("md5", md5Hex)},
	{"md5_bin", lua.RegisterPure("md5_bin", md5Bin)},
	{"sha1_bin", lua.RegisterPure("sha1_bin", sha1Bin)},
	{"hmac_sha1", lua.RegisterPure("hmac_sha1", hmacSHA1)},
	{"crc32_short", lua.RegisterPure("crc32_short", crc32Of)},
	{"crc32_long", lua.RegisterPure("crc32_long", crc32Of)},
	{"encode_base64", lua.RegisterPure("encode_base64", encodeBase64)},
	{"decode_base64", lua.RegisterPure("decode_base64", decodeBase64)},
	{"decode_base64mime", lua.RegisterPure("decode_base64mime", decodeBase64MIME)},
}

// digestCost is about how many nanoseconds MD5 and SHA-1 take for a byte.
const digestCost = 2

func digestText(c *lua.Call) ([]byte, bool) {
	s, ok := text(c, 1)
	return s, ok && c.Charge(digestCost*len(s))
}

func md5Hex(c *lua.Call) lua.Ret {
	s, ok := digestText(c)
	if !ok {
		return lua.Fail
	}
	sum := md5.Sum(s)
	var digits [2 * md5.Size]byte
	hex.Encode(digits[:], sum[:])
	return c.ReturnString(digits[:])
}

func md5Bin(c *lua.Call) lua.Ret {
	s, ok := digestText(c)
	if !ok {
		return lua.Fail
	}
	sum := md5.Sum(s)
	return c.ReturnString(sum[:])
}

func sha1Bin(c *lua.Call) lua.Ret {
	s, ok := digestText(c)
	if !ok {
		return lua.Fail
	}
	sum := sha1.Sum(s)
	return c.ReturnString(sum[:])
}

// hmacSHA1 is HMAC (RFC 2104) put together by hand: crypto/hmac allocates its states.
func hmacSHA1(c *lua.Call) lua.Ret {
	if c.NArgs() != 2 {
		return c.Errorf("expecting 2 arguments, but got %d", c.NArgs())
	}
	secret, ok := c.CheckString(1)
	if !ok {
		return lua.Fail
	}
	s, ok := c.CheckString(2)
	if !ok || !c.Charge(digestCost*(len(s)+len(secret)+4*sha1.BlockSize)) {
		return lua.Fail
	}
	var key [sha1.BlockSize]byte
	if len(secret) > len(key) {
		sum := sha1.Sum(secret)
		copy(key[:], sum[:])
	} else {
		copy(key[:], secret)
	}
	b := take(len(key) + len(s))
	for _, k := range key {
		b.b = append(b.b, k^0x36)
	}
	b.b = append(b.b, s...)
	inner := sha1.Sum(b.b)
	b.b = b.b[:0]
	for _, k := range key {
		b.b = append(b.b, k^0x5c)
	}
	b.b = append(b.b, inner[:]...)
	sum := sha1.Sum(b.b)
	b.release()
	return c.ReturnString(sum[:])
}

// crc32Of is both ngx.crc32_short and ngx.crc32_long: they differ in the size of nginx's tables, not in what they
// compute.
func crc32Of(c *lua.Call) lua.Ret {
	s, ok := text(c, 1)
	if !ok || !c.Charge(len(s)) {
		return lua.Fail
	}
	return c.ReturnNumber(float64(crc32.ChecksumIEEE(s)))
}

func encodeBase64(c *lua.Call) lua.Ret {
	s, ok := text(c, 1)
	if !ok {
		return lua.Fail
	}
	enc := base64.StdEncoding
	if p := c.Arg(2); p.Truthy() {
		if p != lua.True {
			return c.Errorf("bad no_padding: boolean expected, got %s", c.VM().TypeName(p))
		}
		enc = base64.RawStdEncoding
	}
	return base64Encode(c, enc, s)
}

func base64Encode(c *lua.Call, enc *base64.Encoding, s []byte) lua.Ret {
	n := enc.EncodedLen(len(s))
	if !c.Charge(n) || !c.CheckSize(n) {
		return lua.Fail
	}
	b := take(n)
	b.b = enc.AppendEncode(b.b, s)
	return b.result(c)
}

// base64Values maps the standard alphabet to 0..63, everything else to 0xff; base64URLValues the one for URLs and file names.
var base64Values, base64URLValues = base64Table("+/"), base64Table("-_")

func base64Table(last string) (t [256]byte) {
	for i := range t {
		t[i] = 0xff
	}
	for i, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789" + last) {
		t[c] = byte(i)
	}
	return t
}

// decodeBase64 is lenient as ngx_decode_base64 is: padding may be missing, what follows the first '=' is not looked at.
func decodeBase64(c *lua.Call) lua.Ret { return base64Decode(c, false) }

// decodeBase64MIME passes over bytes that are not of the alphabet.
func decodeBase64MIME(c *lua.Call) lua.Ret { return base64Decode(c, true) }

func base64Decode(c *lua.Call, skip bool) lua.Ret {
	if !c.Arg(1).IsString() {
		return c.Errorf("string argument only")
	}
	s := c.VM().Bytes(c.Arg(1))
	if !c.Charge(len(s)) {
		return lua.Fail
	}
	b := take((len(s) + 3) / 4 * 3)
	var ok bool
	if b.b, ok = appendBase64(b.b, s, &base64Values, skip); !ok {
		b.release()
		return c.Return1(lua.Nil)
	}
	return b.result(c)
}

// appendBase64 appends what s encodes in the alphabet of values; ok is false if it is no Base64. With skip bytes that are not of the alphabet don't
// count.
func appendBase64(dst, s []byte, values *[256]byte, skip bool) (b []byte, ok bool) {
	var group uint32
	n := 0
	for _, ch := range s {
		if ch == '=' {
			break
		}
		v := values[ch]
		if v == 0xff {
			if skip {
				continue
			}
			return dst, false
		}
		group = group<<6 | uint32(v)
		if n++; n == 4 {
			dst = append(dst, byte(group>>16), byte(group>>8), byte(group))
			group, n = 0, 0
		}
	}
	switch n {
	case 1:
		return dst, false
	case 2:
		dst = append(dst, byte(group>>4))
	case 3:
		dst = append(dst, byte(group>>10), byte(group>>2))
	}
	return dst, true
}
