package proxy

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A large file goes through a body filter piece by piece, and no faster than its client takes it.
func TestFilterOfALargeFile(t *testing.T) {
	s := start(t, `
	server { listen LISTEN; root .;
		location / { body_filter_by_lua_block { n = (n or 0) + 1 } }
		location = /n { return 200 x; }
	}`)
	data := bytes.Repeat([]byte("0123456789abcdef"), 4<<20/16)
	if err := os.WriteFile(filepath.Join(s.prefix, "f"), data, 0o644); err != nil {
		t.Fatal(err)
	}
	c := s.dial()
	c.send(get("/f"))
	time.Sleep(50 * time.Millisecond)
	s.on(func() {
		s.w.eachConn(func(cn *conn) {
			if q := cn.c.QueuedBytes(); q > queueMax+2*filterPiece {
				t.Errorf("%d bytes wait", q)
			}
		})
	})
	if resp := c.reply("GET"); resp.body != string(data) {
		t.Errorf("%d bytes", len(resp.body))
	}
	s.on(func() {
		if n := s.w.VM.Field(s.w.VM.Globals(), "n"); n.Float() != float64(len(data)/filterPiece) {
			t.Errorf("%v pieces", n.Float())
		}
	})
	c.send(get("/n"))
	if resp := c.reply("GET"); resp.body != "x" {
		t.Errorf("%+v", resp)
	}
	// A client that goes away in the middle.
	c.send(get("/f"))
	c.Close()
	other := s.dial()
	other.send(get("/n"))
	other.reply("GET")
}

// A filter's code runs in the middle of a handler's, and each keeps what is its own.
func TestFilterWithinAHandler(t *testing.T) {
	s := start(t, `
	server { listen LISTEN;
		location / {
			header_filter_by_lua_block { local t = {} for i = 1, 1000 do t[i] = { i } end h = #t }
			body_filter_by_lua_block { local ok, err = pcall(error, { "x" }) local t = {} for i = 1, 100 do t[i] = string.rep("x", i) end b = (b or 0) + #t }
			content_by_lua_block {
				local co = coroutine.wrap(function() for i = 1, 100 do say(("%d"):format(i)) coroutine.yield() end end)
				for i = 1, 100 do co() end
				local ok, err = xpcall(function() error("oops") end, function(e) say("in handler") return e .. "!" end)
				say(err)
			}
		}
	}`)
	var want strings.Builder
	for i := 1; i <= 100; i++ {
		fmt.Fprintln(&want, i)
	}
	want.WriteString("in handler\n")
	c := s.dial()
	for range 3 {
		c.send(get("/"))
		resp := c.reply("GET")
		if !strings.HasPrefix(resp.body, want.String()) || !strings.HasSuffix(resp.body, "oops!\n") {
			t.Fatalf("%+v\n%s", resp, s.errorLog())
		}
	}
}
