package difftest

// coreCases: the smaller directives of nginx's core, headers and charset modules.
func coreCases() []testCase {
	const before, same, after = "Thu, 01 Feb 2024 00:00:00 GMT", "Thu, 29 Feb 2024 12:34:56 GMT", "Fri, 01 Mar 2024 00:00:00 GMT"
	agent := func(name string) string { return "User-Agent: " + name }
	cases := []testCase{
		get("etag off", "/core/etag/numbers.txt", 200, "Last-Modified: "),
		get("etag off and any tag", "/core/etag/numbers.txt", 304, "", `If-None-Match: *`),
		get("if_modified_since exact: a later time", "/core/numbers.txt", 200, "", "If-Modified-Since: "+after),
		get("if_modified_since before: a later time", "/core/before/numbers.txt", 304, "", "If-Modified-Since: "+after),
		get("if_modified_since before: an earlier time", "/core/before/numbers.txt", 200, "", "If-Modified-Since: "+before),
		get("if_modified_since off", "/core/ims_off/numbers.txt", 200, "", "If-Modified-Since: "+same),
		get("max_ranges 1: one range", "/core/one_range/numbers.txt", 206, "", "Range: bytes=0-1"),
		get("max_ranges 1: two ranges", "/core/one_range/numbers.txt", 200, "", "Range: bytes=0-1,3-4"),
		get("max_ranges 0", "/core/no_range/numbers.txt", 200, "", "Range: bytes=0-1"),
		get("absolute_redirect off", "/core/relative", 301, "Location: /to"),
		get("absolute_redirect off, from Lua", "/core/relative_lua", 302, "Location: /to"),
		get("server_name_in_redirect on", "/core/named", 302, "Location: http://first.test"),
		get("port_in_redirect off", "/core/portless", 302, "Location: http://first.test/to"),
		{name: "chunked_transfer_encoding off", send: []string{request("GET /core/unchunked")}, want: w(200), has: "Connection: close"},
		{name: "keepalive_disable safari", send: []string{request("GET /core/safari", agent("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) Version/15 Safari/605"))}, want: w(200), has: "Connection: close"},
		{name: "keepalive_disable safari, and Chrome", send: []string{request("GET /core/safari", agent("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) Chrome/100 Safari/605"))}, want: w(200), has: "Connection: keep-alive"},
		{name: "an old MSIE posts", send: []string{request("POST /core/headers", agent("Mozilla/4.0 (compatible; MSIE 6.0; Windows)"), "Content-Length: 0")}, want: w(200), has: "Connection: close"},
		{name: "a newer MSIE posts", send: []string{request("POST /core/headers", agent("Mozilla/4.0 (compatible; MSIE 6.0; Windows; SV1)"), "Content-Length: 0")}, want: w(200), has: "Connection: keep-alive"},
		{name: "an old MSIE gets", send: []string{request("GET /core/headers", agent("Mozilla/4.0 (compatible; MSIE 6.0; Windows)"))}, want: w(200), has: "Connection: keep-alive"},
		get("msie_padding off", "/core/padless", 404, "", agent("Mozilla/4.0 (compatible; MSIE 7.0; Windows)")),
		get("add_header", "/core/headers", 200, "X-First: 1 /core/headers"),
		get("add_header of a 404", "/core/headers/404", 404, "X-Always: yes"),
		get("add_header of a redirect", "/core/headers/301", 301, "X-First: 1 /core/headers/301"),
		get("add_header replaces what is inherited", "/core/headers/own", 200, "X-Own: 1"),
		get("add_header beside what a script has set", "/core/headers/lua", 200, "X-First: lua"),
		get("add_header of a file", "/core/headers/file/numbers.txt", 200, "X-First: 1 /core"),
		get("add_header of a part of a file", "/core/headers/file/numbers.txt", 206, "X-First: 1 /core", "Range: bytes=1-2"),
		get("add_header of a file that wasn't modified", "/core/headers/file/numbers.txt", 304, "X-First: 1 /core", "If-Modified-Since: "+same),
		get("add_header of a file that isn't there", "/core/headers/file/none.txt", 404, "X-Always"),
		get("add_header of ETag and Last-Modified", "/core/etag_header/numbers.txt", 200, `ETag: "mine"`),
		get("expires epoch", "/core/expires/epoch", 200, "Cache-Control: no-cache"),
		get("expires max", "/core/expires/max", 200, "Expires: Thu, 31 Dec 2037 23:55:55 GMT"),
		get("expires of a 404", "/core/expires/404", 404, ""),
		get("expires over what a script has set", "/core/expires/over", 200, "Expires: Thu, 01 Jan 1970 00:00:01 GMT"),
		get("charset of text", "/core/charset/text", 200, "Content-Type: text/plain; charset=utf-8"),
		get("charset of another type", "/core/charset/other", 200, "Content-Type: image/png"),
		get("charset_types", "/core/charset/types", 200, "Content-Type: application/json; charset=koi8-r"),
		get("charset of an error page", "/core/charset/page", 404, "Content-Type: text/html; charset=utf-8"),
		get("charset that the script has set", "/core/charset/own", 200, "charset=latin1"),
		get("charset of a type that the script has set", "/core/charset/lua", 200, "text/html; charset=utf-8"),
		get("charset and headers of a text with variables", "/core/charset/variables?a=b", 200, "b and /core/charset/variables"),
		get("charset of a redirect", "/core/charset/moved", 301, "Content-Type: text/html\n"),
		get("charset of another redirect", "/core/charset/other-moved", 307, "charset=utf-8"),
		get("charset of a file", "/core/charset/file/page.html", 200, "charset=utf-8"),
	}
	for _, path := range []string{"/core/none.txt", "/core/quiet/none.txt"} {
		cases = append(cases, get("log_not_found: "+path, path, 404, "").logged("/static/none.txt"))
	}
	cases[len(cases)-2].log = "core/none.txt"
	cases[len(cases)-1].log = ""
	return cases
}
