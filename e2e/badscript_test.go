package e2e

import (
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const badScriptConfig = `
worker_processes 1;
http {
    access_log off;
    lua_cpu_budget 200ms;
    lua_memory_limit 64m;
    server {
        listen 127.0.0.1:@PORT@;
        location = /pid { content_by_lua_block { ngx.print(ngx.worker.pid()) } }
        location = /loop { content_by_lua_block { while true do end } }
        location = /caught { content_by_lua_block { while true do pcall(function() while true do end end) end } }
        location = /access { access_by_lua_block { repeat until false } content_by_lua_block { ngx.say("never") } }
        location = /log { content_by_lua_block { ngx.print("sent") } log_by_lua_block { while true do end } }
        location = /pattern { content_by_lua_block { ngx.print(string.find(string.rep("a", 30000), ".-.-.-.-b")) } }
        location = /table { lua_cpu_budget 20s; content_by_lua_block { local t = {} for i = 1, math.huge do t[i] = {i} end } }
        location = /string { lua_cpu_budget 20s; content_by_lua_block { local s = "x" while true do s = s .. s end } }
        location = /deep { lua_cpu_budget 20s; content_by_lua_block { local function f() return 1 + f() end f() } }
        location = /resumed { content_by_lua_block { ngx.sleep(0.001) while true do end } }
    }
}
`

// get returns status and body, 0 for a connection closed without a response.
func get(t *testing.T, c *http.Client, url string) (int, string) {
	resp, err := c.Get(url)
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err.Error()
	}
	return resp.StatusCode, string(body)
}

// TestBadScripts: a script that loops or hoards gets an error within its
// budget; all other requests of the worker, and there is only one, are answered
// and wait no longer than that; the worker is the same at the end.
func TestBadScripts(t *testing.T) {
	s := start(t, badScriptConfig, "")
	url := "http://" + s.addr
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}, Timeout: 20 * time.Second}
	status, pid := get(t, client, url+"/pid")
	if status != 200 {
		t.Fatalf("/pid: %d %s", status, pid)
	}

	var stop atomic.Bool
	var answered, slowest atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for !stop.Load() {
				from := time.Now()
				if status, body := get(t, client, url+"/pid"); status != 200 || body != pid {
					t.Errorf("beside a bad script: %d %s", status, body)
					return
				}
				took := int64(time.Since(from))
				answered.Add(1)
				for old := slowest.Load(); took > old && !slowest.CompareAndSwap(old, took); old = slowest.Load() {
				}
				time.Sleep(time.Millisecond)
			}
		})
	}
	for _, bad := range []struct {
		path   string
		status int
		log    string
	}{
		{"/loop", 500, "Lua CPU budget exceeded"},
		{"/caught", 500, "Lua CPU budget exceeded"},
		{"/access", 500, "Lua CPU budget exceeded"},
		{"/log", 200, "Lua CPU budget exceeded"},
		{"/pattern", 500, "Lua CPU budget exceeded"},
		{"/table", 500, "not enough memory"},
		{"/string", 500, "not enough memory"},
		{"/deep", 500, "stack overflow"},
		{"/resumed", 500, "Lua CPU budget exceeded"},
	} {
		before := len(s.log(t))
		if status, body := get(t, client, url+bad.path); status != bad.status {
			t.Errorf("%s: status %d, want %d: %.100s", bad.path, status, bad.status, body)
		}
		line := ""
		for range 100 { // the log phase comes after the response
			if line = s.log(t)[before:]; strings.Contains(line, bad.log) {
				break
			}
			time.Sleep(20 * time.Millisecond)
		}
		if !strings.Contains(line, bad.log) || !strings.Contains(line, "[error]") {
			t.Errorf("%s: logged %.300q, want %q", bad.path, line, bad.log)
		}
	}
	stop.Store(true)
	wg.Wait()
	if status, now := get(t, client, url+"/pid"); status != 200 || now != pid {
		t.Errorf("worker %s is now %s (status %d)", pid, now, status)
	}
	t.Logf("%d requests answered beside them, the slowest after %v", answered.Load(), time.Duration(slowest.Load()))
	if n := answered.Load(); n < 20 {
		t.Errorf("only %d requests were answered", n)
	}
}
