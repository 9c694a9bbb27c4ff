// Package phase is the one table of the phases in which Lua code runs: what a
// phase is called, how it prints, which bit stands for it in masks of what
// the API allows, whether code may wait in it, and whether it is built yet.
//
// The tables are constant; any goroutine may read them.
package phase

// Phase is where in the life of a process, connection or request Lua code runs.
type Phase uint8

// The phases. None is the time in which no Lua code runs.
const (
	None Phase = iota
	Init
	InitWorker
	ExitWorker
	SSLClientHello
	SSLCertificate
	SSLSessionFetch
	SSLSessionStore
	ServerRewrite
	Set
	Rewrite
	Access
	Precontent
	Content
	Balancer
	ProxySSLCertificate
	ProxySSLVerify
	HeaderFilter
	BodyFilter
	Log
	Timer
	count
)

// Mask is a set of phases.
type Mask uint32

// row describes one phase.
type row struct {
	// name is what ngx.get_phase returns.
	name string
	// context is how "API disabled in the context of ..." names it.
	context string
	// directive is the prefix of the directives that give its code; "_block" and "_file" may follow.
	directive string
	yields    bool // its code may wait: ngx.sleep, cosockets, reading the body
	request   bool // it belongs to a request
	built     bool // this server runs it
}

var table = [count]row{
	None:                {},
	Init:                {"init", "init_by_lua*", "init_by_lua", false, false, true},
	InitWorker:          {"init_worker", "init_worker_by_lua*", "init_worker_by_lua", false, false, true},
	ExitWorker:          {"exit_worker", "exit_worker_by_lua*", "exit_worker_by_lua", false, false, true},
	SSLClientHello:      {"ssl_client_hello", "ssl_client_hello_by_lua*", "ssl_client_hello_by_lua", true, false, false},
	SSLCertificate:      {"ssl_cert", "ssl_certificate_by_lua*", "ssl_certificate_by_lua", true, false, false},
	SSLSessionFetch:     {"ssl_session_fetch", "ssl_session_fetch_by_lua*", "ssl_session_fetch_by_lua", true, false, false},
	SSLSessionStore:     {"ssl_session_store", "ssl_session_store_by_lua*", "ssl_session_store_by_lua", false, false, false},
	ServerRewrite:       {"server_rewrite", "server_rewrite_by_lua*", "server_rewrite_by_lua", true, true, false},
	Set:                 {"set", "set_by_lua*", "set_by_lua", false, true, true},
	Rewrite:             {"rewrite", "rewrite_by_lua*", "rewrite_by_lua", true, true, true},
	Access:              {"access", "access_by_lua*", "access_by_lua", true, true, true},
	Precontent:          {"precontent", "precontent_by_lua*", "precontent_by_lua", true, true, false},
	Content:             {"content", "content_by_lua*", "content_by_lua", true, true, true},
	Balancer:            {"balancer", "balancer_by_lua*", "balancer_by_lua", false, true, false},
	ProxySSLCertificate: {"proxy_ssl_cert", "proxy_ssl_certificate_by_lua*", "proxy_ssl_certificate_by_lua", true, true, false},
	ProxySSLVerify:      {"proxy_ssl_verify", "proxy_ssl_verify_by_lua*", "proxy_ssl_verify_by_lua", true, true, false},
	HeaderFilter:        {"header_filter", "header_filter_by_lua*", "header_filter_by_lua", false, true, true},
	BodyFilter:          {"body_filter", "body_filter_by_lua*", "body_filter_by_lua", false, true, true},
	Log:                 {"log", "log_by_lua*", "log_by_lua", false, true, true},
	Timer:               {"timer", "ngx.timer", "", true, false, true},
}

// All is every phase.
const All = Mask(1<<count - 1<<1)

// Yielding is the phases whose code may wait, OfRequest those that belong to a request.
var Yielding, OfRequest = masks()

func masks() (yielding, request Mask) {
	for p, r := range table {
		if r.yields {
			yielding |= Phase(p).Bit()
		}
		if r.request {
			request |= Phase(p).Bit()
		}
	}
	return yielding, request
}

// Bit is the mask that holds p alone; that of None is in no other mask.
func (p Phase) Bit() Mask { return 1 << p }

// Of is the set of the phases given.
func Of(phases ...Phase) Mask {
	var m Mask
	for _, p := range phases {
		m |= p.Bit()
	}
	return m
}

// Has tells if p is in m.
func (m Mask) Has(p Phase) bool { return m&p.Bit() != 0 }

// String is the name that ngx.get_phase returns, "" for None.
func (p Phase) String() string { return p.row().name }

// Context names p in error messages: "content_by_lua*".
func (p Phase) Context() string {
	if c := p.row().context; c != "" {
		return c
	}
	return "(unknown)"
}

// Directive is the prefix of the directives with code for p, "" if there are none.
func (p Phase) Directive() string { return p.row().directive }

// Yields tells if code may wait in p.
func (p Phase) Yields() bool { return p.row().yields }

// Built tells if this server runs code in p.
func (p Phase) Built() bool { return p.row().built }

func (p Phase) row() *row {
	if p >= count {
		p = None
	}
	return &table[p]
}
