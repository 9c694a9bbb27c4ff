package proxy

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"moonring/proxy/conf"
)

func TestErrorLogLines(t *testing.T) {
	b := start(t, `server { listen LISTEN; server_name srv.test; root www;
		location /lua { content_by_lua 'log("a\\nb")'; }
		location /own { error_log logs/own.log crit; error_log logs/own2.log error; content_by_lua 'log("own")'; }
	}`)
	c := b.dial()
	c.send("GET /none\x01 HTTP/1.1\r\nHost: h\r\n\r\n")
	c.reply("GET")
	c = b.dial()
	c.send(get("/none", "Referer: http://r\x02\x1b[31m") + get("/lua") + get("/own"))
	for range 3 {
		c.reply("GET")
	}
	log := b.errorLog()
	line := regexp.MustCompile(`(?m)^\d{4}/\d\d/\d\d \d\d:\d\d:\d\d \[error\] \d+#\d+: \*\d+ open\(\) "` + regexp.QuoteMeta(b.prefix) +
		`/www/none" failed \(2: No such file or directory\), client: 127\.0\.0\.1, server: srv\.test, request: "GET /none HTTP/1\.1", host: "h\.test", referrer: "http://r\\x02\\x1B\[31m"$`)
	if !line.MatchString(log) {
		t.Errorf("no such line:\n%s", log)
	}
	if !strings.Contains(log, "[info]") || !strings.Contains(log, `client sent invalid request while reading client request line, client: 127.0.0.1, server: srv.test, request: "GET /none\x01 HTTP/1.1"`) {
		t.Errorf("the refused request is not logged, or not safely:\n%s", log)
	}
	if !strings.Contains(log, "a\nb, client: ") {
		t.Errorf("a script's line ends are its own affair:\n%s", log)
	}
	for name, want := range map[string]int{"error.log": 0, "own.log": 0, "own2.log": 1} {
		text, err := os.ReadFile(filepath.Join(b.prefix, "logs", name))
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(text), "*2 own, client"); n != want {
			t.Errorf("%s has the message %d times, want %d", name, n, want)
		}
	}
}

func TestReopen(t *testing.T) {
	b := start(t, simple)
	path := filepath.Join(b.prefix, "logs", "error.log")
	b.on(func() { b.w.Log(conf.Err, "before") })
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	b.w.Reopen()
	b.on(func() { b.w.Log(conf.Err, "after") })
	old, err := os.ReadFile(path + ".1")
	if err != nil || !strings.HasSuffix(string(old), "before\n") {
		t.Errorf("old file %q, %v", old, err)
	}
	if now := b.errorLog(); !strings.HasSuffix(now, "after\n") || strings.Contains(now, "before") {
		t.Errorf("new file %q", now)
	}
}

func TestLongLinesAreCut(t *testing.T) {
	b := start(t, `server { listen LISTEN; location / { content_by_lua 'log(("x"):rep(5000))'; } }`)
	c := b.dial()
	c.send(get("/"))
	c.reply("GET")
	if log := b.errorLog(); len(log) != logLineMax || !strings.HasSuffix(log, "xx\n") {
		t.Errorf("%d bytes, %q", len(log), log[max(len(log)-10, 0):])
	}
}
