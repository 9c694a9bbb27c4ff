package difftest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestSameAccessLogs sends the same requests to both servers and compares what they log of them, file by file.
func TestSameAccessLogs(t *testing.T) {
	requests := []string{
		request("GET /plain"),
		request("GET /plain?a=\"b\\c", "User-Agent: agent \"one\" \\ \xc3\xa9\x01", "Referer: http://r.test/"),
		request("GET /none", "X-A: b\"c"),
		request("GET /json", "User-Agent: tab\there \"q\" \\ \xff"),
		request("GET /none-escaped", "User-Agent: a\"b\\c"),
		request("GET /off"),
		request("GET /twice?x=1"),
		request("GET /if?log=1"),
		request("GET /if?log=0"),
		request("GET /if?log=00"),
		request("GET /if"),
		request("GET /buffered?1"),
		request("GET /buffered?2"),
		request("GET /lua"),
		request("HEAD /lua"),
		request("POST /plain", "Content-Length: 3") + "abc",
		request("GET /missing.html"),
		request("GET /page.txt", "Range: bytes=1-2"),
		"GET /plain HTTP/1.0\r\n\r\n",
		"GET /bad path\x01 HTTP/1.1\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
		"NONSENSE\r\n\r\n",
		request("TRACE /plain"),
		request("GET /moved"),
		request("GET /444"),
		request("GET /inner/x"),
		request("GET /inherit", "Cookie: c=d", "X-Forwarded-For: 1.1.1.1"),
		request("GET /chunks"),
		request("GET /plain", "Connection: close"),
		request("GET /user", "Authorization: Basic dXNlcjpwYXNz"),
	}
	files := []string{"main.log", "escaped.log", "json.log", "none.log", "if.log", "buffered.log", "second.log", "short.log", "order.log"}
	port := freePort(t)
	prefix := prepare(t, "testdata_access", "@PORT@", port)
	logs := func(s server) map[string]string {
		for _, name := range files {
			os.Remove(filepath.Join(prefix, "logs", name))
		}
		s.run(t, prefix, "daemon off;", port, func(addr string) {
			for _, text := range requests {
				perform(addr, testCase{send: []string{text}, raw: true, halfClose: true})
			}
		})
		got := map[string]string{}
		for _, name := range files {
			text, err := os.ReadFile(filepath.Join(prefix, "logs", name))
			if err != nil {
				t.Errorf("%s: %v", s.name, err)
			}
			got[name] = string(text)
		}
		return got
	}
	theirs := logs(nginxServer(t))
	if *nginxOnly {
		for _, name := range files {
			t.Logf("%s\n%s", name, theirs[name])
		}
		return
	}
	ours := logs(moonringServer(t))
	for _, name := range files {
		a, b := strings.Split(theirs[name], "\n"), strings.Split(ours[name], "\n")
		if len(a) < 2 {
			t.Errorf("%s: nginx logged nothing", name)
		}
		for i := range max(len(a), len(b)) {
			x, y := "(nothing)", "(nothing)"
			if i < len(a) {
				x = a[i]
			}
			if i < len(b) {
				y = b[i]
			}
			if x != y {
				t.Errorf("%s, line %d:\n  nginx    %s\n  moonring %s", name, i+1, x, y)
			}
		}
	}
}
