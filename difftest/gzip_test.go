package difftest

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestSameGzip compares compressed answers: their headers, and their bodies once they are read. Two compressors needn't bring the same bytes.
func TestSameGzip(t *testing.T) {
	const accept = "Accept-Encoding: gzip"
	var requests []string
	for _, path := range []string{"numbers.txt", "page.html", "pixel.gif", "empty.html", "none.html", "large", "flush", "nothing", "length", "short", "text", "image", "created",
		"encoded", "cached", "old", "filtered", "later"} {
		requests = append(requests, request("GET /gzip/"+path, accept), request("GET /gzip/"+path), request("GET /gzip/"+path, accept, "Via: 1.1 other"))
		if path == "nothing" { // without a length by nginx
			continue
		}
		requests = append(requests, request("HEAD /gzip/"+path, accept), fmt.Sprintf("GET /gzip/%s HTTP/1.0\r\n%s\r\n\r\n", path, accept))
	}
	for _, header := range []string{"deflate, gzip", "gzip;q=0", "gzip;q=0.5", "gzip; q=1.0", "identity, GZIP", "x-gzip", "gzip;q=0.000", "deflate;q=1, gzip;q=0.1", "*"} {
		requests = append(requests, request("GET /gzip/text", "Accept-Encoding: "+header))
	}
	requests = append(requests,
		request("GET /gzip/numbers.txt", accept, "Range: bytes=0-3"),
		request("GET /gzip/numbers.txt", accept, "If-Modified-Since: Thu, 29 Feb 2024 12:34:56 GMT"),
		request("GET /gzip/text", accept, "Via: 1.1 other", "Authorization: x"))
	port := freePort(t)
	prefix := prepare(t, "testdata", "@PORT@", port)
	answers := func(s server) (all []string) {
		s.run(t, prefix, "daemon off;", port, func(addr string) {
			for _, r := range requests {
				all = append(all, gunzipped(addr, r))
			}
		})
		return all
	}
	theirs := answers(nginxServer(t))
	compressed := 0
	for _, a := range theirs {
		if strings.Contains(a, "timeout") {
			t.Error(a)
		}
		if strings.Contains(a, "gzip: ") {
			compressed++
		}
	}
	if compressed < 20 {
		t.Errorf("nginx compressed %d answers", compressed)
	}
	if *nginxOnly {
		t.Log(strings.Join(theirs, "\n"))
		return
	}
	for i, ours := range answers(moonringServer(t)) {
		if ours != theirs[i] {
			t.Errorf("sent %q\n--- nginx\n%s\n--- moonring\n%s", requests[i], theirs[i], ours)
		}
	}
}

// gunzipped renders an answer in which the body is as it was before it was compressed.
func gunzipped(addr, text string) string {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return err.Error()
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(10 * time.Second))
	io.WriteString(c, text)
	method, _, _ := strings.Cut(text, " ")
	resp, err := http.ReadResponse(bufio.NewReader(c), &http.Request{Method: method})
	if err != nil {
		return err.Error()
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return "body: " + err.Error()
	}
	what := "plain: "
	if resp.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(strings.NewReader(string(body)))
		if err == nil {
			what = "gzip: "
			if body, err = io.ReadAll(z); err != nil {
				what = "broken gzip: " + err.Error()
			}
		}
	}
	page := strings.NewReplacer("nginx/1.22.1", "*", "moonring", "*").Replace(string(body))
	var lines []string
	for name, values := range resp.Header {
		switch name {
		case "Date", "Server":
			continue
		case "Content-Length":
			if len(page) != len(body) {
				continue
			}
		}
		lines = append(lines, fmt.Sprintf("%s: %q", name, values))
	}
	slices.Sort(lines)
	return fmt.Sprintf("%s %v close=%v\n%s\n%s%s", resp.Status, resp.TransferEncoding, resp.Close, strings.Join(lines, "\n"), what, page)
}
