package proxy

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"iter"
	"net"
	"time"

	"moonring/lua"
	"moonring/proxy/conf"
	"moonring/ring"
)

// TLS of a socket: crypto/tls on the ring's connection. Its handshake reads as if it could wait, so it runs on a coroutine of Go's (iter.Pull) that is
// gone on with when something has come; afterwards reading never waits: where nothing is, the transport gives an error
// that crypto/tls takes for temporary.
type socketTLS struct {
	c     *ring.Conn
	conn  *tls.Conn
	next  func() (struct{}, bool) // the handshake's coroutine; nil: it is over
	stop  func()
	yield func(struct{}) bool

	err     error // of the handshake, then of reading
	eof     bool
	plain   []byte // read, not taken from plainAt on
	plainAt int
	mem     []byte

	session    *TLSSession
	name       string
	verify     bool
	noSession  bool // the script wants none
	ready      bool // the handshake is over and was good
	serverPool *x509.CertPool
	depth      int
}

// TLSSession is what another handshake with the same peer can go on from, once the peer has sent it: with TLS 1.3 that is some time
// after the handshake.
type TLSSession struct {
	given, got *tls.ClientSessionState
}

// Get and Put are of tls.ClientSessionCache: the script keeps sessions apart, so keys say nothing.
func (t *TLSSession) Get(string) (*tls.ClientSessionState, bool) { return t.given, t.given != nil }
func (t *TLSSession) Put(_ string, s *tls.ClientSessionState)    { t.got = s }

// errAgain is what the transport gives when there is nothing to read.
type errAgain struct{}

func (errAgain) Error() string   { return "no input yet" }
func (errAgain) Timeout() bool   { return true }
func (errAgain) Temporary() bool { return true }

var errStopped = errors.New("the socket was closed")

// tlsTransport is net.Conn as far as crypto/tls needs it.
type tlsTransport struct{ t *socketTLS }

func (tr tlsTransport) Read(p []byte) (int, error) {
	t := tr.t
	for {
		if in := t.c.Input(); len(in) > 0 {
			n := copy(p, in)
			t.c.Consume(n)
			return n, nil
		}
		switch {
		case t.c.Err() != nil:
			return 0, t.c.Err()
		case t.c.EOF():
			return 0, io.EOF
		case t.c.Closing():
			return 0, errStopped
		case t.next == nil:
			return 0, errAgain{}
		case !t.yield(struct{}{}):
			return 0, errStopped
		}
	}
}

func (tr tlsTransport) Write(p []byte) (int, error) {
	c := tr.t.c
	if c.Err() != nil {
		return 0, c.Err()
	}
	c.Write(p)
	if c.Closing() {
		return 0, errStopped
	}
	return len(p), nil
}

// LocalAddr and RemoteAddr are asked for keys of sessions, which say nothing.
func (tlsTransport) LocalAddr() net.Addr              { return &net.TCPAddr{} }
func (tlsTransport) RemoteAddr() net.Addr             { return &net.TCPAddr{} }
func (tlsTransport) Close() error                     { return nil }
func (tlsTransport) SetDeadline(time.Time) error      { return nil }
func (tlsTransport) SetReadDeadline(time.Time) error  { return nil }
func (tlsTransport) SetWriteDeadline(time.Time) error { return nil }

// tlsClient is what a location's lua_ssl_* directives come to.
type tlsClient struct {
	config *tls.Config
	roots  *x509.CertPool
}

func (w *Worker) tlsClientOf(loc *conf.Location) *tlsClient {
	if c := w.tlsClients[loc]; c != nil {
		return c
	}
	ssl := &loc.LuaSSL
	c := &tlsClient{roots: x509.NewCertPool()}
	c.roots.AppendCertsFromPEM(ssl.Trusted)
	// The certificate is verified after the handshake, of a session that is resumed, too.
	c.config = &tls.Config{InsecureSkipVerify: true, MinVersion: ssl.MinVersion, MaxVersion: ssl.MaxVersion, Renegotiation: tls.RenegotiateNever}
	if ssl.Certificate != nil {
		if pair, err := tls.X509KeyPair(ssl.Certificate, ssl.Key); err == nil { // it was checked when the configuration was read
			c.config.Certificates = []tls.Certificate{pair}
		}
	}
	w.tlsClients[loc] = c
	return c
}

// HandshakeOptions is what sslhandshake is asked for.
type HandshakeOptions struct {
	Session   *TLSSession // to go on from; nil: none
	NoSession bool        // none is wanted back
	Name      string      // of the server; "": none is sent or checked
	Verify    bool
}

// Handshake speaks TLS from now on. It returns what is wrong, and the socket is over then, or "". waits says that the builtin is to be
// suspended: it is resumed with true, or nil and what is wrong; see HandshakeSession.
func (s *Socket) Handshake(o *HandshakeOptions) (why string, waits bool) {
	r := s.r
	client := r.Worker.tlsClientOf(r.Loc)
	cfg := client.config.Clone()
	cfg.ServerName = o.Name
	t := &socketTLS{c: s.c, name: o.Name, verify: o.Verify, noSession: o.NoSession, session: &TLSSession{}, serverPool: client.roots, depth: r.Loc.LuaSSL.VerifyDepth}
	if o.Session != nil {
		t.session.given = o.Session.got
		s.debugf("lua ssl set session: %p", o.Session)
	}
	cfg.ClientSessionCache = t.session
	if o.Name != "" {
		s.debugf("lua ssl server name: %q", o.Name)
	}
	t.conn = tls.Client(tlsTransport{t: t}, cfg)
	s.tls = t
	t.next, t.stop = iter.Pull(func(yield func(struct{}) bool) {
		t.yield = yield
		t.err = t.conn.HandshakeContext(context.Background())
	})
	if !t.advance() {
		s.connecting = r.running
		s.connecting.Wait((*handshakeWait)(s), s.connectTimeout)
		return "", true
	}
	if why = s.handshakeOver(); why != "" {
		s.shut(false)
	}
	return why, false
}

// advance goes on with the handshake; it tells if that is over.
func (t *socketTLS) advance() bool {
	if _, more := t.next(); more {
		return false
	}
	t.next, t.stop, t.yield = nil, nil, nil
	return true
}

// close ends a handshake under way.
func (t *socketTLS) close() {
	if t.stop != nil {
		t.stop()
		t.next, t.stop, t.yield = nil, nil, nil
	}
}

// handshakeOver looks at how it has ended, and returns what is wrong.
func (s *Socket) handshakeOver() string {
	t := s.tls
	if t.err != nil {
		if s.r.LogEnabled(conf.Err) {
			s.r.Log(conf.Err, "SSL_do_handshake() failed (SSL: "+t.err.Error()+")")
		}
		return "handshake failed"
	}
	state := t.conn.ConnectionState()
	if t.verify {
		if code, text := verifyChain(state.PeerCertificates, t.serverPool, t.depth); code != 0 {
			s.complain(fmt.Sprintf("lua ssl certificate verify error: (%d: %s)", code, text))
			return fmt.Sprintf("%d: %s", code, text)
		}
		if t.name != "" && (len(state.PeerCertificates) == 0 || state.PeerCertificates[0].VerifyHostname(t.name) != nil) {
			s.complain("lua ssl certificate does not match host \"" + t.name + "\"")
			return "certificate host mismatch"
		}
	}
	t.ready = true
	if !t.noSession {
		s.debugf("lua ssl save session: %p", t.session)
	}
	return ""
}

// verifyChain verifies what the peer has sent, and names what is wrong as OpenSSL does; 0: nothing is.
func verifyChain(certs []*x509.Certificate, roots *x509.CertPool, depth int) (code int, text string) {
	if len(certs) == 0 {
		return 20, "unable to get local issuer certificate"
	}
	between := x509.NewCertPool()
	for _, c := range certs[1:] {
		between.AddCert(c)
	}
	chains, err := certs[0].Verify(x509.VerifyOptions{Roots: roots, Intermediates: between})
	if err == nil {
		for _, chain := range chains {
			if len(chain)-2 <= depth {
				return 0, ""
			}
		}
		return 22, "certificate chain too long"
	}
	var invalid x509.CertificateInvalidError
	if errors.As(err, &invalid) && invalid.Reason == x509.Expired {
		if time.Now().Before(invalid.Cert.NotBefore) {
			return 9, "certificate is not yet valid"
		}
		return 10, "certificate has expired"
	}
	selfSigned := func(c *x509.Certificate) bool { return bytes.Equal(c.RawIssuer, c.RawSubject) }
	var unknown x509.UnknownAuthorityError
	if errors.As(err, &unknown) {
		switch {
		case selfSigned(certs[0]):
			return 18, "self-signed certificate"
		case selfSigned(certs[len(certs)-1]):
			return 19, "self-signed certificate in certificate chain"
		}
		return 20, "unable to get local issuer certificate"
	}
	return 1, err.Error()
}

// handshaken ends the waiting for a handshake.
func (s *Socket) handshaken(why string) {
	t := s.connecting
	s.connecting = nil
	if why == "" {
		t.Resume(lua.True)
		return
	}
	vm := s.w.VM
	s.shut(false)
	t.Resume(lua.Nil, vm.NewStringS(why))
}

// handshakeInput goes on with a handshake after something has come; false if none is under way.
func (s *Socket) handshakeInput() bool {
	if s.tls == nil || s.tls.next == nil {
		return false
	}
	if s.tls.advance() && s.connecting != nil {
		s.handshaken(s.handshakeOver())
	}
	return true
}

// Secure tells if the connection speaks TLS.
func (s *Socket) Secure() bool { return s.tls != nil && s.tls.ready }

// Session is that of the connection's handshake; nil without one.
func (s *Socket) Session() *TLSSession {
	if s.tls == nil {
		return nil
	}
	return s.tls.session
}

// handshakeWait is the Waiter of sslhandshake.
type handshakeWait Socket

// TimedOut and Cancel are of Waiter.
func (h *handshakeWait) TimedOut(*Thread) { (*Socket)(h).handshaken("timeout") }

func (h *handshakeWait) Cancel(*Thread) {
	s := (*Socket)(h)
	s.connecting = nil
	s.shut(false)
}

// input views what is decrypted.
func (t *socketTLS) input() []byte {
	if t.plainAt == len(t.plain) && !t.eof && t.err == nil {
		if t.mem == nil {
			t.mem = make([]byte, 16<<10) // a record
		}
		n, err := t.conn.Read(t.mem)
		t.plain, t.plainAt = t.mem[:n], 0
		again := errAgain{}
		switch {
		case err == nil || errors.As(err, &again):
		case err == io.EOF:
			t.eof = true
		default:
			t.err = err
		}
	}
	return t.plain[t.plainAt:]
}

// ended tells that no more input will come.
func (t *socketTLS) ended() (eof bool, err error) {
	if t.plainAt < len(t.plain) {
		return false, nil
	}
	return t.eof, t.err
}

// KeepSession gives a session to a script, by a number, until DropSession.
func (w *Worker) KeepSession(t *TLSSession) uint64 {
	w.tlsSerial++
	w.tlsSessions[w.tlsSerial] = t
	return w.tlsSerial
}

// TLSSession is that of a number, nil if there is none.
func (w *Worker) TLSSession(n uint64) *TLSSession { return w.tlsSessions[n] }

// DropSession is the end of what KeepSession has given.
func (w *Worker) DropSession(n uint64) {
	if t := w.tlsSessions[n]; t != nil && w.LogEnabled(conf.Debug) {
		w.Log(conf.Debug, fmt.Sprintf("lua ssl free session: %p", t))
	}
	delete(w.tlsSessions, n)
}
