package h1

// statusLines holds "HTTP/1.1 CODE REASON" CR LF for 100..599, with nginx's reasons. Where nginx has none the line ends with
// the space after the code; so it does for codes of any other range.
var statusLines = func() (t [500]string) {
	for code := 100; code < 600; code++ {
		t[code-100] = "HTTP/1.1 " + string(appendStatus(nil, code)) + " " + StatusText(code) + "\r\n"
	}
	return t
}()

// StatusText returns nginx's reason phrase, "" where it has none.
// 101 is lua-nginx's: nginx itself passes an upstream's on.
func StatusText(code int) string {
	switch code {
	case 101:
		return "Switching Protocols"
	case 200:
		return "OK"
	case 201:
		return "Created"
	case 202:
		return "Accepted"
	case 204:
		return "No Content"
	case 206:
		return "Partial Content"
	case 301:
		return "Moved Permanently"
	case 302:
		return "Moved Temporarily"
	case 303:
		return "See Other"
	case 304:
		return "Not Modified"
	case 307:
		return "Temporary Redirect"
	case 308:
		return "Permanent Redirect"
	case 400:
		return "Bad Request"
	case 401:
		return "Unauthorized"
	case 402:
		return "Payment Required"
	case 403:
		return "Forbidden"
	case 404:
		return "Not Found"
	case 405:
		return "Not Allowed"
	case 406:
		return "Not Acceptable"
	case 407:
		return "Proxy Authentication Required"
	case 408:
		return "Request Time-out"
	case 409:
		return "Conflict"
	case 410:
		return "Gone"
	case 411:
		return "Length Required"
	case 412:
		return "Precondition Failed"
	case 413:
		return "Request Entity Too Large"
	case 414:
		return "Request-URI Too Large"
	case 415:
		return "Unsupported Media Type"
	case 416:
		return "Requested Range Not Satisfiable"
	case 421:
		return "Misdirected Request"
	case 429:
		return "Too Many Requests"
	case 500:
		return "Internal Server Error"
	case 501:
		return "Not Implemented"
	case 502:
		return "Bad Gateway"
	case 503:
		return "Service Temporarily Unavailable"
	case 504:
		return "Gateway Time-out"
	case 505:
		return "HTTP Version Not Supported"
	case 507:
		return "Insufficient Storage"
	}
	return ""
}

// AppendStatusLine appends the status line with its end of line. The version is always 1.1, as in nginx. A code that
// has no reason gives "HTTP/1.1 299 ", with the space.
func AppendStatusLine(dst []byte, status int) []byte {
	if status >= 100 && status < 600 {
		return append(dst, statusLines[status-100]...)
	}
	dst = append(dst, "HTTP/1.1 "...)
	dst = appendStatus(dst, status)
	return append(dst, " \r\n"...)
}

// appendStatus writes at least three digits.
func appendStatus(dst []byte, code int) []byte {
	if code >= 0 && code < 1000 {
		return append(dst, byte('0'+code/100), byte('0'+code/10%10), byte('0'+code%10))
	}
	return AppendDecimal(dst, int64(code))
}

// WireStatus maps nginx's own codes to the one that is sent: 494 to 497 are 400.
func WireStatus(code int) int {
	if code >= 494 && code <= 497 {
		return 400
	}
	return code
}

// Continue is the interim response to Expect: 100-continue.
const Continue = "HTTP/1.1 100 Continue\r\n\r\n"
