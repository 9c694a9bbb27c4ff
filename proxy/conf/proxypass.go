package conf

import (
	"strconv"
	"strings"
	"time"
)

// ProxyPass is the proxy_pass directive. It isn't inherited.
type ProxyPass struct {
	// URL is the whole text; with variables it says where to only at each request.
	URL Template
	// The rest is of a constant URL.
	Upstream *Upstream // a block, or an implicit one of what Host resolves to
	Host     string    // $proxy_host: host and port as written, "localhost" for a Unix socket
	Port     string    // $proxy_port
	URI      string    // what replaces the location's name; empty: the request's own URI goes on as it came
	File     string
	Line     int

	target Target
}

// NextUpstream are the conditions of proxy_next_upstream.
type NextUpstream uint16

// Conditions of proxy_next_upstream.
const (
	NextError NextUpstream = 1 << iota
	NextTimeout
	NextInvalidHeader
	Next500
	Next502
	Next503
	Next504
	Next403
	Next404
	Next429
	NextNonIdempotent
	NextOff
)

var nextUpstreamBits = bitmask(map[string]NextUpstream{
	"error": NextError, "timeout": NextTimeout, "invalid_header": NextInvalidHeader, "http_500": Next500, "http_502": Next502,
	"http_503": Next503, "http_504": Next504, "http_403": Next403, "http_404": Next404, "http_429": Next429,
	"non_idempotent": NextNonIdempotent, "off": NextOff,
})

// ProxyHeader is one proxy_set_header. A header whose value turns out empty isn't sent.
type ProxyHeader struct {
	Name  string
	Value Template
}

// ProxyRedirect is one proxy_redirect: a prefix of Location and Refresh, and what takes its place.
type ProxyRedirect struct {
	Default  bool // From and To follow from proxy_pass and the location
	From, To Template
}

// Proxy holds the proxy_* directives but proxy_pass.
type Proxy struct {
	HTTP11          bool // proxy_http_version 1.1
	Method          Template
	SetHeaders      []ProxyHeader // without the defaults
	HideHeaders     []string
	PassHeaders     []string
	Redirects       []ProxyRedirect // nil: the default alone
	RedirectOff     bool
	PassHeadersOff  bool // proxy_pass_request_headers off
	PassBodyOff     bool // proxy_pass_request_body off
	BufferingOff    bool
	RequestUnbuffer bool // proxy_request_buffering off
	IgnoreAbort     bool // proxy_ignore_client_abort on
	InterceptErrors bool // proxy_intercept_errors on
	ConnectTimeout  time.Duration
	SendTimeout     time.Duration
	ReadTimeout     time.Duration
	BufferSize      int64 // bytes the head of a response may have
	Buffers         Buffers
	Next            NextUpstream
	NextTries       int           // 0: no bound
	NextTimeout     time.Duration // 0: no bound
}

// proxyDefaults are nginx's, with pages of 4096 bytes.
var proxyDefaults = Proxy{
	ConnectTimeout: 60 * time.Second, SendTimeout: 60 * time.Second, ReadTimeout: 60 * time.Second,
	BufferSize: 4096, Buffers: Buffers{8, 4096}, Next: NextError | NextTimeout,
}

// proxyField is a directive that sets a field of Location.Proxy.
func proxyField[T any](parse parseFunc[T], field func(*Proxy) *T) setting {
	return locField(parse, func(l *Location) *T { return field(&l.Proxy) })
}

// negated is a flag whose off sets the field.
func negated(d *directive) (bool, error) {
	on, err := onOff(d)
	return !on, err
}

func proxyRows() []row {
	const in = httpServerLocation
	return []row{
		{"proxy_pass", inLocation | inLocationIf, take1, setting{do: setProxyPass}},
		{"proxy_http_version", in, take1, proxyField(proxyVersion, func(p *Proxy) *bool { return &p.HTTP11 })},
		{"proxy_method", in, take1, setting{setProxyMethod, func(dst, src *Location) { dst.Proxy.Method = src.Proxy.Method }, ""}},
		{"proxy_set_header", in, take2, setting{addProxyHeader, func(dst, src *Location) { dst.Proxy.SetHeaders = src.Proxy.SetHeaders }, ""}},
		{"proxy_hide_header", in, take1, setting{func(l *loader, s *scope, d *directive) error {
			return addName(s, d, &s.loc.Proxy.HideHeaders)
		}, func(dst, src *Location) { dst.Proxy.HideHeaders = src.Proxy.HideHeaders }, ""}},
		{"proxy_pass_header", in, take1, setting{func(l *loader, s *scope, d *directive) error {
			return addName(s, d, &s.loc.Proxy.PassHeaders)
		}, func(dst, src *Location) { dst.Proxy.PassHeaders = src.Proxy.PassHeaders }, ""}},
		{"proxy_redirect", in, take12, setting{addProxyRedirect, func(dst, src *Location) {
			dst.Proxy.Redirects, dst.Proxy.RedirectOff = src.Proxy.Redirects, src.Proxy.RedirectOff
		}, ""}},
		{"proxy_pass_request_headers", in, flagArg, proxyField(negated, func(p *Proxy) *bool { return &p.PassHeadersOff })},
		{"proxy_pass_request_body", in, flagArg, proxyField(negated, func(p *Proxy) *bool { return &p.PassBodyOff })},
		{"proxy_buffering", in, flagArg, proxyField(negated, func(p *Proxy) *bool { return &p.BufferingOff })},
		{"proxy_request_buffering", in, flagArg, proxyField(negated, func(p *Proxy) *bool { return &p.RequestUnbuffer })},
		{"proxy_ignore_client_abort", in, flagArg, proxyField(onOff, func(p *Proxy) *bool { return &p.IgnoreAbort })},
		{"proxy_intercept_errors", in, flagArg, proxyField(onOff, func(p *Proxy) *bool { return &p.InterceptErrors })},
		{"proxy_connect_timeout", in, take1, proxyField(msec, func(p *Proxy) *time.Duration { return &p.ConnectTimeout })},
		{"proxy_send_timeout", in, take1, proxyField(msec, func(p *Proxy) *time.Duration { return &p.SendTimeout })},
		{"proxy_read_timeout", in, take1, proxyField(msec, func(p *Proxy) *time.Duration { return &p.ReadTimeout })},
		{"proxy_buffer_size", in, take1, proxyField(size, func(p *Proxy) *int64 { return &p.BufferSize })},
		{"proxy_buffers", in, take2, proxyField(buffers, func(p *Proxy) *Buffers { return &p.Buffers })},
		{"proxy_next_upstream", in, oneMore, proxyField(nextUpstream, func(p *Proxy) *NextUpstream { return &p.Next })},
		{"proxy_next_upstream_tries", in, take1, proxyField(count, func(p *Proxy) *int { return &p.NextTries })},
		{"proxy_next_upstream_timeout", in, take1, proxyField(msec, func(p *Proxy) *time.Duration { return &p.NextTimeout })},
		{"proxy_busy_buffers_size", in, take1, noEffect(size)},
		{"proxy_max_temp_file_size", in, take1, noEffect(size)},
		{"proxy_temp_file_write_size", in, take1, noEffect(size)},
		{"proxy_headers_hash_max_size", in, take1, noEffect(number)},
		{"proxy_headers_hash_bucket_size", in, take1, noEffect(number)},

		{"upstream", inHTTP, block | take1, setting{do: upstreamBlock}},
		{"server", inUpstream, oneMore, setting{do: upstreamServer}},
		{"keepalive", inUpstream, take12, setting{do: upstreamKeepalive}},
		{"keepalive_timeout", inUpstream, take1, upstreamField(msec, func(u *Upstream) *time.Duration { return &u.KeepaliveTimeout })},
		{"keepalive_time", inUpstream, take1, upstreamField(msec, func(u *Upstream) *time.Duration { return &u.KeepaliveTime })},
		{"keepalive_requests", inUpstream, take1, upstreamField(count, func(u *Upstream) *int { return &u.KeepaliveRequests })},
	}
}

func proxyVersion(d *directive) (bool, error) {
	v, err := httpVersion(d)
	return v == 11, err
}

func nextUpstream(d *directive) (NextUpstream, error) {
	next, err := nextUpstreamBits(d)
	if next&NextOff != 0 {
		next = NextOff
	}
	return next, err
}

func setProxyMethod(l *loader, s *scope, d *directive) error {
	if !s.once("proxy_method") {
		return isDuplicate
	}
	var err error
	s.loc.Proxy.Method, err = l.template(d, d.words[1])
	return err
}

func addProxyHeader(l *loader, s *scope, d *directive) error {
	s.once("proxy_set_header")
	v, err := l.template(d, d.words[2])
	if err != nil {
		return err
	}
	s.loc.Proxy.SetHeaders = append(s.loc.Proxy.SetHeaders, ProxyHeader{d.words[1], v})
	return nil
}

func addName(s *scope, d *directive, to *[]string) error {
	s.once(d.name())
	*to = append(*to, d.words[1])
	return nil
}

func addProxyRedirect(l *loader, s *scope, d *directive) error {
	p := &s.loc.Proxy
	s.once("proxy_redirect")
	if len(d.words) == 2 {
		switch d.words[1] {
		case "off":
			p.RedirectOff = true
			return nil
		case "default":
			if pass := s.loc.ProxyPass; pass == nil {
				return fault(`"proxy_redirect default" should be placed after the "proxy_pass" directive`)
			} else if !pass.URL.IsConst() {
				return fault(`"proxy_redirect default" cannot be used with "proxy_pass" directive with variables`)
			}
			p.Redirects = append(p.Redirects, ProxyRedirect{Default: true})
			return nil
		}
		return fault(`invalid parameter "` + d.words[1] + `"`)
	}
	if strings.HasPrefix(d.words[1], "~") {
		return fault(`regular expressions in "proxy_redirect" are not supported yet`)
	}
	from, err := l.template(d, d.words[1])
	if err != nil {
		return err
	}
	to, err := l.template(d, d.words[2])
	if err != nil {
		return err
	}
	p.Redirects = append(p.Redirects, ProxyRedirect{From: from, To: to})
	return nil
}

func setProxyPass(l *loader, s *scope, d *directive) error {
	if s.loc.ProxyPass != nil {
		return isDuplicate
	}
	url := d.words[1]
	t, err := l.template(d, url)
	if err != nil {
		return err
	}
	p := &ProxyPass{URL: t, File: d.file, Line: d.line}
	s.loc.ProxyPass, s.loc.Handler = p, HandlerProxy
	if !t.IsConst() {
		return nil
	}
	target, err := ParseTarget(url)
	if err != nil {
		return err
	}
	p.target = target
	if target.URI != "" && (s.loc.Named || s.loc.Regex != nil || s.loc.NoName) {
		return fault(`"proxy_pass" cannot have URI part in location given by regular expression, or inside named location, ` +
			`or inside "if" statement, or inside "limit_except" block`)
	}
	p.Host, p.Port, p.URI = target.HostHeader(), target.Port, target.URI
	return nil
}

// Target is what the URL of a proxy_pass says.
type Target struct {
	Host string // name or address, without brackets kept off: as written; the path of a Unix socket
	Port string // as written or "80"; empty for a Unix socket
	URI  string // from the first "/" or "?" on
	Unix bool

	explicit bool // the port was written
}

// ParseTarget splits "http://host[:port][/uri]" and "http://unix:/path[:/uri]".
func ParseTarget(url string) (t Target, err error) {
	const scheme = "http://"
	if len(url) < len(scheme) || !strings.EqualFold(url[:len(scheme)], scheme) {
		if len(url) >= 8 && strings.EqualFold(url[:8], "https://") {
			return t, fault(`"https://" in "proxy_pass" is not supported yet`)
		}
		return t, fault("invalid URL prefix")
	}
	rest := url[len(scheme):]
	bad := func(why string) (Target, error) { return t, fault(why + ` in upstream "` + rest + `"`) }
	if path, ok := strings.CutPrefix(rest, "unix:"); ok {
		t.Unix = true
		t.Host, t.URI, _ = strings.Cut(path, ":")
		if t.Host == "" {
			return bad("no path in the unix domain socket")
		}
		if len(t.Host) >= unixPathMax {
			return bad("too long path in the unix domain socket")
		}
		return t, nil
	}
	host := rest
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		host, t.URI = rest[:i], rest[i:]
	}
	if t.URI != "" && t.URI[0] != '/' {
		t.URI = "/" + t.URI
	}
	t.Host, t.Port = host, "80"
	colon := strings.LastIndexByte(host, ':')
	if strings.HasPrefix(host, "[") {
		end := strings.IndexByte(host, ']')
		if end < 0 {
			return bad("invalid host")
		}
		if colon < end {
			colon = -1
		}
	}
	if colon >= 0 {
		t.Host, t.Port, t.explicit = host[:colon], host[colon+1:], true
		if n, err := strconv.ParseUint(t.Port, 10, 16); err != nil || n == 0 {
			return bad("invalid port")
		}
	}
	if t.Host == "" {
		return bad("no host")
	}
	return t, nil
}

// HostHeader is $proxy_host.
func (t *Target) HostHeader() string {
	if t.Unix {
		return "localhost"
	}
	if !t.explicit || t.Port == "80" {
		return t.Host
	}
	return t.Host + ":" + t.Port
}
