package api

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// peer is a server that does what it is told, a line a command:
//
//	data TEXT   sends TEXT, with Go's escapes     wait MS     waits
//	close       closes                            reset       resets the connection
//	deaf        reads no more                     anything else is sent back
func peer(t testing.TB) (addr string) {
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
			go obey(c)
		}
	}()
	return l.Addr().String()
}

func obey(c net.Conn) {
	defer c.Close()
	r := bufio.NewReader(c)
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimSpace(line)
		switch cmd, arg, _ := strings.Cut(line, " "); cmd {
		case "data":
			s := ""
			if _, err := fmt.Sscanf(`"`+arg+`"`, "%q", &s); err != nil {
				s = err.Error()
			}
			io.WriteString(c, s)
		case "wait":
			var ms int
			fmt.Sscan(arg, &ms)
			time.Sleep(time.Duration(ms) * time.Millisecond)
		case "close":
			return
		case "reset":
			c.(*net.TCPConn).SetLinger(0)
			return
		case "deaf":
			time.Sleep(2 * time.Second)
			return
		default:
			io.WriteString(c, line+"\r\n")
		}
	}
}

// socketServer is serve with a peer: its port is PORT in the code, and DEAD a port on which nobody listens.
type socketServer struct {
	*server
	names *strings.Replacer
}

func serveSockets(t testing.TB, directives string) *socketServer {
	t.Helper()
	_, port, _ := strings.Cut(peer(t), ":")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, dead, _ := strings.Cut(l.Addr().String(), ":")
	l.Close()
	names := strings.NewReplacer("PORT", port, "DEAD", dead)
	return &socketServer{serve(t, strings.Replace(runner, "access_log off;", "access_log off;"+names.Replace(directives), 1)), names}
}

// open is how most cases begin.
const open = `local s = ngx.socket.tcp() assert(s:connect("127.0.0.1", PORT)) `

type socketCase struct{ name, code, want, log string }

func (s *socketServer) run(cases []socketCase) {
	s.t.Helper()
	for _, c := range cases {
		before := len(s.log())
		_, body := s.do("POST", "/", s.names.Replace(c.code))
		if got := strings.TrimSpace(body); got != s.names.Replace(c.want) {
			s.t.Errorf("%s:\n got %q\nwant %q", c.name, got, s.names.Replace(c.want))
		}
		if c.log != "" && !strings.Contains(s.log()[before:], s.names.Replace(c.log)) {
			s.t.Errorf("%s: no %q in\n%s", c.name, c.log, s.log()[before:])
		}
	}
	if strings.Contains(s.log(), "panic") {
		s.t.Error(s.log())
	}
}

func TestSockets(t *testing.T) {
	s := serveSockets(t, "lua_socket_connect_timeout 5s; lua_socket_read_timeout 5s;")
	s.run([]socketCase{
		{"lines", open + `ngx.say(s:send("data a\\r\\nb\\n\\rc\\r\n")) ngx.say(s:receive()) ngx.say(s:receive("*l")) s:send("data \\n\n") ngx.say(s:receive())`, "19\na\nb\nc", ""},
		{"sizes", open + `s:send("data abcdef\n") ngx.say(s:receive(2), s:receive("3"), s:receive(0), s:receive(1))`, "abcdef", ""},
		{"all", open + `s:send("data abc\nclose\n") ngx.say(s:receive("*a")) ngx.say(s:receive("*a")) ngx.say(s:receive()) ngx.say(s:receive()) ngx.say(s:close()) ngx.say(s:close())`, "abc\n\nnilclosed\nnilclosed\n1\nnilclosed", "attempt to receive data on a closed socket: u:"},
		{"any", open + `s:send("data abcdef\n") ngx.say(s:receiveany(4)) ngx.say(s:receiveany(4))`, "abcd\nef", ""},
		{"partial", open + `s:send("data abc\nclose\n") ngx.say(s:receive(5))`, "nilclosedabc", ""},
		{"partial line", open + `s:send("data ab\\rc\nclose\n") ngx.say(s:receive())`, "nilclosedabc", ""},
		{"timeout keeps the connection", open + `s:settimeout(50) s:send("data ab\nwait 400\ndata cd\\n\n") ngx.say(s:receive()) s:settimeout(1000) ngx.say(s:receive())`, "niltimeoutab\ncd",
			"lua tcp socket read timed out, upstream: 127.0.0.1:PORT(127.0.0.1), client: "},
		{"timeouts", open + `s:settimeouts(1000, 1000, 10) s:send("wait 500\nx\n") local t = ngx.now() ngx.say(s:receive()) ngx.update_time() ngx.say(ngx.now() - t < 0.4)`, "niltimeout\ntrue", ""},
		{"what is sent", open + `ngx.say(s:send({"data ", {"a", 1, {"b"}}, 2.5, "\\n", "\n"})) ngx.say(s:receive()) ngx.say(s:send(12)) s:send(nil) s:send(true) s:send("\n") ngx.say(s:receive()) ngx.say(s:send(""))`, "14\na1b2.5\n2\n12niltrue\n0", ""},
		{"what can't be", open + `ngx.say(pcall(s.send, s, {true})) ngx.say(pcall(s.send, s, {a = 1})) ngx.say(pcall(s.send, s, print)) ngx.say(pcall(s.send, s)) ngx.say(pcall(s.send, s, {1, {ngx.null}}))`,
			"falsebad argument #2 to '?' (bad data type boolean found)\nfalsebad argument #2 to '?' (non-array table found)\nfalsebad argument #2 to '?' (string, number, boolean, nil, or array table expected, got function)\nfalseexpecting 2 arguments (including the object), but got 1\nfalsebad argument #2 to '?' (bad data type userdata found)", ""},
		{"bad arguments of receive", open + `ngx.say(pcall(s.receive, s, "*x")) ngx.say(pcall(s.receive, s, "abc")) ngx.say(pcall(s.receive, s, -1)) ngx.say(pcall(s.receive, s, {})) ngx.say(pcall(s.receive, s, 1, 2)) ngx.say(pcall(s.receiveany, s, 0)) ngx.say(pcall(s.receiveany, s)) ngx.say(pcall(s.receive, nil))`,
			"falsebad argument #2 to '?' (bad pattern argument)\nfalsebad argument #2 to '?' (bad pattern argument: abc)\nfalsebad argument #2 to '?' (bad number argument)\nfalsebad argument #2 to '?' (bad argument)\nfalseexpecting 1 or 2 arguments (including the object), but got 3\nfalsebad argument #2 to '?' (bad max argument)\nfalseexpecting 2 arguments (including the object), but got 1\nfalsebad argument #1 to '?' (table expected, got nil)", ""},
		{"until", open + `s:send("data one--two--\\nthree--a\n") local it = s:receiveuntil("--") ngx.say(it()) ngx.say(it()) ngx.say(s:receive(1) == "\n") ngx.say(it()) ngx.say(s:receive(1))`, "one\ntwo\ntrue\nthree\na", ""},
		{"until, inclusive", open + `s:send("data one--two\n") ngx.say(s:receiveuntil("--", {inclusive = true})())`, "one--", ""},
		{"until, by pieces", open + `s:send("data hello, world ----abc!\n") local it = s:receiveuntil("--abc") repeat local a, e, p = it(4) ngx.print("[", a, e, p, "]") until not a ngx.say(s:receive(1))`, "[hellnilnil][o, wnilnil][orldnilnil][ --nilnil][nilnilnil]!", ""},
		{"until, with a beginning before the end", open + `s:settimeout(200) s:send("data abc--\n") local it = s:receiveuntil("--x") ngx.say(it()) ngx.say(s:receive(2))`, "niltimeoutabc\n--", ""},
		{"until, going on after a timeout", open + `s:settimeout(50) s:send("data abc--\nwait 400\ndata xyz\n") local it = s:receiveuntil("--x") ngx.say(it()) s:settimeout(1000) ngx.say(it()) ngx.say(s:receive(2))`, "niltimeoutabc\n\nyz", ""},
		{"until the end", open + `s:send("data abc-\nclose\n") ngx.say(s:receiveuntil("--")())`, "nilclosedabc", ""},
		{"bad arguments of receiveuntil", open + `ngx.say(s:receiveuntil("")) ngx.say(pcall(s.receiveuntil, s)) ngx.say(pcall(s.receiveuntil, s, "a", {inclusive = 1})) ngx.say(pcall(s:receiveuntil("a"), 1, 2))`,
			"nilpattern is empty\nfalseexpecting 2 or 3 arguments (including the object), but got 1\nfalsebad \"inclusive\" option value type: number\nfalseexpecting 0 or 1 argument, but seen 2", ""},
		{"large", open + `local x = ("x"):rep(1000000) ngx.say(s:send(x .. "\n")) ngx.say(s:receive() == x)`, "1000001\ntrue", ""},
		{"send to who doesn't read", open + `s:settimeouts(1000, 30, 1000) s:send("deaf\n") ngx.say(s:send(("x"):rep(20000000))) ngx.say(s:send("x"))`, "niltimeout\nnilclosed", "lua tcp socket write timed out, upstream: 127.0.0.1:PORT"},
		{"refused", `local s = ngx.socket.tcp() ngx.say(s:connect("127.0.0.1", DEAD)) ngx.say(s:send("x")) ngx.say(s:close())`, "nilconnection refused\nnilclosed\nnilclosed", "connect() failed (111: Connection refused), client"},
		{"closed before anything", `local s = ngx.socket.tcp() ngx.say(s:receive()) ngx.say(s:send("x")) ngx.say(s:close()) ngx.say(s:setkeepalive()) ngx.say(s:getreusedtimes()) ngx.say(s:receiveuntil("x")())`, "nilclosed\nnilclosed\nnilclosed\nnilclosed\nnilclosed\nnilclosed",
			"attempt to send data on a closed socket: u:0000000000000000, c:0000000000000000, ft:0 eof:0"},
		{"no such socket", `local s = ngx.socket.tcp() ngx.say(s:connect("unix:/nowhere/x.sock"))`, "nilno such file or directory", "connect() to unix:/nowhere/x.sock failed (2: No such file or directory)"},
		{"names", `local s = ngx.socket.tcp() ngx.say(s:connect("localhost", PORT)) ngx.say(s:connect("nobody.test", PORT)) ngx.say(s:connect("a/b", 1)) ngx.say(s:connect("unix:")) ngx.say(s:connect("", 1)) ngx.say(s:connect("::1", 1)) ngx.say(s:connect("[::1", 1))`,
			"1\nnilno resolver defined to resolve \"nobody.test\"\nnilfailed to parse host name \"a/b\": invalid host\nnilfailed to parse host name \"unix:\": no path in the unix domain socket\nnilfailed to parse host name \"\": no host\nnilfailed to parse host name \"::1\": invalid port\nnilfailed to parse host name \"[::1\": invalid host", ""},
		{"bad arguments of connect", `local s = ngx.socket.tcp() ngx.say(s:connect("127.0.0.1")) ngx.say(s:connect("127.0.0.1", 70000)) ngx.say(pcall(s.connect, s)) ngx.say(pcall(s.connect, s, {}, 1)) ngx.say(pcall(s.connect, s, "a", 1, {pool_size = 0})) ngx.say(pcall(s.connect, s, "a", 1, {pool_size = {}})) ngx.say(pcall(s.connect, s, "a", 1, {backlog = -1})) ngx.say(pcall(s.connect, s, "a", 1, {pool = {}})) ngx.say(pcall(ngx.socket.tcp, 1))`,
			"nilmissing the port number\nnilbad port number: 70000\nfalsengx.socket connect: expecting 2, 3, or 4 arguments (including the object), but seen 1\nfalsebad argument #2 to '?' (string expected, got table)\nfalsebad argument #4 to '?' (bad \"pool_size\" option value: 0)\nfalsebad argument #4 to '?' (bad \"pool_size\" option type: table)\nfalsebad argument #4 to '?' (bad \"backlog\" option value: -1)\nfalsebad argument #4 to '?' (bad \"pool\" option type: table)\nfalseexpecting zero arguments, but got 1", ""},
		{"ngx.socket.connect", `local s, e = ngx.socket.connect("127.0.0.1", PORT) s:send("hi\n") ngx.say(s:receive(), e) ngx.say(ngx.socket.connect("127.0.0.1", DEAD))`, "hinil\nnilconnection refused", ""},
		{"again with the same object", open + `s:send("a\n") ngx.say(s:receive()) ngx.say(s:connect("127.0.0.1", PORT)) s:send("b\n") ngx.say(s:receive())`, "a\n1\nb", ""},
		{"a reset", open + `s:send("data abc\nwait 20\nreset\n") ngx.say(s:receive(3)) ngx.say(s:receive()) ngx.say(s:send("x"))`, "abc\nnilconnection reset by peer\nnilconnection reset by peer", "recv() failed (104: Connection reset by peer), client"},
		{"busy", open + `local a = ngx.thread.spawn(function() return s:receive() end) ngx.say(s:receive()) ngx.say(s:receiveuntil("x")()) ngx.say(s:close()) ngx.say(s:setkeepalive()) ngx.say(s:connect("127.0.0.1", PORT)) s:send("done\n") ngx.say(ngx.thread.wait(a))`,
			"nilsocket busy reading\nnilsocket busy reading\nnilsocket busy reading\nnilsocket busy reading\nnilsocket busy reading\ntruedone", ""},
		{"full duplex", open + `local r = ngx.thread.spawn(function() local n = 0 for i = 1, 200 do n = n + #assert(s:receive()) end return n end)
			local w = ngx.thread.spawn(function() local x = ("y"):rep(10000) for i = 1, 200 do assert(s:send({x, "\n"})) end return "sent" end) ngx.say(ngx.thread.wait(w)) ngx.say(ngx.thread.wait(r))`, "truesent\ntrue2000000", ""},
		{"a thread that is killed closes its socket", open + `local a = ngx.thread.spawn(function() return s:receive() end) ngx.say(ngx.thread.kill(a)) ngx.say(s:send("x"))`, "1\nnilclosed", ""},
		{"a thread whose socket is closed by another's end", open + `s:settimeouts(9000, 9000, 9000) local a = ngx.thread.spawn(function() return s:receive() end) s:send("deaf\n") local b = ngx.thread.spawn(function() return s:send(("x"):rep(2e7)) end) ngx.thread.kill(b) ngx.say(ngx.thread.wait(a))`, "truenilclosed", ""},
		{"connecting is cancelled", `local s = ngx.socket.tcp() local a = ngx.thread.spawn(function() return s:connect("127.0.0.1", PORT) end) ngx.say(s:send("x")) ngx.say(ngx.thread.kill(a)) ngx.say(s:send("x")) ngx.say(s:connect("127.0.0.1", PORT))`, "nilsocket busy connecting\n1\nnilclosed\n1", ""},
		{"not within a callback", open + `ngx.say(pcall(string.gsub, "x", "x", function() s:receive() end)) ngx.say(pcall(string.gsub, "x", "x", function() s:connect("127.0.0.1", PORT) end)) s:send("a\n")`, "falset:1: attempt to yield across C-call boundary\nfalset:1: attempt to yield across C-call boundary", ""},
		{"options", open + `ngx.say(s:setoption("keepalive", true), s:getoption("keepalive"), s:setoption("tcp-nodelay", false), s:getoption("tcp-nodelay"), s:setoption("sndbuf", 8192), s:getoption("sndbuf") >= 8192, s:setoption("reuseaddr", 1), s:getoption("reuseaddr"), s:setoption("keepcnt", 3), s:getoption("keepcnt"))
			ngx.say(s:setoption()) ngx.say(s:setoption("keepalive")) ngx.say(s:setoption("x", 1)) ngx.say(s:getoption()) ngx.say(s:getoption("y")) ngx.say(type(s:getfd()))
			ngx.say(pcall(s.setoption, ngx.socket.tcp(), "keepalive", true)) s:close() ngx.say(s:setoption("keepalive", true)) ngx.say(s:getoption("keepalive")) ngx.say(s:getfd())`,
			"true1true0truetruetrue1true3\nnilmissing the \"option\" argument\nnilmissing the \"value\" argument\nnilunsupported option x\nnilmissing the \"option\" argument\nnilunsupported option y\nnumber\nfalsesocket is never created nor connected\nnilclosed\nnilclosed\nnilclosed", ""},
		{"a local address", `local s = ngx.socket.tcp() ngx.say(s:bind("127.0.0.9")) ngx.say(s:connect("127.0.0.1", PORT)) ngx.say(s:bind("x")) ngx.say(s:bind("1.2.3.4", "y")) ngx.say(s:bind("1.2.3.4", 70000)) ngx.say(pcall(s.bind, s)) ngx.say(s:bind("203.0.113.7")) ngx.say(s:connect("127.0.0.1", PORT))`,
			"true\n1\nnilbad address\nnilexpecting port to be anumber but got type: string\nnilbad port number: 70000\nfalseexpecting 2 or 3 arguments, but got 1\ntrue\nnilcannot assign requested address", ""},
		{"bad timeouts", `local s = ngx.socket.tcp() ngx.say(pcall(s.settimeout, s, -1)) ngx.say(pcall(s.settimeout, s)) ngx.say(pcall(s.settimeouts, s, 1, 2)) ngx.say(s:settimeout(2^31 - 1)) ngx.say(pcall(s.settimeouts, s, 1, 2, 2^31)) ngx.say(s:settimeout(nil))`,
			"falsebad timeout value\nfalsengx.socket settimeout: expecting 2 arguments (including the object) but seen 1\nfalsengx.socket settimeouts: expecting 4 arguments (including the object) but seen 3\n\nfalsebad timeout value", ""},
		{"an object is a table with a userdata", open + `ngx.say(type(s), type(s[1]), s[3], getmetatable(s) == debug.getregistry().__tcp_cosocket_mt)`, "tableuserdata127.0.0.1:PORTtrue", ""},
		{"what isn't closed is when it is garbage", `for i = 1, 200 do local s = ngx.socket.tcp() assert(s:connect("127.0.0.1", PORT)) if i % 20 == 0 then s = nil collectgarbage() collectgarbage() ngx.sleep(0) end end ngx.say("ok")`, "ok", ""},
		{"in the log phase there are none", `ngx.ctx.log = function() local ok, e = pcall(ngx.socket.tcp) ngx.log(ngx.ERR, e) end`, "", "API disabled in the context of log_by_lua*"},
		{"in a timer", `ngx.timer.at(0, function() local s = ngx.socket.tcp() assert(s:connect("127.0.0.1", PORT)) s:send("timer\n") ngx.log(ngx.ERR, "got ", s:receive()) end) ngx.sleep(0.05)`, "", "got timer"},
	})
}

func TestSocketsOfAnotherRequest(t *testing.T) {
	s := serveSockets(t, "")
	s.run([]socketCase{
		{"of a subrequest that is over", `if ngx.is_subrequest then ` + open + ` kept = s ngx.exit(200) end
			ngx.location.capture("/", {method = ngx.HTTP_POST, body = ngx.req.get_body_data()})
			for _, f in ipairs { "receive", "close", "setkeepalive" } do ngx.say(pcall(kept[f], kept)) end ngx.say(pcall(kept.send, kept, "x")) ngx.say(pcall(kept.connect, kept, "127.0.0.1", PORT)) ngx.say(pcall(kept:receiveuntil("x")))`,
			"falsebad request\nfalsebad request\nfalsebad request\nfalsebad request\nfalsebad request\nfalsebad request", ""},
		{"of a request that is over", open + `old = s ngx.say(old:send("x\n"))`, "2", ""},
		{"", `ngx.say(old:receive()) ngx.say(old:send("x")) ngx.say(old:connect("127.0.0.1", PORT))`, "nilclosed\nnilclosed\n1", ""},
	})
}

func TestSocketPools(t *testing.T) {
	s := serveSockets(t, "lua_socket_keepalive_timeout 5s; lua_socket_pool_size 2;")
	s.run([]socketCase{
		{"kept and taken", open + `ngx.say(s:getreusedtimes()) ngx.say(s:setkeepalive()) ngx.say(s:send("x")) ngx.say(s:getreusedtimes()) ngx.say(s:connect("127.0.0.1", PORT)) ngx.say(s:getreusedtimes()) s:send("a\n") ngx.say(s:receive()) s:setkeepalive() `, "0\n1\nnilclosed\nnilclosed\n1\n1\na", ""},
		{"by another request", open + `ngx.say(s:getreusedtimes())`, "2", ""},
		{"unread data", open + `s:send("data ab\n") s:receive(1) ngx.say(s:setkeepalive()) ngx.say(s:receive(1)) ngx.say(s:setkeepalive())`, "nilunread data in buffer\nb\n1", ""},
		{"data that nobody has asked for", open + `s:send("x\ndata ab\n") ngx.sleep(0.02) ngx.say(s:setkeepalive()) ngx.say(s:receive(1))`, "nilconnection in dubious state\nnilclosed", ""},
		{"the peer has closed", open + `s:send("close\n") ngx.sleep(0.02) ngx.say(s:setkeepalive()) s:close()`, "nilclosed", ""},
		{"the peer closes it in the pool", open + `s:send("wait 10\nclose\n") ngx.say(s:setkeepalive()) ngx.sleep(0.05) s:connect("127.0.0.1", PORT) ngx.say(s:getreusedtimes())`, "1\n0", ""},
		{"for a time", open + `s:setkeepalive(20) ngx.sleep(0.1) s:connect("127.0.0.1", PORT) ngx.say(s:getreusedtimes())`, "0", ""},
		{"the oldest goes", `local ss = {} for i = 1, 3 do ss[i] = ngx.socket.tcp() ss[i]:connect("127.0.0.1", PORT, {pool = "three"}) end for i = 1, 3 do ss[i]:send(i .. "\n") ss[i]:receive() ss[i]:setkeepalive() end
			for i = 1, 3 do ss[i]:connect("127.0.0.1", PORT, {pool = "three"}) ngx.print(ss[i]:getreusedtimes(), " ") end`, "1 1 0", ""},
		{"of another name", `local s = ngx.socket.tcp() s:connect("127.0.0.1", PORT, {pool = "a"}) s:setkeepalive() s:connect("127.0.0.1", PORT, {pool = "b"}) ngx.say(s:getreusedtimes()) s:connect("127.0.0.1", DEAD, {pool = "a"}) ngx.say(s:getreusedtimes(), s[3])`, "0\n1a", ""},
		{"size", open + `ngx.say(pcall(s.setkeepalive, s, 1, -1)) ngx.say(pcall(s.setkeepalive, s, "x")) ngx.say(pcall(s.setkeepalive, s, 1, 2, 3))`, "falsebad argument #3 to '?' (bad \"pool_size\" option value: -1)\nfalsebad argument #2 to '?' (number expected, got string)\nfalseexpecting 1 to 3 arguments (including the object), but got 4", ""},
		{"too many", `local o = {pool = "one", pool_size = 1, backlog = 0} local a, b = ngx.socket.tcp(), ngx.socket.tcp() ngx.say(a:connect("127.0.0.1", PORT, o)) ngx.say(b:connect("127.0.0.1", PORT, o)) a:close() ngx.say(b:connect("127.0.0.1", PORT, o)) b:close()`, "1\nniltoo many waiting connect operations\n1", ""},
		{"a queue", `local o = {pool = "q", pool_size = 1, backlog = 2} local a, b, c = ngx.socket.tcp(), ngx.socket.tcp(), ngx.socket.tcp() a:connect("127.0.0.1", PORT, o)
			local tb = ngx.thread.spawn(function() local r = b:connect("127.0.0.1", PORT, o) ngx.say("b ", r, b:getreusedtimes()) b:close() end)
			local tc = ngx.thread.spawn(function() local r = c:connect("127.0.0.1", PORT, o) ngx.say("c ", r, c:getreusedtimes()) c:close() end)
			ngx.sleep(0.01) ngx.say("a") a:setkeepalive() ngx.thread.wait(tb) ngx.thread.wait(tc)`, "a\nb 11\nc 10", ""},
		{"waiting in vain", `local o = {pool = "v", pool_size = 1, backlog = 2} local a, b = ngx.socket.tcp(), ngx.socket.tcp() a:connect("127.0.0.1", PORT, o) b:settimeout(10) ngx.say(b:connect("127.0.0.1", PORT, o)) a:close() ngx.say(b:connect("127.0.0.1", PORT, o)) b:close()`, "niltimeout\n1",
			"lua tcp socket queued connect timed out, when trying to connect to 127.0.0.1:PORT"},
		{"who waits is killed", `local o = {pool = "k", pool_size = 1, backlog = 2} local a, b = ngx.socket.tcp(), ngx.socket.tcp() a:connect("127.0.0.1", PORT, o) local t = ngx.thread.spawn(function() b:connect("127.0.0.1", PORT, o) end) ngx.thread.kill(t) a:close() ngx.sleep(0.005) ngx.say(b:connect("127.0.0.1", PORT, o)) b:close()`, "1", ""},
		{"a connection that fails makes room", `local o = {pool = "f", pool_size = 1, backlog = 2} local a, b = ngx.socket.tcp(), ngx.socket.tcp() a:connect("127.0.0.1", PORT, o) local t = ngx.thread.spawn(function() return b:connect("127.0.0.1", DEAD, o) end) a:close() ngx.say(ngx.thread.wait(t)) ngx.say(a:connect("127.0.0.1", PORT, o)) a:close()`, "truenilconnection refused\n1", ""},
	})
}

func TestSocketsByName(t *testing.T) {
	s := serveSockets(t, "resolver 127.0.0.1:DEAD ipv6=off; resolver_timeout 30ms;")
	s.run([]socketCase{
		{"a name that nobody knows", `local s = ngx.socket.tcp() local t = ngx.thread.spawn(function() return s:connect("x.test", PORT) end) ngx.say(s:receive()) ngx.say(s:connect("127.0.0.1", PORT)) ngx.say(ngx.thread.wait(t)) ngx.say(s:connect("a..b", 1))`,
			"nilclosed\nnilsocket busy connecting\ntruenilx.test could not be resolved (110: Operation timed out)\nnila..b could not be resolved (3: Host not found)", ""},
		{"the lookup is cancelled", `local s = ngx.socket.tcp() local t = ngx.thread.spawn(function() return s:connect("y.test", PORT) end) ngx.say(ngx.thread.kill(t)) ngx.say(s:connect("localhost", PORT))`, "1\n1", ""},
	})
}

func TestUnixSockets(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.sock")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go obey(c)
		}
	}()
	s := serveSockets(t, "")
	s.run([]socketCase{
		{"a path", `local s = ngx.socket.tcp() ngx.say(s:connect("unix:` + path + `")) s:send("a\n") ngx.say(s:receive()) ngx.say(s:setkeepalive()) ngx.say(s:connect("unix:` + path + `", nil, {})) ngx.say(s:getreusedtimes(), s[3])`, "1\na\n1\n1\n1unix:" + path, ""},
	})
	os.Remove(path)
}

// A client that leaves takes its handler's sockets along, when that is asked for; and the end of a request closes them in any case.
func TestSocketsEndWithTheirRequest(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := strings.Cut(l.Addr().String(), ":")
	s := serveSockets(t, "lua_check_client_abort on;")
	ended := func() {
		t.Helper()
		c, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		c.SetDeadline(time.Now().Add(5 * time.Second))
		if b, err := io.ReadAll(c); err != nil || string(b) != "x" {
			t.Errorf("%q, %v", b, err)
		}
	}
	s.do("POST", "/", `local s = ngx.socket.tcp() s:connect("127.0.0.1", `+port+`) s:send("x")`)
	ended()
	c, err := net.Dial("tcp", s.addr)
	if err != nil {
		t.Fatal(err)
	}
	code := `local s = ngx.socket.tcp() s:connect("127.0.0.1", ` + port + `) s:send("x") s:receive()`
	fmt.Fprintf(c, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", len(code), code)
	time.Sleep(20 * time.Millisecond)
	c.Close()
	ended()
}

func TestSocketRoundTripsAllocateNothing(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() { // a peer that sends back what it gets, and allocates nothing
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		b := make([]byte, 4096)
		for {
			n, err := c.Read(b)
			if err != nil {
				return
			}
			c.Write(b[:n])
		}
	}()
	_, port, _ := strings.Cut(l.Addr().String(), ":")
	conf := strings.Replace(runner, "location = /hello {", `location = /redis { content_by_lua_block {
		local s = ngx.socket.tcp()
		assert(s:connect("127.0.0.1", `+port+`))
		assert(s:send("$5\r\n")) assert(s:send({"hello", "\r\n"}))
		local line, body = s:receive(), s:receive(7)
		assert(line == "$5" and body == "hello\r\n", line)
		s:send("x-")
		local it = s:receiveuntil("-")
		assert(it() == "x")
		assert(s:setkeepalive())
		ngx.print(body)
	} }
	location = /hello {`, 1)
	if n := allocsOf(t, conf, "/redis"); n > 0.5 {
		t.Errorf("%.1f allocations a request", n)
	}
}
