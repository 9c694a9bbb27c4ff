package proxy

import "moonring/proxy/h1"

// proxyVar is variable for those of the proxy.
func (r *Request) proxyVar(id varID, name string) (value []byte, ok bool) {
	if id == varProxyAddXFF {
		var b []byte
		if v, ok := r.joined(h1.HeaderXForwardedFor, ", "); ok {
			b = append(append(r.varBuf[:0], v...), ", "...)
		} else {
			b = r.varBuf[:0]
		}
		return r.computed(appendAddr(b, r.cn.remoteAddr().Addr()))
	}
	p := r.up
	if p == nil {
		return nil, false
	}
	switch id {
	case varProxyHost:
		return p.host, true
	case varProxyPort:
		return p.port, true
	case varUpstreamHTTP:
		for i := range p.resp.Headers {
			h := &p.resp.Headers[i]
			if len(h.Name) == len(name) && sameVarName(h.Name, name) {
				return h.Value, true
			}
		}
		return nil, false
	}
	if len(p.tries) == 0 {
		return nil, false
	}
	b := r.varBuf[:0]
	for i := range p.tries {
		t := &p.tries[i]
		switch {
		case i == 0:
		case t.redirect:
			b = append(b, " : "...)
		default:
			b = append(b, ", "...)
		}
		switch id {
		case varUpstreamAddr:
			b = append(b, t.addr...)
		case varUpstreamStatus:
			if t.status == 0 {
				b = append(b, '-')
			} else {
				b = h1.AppendDecimal(b, int64(t.status))
			}
		case varUpstreamResponseTime:
			ns := t.response
			if ns < 0 {
				ns = r.Worker.Ring.Now() - p.tryAt
			}
			b = appendSeconds(b, ns)
		case varUpstreamConnectTime:
			b = appendSeconds(b, t.connect)
		case varUpstreamHeaderTime:
			b = appendSeconds(b, t.header)
		case varUpstreamResponseLength:
			b = h1.AppendDecimal(b, t.length)
		case varUpstreamBytesReceived:
			b = h1.AppendDecimal(b, t.received)
		case varUpstreamBytesSent:
			b = h1.AppendDecimal(b, t.sent)
		}
	}
	return r.computed(b)
}

// appendSeconds appends a time in nanoseconds as nginx prints it, "-" if it is below 0.
func appendSeconds(b []byte, ns int64) []byte {
	if ns < 0 {
		return append(b, '-')
	}
	ms := ns / 1e6
	b = h1.AppendDecimal(b, ms/1000)
	ms %= 1000
	return append(b, '.', byte('0'+ms/100), byte('0'+ms/10%10), byte('0'+ms%10))
}
