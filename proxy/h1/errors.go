package h1

import "fmt"

// Refusals without details are made once. The texts are those of nginx's error log where it has such an error.
var (
	errInvalidMethod  = &Error{400, "client sent invalid method"}
	errInvalidRequest = &Error{400, "client sent invalid request"}
	errInvalidVersion = &Error{505, "client sent invalid version"}
	errInvalid09      = &Error{400, "client sent invalid method in HTTP/0.9 request"}
	errRefused09      = &Error{400, "client sent HTTP/0.9 request"}
	errURITooLong     = &Error{414, "client sent too long URI"}
	errLeading        = &Error{400, "client sent too many empty lines before request"}
	errBareLF         = &Error{400, "client sent line without CR"}

	errTooManyHeaders    = &Error{494, "client sent too many header lines"}
	errInvalidHostInLine = &Error{400, "client sent invalid host in request line"}
	errInvalidHost       = &Error{400, "client sent invalid host header"}
	errNoHost            = &Error{400, `client sent HTTP/1.1 request without "Host" header`}
	errInvalidLength     = &Error{400, `client sent invalid "Content-Length" header`}
	errEncodingIn10      = &Error{400, `client sent HTTP/1.0 request with "Transfer-Encoding" header`}
	errLengthAndEncoding = &Error{400, `client sent "Content-Length" and "Transfer-Encoding" headers at the same time`}
	errConnect           = &Error{405, "client sent CONNECT method"}
	errTrace             = &Error{405, "client sent TRACE method"}
)

// ErrChunked is what ChunkedReader returns, whatever is wrong.
var ErrChunked = &Error{400, "client sent invalid chunked body"}

// ErrPath is what NormalizePath returns.
var ErrPath = errInvalidRequest

// invalidLine is nginx's message for a line with a byte, data[at], that can't stand there.
func invalidLine(data []byte, start, at int) *Error {
	return &Error{400, fmt.Sprintf(`client sent invalid header line: "%s\x%02x..."`, clip(data[start:at]), data[at])}
}

func noColon(line []byte) *Error {
	return &Error{400, `client sent header line without colon: "` + clip(line) + `"`}
}

// clip bounds what a client can write into one line of the log.
func clip(b []byte) string { return string(b[:min(len(b), logLineMax/4)]) }
