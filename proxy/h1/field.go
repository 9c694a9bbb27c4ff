package h1

import "strconv"

// AppendHeader appends "name: value" CR LF. Bytes that can't stand in a name or a value are written as %XX, by
// lua-nginx's tables: in a value all control characters but TAB, in a name also separators and bytes from 0x7f on.
// So a header can't end its line or begin another one, whatever it was made from.
func AppendHeader[N, V string | []byte](dst []byte, name N, value V) []byte {
	dst = appendEscaped(dst, name, escapeHeaderName)
	dst = append(dst, ": "...)
	dst = appendEscaped(dst, value, escapeHeaderValue)
	return append(dst, "\r\n"...)
}

// AppendHeaderValue appends value alone with the escapes of AppendHeader.
func AppendHeaderValue[V string | []byte](dst []byte, value V) []byte {
	return appendEscaped(dst, value, escapeHeaderValue)
}

func appendEscaped[T string | []byte](dst []byte, s T, bit uint16) []byte {
	for i := 0; i < len(s); i++ {
		if escapeClass[s[i]]&bit != 0 {
			return appendEscapedFrom(dst, s, i, bit)
		}
	}
	return append(dst, s...)
}

func appendEscapedFrom[T string | []byte](dst []byte, s T, from int, bit uint16) []byte {
	dst = append(dst, s[:from]...)
	for i := from; i < len(s); i++ {
		c := s[i]
		if escapeClass[c]&bit != 0 {
			dst = append(dst, '%', upperHex[c>>4], upperHex[c&15])
		} else {
			dst = append(dst, c)
		}
	}
	return dst
}

// AppendContentLength appends the whole header.
func AppendContentLength(dst []byte, size int64) []byte {
	dst = append(dst, "Content-Length: "...)
	dst = AppendDecimal(dst, size)
	return append(dst, "\r\n"...)
}

// AppendDecimal appends v in decimal.
func AppendDecimal(dst []byte, v int64) []byte { return strconv.AppendInt(dst, v, 10) }

// ChunkHeadMax is the most that AppendChunkHead appends: 16 digits and CR LF.
const ChunkHeadMax = 18

// AppendChunkHead appends the line before size bytes of payload, which a CR LF has to follow. size must be above 0:
// a chunk of nothing ends the body.
func AppendChunkHead(dst []byte, size int) []byte {
	dst = strconv.AppendUint(dst, uint64(size), 16)
	return append(dst, "\r\n"...)
}

// LastChunk ends a chunked body without trailers.
const LastChunk = "0\r\n\r\n"
