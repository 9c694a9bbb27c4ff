package h1

import (
	"bytes"
	"math"
)

// Range is a part of a body: bytes Start..End-1.
type Range struct{ Start, End int64 }

// Size is the number of bytes, above 0.
func (r Range) Size() int64 { return r.End - r.Start }

// RangeResult says what to do with a Range header.
type RangeResult uint8

const (
	RangeNone          RangeResult = iota // ignore it: 200 and the whole body
	RangePartial                          // 206 with the ranges found
	RangeUnsatisfiable                    // 416
)

// RangesUnlimited is max for CheckRange and ParseRange where max_ranges is not set. As in nginx since 1.29.5 it has
// one bound: many ranges must not make the response larger than the body and 4096 bytes, at 256 a part.
const RangesUnlimited = math.MaxInt32

// CheckRange decides on a response of status 200 that has size bytes, this entity tag (nil: none) and this time of
// modification (NoTime: unknown). The ranges are appended to dst; one makes a plain 206, more a multipart one. max
// is the directive max_ranges; 0: ranges are off.
func (r *Request) CheckRange(dst []Range, etag []byte, lastModified, size int64, max int) ([]Range, RangeResult) {
	if !r.Has(HeaderRange) || max == 0 || r.Major == 0 {
		return dst, RangeNone
	}
	if r.Has(HeaderIfRange) {
		value := r.Get(HeaderIfRange)
		if len(value) >= 2 && value[len(value)-1] == '"' {
			if etag == nil || !bytes.Equal(value, etag) {
				return dst, RangeNone
			}
		} else if lastModified == NoTime || ParseDate(value) != lastModified {
			return dst, RangeNone
		}
	}
	return ParseRange(dst, r.Get(HeaderRange), size, max)
}

// ParseRange reads the value of a Range header for a body of size bytes and appends the ranges that it has to dst.
// A unit other than bytes is ignored; a syntax error is unsatisfiable; ranges that add up to more than the body, and
// more than max of them, give the whole body. This is ngx_http_range_parse.
func ParseRange(dst []Range, value []byte, size int64, max int) ([]Range, RangeResult) {
	base := len(dst)
	if len(value) < 7 || !EqualFold(value[:6], "bytes=") {
		return dst, RangeNone
	}
	s := value[6:]
	sum := int64(0)
	for {
		s = skipSpaces(s)
		var start, end int64
		var ok bool
		suffix := len(s) > 0 && s[0] == '-'
		if suffix {
			s = s[1:]
		} else {
			if start, s, ok = leadingDecimal(s); !ok {
				return dst[:base], RangeUnsatisfiable
			}
			s = skipSpaces(s)
			if len(s) == 0 || s[0] != '-' {
				return dst[:base], RangeUnsatisfiable
			}
			s = skipSpaces(s[1:])
		}
		if !suffix && (len(s) == 0 || s[0] == ',') {
			end = size
		} else {
			if end, s, ok = leadingDecimal(s); !ok {
				return dst[:base], RangeUnsatisfiable
			}
			s = skipSpaces(s)
			if len(s) > 0 && s[0] != ',' {
				return dst[:base], RangeUnsatisfiable
			}
			if suffix {
				start = 0
				if end < size {
					start = size - end
				}
				end = size - 1
			}
			if end >= size {
				end = size
			} else {
				end++
			}
		}
		if start < end {
			if sum > math.MaxInt64-(end-start) {
				return dst[:base], RangeUnsatisfiable
			}
			sum += end - start
			if len(dst)-base == max {
				return dst[:base], RangeNone
			}
			dst = append(dst, Range{start, end})
		} else if start == 0 {
			return dst[:base], RangeNone
		}
		if len(s) == 0 {
			break
		}
		s = s[1:] // the comma
	}
	count := len(dst) - base
	switch {
	case count == 0:
		return dst, RangeUnsatisfiable
	case count == 1:
		return dst, RangePartial
	case sum > size:
		return dst[:base], RangeNone
	case max == RangesUnlimited && sum+int64(count)*256 > size+4096:
		return dst[:base], RangeNone
	}
	return dst, RangePartial
}

func skipSpaces(s []byte) []byte {
	for len(s) > 0 && s[0] == ' ' {
		s = s[1:]
	}
	return s
}

// leadingDecimal reads at least one digit.
func leadingDecimal(s []byte) (v int64, rest []byte, ok bool) {
	i := 0
	for i < len(s) && s[i] >= '0' && s[i] <= '9' {
		i++
	}
	v, ok = parseDecimal(s[:i])
	return v, s[i:], ok
}

// AppendContentRange appends the header of a 206 with one range.
func AppendContentRange(dst []byte, r Range, size int64) []byte {
	dst = append(dst, "Content-Range: bytes "...)
	dst = appendRange(dst, r, size)
	return append(dst, "\r\n"...)
}

// AppendContentRangeNone appends the header of a 416.
func AppendContentRangeNone(dst []byte, size int64) []byte {
	dst = append(dst, "Content-Range: bytes */"...)
	dst = AppendDecimal(dst, size)
	return append(dst, "\r\n"...)
}

func appendRange(dst []byte, r Range, size int64) []byte {
	dst = AppendDecimal(dst, r.Start)
	dst = append(dst, '-')
	dst = AppendDecimal(dst, r.End-1)
	dst = append(dst, '/')
	return AppendDecimal(dst, size)
}

// boundaryDigits is the width of a boundary: nginx writes a number of 64 bits with leading zeros.
const boundaryDigits = 20

func appendBoundary(dst []byte, boundary uint64) []byte {
	var digits [boundaryDigits]byte
	for i := range digits {
		digits[boundaryDigits-1-i] = byte('0' + boundary%10)
		boundary /= 10
	}
	return append(dst, digits[:]...)
}

// AppendMultipartType appends the Content-Type header of a 206 with several ranges. boundary is any number that the
// caller doesn't use twice in a row.
func AppendMultipartType(dst []byte, boundary uint64) []byte {
	dst = append(dst, "Content-Type: multipart/byteranges; boundary="...)
	dst = appendBoundary(dst, boundary)
	return append(dst, "\r\n"...)
}

// AppendPart appends what stands before the bytes of one range. contentType is the body's own type with its charset,
// or empty.
func AppendPart(dst []byte, boundary uint64, contentType []byte, r Range, size int64) []byte {
	dst = append(dst, "\r\n--"...)
	dst = appendBoundary(dst, boundary)
	if len(contentType) > 0 {
		dst = append(dst, "\r\nContent-Type: "...)
		dst = AppendHeaderValue(dst, contentType)
	}
	dst = append(dst, "\r\nContent-Range: bytes "...)
	dst = appendRange(dst, r, size)
	return append(dst, "\r\n\r\n"...)
}

// AppendPartsEnd appends what stands after the last range.
func AppendPartsEnd(dst []byte, boundary uint64) []byte {
	dst = append(dst, "\r\n--"...)
	dst = appendBoundary(dst, boundary)
	return append(dst, "--\r\n"...)
}

// MultipartLength is the Content-Length of a 206 with these ranges.
func MultipartLength(contentType []byte, ranges []Range, size int64) int64 {
	total := int64(len("\r\n--") + boundaryDigits + len("--\r\n"))
	for _, r := range ranges {
		total += int64(len("\r\n--")+boundaryDigits+len("\r\nContent-Range: bytes ")+len("\r\n\r\n")) + r.Size() +
			int64(decimalLen(r.Start)+1+decimalLen(r.End-1)+1+decimalLen(size))
		if len(contentType) > 0 {
			total += int64(len("\r\nContent-Type: ") + EscapedLen(contentType, EscapeHeaderValue))
		}
	}
	return total
}

func decimalLen(v int64) int {
	n := 1
	for ; v > 9; v /= 10 {
		n++
	}
	return n
}
