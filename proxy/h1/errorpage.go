package h1

import (
	"bytes"
	"strconv"
)

// ServerToken names the server in its pages and in the Server header.
const ServerToken = "moonring"

// errorTitles are the titles of nginx's special pages; code and title also make the heading, except for 494 to 497.
var errorTitles = map[int]string{
	301: "Moved Permanently", 302: "Found", 303: "See Other", 307: "Temporary Redirect", 308: "Permanent Redirect",
	400: "Bad Request", 401: "Authorization Required", 402: "Payment Required", 403: "Forbidden", 404: "Not Found",
	405: "Not Allowed", 406: "Not Acceptable", 407: "Proxy Authentication Required", 408: "Request Time-out",
	409: "Conflict", 410: "Gone", 411: "Length Required", 412: "Precondition Failed",
	413: "Request Entity Too Large", 414: "Request-URI Too Large", 415: "Unsupported Media Type",
	416: "Requested Range Not Satisfiable", 421: "Misdirected Request", 429: "Too Many Requests",
	494: "Request Header Or Cookie Too Large", 495: "The SSL certificate error",
	496: "No required SSL certificate was sent", 497: "The plain HTTP request was sent to HTTPS port",
	498: "Not Found", 500: "Internal Server Error", 501: "Not Implemented", 502: "Bad Gateway",
	503: "Service Temporarily Unavailable", 504: "Gateway Time-out", 505: "HTTP Version Not Supported",
	507: "Insufficient Storage",
}

const (
	errorPageFirst = 301
	errorPageLast  = 507

	errorPadding = "<!-- a padding to disable MSIE and Chrome friendly error page -->\r\n"
)

// ErrorPages holds the bodies of nginx's special pages with one server token. They are immutable: queue them without
// a copy.
type ErrorPages struct {
	page, padded [errorPageLast - errorPageFirst + 1][]byte
}

// NewErrorPages makes the pages with token in their last line, where nginx has "nginx/1.22.1" or "nginx".
func NewErrorPages(token string) *ErrorPages {
	p := new(ErrorPages)
	for code, title := range errorTitles {
		number, detail := strconv.Itoa(code), ""
		heading := number + " " + title
		switch code {
		case 494, 495, 496, 497:
			number, heading = "400", "400 Bad Request"
			detail = "<center>" + title + "</center>\r\n"
		case 498:
			number, heading = "404", "404 Not Found"
		}
		page := "<html>\r\n<head><title>" + number + " " + title + "</title></head>\r\n<body>\r\n<center><h1>" + heading +
			"</h1></center>\r\n" + detail + "<hr><center>" + token + "</center>\r\n</body>\r\n</html>\r\n"
		p.page[code-errorPageFirst] = []byte(page)
		if code >= 400 {
			page += errorPadding + errorPadding + errorPadding + errorPadding + errorPadding + errorPadding
		}
		p.padded[code-errorPageFirst] = []byte(page)
	}
	return p
}

// Page returns the body for a code, an empty one (nil) for codes that have no page: 201, 204, 304, 499, unknown ones.
// Its type is text/html.
func (p *ErrorPages) Page(code int) []byte {
	if code < errorPageFirst || code > errorPageLast {
		return nil
	}
	return p.page[code-errorPageFirst]
}

// Padded is Page with the comments that nginx adds, from 400 on, for clients that show a page of their own in place
// of a short one: those for which NeedsPadding holds, with HTTP/1.0 or later, unless msie_padding is off.
func (p *ErrorPages) Padded(code int) []byte {
	if code < errorPageFirst || code > errorPageLast {
		return nil
	}
	return p.padded[code-errorPageFirst]
}

// NeedsPadding tells from a User-Agent whether nginx takes the client for MSIE or Chrome.
func NeedsPadding(userAgent []byte) bool {
	if bytes.Contains(userAgent, []byte("Opera")) {
		return false
	}
	if i := bytes.Index(userAgent, []byte("MSIE ")); i >= 0 && i+7 < len(userAgent) {
		return true
	}
	return bytes.Contains(userAgent, []byte("Chrome/")) && !bytes.Contains(userAgent, []byte("Gecko/"))
}
