package api

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// waitsServer has a request wait in every way there is. Each path answers with its $arg_n wherever it writes anything.
const waitsServer = `
error_log error.log info;
events { worker_connections 512; }
http {
    access_log off;
    lua_check_client_abort on;
    init_worker_by_lua_block { sem = require "ngx.semaphore".new() }
    log_by_lua_block { local x = ngx.var.arg_n }
    server {
        listen 127.0.0.1:@PORT@;
        location = /n { content_by_lua_block { ngx.print(ngx.var.arg_n, ";") } }
        location = /slow { content_by_lua_block { ngx.sleep(0.003) ngx.print(ngx.var.arg_n, ";") } }
        location = /twice { content_by_lua_block { ngx.print(ngx.var.arg_n, ";") ngx.flush() ngx.sleep(0.002) ngx.print(ngx.var.arg_n, ";") } }
        location = /allow { content_by_lua_block { ngx.sleep(0.002) ngx.ctx.big = ("x"):rep(1000) } }
        location = /deny { content_by_lua_block { ngx.sleep(0.002) ngx.exit(403) } }
        location = /kill { content_by_lua_block { ngx.sleep(0.002) ngx.exit(444) } }
        location = /break { content_by_lua_block { ngx.print(ngx.var.arg_n, ";") ngx.flush() error("broken") } }

        location = /sleep { content_by_lua_block { ngx.sleep(0.004) ngx.print(ngx.var.arg_n) } }
        location = /spawn { content_by_lua_block {
            local function f(d) ngx.sleep(d) return ngx.var.arg_n end
            local a, b, c = ngx.thread.spawn(f, 0.001), ngx.thread.spawn(f, 0.004), ngx.thread.spawn(f, 0.05)
            ngx.print(select(2, ngx.thread.wait(a, b, c)), ";") ngx.flush(true)
            ngx.thread.kill(c)
            ngx.print(select(2, ngx.thread.wait(a, b)))
        } }
        location = /semaphore { content_by_lua_block {
            ngx.thread.spawn(function() ngx.sleep(0.002) sem:post() end)
            sem:wait(0.005)
            ngx.print(ngx.var.arg_n)
        } }
        location = /capture { content_by_lua_block {
            local n = ngx.var.args
            local a, b = ngx.location.capture_multi{{"/slow?" .. n}, {"/relay?" .. n}}
            ngx.print(a.body, b.body)
        } }
        location = /on_abort { content_by_lua_block {
            ngx.on_abort(function() ngx.sleep(0.001) ngx.exit(499) end)
            ngx.thread.spawn(function() ngx.location.capture("/slow?" .. ngx.var.args) ngx.sleep(0.001) ngx.print(ngx.var.arg_n) end)
        } }
        location = /body { content_by_lua_block {
            ngx.req.read_body()
            ngx.print(ngx.var.arg_n, ";", ngx.req.get_body_data() and "" or "")
        } }
        location = /bodies { content_by_lua_block {
            local t = ngx.thread.spawn(function() ngx.req.read_body() return 1 end)
            ngx.thread.spawn(function() ngx.sleep(0.001) ngx.print(ngx.var.arg_n, ";") ngx.flush(true) ngx.print(ngx.var.arg_n) end)
            ngx.thread.wait(t)
        } }
        location = /exec { rewrite_by_lua_block { ngx.sleep(0.001) ngx.exec("/echo", ngx.var.args) } }
        location = /relay { proxy_pass http://127.0.0.1:@PORT@/twice?n=$arg_n; proxy_buffering off; }
        location = /relay_held { proxy_pass http://127.0.0.1:@PORT@/slow?n=$arg_n; proxy_ignore_client_abort on; }
        location = /relay_broken { proxy_pass http://127.0.0.1:@PORT@/break?n=$arg_n; }
        location = /auth { auth_request /allow; content_by_lua_block { ngx.print(ngx.var.arg_n) } }
        location = /auth_denied { auth_request /deny; error_page 403 = /n?n=$arg_n; echo wrong; }
        location = /auth_any { satisfy any; auth_request /deny; access_by_lua_block { ngx.sleep(0.001) } content_by_lua_block { ngx.print(ngx.var.arg_n) } }
        location = /auth_kill { auth_request /kill; echo wrong; }
        location = /auth_relay { auth_request /relay; echo_sleep 0.001; echo $arg_n; }
        location = /echo {
            echo -n "$arg_n;"; echo_flush;
            echo_location_async /slow n=$arg_n;
            echo -n "$arg_n;";
            echo_location /capture n=$arg_n;
            echo_sleep 0.002;
            echo_location_async /relay n=$arg_n;
            echo_subrequest_async POST /body -q n=$arg_n -b hello;
            echo_foreach_split , "a,b,c";
                echo_location_async /twice n=$arg_n;
            echo_end;
            echo $arg_n;
        }
        location = /echo_nested { echo -n "$arg_n;"; echo_location_async /echo n=$arg_n; echo_sleep 0.001; echo_location /auth n=$arg_n; echo $arg_n; }
        location = /echo_body { echo_read_request_body; echo -n "$arg_n;"; echo_location_async /slow n=$arg_n; echo $arg_n; }
        location = /echo_broken { echo_location_async /break n=$arg_n; echo_location_async /slow n=$arg_n; echo_sleep 0.01; echo $arg_n; }
        location = /echo_exec { echo_location_async /slow n=$arg_n; echo_exec /n n=$arg_n; }
    }
}`

var waits = []string{"sleep", "spawn", "semaphore", "capture", "on_abort", "body", "bodies", "exec", "relay", "relay_held", "relay_broken", "auth",
	"auth_denied", "auth_any", "auth_kill", "auth_relay", "echo", "echo_nested", "echo_body", "echo_broken", "echo_exec"}

// Clients that leave, half-close, pipeline and stall, whatever their request waits for, leave nothing behind, and nobody gets what is
// another's.
func TestClientsLeaveAnywhere(t *testing.T) {
	s := serve(t, waitsServer)
	var all sync.WaitGroup
	for k := range 8 {
		all.Add(1)
		go func() {
			defer all.Done()
			rnd := rand.New(rand.NewPCG(uint64(k), 1))
			for i := range 120 {
				leave(t, s, rnd, fmt.Sprintf("nonce-%d-%d", k, i))
			}
		}()
	}
	all.Wait()
	if _, body := s.do("GET", "/echo?n=x", ""); body != "x;x;x;x;x;x;x;x;x;x;x;x;x;x;x;x\n" {
		t.Errorf("%q", body)
	}
	time.Sleep(100 * time.Millisecond)
	checkNoneLeft(t, s)
	if log := s.log(); strings.Contains(log, "panic") {
		at := strings.Index(log, "panic")
		t.Errorf("%s", log[max(at-200, 0):min(at+3000, len(log))])
	}
}

// leave sends up to three requests at a time, reads some of the answers and goes.
func leave(t *testing.T, s *server, rnd *rand.Rand, nonce string) {
	c, err := net.Dial("tcp", s.addr)
	if err != nil {
		t.Error(err)
		return
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(5 * time.Second))
	var text strings.Builder
	n := 1 + rnd.IntN(3)
	for range n {
		fmt.Fprintf(&text, "POST /%s?n=%s HTTP/1.1\r\nHost: test\r\nContent-Length: 40\r\n\r\n%040d", waits[rnd.IntN(len(waits))], nonce, 0)
	}
	data := text.String()
	if rnd.IntN(3) == 0 {
		data = data[:len(data)-rnd.IntN(60)]
	}
	at := len(data)
	if rnd.IntN(3) == 0 {
		at = rnd.IntN(len(data))
	}
	fmt.Fprint(c, data[:at])
	time.Sleep(time.Duration(rnd.IntN(3000)) * time.Microsecond)
	fmt.Fprint(c, data[at:])
	switch rnd.IntN(4) {
	case 0:
		time.Sleep(time.Duration(rnd.IntN(8000)) * time.Microsecond)
		_ = c.(*net.TCPConn).SetLinger(0)
		return
	case 1:
		_ = c.(*net.TCPConn).CloseWrite()
	case 2:
		time.Sleep(time.Duration(rnd.IntN(8000)) * time.Microsecond)
		_ = c.(*net.TCPConn).CloseWrite()
	}
	if len(data) < text.Len() && rnd.IntN(2) == 0 {
		return
	}
	if len(data) < text.Len() {
		_ = c.SetDeadline(time.Now().Add(20 * time.Millisecond))
	}
	in := bufio.NewReader(c)
	for range n {
		resp, err := http.ReadResponse(in, nil)
		if err != nil {
			if e, ok := err.(net.Error); ok && e.Timeout() && len(data) == text.Len() {
				t.Errorf("no answer to %q", data)
			}
			return
		}
		body, err := io.ReadAll(resp.Body)
		if e, ok := err.(net.Error); ok && e.Timeout() && len(data) == text.Len() {
			t.Errorf("half an answer to %q", data)
		}
		if rest := strings.Trim(strings.ReplaceAll(string(body), nonce, ""), ";\n"); resp.StatusCode == 200 && err == nil && rest != "" {
			t.Errorf("%q is left of the answer to %q", rest, nonce)
		}
	}
}
