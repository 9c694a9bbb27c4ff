package difftest

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"
)

// startOrigin starts an upstream that says what the path asks for, byte for byte, and returns its port.
func startOrigin(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go serveOrigin(c)
		}
	}()
	return l.Addr().(*net.TCPAddr).Port
}

func serveOrigin(c net.Conn) {
	defer c.Close()
	r := bufio.NewReader(c)
	for {
		c.SetDeadline(time.Now().Add(10 * time.Second))
		head, body, err := readOriginRequest(r)
		if err != nil {
			return
		}
		path := strings.SplitN(head, " ", 3)[1]
		path, _, _ = strings.Cut(path, "?")
		if strings.HasPrefix(path, "/upgrade") {
			io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nServer: s\r\nDate: d\r\nUpgrade: test\r\nConnection: upgrade\r\n\r\n")
			line, _ := r.ReadString('\n')
			io.WriteString(c, "you said "+line)
			return
		}
		if strings.HasPrefix(path, "/sleep") {
			time.Sleep(600 * time.Millisecond)
		}
		answer, keep := originAnswer(path, head, body)
		for i, part := range strings.Split(answer, "|PAUSE|") {
			if i > 0 {
				time.Sleep(30 * time.Millisecond)
			}
			if _, err := io.WriteString(c, part); err != nil {
				return
			}
		}
		if !keep || strings.Contains(strings.ToLower(head), "connection: close") {
			return
		}
	}
}

func readOriginRequest(r *bufio.Reader) (head, body string, err error) {
	length, chunked := 0, false
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return "", "", err
		}
		if line == "\r\n" {
			break
		}
		head += line
		name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		switch strings.ToLower(name) {
		case "content-length":
			length, _ = strconv.Atoi(value)
		case "transfer-encoding":
			chunked = true
		}
	}
	if chunked {
		body, err = readChunked(r)
		return head, body, err
	}
	b := make([]byte, length)
	_, err = io.ReadFull(r, b)
	return head, string(b), err
}

// originAnswer is the response to a path, whole, and whether the connection is kept behind it.
func originAnswer(path, head, body string) (answer string, keep bool) {
	ok := func(headers, body string) string {
		return fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n%s\r\n%s", len(body), headers, body)
	}
	isHead := strings.HasPrefix(head, "HEAD ")
	switch strings.TrimPrefix(path, "/") {
	case "chunked":
		return "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n|PAUSE|6;ext=1\r\n world\r\n0\r\nX-Trailer: a\r\n\r\n", true
	case "untilclose":
		return "HTTP/1.0 200 Fine\r\nX-One: 1\r\n\r\nall until the end|PAUSE|, really", false
	case "status":
		return "HTTP/1.1 404 Not There\r\nContent-Length: 4\r\nContent-Type: text/x\r\n\r\nnope", true
	case "204":
		return "HTTP/1.1 204 No Content\r\nX-One: 1\r\n\r\n", true
	case "304":
		return "HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\nLast-Modified: Thu, 29 Feb 2024 12:34:56 GMT\r\n\r\n", true
	case "headers":
		return ok("X-One: 1\r\nX-Two: 2\r\nServer: theirs\r\nDate: then\r\nX-Accel-Expires: 5\r\nX-Accel-Buffering: yes\r\nX-Pad: p\r\nKeep-Alive: timeout=3\r\n"+
			"Set-Cookie: a=1\r\nSet-Cookie: b=2\r\nETag: \"e\"\r\nLast-Modified: Thu, 29 Feb 2024 12:34:56 GMT\r\nCache-Control: no-cache\r\nVary: X\r\n"+
			"Accept-Ranges: bytes\r\nExpires: never\r\nContent-Encoding: x\r\nWWW-Authenticate: Basic\r\nx-lower:  padded  \r\n", "with headers"), true
	case "location":
		return "HTTP/1.1 302 Found\r\nLocation: http://back/there?q\r\nContent-Length: 0\r\n\r\n", true
	case "location2":
		return "HTTP/1.1 301 Moved\r\nLocation: http://elsewhere.test/there\r\nContent-Length: 0\r\n\r\n", true
	case "location3":
		return "HTTP/1.1 301 Moved\r\nLocation: /relative\r\nContent-Length: 0\r\n\r\n", true
	case "refresh":
		return ok("Refresh: 3; url=http://back/soon\r\n", "x"), true
	case "404":
		return "HTTP/1.1 404 Gone Away\r\nContent-Length: 4\r\nX-Theirs: 1\r\n\r\ngone", true
	case "500":
		return "HTTP/1.1 500 Oops\r\nContent-Length: 4\r\n\r\noops", true
	case "503":
		return "HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy", true
	case "cut/head":
		return "HTTP/1.1 200 OK\r\nContent-", false
	case "cut/nothing":
		return "", false
	case "cut/length":
		return "HTTP/1.1 200 OK\r\nServer: s\r\nDate: d\r\nContent-Length: 100\r\n\r\nonly this", false
	case "cut/chunked":
		return "HTTP/1.1 200 OK\r\nServer: s\r\nDate: d\r\nTransfer-Encoding: chunked\r\n\r\n64\r\nonly this", false
	case "more":
		return ok("", "exactly") + "and more", false
	case "big":
		return ok("X-Big: "+strings.Repeat("b", 6000)+"\r\n", "x"), true
	case "medium":
		return ok("X-Big: "+strings.Repeat("b", 600)+"\r\n", "x"), true
	case "large":
		return ok("", strings.Repeat("0123456789abcdef", 20000)), true
	case "largechunked":
		return "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + strings.Repeat("1000\r\n"+strings.Repeat("x", 4096)+"\r\n", 50) + "0\r\n\r\n", true
	case "sleep":
		return ok("", "late"), true
	case "slowbody":
		return "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345|PAUSE|67890", true
	}
	said := head + "[" + body + "]"
	if isHead {
		said = ""
		return "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n", true
	}
	return ok("X-One: 1\r\nX-Two: 2\r\n", said), true
}
