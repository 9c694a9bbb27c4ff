package e2e

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Clients put a nonce into URI, header and body of every request, and abort, half-close, pipeline and stall, while a Lua
// script, an upstream (behind proxy_pass) or a file answers with the nonces, the upstream resets connections in the middle of
// requests and responses, and the server is told again and again to reload. Each byte that a client, or the upstream, gets must be one that its own
// request makes.

const identityConfig = `
worker_processes @WORKERS@;
http {
    access_log off;
    error_log logs/error.log error;
    keepalive_requests 1000000000;
    client_max_body_size 1m;
    client_body_buffer_size 1m;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    # Half-closing clients are not gone.
    proxy_ignore_client_abort on;
    upstream self {
        server 127.0.0.1:@PORT@;
        keepalive 64;
    }
    upstream origin {
        server @ORIGIN@;
        keepalive 64;
    }
    server {
        listen 127.0.0.1:@PORT@;
        # The server proxies to itself: kept connections, bodies in files and bodies that stream.
        location /proxy/ {
            client_body_buffer_size 4k;
            proxy_pass http://self/echo/;
        }
        location /stream/ {
            proxy_request_buffering off;
            proxy_buffering off;
            proxy_pass http://self/echo/;
        }
        location /close/ {
            proxy_set_header Connection close;
            proxy_pass http://127.0.0.1:@PORT@/echo/;
        }
        # An upstream that resets connections, which is logged.
        location /origin/ {
            error_log logs/error.log crit;
            client_body_buffer_size 4k;
            proxy_pass http://origin/echo/;
        }
        location /originstream/ {
            error_log logs/error.log crit;
            proxy_request_buffering off;
            proxy_buffering off;
            proxy_pass http://origin/echo/;
        }
        location /cancel/ {
            error_log logs/error.log crit;
            proxy_ignore_client_abort off;
            proxy_pass http://origin/echo/;
        }
        location /static/ {
            root @ROOT@;
            add_header X-Nonce $http_x_nonce;
        }
        location /echo/ {
            access_by_lua_block {
                ngx.ctx.nonce = ngx.var.arg_n
                if ngx.var.arg_s then ngx.sleep(tonumber(ngx.var.arg_s)) end
            }
            content_by_lua_block {
                ngx.req.read_body()
                local head = ngx.req.get_headers()["X-Nonce"]
                ngx.header["X-Nonce"] = head
                local body = ngx.req.get_body_data() or ""
                if ngx.var.arg_f then
                    ngx.print(ngx.var.uri, "|", ngx.ctx.nonce)
                    ngx.flush(true)
                    ngx.print("|", head, "|", body, "\n")
                else
                    ngx.say(ngx.var.uri, "|", ngx.ctx.nonce, "|", head, "|", body)
                end
            }
        }
    }
}
`

// staticFiles are the files below static/, by name.
const staticFiles = 4096

// makeFiles writes files of 20 bytes to 200 KB, most of them small, that consist of their own nonces.
func makeFiles(t *testing.T, dir string, seed uint64) [][]byte {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(dir, "static"), 0o755); err != nil {
		t.Fatal(err)
	}
	rnd := rand.New(rand.NewPCG(seed, 1<<32))
	files := make([][]byte, staticFiles)
	for i := range files {
		n := 1 + rnd.IntN(100)
		switch {
		case i%128 == 0:
			n = 10000
		case i%16 == 0:
			n = 1000
		}
		var b []byte
		for range n {
			b = fmt.Appendf(b, "%04d-%014x\n", i, rnd.Uint64()>>8)
		}
		files[i] = b
		if err := os.WriteFile(filepath.Join(dir, "static", fmt.Sprint(i)), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// tally counts what clients saw.
type tally struct {
	done    atomic.Int64 // responses, whole and right
	conns   atomic.Int64
	cut     atomic.Int64 // responses that the upstream's reset cut, right as far as they went
	refused atomic.Int64 // 502, for the same reason
	drained atomic.Int64 // connections closed by a worker that a reload has end
	places  [len(places)]atomic.Int64
}

func run(t *testing.T, total int64, pause time.Duration) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	s := prepare(t)
	files := makeFiles(t, filepath.Join(s.prefix, "html"), seed)
	origin := startOrigin(t)
	config := func(workers string) string {
		return strings.NewReplacer("@WORKERS@", workers, "@ORIGIN@", origin.addr, "@ROOT@", filepath.Join(s.prefix, "html")).Replace(identityConfig)
	}
	s.configure(t, config("2"))
	s.launch(t, "poison")

	var seen tally
	var failed atomic.Bool
	var wg sync.WaitGroup
	from := time.Now()
	for id := range 48 {
		wg.Go(func() {
			c := &client{addr: s.addr, id: id, rnd: rand.New(rand.NewPCG(seed, uint64(id))), files: files, seen: &seen}
			for seen.done.Load() < total && !failed.Load() {
				seen.conns.Add(1)
				if err := c.connection(); err != nil {
					failed.Store(true)
					t.Errorf("client %d: %v", id, err)
				}
			}
		})
	}
	clientsDone := make(chan struct{})
	go func() {
		wg.Wait()
		close(clientsDone)
	}()
	reloads := 0
	for running := true; running; {
		select {
		case <-clientsDone:
			running = false
		case <-time.After(pause):
			reloads++
			s.reload(t, config([...]string{"2", "1", "3"}[reloads%3]))
		}
	}
	counts := ""
	for i := range places {
		counts += fmt.Sprintf(" %s %d", places[i], seen.places[i].Load())
	}
	t.Logf("%d responses on %d connections in %v:%s; %d more were cut by the upstream, %d refused; %d reloads closed %d connections", seen.done.Load(), seen.conns.Load(),
		time.Since(from).Round(time.Millisecond), counts, seen.cut.Load(), seen.refused.Load(), reloads, seen.drained.Load())
	for i := range places {
		if seen.places[i].Load() == 0 {
			t.Errorf("no response from %s", places[i])
		}
	}
	if seen.cut.Load() == 0 || seen.refused.Load() == 0 || seen.drained.Load() == 0 || origin.served.Load() == 0 {
		t.Error("nothing was cut, refused, drained or proxied")
	}
	for line := range strings.Lines(s.log(t)) {
		if strings.Contains(line, "[alert]") || strings.Contains(line, "[emerg]") || strings.Contains(line, "panic") {
			t.Errorf("the log has an alarm: %s", line)
		}
	}
}

// TestIdentity is the small count.
func TestIdentity(t *testing.T) { run(t, 20000, 250*time.Millisecond) }

// TestSoakIdentity is the full one when `make soak` sets MOONRING_SOAK, and
// otherwise another seed of the small one.
func TestSoakIdentity(t *testing.T) {
	if os.Getenv("MOONRING_SOAK") != "" {
		run(t, 10_000_000, 2*time.Second)
		return
	}
	run(t, 5000, 100*time.Millisecond)
}
