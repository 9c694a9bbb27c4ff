package api

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// certify makes a certificate; without a parent it signs itself.
func certify(t *testing.T, name string, until time.Duration, ca bool, parent *tls.Certificate) *tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: time.Now().Add(until), IsCA: ca, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
	signer, signKey := tmpl, any(key)
	if parent != nil {
		signer, signKey = parent.Leaf, parent.PrivateKey
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, signer, &key.PublicKey, signKey)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

func writePEM(t *testing.T, path string, c *tls.Certificate, key bool) {
	t.Helper()
	b := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Certificate[0]})
	if key {
		der, err := x509.MarshalPKCS8PrivateKey(c.PrivateKey)
		if err != nil {
			t.Fatal(err)
		}
		b = pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// tlsPeer is peer behind TLS. Each connection begins with a line that says whether the session was resumed, the name that was asked for, and how many
// certificates the client sent.
func tlsPeer(t *testing.T, cfg *tls.Config) (port string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			raw, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				c := tls.Server(raw, cfg)
				defer c.Close()
				if c.Handshake() != nil {
					return
				}
				st := c.ConnectionState()
				fmt.Fprintf(c, "%v %s %d %x\n", st.DidResume, st.ServerName, len(st.PeerCertificates), st.Version)
				obey(c)
			}()
		}
	}()
	_, port, _ = strings.Cut(l.Addr().String(), ":")
	return port
}

func TestTLSSockets(t *testing.T) {
	dir := t.TempDir()
	ca := certify(t, "Test CA", time.Hour, true, nil)
	good, old, alone, client := certify(t, "good.test", time.Hour, false, ca), certify(t, "good.test", -time.Hour, false, ca), certify(t, "good.test", time.Hour, false, nil), certify(t, "client", time.Hour, false, ca)
	caFile, certFile, keyFile := filepath.Join(dir, "ca.pem"), filepath.Join(dir, "client.pem"), filepath.Join(dir, "client.key")
	writePEM(t, caFile, ca, false)
	writePEM(t, certFile, client, false)
	writePEM(t, keyFile, client, true)
	config := func(c *tls.Certificate) *tls.Config {
		return &tls.Config{Certificates: []tls.Certificate{*c}, ClientAuth: tls.RequestClientCert}
	}
	tls12 := config(good)
	tls12.MaxVersion = tls.VersionTLS12
	names := strings.NewReplacer("GOOD", tlsPeer(t, config(good)), "OLD", tlsPeer(t, config(old)), "ALONE", tlsPeer(t, config(alone)), "TWELVE", tlsPeer(t, tls12))
	s := serveSockets(t, "lua_ssl_trusted_certificate "+caFile+"; lua_ssl_certificate "+certFile+"; lua_ssl_certificate_key "+keyFile+"; lua_ssl_verify_depth 2; lua_socket_connect_timeout 5s;")
	const open = `local function open(port) local s = ngx.socket.tcp() assert(s:connect("127.0.0.1", port)) return s end local s = open(GOOD) `
	cases := []socketCase{
		{"verified", open + `ngx.say(type(s:sslhandshake(nil, "good.test", true))) ngx.say(s:receive()) s:send("hello\n") ngx.say(s:receive()) s:send("data abc\nclose\n") ngx.say(s:receive("*a")) ngx.say(s:receive()) ngx.say(s:close())`, "userdata\nfalse good.test 1 304\nhello\nabc\nnilclosed\n1", ""},
		{"unverified", `local s = ngx.socket.tcp() s:connect("127.0.0.1", ALONE) ngx.say(s:sslhandshake(false)) ngx.say(s:receive())`, "true\nfalse  1 304", ""},
		{"another name", open + `ngx.say(s:sslhandshake(nil, "bad.test", true)) ngx.say(s:send("x"))`, "nilcertificate host mismatch\nnilclosed", `lua ssl certificate does not match host "bad.test", upstream: 127.0.0.1:GOOD(127.0.0.1), client`},
		{"expired", `local s = ngx.socket.tcp() s:connect("127.0.0.1", OLD) ngx.say(s:sslhandshake(nil, "good.test", true))`, "nil10: certificate has expired", "lua ssl certificate verify error: (10: certificate has expired)"},
		{"signed by itself", `local s = ngx.socket.tcp() s:connect("127.0.0.1", ALONE) ngx.say(s:sslhandshake(nil, "good.test", true))`, "nil18: self-signed certificate", ""},
		{"no TLS", `local s = ngx.socket.tcp() s:connect("127.0.0.1", PORT) s:send("data no TLS here, but text\n") ngx.say(s:sslhandshake()) ngx.say(s:send("x"))`, "nilhandshake failed\nnilclosed", "SSL_do_handshake() failed (SSL: "},
		{"the peer closes", `local s = ngx.socket.tcp() s:connect("127.0.0.1", PORT) s:send("close\n") ngx.say(s:sslhandshake())`, "nilhandshake failed", ""},
		{"a silent peer", `local s = ngx.socket.tcp() s:connect("127.0.0.1", PORT) s:send("deaf\n") s:settimeout(20) ngx.say(s:sslhandshake()) ngx.say(s:send("x"))`, "niltimeout\nnilclosed", ""},
		{"the thread is killed", `local s = ngx.socket.tcp() s:connect("127.0.0.1", PORT) s:send("deaf\n") local t = ngx.thread.spawn(function() s:sslhandshake() end) ngx.say(s:send("x")) ngx.say(s:sslhandshake()) ngx.say(ngx.thread.kill(t)) ngx.say(s:send("x"))`, "nilsocket busy connecting\nnilsocket busy connecting\n1\nnilclosed", ""},
		{"a session, of TLS 1.3", open + `local se = s:sslhandshake(nil, "good.test", true) s:receive() s:send("a\n") s:receive() s:close() s = open(GOOD) ngx.say(type(s:sslhandshake(se, "good.test", true))) ngx.say(s:receive()) ngx.say(type(s:getsslsession()))`, "userdata\ntrue good.test 1 304\nuserdata", ""},
		{"a session, of TLS 1.2", `local function f(se) local s = ngx.socket.tcp() s:connect("127.0.0.1", TWELVE) se = s:sslhandshake(se, "good.test", true) ngx.say(s:receive()) return se end local se = f() f(se) collectgarbage() f(se)`, "false good.test 1 303\ntrue good.test 1 303\ntrue good.test 1 303", ""},
		{"kept", open + `s:sslhandshake(nil, "good.test") s:receive() ngx.say(s:setkeepalive()) s = open(GOOD) ngx.say(s:getreusedtimes(), s:sslhandshake(false)) s:send("b\n") ngx.say(s:receive()) s:send("data xy\n") s:receive(1) ngx.say(s:setkeepalive())`, "1\n1true\nb\nnilunread data in buffer", ""},
		{"kept, and closed by the peer", open + `s:sslhandshake(false) s:receive() s:send("wait 10\nclose\n") ngx.say(s:setkeepalive()) ngx.sleep(0.1) s = open(GOOD) ngx.say(s:getreusedtimes())`, "1\n0", ""},
		{"much", open + `s:sslhandshake(false) s:receive() local x = ("x"):rep(1000000) ngx.say(s:send({x, "\n"})) ngx.say(s:receive() == x)`, "1000001\ntrue", ""},
		{"arguments", open + `ngx.say(pcall(s.sslhandshake, s, 1, 2, 3, 4, 5)) ngx.say(pcall(s.sslhandshake)) ngx.say(pcall(s.sslhandshake, ngx.socket.tcp())) s:close() ngx.say(s:sslhandshake()) ngx.say(s:getsslsession()) ngx.say(s:setclientcert()) ngx.say(s:setclientcert({})) ngx.say(s:setclientcert({}, {}))`,
			"falsesslhandshake:3: ngx.socket sslhandshake: expecting 1 ~ 5 arguments (including the object), but seen 6\nfalsesslhandshake:3: ngx.socket sslhandshake: expecting 1 ~ 5 arguments (including the object), but seen 0\nfalsesslhandshake:3: socket is never created nor connected\nnilclosed\nnilclosed\ntrue\nnilclient certificate must be supplied with corresponding private key\nnilbad cert arg: cdata expected, got table", ""},
		{"the request ends within", `ngx.timer.at(0, function() local s = ngx.socket.tcp() s:connect("127.0.0.1", PORT) s:send("deaf\n") ngx.thread.spawn(function() s:sslhandshake() end) ngx.exit(0) end) ngx.sleep(0.02)`, "", ""},
	}
	for i := range cases {
		c := &cases[i]
		c.code, c.log = names.Replace(c.code), names.Replace(c.log)
	}
	s.run(cases)
}
