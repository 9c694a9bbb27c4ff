package proxy

import (
	"net/netip"

	"moonring/lua"
	"moonring/proxy/conf"
	"moonring/proxy/h1"
	"moonring/proxy/phase"
	"moonring/ring"
)

// Request is one request and its response. Requests are pooled: nothing of one
// may be kept after its log phase. Byte slices that a Request returns are
// views, valid until the running callback or builtin returns, unless said otherwise.
type Request struct {
	Worker *Worker
	Head   h1.Request // as sent; views of memory that the request owns whenever Lua waits
	exchange

	parser h1.Parser
	sub    subrequests

	head    []byte // own copy of the head, see own
	pathBuf []byte
	argsBuf []byte
	edits   []byte // request headers that scripts have set
	// The echo and headers-more modules.
	echo    echoState
	moreBuf []byte // values of more_set_headers, and the text of echo_before_body

	// The response.
	typeBuf  []byte // from Lua: takes precedence if typeSet
	location []byte // absolute redirect, printed among nginx's own headers
	headers  respHeaders
	out      []byte // body, not yet in the connection's queue
	filter   bodyFilter

	body bodyReader
	file fileReply

	// Lua.
	entry    Thread       // runs the code of phases
	threads  []*Thread    // that it and they have spawned
	past     []pastThread // threads that are no more
	life     uint32       // one more with each release
	ctx      lua.Ref
	awayArgs []byte // of awayExec: where to is in text
	setBuf   []byte // of set_by_lua*: ngx.arg, each ending at one of setEnds; then what it returned
	setEnds  []int
	timer    ring.Timer // echo_sleep's

	userVars  []userValue // empty until one is used
	varMem    []byte      // their values
	mapBufs   []mapBuf    // by mapDepth
	groups    []group     // of the last match
	groupText []byte      // what they are in
	ruleBuf   []byte      // what rewrite, try_files and error_page compute

	reply  []byte // text of a return with variables, until it is sent
	text   []byte // short-lived: of what is being put together
	varBuf []byte // Var's computed values
	dirBuf []byte // those with root in them, whose variables are computed in varBuf meanwhile
	idBuf  []byte // $request_id, made at first use
}

// exchange is what a request begins anew with, and owns no memory: all of it is zero then, but for what reset says.
type exchange struct {
	Server *conf.Server
	Loc    *conf.Location // settings in force: the server's own until a location is chosen
	Phase  phase.Phase    // whose code runs, None between

	// Status is the response's status, 0 before one is set; see SetStatus.
	Status int
	// HeaderSent: status and headers can't change any more.
	HeaderSent bool

	StartTime int64 // wall clock, nanoseconds since 1970, when the head began to be read

	cn   *conn
	loc  *location // Loc with what is computed from it at start
	step step

	path          []byte // current normalised path: a view of Head or of pathBuf
	args          []byte // current arguments: a view of Head or of argsBuf
	pathView      bool
	argsView      bool
	owned         bool // Head is in head
	moreDone      bool // the response's headers were changed
	moreInputDone bool // the request's were

	edited   int  // bytes that edits took
	sentHead bool // the client's method was HEAD, and a script has changed it

	errorPaged     bool  // answered by an error_page, so not again
	pathForeign    bool  // by rewrite ... break: alias can't tell what the location's name is
	addPathToAlias bool  // by try_files in a location whose alias stands for the whole path
	uriChanges     uint8 // see cycle
	uriChanged     bool  // by rewrite directives or Lua: a location is to be chosen anew
	internal       bool  // redirected internally
	headLen        int   // bytes of the head as sent
	pipelined      bool  // it came together with the one before

	// The response.
	errStatus     int
	contentLength int64  // -1: unknown
	lastModified  int64  // seconds since 1970; h1.NoTime
	contentType   string // not from Lua
	typeSet       bool
	gzip          gzipReply
	decorated     bool // what decorate adds is there
	keepAlive     bool
	headOnly      bool // no body follows the header
	chunked       bool
	buffering     bool  // output is kept until its length is known: HTTP/1.0
	committed     bool  // the header is in the connection's queue
	ended         bool  // the response is complete
	closeSilently bool  // no response, or no more of it
	buffered      int   // bytes that went to out because of buffering, counted in Worker.buffered
	bodySent      int64 // bytes of body given out, without framing
	bytesSent     int64
	headSent      int // bytes of it that are the header's
	headFiltered  bool

	// Lua.
	live       int     // threads that have not ended
	running    *Thread // whose code runs, or ran last
	spawning   bool    // it is suspended for that: see Spawn
	spawner    lua.Value
	onAbort    onAbort
	flushing   int // threads that wait for output to be sent
	capturing  int // threads that wait for subrequests
	exitCode   int
	away       away
	auth       authorization
	accessCode int // satisfy any: with what the access phase has refused so far
	exited     bool
	atOnce     bool // the phase's code has not waited yet
	content    bool // the content phase has begun

	sockets *Socket // that its scripts, or its subrequests', have connected
	client  *Socket // ngx.req.socket
	raw     bool    // it has been all the client's connection

	up         *proxied // proxy_pass
	statusText []byte   // the upstream's status and reason, in place of ours
	otherURI   bool     // path or args are not what the client sent

	remote, local netip.AddrPort // once the connection is gone

	varWaste int // bytes of varMem that are no longer used
	mapDepth int
}

const (
	headKeep = 8 << 10  // bytes of head memory a pooled request keeps
	outKeep  = 32 << 10 // of output
	bodyKeep = 64 << 10 // of body
)

// reset makes r as good as new, memory aside.
func (r *Request) reset() {
	keep := func(b []byte, most int) []byte {
		if cap(b) > most {
			return nil
		}
		return b[:0]
	}
	if poisoned {
		r.poison()
	}
	r.exchange = exchange{}
	r.contentLength, r.lastModified, r.spawner = -1, h1.NoTime, lua.Nil
	r.Head.Reset()
	r.parser.Reset()
	r.head, r.pathBuf, r.argsBuf = keep(r.head, headKeep), keep(r.pathBuf, headKeep), keep(r.argsBuf, headKeep)
	r.userVars, r.varMem = r.userVars[:0], keep(r.varMem, headKeep)
	for i := range r.mapBufs {
		m := &r.mapBufs[i]
		m.key, m.lower, m.value = keep(m.key, headKeep), keep(m.lower, headKeep), keep(m.value, headKeep)
	}
	r.mapBufs = r.mapBufs[:0]
	r.groups, r.groupText, r.ruleBuf = r.groups[:0], keep(r.groupText, headKeep), keep(r.ruleBuf, headKeep)
	r.echo.reset()
	r.moreBuf, r.edits, r.typeBuf = keep(r.moreBuf, headKeep), keep(r.edits, headKeep), keep(r.typeBuf, headKeep)
	r.location, r.out = keep(r.location, headKeep), keep(r.out, outKeep)
	r.headers.reset()
	r.filter.reset()
	r.body.reset()
	r.awayArgs, r.setBuf, r.setEnds = keep(r.awayArgs, headKeep), keep(r.setBuf, headKeep), r.setEnds[:0]
	r.threads, r.past = r.threads[:0], r.past[:0]
	r.file.reset()
	r.sub.reset()
	r.reply = keep(r.reply, headKeep)
	r.text, r.varBuf, r.dirBuf, r.idBuf = keep(r.text, headKeep), keep(r.varBuf, headKeep), keep(r.dirBuf, headKeep), r.idBuf[:0]
}

// poison overwrites the memory that a pooled request keeps, so that a view kept too long shows.
func (r *Request) poison() {
	for _, b := range [][]byte{r.head, r.edits, r.echo.text, r.echo.loopText, r.moreBuf, r.pathBuf, r.argsBuf, r.typeBuf, r.location, r.headers.buf, r.out, r.body.buf, r.text, r.reply, r.varBuf, r.dirBuf, r.idBuf, r.varMem, r.groupText, r.ruleBuf, r.awayArgs, r.setBuf, r.filter.own, r.filter.piece, r.file.path, r.file.index} {
		b = b[:cap(b)]
		for i := range b {
			b[i] = 0xDB
		}
	}
}

// newRequest takes a request from the pool.
func (w *Worker) newRequest(cn *conn) *Request {
	r := w.takeRequest()
	r.cn = cn
	r.StartTime = w.Ring.WallUnixNano()
	s := cn.addr.def
	r.Server = cn.addr.Default
	r.setLocation(s)
	r.parser.HeaderBuffer, r.parser.LargeBuffers, r.parser.LargeSize = s.headerBuffer, s.largeBuffers, s.largeSize
	r.parser.Strict = s.HTTPStrict
	r.parser.Underscores, r.parser.KeepInvalid = s.UnderscoresInHeaders, !s.IgnoreInvalidHeaders
	return r
}

// takeRequest takes one from the pool, or makes one.
func (w *Worker) takeRequest() *Request {
	if n := len(w.requests); n > 0 {
		r := w.requests[n-1]
		w.requests = w.requests[:n-1]
		return r
	}
	r := &Request{Worker: w}
	r.entry.r = r
	r.reset()
	return r
}

// requestsKept is how many requests stay in the pool: the others' memory goes back to Go.
const requestsKept = 1024

// release ends the life of r.
func (r *Request) release() {
	w := r.Worker
	if len(r.sub.inline) > 0 {
		r.dropInline()
	}
	r.dropAuth()
	w.buffered -= r.buffered
	r.closeBodyFile()
	r.endGzip()
	w.bodies -= r.body.counted
	r.releaseLua()
	if r.up != nil {
		r.up.release()
		r.up = nil
	}
	w.Ring.StopTimer(&r.timer)
	if r.sub.parent != nil {
		w.subrequests--
	}
	if r.sub.posted {
		w.unpost(r)
	}
	r.life++
	r.reset()
	if len(w.requests) < requestsKept {
		w.requests = append(w.requests, r)
	} else if r.entry.lua != nil {
		r.entry.lua.Release()
		r.entry.lua = nil
	}
}

// own copies the head out of the connection's input, for a request that outlives the callback that brought it.
func (r *Request) own() {
	if r.owned {
		return
	}
	r.owned = true
	cn := r.cn
	r.head = append(r.head[:0], r.Worker.headData...)
	r.Head.Rebase(r.head)
	if r.pathView {
		r.path = r.Head.Path
	}
	if r.argsView {
		r.args = r.Head.Args
	}
	cn.c.LocalAddr() // kept by the ring: the connection may go before the request
}

func (r *Request) setServer(s *conf.Server) {
	r.Server = s
	r.setLocation(r.Worker.location(s.Loc))
}

func (r *Request) setLocation(l *location) {
	if l.LimitExcept != nil && l.exceptMethods&r.Head.MethodID.Bit() == 0 {
		l = r.Worker.location(l.LimitExcept)
	}
	r.loc, r.Loc = l, l.Location
}

// Path is the current URI: normalised, without arguments.
func (r *Request) Path() []byte { return r.path }

// Args is the current argument string, without '?'; empty if there is none.
func (r *Request) Args() []byte { return r.args }

// SetPath changes the current URI to a copy of p, which must begin with '/'.
func (r *Request) SetPath(p []byte) {
	r.pathBuf = append(r.pathBuf[:0], p...)
	r.path, r.pathView, r.otherURI = r.pathBuf, false, true
}

// SetArgs changes the current arguments to a copy of a.
func (r *Request) SetArgs(a []byte) {
	r.argsBuf = append(r.argsBuf[:0], a...)
	r.args, r.argsView, r.otherURI = r.argsBuf, false, true
}

// HTTPVersion is 9, 10 or 11: what the client speaks, higher minor versions taken as 1.1.
func (r *Request) HTTPVersion() int {
	switch {
	case r.Head.Major == 0:
		return 9
	case r.Head.Minor == 0:
		return 10
	}
	return 11
}

// HeadOnly tells if the response has no body, whatever is written: HEAD, 204 and the like.
func (r *Request) HeadOnly() bool { return r.headOnly || r.isHead() }

// ConnectionID is the serial number of the connection, as in the log and in $connection.
func (r *Request) ConnectionID() uint64 { return r.cn.id }

// ConnectionRequests is the number of requests of this connection so far, this one included.
func (r *Request) ConnectionRequests() int { return int(r.cn.requests) }

// BodySent is the number of bytes of response body written, without framing; BytesSent counts everything.
func (r *Request) BodySent() int64  { return r.bodySent }
func (r *Request) BytesSent() int64 { return r.bytesSent }

// Ended tells that the response is complete: nothing can be written any more.
func (r *Request) Ended() bool { return r.ended }
