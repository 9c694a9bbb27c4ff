package api

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/md5"  //nolint:gosec // what callers of resty.aes ask for
	"crypto/sha1" //nolint:gosec // likewise
	"crypto/sha256"
	"crypto/sha512"
	"hash"

	"moonring/lua"
)

// The builtins of resty.aes, which modules/aes.lua calls.

var aesDeriveID, aesCryptID = lua.RegisterPure("derive", aesDerive), lua.RegisterPure("crypt", aesCrypt)

var aesHashes = map[string]func() hash.Hash{
	"md5": md5.New, "sha1": sha1.New, "sha224": sha256.New224, "sha256": sha256.New, "sha384": sha512.New384, "sha512": sha512.New,
}

// aesDerive is derive(hash, salt, data, rounds, nkey, niv): a key and an iv of so many bytes, as OpenSSL's EVP_BytesToKey makes them.
func aesDerive(c *lua.Call) lua.Ret {
	name, ok := c.CheckString(1)
	if !ok {
		return lua.Fail
	}
	salt, ok := c.OptString(2, nil)
	if !ok {
		return lua.Fail
	}
	data, ok := c.CheckString(3)
	if !ok {
		return lua.Fail
	}
	rounds, ok := c.CheckInt(4)
	if !ok {
		return lua.Fail
	}
	nkey, ok := c.CheckInt(5)
	if !ok {
		return lua.Fail
	}
	niv, ok := c.CheckInt(6)
	if !ok {
		return lua.Fail
	}
	newHash := aesHashes[string(name)]
	if newHash == nil {
		return c.Errorf("unknown hash '%s'", name)
	}
	h := newHash()
	var out [32 + 16 + sha512.Size]byte
	var digest []byte
	n := 0
	for want := min(nkey+niv, 48); n < want; n += copy(out[n:], digest) {
		if !c.Charge(digestCost*(len(digest)+len(salt)+len(data)) + 500) {
			return lua.Fail
		}
		h.Reset()
		h.Write(digest)
		h.Write(data)
		h.Write(salt)
		digest = h.Sum(digest[:0])
		for i := 1; i < rounds; i++ {
			if !c.Charge(500) {
				return lua.Fail
			}
			h.Reset()
			h.Write(digest)
			digest = h.Sum(digest[:0])
		}
	}
	if !c.PushString(out[:nkey]) || !c.PushString(out[nkey:nkey+niv]) {
		return lua.Fail
	}
	return c.Pushed()
}

// aesCrypt is crypt(encrypt, mode, key, iv, padding, s, tag, aad): what s becomes, and with gcm the tag; nil if it can't be.
func aesCrypt(c *lua.Call) lua.Ret {
	var args [9][]byte
	for _, i := range [...]int{2, 3, 4, 6} {
		s, ok := c.CheckString(i)
		if !ok {
			return lua.Fail
		}
		args[i] = s
	}
	for i := 7; i <= 8; i++ {
		s, ok := c.OptString(i, nil)
		if !ok {
			return lua.Fail
		}
		args[i] = s
	}
	encrypt, padding := c.Arg(1).Truthy(), c.Arg(5).Truthy()
	mode, key, iv, s := string(args[2]), args[3], args[4], args[6]
	cost := 2
	switch mode {
	case "cfb8":
		cost = 20
	case "cfb1":
		cost = 160
	}
	if !c.Charge(cost*len(s)+2*len(args[8])+1000) || !c.CheckSize(len(s)+aes.BlockSize) {
		return lua.Fail
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return c.Errorf("%v", err)
	}
	if mode == "gcm" {
		return aesGCM(c, block, encrypt, iv, s, args[7], args[8])
	}
	if len(iv) != aes.BlockSize {
		return c.Errorf("bad iv length")
	}
	b := take(len(s) + aes.BlockSize)
	b.b = append(b.b, s...)
	ok := true
	switch mode {
	case "ecb", "cbc":
		b.b, ok = aesBlocks(block, mode == "cbc", encrypt, padding, iv, b.b)
	case "ctr":
		cipher.NewCTR(block, iv).XORKeyStream(b.b, b.b)
	case "ofb":
		aesOFB(block, iv, b.b)
	case "cfb128":
		aesCFB(block, encrypt, iv, b.b)
	case "cfb8":
		aesCFB8(block, encrypt, iv, b.b)
	case "cfb1":
		aesCFB1(block, encrypt, iv, b.b)
	default:
		b.release()
		return c.Errorf("unknown mode '%s'", mode)
	}
	if !ok {
		b.release()
		return c.Return1(lua.Nil)
	}
	return b.result(c)
}

func aesGCM(c *lua.Call, block cipher.Block, encrypt bool, iv, s, tag, aad []byte) lua.Ret {
	gcm, err := cipher.NewGCMWithNonceSize(block, len(iv))
	if err != nil {
		return c.Errorf("%v", err)
	}
	b := take(len(s) + gcm.Overhead())
	if encrypt {
		b.b = gcm.Seal(b.b, iv, s, aad)
		ok := c.PushString(b.b[:len(s)]) && c.PushString(b.b[len(s):])
		b.release()
		if !ok {
			return lua.Fail
		}
		return c.Pushed()
	}
	if len(tag) < gcm.Overhead() {
		b.release()
		return c.Return1(lua.Nil)
	}
	b.b = append(append(b.b, s...), tag[:gcm.Overhead()]...)
	if b.b, err = gcm.Open(b.b[:0], iv, b.b, aad); err != nil {
		b.b = b.b[:0]
		b.release()
		return c.Return1(lua.Nil)
	}
	return b.result(c)
}

// aesBlocks does ECB and CBC in place, with PKCS #7's padding or none; ok is false for a length or a padding that can't be.
func aesBlocks(block cipher.Block, chained, encrypt, padding bool, iv, s []byte) (out []byte, ok bool) {
	if encrypt && padding {
		n := aes.BlockSize - len(s)%aes.BlockSize
		for range n {
			s = append(s, byte(n))
		}
	}
	if len(s)%aes.BlockSize != 0 {
		return s, false
	}
	switch {
	case chained && encrypt:
		cipher.NewCBCEncrypter(block, iv).CryptBlocks(s, s)
	case chained:
		cipher.NewCBCDecrypter(block, iv).CryptBlocks(s, s)
	default:
		for rest := s; len(rest) > 0; rest = rest[aes.BlockSize:] {
			if encrypt {
				block.Encrypt(rest, rest)
			} else {
				block.Decrypt(rest, rest)
			}
		}
	}
	if encrypt || !padding {
		return s, true
	}
	if len(s) == 0 {
		return s, false
	}
	n := int(s[len(s)-1])
	if n == 0 || n > aes.BlockSize {
		return s, false
	}
	for _, p := range s[len(s)-n:] {
		if int(p) != n {
			return s, false
		}
	}
	return s[:len(s)-n], true
}

func aesOFB(block cipher.Block, iv, s []byte) {
	var reg [aes.BlockSize]byte
	copy(reg[:], iv)
	for i := range s {
		if i%aes.BlockSize == 0 {
			block.Encrypt(reg[:], reg[:])
		}
		s[i] ^= reg[i%aes.BlockSize]
	}
}

func aesCFB(block cipher.Block, encrypt bool, iv, s []byte) {
	var reg [aes.BlockSize]byte
	copy(reg[:], iv)
	for i, in := range s {
		k := i % aes.BlockSize
		if k == 0 {
			block.Encrypt(reg[:], reg[:])
		}
		s[i] ^= reg[k]
		if reg[k] = in; encrypt { // the register takes the cipher text
			reg[k] = s[i]
		}
	}
}

func aesCFB8(block cipher.Block, encrypt bool, iv, s []byte) {
	var reg, key [aes.BlockSize]byte
	copy(reg[:], iv)
	for i, in := range s {
		block.Encrypt(key[:], reg[:])
		s[i] ^= key[0]
		copy(reg[:], reg[1:])
		if reg[aes.BlockSize-1] = in; encrypt {
			reg[aes.BlockSize-1] = s[i]
		}
	}
}

func aesCFB1(block cipher.Block, encrypt bool, iv, s []byte) {
	var reg, key [aes.BlockSize]byte
	copy(reg[:], iv)
	for i, in := range s {
		out := byte(0)
		for bit := 7; bit >= 0; bit-- {
			block.Encrypt(key[:], reg[:])
			from := in >> bit & 1
			to := from ^ key[0]>>7
			out |= to << bit
			fed := from
			if encrypt {
				fed = to
			}
			for k := range aes.BlockSize - 1 {
				reg[k] = reg[k]<<1 | reg[k+1]>>7
			}
			reg[aes.BlockSize-1] = reg[aes.BlockSize-1]<<1 | fed
		}
		s[i] = out
	}
}
