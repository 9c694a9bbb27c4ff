package api

import (
	"bytes"
	"encoding/binary"
	"math"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"

	"moonring/lua"
	"moonring/lua/number"
	"moonring/proxy"
	"moonring/proxy/conf"
	"moonring/proxy/phase"
)

// Cosockets: ngx.socket.tcp and its methods but those that move data, which are in socketio.go. An object is a table as lua-nginx
// has it, which some libraries look into:
//
//	[1] a userdata that holds the proxy.SocketHandle   [2] [4] [5] timeouts of connecting, sending, reading in ms
//	[3] the key of the pool                            [8] the address to come from, a userdata with a sockaddr's parts

const (
	socketCtx            = 1
	socketConnectTimeout = 2
	socketKey            = 3
	socketSendTimeout    = 4
	socketReadTimeout    = 5
	socketBind           = 8
)

var unixPrefix = []byte("unix:")

// Metatables are in the registry under lua-nginx's names.
const (
	tcpMeta     = "__tcp_cosocket_mt"
	reqMeta     = "__tcp_req_cosocket_mt"
	rawReqMeta  = "__tcp_raw_req_cosocket_mt"
	udpMeta     = "udp cosocket"
	handleMeta  = "cosocket handle"
	handleBytes = 8
)

var (
	socketTCPID = lua.Register("tcp", socketTCP)
	socketGCID  = lua.Register("gc", socketGC)
)

var socketMethods = []entry{
	{"connect", lua.Register("connect", socketConnect)},
	{"bind", lua.Register("bind", socketBindTo)},
	{"close", lua.Register("close", socketClose)},
	{"setkeepalive", lua.Register("setkeepalive", socketSetKeepalive)},
	{"getreusedtimes", lua.Register("getreusedtimes", socketReused)},
	{"setoption", socketSetOptionID}, {"getoption", socketGetOptionID}, {"getfd", socketFDID},
	{"send", socketSendID},
	{"receive", socketReceiveID}, {"receiveany", socketReceiveAnyID}, {"receiveuntil", socketReceiveUntilID},
	{"settimeout", socketSetTimeoutID}, {"settimeouts", socketSetTimeoutsID},
}

var reqSocketMethods = []entry{
	{"setoption", socketSetOptionID}, {"getoption", socketGetOptionID}, {"getfd", socketFDID},
	{"receive", socketReceiveID}, {"receiveany", socketReceiveAnyID}, {"receiveuntil", socketReceiveUntilID},
	{"settimeout", socketSetTimeoutID}, {"settimeouts", socketSetTimeoutsID},
}

var rawReqSocketMethods = append([]entry{{"send", socketSendID}}, reqSocketMethods...)

var (
	socketSetOptionID   = lua.Register("setoption", socketSetOption)
	socketGetOptionID   = lua.Register("getoption", socketGetOption)
	socketFDID          = lua.Register("getfd", socketFD)
	socketSetTimeoutID  = lua.Register("settimeout", socketSetTimeout)
	socketSetTimeoutsID = lua.Register("settimeouts", socketSetTimeouts)
)

// openSocket sets ngx.socket.
func openSocket(vm *lua.VM, ngx lua.Value) {
	reg := vm.Registry()
	for _, m := range []struct {
		name    string
		methods []entry
	}{{tcpMeta, socketMethods}, {reqMeta, reqSocketMethods}, {rawReqMeta, rawReqSocketMethods}} {
		meta := subtable(vm, reg, m.name, m.methods)
		vm.SetField(meta, "__index", meta)
	}
	handle := vm.NewTable(0, 1)
	vm.SetField(handle, "__gc", vm.Builtin(socketGCID))
	vm.SetField(reg, handleMeta, handle)
	socket := vm.NewTable(0, 4)
	tcp := vm.Builtin(socketTCPID)
	vm.SetField(socket, "tcp", tcp)
	vm.SetField(socket, "stream", tcp)
	openTLS(vm, vm.Field(reg, tcpMeta))
	udp := subtable(vm, reg, udpMeta, datagramMethods)
	vm.SetField(udp, "__index", udp)
	vm.SetField(socket, "udp", vm.Builtin(socketUDPID))
	// In Lua, as it waits in the middle.
	const connect = "local s = ngx.socket.tcp() local ok, err = s:connect(...) if ok then return s end return nil, err"
	if fn, err := vm.Load([]byte(connect), "=ngx.socket.connect"); err == nil {
		vm.SetField(socket, "connect", fn)
	} else if err != lua.ErrMemory {
		panic(err) // our own code
	}
	vm.SetField(ngx, "socket", socket)
}

// socketTCP is ngx.socket.tcp().
func socketTCP(c *lua.Call) lua.Ret {
	if n := c.NArgs(); n != 0 {
		return c.Errorf("expecting zero arguments, but got %d", n)
	}
	t, ok := newTCPSocket(c)
	if !ok {
		return lua.Fail
	}
	return c.Return1(t)
}

func newTCPSocket(c *lua.Call) (t lua.Value, ok bool) {
	if request(c, phase.Yielding) == nil {
		return lua.Nil, false
	}
	vm := c.VM()
	if t = vm.NewTable(5, 0); t.IsNil() {
		c.MemoryError()
		return lua.Nil, false
	}
	vm.SetMetatable(t, vm.Field(vm.Registry(), tcpMeta))
	return t, true
}

// socketArg is argument 1, an object, and the socket that it has, nil if there is none; ok is false after an error.
func socketArg(c *lua.Call) (t lua.Value, s *proxy.Socket, ok bool) {
	t, ok = c.CheckTable(1)
	if !ok {
		return lua.Nil, nil, false
	}
	return t, socketOf(c, t), true
}

// socketOf is the socket of an object, nil if there is none that is for streams.
func socketOf(c *lua.Call, t lua.Value) *proxy.Socket {
	if s := anySocketOf(c, t); s != nil && !s.Datagrams() {
		return s
	}
	return nil
}

func anySocketOf(c *lua.Call, t lua.Value) *proxy.Socket {
	b := c.VM().UserdataBytes(c.VM().RawGetInt(t, socketCtx))
	if len(b) != handleBytes {
		return nil
	}
	return worker(c).Socket(proxy.SocketHandle(binary.NativeEndian.Uint64(b)))
}

// setSocket makes s the socket of an object; false after an error: s is closed then.
func setSocket(c *lua.Call, t lua.Value, s *proxy.Socket) bool {
	vm := c.VM()
	u := vm.RawGetInt(t, socketCtx)
	b := vm.UserdataBytes(u)
	if len(b) != handleBytes {
		if u = vm.NewUserdata(handleBytes, vm.Field(vm.Registry(), handleMeta)); u.IsNil() || !vm.RawSetInt(t, socketCtx, u) {
			c.MemoryError()
			return false
		}
		b = vm.UserdataBytes(u)
	}
	binary.NativeEndian.PutUint64(b, uint64(s.Handle()))
	return true
}

// socketGC closes the socket of an object that nobody has any more.
func socketGC(c *lua.Call) lua.Ret {
	if b := c.VM().UserdataBytes(c.Arg(1)); len(b) == handleBytes {
		if s := worker(c).Socket(proxy.SocketHandle(binary.NativeEndian.Uint64(b))); s != nil && !s.Connecting() && !s.Reading() && !s.Writing() {
			s.End()
		}
	}
	return c.Return()
}

// What threads may be doing with a socket.
const (
	busyConnecting = 1 << iota
	busyReading
	busyWriting
)

// busy tells what of these keeps s from being used, "" if nothing does.
func busy(s *proxy.Socket, what int) string {
	switch {
	case what&busyConnecting != 0 && s.Connecting():
		return "socket busy connecting"
	case what&busyReading != 0 && s.Reading():
		return "socket busy reading"
	case what&busyWriting != 0 && (s.Writing() || s.OutputPending()):
		return "socket busy writing"
	}
	return ""
}

// currentRequest is the request whose code runs; nil after an error.
func currentRequest(c *lua.Call) *proxy.Request {
	r := worker(c).Current
	if r == nil {
		c.Errorf("no request found")
	}
	return r
}

// isNumber tells if argument i is one, or a string that looks like one, as lua_isnumber does.
func isNumber(c *lua.Call, v lua.Value) (f float64, ok bool) {
	switch {
	case v.IsNumber():
		return v.Float(), true
	case v.IsString():
		return number.Parse(c.VM().Bytes(v))
	}
	return 0, false
}

// toInt is f as lua_tointeger gives it, within the bounds of C's int.
func toInt(f float64) int {
	if f != f {
		return math.MinInt32
	}
	return int(max(math.MinInt32, min(math.MaxInt32, f)))
}

// socketConnect is sock:connect(host, port, options) and sock:connect("unix:PATH", options).
func socketConnect(c *lua.Call) lua.Ret {
	n := c.NArgs()
	if n < 2 || n > 4 {
		return c.Errorf("ngx.socket connect: expecting 2, 3, or 4 arguments (including the object), but seen %d", n)
	}
	r := request(c, phase.Yielding)
	if r == nil {
		return lua.Fail
	}
	t, ok := c.CheckTable(1)
	if !ok {
		return lua.Fail
	}
	host, ok := c.CheckString(2)
	if !ok {
		return lua.Fail
	}
	o := proxy.ConnectOptions{Host: host, Backlog: -1}
	vm := c.VM()
	custom := false
	if opts := c.Arg(n); opts.IsTable() {
		if custom, ok = poolOptions(c, n, opts, r, &o); !ok {
			return lua.Fail
		}
		n--
	}
	if n == 4 {
		n--
	}
	port, hasPort := 0.0, false
	if n == 3 {
		port, hasPort = isNumber(c, c.Arg(3))
	}
	switch {
	case hasPort:
		if o.Port = toInt(port); o.Port < 0 || o.Port > 65535 {
			return returnNilError(c, "bad port number: "+numberText(float64(o.Port)))
		}
		if !custom {
			k := take(len(host) + 8)
			k.b = append(append(k.b, host...), ':')
			if v := c.Arg(3); v.IsString() {
				k.b = append(k.b, vm.Bytes(v)...)
			} else {
				k.b = appendNumber(k.b, port)
			}
			key := vm.NewString(k.b)
			k.release()
			if key.IsNil() {
				return c.MemoryError()
			}
			o.Key = vm.Bytes(key) // nothing can collect it before connect is over
		}
	case len(host) >= 5 && bytes.EqualFold(host[:5], unixPrefix):
		if !custom {
			o.Key = host
		}
	default:
		return returnNilError(c, "missing the port number")
	}
	keyValue := vm.NewString(o.Key)
	if keyValue.IsNil() || !vm.RawSetInt(t, socketKey, keyValue) {
		return c.MemoryError()
	}
	if !vm.RawGetInt(t, socketCtx).IsNil() && r.LogEnabled(conf.Debug) {
		defer r.Log(conf.Debug, "lua reuse socket upstream ctx")
	}
	if s := socketOf(c, t); s != nil {
		if s.Request() != r {
			return c.Errorf("bad request")
		}
		if why := busy(s, busyConnecting|busyReading|busyWriting); why != "" {
			return returnNilError(c, why)
		}
		if s.Downstream() {
			return c.Errorf("attempt to re-connect a request socket")
		}
		if r.LogEnabled(conf.Debug) {
			r.Log(conf.Debug, "lua tcp socket reconnect without shutting down")
		}
		s.End()
	}
	o.Local = bindAddress(vm.UserdataBytes(vm.RawGetInt(t, socketBind)))
	for i, at := range [...]int{socketConnectTimeout, socketSendTimeout, socketReadTimeout} {
		if v := vm.RawGetInt(t, at); v.IsNumber() {
			o.Timeouts[i] = time.Duration(toInt(v.Float())) * time.Millisecond
		}
	}
	if !c.CanSuspend() {
		return c.Suspend() // raises the error
	}
	s, why, waits := r.Connect(&o)
	if why != "" {
		return returnNilError(c, why)
	}
	if !setSocket(c, t, s) {
		s.End()
		return lua.Fail
	}
	if waits {
		return c.Suspend()
	}
	return c.ReturnInt(1)
}

// poolOptions reads the options of connect; custom tells that they name the pool.
func poolOptions(c *lua.Call, n int, opts lua.Value, r *proxy.Request, o *proxy.ConnectOptions) (custom, ok bool) {
	vm := c.VM()
	v := vm.Field(opts, "pool_size")
	if f, is := isNumber(c, v); is {
		if o.PoolSize = toInt(f); o.PoolSize <= 0 {
			c.ArgError(n, `bad "pool_size" option value: `+numberText(float64(o.PoolSize)))
			return false, false
		}
	} else if !v.IsNil() {
		c.ArgError(n, `bad "pool_size" option type: `+vm.TypeName(v))
		return false, false
	}
	if f, is := isNumber(c, vm.Field(opts, "backlog")); is {
		if o.Backlog = toInt(f); o.Backlog < 0 {
			c.ArgError(n, `bad "backlog" option value: `+numberText(float64(o.Backlog)))
			return false, false
		}
		if o.PoolSize == 0 {
			o.PoolSize = r.Loc.LuaSocket.PoolSize
		}
	}
	switch v := vm.Field(opts, "pool"); {
	case v.IsNumber():
		s := vm.NewString(appendNumber(nil, v.Float()))
		if s.IsNil() {
			c.MemoryError()
			return false, false
		}
		o.Key = vm.Bytes(s)
		return true, true
	case v.IsString():
		o.Key = vm.Bytes(v)
		return true, true
	case !v.IsNil():
		c.ArgError(n, `bad "pool" option type: `+vm.TypeName(v))
		return false, false
	}
	return false, true
}

// socketClose is sock:close().
func socketClose(c *lua.Call) lua.Ret {
	if n := c.NArgs(); n != 1 {
		return c.Errorf("expecting 1 argument (including the object) but seen %d", n)
	}
	r := currentRequest(c)
	if r == nil {
		return lua.Fail
	}
	_, s, ok := socketArg(c)
	if !ok {
		return lua.Fail
	}
	if s == nil || !s.Connected() || s.ReadClosed() && s.WriteClosed() {
		if s != nil && s.Connected() && s.Request() == r && !s.Downstream() {
			s.End()
		}
		return returnNilError(c, "closed")
	}
	if s.Request() != r {
		return c.Errorf("bad request")
	}
	if why := busy(s, busyConnecting|busyReading|busyWriting); why != "" {
		return returnNilError(c, why)
	}
	if s.Downstream() {
		return returnNilError(c, "attempt to close a request socket")
	}
	s.End()
	return c.ReturnInt(1)
}

// socketSetKeepalive is sock:setkeepalive(timeout, size).
func socketSetKeepalive(c *lua.Call) lua.Ret {
	n := c.NArgs()
	if n < 1 || n > 3 {
		return c.Errorf("expecting 1 to 3 arguments (including the object), but got %d", n)
	}
	_, s, ok := socketArg(c)
	if !ok {
		return lua.Fail
	}
	r := currentRequest(c)
	if r == nil {
		return lua.Fail
	}
	timeout, size := r.Loc.LuaSocket.KeepaliveTimeout, r.Loc.LuaSocket.PoolSize
	if n >= 2 && !c.Arg(2).IsNil() {
		f, ok := c.CheckNumber(2)
		if !ok {
			return lua.Fail
		}
		timeout = time.Duration(toInt(f)) * time.Millisecond
	}
	if n >= 3 && !c.Arg(3).IsNil() {
		f, ok := c.CheckNumber(3)
		if !ok {
			return lua.Fail
		}
		size = toInt(f)
	}
	if s == nil || !s.Connected() || s.ReadClosed() || s.WriteClosed() || s.Downstream() {
		return returnNilError(c, "closed")
	}
	if s.Request() != r {
		return c.Errorf("bad request")
	}
	if why := busy(s, busyConnecting|busyReading|busyWriting); why != "" {
		return returnNilError(c, why)
	}
	if size <= 0 && !s.HasPool() {
		return c.ArgError(n, `bad "pool_size" option value: `+numberText(float64(size)))
	}
	if why := s.Keep(timeout, size); why != "" {
		return returnNilError(c, why)
	}
	return c.ReturnInt(1)
}

// socketReused is sock:getreusedtimes().
func socketReused(c *lua.Call) lua.Ret {
	if n := c.NArgs(); n != 1 {
		return c.Errorf("expecting 1 argument (including the object), but got %d", n)
	}
	_, s, ok := socketArg(c)
	if !ok {
		return lua.Fail
	}
	if s == nil || !s.Connected() || s.ReadClosed() && s.WriteClosed() {
		return returnNilError(c, "closed")
	}
	return c.ReturnInt(s.Reused())
}

// timeoutArg is argument i, a time in milliseconds as lua_tonumber takes it; ok is false after an error.
func timeoutArg(c *lua.Call, i int) (ms int, ok bool) {
	f, _ := isNumber(c, c.Arg(i))
	if f != f || f < 0 && f > -1 {
		f = 0
	}
	if f < 0 || f > math.MaxInt32 {
		c.Errorf("bad timeout value")
		return 0, false
	}
	return int(f), true
}

// socketSetTimeout is sock:settimeout(ms).
func socketSetTimeout(c *lua.Call) lua.Ret {
	if n := c.NArgs(); n != 2 {
		return c.Errorf("ngx.socket settimeout: expecting 2 arguments (including the object) but seen %d", n)
	}
	ms, ok := timeoutArg(c, 2)
	if !ok {
		return lua.Fail
	}
	return setTimeouts(c, ms, ms, ms)
}

// socketSetTimeouts is sock:settimeouts(connect, send, read).
func socketSetTimeouts(c *lua.Call) lua.Ret {
	if n := c.NArgs(); n != 4 {
		return c.Errorf("ngx.socket settimeouts: expecting 4 arguments (including the object) but seen %d", n)
	}
	var ms [3]int
	for i := range ms {
		var ok bool
		if ms[i], ok = timeoutArg(c, i+2); !ok {
			return lua.Fail
		}
	}
	return setTimeouts(c, ms[0], ms[1], ms[2])
}

func setTimeouts(c *lua.Call, connect, send, read int) lua.Ret {
	t, s, ok := socketArg(c)
	if !ok {
		return lua.Fail
	}
	vm := c.VM()
	if !vm.RawSetInt(t, socketConnectTimeout, lua.Int(connect)) || !vm.RawSetInt(t, socketSendTimeout, lua.Int(send)) ||
		!vm.RawSetInt(t, socketReadTimeout, lua.Int(read)) {
		return c.MemoryError()
	}
	if s != nil && s.Request() != nil {
		ms := func(n int) time.Duration { return time.Duration(n) * time.Millisecond }
		s.SetTimeouts(ms(connect), ms(send), ms(read))
	}
	return c.Return()
}

// socketBindTo is sock:bind(address, port).
func socketBindTo(c *lua.Call) lua.Ret {
	n := c.NArgs()
	if n != 2 && n != 3 {
		return c.Errorf("expecting 2 or 3 arguments, but got %d", n)
	}
	r := request(c, phase.Yielding)
	if r == nil {
		return lua.Fail
	}
	t, ok := c.CheckTable(1)
	if !ok {
		return lua.Fail
	}
	u, ret, ok := newBindAddress(c, n)
	if !ok {
		return ret
	}
	if !c.VM().RawSetInt(t, socketBind, u) {
		return c.MemoryError()
	}
	if r.LogEnabled(conf.Debug) {
		r.Log(conf.Debug, "lua tcp socket bind ip: "+string(c.VM().Bytes(c.Arg(2))))
	}
	return c.ReturnBool(true)
}

// newBindAddress makes the userdata of a local address: arguments 2 and, of n, 3. ok is false if ret says why there is none.
func newBindAddress(c *lua.Call, n int) (u lua.Value, ret lua.Ret, ok bool) {
	port := 0
	if n == 3 {
		f, isNum := isNumber(c, c.Arg(3))
		if !isNum {
			return lua.Nil, returnNilError(c, "expecting port to be anumber but got type: "+c.VM().TypeName(c.Arg(3))), false
		}
		if port = toInt(f); port < 0 || port > 65535 {
			return lua.Nil, returnNilError(c, "bad port number: "+numberText(float64(port))), false
		}
	}
	text, isText := c.CheckString(2)
	if !isText {
		return lua.Nil, lua.Fail, false
	}
	ip, err := netip.ParseAddr(string(text))
	if err != nil || ip.Zone() != "" {
		return lua.Nil, returnNilError(c, "bad address"), false
	}
	vm := c.VM()
	if u = vm.NewUserdata(bindBytes, lua.Nil); u.IsNil() {
		return lua.Nil, c.MemoryError(), false
	}
	b := vm.UserdataBytes(u)
	addr := ip.As16()
	copy(b, addr[:])
	binary.NativeEndian.PutUint16(b[16:], uint16(port))
	b[18] = 4
	if ip.Is6() {
		b[18] = 6
	}
	return u, 0, true
}

// bindBytes is the size of a local address: 16 bytes of address, its port, and 4 or 6.
const bindBytes = 19

// bindAddress reads what newBindAddress has made; nil if it is something else.
func bindAddress(b []byte) unix.Sockaddr {
	if len(b) != bindBytes {
		return nil
	}
	ip := netip.AddrFrom16([16]byte(b))
	port := int(binary.NativeEndian.Uint16(b[16:]))
	if b[18] == 4 {
		return &unix.SockaddrInet4{Port: port, Addr: ip.Unmap().As4()}
	}
	return &unix.SockaddrInet6{Port: port, Addr: ip.As16()}
}

// socketOptions are the options by name.
var socketOptions = map[string]struct{ level, name int }{
	"keepalive": {unix.SOL_SOCKET, unix.SO_KEEPALIVE}, "reuseaddr": {unix.SOL_SOCKET, unix.SO_REUSEADDR},
	"tcp-nodelay": {unix.IPPROTO_TCP, unix.TCP_NODELAY}, "sndbuf": {unix.SOL_SOCKET, unix.SO_SNDBUF},
	"rcvbuf": {unix.SOL_SOCKET, unix.SO_RCVBUF}, "keepintvl": {unix.IPPROTO_TCP, unix.TCP_KEEPINTVL},
	"keepcnt": {unix.IPPROTO_TCP, unix.TCP_KEEPCNT},
}

// connectedArg is argument 1 as lua-resty-core's functions take it. ok is false after an error.
func connectedArg(c *lua.Call) (s *proxy.Socket, ok bool) {
	t, s, ok := socketArg(c)
	if !ok {
		return nil, false
	}
	if c.VM().RawGetInt(t, socketCtx).IsNil() {
		c.Errorf("socket is never created nor connected")
		return nil, false
	}
	return s, true
}

// socketSetOption is sock:setoption(option, value).
func socketSetOption(c *lua.Call) lua.Ret {
	switch {
	case c.Arg(2).IsNil():
		return returnNilError(c, `missing the "option" argument`)
	case c.Arg(3).IsNil():
		return returnNilError(c, `missing the "value" argument`)
	}
	s, ok := connectedArg(c)
	if !ok {
		return lua.Fail
	}
	name, ok := tostring(c, c.Arg(2))
	if !ok {
		return lua.Fail
	}
	opt, known := socketOptions[string(c.VM().Bytes(name))]
	if !known || !c.Arg(2).IsString() {
		return returnNilError(c, "unsupported option "+string(c.VM().Bytes(name)))
	}
	value := 0
	switch v := c.Arg(3); {
	case v == lua.True:
		value = 1
	case v == lua.False:
	case v.IsNumber():
		value = toInt(v.Float())
	default:
		return c.Errorf("bad argument #5 to 'ngx_lua_ffi_socket_tcp_setoption' (cannot convert '%s' to 'int')", c.VM().TypeName(v))
	}
	if s == nil || s.FD() < 0 {
		return returnNilError(c, "closed")
	}
	if err := unix.SetsockoptInt(s.FD(), opt.level, opt.name, value); err != nil {
		return returnNilError(c, conf.Strerror(err))
	}
	return c.ReturnBool(true)
}

// socketGetOption is sock:getoption(option).
func socketGetOption(c *lua.Call) lua.Ret {
	s, ok := connectedArg(c)
	if !ok {
		return lua.Fail
	}
	if c.Arg(2).IsNil() {
		return returnNilError(c, `missing the "option" argument`)
	}
	name, ok := tostring(c, c.Arg(2))
	if !ok {
		return lua.Fail
	}
	opt, known := socketOptions[string(c.VM().Bytes(name))]
	if !known || !c.Arg(2).IsString() {
		return returnNilError(c, "unsupported option "+string(c.VM().Bytes(name)))
	}
	if s == nil || s.FD() < 0 {
		return returnNilError(c, "closed")
	}
	value, err := unix.GetsockoptInt(s.FD(), opt.level, opt.name)
	if err != nil {
		return returnNilError(c, conf.Strerror(err))
	}
	return c.ReturnInt(value)
}

// socketFD is sock:getfd().
func socketFD(c *lua.Call) lua.Ret {
	if c.Arg(1).IsNil() {
		return c.Errorf("ngx.socket getfd: expecting the cosocket object, but seen none")
	}
	if currentRequest(c) == nil {
		return lua.Fail
	}
	s, ok := connectedArg(c)
	if !ok {
		return lua.Fail
	}
	if s == nil || s.FD() < 0 {
		return returnNilError(c, "closed")
	}
	return c.ReturnInt(s.FD())
}
