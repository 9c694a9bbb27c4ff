package proxy

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"moonring/proxy/conf"
)

// What a request may hold of the worker's memory and descriptors, and what it must not leave behind.

func TestOutputThatNobodyTakes(t *testing.T) {
	b := start(t, `lua_memory_limit 16m; server { listen LISTEN;
		location / { content_by_lua_block { say("small") } } }`)
	b.on(func() {
		cn := &conn{w: b.w, addr: b.w.listeners[0].addrs[0]}
		r := b.w.newRequest(cn)
		r.Head.Major, r.Head.Minor = 1, 0 // whose body is kept until its length is known
		piece := make([]byte, 64<<10)
		n := 0
		for r.Room(len(piece)) && n < 64<<20 {
			r.Output(piece)
			n += len(piece)
		}
		if n < 15<<20 || n > 16<<20 {
			t.Errorf("%d bytes of output wait, want almost 16 MiB", n)
		}
		other := b.w.newRequest(cn)
		if !other.Room(1000) || other.Room(2<<20) {
			t.Error("a small answer must find room beside it, a large one not")
		}
		other.release()
		r.release()
		if b.w.buffered != 0 || !b.w.newRequest(cn).Room(2<<20) {
			t.Errorf("%d bytes are still counted", b.w.buffered)
		}
	})
}

func TestManyRangesAreNotReadAtOnce(t *testing.T) {
	b := start(t, `server { listen LISTEN; root www; }`)
	data := make([]byte, 16<<20)
	for i := range data {
		data[i] = byte(i * i >> 8)
	}
	b.file("www/f", string(data))
	var ranges []string
	for at := 0; at+30000 <= len(data); at += 40000 {
		ranges = append(ranges, fmt.Sprintf("%d-%d", at, at+29999))
	}
	c := b.dial()
	c.send(get("/f", "Range: bytes="+strings.Join(ranges, ",")))
	most := 0
	b.on(func() { most = b.w.Ring.PoolBytes() })
	r := c.reply("GET")
	if r.StatusCode != 206 {
		t.Fatal(r.Status)
	}
	if most > 2<<20 {
		t.Errorf("%d bytes are in memory for %d ranges", most, len(ranges))
	}
	rest := r.body
	for at := 0; at+30000 <= len(data); at += 40000 {
		_, part, ok := strings.Cut(rest, fmt.Sprintf("Content-Range: bytes %d-%d/%d\r\n\r\n", at, at+29999, len(data)))
		if !ok || len(part) < 30000 || part[:30000] != string(data[at:at+30000]) {
			t.Fatalf("range at %d is wrong", at)
		}
		rest = part[30000:]
	}
}

// A small file is read into the response, which is over then: its descriptor must not wait for the client.
func TestSmallFilesAreClosedAtOnce(t *testing.T) {
	b := start(t, `server { listen LISTEN; root www; keepalive_requests 100000; }`)
	b.file("www/f", strings.Repeat("f", 20000))
	c := b.dial()
	c.send(strings.Repeat(get("/f"), 200))
	b.eventually("output waits", func() bool { return b.w.Ring.Stats().SendBytes > 0 })
	b.on(func() {
		b.w.eachConn(func(cn *conn) {
			if cn.req != nil && cn.req.file.waiting() {
				t.Error("a file of 20,000 bytes is still open")
			}
		})
	})
	for range 200 {
		if r := c.reply("GET"); len(r.body) != 20000 {
			t.Fatal(len(r.body))
		}
	}
}

func TestUncachedLuaFilesAreForgotten(t *testing.T) {
	b := start(t, `lua_memory_limit 4m; server { listen LISTEN; lua_code_cache off; keepalive_requests 100000;
		location / { content_by_lua_file $arg_f.lua; log_by_lua_file log.lua; } }`)
	c := b.dial()
	for i := range 200 { // 16 MB of different constants
		number := fmt.Sprintf("%05d", i)
		b.file("a.lua", `local big = "`+strings.Repeat(number, 8000)+`" sleep(0) collectgarbage() say(#big, count or 0)`)
		b.file("log.lua", `count = (count or 0) + 1 local big = "b`+strings.Repeat(number, 8000)+`"`)
		c.send(get("/?f=a"))
		c.want("GET", 200, fmt.Sprintf("40000%d\n", i))
	}
}

// A file that doesn't compile is read again by the next request, as in lua-nginx.
func TestBrokenLuaFileIsNotCached(t *testing.T) {
	b := start(t, `server { listen LISTEN; location / { content_by_lua_file $arg_f.lua; } }`)
	b.file("a.lua", `say(`)
	c := b.dial()
	c.send(get("/?f=a"))
	if r := c.reply("GET"); r.StatusCode != 500 {
		t.Fatal(r.Status)
	}
	c.closed()
	b.file("a.lua", `say("mended")`)
	c = b.dial()
	c.send(get("/?f=a"))
	c.want("GET", 200, "mended\n")
}

// Variables within root and index are computed in memory of their own.
func TestVariablesWithinPaths(t *testing.T) {
	b := start(t, `server { listen LISTEN; server_name h.test;
		root a-$server_port-b-$server_name-c-$server_port-$remote_addr-d;
		index none-$server_port-$request_id.html x-$server_port-$server_name.html;
		location / { }
		location = /var { content_by_lua_block { for i = 1, 2 do say(var "document_root", " ", var "request_filename", " ", var "realpath_root") end } }
		location = /ret { return 200 "$document_root $server_port $request_filename $server_name"; }
	}`)
	dir := fmt.Sprintf("%s/a-%d-b-h.test-c-%d-127.0.0.1-d", b.prefix, b.port, b.port)
	b.file(fmt.Sprintf("a-%d-b-h.test-c-%d-127.0.0.1-d/x-%d-h.test.html", b.port, b.port, b.port), "index")
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		t.Fatal(err)
	}
	c := b.dial()
	for range 3 {
		c.send(get("/"))
		c.want("GET", 200, "index")
		line := dir + " " + dir + "/var " + real + "\n"
		c.send(get("/var"))
		c.want("GET", 200, line+line)
		c.send(get("/ret"))
		c.want("GET", 200, fmt.Sprintf("%s %d %s/ret h.test", dir, b.port, dir))
	}
}

// root is a part of $request_filename: evaluating one for the other would never end.
func TestRequestFilenameInRootIsRefused(t *testing.T) {
	file := filepath.Join(t.TempDir(), "nginx.conf")
	for _, line := range []string{"root /x/$request_filename;", "root ${request_filename};", "location /a { alias /x$request_filename; }"} {
		if err := os.WriteFile(file, []byte("events { } http { server { "+line+" } }"), 0o644); err != nil {
			t.Fatal(err)
		}
		_, _, err := conf.Load(conf.Options{Prefix: filepath.Dir(file), ConfPath: file, Variable: KnownVariable})
		if err == nil || !strings.Contains(err.Error(), "the $request_filename variable cannot be used in the") {
			t.Errorf("%s: %v", line, err)
		}
	}
}

// A client chooses the path: its line feeds must not begin lines of the log.
func TestPathsInTheLogAreEscaped(t *testing.T) {
	b := start(t, `server { listen LISTEN; root www; location /lua { content_by_lua_file $uri; } }`)
	b.file("www/dir%0aforged/x", "")
	os.MkdirAll(filepath.Join(b.prefix, "www/dir\nforged"), 0o755)
	for _, path := range []string{"/a%0aforged", "/a%0aforged/", "/dir%0aforged/", "/lua%0aforged"} {
		c := b.dial()
		c.send(get(path, "Connection: close"))
		if r := c.reply("GET"); r.StatusCode != 404 && r.StatusCode != 403 {
			t.Errorf("%s: %s", path, r.Status)
		}
	}
	log := b.errorLog()
	if n := strings.Count(log, `\x0Aforged`); strings.Contains(log, "\nforged") || n < 4 {
		t.Errorf("%d paths escaped in\n%s", n, log)
	}
}
