package proxy

import (
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestParserSettings(t *testing.T) {
	b := start(t, `merge_slashes off; underscores_in_headers on; ignore_invalid_headers off;
		server { listen LISTEN; location / { content_by_lua_block { say(var("uri"), " ", var("http_x_y"), " ", tostring(var("http_a@b"))) } } }`)
	c := b.dial()
	c.send(get("//a//b", "x_y: under", "a@b: odd"))
	c.want("GET", 200, "//a//b under odd\n")
	b = start(t, `server { listen LISTEN; location / { content_by_lua_block { say(var("uri"), " ", tostring(var("http_x_y")), " ", tostring(var("http_a@b"))) } } }`)
	c = b.dial()
	c.send(get("//a//b", "x_y: under", "a@b: odd"))
	c.want("GET", 200, "/a/b nil nil\n")
}

func TestLogNotFound(t *testing.T) {
	b := start(t, `server { listen LISTEN; root www; location /quiet/ { log_not_found off; } location / { } }`)
	c := b.dial()
	for _, path := range []string{"/quiet/a", "/quiet/d/", "/loud/a"} {
		c.send(get(path))
		if r := c.reply("GET"); r.StatusCode != 404 {
			t.Errorf("%s: %s", path, r.Status)
		}
	}
	if log := b.errorLog(); strings.Contains(log, "/quiet/a\" failed") || strings.Contains(log, "is not found") || !strings.Contains(log, "/loud/a\" failed") {
		t.Errorf("log:\n%s", log)
	}
}

func TestExpiresTimes(t *testing.T) {
	b := start(t, `server { listen LISTEN; location = /later { expires 1h; return 200; } location = /earlier { expires -1h; return 200; }
		location = /daily { expires @15h30m; return 200; } }`)
	c := b.dial()
	expires := func(path string) (left time.Duration, cache string) {
		t.Helper()
		c.send(get(path))
		r := c.reply("GET")
		at, err := time.Parse(time.RFC1123, r.Header.Get("Expires"))
		if err != nil {
			t.Fatal(err)
		}
		return time.Until(at), r.Header.Get("Cache-Control")
	}
	if left, cache := expires("/later"); left < 59*time.Minute || left > time.Hour || cache != "max-age=3600" {
		t.Errorf("1h: %v %q", left, cache)
	}
	if left, cache := expires("/earlier"); left > -59*time.Minute || left < -61*time.Minute || cache != "no-cache" {
		t.Errorf("-1h: %v %q", left, cache)
	}
	left, _ := expires("/daily")
	if at := time.Now().Add(left).Round(time.Minute); left < 0 || left > 24*time.Hour || at.Hour() != 15 || at.Minute() != 30 {
		t.Errorf("daily: %v", at)
	}
}

func TestResetTimedout(t *testing.T) {
	for _, on := range []bool{true, false} {
		setting := "off"
		if on {
			setting = "on"
		}
		b := start(t, `client_header_timeout 100ms; reset_timedout_connection `+setting+`; server { listen LISTEN; location = /444 { return 444; } }`)
		for _, text := range []string{"GET / HTT", get("/444")} {
			c := b.dial()
			c.send(text)
			_, err := c.r.ReadByte()
			if reset := err != nil && strings.Contains(err.Error(), unix.ECONNRESET.Error()); reset != on {
				t.Errorf("%s, %q: %v", setting, text, err)
			}
		}
	}
}

func TestKeepaliveTime(t *testing.T) {
	b := start(t, `keepalive_time 50ms; server { listen LISTEN; location / { return 200; } }`)
	c := b.dial()
	c.send(get("/"))
	if r := c.reply("GET"); r.Close {
		t.Error("a new connection is closed")
	}
	time.Sleep(60 * time.Millisecond)
	c.send(get("/"))
	if r := c.reply("GET"); !r.Close {
		t.Error("an old one isn't")
	}
	c.closed()
}
