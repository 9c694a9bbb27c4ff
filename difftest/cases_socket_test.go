package difftest

// socketCases: ngx.socket and ngx.req.socket.
func socketCases() []testCase {
	return []testCase{
		get("receive", "/socket/receive", 200, "nilclosed"),
		get("receive a part", "/socket/partial", 200, "niltimeoutab"),
		get("receiveany", "/socket/any", 200, "abcdef"),
		get("receiveuntil", "/socket/until", 200, "[orld"),
		get("send to a socket", "/socket/send", 200, "non-array table found"),
		get("bad arguments of a socket's methods", "/socket/bad", 200, "pattern is empty"),
		get("connect", "/socket/connect", 200, "nilno such file or directory"),
		get("connect to nobody", "/socket/refused", 200, "nilconnection refused").logged("connect() failed (111"),
		get("a pool of connections", "/socket/pool", 200, "unread data in buffer"),
		get("a queue for connections", "/socket/queue", 200, "too many waiting"),
		get("sockets that are busy", "/socket/busy", 200, "socket busy reading"),
		get("a socket in both directions", "/socket/duplex", 200, "true500000"),
		get("a thread is killed that reads", "/socket/killed", 200, "nilclosed"),
		get("a socket of another request", "/socket/other", 200, "bad request"),
		get("sockets in phases", "/socket/phases", 200, "API disabled in the context of body_filter_by_lua*").logged("marker-socket-log"),
		post("the body as a socket", "/socket/body", "abcdef\r\nrest", 200, "request body already exists"),
		get("no body as a socket", "/socket/body", 200, "no body"),
		{name: "a chunked body as a socket", send: []string{request("POST /socket/body", "Transfer-Encoding: chunked") + "0\r\n\r\n"}, want: w(200), has: "chunked request bodies not supported yet"},
		post("the body as a socket, after it was read", "/socket/body_read", "x", 200, "request body already exists"),
		get("the client's connection as a socket", "/socket/raw", 200, "raw request socket acquired"),
		get("a socket for datagrams", "/socket/udp", 200, "expecting zero arguments"),
	}
}
