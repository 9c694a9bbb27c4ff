package proxy

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"mime"
	"mime/multipart"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestFiles(t *testing.T) {
	b := start(t, `server { listen LISTEN; root www; default_type text/plain;
		location /alias/ { alias other/; }
		location /var/ { root $document_uri; }
		location /loop/ { index /loop/; }
		location /up/ { index none.txt /sub/b.txt; }
		location /vars/ { root .; index $arg_i; }
	}`)
	large := make([]byte, 3<<20)
	for i := range large {
		large[i] = byte(rand.Uint32())
	}
	for name, text := range map[string]string{
		"www/a.txt": "a", "www/empty": "", "www/large": string(large), "www/inline": string(large[:fileInline]), "www/sub/b.txt": "b", "www/sub/index.html": "sub",
		"other/c.txt": "c", "other/index.html": "other", "www/up/file": "", "vars/x.txt": "x", "www/noindex/file": "", "www/50%/index.html": "fifty", "www/with space/x": "",
	} {
		b.file(name, text)
	}
	os.Mkdir(filepath.Join(b.prefix, "www/sub2"), 0o755)
	if err := unix.Mkfifo(filepath.Join(b.prefix, "www/fifo"), 0o644); err != nil {
		t.Fatal(err)
	}
	c := b.dial()
	for _, tt := range []struct {
		path   string
		status int
		body   string // with @: part of it; with ->: the Location's path
	}{
		{"/a.txt", 200, "a"},
		{"/empty", 200, ""},
		{"/large", 200, string(large)},
		{"/inline", 200, string(large[:fileInline])},
		{"/large", 200, string(large)},
		{"/sub/", 200, "sub"},
		{"/alias/c.txt", 200, "c"},
		{"/alias/", 200, "other"},
		{"/up/", 200, "b"},
		{"/vars/?i=x.txt", 200, "x"},
		{"/50%25/", 200, "fifty"},
		{"/sub", 301, "->/sub/"},
		{"/with%20space", 301, "->/with%20space/"},
		{"/sub?q=1", 301, "->/sub/?q=1"},
		{"/noindex/", 403, "@403"},
		{"/nothing/", 404, "@404"},
		{"/a.txt/", 404, "@404"},
		{"/nothing", 404, "@404"},
		{"/fifo", 404, "@404"},
		{"/" + strings.Repeat("x", 300), 404, "@404"},
	} {
		t.Run(tt.path[:min(len(tt.path), 20)], func(t *testing.T) {
			c.send(get(tt.path))
			r := c.reply("GET")
			if r.StatusCode != tt.status {
				t.Fatalf("status %s", r.Status)
			}
			switch to, is := strings.CutPrefix(tt.body, "->"); {
			case is:
				if want := fmt.Sprintf("http://h.test:%d%s", b.port, to); r.Header.Get("Location") != want {
					t.Errorf("Location %q, want %q", r.Header.Get("Location"), want)
				}
			case strings.HasPrefix(tt.body, "@"):
				if !strings.Contains(r.body, tt.body[1:]) {
					t.Errorf("body %q", r.body)
				}
			case r.body != tt.body:
				t.Errorf("%d bytes, want %d", len(r.body), len(tt.body))
			}
		})
	}
	c.send(get("/loop/"))
	c.reply("GET")
	if log := b.errorLog(); !strings.Contains(log, "redirection cycle") {
		t.Error("no cycle was found")
	}
	b.on(func() {
		if n := openFiles(t, filepath.Join(b.prefix, "www")); n != 0 {
			t.Errorf("%d files are still open", n)
		}
	})
}

// openFiles counts this process's descriptors of files below a folder.
func openFiles(t *testing.T, folder string) int {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, e := range entries {
		if to, err := os.Readlink("/proc/self/fd/" + e.Name()); err == nil && strings.HasPrefix(to, folder) {
			n++
		}
	}
	return n
}

func TestRanges(t *testing.T) {
	b := start(t, `server { listen LISTEN; root www; types { text/x txt; } log_by_lua 'log("marker-logged " .. status())'; }`)
	data := make([]byte, 200<<10)
	for i := range data {
		data[i] = byte(rand.Uint32())
	}
	b.file("www/data.txt", string(data))
	c := b.dial()
	for _, tt := range []struct {
		ranges string
		parts  [][2]int
	}{
		{"bytes=0-0", [][2]int{{0, 1}}},
		{"bytes=100-199", [][2]int{{100, 200}}},
		{"bytes=1000-150000", [][2]int{{1000, 150001}}},
		{"bytes=0-0,-1", [][2]int{{0, 1}, {len(data) - 1, len(data)}}},
		{"bytes=5-6,10-100000,7-8", [][2]int{{5, 7}, {10, 100001}, {7, 9}}},
	} {
		t.Run(tt.ranges, func(t *testing.T) {
			for range 2 {
				c.send(get("/data.txt", "Range: "+tt.ranges))
				r := c.reply("GET")
				if r.StatusCode != 206 {
					t.Fatalf("status %s", r.Status)
				}
				if len(tt.parts) == 1 {
					p := tt.parts[0]
					if r.body != string(data[p[0]:p[1]]) || r.Header.Get("Content-Range") != fmt.Sprintf("bytes %d-%d/%d", p[0], p[1]-1, len(data)) {
						t.Errorf("%d bytes, %v", len(r.body), r.Header)
					}
					continue
				}
				kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
				if err != nil || kind != "multipart/byteranges" {
					t.Fatalf("%v: %v", r.Header, err)
				}
				m := multipart.NewReader(strings.NewReader(r.body), params["boundary"])
				for _, p := range tt.parts {
					part, err := m.NextPart()
					if err != nil {
						t.Fatal(err)
					}
					body, err := io.ReadAll(part)
					if err != nil || !bytes.Equal(body, data[p[0]:p[1]]) || part.Header.Get("Content-Type") != "text/x" {
						t.Errorf("part %v: %d bytes, %v, %v", p, len(body), part.Header, err)
					}
				}
				if _, err := m.NextPart(); err != io.EOF {
					t.Errorf("after the last part: %v", err)
				}
			}
		})
	}
	for range 20 { // a client that leaves in the middle of a file
		c := b.dial()
		c.send(get("/data.txt") + get("/data.txt"))
		io.ReadFull(c, make([]byte, 1000))
		c.Close()
	}
	b.eventually("one connection is left, and no open file", func() bool { return b.w.liveConns == 1 && openFiles(t, b.prefix+"/www") == 0 })
	// Of each departed client at least the first request was begun.
	log := b.errorLog()
	if n, m := strings.Count(log, "marker-logged 206"), strings.Count(log, "marker-logged 200"); n != 10 || m < 20 || m > 40 {
		t.Errorf("the log phase ran for %d ranges and %d files", n, m)
	}
}

func TestFileThatShrinksEndsTheConnection(t *testing.T) {
	b := start(t, `server { listen LISTEN; root www; }`)
	b.file("www/f", strings.Repeat("x", 20<<20))
	c := b.dial()
	c.send(get("/f"))
	if _, err := io.ReadFull(c, make([]byte, 1000)); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(filepath.Join(b.prefix, "www/f"), 100000); err != nil {
		t.Fatal(err)
	}
	n, _ := io.Copy(io.Discard, c)
	if n >= 20<<20 {
		t.Errorf("%d bytes came", n)
	}
	b.eventually("closed", func() bool { return b.w.liveConns == 0 })
}
