package e2e

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// origin is the upstream of the identity test. It looks if what arrives belongs together, and answers like the Lua script; the
// argument r of a request tells how it fails:
//
//	u  a reset when a part of the body has been read
//	h  a reset instead of an answer
//	b  a reset within the answer
//	e  an orderly end within the answer
//	s  a pause within the answer, which is complete
type origin struct {
	addr   string
	served atomic.Int64 // answers
}

func startOrigin(t *testing.T) *origin {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	o := &origin{addr: l.Addr().String()}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				if err := o.serve(c.(*net.TCPConn)); err != nil {
					t.Errorf("the upstream: %v", err)
				}
			}()
		}
	}()
	return o
}

// serve answers the requests of a connection; the error is one of identity, as a proxy may close it whenever its client goes.
func (o *origin) serve(c *net.TCPConn) error {
	r := bufio.NewReader(c)
	var body, out []byte
	for n := 0; ; n++ {
		c.SetDeadline(time.Now().Add(5 * time.Minute))
		head := make(map[string]string)
		target := ""
		for first := true; ; first = false {
			line, err := r.ReadString('\n')
			if err != nil {
				return nil
			}
			line = strings.TrimSuffix(line, "\r\n")
			if first {
				fields := strings.Split(line, " ")
				if len(fields) != 3 || fields[2] != "HTTP/1.1" {
					return fmt.Errorf("request line %q", line)
				}
				target = fields[1]
				continue
			}
			if line == "" {
				break
			}
			name, value, _ := strings.Cut(line, ": ")
			head[strings.ToLower(name)] = value
			if strings.HasPrefix(name, "X-Padding-") && value != head["x-nonce"] {
				return fmt.Errorf("nonce %s with %q", head["x-nonce"], line)
			}
		}
		u, err := url.Parse(target)
		if err != nil {
			return err
		}
		nonce, args := head["x-nonce"], u.Query()
		if nonce == "" || u.Path != "/echo/"+nonce || args.Get("n") != nonce {
			return fmt.Errorf("target %q with nonce %q", target, nonce)
		}
		fails := args.Get("r")
		if body, err = readRequestBody(r, head, body[:0], fails == "u"); err != nil {
			var bad *strconv.NumError
			if errors.As(err, &bad) {
				return fmt.Errorf("nonce %s with a chunk of %w", nonce, err)
			}
			return nil
		}
		for i := 0; i < len(body); i += len(nonce) {
			if piece := body[i:min(i+len(nonce), len(body))]; !strings.HasPrefix(nonce, string(piece)) {
				return fmt.Errorf("nonce %s with a body that has %q at %d of %d", nonce, piece, i, len(body))
			}
		}
		if fails == "u" || fails == "h" {
			c.SetLinger(0)
			return nil
		}
		size := 3*len(nonce) + len("/echo/|||\n") + len(body)
		chunked := n&1 == 0
		out = fmt.Appendf(out[:0], "HTTP/1.1 200 OK\r\nX-Nonce: %s\r\n", nonce)
		if chunked {
			out = fmt.Appendf(out, "Transfer-Encoding: chunked\r\n\r\n%x\r\n", size)
		} else {
			out = fmt.Appendf(out, "Content-Length: %d\r\n\r\n", size)
		}
		start := len(out)
		out = fmt.Appendf(out, "/echo/%s|%s|%s|%s\n", nonce, nonce, nonce, body)
		if chunked {
			out = append(out, "\r\n0\r\n\r\n"...)
		}
		if fails != "" {
			// Where it breaks off is the nonce's to tell: any byte of the body but the last.
			at, _ := strconv.ParseUint(nonce[len(nonce)-8:], 16, 32)
			part := start + int(at)%size
			if _, err := c.Write(out[:part]); err != nil {
				return nil
			}
			time.Sleep(time.Duration(at%4000) * time.Microsecond)
			switch fails {
			case "b":
				c.SetLinger(0)
				return nil
			case "e":
				return nil
			}
			out = out[:copy(out, out[part:])]
		}
		if _, err := c.Write(out); err != nil {
			return nil
		}
		o.served.Add(1)
	}
}

// readRequestBody appends the body to b; half of it, at least a byte if there is one, if half is set.
func readRequestBody(r *bufio.Reader, head map[string]string, b []byte, half bool) ([]byte, error) {
	read := func(n int) (err error) {
		k := len(b)
		if b = append(b, make([]byte, n)...); n > 0 {
			_, err = io.ReadFull(r, b[k:])
		}
		return err
	}
	if head["transfer-encoding"] != "chunked" {
		n, _ := strconv.Atoi(head["content-length"])
		if half {
			n = (n + 1) / 2
		}
		return b, read(n)
	}
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return b, err
		}
		n, err := strconv.ParseUint(string(bytes.TrimSuffix(line, []byte("\r\n"))), 16, 31)
		if err != nil {
			return b, err
		}
		if err := read(int(n)); err != nil {
			return b, err
		}
		if _, err := r.Discard(2); err != nil || n == 0 || half {
			return b, err
		}
	}
}
