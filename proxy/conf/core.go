package conf

import (
	"strings"
	"time"
)

// Core are the smaller settings of nginx's core and header modules.
type Core struct {
	ETag            bool
	IfModifiedSince IfModifiedSince
	MaxRanges       int // 0: no ranges; -1: max_ranges isn't set
	LogNotFound     bool

	AbsoluteRedirect     bool // a Location that begins with "/" goes out with scheme and host
	ServerNameInRedirect bool // the host is the server's first name
	PortInRedirect       bool

	// What follows up to IgnoreInvalidHeaders holds before the request's server is known: that of the address's
	// default server counts.
	MergeSlashes         bool
	UnderscoresInHeaders bool
	IgnoreInvalidHeaders bool

	ChunkedTransferEncoding bool
	KeepaliveDisable        KeepaliveDisable
	KeepaliveTime           time.Duration
	ResetTimedout           bool // reset_timedout_connection
	MSIEPadding             bool

	Gzip       Gzip
	AddHeaders []AddHeader
	Expires    Expires
	Charset    string          // put behind a text's type; empty: nothing is
	CharsetFor map[string]bool // the types that get it; "*" stands for all
}

// IfModifiedSince is if_modified_since.
type IfModifiedSince int8

// Values of if_modified_since.
const (
	IfModifiedSinceOff IfModifiedSince = iota
	IfModifiedSinceExact
	IfModifiedSinceBefore
)

// KeepaliveDisable is a set of browsers whose connections aren't kept.
type KeepaliveDisable uint8

// Members of KeepaliveDisable.
const (
	KeepaliveDisableMSIE6 KeepaliveDisable = 1 << iota
	KeepaliveDisableSafari
)

// AddHeader is one add_header.
type AddHeader struct {
	Name   string
	Value  Template
	Always bool // whatever the status
}

// ExpiresKind is what expires names.
type ExpiresKind int8

// Kinds of expires.
const (
	ExpiresOff ExpiresKind = iota
	ExpiresEpoch
	ExpiresMax
	ExpiresAccess   // so long after now
	ExpiresModified // after the time of modification
	ExpiresDaily    // at that time of day
)

// Expires is expires.
type Expires struct {
	Kind ExpiresKind
	Time time.Duration
}

// defaultCore are nginx's defaults.
func defaultCore() Core {
	return Core{
		ETag: true, IfModifiedSince: IfModifiedSinceExact, MaxRanges: -1, LogNotFound: true, AbsoluteRedirect: true, PortInRedirect: true,
		MergeSlashes: true, IgnoreInvalidHeaders: true, ChunkedTransferEncoding: true, KeepaliveDisable: KeepaliveDisableMSIE6,
		KeepaliveTime: time.Hour, MSIEPadding: true, Gzip: defaultGzip(), CharsetFor: defaultCharsetTypes,
	}
}

var defaultCharsetTypes = map[string]bool{
	"text/html": true, "text/xml": true, "text/plain": true, "text/vnd.wap.wml": true, "application/javascript": true,
	"application/rss+xml": true,
}

var (
	ifModifiedSinceEnum  = enum[IfModifiedSince]("off", "exact", "before")
	keepaliveDisableBits = bitmask(map[string]KeepaliveDisable{"none": 0, "msie6": KeepaliveDisableMSIE6, "safari": KeepaliveDisableSafari})
)

func coreFlag(field func(c *Core) *bool) setting {
	return locField(onOff, func(l *Location) *bool { return field(&l.Core) })
}

// coreRows are the directives of Core, and those of the same modules that mean nothing here.
func coreRows() []row {
	return []row{
		{"etag", httpServerLocation, flagArg, coreFlag(func(c *Core) *bool { return &c.ETag })},
		{"if_modified_since", httpServerLocation, take1,
			locField(ifModifiedSinceEnum, func(l *Location) *IfModifiedSince { return &l.IfModifiedSince })},
		{"max_ranges", httpServerLocation, take1, locField(count, func(l *Location) *int { return &l.MaxRanges })},
		{"log_not_found", httpServerLocation, flagArg, coreFlag(func(c *Core) *bool { return &c.LogNotFound })},
		{"absolute_redirect", httpServerLocation, flagArg, coreFlag(func(c *Core) *bool { return &c.AbsoluteRedirect })},
		{"server_name_in_redirect", httpServerLocation, flagArg, coreFlag(func(c *Core) *bool { return &c.ServerNameInRedirect })},
		{"port_in_redirect", httpServerLocation, flagArg, coreFlag(func(c *Core) *bool { return &c.PortInRedirect })},
		{"merge_slashes", httpServer, flagArg, coreFlag(func(c *Core) *bool { return &c.MergeSlashes })},
		{"underscores_in_headers", httpServer, flagArg, coreFlag(func(c *Core) *bool { return &c.UnderscoresInHeaders })},
		{"ignore_invalid_headers", httpServer, flagArg, coreFlag(func(c *Core) *bool { return &c.IgnoreInvalidHeaders })},
		{"chunked_transfer_encoding", httpServerLocation, flagArg, coreFlag(func(c *Core) *bool { return &c.ChunkedTransferEncoding })},
		{"keepalive_disable", httpServerLocation, take12, locField(keepaliveDisableBits, func(l *Location) *KeepaliveDisable { return &l.KeepaliveDisable })},
		{"keepalive_time", httpServerLocation, take1, locField(msec, func(l *Location) *time.Duration { return &l.KeepaliveTime })},
		{"reset_timedout_connection", httpServerLocation, flagArg, coreFlag(func(c *Core) *bool { return &c.ResetTimedout })},
		{"msie_padding", httpServerLocation, flagArg, coreFlag(func(c *Core) *bool { return &c.MSIEPadding })},
		{"add_header", httpServerLocation, take23, setting{addHeader, func(dst, src *Location) { dst.AddHeaders = src.AddHeaders }, ""}},
		{"expires", httpServerLocation, take12, locField(expires, func(l *Location) *Expires { return &l.Expires })},
		{"charset", httpServerLocation, take1, locField(charset, func(l *Location) *string { return &l.Charset })},
		{"charset_types", httpServerLocation, oneMore, setting{charsetTypes, func(dst, src *Location) { dst.CharsetFor = src.CharsetFor }, ""}},

		{"gzip", httpServerLocation, flagArg, coreFlag(func(c *Core) *bool { return &c.Gzip.On })},
		{"gzip_vary", httpServerLocation, flagArg, coreFlag(func(c *Core) *bool { return &c.Gzip.Vary })},
		{"gzip_min_length", httpServerLocation, take1, locField(size, func(l *Location) *int64 { return &l.Gzip.MinLength })},
		{"gzip_comp_level", httpServerLocation, take1, locField(gzipLevel, func(l *Location) *int { return &l.Gzip.Level })},
		{"gzip_http_version", httpServerLocation, take1, locField(httpVersion, func(l *Location) *int { return &l.Gzip.HTTPVersion })},
		{"gzip_proxied", httpServerLocation, oneMore, locField(gzipProxiedBits, func(l *Location) *GzipProxied { return &l.Gzip.Proxied })},
		{"gzip_disable", httpServerLocation, oneMore, locField(gzipDisable, func(l *Location) *bool { return &l.Gzip.DisableMSIE6 })},
		{"gzip_types", httpServerLocation, oneMore, setting{gzipTypes, func(dst, src *Location) { dst.Gzip.Types = src.Gzip.Types }, ""}},
		{"gzip_buffers", httpServerLocation, take2, noEffect(buffers)},

		{"open_file_cache", httpServerLocation, take12, setting{do: openFileCache}},
		{"open_file_cache_valid", httpServerLocation, take1, noEffect(seconds)},
		{"open_file_cache_min_uses", httpServerLocation, take1, noEffect(number)},
		{"open_file_cache_errors", httpServerLocation, flagArg, noEffect(onOff)},
		{"postpone_output", httpServerLocation, take1, noEffect(size)},
		{"output_buffers", httpServerLocation, take2, noEffect(buffers)},
		{"sendfile_max_chunk", httpServerLocation, take1, noEffect(size)},
		{"read_ahead", httpServerLocation, take1, noEffect(size)},
		{"directio", httpServerLocation, take1, noEffect(directIO)},
		{"directio_alignment", httpServerLocation, take1, noEffect(offset)},
		{"aio", httpServerLocation, take1, noEffect(text)},
		{"aio_write", httpServerLocation, flagArg, noEffect(onOff)},
		{"map_hash_bucket_size", inHTTP, take1, noEffect(number)},
		{"map_hash_max_size", inHTTP, take1, noEffect(number)},
		{"worker_aio_requests", inEvents, take1, noEffect(number)},
	}
}

func directIO(d *directive) (int64, error) {
	if d.words[1] == "off" {
		return 0, nil
	}
	return offset(d)
}

// openFileCache checks the parameters of a cache that isn't needed: files are opened each time.
func openFileCache(l *loader, s *scope, d *directive) error {
	if !s.once("open_file_cache") {
		return isDuplicate
	}
	maxGiven := false
	for _, w := range d.words[1:] {
		key, value, _ := strings.Cut(w, "=")
		ok := false
		switch {
		case w == "off":
			ok, maxGiven = true, true
		case key == "max":
			var n int64
			n, ok = parseNumber(value)
			ok, maxGiven = ok && n > 0, true
		case key == "inactive":
			_, ok = parseTime(value, true)
		}
		if !ok {
			return fault(`invalid "open_file_cache" parameter "` + w + `"`)
		}
	}
	if !maxGiven {
		return fault(`"open_file_cache" must have the "max" parameter`)
	}
	l.noteOnce(d, `the "open_file_cache" directive has no effect`)
	return nil
}

func addHeader(l *loader, s *scope, d *directive) error {
	if s.once("add_header") {
		s.loc.AddHeaders = nil
	}
	h := AddHeader{Name: d.words[1]}
	var err error
	if h.Value, err = l.template(d, d.words[2]); err != nil {
		return err
	}
	if len(d.words) == 4 {
		if d.words[3] != "always" {
			return fault(`invalid parameter "` + d.words[3] + `"`)
		}
		h.Always = true
	}
	s.loc.AddHeaders = append(s.loc.AddHeaders, h)
	return nil
}

func expires(d *directive) (e Expires, err error) {
	words := d.words[1:]
	e.Kind = ExpiresAccess
	if len(words) == 2 {
		if words[0] != "modified" {
			return e, invalidValue
		}
		e.Kind = ExpiresModified
		words = words[1:]
	}
	value := words[0]
	if strings.HasPrefix(value, "$") {
		return e, fault(`variables in "expires" are not supported yet`)
	}
	if len(d.words) == 2 {
		switch value {
		case "epoch":
			return Expires{Kind: ExpiresEpoch}, nil
		case "max":
			return Expires{Kind: ExpiresMax}, nil
		case "off":
			return Expires{}, nil
		}
	}
	minus := false
	switch {
	case value != "" && value[0] == '@':
		if e.Kind == ExpiresModified {
			return e, misuse("daily time cannot be used with \"modified\" parameter")
		}
		e.Kind, value = ExpiresDaily, value[1:]
	case value != "" && (value[0] == '+' || value[0] == '-'):
		minus, value = value[0] == '-', value[1:]
	}
	t, ok := parseTime(value, true)
	if !ok {
		return e, invalidValue
	}
	if e.Kind == ExpiresDaily && t > 24*time.Hour {
		return e, misuse("daily time value must be less than 24 hours")
	}
	if minus {
		t = -t
	}
	e.Time = t
	return e, nil
}

func charset(d *directive) (string, error) {
	switch name := d.words[1]; {
	case name == "off":
		return "", nil
	case strings.HasPrefix(name, "$"):
		return "", fault(`variables in "charset" are not supported yet`)
	default:
		return name, nil
	}
}

func charsetTypes(l *loader, s *scope, d *directive) error {
	if s.once("charset_types") {
		s.loc.CharsetFor = map[string]bool{"text/html": true}
	}
	l.mediaTypes(d, s.loc.CharsetFor)
	return nil
}

// mediaTypes adds a directive's types to a set.
func (l *loader) mediaTypes(d *directive, set map[string]bool) {
	for _, w := range d.words[1:] {
		w = strings.ToLower(w)
		if set[w] {
			l.note(Warn, d, `duplicate MIME type "`+w+`"`)
			continue
		}
		set[w] = true
	}
}
