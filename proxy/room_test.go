package proxy

import (
	"net"
	"strings"
	"testing"
)

// Connections that are only kept open must not keep new ones out.
func TestIdleConnectionsMakeRoom(t *testing.T) {
	b := start(t, `error_log logs/error.log info; events { worker_connections 64; } http { access_log off; keepalive_timeout 1h; client_header_timeout 1h;
		server { listen LISTEN; location / { return 200 "ok"; } location /busy { content_by_lua_block { sleep(3600) } } } }`)
	busy := b.dial()
	busy.send(get("/busy"))
	first := b.dial()
	first.send(get("/"))
	first.want("GET", 200, "ok")
	var last *client
	for range 300 {
		last = b.dial()
		last.send(get("/"))
		last.want("GET", 200, "ok")
	}
	last.send(get("/")) // the youngest is kept
	last.want("GET", 200, "ok")
	first.closed() // the oldest is not
	b.eventually("room", func() bool { return !b.w.crowded() && !b.w.room.Armed() })
	b.on(func() {
		n := 0
		b.w.eachConn(func(cn *conn) {
			if cn.state == stateBusy && cn.c != nil {
				n++
			}
		})
		if n != 1 {
			t.Errorf("%d connections at work, want 1", n)
		}
	})
	if log := b.errorLog(); !strings.Contains(log, "[warn]") || !strings.Contains(log, "64 worker_connections are not enough, reusing connections") {
		t.Error(log)
	}
}

// When all are at work there is no room to make, and the log says so.
func TestBusyConnectionsAreKept(t *testing.T) {
	b := start(t, `error_log logs/error.log info; events { worker_connections 16; } http { access_log off;
		server { listen LISTEN; location /busy { content_by_lua_block { sleep(0.5) say("done") } } } }`)
	var all []*client
	for range 40 {
		c := b.dial()
		c.send(get("/busy"))
		all = append(all, c)
	}
	for _, c := range all {
		c.want("GET", 200, "done\n")
	}
	if log := b.errorLog(); !strings.Contains(log, "16 worker_connections are not enough\n") {
		t.Error(log)
	}
}

// A client that goes leaves its request running. As many as worker_connections may run so.
func TestRequestsOfClientsThatHaveGoneAreBounded(t *testing.T) {
	b := start(t, `error_log logs/error.log info; events { worker_connections 32; } http { access_log off;
		server { listen LISTEN; location / { return 200 "ok"; } location /busy { content_by_lua_block { sleep(2) } } } }`)
	for n := range 32 {
		c := b.dial()
		c.send(get("/busy"))
		b.eventually("the request runs", func() bool {
			busy := 0
			b.w.eachConn(func(cn *conn) {
				if cn.state == stateBusy {
					busy++
				}
			})
			return busy > n
		})
		c.Conn.(*net.TCPConn).SetLinger(0)
		c.Close()
	}
	b.eventually("all clients are gone", func() bool { return b.w.Ring.Stats().Conns == 0 })
	c := b.dial()
	c.Write([]byte(get("/")))
	c.closed()
	if log := b.errorLog(); !strings.Contains(log, "32 worker_connections are not enough, 32 requests run whose clients have gone") {
		t.Error(log)
	}
	b.eventually("they are done", func() bool { return b.w.liveConns == 0 })
	c = b.dial()
	c.send(get("/"))
	c.want("GET", 200, "ok")
}
