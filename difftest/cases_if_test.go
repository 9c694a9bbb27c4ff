package difftest

import "fmt"

// ifCases: directives inside if and limit_except, and empty_gif.
func ifCases() []testCase {
	var all []testCase
	for _, c := range []struct {
		name string
		has  []string // with v=0, 1, ...
	}{
		{"rewrite", []string{"rewrite outer", "rewrite inner"}},
		{"access", []string{"access outer", "access inner", "403 Forbidden", "access outer"}},
		{"content", []string{"outer", "inner", "by echo", "", "returned", "rewrite inner", "who?", "outer"}},
		{"two", []string{"outer 0", "outer 1, first, second"}},
		{"filters", []string{"X-F: outer", "X-F: inner", "text\ntext", "TEXT", "X-More: inner"}},
		{"set", []string{"w=outer", "w=inner 1", "w=quoted 2", "w="}},
		{"types", []string{"text/html", "typed", "Expires", "gone", "typed", "typed", ""}},
		{"static", []string{"teal", ""}},
		{"static2", []string{"X-Out: outer", "X-In: static"}},
		{"try", []string{"gone", ""}},
		{"gif_if", []string{"X-Out: outer", "X-In: gif", "no gif"}},
	} {
		for v, has := range c.has {
			status := 200
			switch {
			case has == "403 Forbidden":
				status = 403
			case has == "returned":
				status = 201
			}
			switch c.name + fmt.Sprint(v) {
			case "content6":
				status = 400
			case "types3", "static1", "try1":
				status = 404
			}
			one := get(fmt.Sprintf("inside if: %s %d", c.name, v), fmt.Sprintf("/if/%s?v=%d", c.name, v), status, has)
			if c.name == "filters" {
				one = one.logged("marker-if-log")
			}
			all = append(all, one)
		}
	}
	method := func(path, method string, status int, has string) testCase {
		return testCase{name: method + " " + path, send: []string{request(method + " /if/" + path)}, want: w(status), has: has}
	}
	for _, c := range []struct {
		path     string
		statuses [7]int // by method
	}{
		{"deny", [7]int{200, 403, 403, 403, 403, 403, 200}},
		{"allow", [7]int{200, 403, 405, 405, 405, 405, 200}},
		{"lua", [7]int{404, 200, 200, 405, 405, 405, 404}}, // the handler goes
		{"return", [7]int{200, 403, 403, 403, 403, 403, 200}},
		{"get", [7]int{403, 200, 403, 403, 403, 403, 403}},
		{"if", [7]int{200, 403, 403, 403, 403, 403, 200}},
		{"if?v=1", [7]int{200, 403, 403, 403, 403, 403, 200}},
		{"proxy", [7]int{200, 200, 200, 200, 200, 200, 200}}, // this one stays
		{"proxy_own", [7]int{200, 200, 200, 200, 200, 200, 200}},
		{"echo", [7]int{200, 404, 405, 405, 405, 405, 200}},
		{"try", [7]int{200, 404, 405, 405, 405, 405, 200}},
	} {
		for i, m := range []string{"GET", "POST", "PUT", "DELETE", "OPTIONS", "FOO", "HEAD"} {
			one := method("limit_"+c.path, m, c.statuses[i], "")
			one.want[0].head = m == "HEAD"
			all = append(all, one)
		}
	}
	return append(all,
		get("limit_except in subrequests", "/if/limit_capture", 200, "200 returned"),
		method("gif", "GET", 200, "image/gif"),
		method("gif", "POST", 405, ""),
		get("the last of three handlers", "/if/last_gif", 200, "image/gif"),
		get("the last of four handlers", "/if/last_lua", 200, "lua"),
		get("proxy_pass after content_by_lua", "/if/last_proxy", 200, "gone"),
		get("echo after content_by_lua", "/if/last_echo", 200, "text"),
		get("the first echo counts", "/if/first_echo", 200, "lua"),
		get("handlers in if and around it", "/if/last_in_if?v=1", 200, "inner"),
		get("the handler around an if", "/if/last_in_if", 200, "outer"),
		testCase{name: "HEAD of empty_gif", send: []string{request("HEAD /if/gif")}, want: []want{head(200)}},
		get("empty_gif with a range", "/if/gif", 200, "GIF89a", "Range: bytes=0-3"),
		get("empty_gif not modified", "/if/gif", 304, "", "If-Modified-Since: Mon, 28 Sep 1970 06:00:00 GMT"),
		get("empty_gif modified", "/if/gif", 200, "", "If-Modified-Since: Mon, 28 Sep 1970 06:00:01 GMT"),
		get("empty_gif, precondition failed", "/if/gif", 412, "", "If-Unmodified-Since: Mon, 28 Sep 1970 05:00:00 GMT"),
		get("empty_gif through filters", "/if/gif_filter", 200, "43"),
		testCase{name: "empty_gif with a body that is dropped", send: []string{request("GET /if/gif", "Content-Length: 3") + "abc" + request("GET /if/gif")}, want: w(200, 200)},
	)
}
