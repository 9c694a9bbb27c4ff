package conf

import (
	"crypto/tls"
	"crypto/x509"
	"path/filepath"
	"strings"
)

// LuaSSL are the lua_ssl_* directives: TLS of sockets that scripts connect.
type LuaSSL struct {
	Trusted     []byte // PEM of lua_ssl_trusted_certificate
	VerifyDepth int
	MinVersion  uint16 // crypto/tls's numbers
	MaxVersion  uint16
	Certificate []byte // PEM of lua_ssl_certificate
	Key         []byte // PEM of lua_ssl_certificate_key

	certificateFile string
}

// defaultLuaSSL are lua-nginx's.
func defaultLuaSSL() LuaSSL {
	return LuaSSL{VerifyDepth: 1, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS13}
}

func sslRows() []row {
	const in = httpServerLocation
	return []row{
		{"lua_ssl_trusted_certificate", in, take1, setting{setTrusted, func(dst, src *Location) { dst.LuaSSL.Trusted = src.LuaSSL.Trusted }, ""}},
		{"lua_ssl_verify_depth", in, take1, locField(count, func(l *Location) *int { return &l.LuaSSL.VerifyDepth })},
		{"lua_ssl_protocols", in, oneMore, setting{setProtocols, func(dst, src *Location) {
			dst.LuaSSL.MinVersion, dst.LuaSSL.MaxVersion = src.LuaSSL.MinVersion, src.LuaSSL.MaxVersion
		}, ""}},
		{"lua_ssl_certificate", in, take1, setting{setCertificate, func(dst, src *Location) {
			dst.LuaSSL.Certificate, dst.LuaSSL.certificateFile = src.LuaSSL.Certificate, src.LuaSSL.certificateFile
		}, ""}},
		{"lua_ssl_certificate_key", in, take1, setting{setCertificateKey, func(dst, src *Location) { dst.LuaSSL.Key = src.LuaSSL.Key }, ""}},
	}
}

// pemFile reads a file whose name is relative to the configuration's folder.
func (l *loader) pemFile(what, name string) (path string, text []byte, err error) {
	if path = name; !filepath.IsAbs(path) {
		path = l.cfg.ConfPrefix + path
	}
	if text, err = l.fs.ReadFile(path); err != nil {
		return path, nil, fault("cannot load " + what + ` "` + path + `": open() failed` + ErrnoText(err))
	}
	return path, text, nil
}

func setTrusted(l *loader, s *scope, d *directive) error {
	if !s.once("lua_ssl_trusted_certificate") {
		return isDuplicate
	}
	path, text, err := l.pemFile("trusted certificate", d.words[1])
	if err != nil {
		return err
	}
	if !x509.NewCertPool().AppendCertsFromPEM(text) {
		return fault(`no certificate in "` + path + `"`)
	}
	s.loc.LuaSSL.Trusted = text
	return nil
}

func setCertificate(l *loader, s *scope, d *directive) (err error) {
	if !s.once("lua_ssl_certificate") {
		return isDuplicate
	}
	c := &s.loc.LuaSSL
	c.certificateFile, c.Certificate, err = l.pemFile("certificate", d.words[1])
	return err
}

func setCertificateKey(l *loader, s *scope, d *directive) (err error) {
	if !s.once("lua_ssl_certificate_key") {
		return isDuplicate
	}
	_, s.loc.LuaSSL.Key, err = l.pemFile("certificate key", d.words[1])
	return err
}

var tlsVersions = map[string]uint16{"TLSv1": tls.VersionTLS10, "TLSv1.1": tls.VersionTLS11, "TLSv1.2": tls.VersionTLS12, "TLSv1.3": tls.VersionTLS13}

func setProtocols(l *loader, s *scope, d *directive) error {
	if !s.once("lua_ssl_protocols") {
		return isDuplicate
	}
	c := &s.loc.LuaSSL
	c.MinVersion, c.MaxVersion = 0, 0
	for _, w := range d.words[1:] {
		v, ok := tlsVersions[w]
		if !ok {
			if w == "SSLv2" || w == "SSLv3" {
				continue // nobody speaks that any more
			}
			return fault(`invalid value "` + w + `"`)
		}
		if c.MinVersion == 0 || v < c.MinVersion {
			c.MinVersion = v
		}
		c.MaxVersion = max(c.MaxVersion, v)
	}
	if c.MinVersion == 0 {
		return fault(`no protocol in "` + strings.Join(d.words[1:], " ") + `" is supported`)
	}
	return nil
}

// checkLuaSSL refuses certificates without their keys, once all directives are known.
func (l *loader) checkLuaSSL() error {
	for _, loc := range l.allLocs {
		c := &loc.LuaSSL
		if c.Certificate == nil {
			continue
		}
		var err error
		if c.Key == nil {
			err = fault(`no "lua_ssl_certificate_key" is defined for certificate ` + c.certificateFile)
		} else if _, e := tls.X509KeyPair(c.Certificate, c.Key); e != nil {
			err = fault(`cannot load certificate "` + c.certificateFile + `": ` + e.Error())
		}
		if err != nil {
			return &Error{Level: Emerg, Msg: err.Error(), File: loc.File, Line: loc.Line}
		}
	}
	return nil
}
