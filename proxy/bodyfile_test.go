package proxy

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"moonring/proxy/conf"
)

// bodyServer says where the body is, and how long.
const bodyServer = `location / { content_by_lua_block { body() local f = var("request_body_file") say(f and "file" or "memory", " ", f and var("request_length") or #get_body()) } }
	location /slow { content_by_lua_block { body() sleep(0.3) say("done") } }
	location /name { client_body_in_file_only on; content_by_lua_block { body() echo(var("request_body_file")) } }`

// temps are the names of temporary files.
func (b *bench) temps() (names []string) {
	b.t.Helper()
	err := filepath.WalkDir(filepath.Join(b.prefix, "client_body_temp"), func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, path)
		}
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return names
}

func chunkedPost(path string, sizes ...int) string {
	var s strings.Builder
	s.WriteString("POST " + path + " HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n")
	for _, n := range sizes {
		fmt.Fprintf(&s, "%x\r\n%s\r\n", n, strings.Repeat("c", n))
	}
	return s.String() + "0\r\n\r\n"
}

func TestLongBodiesGoToAFile(t *testing.T) {
	b := start(t, `server { listen LISTEN; client_body_buffer_size 1000; client_max_body_size 0; `+bodyServer+` }`)
	c := b.dial()
	for _, n := range []int{1, 1000, 1249} {
		c.send(post("/", strings.Repeat("x", n)))
		c.want("POST", 200, fmt.Sprintf("memory %d\n", n))
	}
	c.send(chunkedPost("/", 600, 400))
	c.want("POST", 200, "memory 1000\n")
	for _, n := range []int{1250, 5000, 3 << 20} {
		text := post("/", strings.Repeat("x", n))
		c.send(text)
		c.want("POST", 200, fmt.Sprintf("file %d\n", len(text)))
	}
	c.send(chunkedPost("/", 1, 1000))
	if r := c.reply("POST"); !strings.HasPrefix(r.body, "file ") {
		t.Errorf("%q", r.body)
	}
	c.send(get("/name"))
	c.reply("GET")
	b.eventually("no file is left, no memory counted", func() bool { return len(b.temps()) == 0 && b.w.bodies == 0 })
	if log := b.errorLog(); strings.Count(log, "[warn]") != 4 ||
		!strings.Contains(log, "a client request body is buffered to a temporary file "+b.prefix+"/client_body_temp/") {
		t.Errorf("log:\n%s", log)
	}
}

func TestBodyInFileOnly(t *testing.T) {
	b := start(t, `server { listen LISTEN; client_body_temp_path client_body_temp 1 2; `+bodyServer+` }`)
	c := b.dial()
	c.send(post("/name", "some body"))
	r := c.reply("POST")
	text, err := os.ReadFile(r.body)
	if err != nil || string(text) != "some body" {
		t.Fatalf("%q: %q, %v", r.body, text, err)
	}
	info, err := os.Stat(r.body)
	if err != nil || info.Mode() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	var a, bb, digits string
	name := strings.TrimPrefix(r.body, b.prefix+"/client_body_temp/")
	if n, err := fmt.Sscanf(strings.ReplaceAll(name, "/", " "), "%s %s %s", &a, &bb, &digits); n != 3 || err != nil || len(digits) != 10 ||
		a != digits[9:] || bb != digits[7:9] {
		t.Errorf("name %q", name)
	}
}

func TestTempFileOfAnAbortedUploadGoes(t *testing.T) {
	b := start(t, `server { listen LISTEN; client_max_body_size 0; `+bodyServer+` }`)
	c := b.dial()
	c.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n" + strings.Repeat("x", 50000))
	b.eventually("the file is there", func() bool { return len(b.temps()) == 1 })
	c.Close()
	b.eventually("the file is gone", func() bool { return len(b.temps()) == 0 && b.w.bodies == 0 })
	c = b.dial()
	c.send(post("/slow", strings.Repeat("x", 50000)))
	b.eventually("the next is there", func() bool { return len(b.temps()) == 1 })
	c.Close()
	b.eventually("it is gone once its handler has ended", func() bool { return len(b.temps()) == 0 })
}

func TestBodyFileThatCannotBeMade(t *testing.T) {
	b := start(t, `server { listen LISTEN; client_body_temp_path nowhere; `+bodyServer+` }`)
	c := b.dial()
	c.send(post("/", strings.Repeat("x", 50000)))
	if r := c.reply("POST"); r.StatusCode != 500 {
		t.Error(r.Status)
	}
	if log := b.errorLog(); !strings.Contains(log, "[crit]") || !strings.Contains(log, `/nowhere/`) || !strings.Contains(log, `failed (2: No such file or directory)`) {
		t.Errorf("log:\n%s", log)
	}
}

func TestBodiesTogetherAreBoundedByMemory(t *testing.T) {
	b := start(t, `lua_memory_limit 4m; client_max_body_size 0; client_body_buffer_size 64m; server { listen LISTEN; `+bodyServer+` }`)
	c := b.dial()
	c.send(post("/", strings.Repeat("x", 1<<20)))
	c.want("POST", 200, "memory 1048576\n")
	c.send(post("/", strings.Repeat("x", 5<<20)))
	if r := c.reply("POST"); !strings.HasPrefix(r.body, "file ") {
		t.Errorf("%q", r.body)
	}
	c.send(chunkedPost("/", 1<<20, 1<<20, 1<<20, 1<<20, 1<<20))
	if r := c.reply("POST"); !strings.HasPrefix(r.body, "file ") {
		t.Errorf("%q", r.body)
	}
	var others []*client
	for range 6 {
		o := b.dial()
		o.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1048577\r\n\r\n")
		if _, err := io.WriteString(o, strings.Repeat("y", 1<<20)); err != nil {
			t.Fatal(err)
		}
		others = append(others, o)
	}
	b.eventually("some have gone to files", func() bool { return len(b.temps()) >= 1 && b.w.bodies > 3<<20 })
	b.on(func() {
		if b.w.bodies > 4<<20+256<<10 {
			t.Errorf("%d bytes of bodies in memory", b.w.bodies)
		}
	})
	for _, o := range others {
		o.send("z")
		if r := o.reply("POST"); r.StatusCode != 200 {
			t.Error(r.Status)
		}
	}
}

func TestTempName(t *testing.T) {
	for _, c := range []struct {
		levels []int
		n      uint32
		want   string
	}{
		{nil, 7, "/t/0000000007"}, {[]int{1}, 4294967295, "/t/5/4294967295"}, {[]int{1, 2, 3}, 123456, "/t/6/45/123/0000123456"},
	} {
		if got, folders := tempName(&conf.TempPath{Path: "/t", Levels: c.levels}, c.n); got != c.want || len(folders) != len(c.levels) {
			t.Errorf("%v: %q %q, want %q", c.levels, got, folders, c.want)
		}
	}
}
