package proxy

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestBudgetEndsAnEndlessLoop(t *testing.T) {
	b := start(t, `server { listen LISTEN; lua_cpu_budget 50ms;
		location = /loop { content_by_lua 'while true do end'; }
		location = /late { content_by_lua 'sleep(0.001) while true do end'; }
		location = /catch { content_by_lua 'while true do pcall(function() while true do end end) end'; }
		location = /log { return 200 "x"; log_by_lua 'while true do end'; }
		location = /free { lua_cpu_budget 0; content_by_lua 'local n = 0 for i = 1, 3e6 do n = n + i end say(n)'; }
		location = /hi { content_by_lua 'say("hi")'; }
	}`)
	for _, path := range []string{"/loop", "/late", "/catch"} {
		c := b.dial()
		begun := time.Now()
		c.send(get(path))
		if r := c.reply("GET"); r.StatusCode != 500 {
			t.Errorf("%s: status %s", path, r.Status)
		}
		if d := time.Since(begun); d > 30*time.Second {
			t.Errorf("%s took %v", path, d)
		}
	}
	c := b.dial()
	c.send(get("/log") + get("/free") + get("/hi"))
	c.want("GET", 200, "x")
	c.want("GET", 200, "4500001500000\n")
	c.want("GET", 200, "hi\n")
	if n := strings.Count(b.errorLog(), "Lua CPU budget exceeded"); n != 4 {
		t.Errorf("%d errors:\n%s", n, b.errorLog())
	}
}

func TestMemoryLimit(t *testing.T) {
	b := start(t, `lua_memory_limit 16m; lua_cpu_budget 0; server { listen LISTEN;
		location = /table { content_by_lua 'local t = {} for i = 1, 1e9 do t[i] = {} end'; }
		location = /string { content_by_lua 'local s = "x" while true do s = s .. s end'; }
		location = /hi { content_by_lua 'say("hi")'; }
	}`)
	for range 3 {
		for _, path := range []string{"/table", "/string"} {
			c := b.dial()
			c.send(get(path))
			if r := c.reply("GET"); r.StatusCode != 500 {
				t.Errorf("%s: status %s", path, r.Status)
			}
			c = b.dial()
			c.send(get("/hi"))
			c.want("GET", 200, "hi\n")
		}
	}
	if n := strings.Count(b.errorLog(), "not enough memory"); n != 6 {
		t.Errorf("%d errors:\n%s", n, b.errorLog())
	}
}

func TestPhases(t *testing.T) {
	b := start(t, `init_by_lua 'names = phase()'; init_worker_by_lua 'names = names .. " " .. phase()';
	server { listen LISTEN; default_type text/plain;
		location = /all { access_by_lua 'seen = names .. " " .. phase()'; content_by_lua 'seen = seen .. " " .. phase() sleep(0) seen = seen .. " " .. phase() say(seen)';
			log_by_lua 'log("marker " .. phase())'; }
		location = /yield { content_by_lua 'coroutine.yield() say("went on")'; }
		location = /access { access_by_lua 'sleep(0.001) say("from access")'; content_by_lua 'say("not reached")'; }
		location = /body { access_by_lua 'body()'; content_by_lua 'body() say(get_body())'; }
		location = /eof { content_by_lua 'say("a") eof() say("b") sleep(0.01) log("marker-after-eof")'; }
		location = /flush { content_by_lua 'for i = 1, 5 do echo(i) flush() end'; }
		location = /length { content_by_lua 'header("Content-Length", "5") echo("123")'; }
		location /log { access_by_lua 'exit(403)'; log_by_lua 'log("marker-denied " .. status())'; }
		location /static { access_by_lua 'header("X-A", "1")'; root .; }
		log_by_lua 'log("marker-server " .. status() .. " " .. tostring(var("request")))';
	}`)
	c := b.dial()
	c.send(get("/all") + get("/yield") + get("/access") + post("/body", "abc") + get("/eof") + get("/flush") + get("/log"))
	c.want("GET", 200, "init init_worker access content content\n")
	c.want("GET", 200, "went on\n")
	c.want("GET", 200, "from access\n")
	c.want("POST", 200, "abc\n")
	c.want("GET", 200, "a\n")
	c.want("GET", 200, "12345")
	if r := c.reply("GET"); r.StatusCode != 403 {
		t.Errorf("status %s", r.Status)
	}
	c.send(get("/length"))
	got := make([]byte, 4096)
	n, _ := c.r.Read(got)
	if !strings.Contains(string(got[:n]), "Content-Length: 5\r\n") {
		t.Errorf("got %q", got[:n])
	}
	c.closed() // what follows a body of the wrong length can't be told from it
	c = b.dial()
	c.send("nonsense\r\n\r\n")
	if r := c.reply("GET"); r.StatusCode != 400 {
		t.Errorf("status %s", r.Status)
	}
	log := b.errorLog()
	for _, want := range []string{"marker log while logging request, client: 127.0.0.1, server: , request: \"GET /all HTTP/1.1\", host: \"h.test\"",
		"marker-denied 403", "marker-after-eof", "marker-server 200 GET /access HTTP/1.1", "marker-server 400 nonsense"} {
		if strings.Count(log, want) != 1 {
			t.Errorf("log lacks %q once:\n%s", want, log)
		}
	}
}

func TestLuaFiles(t *testing.T) {
	b := start(t, `server { listen LISTEN;
		location /var/ { content_by_lua_file lua/$arg_f.lua; }
		location = /cached { content_by_lua_file lua/cached.lua; }
		location = /fresh { lua_code_cache off; content_by_lua_file lua/fresh.lua; }
	}`)
	b.file("lua/a.lua", "say('a')")
	b.file("lua/bad.lua", "say('")
	b.file("lua/fresh.lua", "say('one')")
	c := b.dial()
	c.send(get("/var/?f=a") + get("/var/?f=none") + get("/fresh"))
	c.want("GET", 200, "a\n")
	if r := c.reply("GET"); r.StatusCode != 404 {
		t.Errorf("a file that isn't there: %s", r.Status)
	}
	c.want("GET", 200, "one\n")
	b.file("lua/fresh.lua", "say('two')")
	b.file("lua/a.lua", "say('changed')")
	c.send(get("/fresh") + get("/var/?f=a") + get("/cached"))
	c.want("GET", 200, "two\n")
	c.want("GET", 200, "a\n")
	if r := c.reply("GET"); r.StatusCode != 404 {
		t.Errorf("a file that wasn't there at start: %s", r.Status)
	}
	c.send(get("/var/?f=bad"))
	if r := c.reply("GET"); r.StatusCode != 500 {
		t.Errorf("a file that doesn't compile: %s", r.Status)
	}
	log := b.errorLog()
	for _, want := range []string{`failed to load external Lua file "` + b.prefix + `/lua/none.lua": cannot open ` + b.prefix + `/lua/none.lua: No such file or directory`, `/lua/bad.lua:1: unfinished string near`} {
		if !strings.Contains(log, want) {
			t.Errorf("log lacks %q:\n%s", want, log)
		}
	}
}

func TestInitErrorIsFatal(t *testing.T) {
	for directive, want := range map[string]string{
		`init_by_lua 'error("no way")';`: "init_by_lua error: init_by_lua(nginx.conf:1):1: no way",
		`init_by_lua_file init.lua;`:     "init_by_lua_file error: ",
		`init_by_lua_file none.lua;`:     "init_by_lua_file error: cannot open ",
	} {
		fd, port := listen(t)
		prefix := t.TempDir()
		if err := os.WriteFile(filepath.Join(prefix, "init.lua"), []byte("error('no way')"), 0o600); err != nil {
			t.Fatal(err)
		}
		cfg := load(t, prefix, directive+` server { listen LISTEN; }`, port)
		done := make(chan error)
		go func() {
			runtime.LockOSThread() // as whoever makes a ring must
			_, err := NewWorker(Options{Conf: cfg, Sockets: []int{fd}})
			done <- err
		}()
		if err := <-done; err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v", directive, err)
		}
	}
}

func TestThreadFrames(t *testing.T) {
	for in, want := range map[string]string{
		"stack traceback:\n\tx(a:1):2: in function 'f'\n\tx(a:1):3: in main chunk": "\tx(a:1): in function 'f'\n\tx(a:1):3: in main chunk",
		"stack traceback:\n\t[C]: in function 'error'\n\tx:3: in main chunk":       "\t[C]: in function 'error'\n\tx:3: in main chunk",
		"stack traceback:\n\tx: in main chunk":                                     "\tx: in main chunk",
		"stack traceback:":                                                         "",
		"":                                                                         "",
	} {
		if got := threadFrames(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}
