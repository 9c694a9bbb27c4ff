package conf

import (
	"net/netip"
	"reflect"
	"testing"
	"time"
)

func TestResolver(t *testing.T) {
	h := loadHTTP(t, "server { resolver 127.0.0.1 [::1]:5353 10.0.0.1:54 valid=30s ipv6=off; resolver_timeout 5s; }")
	l := h.Servers[0].Loc
	want := &Resolver{IPv4: true, Valid: 30 * time.Second, Servers: []netip.AddrPort{
		netip.MustParseAddrPort("127.0.0.1:53"), netip.MustParseAddrPort("[::1]:5353"), netip.MustParseAddrPort("10.0.0.1:54")}}
	if !reflect.DeepEqual(l.Resolver, want) || l.ResolverTimeout != 5*time.Second {
		t.Errorf("got %+v, %v", l.Resolver, l.ResolverTimeout)
	}
	for _, c := range [][2]string{
		{"resolver 1.2.3.4 valid=x;", "invalid parameter: valid=x"},
		{"resolver 1.2.3.4 ipv6=no;", "invalid parameter: ipv6=no"},
		{"resolver 1.2.3.4 ipv6=off ipv4=off;", `"ipv4" and "ipv6" cannot both be "off"`},
		{"resolver valid=5;", "no name servers defined"},
		{"resolver nobody.invalid;", `host not found in resolver "nobody.invalid"`},
		{"resolver 1.2.3.4:0;", `invalid port in resolver "1.2.3.4:0"`},
		{"resolver :53;", `no host in resolver ":53"`},
		{"resolver [::1;", `invalid host in resolver "[::1"`},
		{"resolver 1.2.3.4; resolver 1.2.3.5;", `"resolver" directive is duplicate`},
	} {
		_, _, err := Load(options("events {} http { server {\n" + c[0] + " } }"))
		if got, want := errorText(err), c[1]+" in /p/nginx.conf:2"; got != want {
			t.Errorf("%s: got %q, want %q", c[0], got, want)
		}
	}
}

func TestHosts(t *testing.T) {
	got := hosts("127.0.0.1 localhost Local # x\n::1 localhost localhost\nfe80::1%eth0 no\nbad line\n# 1.2.3.4 no\n10.0.0.1\n")
	want := map[string][]netip.Addr{
		"localhost": {netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("::1")}, "local": {netip.MustParseAddr("127.0.0.1")}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v", got)
	}
}
