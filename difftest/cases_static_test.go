package difftest

// staticCases: files, conditions, ranges, indexes, directories.
func staticCases() []testCase {
	// nginx announces keep-alive with a 412 and then closes; nobody relies on that.
	unprobed := func(c testCase) testCase { c.noProbe = true; return c }
	modified := "Thu, 29 Feb 2024 12:34:56 GMT"
	return []testCase{
		get("a file without a known type", "/static/style.css", 200, "body { color: teal }"),
		get("a file of 1.5 KB", "/static/numbers.txt", 200, "\n400\n"),
		get("a file typed by its extension", "/static/page.html", 200, "Content-Type: text/html"),
		get("a picture typed by its extension", "/static/pixel.gif", 200, "Content-Type: image/gif"),
		get("a file typed by its location", "/static/typed.bin", 200, "Content-Type: text/x-typed"),
		get("an empty file", "/static/empty.html", 200, "Content-Length: 0"),
		get("ETag and Last-Modified", "/static/page.html?v", 200, "Last-Modified: "+modified),
		get("the index of the root", "/", 200, "<title>root</title>"),
		get("the index of a folder", "/dir/", 200, "<p>dir</p>"),
		get("a folder without its slash", "/dir", 301, "/dir/"),
		get("a folder without its slash, with arguments", "/dir?a=b", 301, "/dir/?a=b"),
		get("a folder without an index", "/noindex/", 403, "403 Forbidden"),
		get("the first index that exists", "/plain/both/", 200, "first"),
		get("the second index if the first doesn't exist", "/plain/", 200, "only"),
		get("no index at all", "/plain/empty/", 403, ""),
		get("a file that isn't there", "/static/none.txt", 404, "404 Not Found").logged("/static/none.txt"),
		get("a file used as a folder", "/static/page.html/", 404, ""),
		get("below a file", "/static/page.html/x", 404, ""),
		{name: "HEAD of a file", send: []string{request("HEAD /static/numbers.txt")}, want: []want{head(200)}, has: "Content-Length: 1492"},
		{name: "POST to a file", send: []string{request("POST /static/page.html", "Content-Length: 0")}, want: w(405)},
		{name: "DELETE of a file", send: []string{request("DELETE /static/page.html")}, want: w(405)},
		get("not modified since its date", "/static/page.html", 304, "", "If-Modified-Since: "+modified),
		get("modified since an earlier date", "/static/page.html", 200, "page", "If-Modified-Since: Wed, 28 Feb 2024 12:34:56 GMT"),
		get("a later date is no match, dates are compared exactly", "/static/page.html", 200, "page", "If-Modified-Since: Fri, 01 Mar 2024 12:34:56 GMT"),
		get("a date that is none", "/static/page.html", 200, "page", "If-Modified-Since: yesterday"),
		unprobed(get("unmodified since an earlier date fails", "/static/page.html", 412, "", "If-Unmodified-Since: Wed, 28 Feb 2024 12:34:56 GMT")),
		get("a matching tag", "/static/page.html", 304, "", `If-None-Match: "65e079f0-c"`),
		get("a matching tag in a list", "/static/page.html", 304, "", `If-None-Match: "x", W/"65e079f0-c"`),
		get("any tag", "/static/page.html", 304, "", `If-None-Match: *`),
		get("another tag", "/static/page.html", 200, "page", `If-None-Match: "x"`),
		unprobed(get("a tag that must match and doesn't", "/static/page.html", 412, "", `If-Match: "x"`)),
		get("a tag that must match and does", "/static/page.html", 200, "page", `If-Match: "65e079f0-c"`),
		get("a range", "/static/numbers.txt", 206, "Content-Range: bytes 0-9/1492", "Range: bytes=0-9"),
		get("a range to the end", "/static/numbers.txt", 206, "Content-Range: bytes 1480-1491/1492", "Range: bytes=1480-"),
		get("the last bytes", "/static/numbers.txt", 206, "Content-Range: bytes 1487-1491/1492", "Range: bytes=-5"),
		get("a range that ends beyond the file", "/static/numbers.txt", 206, "bytes 1490-1491/1492", "Range: bytes=1490-9999"),
		get("a range beyond the file", "/static/numbers.txt", 416, "Content-Range: bytes */1492", "Range: bytes=5000-"),
		get("a range that is none", "/static/numbers.txt", 416, "", "Range: bytes=x-y"),
		get("a range in another unit", "/static/numbers.txt", 200, "400", "Range: lines=1-2"),
		get("a range if the tag still matches", "/static/page.html", 206, "", "Range: bytes=0-1", `If-Range: "65e079f0-c"`),
		get("the whole if the tag doesn't match", "/static/page.html", 200, "page", "Range: bytes=0-1", `If-Range: "other"`),
		get("a range if the date still matches", "/static/page.html", 206, "", "Range: bytes=0-1", "If-Range: "+modified),
		{name: "HEAD with a range", send: []string{request("HEAD /static/numbers.txt", "Range: bytes=0-9")}, want: []want{head(206)}},
	}
}
