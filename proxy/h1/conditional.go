package h1

import (
	"bytes"
	"strconv"
)

// AppendETag appends the entity tag that nginx gives a file: modification time in seconds and size, hexadecimal.
func AppendETag(dst []byte, mtime, size int64) []byte {
	dst = append(dst, '"')
	dst = strconv.AppendUint(dst, uint64(mtime), 16)
	dst = append(dst, '-')
	dst = strconv.AppendUint(dst, uint64(size), 16)
	return append(dst, '"')
}

// ETagMax is the most that AppendETag appends.
const ETagMax = 16 + 1 + 16 + 2

// IfModifiedSince is how the header of this name is compared: the directive if_modified_since.
type IfModifiedSince uint8

const (
	IfModifiedSinceExact  IfModifiedSince = iota // nginx's default: only the very time counts as not modified
	IfModifiedSinceBefore                        // that time or a later one
	IfModifiedSinceOff                           // the header is ignored
)

// Precondition is the outcome of a request's conditions.
type Precondition uint8

const (
	Proceed            Precondition = iota
	NotModified                     // 304
	PreconditionFailed              // 412
)

// CheckPreconditions decides what nginx does with a response of status 200 that has this entity tag (nil: none) and
// was last modified at this time (NoTime: unknown), in the order If-Unmodified-Since, If-Match, and both of
// If-Modified-Since and If-None-Match: where both are sent, both must say that nothing changed.
func (r *Request) CheckPreconditions(etag []byte, lastModified int64, mode IfModifiedSince) Precondition {
	const any = 1<<HeaderIfUnmodifiedSince | 1<<HeaderIfMatch | 1<<HeaderIfModifiedSince | 1<<HeaderIfNoneMatch
	if r.seen&any == 0 {
		return Proceed
	}
	if r.Has(HeaderIfUnmodifiedSince) &&
		(lastModified == NoTime || ParseDate(r.Get(HeaderIfUnmodifiedSince)) < lastModified) {
		return PreconditionFailed
	}
	if r.Has(HeaderIfMatch) && !matchETag(r.Get(HeaderIfMatch), etag, false) {
		return PreconditionFailed
	}
	if r.seen&(1<<HeaderIfModifiedSince|1<<HeaderIfNoneMatch) == 0 {
		return Proceed
	}
	if r.Has(HeaderIfModifiedSince) && modifiedSince(r.Get(HeaderIfModifiedSince), lastModified, mode) {
		return Proceed
	}
	if r.Has(HeaderIfNoneMatch) && !matchETag(r.Get(HeaderIfNoneMatch), etag, true) {
		return Proceed
	}
	return NotModified
}

func modifiedSince(value []byte, lastModified int64, mode IfModifiedSince) bool {
	if lastModified == NoTime || mode == IfModifiedSinceOff {
		return true
	}
	since := ParseDate(value)
	if since == lastModified {
		return false
	}
	return mode == IfModifiedSinceExact || since < lastModified
}

// matchETag looks for etag in a list of entity tags; "*" matches any, even none.
// With weak, a W/ before either is passed over.
func matchETag(list, etag []byte, weak bool) bool {
	if len(list) == 1 && list[0] == '*' {
		return true
	}
	if etag == nil {
		return false
	}
	if weak {
		etag = stripWeak(etag)
	}
	for len(list) > 0 {
		if weak {
			list = stripWeak(list)
		}
		if len(etag) > len(list) {
			return false
		}
		if bytes.HasPrefix(list, etag) {
			after := list[len(etag):]
			for len(after) > 0 && (after[0] == ' ' || after[0] == '\t') {
				after = after[1:]
			}
			if len(after) == 0 || after[0] == ',' {
				return true
			}
			list = after
		}
		i := bytes.IndexByte(list, ',')
		if i < 0 {
			return false
		}
		list = list[i:]
		for len(list) > 0 && (list[0] == ' ' || list[0] == '\t' || list[0] == ',') {
			list = list[1:]
		}
	}
	return false
}

func stripWeak(etag []byte) []byte {
	if len(etag) > 2 && etag[0] == 'W' && etag[1] == '/' {
		return etag[2:]
	}
	return etag
}
