package api

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// A client that doesn't read must not make a script's output fill the machine's memory.
func TestOutputIsBounded(t *testing.T) {
	s := serve(t, strings.Replace(runner, "default_type text/plain;", "default_type text/plain; lua_memory_limit 32m; send_timeout 5s;", 1))
	for _, code := range []string{
		`local s = string.rep("x", 1000000) for i = 1, 500 do ngx.print(s) end`,
		`local s, t = string.rep("x", 1000000), {} for i = 1, 500 do t[i] = s end ngx.print(t)`,
		`local s, t = string.rep("x", 1000000), {} for i = 1, 500 do t[i] = s end ngx.print({ { t } })`,
	} {
		for _, version := range []string{"1.1", "1.0"} {
			c, err := net.Dial("tcp", s.addr)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			c.(*net.TCPConn).SetReadBuffer(4096)
			before := strings.Count(s.log(), "not enough memory")
			fmt.Fprintf(c, "POST / HTTP/%s\r\nHost: test\r\nContent-Length: %d\r\n\r\n%s", version, len(code), code)
			for range 1000 {
				if strings.Count(s.log(), "not enough memory") > before {
					before = -1
					break
				}
				time.Sleep(5 * time.Millisecond)
			}
			if before >= 0 {
				t.Errorf("HTTP/%s, %s: 500 MB were taken", version, code)
			}
			most := make(chan int)
			s.w.Post(func() { most <- s.w.Ring.PoolBytes() })
			if n := <-most; n > 40<<20 {
				t.Errorf("HTTP/%s: %d bytes wait", version, n)
			}
			c.Close()
		}
	}
	if resp, body := s.do("GET", "/hello", ""); resp.StatusCode != 200 || body != "hello\n" {
		t.Errorf("afterwards: %s %q", resp.Status, body)
	}
}

// With ngx.flush(true) output of any size goes through little memory.
func TestFlushKeepsOutputSmall(t *testing.T) {
	s := serve(t, strings.Replace(runner, "default_type text/plain;", "default_type text/plain; lua_memory_limit 32m;", 1))
	code := `local s = string.rep("x", 1000000) for i = 1, 100 do assert(ngx.print(s)) assert(ngx.flush(true)) end`
	c, err := net.Dial("tcp", s.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(30 * time.Second))
	fmt.Fprintf(c, "POST / HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s", len(code), code)
	n, err := io.Copy(io.Discard, bufio.NewReader(c))
	if err != nil || n < 100e6 {
		t.Errorf("%d bytes, %v", n, err)
	}
}

func TestVersionOfTheServer(t *testing.T) {
	s := serve(t, runner)
	if _, body := s.do("POST", "/", `ngx.say(type(moonring), " ", type(moonring.version))`); body != "table string\n" {
		t.Errorf("%q", body)
	}
}
