package proxy

import (
	"bytes"

	"moonring/proxy/conf"
	"moonring/proxy/h1"
)

// received takes bytes of the upstream's, and returns how many it used.
func (p *proxied) received(data []byte) (used int) {
	all := len(data)
	p.lastTry().received += int64(all)
	if p.state == upSending {
		p.state = upHeader // it answers before it has the whole request
	}
	if p.state == upHeader {
		n, ok := p.readHeader(data)
		if !ok {
			return all
		}
		if p.state == upHeader {
			return n // more is to come
		}
		data = data[n:]
	}
	switch p.state {
	case upBody:
		p.readBody(data, all)
	case upTunnel:
		p.fromUpstream(data)
	}
	return all
}

// readHeader reads heads until one is final; false if the request has gone another way. Once it is complete, state is another.
func (p *proxied) readHeader(data []byte) (used int, ok bool) {
	for {
		n, err := h1.ParseResponse(&p.resp, data[used:], &p.seen)
		if err != nil {
			p.log(conf.Err, string(appendLogSafe(nil, err.Error())))
			p.next(conf.NextInvalidHeader)
			return 0, false
		}
		if n == 0 && len(data)-used >= int(p.to.BufferSize) || n > int(p.to.BufferSize) {
			p.log(conf.Err, "upstream sent too big header")
			p.next(conf.NextInvalidHeader)
			return 0, false
		}
		if n == 0 {
			return used, true
		}
		p.seen = 0
		if s := p.resp.Status; s >= 200 || s == 101 {
			// Its views outlive the callback.
			p.respHead = append(p.respHead[:0], data[used:used+n]...)
			p.resp.Rebase(p.respHead)
			return used + n, p.header()
		}
		used += n // 100 Continue and the like
	}
}

// nextOf is the condition of proxy_next_upstream for a status.
func nextOf(status int) conf.NextUpstream {
	switch status {
	case 500:
		return conf.Next500
	case 502:
		return conf.Next502
	case 503:
		return conf.Next503
	case 504:
		return conf.Next504
	case 403:
		return conf.Next403
	case 404:
		return conf.Next404
	case 429:
		return conf.Next429
	}
	return 0
}

// header makes the response's head that of the request; false if another peer is tried.
func (p *proxied) header() bool {
	r, resp := p.r, &p.resp
	now := r.Worker.Ring.Now()
	t := p.lastTry()
	t.status, t.header = resp.Status, now-p.tryAt
	if why := nextOf(resp.Status); why != 0 && p.choice.Tries > 1 && p.mayRepeat(why) {
		p.next(why)
		return false
	}
	if p.to.InterceptErrors && resp.Status >= 300 && r.hasErrorPage(resp.Status) {
		p.detach()
		if resp.Status == 401 {
			for i := range resp.Headers {
				if h := &resp.Headers[i]; h1.EqualFold(h.Name, "www-authenticate") {
					r.headers.add(h.Name, h.Value, headerWWWAuthenticate)
				}
			}
		}
		r.finalize(resp.Status)
		return false
	}
	r.Status = resp.Status // unless this is an error_page, whose status stands
	r.statusText = resp.StatusText
	r.typeBuf, r.typeSet = r.typeBuf[:0], true
	r.lastModified = h1.NoTime
	r.contentLength = -1
	for i := range resp.Headers {
		h := &resp.Headers[i]
		switch h.Known {
		case h1.ResponseConnection, h1.ResponseKeepAlive, h1.ResponseTransferEncoding, h1.ResponseContentLength:
			continue
		}
		if p.hides(h) {
			continue
		}
		switch h.Known {
		case h1.ResponseContentType:
			r.typeBuf = append(r.typeBuf[:0], h.Value...)
			continue
		case h1.ResponseLocation, h1.ResponseRefresh:
			if len(p.to.redirects) > 0 && p.redirected(h) {
				continue
			}
		}
		r.headers.add(h.Name, h.Value, knownHeaderOf(h.Name))
	}
	r.contentLength = resp.ContentLength
	head := bytes.HasPrefix(p.head, []byte("HEAD "))
	p.state = upBody
	switch {
	case resp.Status == 101:
		p.upgrade()
		return p.state == upTunnel
	case resp.NoBody(head):
		p.left = 0
		resp.Chunked = false
	case resp.Chunked:
		p.chunks.Reset()
		p.left = -1
	default:
		p.left = resp.ContentLength
	}
	if !r.frame() { // the header filter has ended it
		r.end()
		return false
	}
	return true
}

func (p *proxied) hides(h *h1.ResponseHeader) bool {
	if h.Known != h1.ResponseOther {
		return p.to.hide>>h.Known&1 != 0
	}
	return anyFold(p.to.hideNames, h.Name)
}

// redirected rewrites Location and Refresh by proxy_redirect, and adds the header; false if no rule applies.
func (p *proxied) redirected(h *h1.ResponseHeader) bool {
	r := p.r
	prefix := 0
	if h.Known == h1.ResponseRefresh {
		i := bytes.Index(bytes.ToLower(h.Value), []byte("url="))
		if i < 0 {
			return false
		}
		prefix = i + len("url=")
	}
	url := h.Value[prefix:]
	for i := range p.to.redirects {
		rule := &p.to.redirects[i]
		r.text = r.appendTemplate(r.text[:0], &rule.from)
		if len(r.text) == 0 || !bytes.HasPrefix(url, r.text) {
			continue
		}
		rest := url[len(r.text):]
		b := append(r.text[:0:0], h.Value[:prefix]...)
		b = r.appendTemplate(b, &rule.to)
		b = append(b, rest...)
		if h.Known == h1.ResponseLocation && len(b) > 0 && b[0] == '/' && r.Loc.AbsoluteRedirect {
			r.setLocationHeader(b)
		} else {
			r.headers.add(h.Name, b, knownHeaderOf(h.Name))
		}
		return true
	}
	return false
}

// readBody passes data, of all that the callback brought, on to the client.
func (p *proxied) readBody(data []byte, all int) {
	t := p.lastTry()
	for p.state == upBody {
		switch {
		case p.resp.Chunked:
			payload, used, done, err := p.chunks.Decode(data)
			if err != nil {
				p.cut("upstream sent invalid chunked response")
				return
			}
			data = data[used:]
			t.length += int64(len(payload))
			if len(payload) > 0 && !p.output(payload) {
				return
			}
			if done {
				p.ended(data, all)
				return
			}
			if len(data) == 0 {
				p.more()
				return
			}
		case p.left < 0:
			t.length += int64(len(data))
			if !p.output(data) {
				return
			}
			p.more()
			return
		default:
			n := int(min(int64(len(data)), p.left))
			t.length += int64(n)
			p.left -= int64(n)
			if n > 0 && !p.output(data[:n]) {
				return
			}
			if p.left == 0 {
				p.ended(data[n:], all)
				return
			}
			p.more()
			return
		}
	}
}

// output passes bytes on; false if a filter has ended the response.
func (p *proxied) output(b []byte) bool {
	r := p.r
	if r.Output(b); !r.ended {
		return true
	}
	r.end()
	return false
}

// more waits for more of the body, unless enough of it waits for the client.
func (p *proxied) more() {
	r := p.r
	if r.Flush(); r.ended {
		r.end()
		return
	}
	c := r.cn.c
	if c != nil && !r.IsSubrequest() && c.QueuedBytes() > p.to.bodyRoom {
		p.paused = true
		p.uc.c.PauseRead()
		r.Worker.Ring.StopTimer(&p.timer)
		r.cn.watchSending(r.Loc.SendTimeout)
		return
	}
	r.Worker.Ring.StartTimer(&p.timer, p.to.ReadTimeout, p)
}

// ended goes on after the last byte of the body; rest is what came behind it.
func (p *proxied) ended(rest []byte, all int) {
	clean := len(rest) == 0 && p.uc.c.Pending() == all
	if !clean {
		if p.resp.Chunked {
			p.log(conf.Warn, "upstream sent data after final chunk")
		} else {
			p.log(conf.Warn, `upstream sent more data than specified in "Content-Length" header`)
		}
	}
	p.complete(clean && p.resp.KeepAlive && p.uc.c.QueuedBytes() == 0 && !p.r.bodyForwarding())
}

// complete ends the response. The connection is kept if reusable.
func (p *proxied) complete(reusable bool) {
	r, uc := p.r, p.uc
	if reusable && uc != nil {
		p.uc = nil
		uc.keep()
	}
	p.detach()
	r.finishOutput()
	r.end()
}
