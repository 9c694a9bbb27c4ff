package e2e

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// places are the locations that are asked, by index of tally.places.
var places = [...]string{"echo", "static", "proxy", "stream", "close", "origin", "originstream", "cancel"}

const (
	placeEcho = iota
	placeStatic
	placeProxy
	placeStream
	placeClose
	placeOrigin
	placeOriginStream
	placeCancel
)

// placeShares says which place a request goes to: of 16, four ask for files, four go through the proxy.
var placeShares = [16]int{placeEcho, placeEcho, placeEcho, placeEcho, placeEcho, placeEcho, placeEcho, placeEcho, placeStatic, placeStatic, placeStatic, placeStatic,
	placeProxy, placeStream, placeOrigin, placeOriginStream}

// request is what one request says and what its response must be.
type request struct {
	nonce   string
	place   int
	status  string // of the response
	want    []byte // the response's body
	mayFail bool   // the upstream is asked to break the connection
}

// badGateway is the page that a request may get if it mayFail.
const badGateway = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>moonring</center>\r\n</body>\r\n</html>\r\n"

// client is one connection after the other, driven by a seed.
type client struct {
	addr  string
	id    int
	seq   int
	rnd   *rand.Rand
	files [][]byte
	seen  *tally
	sent  []request
	out   []byte
	body  []byte
}

// makeRequest appends one request to c.out and c.sent. A large one has a body of up to 300 KB. clientStays says that its connection is not cut off or half-closed.
func (c *client) makeRequest(large, clientStays bool) {
	c.seq++
	nonce := fmt.Sprintf("%08x-%08x-%016x", c.id, c.seq, c.rnd.Uint64())
	q := request{nonce: nonce, place: placeShares[c.rnd.IntN(len(placeShares))], status: "200 OK"}
	if c.rnd.IntN(64) == 0 {
		q.place = placeClose
	}
	if clientStays && c.rnd.IntN(64) == 0 {
		q.place = placeCancel
	}
	var body []byte
	switch kind := c.rnd.IntN(8); {
	case large:
		body = bytes.Repeat([]byte(nonce), 1+c.rnd.IntN(9000))
	case kind < 4:
	case kind == 4:
		body = bytes.Repeat([]byte(nonce), 1+c.rnd.IntN(600)) // up to 20 KB
	default:
		body = bytes.Repeat([]byte(nonce), 1+c.rnd.IntN(8))
	}
	method, name, args, field := "GET", nonce, "", ""
	if body != nil && q.place != placeStatic {
		method = "POST"
	}
	switch q.place {
	case placeStatic:
		i := c.rnd.IntN(len(c.files))
		name, q.want = strconv.Itoa(i), c.files[i]
		if c.rnd.IntN(4) == 0 {
			from := c.rnd.IntN(len(q.want))
			to := from + c.rnd.IntN(len(q.want)-from)
			field = fmt.Sprintf("Range: bytes=%d-%d\r\n", from, to)
			q.status, q.want = "206 Partial Content", q.want[from:to+1]
		}
	case placeOrigin, placeOriginStream, placeCancel:
		switch c.rnd.IntN(32) {
		case 0:
			args, q.mayFail = "&r="+string("uhbe"[c.rnd.IntN(4)]), true
		case 1:
			args = "&r=s"
		}
	default:
		if c.rnd.IntN(128) == 0 {
			args += "&s=0.00" + strconv.Itoa(1+c.rnd.IntN(5))
		}
		if c.rnd.IntN(4) == 0 {
			args += "&f=1"
		}
	}
	if q.want == nil {
		q.want = fmt.Appendf(nil, "/echo/%s|%s|%s|%s\n", nonce, nonce, nonce, body)
	}
	b := fmt.Appendf(c.out, "%s /%s/%s?n=%s%s HTTP/1.1\r\nHost: identity\r\nX-Nonce: %s\r\n%s", method, places[q.place], name, nonce, args, nonce, field)
	for range c.rnd.IntN(6) {
		b = fmt.Appendf(b, "X-Padding-%d: %s\r\n", c.rnd.IntN(100), nonce)
	}
	switch {
	case body != nil && c.rnd.IntN(2) == 0:
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
	c.out, c.sent = b, append(c.sent, q)
}

// readResponse reads one response and compares it with what q must give. goesOn tells that there are more on the connection.
func (c *client) readResponse(r *bufio.Reader, q request) (goesOn bool, err error) {
	c.body = c.body[:0]
	status, closes, err := c.readParts(r, q)
	want := q.want
	if status == "502 Bad Gateway" {
		want = []byte(badGateway)
	}
	i := 0
	for i < min(len(c.body), len(want)) && c.body[i] == want[i] {
		i++
	}
	if i < len(c.body) || err == nil && i < len(want) {
		return false, fmt.Errorf("%s of %s: body of %d bytes, want %d, differs at %d: %.80q", q.nonce, places[q.place], len(c.body), len(want), i, c.body[i:])
	}
	switch {
	case err != nil && q.mayFail && lost(err):
		c.seen.cut.Add(1)
		return false, nil
	case err != nil:
		return false, fmt.Errorf("%s of %s, after %d of %d bytes of body: %w", q.nonce, places[q.place], len(c.body), len(want), err)
	case status == "502 Bad Gateway":
		c.seen.refused.Add(1)
	default:
		c.seen.done.Add(1)
		c.seen.places[q.place].Add(1)
	}
	if closes {
		c.seen.drained.Add(1)
		if rest, err := io.ReadAll(r); len(rest) > 0 || err != nil && !lost(err) {
			return false, fmt.Errorf("%s of %s: after the last response %.80q, %w", q.nonce, places[q.place], rest, errors.Join(err))
		}
	}
	return !closes, nil
}

// lost tells an error of reading that the peer causes by closing.
func lost(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}

// readParts reads a response, its body to c.body.
func (c *client) readParts(r *bufio.Reader, q request) (status string, closes bool, err error) {
	length, chunked, nonce := -1, false, ""
	for first := true; ; first = false {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return status, false, err
		}
		line = bytes.TrimSuffix(line, []byte("\r\n"))
		if first {
			status = strings.TrimPrefix(string(line), "HTTP/1.1 ")
			if status != q.status && (!q.mayFail || status != "502 Bad Gateway") {
				return "", false, fmt.Errorf("status line %q", line)
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
				return status, false, err
			}
		case "Transfer-Encoding":
			chunked = true
		case "Connection":
			closes = string(value) == "close"
		}
	}
	if nonce != q.nonce && status == q.status {
		return status, false, fmt.Errorf("the header of %q", nonce)
	}
	if !chunked {
		if length < 0 {
			return status, false, errors.New("neither length nor chunks")
		}
		return status, closes, c.readBody(r, length)
	}
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return status, false, err
		}
		n, err := strconv.ParseUint(string(bytes.TrimSuffix(line, []byte("\r\n"))), 16, 31)
		if err != nil {
			return status, false, fmt.Errorf("chunk size %q", line)
		}
		if err := c.readBody(r, int(n)); err != nil {
			return status, false, err
		}
		if end, err := r.ReadSlice('\n'); err != nil || string(end) != "\r\n" {
			return status, false, fmt.Errorf("chunk ends in %q, %w", end, errors.Join(err))
		}
		if n == 0 {
			return status, closes, nil
		}
	}
}

// readBody appends n bytes to c.body, and those that came if not all do.
func (c *client) readBody(r *bufio.Reader, n int) error {
	if n > 1<<20 {
		return fmt.Errorf("%d bytes announced", n)
	}
	k := len(c.body)
	c.body = append(c.body, make([]byte, n)...)
	got, err := io.ReadFull(r, c.body[k:])
	c.body = c.body[:k+got]
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
	if err := tcp.SetDeadline(time.Now().Add(2 * time.Minute)); err != nil {
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
		if c.rnd.IntN(64) == 0 {
			c.makeRequest(true, manner != halfClose)
		} else {
			for range 1 + c.rnd.IntN(12) {
				c.makeRequest(false, manner != halfClose)
			}
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
		if err := c.send(conn); err != nil && !lost(err) { // what can be read tells if that was right
			return err
		}
		if last && manner == halfClose {
			if err := tcp.CloseWrite(); err != nil && !errors.Is(err, syscall.ENOTCONN) {
				return err
			}
		}
		for i, q := range c.sent {
			if c.rnd.IntN(200) == 0 { // a slow reader
				time.Sleep(time.Duration(c.rnd.IntN(5000)) * time.Microsecond)
			}
			goesOn, err := c.readResponse(r, q)
			if err != nil {
				return fmt.Errorf("response %d of %d, batch %d: %w", i+1, len(c.sent), batch, err)
			}
			if !goesOn {
				return nil
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
