package proxy

import (
	"moonring/proxy/h1"
)

// What goes from the client to the upstream while it comes: a body with proxy_request_buffering off, and either side's
// bytes once a connection was upgraded.

// uploadRoom is what may wait for the upstream before its client is no longer read, in bytes.
const uploadRoom = 64 << 10

// startUpload asks for the body, which goes on as it comes.
func (p *proxied) startUpload() {
	r := p.r
	r.beginBody(bodyReading)
	r.body.stream = true
	if status := r.readBody(); status != 0 {
		r.bodyFailed(status)
		return
	}
	if r.body.state != bodyDone {
		r.body.waiting = true
		r.cn.wantBody(r)
		p.holdClient()
	}
}

// upload passes a piece of the body on; last tells that it is the end.
func (p *proxied) upload(b []byte, last bool) {
	uc := p.uc
	if uc == nil {
		return
	}
	c, r := uc.c, p.r
	t := p.lastTry()
	t.sent += int64(len(b))
	if r.Head.Chunked {
		if len(b) > 0 {
			c.Commit(len(h1.AppendChunkHead(c.Reserve(h1.ChunkHeadMax)[:0], len(b))))
			c.Write(b)
			c.WriteString("\r\n")
		}
		if last {
			c.WriteString(h1.LastChunk)
		}
	} else {
		c.Write(b)
	}
	if p.state == upSending {
		r.Worker.Ring.StartTimer(&p.timer, p.to.SendTimeout, p)
	}
	if cc := r.cn.c; cc != nil && !last && c.QueuedBytes() > uploadRoom {
		cc.PauseRead()
		p.holds = true
	}
}

// holdClient stops the clock of a client that isn't read. It is called behind what starts it.
func (p *proxied) holdClient() {
	if p.holds {
		p.r.Worker.Ring.StopTimer(&p.r.cn.timer)
	}
}

// upgrade makes both connections one pipe.
func (p *proxied) upgrade() {
	r := p.r
	if !r.Head.Upgrade {
		p.cut("upstream sent 101 though the client didn't ask for it")
		return
	}
	r.keepAlive = false
	if !r.frame() {
		r.end()
		return
	}
	r.pass(nil)
	p.state = upTunnel
	cn := r.cn
	cn.state = stateTunnel
	w := r.Worker
	w.Ring.StopTimer(&cn.timer)
	w.Ring.StartTimer(&p.timer, p.to.ReadTimeout, p)
	if cn.c == nil {
		p.complete(false)
		return
	}
	if w.inputConn != cn {
		cn.c.Kick()
	}
	if cn.eof {
		p.complete(false)
	}
}

// fromUpstream passes bytes to the client.
func (p *proxied) fromUpstream(data []byte) {
	r := p.r
	c := r.cn.c
	if c == nil {
		return
	}
	c.Write(data)
	r.bytesSent += int64(len(data))
	t := p.lastTry()
	t.length += int64(len(data))
	r.Worker.Ring.StartTimer(&p.timer, p.to.ReadTimeout, p)
	if c.QueuedBytes() > p.to.bodyRoom {
		p.paused = true
		p.uc.c.PauseRead()
	}
}

// fromClient passes bytes to the upstream.
func (p *proxied) fromClient(data []byte) {
	uc := p.uc
	if uc == nil {
		return
	}
	uc.c.Write(data)
	p.lastTry().sent += int64(len(data))
	p.r.Worker.Ring.StartTimer(&p.timer, p.to.ReadTimeout, p)
	if uc.c.QueuedBytes() > p.to.bodyRoom {
		p.r.cn.c.PauseRead()
		p.holds = true
	}
}
