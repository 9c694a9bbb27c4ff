package proxy

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"moonring/lua"
	"moonring/proxy/conf"
)

// A bench is a worker of its own goroutine and thread, on a free port.
type bench struct {
	t      testing.TB
	w      *Worker
	addr   string
	port   int
	prefix string
	ended  chan error
}

// listen opens a socket on a free port of 127.0.0.1.
func listen(t testing.TB) (fd, port int) {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	if err := unix.Listen(fd, 511); err != nil {
		t.Fatal(err)
	}
	sa, err := unix.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	return fd, sa.(*unix.SockaddrInet4).Port
}

// load reads a configuration: servers, with LISTEN in the place of the address, or whole contexts if it has an http block.
func load(t testing.TB, prefix, text string, port int) *conf.Config {
	t.Helper()
	if !strings.Contains(text, "http {") {
		text = "error_log logs/error.log info; events { worker_connections 512; } http { access_log off; " + text + "}"
	}
	text = strings.ReplaceAll(text, "LISTEN", fmt.Sprintf("127.0.0.1:%d", port))
	if err := os.MkdirAll(filepath.Join(prefix, "logs"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(prefix, "client_body_temp"), 0o700); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(prefix, "nginx.conf")
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	cfg, _, err := conf.Load(conf.Options{Prefix: prefix, ConfPath: file, Variable: KnownVariable})
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// start runs a worker with a configuration until the test ends.
func start(t testing.TB, text string) *bench {
	t.Helper()
	fd, port := listen(t)
	b := &bench{t: t, port: port, addr: fmt.Sprintf("127.0.0.1:%d", port), prefix: t.TempDir(), ended: make(chan error, 1)}
	cfg := load(t, b.prefix, text, port)
	ready := make(chan error)
	go func() {
		runtime.LockOSThread() // and the thread ends with the goroutine
		w, err := NewWorker(Options{Version: "1.2-test", Conf: cfg, Sockets: []int{fd}, OpenAPI: openTestAPI})
		b.w = w
		ready <- err
		if err != nil {
			return
		}
		err = w.Run()
		w.Close()
		b.ended <- err
	}()
	if err := <-ready; err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.stop)
	return b
}

func (b *bench) stop() {
	b.w.Stop()
	select {
	case err := <-b.ended:
		if err != nil {
			b.t.Error(err)
		}
		b.ended <- nil
	case <-time.After(30 * time.Second):
		b.t.Fatal("the worker doesn't stop")
	}
}

// on runs f on the loop.
func (b *bench) on(f func()) {
	b.t.Helper()
	done := make(chan struct{})
	b.w.Post(func() { f(); close(done) })
	select {
	case <-done:
	case <-time.After(30 * time.Second):
		b.t.Fatal("the loop doesn't turn")
	}
}

// eventually waits for f, called on the loop, to become true.
func (b *bench) eventually(what string, f func() bool) {
	b.t.Helper()
	for range 6000 {
		ok := false
		b.on(func() { ok = f() })
		if ok {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	b.t.Fatalf("never: %s", what)
}

func (b *bench) errorLog() string {
	text, err := os.ReadFile(filepath.Join(b.prefix, "logs", "error.log"))
	if err != nil {
		b.t.Fatal(err)
	}
	return string(text)
}

// file writes a file below the prefix.
func (b *bench) file(name, text string) {
	path := filepath.Join(b.prefix, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		b.t.Fatal(err)
	}
}

// A client is one connection.
type client struct {
	t testing.TB
	net.Conn
	r *bufio.Reader
}

func (b *bench) dial() *client {
	b.t.Helper()
	c, err := net.Dial("tcp", b.addr)
	if err != nil {
		b.t.Fatal(err)
	}
	c.SetDeadline(time.Now().Add(60 * time.Second))
	b.t.Cleanup(func() { c.Close() })
	return &client{b.t, c, bufio.NewReader(c)}
}

func (c *client) send(text string) {
	c.t.Helper()
	if _, err := io.WriteString(c, text); err != nil {
		c.t.Fatal(err)
	}
}

// A reply is a response, read whole.
type reply struct {
	*http.Response
	body string
}

// reply reads the next response to a request of this method.
func (c *client) reply(method string) reply {
	c.t.Helper()
	resp, err := http.ReadResponse(c.r, &http.Request{Method: method})
	if err != nil {
		c.t.Fatalf("no response: %v", err)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		c.t.Fatalf("response %v: %v", resp, err)
	}
	return reply{resp, string(body)}
}

func (c *client) want(method string, status int, body string) reply {
	c.t.Helper()
	r := c.reply(method)
	if r.StatusCode != status || r.body != body {
		c.t.Fatalf("got %s %q, want %d %q", r.Status, r.body, status, body)
	}
	return r
}

// closed checks that the server has sent everything and closed.
func (c *client) closed() {
	c.t.Helper()
	rest, err := io.ReadAll(c.r)
	if len(rest) > 0 || err != nil && !strings.Contains(err.Error(), "reset") {
		c.t.Fatalf("not closed: %q, %v", rest, err)
	}
}

func get(path string, headers ...string) string {
	return "GET " + path + " HTTP/1.1\r\nHost: h.test\r\n" + strings.Join(append(headers, ""), "\r\n") + "\r\n"
}

func post(path, body string, headers ...string) string {
	headers = append(headers, fmt.Sprintf("Content-Length: %d", len(body)))
	return "POST " + path + " HTTP/1.1\r\nHost: h.test\r\n" + strings.Join(append(headers, ""), "\r\n") + "\r\n" + body
}

// The test's own small API; the real one is in package api.
var (
	testSay   = lua.Register("say", func(c *lua.Call) lua.Ret { return testOutput(c, "\n") })
	testPrint = lua.Register("print", func(c *lua.Call) lua.Ret { return testOutput(c, "") })
	testSleep = lua.Register("sleep", func(c *lua.Call) lua.Ret {
		s, _ := c.CheckNumber(1)
		current(c).Thread().Sleep(time.Duration(s * float64(time.Second)))
		return c.Suspend()
	})
	testExit = lua.Register("exit", func(c *lua.Call) lua.Ret {
		code, _ := c.CheckInt(1)
		current(c).Exit(code)
		return c.Abort()
	})
	testBody = lua.Register("body", func(c *lua.Call) lua.Ret {
		switch current(c).ReadBody() {
		case BodyWaits:
			return c.Suspend()
		case BodyFailed:
			return c.Abort()
		}
		return c.Return()
	})
	testGetBody = lua.Register("get_body", func(c *lua.Call) lua.Ret { return c.ReturnString(current(c).Body()) })
	testVar     = lua.Register("var", func(c *lua.Call) lua.Ret {
		name, _ := c.CheckString(1)
		v, ok := current(c).Var(name)
		if !ok {
			return c.Return1(lua.Nil)
		}
		return c.ReturnString(v)
	})
	testHeader = lua.Register("header", func(c *lua.Call) lua.Ret {
		name, _ := c.CheckString(1)
		for i := 2; i <= c.NArgs(); i++ {
			v, _ := c.CheckString(i)
			if i == 2 {
				current(c).SetHeader(name, v)
			} else {
				current(c).AddHeader(name, v)
			}
		}
		return c.Return()
	})
	testStatus = lua.Register("status", func(c *lua.Call) lua.Ret {
		if c.NArgs() > 0 {
			s, _ := c.CheckInt(1)
			current(c).SetStatus(s)
		}
		return c.ReturnInt(current(c).CurrentStatus())
	})
	testFlush = lua.Register("flush", func(c *lua.Call) lua.Ret {
		r := current(c)
		r.Flush()
		if r.WaitDrained() {
			return c.Suspend()
		}
		return c.ReturnInt(1)
	})
	testEOF = lua.Register("eof", func(c *lua.Call) lua.Ret { current(c).Finish(); return c.Return() })
	testLog = lua.Register("log", func(c *lua.Call) lua.Ret {
		s, _ := c.CheckString(1)
		current(c).LogBytes(conf.Err, s)
		return c.Return()
	})
	testPhase = lua.Register("phase", func(c *lua.Call) lua.Ret {
		return c.ReturnString([]byte(c.Host().(*Worker).CurrentPhase().String()))
	})
	testPanic = lua.Register("panic", func(c *lua.Call) lua.Ret { panic("a bug of ours") })
)

func current(c *lua.Call) *Request { return c.Host().(*Worker).Current }

func testOutput(c *lua.Call, end string) lua.Ret {
	r := current(c)
	for i := 1; i <= c.NArgs(); i++ {
		b, ok := c.CheckString(i)
		if !ok {
			return lua.Fail
		}
		r.Output(b)
	}
	r.Output([]byte(end))
	return c.Return()
}

func openTestAPI(w *Worker) {
	for name, id := range map[string]lua.BuiltinID{
		"say": testSay, "echo": testPrint, "sleep": testSleep, "exit": testExit, "body": testBody, "get_body": testGetBody, "var": testVar,
		"header": testHeader, "status": testStatus, "flush": testFlush, "eof": testEOF, "log": testLog, "phase": testPhase, "panic": testPanic,
	} {
		w.VM.SetField(w.VM.Globals(), name, w.VM.Builtin(id))
	}
}
