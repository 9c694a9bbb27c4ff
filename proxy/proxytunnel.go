package proxy

// upgrade makes both connections one pipe.
func (p *proxied) upgrade() {
	p.cut("upstream sent 101, and upgraded connections are not supported yet")
}

func (p *proxied) fromUpstream(data []byte) {}
