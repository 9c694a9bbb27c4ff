package api

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"moonring/proxy"
	"moonring/proxy/conf"
	"moonring/shm"
)

// server is a worker with the API, in this process.
type server struct {
	t    testing.TB
	w    *proxy.Worker
	addr string
	dir  string
}

// runner runs the body of a request as Lua code, in the content or the access phase; ngx.ctx.log is run in the log phase.
const runner = `
worker_processes 3;
error_log error.log info;
events { worker_connections 64; }
http {
    access_log off;
    default_type text/plain; lua_shared_dict dogs 1m;
    init_by_lua_block {
        errors_of_init, errors_of_init_worker = {}, {}
        function try(list, f, ...)
            local _, e = pcall(f, ...)
            list[#list + 1] = tostring(e)
        end
        function try_all(list)
            try(list, ngx.say, "x")
            try(list, ngx.exit, 0)
            try(list, ngx.sleep, 1)
            try(list, ngx.req.read_body)
            try(list, ngx.req.get_headers)
            try(list, ngx.req.get_body_data)
            try(list, function() return ngx.status end)
            try(list, function() return ngx.var.uri end)
            try(list, function() return ngx.header.x end)
            try(list, ngx.get_phase)
        end
        try_all(errors_of_init)
        print("said in init")
        ngx.log(ngx.DEBUG, "not logged in init")
    }
    init_worker_by_lua_block {
        try_all(errors_of_init_worker)
        ngx.ctx.x = 5
        errors_of_init_worker[#errors_of_init_worker + 1] = tostring(ngx.ctx.x)
    }
    server {
        listen 127.0.0.1:@PORT@;
        location / {
            content_by_lua_block { ngx.req.read_body() assert(loadstring(ngx.req.get_body_data(), "=t"))() }
            log_by_lua_block { if ngx.ctx.log then ngx.ctx.log() end }
        }
        location /access {
            access_by_lua_block { ngx.req.read_body() assert(loadstring(ngx.req.get_body_data(), "=t"))() }
            content_by_lua_block { ngx.say("content") }
        }
        location = /dict {
            content_by_lua_block {
                local d = ngx.shared.dogs
                d:set("n", 1) d:set("s", "some text", 10, 5) d:add("s", 1) d:incr("n", 1) d:incr("m", 1, 0, 60) d:replace("n", true) d:cas("n", true, 3)
                d:rpush("l", 1) d:lpush("l", "two") d:ttl("s") d:expire("s", 5)
                ngx.say(d:get("n"), d:get("s"), d:get_stale("s"), d:lpop("l"), d:rpop("l"), d:llen("l"), d:capacity(), #d:get_keys(2))
                d:delete("n") d:flush_expired()
            }
        }
        location = /hello { content_by_lua_block { ngx.say("hello") } }
        location = /typical {
            access_by_lua_block { ngx.ctx.who = ngx.var.arg_who or "nobody" }
            content_by_lua_block {
                ngx.header["X-Who"] = ngx.ctx.who
                ngx.header.content_type = "text/html"
                ngx.status = 201
                ngx.say(ngx.var.uri, " ", ngx.var.http_user_agent, " ", ngx.status, " ", 42, " ", ngx.req.get_method())
            }
        }
    }
}
`

// makeZones makes the shared dicts of a configuration.
func makeZones(t testing.TB, cfg *conf.Config) (zones []*shm.Zone) {
	for _, d := range cfg.HTTP.SharedDicts {
		f, err := shm.Create(d.Name, int(d.Size))
		if err != nil {
			t.Error(err)
			return nil
		}
		z, err := shm.Attach(f, 1)
		f.Close()
		if err != nil {
			t.Error(err)
			return nil
		}
		t.Cleanup(z.Close)
		zones = append(zones, z)
	}
	return zones
}

func serve(t testing.TB, text string) *server {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Close(fd) })
	if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	if err := unix.Listen(fd, 64); err != nil {
		t.Fatal(err)
	}
	sa, err := unix.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	port := sa.(*unix.SockaddrInet4).Port
	s := &server{t: t, dir: t.TempDir(), addr: fmt.Sprintf("127.0.0.1:%d", port)}
	file := filepath.Join(s.dir, "nginx.conf")
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(text, "@PORT@", fmt.Sprint(port))), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, _, err := conf.Load(conf.Options{Prefix: s.dir, ConfPath: file})
	if err != nil {
		t.Fatal(err)
	}
	ready := make(chan error)
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		w, err := proxy.NewWorker(proxy.Options{Conf: cfg, Sockets: []int{fd}, OpenAPI: Open, Zones: makeZones(t, cfg)})
		s.w = w
		ready <- err
		if err == nil {
			done <- w.Run()
		}
	}()
	if err := <-ready; err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.w.Stop()
		select {
		case err := <-done:
			if err != nil {
				t.Error(err)
			}
		case <-time.After(10 * time.Second):
			t.Error("the worker doesn't stop")
		}
	})
	return s
}

// log is what error.log holds.
func (s *server) log() string {
	b, err := os.ReadFile(filepath.Join(s.dir, "error.log"))
	if err != nil {
		s.t.Fatal(err)
	}
	return string(b)
}

// do sends a request on a connection of its own and returns the response.
func (s *server) do(method, target, body string, headers ...string) (*http.Response, string) {
	s.t.Helper()
	c, err := net.Dial("tcp", s.addr)
	if err != nil {
		s.t.Fatal(err)
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		s.t.Fatal(err)
	}
	var b bytes.Buffer
	version := "HTTP/1.1"
	if strings.HasPrefix(method, "1.0 ") {
		version, method = "HTTP/1.0", method[4:]
	}
	fmt.Fprintf(&b, "%s %s %s\r\nHost: test\r\n", method, target, version)
	for _, h := range headers {
		b.WriteString(h + "\r\n")
	}
	fmt.Fprintf(&b, "Content-Length: %d\r\n\r\n%s", len(body), body)
	if _, err := c.Write(b.Bytes()); err != nil {
		s.t.Fatal(err)
	}
	req, _ := http.NewRequest(method, "http://test/", nil)
	resp, err := http.ReadResponse(bufio.NewReader(c), req)
	if err != nil {
		s.t.Fatalf("%s %s: %v\n%s\n%s", method, target, err, body, s.log())
	}
	got, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatalf("%s %s: %v after %q", method, target, err, got)
	}
	return resp, string(got)
}
