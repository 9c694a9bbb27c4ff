package proxy

import (
	"net"
	"strings"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

// nameServer answers queries for A records from a list of names in lower case, each ending in a dot, and returns its address. A
// name of "" has no answer.
func nameServer(t testing.TB, names map[string]string) string {
	t.Helper()
	pc, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pc.Close() })
	go func() {
		b := make([]byte, 2000)
		for {
			n, from, err := pc.ReadFrom(b)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(b[:n]) != nil || len(m.Questions) != 1 {
				continue
			}
			m.Response = true
			q := m.Questions[0]
			addr, known := names[q.Name.String()]
			switch {
			case !known:
				m.RCode = dnsmessage.RCodeNameError
			case addr == "":
				continue
			case q.Type == dnsmessage.TypeA:
				m.Answers = []dnsmessage.Resource{{Header: dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class, TTL: 60},
					Body: &dnsmessage.AResource{A: [4]byte(net.ParseIP(addr).To4())}}}
			}
			if reply, err := m.Pack(); err == nil {
				pc.WriteTo(reply, from)
			}
		}
	}()
	return pc.LocalAddr().String()
}

func TestProxyPassToANameInVariables(t *testing.T) {
	o := newOrigin(t, nil)
	_, port, _ := strings.Cut(o.addr, ":")
	dns := nameServer(t, map[string]string{"back.test.": "127.0.0.1", "silent.test.": ""})
	b := start(t, `server { listen LISTEN; resolver `+dns+` ipv6=off; resolver_timeout 200ms;
		location / { proxy_pass http://$arg_host:`+port+`; proxy_http_version 1.1; } }
	server { listen LISTEN; server_name none; location / { proxy_pass http://$arg_host:`+port+`; } }`)
	for _, c := range []struct {
		server, name, body string
		status             int
		log                string
	}{
		{"some", "Back.test", "GET /x?host=Back.test ", 200, ""},
		{"some", "back.test.", "GET /x?host=back.test. ", 200, ""},
		{"some", "nobody.test", "", 502, "nobody.test could not be resolved (3: Host not found), client"},
		{"some", "silent.test", "", 502, "silent.test could not be resolved (110: Operation timed out), client"},
		{"some", "127.0.0.1", "GET /x", 200, ""},
		{"none", "back.test", "", 502, "no resolver defined to resolve back.test"},
	} {
		cl := b.dial()
		cl.send("POST /x?host=" + c.name + " HTTP/1.1\r\nHost: " + c.server + "\r\nContent-Length: 4\r\n\r\n")
		cl.send("body")
		r := cl.reply("POST")
		if r.StatusCode != c.status || !strings.HasPrefix(r.body, strings.Replace(c.body, "GET", "POST", 1)) && c.status == 200 ||
			c.status == 200 && !strings.HasSuffix(r.body, "body=body") {
			t.Errorf("%s: %d %q", c.name, r.StatusCode, r.body)
		}
		if c.log != "" && !strings.Contains(b.errorLog(), c.log) {
			t.Errorf("%s: %s", c.name, b.errorLog())
		}
	}

	// A client that leaves while the name is looked up takes the query along.
	cl := b.dial()
	cl.send("GET /x?host=silent.test HTTP/1.1\r\nHost: some\r\n\r\n")
	cl.Close()
	b.eventually("the client is missed", func() bool { return strings.Contains(b.errorLog(), "client prematurely closed connection") })
}
