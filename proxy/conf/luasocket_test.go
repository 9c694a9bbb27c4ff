package conf

import (
	"testing"
	"time"
)

func TestLuaSocket(t *testing.T) {
	h := loadHTTP(t, `server { lua_socket_connect_timeout 1s; lua_socket_send_timeout 2s; lua_socket_read_timeout 3s;
		lua_socket_keepalive_timeout 4s; lua_socket_pool_size 5; lua_socket_buffer_size 6; lua_socket_send_lowat 7; lua_socket_log_errors off; }`)
	want := LuaSocket{time.Second, 2 * time.Second, 3 * time.Second, 4 * time.Second, 5, false}
	if got := h.Servers[0].Loc.LuaSocket; got != want {
		t.Errorf("got %+v", got)
	}
}
