package proxy

import (
	"moonring/proxy/conf"
	"moonring/proxy/h1"
)

// A response goes out in three steps. What a handler writes collects in Request.out. The first write
// freezes status and headers (HeaderSent), as lua-nginx sends them then. Once there is
// postponeOutput of it, a flush, or the end, header and body are put into the connection's
// queue in one piece (commit). Until then an error can still withdraw all of it: nginx behaves
// so, too, with its postpone_output.
const (
	// postponeOutput is nginx's default of that directive, less what a header of ours takes, in bytes.
	postponeOutput = 1460 - 200
	// outputBatch is how much collects before it is passed on, once the header is on its way.
	outputBatch = 8 << 10
	// directOutput is the size of a piece that isn't copied to the batch.
	directOutput = 4 << 10
	// outputFree is the output of one request that may wait for its client whatever the others hold, in bytes.
	outputFree = 1 << 20
)

// Room tells if n more bytes of body may be written. What a client has not taken yet waits in memory, and with that of
// the worker's other requests it must not be more than lua_memory_limit; a little is always allowed, so that
// it is the request with much output which ends. A handler that flushes and waits keeps below it.
func (r *Request) Room(n int) bool {
	mine := len(r.out) + len(r.filter.piece) + n
	if c := r.cn.c; c != nil && r.sub.parent == nil {
		mine += c.QueuedBytes()
	}
	if mine <= outputFree {
		return true
	}
	w := r.Worker
	return int64(w.Ring.PoolBytes()+w.buffered+n) <= w.memoryMax
}

// Output writes to the body of the response. The first output sends the header, with status 200 unless another
// was set. It reports false when there is no use in writing more: the response has ended or the
// client is gone.
func (r *Request) Output(p []byte) bool {
	if r.ended || !r.startResponse() {
		return false
	}
	if r.headOnly {
		return true
	}
	if r.loc.bodyFilter != nil && !r.buffering {
		f := &r.filter
		if f.gathering {
			f.piece = append(f.piece, p...)
			return true
		}
		f.piece = append(f.piece[:0], p...) // p must not escape
		return len(p) == 0 || r.filtered(f.piece, false)
	}
	return r.write(p)
}

// write is Output behind the body filter, of a response whose header is frozen.
func (r *Request) write(p []byte) bool {
	if r.sub.parent != nil && !r.captureRoom(len(p)) {
		return false
	}
	r.bodySent += int64(len(p))
	if len(r.sub.inline) > 0 {
		return r.postpone(p)
	}
	return r.writeNow(p)
}

// writeNow is write past the subrequests that are part of the body.
func (r *Request) writeNow(p []byte) bool {
	if r.sub.isAuth {
		return true
	}
	if r.buffering || r.sub.parent != nil {
		r.out = append(r.out, p...)
		r.keepBack(len(p))
		return true
	}
	if len(p) >= directOutput {
		r.pass(p)
		return !r.cn.gone()
	}
	r.out = append(r.out, p...)
	if len(r.out) >= outputBatch || len(r.out) >= postponeOutput && !r.committed {
		r.pass(nil)
		return !r.cn.gone()
	}
	return true
}

// SendHeader sends the header if it has not been sent, as ngx.send_headers does.
func (r *Request) SendHeader() bool { return !r.ended && r.startResponse() }

// Flush passes everything that was written to the connection. It reports false when the client is gone.
func (r *Request) Flush() bool {
	if r.HeaderSent && !r.buffering && !r.ended {
		if r.loc.bodyFilter != nil && !r.headOnly && !r.filtered(nil, false) {
			return false
		}
		if r.sub.parent != nil {
			r.forward()
			return true
		}
		r.gzip.flush = true
		r.pass(nil)
	}
	return !r.gone()
}

// startResponse decides how a response made by a handler is framed, and freezes its header; not yet for HTTP/1.0,
// where nothing is sent before the length is known. It reports false if the header filter has ended the response.
func (r *Request) startResponse() bool {
	if r.HeaderSent || r.buffering {
		return true
	}
	if !r.typeSet && r.contentType == "" && r.Status != 304 && (r.Loc.LuaUseDefaultType || r.loc.echo != nil) {
		r.contentType = r.loc.Type(r.path)
	}
	if r.headers.has&headerContentLength.bit() == 0 {
		r.contentLength = -1
		r.buffering = r.HTTPVersion() < 11 && r.Loc.LuaHTTP10Buffering && !r.isHead() && r.loc.echo == nil && r.sub.parent == nil
	}
	if r.Status == 0 {
		r.Status = 200
	}
	if r.buffering {
		r.Log(conf.Debug, "lua buffering output bufs for the HTTP 1.0 request")
		return true
	}
	return r.frameMade()
}

// frameMade is frame for a response that a handler makes: it may have given the response a tag or a time that the request's
// preconditions ask for.
func (r *Request) frameMade() bool {
	if r.Status == 200 && r.errStatus == 0 && r.sub.parent == nil {
		var etag []byte
		h := &r.headers
		if i := h.find(nil, headerETag, 0); i >= 0 {
			etag = h.value(&h.lines[i])
		}
		mtime := r.lastModified
		if i := h.find(nil, headerLastModified, 0); i >= 0 {
			mtime = h1.ParseDate(h.value(&h.lines[i]))
		}
		switch r.Head.CheckPreconditions(etag, mtime, modifiedSinceModes[r.Loc.IfModifiedSince]) {
		case h1.NotModified:
			r.Status, r.statusText = 304, nil
			r.contentType, r.typeSet, r.contentLength = "", false, -1
			for _, known := range [...]knownHeader{headerContentLength, headerAcceptRanges, headerContentEncoding} {
				h.remove(nil, known, 0)
			}
		case h1.PreconditionFailed:
			// As nginx does where the header filter has failed: see filterHeader.
			r.cleanHeader()
			r.sendSpecial(412)
			r.keepAlive = false
			return false
		}
	}
	return r.frame()
}

// frame decides, from status, method and length, whether a body follows and how its end is told, after the header filter
// has had its way. It reports false if that has ended the response.
func (r *Request) frame() bool {
	if r.loc.moreOutput != nil && !r.moreDone {
		r.moreOutput()
	}
	if r.loc.headerFilter != nil && !r.headFiltered && !r.filterHeader() {
		return false
	}
	echoes := r.echoes()
	if echoes { // how long the body will be is unknown
		r.contentLength = -1
		r.headers.remove(nil, headerContentLength, 0)
		r.headers.remove(nil, headerAcceptRanges, 0)
	}
	r.HeaderSent = true
	if r.errStatus != 0 {
		r.Status, r.statusText = r.errStatus, nil
	}
	if r.Status == 0 {
		r.Status = 200
	}
	if r.loc.decorated() && r.sub.parent == nil {
		r.decorate()
	}
	if r.loc.Gzip.On && r.sub.parent == nil {
		r.startGzip()
	}
	switch {
	case r.sub.parent != nil:
		r.headOnly = r.isHead()
	case r.Status == 204 && r.statusText != nil:
		r.headOnly = true
	case r.Status == 204:
		r.headOnly = true
		r.contentType, r.typeSet = "", false
		r.lastModified, r.contentLength = h1.NoTime, -1
		r.headers.remove([]byte("content-length"), headerContentLength, 0)
		r.headers.remove([]byte("last-modified"), headerLastModified, 0)
	case r.Status == 304 || r.Status < 200 || r.isHead():
		r.headOnly = true
	case r.contentLength < 0:
		if r.HTTPVersion() == 11 && r.Loc.ChunkedTransferEncoding {
			r.chunked = true
		} else {
			r.keepAlive = false
		}
	}
	switch r.Status {
	case 200, 206, 304:
	default:
		r.lastModified = h1.NoTime
	}
	if r.Worker.quitting {
		r.keepAlive = false
	}
	if echoes {
		r.echoAround()
	}
	return true
}

// pass puts what collected, and then p, into the connection's queue: in front of it the header, if that
// isn't there yet.
func (r *Request) pass(p []byte) {
	r.send(p, false)
}

// send is pass, with the end of the body after p if last.
func (r *Request) send(p []byte, last bool) {
	if last && r.echo.after {
		r.echoEnd(p)
		p = nil
	}
	if r.sub.parent != nil {
		if len(p) > 0 && !r.headOnly {
			r.out = append(r.out, p...)
			r.keepBack(len(p))
		}
		// lua-nginx doesn't see the end of a body that is announced as empty.
		r.sub.whole = r.sub.whole || last && !r.headOnly && (len(r.out) > 0 || r.contentLength != 0)
		return
	}
	c := r.cn.c
	size := len(r.out) + len(p)
	if c == nil || c.Closing() { // the client is gone
		r.committed = true
		r.out = r.out[:0]
		return
	}
	if r.gzip.on {
		p = r.compress(p, last)
		size = len(p)
		if size == 0 && r.committed && !last {
			return
		}
	}
	head := 0
	if !r.committed {
		head = r.headSize()
	}
	// Small responses are one piece: one reservation.
	const framing = h1.ChunkHeadMax + 2 + len(h1.LastChunk)
	large := len(p) > outKeep
	n := head + len(r.out) + framing
	if !large {
		n += len(p)
	}
	space := c.Reserve(n)
	b := space[:0]
	if !r.committed {
		b = r.appendHead(b)
		r.headSent = len(b)
		r.committed = true
	}
	if size > 0 {
		if r.chunked {
			b = h1.AppendChunkHead(b, size)
		}
		b = append(b, r.out...)
		if large {
			c.Commit(len(b))
			r.bytesSent += int64(len(b))
			c.Write(p)
			r.bytesSent += int64(len(p))
			b = c.Reserve(framing)[:0]
		} else {
			b = append(b, p...)
		}
		if r.chunked {
			b = append(b, "\r\n"...)
		}
	}
	if last && r.chunked {
		b = append(b, h1.LastChunk...)
	}
	c.Commit(len(b))
	r.bytesSent += int64(len(b))
	r.out = r.out[:0]
}

// finishOutput completes the response that a handler made.
func (r *Request) finishOutput() {
	if r.ended {
		return
	}
	if !r.startResponse() {
		return
	}
	if r.buffering {
		r.buffering = false
		r.contentLength = int64(len(r.out))
		if !r.frameMade() {
			return
		}
		if r.headOnly {
			r.out = r.out[:0]
		}
		if r.loc.bodyFilter != nil && len(r.out) > 0 {
			whole := r.out
			r.out, r.bodySent = nil, 0
			r.filtered(whole, false)
		}
	}
	if r.loc.bodyFilter != nil && !r.headOnly && !r.ended {
		if r.filtered(nil, true) {
			r.filterEnd()
			r.ended = true
		}
		return
	}
	if r.ended {
		return
	}
	r.ended = true
	if r.committed && len(r.out) == 0 && !r.chunked && !r.gzip.on && !r.echo.after {
		return
	}
	r.send(nil, true)
}

// declaredOtherLength tells if the Content-Length, a script's or what was there before a filter changed the body, differs
// from what was written: the client can't know where this body ends.
func (r *Request) declaredOtherLength() bool {
	return (r.contentLength >= 0 || r.headers.has&headerContentLength.bit() != 0) && !r.headOnly && r.bodySent != r.contentLength
}

// headSize bounds what appendHead appends.
func (r *Request) headSize() int {
	return 512 + len(r.contentType) + len(r.typeBuf) + len(r.location) + r.headers.size()
}

// plainStatus tells that a status of 200 has the usual reason.
func (r *Request) plainStatus() bool { return r.statusText == nil || string(r.statusText) == "200 OK" }

// appendHead appends status line and header section, in nginx's order.
func (r *Request) appendHead(b []byte) []byte {
	if r.Head.Major == 0 {
		return b // HTTP/0.9
	}
	w := r.Worker
	w.tick()
	has := r.headers.has
	if r.Status == 200 && has&(headerServer.bit()|headerDate.bit()) == 0 && r.plainStatus() && r.loc.name == plainName {
		b = append(b, w.head200...)
	} else {
		if r.statusText != nil {
			b = append(b, "HTTP/1.1 "...)
			b = append(b, r.statusText...)
			b = append(b, "\r\n"...)
		} else {
			b = h1.AppendStatusLine(b, h1.WireStatus(r.Status))
		}
		if has&headerServer.bit() == 0 {
			b = append(b, r.loc.name.line...)
		}
		if has&headerDate.bit() == 0 {
			b = append(b, w.dateLine()...)
		}
	}
	switch {
	case r.typeSet:
		if len(r.typeBuf) > 0 {
			b = append(b, "Content-Type: "...)
			b = append(b, r.typeBuf...)
			b = append(b, "\r\n"...)
		}
	case r.contentType != "":
		b = append(b, "Content-Type: "...)
		b = append(b, r.contentType...)
		b = append(b, "\r\n"...)
	}
	if r.contentLength >= 0 && has&headerContentLength.bit() == 0 {
		b = h1.AppendContentLength(b, r.contentLength)
	}
	if r.lastModified != h1.NoTime && has&headerLastModified.bit() == 0 {
		b = append(b, "Last-Modified: "...)
		b = h1.AppendDate(b, r.lastModified)
		b = append(b, "\r\n"...)
	}
	if len(r.location) > 0 {
		b = append(b, "Location: "...)
		b = append(b, r.location...)
		b = append(b, "\r\n"...)
	}
	if r.chunked {
		b = append(b, "Transfer-Encoding: chunked\r\n"...)
	}
	switch {
	case r.Status == 101:
		b = append(b, "Connection: upgrade\r\n"...)
	case r.keepAlive:
		b = append(b, r.loc.keepAliveLines...)
	default:
		b = append(b, "Connection: close\r\n"...)
	}
	if r.gzip.vary {
		b = append(b, varyGzip...)
	}
	b = r.headers.appendTo(b)
	return append(b, "\r\n"...)
}
