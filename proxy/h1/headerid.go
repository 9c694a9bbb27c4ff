package h1

import (
	"encoding/binary"
	"math/bits"
	"strings"
)

// HeaderID names the request headers that the server itself reads or that have a variable in nginx.
type HeaderID uint8

const (
	HeaderOther HeaderID = iota
	HeaderHost
	HeaderConnection
	HeaderContentLength
	HeaderTransferEncoding
	HeaderExpect
	HeaderUpgrade
	HeaderContentType
	HeaderUserAgent
	HeaderReferer
	HeaderCookie
	HeaderAccept
	HeaderAcceptEncoding
	HeaderAcceptLanguage
	HeaderIfModifiedSince
	HeaderIfUnmodifiedSince
	HeaderIfMatch
	HeaderIfNoneMatch
	HeaderIfRange
	HeaderRange
	HeaderContentRange
	HeaderContentEncoding
	HeaderAuthorization
	HeaderProxyAuthorization
	HeaderKeepAlive
	HeaderTE
	HeaderTrailer
	HeaderVia
	HeaderXForwardedFor
	HeaderXForwardedProto
	HeaderXForwardedHost
	HeaderXRealIP
	HeaderXRequestID
	HeaderOrigin
	HeaderCacheControl
	HeaderPragma
	HeaderDate
	HeaderDepth
	HeaderDestination
	HeaderOverwrite
	headerIDCount
)

// headerNames holds each name as it is usually written: letters and '-', 2 to 23 bytes, so that three words cover it
// and its colon.
var headerNames = [headerIDCount]string{
	HeaderHost: "Host", HeaderConnection: "Connection", HeaderContentLength: "Content-Length",
	HeaderTransferEncoding: "Transfer-Encoding", HeaderExpect: "Expect", HeaderUpgrade: "Upgrade",
	HeaderContentType: "Content-Type", HeaderUserAgent: "User-Agent", HeaderReferer: "Referer", HeaderCookie: "Cookie",
	HeaderAccept: "Accept", HeaderAcceptEncoding: "Accept-Encoding", HeaderAcceptLanguage: "Accept-Language",
	HeaderIfModifiedSince: "If-Modified-Since", HeaderIfUnmodifiedSince: "If-Unmodified-Since",
	HeaderIfMatch: "If-Match", HeaderIfNoneMatch: "If-None-Match", HeaderIfRange: "If-Range", HeaderRange: "Range",
	HeaderContentRange: "Content-Range", HeaderContentEncoding: "Content-Encoding",
	HeaderAuthorization: "Authorization", HeaderProxyAuthorization: "Proxy-Authorization",
	HeaderKeepAlive: "Keep-Alive", HeaderTE: "TE", HeaderTrailer: "Trailer", HeaderVia: "Via",
	HeaderXForwardedFor: "X-Forwarded-For", HeaderXForwardedProto: "X-Forwarded-Proto",
	HeaderXForwardedHost: "X-Forwarded-Host", HeaderXRealIP: "X-Real-IP", HeaderXRequestID: "X-Request-ID",
	HeaderOrigin: "Origin", HeaderCacheControl: "Cache-Control", HeaderPragma: "Pragma", HeaderDate: "Date",
	HeaderDepth: "Depth", HeaderDestination: "Destination", HeaderOverwrite: "Overwrite",
}

// String returns the name as it is usually written.
func (id HeaderID) String() string {
	if id < headerIDCount {
		return headerNames[id]
	}
	return ""
}

// Names are found with a perfect hash over their length and first eight bytes, then compared in words:
//
//	first   bytes 0..7, zero beyond the name
//	middle  bytes 8..15 of names longer than 16, else 0
//	last    the final eight bytes of names of eight or more, else 0
//
// all in lower case. The fold words have bit 0x20 at the letters: or-ed to what was sent they make it lower case, and
// leave '-' as it is, so that no other byte can pass for it. Thus a name that is equal is also valid.
type headerSlot struct {
	first, middle, last             uint64
	foldFirst, foldMiddle, foldLast uint64
	size                            uint8
	id                              HeaderID
}

const (
	headerHashBits = 7
	headerHashMul  = 0xc6ad0327d0b93207 // found by trial: no two names share a slot
	fold8          = 0x2020202020202020
)

var headerSlots [1 << headerHashBits]headerSlot

func headerHash(first uint64, size int) uint64 {
	return (first + uint64(size)) * headerHashMul >> (64 - headerHashBits)
}

func init() {
	for id := HeaderOther + 1; id < headerIDCount; id++ {
		name := strings.ToLower(headerNames[id])
		if len(name) < 2 || len(name) > 23 {
			panic("h1: header name does not fit three words: " + name)
		}
		var padded [32]byte
		copy(padded[:], name)
		s := headerSlot{id: id, size: uint8(len(name)), first: binary.LittleEndian.Uint64(padded[:])}
		if len(name) >= 8 {
			s.last = binary.LittleEndian.Uint64(padded[len(name)-8:])
		}
		if len(name) > 16 {
			s.middle = binary.LittleEndian.Uint64(padded[8:])
		}
		// Letters alone have bit 0x40; it is one above the bit to set.
		s.foldFirst, s.foldMiddle, s.foldLast = s.first>>1&fold8, s.middle>>1&fold8, s.last>>1&fold8
		h := headerHash(s.first, len(name))
		if headerSlots[h].id != HeaderOther {
			panic("h1: header names " + name + " and " + headerNames[headerSlots[h].id] + " share a slot: change headerHashMul")
		}
		headerSlots[h] = s
	}
}

// knownHeader looks for a known name and ':' at data[i], and returns where the colon is; HeaderOther if there is none
// or too little of the head is here to load whole words.
func knownHeader(data []byte, i int) (id HeaderID, colon int) {
	const colons = ':' * ones8
	if i+8 > len(data) {
		return HeaderOther, 0
	}
	first := binary.LittleEndian.Uint64(data[i:])
	x := first ^ colons
	if m := (x - ones8) &^ x & highs8; m != 0 {
		size := bits.TrailingZeros64(m) >> 3
		first &= 1<<(size*8&63) - 1
		s := &headerSlots[headerHash((first|fold8)&(1<<(size*8&63)-1), size)]
		if int(s.size) == size && first|s.foldFirst == s.first {
			return s.id, i + size
		}
		return HeaderOther, 0
	}
	if i+16 > len(data) {
		return HeaderOther, 0
	}
	size := 8
	second := binary.LittleEndian.Uint64(data[i+8:])
	x = second ^ colons
	m := (x - ones8) &^ x & highs8
	if m == 0 {
		if i+24 > len(data) {
			return HeaderOther, 0
		}
		x = binary.LittleEndian.Uint64(data[i+16:]) ^ colons
		if m = (x - ones8) &^ x & highs8; m == 0 {
			return HeaderOther, 0
		}
		size = 16
	}
	size += bits.TrailingZeros64(m) >> 3
	s := &headerSlots[headerHash(first|fold8, size)]
	if int(s.size) != size || first|s.foldFirst != s.first {
		return HeaderOther, 0
	}
	if binary.LittleEndian.Uint64(data[i+size-8:])|s.foldLast != s.last {
		return HeaderOther, 0
	}
	if size > 16 && second|s.foldMiddle != s.middle {
		return HeaderOther, 0
	}
	return s.id, i + size
}

// HeaderIDOf identifies a name in any letter case; HeaderOther if it is none of the known ones.
func HeaderIDOf(name []byte) HeaderID {
	if len(name) < 2 || len(name) > 23 {
		return HeaderOther
	}
	var word [8]byte
	for i := range min(8, len(name)) {
		word[i] = name[i] | 0x20
	}
	s := &headerSlots[headerHash(binary.LittleEndian.Uint64(word[:]), len(name))]
	if s.id != HeaderOther && EqualFold(name, headerNames[s.id]) {
		return s.id
	}
	return HeaderOther
}
