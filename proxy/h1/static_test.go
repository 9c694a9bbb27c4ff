package h1

import (
	"fmt"
	"strings"
	"testing"
)

func requestWith(t *testing.T, headers ...string) *Request {
	t.Helper()
	var p Parser
	r := new(Request)
	data := "GET / HTTP/1.1\r\nHost: a\r\n" + strings.Join(append(headers, "", ""), "\r\n")
	if n, err := p.Parse(r, []byte(data)); n != len(data) || err != nil {
		t.Fatal(n, err)
	}
	return r
}

func TestPreconditions(t *testing.T) {
	const (
		at     = 784111777
		date   = "Sun, 06 Nov 1994 08:49:37 GMT"
		before = "Sun, 06 Nov 1994 08:49:36 GMT"
		after  = "Sun, 06 Nov 1994 08:49:38 GMT"
	)
	tests := []struct {
		name    string
		headers []string
		etag    string
		time    int64
		mode    IfModifiedSince
		want    Precondition
	}{
		{"no conditions", nil, `"x"`, at, 0, Proceed},
		{"not modified since that very time", []string{"If-Modified-Since: " + date}, "", at, 0, NotModified},
		{"a later time does not count when exact", []string{"If-Modified-Since: " + after}, "", at, 0, Proceed},
		{"a later time counts when before", []string{"If-Modified-Since: " + after}, "", at, IfModifiedSinceBefore, NotModified},
		{"modified since an earlier time", []string{"If-Modified-Since: " + before}, "", at, IfModifiedSinceBefore, Proceed},
		{"the comparison is off", []string{"If-Modified-Since: " + date}, "", at, IfModifiedSinceOff, Proceed},
		{"no time to compare with", []string{"If-Modified-Since: " + date}, "", NoTime, 0, Proceed},
		{"not a date", []string{"If-Modified-Since: now"}, "", at, 0, Proceed},
		{"the tag matches", []string{`If-None-Match: "x"`}, `"x"`, at, 0, NotModified},
		{"the tag does not match", []string{`If-None-Match: "y"`}, `"x"`, at, 0, Proceed},
		{"any tag", []string{`If-None-Match: *`}, "", at, 0, NotModified},
		{"one tag of a list", []string{`If-None-Match: "a" ,W/"x"	, "c"`}, `"x"`, at, 0, NotModified},
		{"a weak tag of ours", []string{`If-None-Match: "x"`}, `W/"x"`, at, 0, NotModified},
		{"a tag that begins like ours", []string{`If-None-Match: "x"y`}, `"x"`, at, 0, Proceed},
		{"no tag of ours", []string{`If-None-Match: "x"`}, "", at, 0, Proceed},
		{"both say so", []string{`If-None-Match: "x"`, "If-Modified-Since: " + date}, `"x"`, at, 0, NotModified},
		{"the time says so, the tag does not", []string{`If-None-Match: "y"`, "If-Modified-Since: " + date}, `"x"`, at, 0, Proceed},
		{"the tag says so, the time does not", []string{`If-None-Match: "x"`, "If-Modified-Since: " + before}, `"x"`, at, 0, Proceed},
		{"unmodified since", []string{"If-Unmodified-Since: " + date}, "", at, 0, Proceed},
		{"modified after all", []string{"If-Unmodified-Since: " + before}, "", at, 0, PreconditionFailed},
		{"unmodified since, without a time of ours", []string{"If-Unmodified-Since: " + date}, "", NoTime, 0, PreconditionFailed},
		{"If-Match finds the tag", []string{`If-Match: "a", "x"`}, `"x"`, at, 0, Proceed},
		{"If-Match is strong", []string{`If-Match: W/"x"`}, `"x"`, at, 0, PreconditionFailed},
		{"If-Match does not find it", []string{`If-Match: "y"`}, `"x"`, at, 0, PreconditionFailed},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := requestWith(t, test.headers...)
			var etag []byte
			if test.etag != "" {
				etag = []byte(test.etag)
			}
			if got := r.CheckPreconditions(etag, test.time, test.mode); got != test.want {
				t.Errorf("got %d, want %d", got, test.want)
			}
		})
	}
	if got := string(AppendETag(nil, 0x5f3e1a2b, 0x4d2)); got != `"5f3e1a2b-4d2"` {
		t.Error(got)
	}
}

func TestRanges(t *testing.T) {
	tests := []struct {
		name, value string
		max         int
		want        string
	}{
		{"first bytes", "bytes=0-9", 9, "206 0-10"},
		{"from the middle to the end", "bytes=90-", 9, "206 90-100"},
		{"the last bytes", "bytes=-10", 9, "206 90-100"},
		{"more last bytes than there are", "bytes=-1000", 9, "206 0-100"},
		{"an end beyond the body", "bytes=50-1000", 9, "206 50-100"},
		{"capitals and spaces", "BYTES= 1 - 2 , 4 - 5 ", 9, "206 1-3 4-6"},
		{"two ranges", "bytes=0-0,-1", 9, "206 0-1 99-100"},
		{"a range beyond the body is left out", "bytes=0-0,200-300", 9, "206 0-1"},
		{"all beyond the body", "bytes=200-300", 9, "416"},
		{"an end before the start", "bytes=5-4", 9, "416"},
		{"an end before the start at zero", "bytes=0-1,1-0", 9, "206 0-2"},
		{"no bytes from the end", "bytes=-0", 9, "416"},
		{"another unit", "items=0-1", 9, "200"},
		{"no range at all", "bytes=", 9, "200"},
		{"letters", "bytes=a-b", 9, "416"},
		{"a comma at the end", "bytes=0-1,", 9, "416"},
		{"no dash", "bytes=5", 9, "416"},
		{"a number beyond 63 bits", "bytes=0-9223372036854775808", 9, "416"},
		{"more ranges than allowed", "bytes=0-0,1-1,2-2", 2, "200"},
		{"more bytes than the body", "bytes=0-99,0-99", 9, "200"},
		{"ranges are off", "bytes=0-9", 0, "200"},
		{"many small ranges of a small body", "bytes=" + strings.Repeat("1-1,", 20) + "1-1", RangesUnlimited, "200"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := requestWith(t, "Range: "+test.value)
			var space [8]Range
			ranges, result := r.CheckRange(space[:0], nil, NoTime, 100, test.max)
			got := map[RangeResult]string{RangeNone: "200", RangePartial: "206", RangeUnsatisfiable: "416"}[result]
			if (result == RangePartial) != (len(ranges) > 0) {
				t.Errorf("result %d with %d ranges", result, len(ranges))
			}
			for _, r := range ranges {
				got += fmt.Sprintf(" %d-%d", r.Start, r.End)
			}
			if got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestIfRange(t *testing.T) {
	const at, date = 784111777, "Sun, 06 Nov 1994 08:49:37 GMT"
	tests := []struct {
		name, value, etag string
		time              int64
		want              RangeResult
	}{
		{"the tag is the same", `"x"`, `"x"`, at, RangePartial},
		{"the tag is another", `"y"`, `"x"`, at, RangeNone},
		{"there is no tag", `"x"`, "", at, RangeNone},
		{"the time is the same", date, "", at, RangePartial},
		{"the time is another", date, "", at + 1, RangeNone},
		{"there is no time", date, "", NoTime, RangeNone},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := requestWith(t, "Range: bytes=0-1", "If-Range: "+test.value)
			var etag []byte
			if test.etag != "" {
				etag = []byte(test.etag)
			}
			if _, got := r.CheckRange(nil, etag, test.time, 100, 9); got != test.want {
				t.Errorf("got %d, want %d", got, test.want)
			}
		})
	}
}

func TestMultipartLengthIsWhatIsWritten(t *testing.T) {
	for _, contentType := range []string{"", "text/plain; charset=utf-8"} {
		ranges := []Range{{0, 1}, {9, 11}, {99, 100}, {5, 1234}}
		const size = 100000
		var out []byte
		for _, r := range ranges {
			out = AppendPart(out, 42, []byte(contentType), r, size)
			out = append(out, make([]byte, r.Size())...)
		}
		out = AppendPartsEnd(out, 42)
		if got := MultipartLength([]byte(contentType), ranges, size); got != int64(len(out)) {
			t.Errorf("%q: %d, written %d", contentType, got, len(out))
		}
	}
	if got := string(AppendPart(nil, 7, []byte("a/b"), Range{1, 3}, 9)); got != "\r\n--00000000000000000007\r\nContent-Type: a/b\r\nContent-Range: bytes 1-2/9\r\n\r\n" {
		t.Errorf("%q", got)
	}
	if got := string(AppendContentRange(nil, Range{1, 3}, 9)) + string(AppendContentRangeNone(nil, 9)); got != "Content-Range: bytes 1-2/9\r\nContent-Range: bytes */9\r\n" {
		t.Errorf("%q", got)
	}
}
