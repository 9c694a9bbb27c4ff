package difftest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	// answerTimeout bounds the wait for any one read.
	answerTimeout = 5 * time.Second
	// segmentPause lies between two segments of a case, so that the server reads them apart.
	segmentPause = 15 * time.Millisecond
)

// A response as it came over the wire, the transfer coding removed.
type response struct {
	statusLine string
	status     int
	headers    []string // "Name: value", in order
	body       string
	framing    string // none, length, chunked, close
}

func (r *response) header(name string) (value string, ok bool) {
	for _, h := range r.headers {
		if n, v, found := strings.Cut(h, ": "); found && strings.EqualFold(n, name) {
			return v, true
		}
	}
	return "", false
}

// An exchange is everything one case got.
type exchange struct {
	responses []response
	end       string // what became of the connection: alive, closed, or what went wrong
	log       []string
}

func readLine(r *bufio.Reader) (string, error) {
	line, err := r.ReadString('\n')
	if err != nil {
		return line, err
	}
	if !strings.HasSuffix(line, "\r\n") {
		return line, fmt.Errorf("line without CR: %q", line)
	}
	return line[:len(line)-2], nil
}

// readResponse reads one response; noBody if it answers a HEAD request.
func readResponse(r *bufio.Reader, noBody bool) (response, error) {
	var resp response
	var err error
	if resp.statusLine, err = readLine(r); err != nil {
		return resp, err
	}
	if len(resp.statusLine) < 12 || !strings.HasPrefix(resp.statusLine, "HTTP/1.") {
		return resp, fmt.Errorf("no status line: %q", resp.statusLine)
	}
	if resp.status, err = strconv.Atoi(resp.statusLine[9:12]); err != nil {
		return resp, fmt.Errorf("no status line: %q", resp.statusLine)
	}
	for {
		line, err := readLine(r)
		if err != nil {
			return resp, fmt.Errorf("in the header section: %w", err)
		}
		if line == "" {
			break
		}
		resp.headers = append(resp.headers, line)
	}
	resp.body, resp.framing, err = readBody(r, &resp, noBody)
	return resp, err
}

func readBody(r *bufio.Reader, resp *response, noBody bool) (body, framing string, err error) {
	if noBody || resp.status < 200 || resp.status == 204 || resp.status == 304 {
		return "", "none", nil
	}
	if coding, ok := resp.header("Transfer-Encoding"); ok {
		if coding != "chunked" {
			return "", "", fmt.Errorf("transfer coding %q", coding)
		}
		body, err := readChunked(r)
		return body, "chunked", err
	}
	if length, ok := resp.header("Content-Length"); ok {
		n, err := strconv.Atoi(length)
		if err != nil || n < 0 {
			return "", "", fmt.Errorf("content length %q", length)
		}
		buf := make([]byte, n)
		got, err := io.ReadFull(r, buf)
		return string(buf[:got]), "length", err
	}
	all, err := io.ReadAll(r)
	return string(all), "close", err
}

func readChunked(r *bufio.Reader) (string, error) {
	var body strings.Builder
	for {
		line, err := readLine(r)
		if err != nil {
			return body.String(), fmt.Errorf("chunk size: %w", err)
		}
		n, err := strconv.ParseUint(line, 16, 31)
		if err != nil {
			return body.String(), fmt.Errorf("chunk size: %w", err)
		}
		if _, err := io.CopyN(&body, r, int64(n)); err != nil {
			return body.String(), fmt.Errorf("chunk: %w", err)
		}
		if line, err := readLine(r); err != nil || line != "" {
			return body.String(), fmt.Errorf("chunk ends in %q, %v", line, err)
		}
		if n == 0 {
			return body.String(), nil
		}
	}
}

// perform sends the segments of a case and reads as many responses as it expects. Then it asks for /probe on the same connection to
// learn if that is still alive; a response that nobody asked for would show there.
func perform(addr string, c testCase) exchange {
	var ex exchange
	conn, err := net.DialTimeout("tcp", addr, answerTimeout)
	if err != nil {
		ex.end = "dial: " + err.Error()
		return ex
	}
	defer conn.Close()
	// Written beside the reading: a server may answer, or close, before it has read everything.
	written := make(chan struct{})
	go func() {
		defer close(written)
		for i, segment := range c.send {
			if i > 0 {
				time.Sleep(segmentPause)
			}
			if _, err := io.WriteString(conn, segment); err != nil {
				return // The answer, or its absence, tells.
			}
		}
		if c.halfClose {
			conn.(*net.TCPConn).CloseWrite()
		}
	}()
	r := bufio.NewReader(deadlineReader{conn})
	if c.raw {
		<-written
		all, err := io.ReadAll(r)
		ex.responses = []response{{body: string(all), framing: "raw"}}
		ex.end = ending(err)
		return ex
	}
	for _, w := range c.want {
		resp, err := readResponse(r, w.head)
		if err != nil {
			if resp.statusLine != "" {
				ex.responses = append(ex.responses, resp)
			}
			ex.end = ending(err)
			return ex
		}
		ex.responses = append(ex.responses, resp)
	}
	<-written
	if c.noProbe {
		ex.end = "not probed"
		return ex
	}
	if n := len(ex.responses); n > 0 && ex.responses[n-1].framing == "close" {
		ex.end = "closed"
		return ex
	}
	// An error to write means that the server has closed, which the read then reports.
	io.WriteString(conn, "GET /probe HTTP/1.1\r\nHost: first.test\r\nConnection: close\r\n\r\n")
	resp, err := readResponse(r, false)
	switch {
	case err != nil:
		ex.end = ending(err)
	case resp.body != "alive\n":
		ex.end = "one response too many: " + resp.statusLine + "\n" + resp.body
	default:
		ex.end = "alive"
	}
	return ex
}

// deadlineReader gives each read its own deadline.
type deadlineReader struct{ net.Conn }

func (d deadlineReader) Read(p []byte) (int, error) {
	d.SetReadDeadline(time.Now().Add(answerTimeout))
	return d.Conn.Read(p)
}

// ending puts the end of a connection in words. Whether a closed connection shows as end of file or as a reset depends on what was in flight.
func ending(err error) string {
	switch {
	case err == nil, errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "closed"
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "closed inside a response"
	default:
		return "error: " + err.Error()
	}
}

var (
	footer   = regexp.MustCompile(`<center>(nginx|moonring)(/[^<]*)?</center>`)
	logStart = regexp.MustCompile(`^\d{4}/\d\d/\d\d \d\d:\d\d:\d\d \[\w*\] `)
	logMask  = regexp.MustCompile(`^\d{4}/\d\d/\d\d \d\d:\d\d:\d\d (\[\w*\]) \d+#\d+: \*\d+ `)
)

// render writes an exchange as text for comparison, with everything masked that may differ.
func (ex exchange) render() string {
	var b strings.Builder
	for _, r := range ex.responses {
		length := strconv.Itoa(len(r.body))
		body := footer.ReplaceAllString(r.body, "<center>*</center>")
		fmt.Fprintf(&b, "%s\n", r.statusLine)
		for _, h := range r.headers {
			name, value, _ := strings.Cut(h, ": ")
			switch {
			case name == "Date":
				if _, err := http.ParseTime(value); err == nil && strings.HasSuffix(value, " GMT") {
					value = "*"
				}
			case name == "Server":
				value = "*"
			case name == "Content-Length" && body != r.body && value == length:
				value = "* and right"
			case name == "Content-Length" && r.framing == "none" && r.status >= 300:
				value = "*" // a HEAD request's, of a page with the server's name
			}
			fmt.Fprintf(&b, "%s: %s\n", name, value)
		}
		fmt.Fprintf(&b, "\n%s\n(body %s)\n", body, r.framing)
	}
	fmt.Fprintf(&b, "(connection %s)\n", ex.end)
	for _, l := range ex.log {
		fmt.Fprintf(&b, "(log) %s", logMask.ReplaceAllString(l, "TIME $1 PID: *N "))
	}
	return b.String()
}
