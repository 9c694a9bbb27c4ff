package proxy

import (
	"bytes"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"moonring/proxy/conf"
	"moonring/proxy/h1"
	"moonring/proxy/resolver"
	"moonring/proxy/upstream"
	"moonring/ring"
)

// This file and proxyresponse.go are the content handler of proxy_pass. A request with its body, read whole unless
// proxy_request_buffering is off, goes to a peer of the group; until the head of a response is here, a failure may send it to
// the next peer. Bytes of the response go from one connection's input to the other's output queue; when that holds
// proxyTo.bodyRoom, the upstream is no longer read until it is empty.

// proxied is the proxying of one request. It lives until the request is released: variables and the log speak of it.
type proxied struct {
	r      *Request
	to     *proxyTo
	group  *upGroup
	peer   *upstream.Peer // being tried; nil between tries
	uc     *upConn        // to it; nil between tries
	choice upstream.Choice
	timer  ring.Timer // proxy_connect_timeout, proxy_send_timeout, proxy_read_timeout

	state  upState
	reused bool  // uc was idle before
	sentIt bool  // (a part of) the request is on its way
	since  int64 // ring.Now when proxying began
	tryAt  int64 // ring.Now when this try began

	uri     []byte // as sent
	host    []byte // $proxy_host
	port    []byte // $proxy_port
	head    []byte // of the request as sent
	peerLog string // address for the log: of the peer, or the group's name

	// The response.
	resp     h1.Response
	respHead []byte // what resp's views point into, once it is complete
	seen     int
	left     int64 // bytes of body to come; -1: until the connection ends
	chunks   h1.ChunkedReader
	stream   bool // the body goes on as it comes
	holds    bool // the client isn't read: the upstream takes its time
	paused   bool // the upstream isn't read: the client takes its time

	named conf.Target // what query asks for
	query resolver.Query

	tries []proxyTry
}

// proxyTry is what $upstream_* tell of one try.
type proxyTry struct {
	addr                      string
	status                    int
	connect, header, response int64 // nanoseconds; -1: it didn't come to that
	length, received, sent    int64
	redirect                  bool // an internal redirect lies between this one and that before
}

type upState uint8

const (
	upIdle       upState = iota
	upReadsBody          // of the client, whole, before anything else
	upResolving          // the name that variables made; resolver_timeout
	upConnecting         // proxy_connect_timeout
	upSending            // the request; proxy_send_timeout
	upHeader             // of the response is awaited; proxy_read_timeout
	upBody               // of the response; proxy_read_timeout
	upTunnel             // bytes go both ways
	upDone
)

// actions are what the log says is being done.
var proxyActions = [...]string{
	upConnecting: " while connecting to upstream", upSending: " while sending request to upstream",
	upHeader: " while reading response header from upstream", upBody: " while reading upstream",
	upTunnel: " while proxying upgraded connection", upDone: "",
}

func (w *Worker) newProxied(r *Request) *proxied {
	var p *proxied
	if n := len(w.freeProxied); n > 0 {
		p = w.freeProxied[n-1]
		w.freeProxied = w.freeProxied[:n-1]
	} else {
		p = &proxied{}
	}
	p.r = r
	return p
}

// release takes p back to the pool.
func (p *proxied) release() {
	p.detach()
	w := p.r.Worker
	keep := func(b []byte) []byte {
		if cap(b) > headKeep {
			return nil
		}
		if poisoned {
			b = b[:cap(b)]
			for i := range b {
				b[i] = 0xDB
			}
		}
		return b[:0]
	}
	p.r, p.to, p.group = nil, nil, nil
	p.state, p.reused, p.sentIt, p.paused, p.stream, p.holds = upIdle, false, false, false, false, false
	p.uri, p.host, p.port, p.head, p.respHead = keep(p.uri), keep(p.host), keep(p.port), keep(p.head), keep(p.respHead)
	p.peerLog, p.named = "", conf.Target{}
	p.resp.Reset()
	p.tries = p.tries[:0]
	if len(w.freeProxied) < requestsKept {
		w.freeProxied = append(w.freeProxied, p)
	}
}

// detach ends what is under way with the upstream.
func (p *proxied) detach() {
	w := p.r.Worker
	w.Ring.StopTimer(&p.timer)
	p.query.Stop()
	p.r.body.stream = false
	p.closeConn()
	p.resumeClient()
	if p.peer != nil {
		p.endTry(false)
	}
	if p.state != upIdle {
		p.state = upDone
	}
}

// closeConn cuts the connection to the upstream off.
func (p *proxied) closeConn() {
	uc := p.uc
	if uc == nil {
		return
	}
	p.uc, uc.p = nil, nil
	if uc.c.QueuedBytes() > 0 {
		p.r.lendBody() // the kernel may still read from it
	}
	uc.c.Abort()
}

// lastTry is the try under way, or the last one.
func (p *proxied) lastTry() *proxyTry { return &p.tries[len(p.tries)-1] }

// endTry says how the try of p.peer ended.
func (p *proxied) endTry(failed bool) {
	now := p.r.Worker.Ring.Now()
	t := p.lastTry()
	if t.response < 0 {
		t.response = now - p.tryAt
	}
	if p.group.Done(&p.choice, p.peer, failed, now) {
		p.log(conf.Warn, "upstream server temporarily disabled")
	}
	p.peer = nil
}

// serveProxy is the content handler.
func (r *Request) serveProxy() {
	p := r.up
	if p == nil {
		p = r.Worker.newProxied(r)
		r.up = p
	}
	p.to = r.loc.proxy
	p.since = r.Worker.Ring.Now()
	p.state = upReadsBody
	p.peerLog = ""
	if p.target() {
		p.targetFound()
	}
}

// targetFound goes on once it is known where to.
func (p *proxied) targetFound() {
	r := p.r
	p.state = upReadsBody
	if p.stream = p.streams(); !p.stream {
		switch r.ReadBody() {
		case BodyWaits:
			return
		case BodyFailed:
			r.finalize(r.exitCode)
			return
		}
	}
	p.begin()
}

// streams tells that the body goes on as it comes.
func (p *proxied) streams() bool {
	r := p.r
	return p.to.RequestUnbuffer && r.Head.HasBody() && r.body.state == bodyNone && (p.to.HTTP11 || !r.Head.Chunked) && !p.to.PassBodyOff
}

// target finds the group, $proxy_host and the URI; false if the request has ended, or a name server is asked.
func (p *proxied) target() bool {
	r, to := p.r, p.to
	uri := to.pass.URI
	var t conf.Target
	if !to.varies {
		p.group = to.group
		p.host, p.port = append(p.host[:0], to.pass.Host...), append(p.port[:0], to.pass.Port...)
	} else {
		r.text = r.appendTemplate(r.text[:0], &to.url)
		var err error
		if t, err = conf.ParseTarget(string(r.text)); err != nil {
			p.log(conf.Err, err.Error()+` in "`+string(appendLogSafe(nil, r.text))+`"`)
			r.finalize(500)
			return false
		}
		p.host, p.port = append(p.host[:0], t.HostHeader()...), append(p.port[:0], t.Port...)
		uri = t.URI
	}
	b := p.uri[:0]
	switch {
	case to.varies && uri != "":
		b = append(b, uri...)
	case uri == "" && !r.otherURI && !r.internal:
		b = append(b, r.Head.URI...)
	default:
		path := r.path
		if uri != "" {
			b = append(b, uri...)
			if !r.internal || bytes.HasPrefix(path, []byte(to.location)) {
				path = path[min(len(to.location), len(path)):]
			}
		}
		if r.otherURI || r.internal || bytes.IndexByte(r.Head.Path, '%') >= 0 {
			b = h1.EscapeURI(b, path, h1.EscapeWholeURI)
		} else {
			b = append(b, path...)
		}
		b = r.appendQuery(b)
	}
	if len(b) == 0 {
		b = append(b, '/')
	}
	p.uri = escapeControls(b, 0)
	if to.varies {
		if p.group = r.Worker.upGroupFor(&t); p.group == nil {
			return p.resolve(&t)
		}
	}
	return true
}

// resolve finds the group of a target with a name; false if the request has ended, or a name server is asked.
func (p *proxied) resolve(t *conf.Target) bool {
	r := p.r
	res := r.Worker.resolverOf(r.Loc)
	if !res.Known() && !res.InHosts(t.Host) {
		p.log(conf.Err, "no resolver defined to resolve "+string(appendLogSafe(nil, t.Host)))
		r.finalize(502)
		return false
	}
	p.named = *t
	addrs, code := res.Start(&p.query, t.Host, r.Loc.ResolverTimeout, p)
	switch {
	case code != 0:
		p.unresolved(code)
	case addrs == nil:
		p.state = upResolving
	default:
		p.resolved(addrs)
		return true
	}
	return false
}

// resolved makes a group of addresses.
func (p *proxied) resolved(addrs []netip.Addr) {
	port, _ := strconv.Atoi(p.named.Port) // it was checked
	all := make([]conf.UpstreamAddr, len(addrs))
	for i, a := range addrs {
		all[i].Addr = netip.AddrPortFrom(a, uint16(port))
	}
	p.group = p.r.Worker.addrGroup(&p.named, all)
}

func (p *proxied) unresolved(code resolver.Error) {
	p.log(conf.Err, fmt.Sprintf("%s could not be resolved (%d: %v)", appendLogSafe(nil, p.named.Host), code, code))
	p.state = upIdle
	p.r.finalize(502)
}

// OnResolved is the resolver's to call.
func (p *proxied) OnResolved(_ *resolver.Query, addrs []netip.Addr, code resolver.Error) {
	defer p.r.cn.contain()
	if code != 0 {
		p.unresolved(code)
		return
	}
	p.resolved(addrs)
	p.targetFound()
}

// escapeControls writes spaces and control characters of b[from:] as %XX: what variables and scripts have put into a
// request line must not end it.
func escapeControls(b []byte, from int) []byte {
	more := 0
	for _, c := range b[from:] {
		if c <= ' ' || c == 0x7f {
			more += 2
		}
	}
	if more == 0 {
		return b
	}
	i := len(b)
	b = append(b, make([]byte, more)...)
	for to := len(b); to > i; {
		i--
		if c := b[i]; c <= ' ' || c == 0x7f {
			to -= 3
			b[to], b[to+1], b[to+2] = '%', hexDigits[c>>4], hexDigits[c&15]
		} else {
			to--
			b[to] = c
		}
	}
	return b
}

// upGroupFor finds the group of a target that variables made: a block's, or that of an address. nil: a name that nobody resolves.
func (w *Worker) upGroupFor(t *conf.Target) *upGroup {
	if !t.Unix {
		if u := w.Conf.HTTP.Upstream(t.Host); u != nil {
			return w.upGroupOf(u)
		}
	}
	addrs := t.Address()
	if addrs == nil {
		return nil
	}
	return w.addrGroup(t, addrs)
}

// addrGroup is the group of addresses that a target stands for.
func (w *Worker) addrGroup(t *conf.Target, addrs []conf.UpstreamAddr) *upGroup {
	key := addrs[0].String()
	if t.Address() == nil { // of a name: whatever their order is
		all := make([]string, len(addrs))
		for i := range addrs {
			all[i] = addrs[i].String()
		}
		slices.Sort(all)
		key = t.HostHeader() + " " + strings.Join(all, " ")
	}
	if g := w.addrGroups[key]; g != nil {
		return g
	}
	u := conf.ImplicitUpstream(t, addrs)
	if len(w.addrGroups) >= addrGroupsMax {
		// Somebody makes up addresses: forget one. Its requests hold it for as long as they need it.
		for k, g := range w.addrGroups {
			delete(w.addrGroups, k)
			delete(w.upGroups, g.conf)
			break
		}
	}
	g := w.upGroupOf(u)
	w.addrGroups[key] = g
	return g
}

// addrGroupsMax bounds the groups of addresses that variables have made.
const addrGroupsMax = 1024

// begin starts with the first peer.
func (p *proxied) begin() {
	p.group.Begin(&p.choice, p.to.NextTries)
	p.try(len(p.tries) > 0)
}

// try connects to the next peer.
func (p *proxied) try(redirect bool) {
	r := p.r
	w := r.Worker
	now := w.Ring.Now()
	p.tryAt = now
	p.sentIt, p.reused, p.seen, p.paused = false, false, 0, false
	p.peer = p.group.Next(&p.choice, now)
	p.tries = append(p.tries, proxyTry{connect: -1, header: -1, response: -1, redirect: redirect})
	t := p.lastTry()
	p.state = upConnecting
	if p.peer == nil {
		p.peerLog = p.group.Name
		t.addr, t.status, t.response = p.group.Name, 502, 0
		p.log(conf.Err, "no live upstreams")
		p.fail(502)
		return
	}
	p.peerLog, t.addr = p.peer.Name, p.peer.Name
	if uc := p.group.takeIdle(p.peer); uc != nil {
		p.uc, uc.p, p.reused = uc, p, true
		uc.requests++
		p.send()
		return
	}
	uc := w.newUpConn()
	uc.p, uc.g, uc.peer, uc.born, uc.requests = p, p.group, p.peer, now, 1
	w.liveUpConns++
	c, err := w.Ring.Dial(p.peer.User.(*upPeer).sockaddr, uc)
	if err != nil {
		uc.free()
		w.dropIdle()
		p.log(conf.Alert, "no connection for an upstream: "+err.Error())
		p.endTry(false)
		p.fail(500)
		return
	}
	uc.c, p.uc = c, uc
	w.Ring.StartTimer(&p.timer, p.to.ConnectTimeout, p)
}

// connectFailed goes on after connect.
func (p *proxied) connectFailed(err error) {
	p.log(conf.Err, "connect() failed "+errnoText(err))
	p.next(conf.NextError)
}

// send gives the request to the connection.
func (p *proxied) send() {
	r, c := p.r, p.uc.c
	p.lastTry().connect = r.Worker.Ring.Now() - p.tryAt
	p.head = p.appendRequest(p.head[:0])
	p.state, p.sentIt = upSending, true
	c.Write(p.head)
	t := p.lastTry()
	t.sent = int64(len(p.head))
	if p.stream {
		p.startUpload()
		if p.state == upSending && r.body.state == bodyDone {
			p.sent()
		}
		return
	}
	if !p.to.PassBodyOff && r.BodySize() > 0 {
		t.sent += r.BodySize()
		if _, fd, ok := r.BodyFile(); ok {
			c.WriteFile(fd, 0, r.BodySize())
		} else {
			c.WriteStatic(r.body.buf) // it stays as it is until the request ends: see closeConn
		}
	}
	p.state = upHeader
	wait := p.to.ReadTimeout
	if c.QueuedBytes() > sendAtOnce {
		p.state, wait = upSending, p.to.SendTimeout
	}
	r.Worker.Ring.StartTimer(&p.timer, wait, p)
}

// sendAtOnce is the size of a request that is taken to be sent when it is given to the kernel, in bytes.
const sendAtOnce = 16 << 10

// sent goes on after the kernel has taken the request.
func (p *proxied) sent() {
	p.resumeClient()
	if p.state != upSending {
		return
	}
	r := p.r
	if p.stream && r.body.state != bodyDone {
		r.Worker.Ring.StopTimer(&p.timer) // it is the client that keeps us waiting
		return
	}
	p.state = upHeader
	r.Worker.Ring.StartTimer(&p.timer, p.to.ReadTimeout, p)
}

// appendRequest appends the head that the upstream gets.
func (p *proxied) appendRequest(b []byte) []byte {
	r, to := p.r, p.to
	if to.setMethod {
		from := len(b)
		b = escapeControls(r.appendTemplate(b, &to.method), from)
	} else {
		b = append(b, r.Head.Method...)
	}
	b = append(b, ' ')
	b = append(b, p.uri...)
	if to.HTTP11 {
		b = append(b, " HTTP/1.1\r\n"...)
	} else {
		b = append(b, " HTTP/1.0\r\n"...)
	}
	for i := range to.headers {
		h := &to.headers[i]
		switch h.kind {
		case proxyHeaderConst:
			b = append(b, h.line...)
		case proxyHeaderHost:
			b = append(b, "Host: "...)
			b = append(b, p.host...)
			b = append(b, "\r\n"...)
		case proxyHeaderLength:
			b = p.appendLength(b)
		case proxyHeaderValue:
			start := len(b)
			b = append(b, h.name...)
			b = append(b, ": "...)
			from := len(b)
			b = r.appendTemplate(b, &h.value)
			if len(b) == from {
				b = b[:start]
				break
			}
			if i := bytes.IndexAny(b[from:], "\r\n\x00"); i >= 0 {
				// A variable must not begin another header.
				clean := h1.AppendHeaderValue(nil, b[from:])
				b = append(b[:from], clean...)
			}
			b = append(b, "\r\n"...)
		}
	}
	if to.PassHeadersOff {
		return append(b, "\r\n"...)
	}
	for i := range r.Head.Headers {
		h := &r.Head.Headers[i]
		if h.Known != h1.HeaderOther {
			if to.skip>>h.Known&1 != 0 {
				continue
			}
		} else if anyFold(to.skipNames, h.Name) {
			continue
		}
		b = append(b, h.Name...)
		b = append(b, ": "...)
		b = append(b, h.Value...)
		b = append(b, "\r\n"...)
	}
	return append(b, "\r\n"...)
}

// anyFold tells if one of names is name, case aside.
func anyFold(names []string, name []byte) bool {
	for _, n := range names {
		if h1.EqualFold(name, n) {
			return true
		}
	}
	return false
}

// appendLength tells how the body ends.
func (p *proxied) appendLength(b []byte) []byte {
	r := p.r
	switch {
	case p.to.PassBodyOff:
		return h1.AppendContentLength(b, 0)
	case p.stream:
		if r.Head.Chunked {
			return append(b, "Transfer-Encoding: chunked\r\n"...)
		}
		return h1.AppendContentLength(b, r.Head.ContentLength)
	case r.Head.HasBody() || r.Head.ContentLength >= 0 || r.BodySize() > 0:
		return h1.AppendContentLength(b, r.BodySize())
	}
	return b
}

// log writes a message with what is being done.
func (p *proxied) log(level conf.Level, msg string) {
	p.r.logAt(level, msg, proxyActions[p.state])
}

// next goes on with another peer if what happened allows it, or ends the request.
func (p *proxied) next(why conf.NextUpstream) {
	r := p.r
	w := r.Worker
	w.Ring.StopTimer(&p.timer)
	if why == conf.NextTimeout {
		p.log(conf.Err, "upstream timed out (110: Connection timed out)")
	}
	p.closeConn()
	status := 502
	switch why {
	case conf.NextTimeout, conf.Next504:
		status = 504
	case conf.Next500:
		status = 500
	case conf.Next503:
		status = 503
	case conf.Next403:
		status = 403
	case conf.Next404:
		status = 404
	case conf.Next429:
		status = 429
	}
	p.lastTry().status = status
	if p.peer != nil {
		p.endTry(why != conf.Next403 && why != conf.Next404)
	}
	if p.reused && why == conf.NextError {
		p.choice.Tries++ // the peer has closed an idle connection: that says nothing about it
	}
	if p.mayRepeat(why) && p.choice.Tries > 0 {
		p.try(false)
		return
	}
	p.fail(status)
}

// mayRepeat tells if the configuration lets the request go to another peer.
func (p *proxied) mayRepeat(why conf.NextUpstream) bool {
	r := p.r
	if p.sentIt {
		switch r.Head.MethodID {
		case h1.MethodPOST, h1.MethodLOCK, h1.MethodPATCH:
			why |= conf.NextNonIdempotent
		}
		if p.stream {
			return false
		}
	}
	if p.to.Next&why != why || r.cn.gone() {
		return false
	}
	most := p.to.NextTimeout
	return most == 0 || r.Worker.Ring.Now()-p.since < int64(most)
}

// fail ends a request whose response has not begun.
func (p *proxied) fail(status int) {
	p.detach()
	p.r.finalize(status)
}

// eof goes on after the upstream has sent everything.
func (p *proxied) eof() {
	switch p.state {
	case upBody:
		if p.left < 0 && !p.resp.Chunked {
			p.complete(false)
			return
		}
		p.cut("upstream prematurely closed connection")
	case upSending, upHeader:
		p.state = upHeader
		p.log(conf.Err, "upstream prematurely closed connection")
		p.next(conf.NextError)
	case upTunnel:
		p.complete(false)
	}
}

// broken goes on after the connection to the upstream is gone.
func (p *proxied) broken(err error) {
	text := "recv() failed "
	if err == syscall.EPIPE || p.state == upSending {
		text = "send() failed "
	}
	text += errnoText(err)
	switch p.state {
	case upSending, upHeader:
		p.log(conf.Err, text)
		p.next(conf.NextError)
	case upBody, upTunnel:
		p.cut(text)
	}
}

// cut ends a response in its middle: the client must see that it isn't whole.
func (p *proxied) cut(why string) {
	p.log(conf.Err, why)
	p.detach()
	p.r.terminate(codeError)
}

// OnTimer is the ring's to call: the upstream takes too long.
func (p *proxied) OnTimer(*ring.Timer) {
	defer p.r.cn.contain()
	switch p.state {
	case upConnecting, upSending, upHeader:
		p.next(conf.NextTimeout)
	case upBody, upTunnel:
		p.cut("upstream timed out (110: Connection timed out)")
	}
}

// clientGone ends it all, and the request, for nobody waits for the response. It reports false if that doesn't matter now.
func (p *proxied) clientGone() bool {
	if p.state <= upReadsBody || p.state == upDone || p.to.IgnoreAbort && p.r.cn.c != nil {
		return false
	}
	if p.state != upTunnel {
		p.log(conf.Info, "client prematurely closed connection, so upstream connection is closed too")
	}
	p.detach()
	p.r.terminate(499)
	return true
}

// clientDrained goes on after the client has taken everything.
func (p *proxied) clientDrained() {
	if !p.paused {
		return
	}
	p.paused = false
	if p.uc != nil {
		p.uc.c.ResumeRead()
		p.r.Worker.Ring.StartTimer(&p.timer, p.to.ReadTimeout, p)
	}
}

// resumeClient has the client read again, where the upstream's pace had stopped that.
func (p *proxied) resumeClient() {
	if !p.holds {
		return
	}
	p.holds = false
	cn := p.r.cn
	if cn.c == nil {
		return
	}
	if cn.state == stateBody {
		cn.wait(p.r.Loc.ClientBodyTimeout)
	}
	cn.c.ResumeRead()
}

// lendBody leaves the memory of the body to whoever still reads from it.
func (r *Request) lendBody() {
	if r.body.file.fd == 0 {
		r.body.buf = nil
		r.countBody()
	}
}
