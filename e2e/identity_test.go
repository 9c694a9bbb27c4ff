package e2e

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Clients put a nonce into URI, header and body of every request, and abort,
// half-close, pipeline and stall while a Lua script echoes the three back; each
// response must equal, to the byte, what its own request makes.

const identityConfig = `
worker_processes 2;
http {
    access_log off;
    keepalive_requests 1000000000;
    client_max_body_size 1m;
    client_body_buffer_size 1m;
    upstream self {
        server 127.0.0.1:@PORT@;
        keepalive 64;
    }
    server {
        listen 127.0.0.1:@PORT@;
        # The server proxies to itself: kept connections, bodies in files and bodies that stream.
        location /proxy/ {
            client_body_buffer_size 4k;
            error_log logs/error.log error;
            proxy_ignore_client_abort on;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_pass http://self/echo/;
        }
        location /stream/ {
            proxy_ignore_client_abort on;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_request_buffering off;
            proxy_buffering off;
            proxy_pass http://self/echo/;
        }
        location /close/ {
            proxy_ignore_client_abort on;
            proxy_pass http://127.0.0.1:@PORT@/echo/;
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

// request is what one request says and what its response must be.
type request struct {
	bytes []byte // as sent
	nonce string
	want  []byte // the response's body
}

// client is one connection after the other, driven by a seed.
type client struct {
	addr string
	id   int
	seq  int
	rnd  *rand.Rand
	done *atomic.Int64 // responses checked
	sent []request
	out  []byte
	body []byte
}

// makeRequest appends one request to c.out.
func (c *client) makeRequest(slow bool) request {
	c.seq++
	nonce := fmt.Sprintf("%08x-%08x-%016x", c.id, c.seq, c.rnd.Uint64())
	var body []byte
	switch c.rnd.IntN(8) {
	case 0, 1, 2, 3:
	case 4:
		body = bytes.Repeat([]byte(nonce), 1+c.rnd.IntN(600)) // up to 20 KB
	default:
		body = bytes.Repeat([]byte(nonce), 1+c.rnd.IntN(8))
	}
	args := ""
	if slow && c.rnd.IntN(4) == 0 {
		args += "&s=0.00" + strconv.Itoa(1+c.rnd.IntN(5))
	}
	if c.rnd.IntN(4) == 0 {
		args += "&f=1"
	}
	var b []byte
	chunked := body != nil && c.rnd.IntN(2) == 0
	method := "GET"
	if body != nil {
		method = "POST"
	}
	// Half of them straight, the others through the proxy, to the same place.
	place := [...]string{"echo", "echo", "echo", "proxy", "proxy", "stream"}[c.rnd.IntN(6)]
	if c.rnd.IntN(64) == 0 {
		place = "close"
	}
	b = fmt.Appendf(b, "%s /%s/%s?n=%s%s HTTP/1.1\r\nHost: identity\r\nX-Nonce: %s\r\n", method, place, nonce, nonce, args, nonce)
	for range c.rnd.IntN(6) {
		b = fmt.Appendf(b, "X-Padding-%d: %s\r\n", c.rnd.IntN(100), nonce)
	}
	switch {
	case chunked:
		b = append(b, "Transfer-Encoding: chunked\r\n\r\n"...)
		for rest := body; len(rest) > 0; {
			n := min(1+c.rnd.IntN(5000), len(rest))
			b = fmt.Appendf(b, "%x\r\n", n)
			b = append(append(b, rest[:n]...), "\r\n"...)
			rest = rest[n:]
		}
		b = append(b, "0\r\n\r\n"...)
	case body != nil:
		b = fmt.Appendf(b, "Content-Length: %d\r\n\r\n", len(body))
		b = append(b, body...)
	default:
		b = append(b, "\r\n"...)
	}
	want := fmt.Appendf(nil, "/echo/%s|%s|%s|%s\n", nonce, nonce, nonce, body)
	return request{bytes: b, nonce: nonce, want: want}
}

// readResponse reads one response and compares it with what q must give.
func (c *client) readResponse(r *bufio.Reader, q request) error {
	length, chunked, nonce := -1, false, ""
	for first := true; ; first = false {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return err
		}
		line = bytes.TrimSuffix(line, []byte("\r\n"))
		if first {
			if string(line) != "HTTP/1.1 200 OK" {
				return fmt.Errorf("%s: status line %q", q.nonce, line)
			}
			continue
		}
		if len(line) == 0 {
			break
		}
		name, value, _ := bytes.Cut(line, []byte(": "))
		switch string(name) {
		case "X-Nonce":
			nonce = string(value)
		case "Content-Length":
			if length, err = strconv.Atoi(string(value)); err != nil {
				return err
			}
		case "Transfer-Encoding":
			chunked = true
		}
	}
	if nonce != q.nonce {
		return fmt.Errorf("asked with %s, got the header of %s", q.nonce, nonce)
	}
	c.body = c.body[:0]
	if !chunked {
		if length < 0 {
			return fmt.Errorf("%s: neither length nor chunks", q.nonce)
		}
		if err := c.readBody(r, length); err != nil {
			return err
		}
	}
	for chunked {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return err
		}
		n, err := strconv.ParseUint(string(bytes.TrimSuffix(line, []byte("\r\n"))), 16, 31)
		if err != nil {
			return fmt.Errorf("%s: chunk size %q", q.nonce, line)
		}
		if err := c.readBody(r, int(n)); err != nil {
			return err
		}
		if end, err := r.ReadSlice('\n'); err != nil || string(end) != "\r\n" {
			return fmt.Errorf("%s: chunk ends in %q, %w", q.nonce, end, errors.Join(err))
		}
		chunked = n > 0
	}
	if !bytes.Equal(c.body, q.want) {
		i := 0
		for i < min(len(c.body), len(q.want)) && c.body[i] == q.want[i] {
			i++
		}
		return fmt.Errorf("%s: body of %d bytes, want %d, differs at %d: %.80q", q.nonce, len(c.body), len(q.want), i, c.body[i:])
	}
	c.done.Add(1)
	return nil
}

func (c *client) readBody(r *bufio.Reader, n int) error {
	k := len(c.body)
	c.body = append(c.body, make([]byte, n)...)
	_, err := io.ReadFull(r, c.body[k:])
	return err
}

// How a connection ends, if not by the client's plain close.
const (
	orderly   = iota
	abort     // closed with responses or parts of requests under way, by RST
	halfClose // the sending side is shut down, then the responses are read
	manners
)

// connection runs one connection from dial to close.
func (c *client) connection() error {
	conn, err := net.Dial("tcp", c.addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	tcp := conn.(*net.TCPConn)
	if err := tcp.SetDeadline(time.Now().Add(60 * time.Second)); err != nil {
		return err
	}
	r := bufio.NewReaderSize(conn, 4096)
	manner := orderly
	if c.rnd.IntN(4) == 0 {
		manner = c.rnd.IntN(manners)
	}
	batches := 1 + c.rnd.IntN(40)
	for batch := range batches {
		last := batch == batches-1
		c.sent, c.out = c.sent[:0], c.out[:0]
		for range 1 + c.rnd.IntN(12) {
			q := c.makeRequest(c.rnd.IntN(32) == 0)
			c.sent = append(c.sent, q)
			c.out = append(c.out, q.bytes...)
		}
		if last && manner == abort {
			// Some of it, then perhaps some answers, then RST.
			if _, err := conn.Write(c.out[:1+c.rnd.IntN(len(c.out))]); err != nil {
				return err
			}
			if c.rnd.IntN(2) == 0 {
				time.Sleep(time.Duration(c.rnd.IntN(3000)) * time.Microsecond)
			}
			return tcp.SetLinger(0)
		}
		if err := c.send(conn); err != nil {
			return err
		}
		if last && manner == halfClose {
			if err := tcp.CloseWrite(); err != nil {
				return err
			}
		}
		for i, q := range c.sent {
			if c.rnd.IntN(200) == 0 { // a slow reader
				time.Sleep(time.Duration(c.rnd.IntN(5000)) * time.Microsecond)
			}
			if err := c.readResponse(r, q); err != nil {
				return fmt.Errorf("response %d of %d, batch %d: %w", i+1, len(c.sent), batch, err)
			}
		}
		if last && manner == halfClose {
			if rest, err := io.ReadAll(r); err != nil || len(rest) > 0 {
				return fmt.Errorf("after the last response: %q, %w", rest, errors.Join(err))
			}
		}
	}
	return nil
}

// send writes c.out: at once, in pieces, or with a stall in the middle.
func (c *client) send(conn net.Conn) error {
	out := c.out
	switch c.rnd.IntN(16) {
	case 0:
		n := c.rnd.IntN(len(out))
		if _, err := conn.Write(out[:n]); err != nil {
			return err
		}
		time.Sleep(time.Duration(c.rnd.IntN(10000)) * time.Microsecond)
		out = out[n:]
	case 1:
		for range 8 {
			n := c.rnd.IntN(min(len(out), 100))
			if _, err := conn.Write(out[:n]); err != nil {
				return err
			}
			out = out[n:]
		}
	}
	_, err := conn.Write(out)
	return err
}

func run(t *testing.T, total int64) {
	addr := start(t, identityConfig, "poison").addr
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	var done, conns atomic.Int64
	var failed atomic.Bool
	var wg sync.WaitGroup
	from := time.Now()
	for id := range 48 {
		wg.Go(func() {
			c := &client{addr: addr, id: id, rnd: rand.New(rand.NewPCG(seed, uint64(id))), done: &done}
			for done.Load() < total && !failed.Load() {
				conns.Add(1)
				if err := c.connection(); err != nil {
					failed.Store(true)
					t.Errorf("client %d: %v", id, err)
				}
			}
		})
	}
	wg.Wait()
	t.Logf("%d responses on %d connections in %v", done.Load(), conns.Load(), time.Since(from).Round(time.Millisecond))
}

// TestIdentity is the small count.
func TestIdentity(t *testing.T) { run(t, 20000) }

// TestSoakIdentity is the full one when `make soak` sets MOONRING_SOAK, and
// otherwise another seed of the small one.
func TestSoakIdentity(t *testing.T) {
	if os.Getenv("MOONRING_SOAK") != "" {
		run(t, 10_000_000)
		return
	}
	run(t, 5000)
}
