package difftest

import "fmt"

// authRequestCases: auth_request, auth_request_set.
func authRequestCases() []testCase {
	all := []testCase{
		get("auth_request", "/ar/lua?a=1", 200, "content for joe GET /ar/auth /ar/lua?a=1, 1"),
		get("auth_request whose subrequest has a body", "/ar/lua?a=1", 200, "content for joe", "X-Say: 1"),
		post("auth_request of a POST", "/ar/lua?a=1", "body", 200, "content for joe GET"),
		post("auth_request, then the body is read", "/ar/body", "the body", 200, "the body"),
		post("auth_request after the body was read", "/ar/body_first", "the body", 200, "the body"),
		get("auth_request before a file", "/ar/static", 200, "teal"),
		get("auth_request before echo", "/ar/echo", 200, "echo for joe"),
		get("auth_request off", "/ar/off", 200, "content for nil"),
		get("return comes before auth_request", "/ar/return", 200, "rewrite comes first"),
		get("auth_request of nowhere", "/ar/none", 500, "").logged("auth request unexpected status"),
		get("auth_request of a file", "/ar/file", 200, "application/octet-stream"),
		get("auth_request of a long file", "/ar/file_long", 200, "content"),
		get("auth_request with error_page 401", "/ar/page", 200, "log in", "X-Code: 401"),
		get("auth_request with a named error_page", "/ar/page_named", 403, "named for joe", "X-Code: 403"),
		get("auth_request, then access code", "/ar/access", 200, "X-A: joe"),
		get("auth_request refuses before access code", "/ar/access", 403, "", "X-Code: 403"),
		get("a rule refuses before auth_request", "/ar/rule", 403, "", "X-Code: 401"),
		get("satisfy any by auth_request", "/ar/any", 200, "content"),
		get("satisfy any, auth_request refuses", "/ar/any", 403, "", "X-Code: 403").logged("/ar/any"),
		get("satisfy any, auth_request asks for a password", "/ar/any", 401, "WWW-Authenticate: Basic", "X-Code: 401"),
		get("satisfy any, auth_request fails", "/ar/any", 500, "", "X-Code: 404"),
		get("satisfy any, a rule allows without auth_request", "/ar/any_allow", 200, "content nil"),
		get("auth_request not asked in subrequests", "/ar/capture", 200, "content for nil"),
		get("auth_request and the parent's variables", "/ar/shared", 200, "content after nil"),
		get("auth_request_set $args", "/ar/setargs", 200, "a=joe"),
		get("auth_request of a proxied path", "/ar/proxied", 200, "content upstream's 200"),
		get("auth_request of a proxied path, refused", "/ar/proxied", 403, "", "X-Code: 403"),
		get("auth_request of a proxied path, two challenges", "/ar/proxied", 401, "WWW-Authenticate: two", "X-Code: 401"),
		get("auth_request through error_page", "/ar/errorpage", 200, "content"),
		get("auth_request that sleeps", "/ar/sleeps", 200, "content"),
		get("auth_request of return 200", "/ar/return200", 200, "content"),
		get("auth_request of return 204", "/ar/return204", 200, "content"),
		get("auth_request of return 301", "/ar/return301", 500, "").logged("auth request unexpected status"),
		get("auth_request of return 401", "/ar/return401", 401, ""),
		get("auth_request of return 403", "/ar/return403", 403, ""),
		{name: "auth_request of return 444", send: []string{request("GET /ar/return444")}},
		{name: "auth_request of HEAD", send: []string{request("HEAD /ar/lua?a=1")}, want: []want{head(200)}},
		{name: "auth_request, pipelined", send: []string{request("GET /ar/sleeps") + request("GET /ar/lua?a=1") + request("GET /ar/return403")}, want: w(200, 200, 403)},
	}
	for _, code := range []int{201, 204, 299, 300, 302, 400, 401, 402, 403, 404, 500, 503} {
		status := 500
		switch {
		case code < 300:
			status = 200
		case code == 401, code == 403:
			status = code
		}
		for _, say := range []string{"X-No: 1", "X-Say: 1"} {
			all = append(all, get(fmt.Sprint("auth_request says ", code, " ", say), "/ar/lua?a=1", status, "", fmt.Sprint("X-Code: ", code), say))
		}
	}
	for _, auth := range []int{200, 401, 403} {
		for _, lua := range []int{0, 401, 403} {
			status := lua
			if auth == 200 || lua == 0 {
				status = 200
			} else if auth == 401 {
				status = 401
			}
			all = append(all, get(fmt.Sprint("satisfy any, auth_request ", auth, ", access code ", lua), fmt.Sprint("/ar/any_lua?lua=", lua), status, "", fmt.Sprint("X-Code: ", auth)))
		}
	}
	return all
}
