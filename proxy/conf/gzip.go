package conf

// Gzip is what the gzip directives say.
type Gzip struct {
	On           bool
	Types        map[string]bool // media types; "*" stands for all
	MinLength    int64           // of a body whose length is known, in bytes
	Level        int             // 1 to 9
	Vary         bool            // Vary: Accept-Encoding
	HTTPVersion  int             // the least, 10 or 11
	Proxied      GzipProxied
	DisableMSIE6 bool
}

// GzipProxied is for which responses to proxies (requests with Via) gzip_proxied allows compression.
type GzipProxied uint16

// Members of GzipProxied.
const (
	GzipExpired GzipProxied = 1 << iota
	GzipNoCache
	GzipNoStore
	GzipPrivate
	GzipNoLastModified
	GzipNoETag
	GzipAuth
	GzipAny
)

var gzipProxiedBits = bitmask(map[string]GzipProxied{
	"off": 0, "expired": GzipExpired, "no-cache": GzipNoCache, "no-store": GzipNoStore, "private": GzipPrivate,
	"no_last_modified": GzipNoLastModified, "no_etag": GzipNoETag, "auth": GzipAuth, "any": GzipAny,
})

func defaultGzip() Gzip {
	return Gzip{Types: map[string]bool{"text/html": true}, MinLength: 20, Level: 1, HTTPVersion: 11}
}

func gzipLevel(d *directive) (int, error) {
	n, ok := parseNumber(d.words[1])
	if !ok {
		return 0, invalidNumber
	}
	if n < 1 || n > 9 {
		return 0, fault("value must be between 1 and 9")
	}
	return int(n), nil
}

func gzipDisable(d *directive) (msie6 bool, err error) {
	for _, w := range d.words[1:] {
		if w != "msie6" {
			return false, fault(`regular expressions in "gzip_disable" are not supported yet`)
		}
	}
	return true, nil
}

func gzipTypes(l *loader, s *scope, d *directive) error {
	if s.once("gzip_types") {
		s.loc.Gzip.Types = map[string]bool{"text/html": true}
	}
	l.mediaTypes(d, s.loc.Gzip.Types)
	return nil
}
