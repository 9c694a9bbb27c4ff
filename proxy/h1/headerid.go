package h1

import (
	"encoding/binary"
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

// headerNames holds each name as it is usually written; 2 to 24 bytes, so that three words cover it.
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
// All have bit 0x20 set in every byte of the name. That folds letters; digits and '-' have the bit already. Two bytes
// that differ in this bit alone and are no letters would be confused, so look-up is only for names that consist of
// letters, digits, '-' and '_' (which becomes 0x7f, in no name here).
type headerSlot struct {
	first, middle, last uint64
	size                uint8
	id                  HeaderID
}

const (
	headerHashBits = 7
	headerHashMul  = 0xc6ad0327d0b93207 // found by trial: no two names share a slot
	fold8          = 0x2020202020202020
)

var headerSlots [1 << headerHashBits]headerSlot

// headerMask[n] has the n low bytes set.
var headerMask = [9]uint64{0, 1<<8 - 1, 1<<16 - 1, 1<<24 - 1, 1<<32 - 1, 1<<40 - 1, 1<<48 - 1, 1<<56 - 1, 1<<64 - 1}

func headerHash(first uint64, size int) uint64 {
	return (first + uint64(size)) * headerHashMul >> (64 - headerHashBits)
}

func init() {
	for id := HeaderOther + 1; id < headerIDCount; id++ {
		name := strings.ToLower(headerNames[id])
		if len(name) < 2 || len(name) > 24 {
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
		h := headerHash(s.first, len(name))
		if headerSlots[h].id != HeaderOther {
			panic("h1: header names " + name + " and " + headerNames[headerSlots[h].id] + " share a slot: change headerHashMul")
		}
		headerSlots[h] = s
	}
}

// headerIDAt identifies the valid name data[at : at+size]. It reads up to eight bytes from at, which a complete head
// has after any name of two bytes or more (":", two ends of line, and what stands before); if not, the name is shorter
// than any known one or the slow way is taken.
func headerIDAt(data []byte, at, size int) HeaderID {
	if size > 24 || size < 2 {
		return HeaderOther
	}
	if len(data)-at < 8 {
		return HeaderIDOf(data[at : at+size])
	}
	first := binary.LittleEndian.Uint64(data[at:]) | fold8
	if size < 8 {
		first &= headerMask[size]
	}
	s := &headerSlots[headerHash(first, size)]
	if s.first != first || int(s.size) != size {
		return HeaderOther
	}
	if size > 8 {
		if binary.LittleEndian.Uint64(data[at+size-8:])|fold8 != s.last {
			return HeaderOther
		}
		if size > 16 && binary.LittleEndian.Uint64(data[at+8:])|fold8 != s.middle {
			return HeaderOther
		}
	}
	return s.id
}

// HeaderIDOf identifies a name in any letter case; HeaderOther if it is none of the known ones.
func HeaderIDOf(name []byte) HeaderID {
	if len(name) < 2 || len(name) > 24 {
		return HeaderOther
	}
	var word [8]byte
	for i := range min(8, len(name)) {
		word[i] = name[i] | 0x20
	}
	s := &headerSlots[headerHash(binary.LittleEndian.Uint64(word[:]), len(name))]
	if s.id != HeaderOther && equalFold(name, headerNames[s.id]) {
		return s.id
	}
	return HeaderOther
}
