package conf

import "time"

// LuaSocket are the lua_socket_* directives.
type LuaSocket struct {
	ConnectTimeout   time.Duration
	SendTimeout      time.Duration
	ReadTimeout      time.Duration
	KeepaliveTimeout time.Duration // 0: for ever
	PoolSize         int
	LogErrors        bool
}

// defaultLuaSocket are lua-nginx's.
func defaultLuaSocket() LuaSocket {
	return LuaSocket{ConnectTimeout: 60 * time.Second, SendTimeout: 60 * time.Second, ReadTimeout: 60 * time.Second,
		KeepaliveTimeout: 60 * time.Second, PoolSize: 30, LogErrors: true}
}

func socketField[T any](parse parseFunc[T], field func(*LuaSocket) *T) setting {
	return locField(parse, func(l *Location) *T { return field(&l.LuaSocket) })
}

func socketRows() []row {
	const in = httpServerLocation
	return []row{
		{"lua_socket_connect_timeout", in, take1, socketField(msec, func(s *LuaSocket) *time.Duration { return &s.ConnectTimeout })},
		{"lua_socket_send_timeout", in, take1, socketField(msec, func(s *LuaSocket) *time.Duration { return &s.SendTimeout })},
		{"lua_socket_read_timeout", in, take1, socketField(msec, func(s *LuaSocket) *time.Duration { return &s.ReadTimeout })},
		{"lua_socket_keepalive_timeout", in, take1, socketField(msec, func(s *LuaSocket) *time.Duration { return &s.KeepaliveTimeout })},
		{"lua_socket_pool_size", in, take1, socketField(count, func(s *LuaSocket) *int { return &s.PoolSize })},
		{"lua_socket_buffer_size", in, take1, noEffect(size)}, // input lies in the ring's buffers
		{"lua_socket_send_lowat", in, take1, noEffect(size)},  // Linux has no such thing
		{"lua_socket_log_errors", in, flagArg, socketField(onOff, func(s *LuaSocket) *bool { return &s.LogErrors })},
	}
}
