package h1

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
)

// item is what became of one request: echoed, or refused with a status.
type item struct {
	status int
	echo   string
	reason string // ours only
}

// ourItems reads a connection as serve does and answers as luaEcho does.
func ourItems(data string) (items []item) {
	rest := []byte(data)
	for len(rest) > 0 {
		var p Parser
		var r Request
		n, err := p.Parse(&r, rest)
		refuse := func(err error) []item {
			e := err.(*Error)
			status := WireStatus(e.Status)
			if r.Simple() {
				status = 9
			}
			return append(items, item{status: status, reason: e.Reason})
		}
		if err != nil {
			return refuse(err)
		}
		if n == 0 {
			return items
		}
		path := r.Path
		if r.Complex {
			if path, err = NormalizePath(nil, r.Path, true); err != nil {
				return refuse(err)
			}
		}
		rest = rest[n:]
		var body []byte
		if r.Chunked {
			var c ChunkedReader
			for done := false; !done; {
				payload, used, end, err := c.Decode(rest)
				if err != nil {
					return refuse(err)
				}
				body = append(body, payload...)
				rest, done = rest[used:], end
				if !done && len(rest) == 0 {
					return items
				}
			}
		} else if r.ContentLength > 0 {
			if int64(len(rest)) < r.ContentLength {
				return items
			}
			body, rest = rest[:r.ContentLength], rest[r.ContentLength:]
		}
		var names []string
		for i := range r.Headers {
			h := &r.Headers[i]
			line, known := string(h.Name), false
			for j := range r.Headers[:i] {
				known = known || string(r.Headers[j].Name) == line
			}
			if known {
				continue
			}
			var values []string
			for j := range r.Headers {
				if string(r.Headers[j].Name) == line {
					values = append(values, string(r.Headers[j].Value))
				}
			}
			names = append(names, strings.ToLower(line)+"="+strings.Join(values, "|"))
		}
		slices.Sort(names)
		var quoted []string
		for _, s := range []string{string(r.Method), string(path), string(r.Args), string(r.URI), string(r.Host), string(body), strings.Join(names, ",")} {
			quoted = append(quoted, luaQuote(s))
		}
		status := 200
		if r.Major == 0 {
			status = 9
		}
		items = append(items, item{status: status, echo: strings.Join(quoted, " ")})
		if !r.KeepAlive {
			return items
		}
	}
	return items
}

func nginxItems(t *testing.T, socket, data string) (items []item) {
	for _, r := range responses(t, exchange(t, socket, data)) {
		if r.status == 200 || r.status == 9 && !strings.HasPrefix(r.body, "<html>") {
			items = append(items, item{status: r.status, echo: r.body})
		} else {
			items = append(items, item{status: r.status})
		}
	}
	return items
}

func show(items []item) string {
	var out []string
	for _, i := range items {
		s := fmt.Sprint(i.status)
		if i.echo != "" {
			s += " " + i.echo
		}
		if i.reason != "" {
			s += " (" + i.reason + ")"
		}
		out = append(out, s)
	}
	return "[" + strings.Join(out, "; ") + "]"
}

func equal(a, b []item) bool {
	return slices.EqualFunc(a, b, func(x, y item) bool { return x.status == y.status && x.echo == y.echo })
}

// deliberate lists where we answer otherwise than nginx 1.22.1, on purpose. row is how docs/differences.md names it.
var deliberate = []struct {
	name, data  string
	ours, nginx string // statuses
	row         string
}{
	{"two CRs before LF", "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\r\n\r\n", "400", "200", "CR CR LF after a header"},
	{"a bare CR before the request line", "\r\r\rGET / HTTP/1.1\r\nHost: a\r\n\r\n", "400", "200", "CR alone before a request"},
	{"a header without a colon", "GET / HTTP/1.1\r\nHost: a\r\nFoo\r\n\r\n", "400", "200", "header line without a colon"},
	{"a header without a colon ended by LF", "GET / HTTP/1.1\r\nHost: a\r\nFoo\n\r\n", "400", "200", "header line without a colon"},
	{"a Host with user information", "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", "400", "200", "characters in `Host`"},
	{"a Host with bytes above 0x7f", "GET / HTTP/1.1\r\nHost: \xc3\xa4\r\n\r\n", "400", "200", "characters in `Host`"},
	{"a Host with a port that is no number", "GET / HTTP/1.1\r\nHost: a:b\r\n\r\n", "400", "200", "port in `Host`"},
	{"a Host with a port too large", "GET / HTTP/1.1\r\nHost: a:70000\r\n\r\n", "400", "200", "port in `Host`"},
	{"an open bracket in Host", "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", "400", "200", "characters in `Host`"},
	{"an authority with a port too large", "GET http://a:70000/ HTTP/1.1\r\nHost: a\r\n\r\n", "400", "200", "port in `Host`"},
	{"LF alone after a chunk's size", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\nx\r\n0\r\n\r\n", "400", "200", "LF alone in chunked framing"},
	{"LF alone after a chunk's data", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\n0\r\n\r\n", "400", "200", "LF alone in chunked framing"},
	{"LF alone at the end of a chunked body", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\n", "400", "200", "LF alone in chunked framing"},
	{"LF alone after a trailer", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: b\n\r\n", "400", "200", "LF alone in chunked framing"},
	{"LF alone in an extension", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;a\nx\r\n0\r\n\r\n", "400", "200", "LF alone in chunked framing"},
	{"spaces after a chunk's size", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1 \r\nx\r\n0\r\n\r\n", "400", "200", "what follows a chunk's size"},
	{"a word after a chunk's size", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1 x\r\nx\r\n0\r\n\r\n", "400", "200", "what follows a chunk's size"},
	{"a control character in an extension", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;\x01\r\nx\r\n0\r\n\r\n", "400", "200", "what follows a chunk's size"},
	{"a long extension", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;" + strings.Repeat("x", 2000) + "\r\nx\r\n0\r\n\r\n", "400", "200", "length of chunked framing"},
	{"a size of 17 digits", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n00000000000000001\r\nx\r\n0\r\n\r\n", "400", "200", "length of chunked framing"},
	{"long trailers", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + strings.Repeat("A: b\r\n", 2000) + "\r\n", "400", "200", "length of chunked framing"},
	{"a trailer that is no header", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nfoo\r\n\r\n", "400", "200", "syntax of trailers"},
	{"a NUL in a trailer", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: \x00\r\n\r\n", "400", "200", "syntax of trailers"},
	{"empty lines without end", strings.Repeat("\r\n", 4100) + "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "400", "200", "empty lines before a request"},
	{"close, then keep-alive", "GET /1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\nConnection: keep-alive\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n", "200", "200 200", "`Connection` header"},
	{"a bare CR in a line that has not ended", "GET /old\r\rX", "", "400", "malformed line that has not ended"},
	{"a bare CR at the end of a head", "GET / HTTP/1.1\r\nHost: a\r\n\rX", "", "400", "malformed line that has not ended"},
	{"a NUL in a line that has not ended", "GET / HTTP/1.1\r\nHost: a\x00", "", "400", "malformed line that has not ended"},
	{"Proxy-Authorization twice", "POST / HTTP/1.1\r\nHost: a\r\nProxy-Authorization: a\r\nProxy-Authorization: b\r\n\r\n", "400", "200", "`Proxy-Authorization` twice"},
}

func statuses(items []item) string {
	var out []string
	for _, i := range items {
		out = append(out, fmt.Sprint(i.status))
	}
	return strings.Join(out, " ")
}

func TestDeliberateDifferences(t *testing.T) {
	socket, _ := startNginx(t, luaEcho)
	doc, err := os.ReadFile("../../docs/differences.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(doc), "\n## HTTP/1.1 parsing\n")
	if !found {
		t.Fatal("docs/differences.md has no section HTTP/1.1 parsing")
	}
	section, _, _ = strings.Cut(section, "\n## ")
	for _, d := range deliberate {
		t.Run(d.name, func(t *testing.T) {
			if got := statuses(ourItems(d.data)); got != d.ours {
				t.Errorf("ours: %s, listed %s", got, d.ours)
			}
			if got := statuses(nginxItems(t, socket, d.data)); got != d.nginx {
				t.Errorf("nginx: %s, listed %s", got, d.nginx)
			}
			if !strings.Contains(section, "\n| "+d.row+" |") {
				t.Errorf("docs/differences.md has no row %q", d.row)
			}
		})
	}
}

func TestRequestsAreReadAsNginxReadsThem(t *testing.T) {
	socket, _ := startNginx(t, luaEcho)
	const get, tail, post = "GET / HTTP/1.1\r\n", " HTTP/1.1\r\nHost: a\r\n\r\n", "POST /p HTTP/1.1\r\nHost: a\r\n"
	cases := []string{
		wrkHead, browserHead, wrkHead + browserHead, "", "\r\n", "\n\n" + wrkHead, strings.Repeat("\r\n", 534) + wrkHead,
		"GET /a/../b/./c//d%2fe%20f?x=%20#frag" + tail, "GET /%00" + tail, "GET /.." + tail, "GET /a%" + tail, "GET /a%zz" + tail, "GET /%2e%2e/" + tail,
		"GET /a#b?c" + tail, "GET /a?b#c" + tail, "GET /?" + tail, "GET /%3f%23%25" + tail, "GET /a+b" + tail, "GET //a///" + tail, "GET /\xc3\xa4" + tail,
		"GET /\"<>\\^`{|}" + tail, "GET /a\tb" + tail, "GET /a\x7f" + tail, "GET /a b" + tail, "GET  /a  HTTP/1.1  \r\nHost: a\r\n\r\n",
		"GET http://Ex.am:80/p?q" + tail, "GET http://h" + tail, "GET http://h?q#f" + tail, "GET http://h:80?q" + tail, "GET http://h: HTTP/1.1\r\nHost: a\r\n\r\n", "GET http:///p" + tail, "GET http://a..b/" + tail,
		"GET http://[::1]:80/" + tail, "GET http://a@b/" + tail, "GET HTTP+x-1.2://H./" + tail, "GET http:/h/" + tail, "GET h/" + tail, "GET http://h#f" + tail, "GET http://a_b/" + tail,
		"OPTIONS *" + tail, "CONNECT a:80" + tail, "CONNECT /" + tail, "TRACE /" + tail, "FOO-BAR_BAZ /" + tail, "get /" + tail, "G3T /" + tail, "/ HTTP/1.1\r\n\r\n", "GET\r\n\r\n",
		"GET / HTTP/1.0\r\n\r\n", "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" + wrkHead, "GET / HTTP/1.2\r\nHost: a\r\n\r\n", "GET / HTTP/1.999\r\nHost: a\r\n\r\n", "GET / HTTP/1.1000\r\nHost: a\r\n\r\n",
		"GET / HTTP/2.0\r\nHost: a\r\n\r\n", "GET / HTTP/10.0\r\nHost: a\r\n\r\n", "GET / HTTP/0.9\r\n\r\n", "GET / HTTP/1\r\n\r\n", "GET / HTTP/1.\r\n\r\n", "GET / HTTP/.1\r\n\r\n", "GET / http/1.1\r\n\r\n", "GET / HTP/1.1\r\n\r\n", "GET / HTTP/1.1x\r\n\r\n", "GET / HTTP/1.1 x\r\n\r\n", "GET /HTTP/1.1\r\n\r\n",
		"GET /old\r\n", "GET /old\n", "GET /old \r\n", "POST /old\r\n", "GET http://h/old\r\n",
		get + "\r\n", get + "Host:\r\n\r\n", get + "Host: a\r\nHost: b\r\n\r\n", get + "Host: A.b.:80\r\n\r\n", get + "Host: a..b\r\n\r\n", get + "Host: .\r\n\r\n", get + "Host: :80\r\n\r\n", get + "Host: a b\r\n\r\n", get + "Host: a/b\r\n\r\n", get + "Host: [FE::1]:8\r\n\r\n", get + "Host: a:\r\n\r\n", get + "Host: a_b~!$&'()*+,;=\r\n\r\n", get + "Host: a\t\r\n\r\n",
		get + "Host: a\nX: b\n\n", get + "Host: a\r\n X: b\r\n\r\n", get + "Host: a\r\nX: b\r\n c\r\n\r\n", get + "Host: a\r\nX : b\r\n\r\n", get + "Host: a\r\n: b\r\n\r\n", get + "Host: a\r\nX_Y: b\r\nX@Y: c\r\nX.Y: d\r\n\xc3\xa4: e\r\n\r\n",
		get + "Host: a\r\nX: a\x00b\r\n\r\n", get + "Host: a\r\nX\x00: b\r\n\r\n", get + "Host: a\r\nX: a\rb\r\n\r\n", get + "Host: a\r\nX: \x01\x7f\xff\r\n\r\n", get + "Host: a\r\nX:  b  c \t \r\nY:\r\nZ: \r\n\r\n", get + "Host: a\r\nX: b\r\nx: c\r\nX: d\r\n\r\n",
		get + "Host: a\r\nExpect: x\r\n\r\n", get + "Host: a\r\nIf-Match: a\r\nIf-Match: a\r\n\r\n", get + "Host: a\r\nAuthorization: a\r\nAuthorization: b\r\n\r\n", get + "Host: a\r\nRange: a\r\nRange: b\r\n\r\n", get + "Host: a\r\nCookie: a\r\nCookie: b\r\n\r\n",
		post + "Content-Length: 5\r\nExpect: 100-continue\r\n\r\nhello" + wrkHead, post + "Content-Length: 5\r\n\r\nhel", post + "Content-Length: 0\r\n\r\n" + wrkHead,
		post + "Transfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n1 \t;z\r\n!\r\n0;l\r\nT: u\r\nV:\r\n\r\n" + wrkHead, post + "Transfer-Encoding: chunked\r\n\r\n5\r\nhel", post + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"GET /" + strings.Repeat("a", 8192-16) + tail, "GET /" + strings.Repeat("a", 8193-16) + tail, get + "Host: a\r\nX: " + strings.Repeat("a", 8192-5) + "\r\n\r\n", get + "Host: a\r\nX: " + strings.Repeat("a", 8193-5) + "\r\n\r\n",
		get + "Host: a\r\n" + strings.Repeat("X: y\r\n", 999) + "\r\n", get + "Host: a\r\n" + strings.Repeat("X: y\r\n", 1000) + "\r\n",
		get + "Host: a\r\n" + strings.Repeat("X_: y\r\n", 500) + strings.Repeat("X: y\r\n", 999) + "\r\n", get + "Host: a\r\n" + strings.Repeat("X: y\r\n", 999) + "X_: y\r\n\r\n",
		get + "Host: a\r\n" + strings.Repeat("X: "+strings.Repeat("a", 8000)+"\r\n", 4) + "\r\n", get + "Host: a\r\n" + strings.Repeat("X: "+strings.Repeat("a", 8000)+"\r\n", 5) + "\r\n", get + "Host: a\r\n" + strings.Repeat("X: "+strings.Repeat("a", 1000)+"\r\n", 32) + "\r\n", get + "Host: a\r\n" + strings.Repeat("X: "+strings.Repeat("a", 1000)+"\r\n", 33) + "\r\n",
	}
	for _, data := range cases {
		ours, nginx := ourItems(data), nginxItems(t, socket, data)
		if !equal(ours, nginx) {
			t.Errorf("%.300q\n ours:  %.600s\n nginx: %.600s", data, show(ours), show(nginx))
		}
	}
}

// stricter begins each reason with which we refuse what nginx takes; each stands for a row of deliberate.
var stricter = []string{
	"client sent invalid chunked body", "client sent invalid host", "client sent header line without colon",
	"client sent invalid header line", // CR CR LF
	"client sent invalid method",      // CR alone before a request
}

// TestMutatedRequestsAreNeverReadOtherwise changes bytes of requests at random. Whatever comes of it, we and nginx read
// the same requests, or we refuse one for a reason that is listed.
func TestMutatedRequestsAreNeverReadOtherwise(t *testing.T) {
	socket, _ := startNginx(t, luaEcho)
	seeds := []string{
		wrkHead + wrkHead,
		"POST /p?q HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhelloGET /2 HTTP/1.1\r\nHost: b\r\n\r\n",
		"POST /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;x\r\nhello\r\n3\r\nabc\r\n0\r\nT: u\r\n\r\nGET /2 HTTP/1.1\r\nHost: b\r\n\r\n",
		"GET http://Host.x:80/a/../b%2f//c?d#e HTTP/1.1\r\nHost: a.b\r\nConnection: keep-alive, x\r\nX_Y: z\r\n\r\nGET /2 HTTP/1.0\n\n",
		"\r\nPUT /a%41/./b HTTP/1.1\nHost: [::1]:80\nContent-Length: 2\nExpect: 100-continue\n\nabGET /\r\n",
	}
	pieces := []string{"\r", "\n", "\r\n", " ", "\t", "\x00", ":", ";", ",", "0", "5", "\x7f", "\xff", "%", "/", "..", "#", "?", "Content-Length: 3\r\n", "Transfer-Encoding: chunked\r\n",
		"chunked", "HTTP/1.0", "_", "Host: x\r\n", "\r\n\r\n", "GET / HTTP/1.1\r\n", "identity", "close", "[", "]", "@", "A"}
	random := rand.New(rand.NewPCG(20, 26))
	const rounds = 3000
	agreed, strict := 0, 0
	for range rounds {
		data := []byte(seeds[random.IntN(len(seeds))])
		for range 1 + random.IntN(3) {
			at := random.IntN(len(data))
			switch random.IntN(4) {
			case 0:
				data = slices.Delete(data, at, min(len(data), at+1+random.IntN(3)))
			case 1:
				data = slices.Insert(data, at, []byte(pieces[random.IntN(len(pieces))])...)
			case 2:
				piece := pieces[random.IntN(len(pieces))]
				data = slices.Replace(data, at, min(len(data), at+len(piece)), []byte(piece)...)
			default:
				data[at] = byte(random.IntN(256))
			}
			if len(data) == 0 {
				data = []byte("G")
			}
		}
		ours, nginx := ourItems(string(data)), nginxItems(t, socket, string(data))
		if equal(ours, nginx) {
			agreed++
			continue
		}
		// The only other way: we agree up to a request that we alone refuse.
		last := len(ours) - 1
		listed := last >= 0 && ours[last].reason != "" && slices.ContainsFunc(stricter, func(s string) bool { return strings.HasPrefix(ours[last].reason, s) })
		if listed && len(nginx) >= last && equal(ours[:last], nginx[:last]) {
			strict++
			continue
		}
		// Or nginx refuses a line that has not ended, and we wait for its end.
		if data[len(data)-1] != '\n' && len(nginx) == len(ours)+1 && equal(ours, nginx[:len(ours)]) && nginx[len(ours)].status >= 400 {
			strict++
			continue
		}
		t.Errorf("%q\n ours:  %.600s\n nginx: %.600s", data, show(ours), show(nginx))
	}
	t.Logf("%d agreed, %d refused by us alone", agreed, strict)
	if agreed < rounds/2 {
		t.Errorf("only %d of %d agreed: the comparison says little", agreed, rounds)
	}
}
