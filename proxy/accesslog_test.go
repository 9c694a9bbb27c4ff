package proxy

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// withLogs starts a worker whose http block has these directives, with a location for all paths.
func withLogs(t *testing.T, directives string) *bench {
	return start(t, `error_log logs/error.log info; events {} http { log_format uri '$request_uri'; `+directives+`
		server { listen LISTEN; location / { return 200 "x"; } } }`)
}

func (b *bench) log(name string) string {
	b.t.Helper()
	text, err := os.ReadFile(filepath.Join(b.prefix, "logs", name))
	if err != nil {
		b.t.Fatal(err)
	}
	return string(text)
}

func TestAccessLogLineIsThereWithTheAnswer(t *testing.T) {
	b := withLogs(t, `access_log logs/a.log uri;`)
	c := b.dial()
	for _, path := range []string{"/1", "/2", "/3"} {
		c.send(get(path))
		c.want("GET", 200, "x")
		if log := b.log("a.log"); !strings.HasSuffix(log, path+"\n") {
			t.Fatalf("after %s: %q", path, log)
		}
	}
	c.send(get("/4") + get("/5") + get("/6"))
	for range 3 {
		c.want("GET", 200, "x")
	}
	if log := b.log("a.log"); log != "/1\n/2\n/3\n/4\n/5\n/6\n" {
		t.Errorf("%q", log)
	}
}

func TestAccessLogBuffer(t *testing.T) {
	b := withLogs(t, `access_log logs/a.log uri buffer=20;`)
	c := b.dial()
	for _, step := range []struct{ path, log string }{
		{"/1234567", ""}, // 9 bytes with the end of line
		{"/2345678", ""},
		{"/3456789", "/1234567\n/2345678\n"},
		{"/long/long/long/long", "/1234567\n/2345678\n/3456789\n/long/long/long/long\n"}, // larger than the buffer
		{"/last", "/1234567\n/2345678\n/3456789\n/long/long/long/long\n"},
	} {
		c.send(get(step.path))
		c.want("GET", 200, "x")
		if log := b.log("a.log"); log != step.log {
			t.Errorf("after %s: %q, want %q", step.path, log, step.log)
		}
	}
	b.stop()
	if log := b.log("a.log"); !strings.HasSuffix(log, "/last\n") {
		t.Errorf("at the end: %q", log)
	}
}

func TestAccessLogFlush(t *testing.T) {
	b := withLogs(t, `access_log logs/a.log uri buffer=4k flush=50ms;`)
	c := b.dial()
	began := time.Now()
	c.send(get("/1"))
	c.want("GET", 200, "x")
	if log := b.log("a.log"); log != "" && time.Since(began) < 50*time.Millisecond {
		t.Errorf("at once: %q", log)
	}
	b.eventually("the line is written", func() bool { return b.log("a.log") == "/1\n" })
	c.send(get("/2"))
	c.want("GET", 200, "x")
	b.eventually("so is the next", func() bool { return b.log("a.log") == "/1\n/2\n" })
}

func TestAccessLogThatCannotBeWritten(t *testing.T) {
	b := withLogs(t, `access_log /dev/full uri;`)
	c := b.dial()
	for range 3 {
		c.send(get("/"))
		c.want("GET", 200, "x")
	}
	if log := b.errorLog(); strings.Count(log, `[alert]`) != 1 || !strings.Contains(log, `write() to "/dev/full" failed (28: No space left on device)`) {
		t.Errorf("error log:\n%s", log)
	}
}

func TestLogEscapes(t *testing.T) {
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	plain := appendLogEscaped(nil, all)
	for _, c := range plain {
		if c < 0x20 || c >= 0x7f || c == '"' {
			t.Errorf("%q is in %q", c, plain)
		}
	}
	if got := string(appendLogEscaped(nil, []byte("a\"b\\c\n\x7f\xffd"))); got != `a\x22b\x5Cc\x0A\x7F\xFFd` {
		t.Errorf("%s", got)
	}
	if got := string(appendJSONEscaped(nil, []byte("a\"b\\c\n\r\t\b\f\x01\x1f\x7f\xffd"))); got != `a\"b\\c\n\r\t\b\f\u0001\u001F`+"\x7f\xffd" {
		t.Errorf("%s", got)
	}
}

func BenchmarkAccessLogLine(b *testing.B) {
	s := start(b, `error_log logs/error.log info; events {} http { access_log /dev/null;
		server { listen LISTEN; location / { return 200 "x"; } } }`)
	c := s.dial()
	c.send("GET /some/path?a=b HTTP/1.1\r\nHost: h.test\r\nUser-Agent: curl/8.0\r\n\r\n")
	c.want("GET", 200, "x")
	s.on(func() {
		r := s.w.newRequest(&s.w.conns[0][0])
		r.Head.Line = []byte("GET /some/path?a=b HTTP/1.1")
		r.Status = 200
		a := &r.loc.accessLogs[0]
		b.ReportAllocs()
		b.ResetTimer()
		for range b.N {
			a.file.buf = append(r.appendLogLine(a.file.buf[:0], a), '\n')
		}
		a.file.buf = a.file.buf[:0]
		r.cn = nil
		r.reset()
	})
}
