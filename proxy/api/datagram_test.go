package api

import (
	"net"
	"path/filepath"
	"strings"
	"testing"
)

// echoDatagrams sends back what it gets, with an exclamation mark; "big" is answered by 60000 bytes, "none" by an empty datagram, "silent"
// by nothing.
func echoDatagrams(t testing.TB, network, addr string) net.Addr {
	t.Helper()
	pc, err := net.ListenPacket(network, addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pc.Close() })
	go func() {
		b := make([]byte, 65536)
		for {
			n, from, err := pc.ReadFrom(b)
			if err != nil {
				return
			}
			switch s := string(b[:n]); s {
			case "big":
				pc.WriteTo(make([]byte, 60000), from)
			case "none":
				pc.WriteTo(nil, from)
			case "silent":
			default:
				pc.WriteTo([]byte(s+"!"), from)
			}
		}
	}()
	return pc.LocalAddr()
}

func TestDatagrams(t *testing.T) {
	_, udp, _ := strings.Cut(echoDatagrams(t, "udp4", "127.0.0.1:0").String(), ":")
	path := filepath.Join(t.TempDir(), "u.sock")
	echoDatagrams(t, "unixgram", path)
	s := serveSockets(t, "lua_socket_read_timeout 5s;")
	r := strings.NewReplacer("UDP", udp, "PATH", path)
	const open = `local s = ngx.socket.udp() assert(s:setpeername("127.0.0.1", UDP)) `
	cases := []socketCase{
		{"there and back", open + `ngx.say(s:send("a")) ngx.say(s:receive()) ngx.say(s:send({"x", {1, "y"}})) ngx.say(s:receive()) s:send(nil) ngx.say(s:receive()) s:send(true) ngx.say(s:receive()) s:send(2.5) ngx.say(s:receive())`, "1\na!\n1\nx1y!\nnil!\ntrue!\n2.5!", ""},
		{"what has come already", open + `s:send("a") s:send("b") ngx.sleep(0.05) ngx.say(s:receive()) ngx.say(s:receive())`, "a!\nb!", ""},
		{"sizes", open + `s:send("big") ngx.say(#s:receive()) s:send("abcdef") ngx.say(s:receive(3)) s:send("none") ngx.say(#s:receive()) s:send("xyz") ngx.say(#s:receive(0))`, "60000\nabc\n0\n0", ""},
		{"timeout", open + `s:settimeout(10) s:send("silent") ngx.say(s:receive()) s:settimeout(5000) s:send("a") ngx.say(s:receive())`, "niltimeout\na!", "lua udp socket read timed out, upstream: 127.0.0.1:UDP(127.0.0.1), client"},
		{"nobody is there", `local s = ngx.socket.udp() ngx.say(s:setpeername("127.0.0.1", DEAD)) ngx.say(s:send("a")) ngx.say(s:receive())`, "1\n1\nnilconnection refused", "recv() failed (111: Connection refused), upstream: 127.0.0.1:DEAD(127.0.0.1), client"},
		{"a unix socket", `local s = ngx.socket.udp() ngx.say(s:setpeername("unix:PATH")) s:send("a") ngx.say(s:receive()) ngx.say(s:setpeername("unix:/nowhere/x"))`, "1\na!\nnilno such file or directory", "connect() failed (2: No such file or directory), upstream: unix:/nowhere/x"},
		{"names", `local s = ngx.socket.udp() ngx.say(s:setpeername("localhost", UDP)) s:send("a") ngx.say(s:receive()) ngx.say(s:setpeername("x.test", 1)) ngx.say(s:setpeername("a/b", 1)) ngx.say(s:send("x"))`,
			"1\na!\nnilno resolver defined to resolve \"x.test\"\nnilfailed to parse host name \"a/b\": invalid host\nnilclosed", "attempt to send data on a closed socket: u:0000000000000000, c:0000000000000000, client"},
		{"closed", open + `ngx.say(s:close()) ngx.say(s:close()) ngx.say(s:receive()) ngx.say(s:send("x")) ngx.say(ngx.socket.udp():close())`, "1\nnilclosed\nnilclosed\nnilclosed\nnilclosed", ""},
		{"busy", open + `local t = ngx.thread.spawn(function() return s:receive() end) ngx.say(s:receive()) ngx.say(s:send("x")) ngx.say(s:close()) ngx.say(s:setpeername("127.0.0.1", UDP)) ngx.say(ngx.thread.kill(t)) ngx.say(s:send("x"))`, "nilsocket busy\nnilsocket busy\nnilsocket busy\nnilsocket busy\n1\nnilclosed", ""},
		{"bad arguments", open + `ngx.say(pcall(ngx.socket.udp, 1)) ngx.say(pcall(s.setpeername, s)) ngx.say(s:setpeername("a", 70000)) ngx.say(pcall(s.setpeername, s, {}, 1)) ngx.say(pcall(s.send, s)) ngx.say(pcall(s.send, s, {true})) ngx.say(pcall(s.receive, s, 1, 2)) ngx.say(pcall(s.receive, s, {})) ngx.say(pcall(s.settimeout, s)) ngx.say(pcall(s.close)) ngx.say(pcall(s.bind, s)) ngx.say(s:bind("x")) ngx.say(pcall(s.send, nil, 1))`,
			"falseexpecting zero arguments, but got 1\nfalsengx.socket.udp setpeername: expecting 2 or 3 arguments (including the object), but seen 1\nnilbad port number: 70000\nfalsebad argument #2 to '?' (string expected, got table)\nfalseexpecting 2 arguments (including the object), but got 1\nfalsebad argument #2 to '?' (bad data type boolean found)\nfalseexpecting 1 or 2 arguments (including the object), but got 3\nfalsebad argument #2 to '?' (number expected, got table)\nfalsengx.socket settimeout: expecting at least 2 arguments (including the object) but seen 1\nfalseexpecting 1 argument (including the object) but seen 0\nfalseexpecting 2 arguments, but got 1\nnilbad address\nfalsebad argument #1 to '?' (table expected, got nil)", ""},
		{"a local address", `local s = ngx.socket.udp() ngx.say(s:bind("127.0.0.9")) ngx.say(s:setpeername("127.0.0.1", UDP)) s:send("a") ngx.say(s:receive()) s:bind("203.0.113.7") ngx.say(s:setpeername("127.0.0.1", UDP))`, "1\n1\na!\nnilcannot assign requested address", "bind(203.0.113.7) failed (99: Cannot assign requested address)"},
		{"not the other kind's", open + `local tcp = debug.getregistry().__tcp_cosocket_mt ngx.say(tcp.receive(s)) ngx.say(tcp.close(s)) s:send("a") ngx.say(s:receive())`, "nilclosed\nnilclosed\na!", ""},
		{"what isn't closed is when it is garbage", `for i = 1, 100 do local s = ngx.socket.udp() s:setpeername("127.0.0.1", UDP) s = nil if i % 20 == 0 then collectgarbage() end end ngx.say("ok")`, "ok", ""},
	}
	for i := range cases {
		c := &cases[i]
		c.code, c.want, c.log = r.Replace(c.code), r.Replace(c.want), r.Replace(c.log)
	}
	s.run(cases)
}
