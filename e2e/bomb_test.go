package e2e

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// bombsConfig has scripts that eat all memory there is: at once, or bit by bit while others run.
const bombsConfig = `
worker_processes 1;
http {
    access_log off;
    lua_memory_limit 32m;
    lua_cpu_budget 20s;
    server {
        listen 127.0.0.1:@PORT@;
        location = /pid { content_by_lua_block { ngx.print(ngx.worker.pid()) } }
        location = /work {
            content_by_lua_block {
                local t = {}
                for i = 1, 200 do t[i] = ngx.var.arg_n .. "-" .. i end
                ngx.sleep(0.001)
                local all = table.concat(t, " ")
                ngx.header["X-Nonce"] = ngx.var.arg_n
                ngx.print(#all, "|", t[200])
            }
        }
        location = /atonce { content_by_lua_block { local t = {} for i = 1, math.huge do t[i] = {i} end } }
        location = /strings {
            content_by_lua_block {
                local t = {}
                for i = 1, math.huge do t[i] = string.rep("x", 200000) .. i ngx.sleep(0) end
            }
        }
        location = /tables {
            content_by_lua_block {
                local t = {}
                for i = 1, math.huge do
                    for k = 1, 2000 do t[#t + 1] = {i} end
                    ngx.sleep(0)
                end
            }
        }
        location = /list {
            content_by_lua_block {
                local list
                while true do
                    for k = 1, 2000 do list = {list} end
                    ngx.sleep(0)
                end
            }
        }
        # Those below catch the error, and keep what they have.
        location = /stubborn {
            content_by_lua_block {
                local list
                local function eat() while true do list = {list} end end
                while true do pcall(eat) ngx.sleep(0.001) end
            }
        }
        location = /busy {
            content_by_lua_block {
                local t = {}
                local function eat() while true do t[#t + 1] = string.rep("x", 5000) .. #t end end
                while true do pcall(eat) end
            }
        }
        location = /ctx {
            content_by_lua_block {
                ngx.ctx.list = {}
                local function eat() while true do ngx.ctx.list = {ngx.ctx.list} end end
                while true do pcall(eat) ngx.sleep(0.001) end
            }
        }
        location = /light {
            content_by_lua_block {
                local function bomb()
                    local list
                    local function eat() while true do list = {list} end end
                    while true do pcall(eat) ngx.sleep(0.001) end
                end
                for i = 1, 3 do ngx.thread.spawn(bomb) end
                bomb()
            }
        }
        location = /auth { auth_request /stubborn; echo wrong; }
        location = /timer {
            content_by_lua_block {
                ngx.timer.at(0, function()
                    local list
                    local function eat() while true do list = {list} end end
                    while true do pcall(eat) ngx.sleep(0.001) end
                end)
                ngx.sleep(0.005)
                ngx.exit(500)
            }
        }
    }
}
`

// TestSoakMemoryBombs: while scripts eat the memory of all of a worker's scripts, 250 other requests, which
// need some, too, succeed; 1,000 beside each kind of bomb when `make soak` sets MOONRING_SOAK.
func TestSoakMemoryBombs(t *testing.T) {
	s := start(t, bombsConfig, "")
	url := "http://" + s.addr
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}, Timeout: 60 * time.Second}
	bombs := []string{"/atonce", "/strings", "/tables", "/list", "/stubborn", "/busy", "/ctx", "/light", "/auth", "/timer"}
	requests := 250/len(bombs) + 1
	if os.Getenv("MOONRING_SOAK") != "" {
		requests = 1000
	}
	_, pid := get(t, client, url+"/pid")
	for _, bomb := range bombs {
		var left, exploded, slowest atomic.Int64
		left.Store(int64(requests))
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				for left.Load() > 0 {
					if status, body := get(t, client, url+bomb); status != 500 {
						t.Errorf("%s: %d %.200s", bomb, status, body)
						return
					}
					exploded.Add(1)
				}
			})
		}
		for id := range 8 {
			wg.Go(func() {
				for n := left.Add(-1); n >= 0; n = left.Add(-1) {
					nonce := fmt.Sprintf("%d-%d", id, n)
					from := time.Now()
					status, body := get(t, client, url+"/work?n="+nonce)
					if size, last, _ := strings.Cut(body, "|"); status != 200 || last != nonce+"-200" || size != fmt.Sprint(200*(len(nonce)+1)+9+180+303+199) {
						t.Errorf("beside %s: %d %.200s", bomb, status, body)
						return
					}
					took := int64(time.Since(from))
					for old := slowest.Load(); took > old && !slowest.CompareAndSwap(old, took); old = slowest.Load() {
					}
				}
			})
		}
		wg.Wait()
		t.Logf("%s: %d bombs, the slowest request beside them took %v", bomb, exploded.Load(), time.Duration(slowest.Load()))
		if exploded.Load() == 0 {
			t.Errorf("%s: no bomb went off", bomb)
		}
	}
	if log := s.log(t); !strings.Contains(log, "not enough memory") || !strings.Contains(log, "lua request ended for its memory") || strings.Contains(log, "[alert]") {
		t.Errorf("the log: %.2000s", log)
	}
	if status, now := get(t, client, url+"/pid"); status != 200 || now != pid {
		t.Errorf("worker %s is now %s (status %d)", pid, now, status)
	}
}
