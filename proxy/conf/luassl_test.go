package conf

import (
	"crypto/tls"
	"testing"
)

func TestLuaSSL(t *testing.T) {
	h := loadHTTP(t, "server { lua_ssl_protocols TLSv1.1 TLSv1.3; lua_ssl_verify_depth 3; }")
	if c := h.Servers[0].Loc.LuaSSL; c.MinVersion != tls.VersionTLS11 || c.MaxVersion != tls.VersionTLS13 || c.VerifyDepth != 3 {
		t.Errorf("%+v", c)
	}
	for _, c := range [][2]string{
		{"lua_ssl_protocols TLSv9;", `invalid value "TLSv9"`},
		{"lua_ssl_protocols SSLv3;", `no protocol in "SSLv3" is supported`},
		{"lua_ssl_trusted_certificate nofile.pem;", `cannot load trusted certificate "/p/nofile.pem": open() failed (2: No such file or directory)`},
		{"lua_ssl_certificate nofile.pem;", `cannot load certificate "/p/nofile.pem": open() failed (2: No such file or directory)`},
		{"lua_ssl_trusted_certificate nginx.conf;", `no certificate in "/p/nginx.conf"`},
		{"lua_ssl_certificate nginx.conf;", "no \"lua_ssl_certificate_key\" is defined for certificate /p/nginx.conf"},
		{"lua_ssl_certificate nginx.conf; lua_ssl_certificate_key nginx.conf;", `cannot load certificate "/p/nginx.conf": tls: failed to find any PEM data in certificate input`},
	} {
		_, _, err := Load(options("events {} http { server {\n" + c[0] + " } }"))
		if err == nil || err.Error() != c[1]+" in /p/nginx.conf:2" && err.Error() != c[1]+" in /p/nginx.conf:1" {
			t.Errorf("%s: got %v, want %q", c[0], err, c[1])
		}
	}
}
