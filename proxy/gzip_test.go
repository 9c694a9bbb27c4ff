package proxy

import (
	"compress/gzip"
	"io"
	"strings"
	"testing"
)

func (c *client) gunzip(t *testing.T) string {
	t.Helper()
	r := c.reply("GET")
	if r.Header.Get("Content-Encoding") != "gzip" {
		t.Fatalf("not compressed: %v", r.Header)
	}
	z, err := gzip.NewReader(strings.NewReader(r.body))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestGzipOfALargeFile(t *testing.T) {
	b := start(t, `gzip on; gzip_types text/plain; server { listen LISTEN; root www; }`)
	var text strings.Builder
	for i := range 300000 {
		text.WriteString(strings.Repeat("x", i%20) + "\n")
	}
	b.file("www/large", text.String())
	c := b.dial()
	for range 2 {
		c.send(get("/large", "Accept-Encoding: gzip"))
		if got := c.gunzip(t); got != text.String() {
			t.Errorf("%d bytes, want %d", len(got), text.Len())
		}
	}
	b.eventually("the compressors are back", func() bool { return b.w.gzips.live == 0 })
}

func TestCompressorsAreBounded(t *testing.T) {
	b := start(t, `gzip on; gzip_types text/plain; server { listen LISTEN;
		location / { content_by_lua_block { say(("text"):rep(100)) flush() sleep(1) say("more") } } }`)
	var clients []*client
	for range gzipLiveMax + 2 {
		c := b.dial()
		c.send(get("/", "Accept-Encoding: gzip"))
		clients = append(clients, c)
	}
	b.eventually("all are at work", func() bool { return b.w.gzips.live == gzipLiveMax })
	plain := 0
	for i, c := range clients {
		if i%3 == 0 {
			c.Close() // its compressor must come back, too
			continue
		}
		if r := c.reply("GET"); r.Header.Get("Content-Encoding") == "" {
			plain++
			if r.body != strings.Repeat("text", 100)+"\nmore\n" {
				t.Errorf("%q", r.body)
			}
		}
	}
	if plain == 0 || plain > 2 {
		t.Errorf("%d answers are not compressed", plain)
	}
	b.eventually("the compressors are back", func() bool { return b.w.gzips.live == 0 })
}

func TestAcceptsGzip(t *testing.T) {
	for v, want := range map[string]bool{"": false, "gzip": true, "deflate,gzip": true, "gzip;q=0": false, "gzip;q=0.001": true, "gzip;q=1": true,
		"xgzip": false, "gzip;": true, "gzip;x": false, "a;q=1, GZip ; Q=0.2": true, ";;,,": false} {
		if got := acceptsGzip([]byte(v)); got != want {
			t.Errorf("%q: %v", v, got)
		}
	}
}
