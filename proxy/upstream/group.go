package upstream

// Peer is one address of a server.
type Peer struct {
	Name        string // the address, as logs have it
	Weight      int    // at least 1
	MaxConns    int    // requests at a time; 0: no bound
	MaxFails    int    // failures within FailTimeout that take it out; 0: none do
	FailTimeout int64  // nanoseconds
	Down        bool
	User        any // the user's

	current, effective int
	fails, conns       int
	accessed, checked  int64
}

// Conns is the number of requests under way.
func (p *Peer) Conns() int { return p.conns }

// Group is the peers behind a name: the primary ones, and backups for when none of those will do.
type Group struct {
	Name            string
	Primary, Backup []*Peer
}

// New makes a group ready for use.
func New(name string, primary, backup []*Peer) *Group {
	for _, list := range [][]*Peer{primary, backup} {
		for _, p := range list {
			p.effective = p.Weight
		}
	}
	return &Group{name, primary, backup}
}

// single tells that there is no choice: failures don't count then.
func (g *Group) single() bool { return len(g.Primary) == 1 && len(g.Backup) == 0 }

// Choice is the state of one request: which peers it has tried, and how many tries are left.
type Choice struct {
	Tries   int
	tried   []uint64
	backups bool
}

// Begin readies c for a new request, with at most most tries; 0 means as many as there are peers.
func (g *Group) Begin(c *Choice, most int) {
	c.Tries, c.backups = 0, false
	for _, list := range [2][]*Peer{g.Primary, g.Backup} {
		for _, p := range list {
			if !p.Down {
				c.Tries++
			}
		}
	}
	if most > 0 {
		c.Tries = min(c.Tries, most)
	}
	words := (max(len(g.Primary), len(g.Backup)) + 63) / 64
	if cap(c.tried) < words {
		c.tried = make([]uint64, words)
	}
	c.tried = c.tried[:words]
	clear(c.tried)
}

// Next chooses a peer, nil if none will do. Done must be called with what it returns. now is monotonic, in nanoseconds.
func (g *Group) Next(c *Choice, now int64) *Peer {
	if g.single() {
		p := g.Primary[0]
		if p.Down || p.MaxConns > 0 && p.conns >= p.MaxConns {
			return nil
		}
		p.conns++
		return p
	}
	if !c.backups {
		if p := pick(g.Primary, c, now); p != nil {
			return p
		}
		if len(g.Backup) == 0 {
			return nil
		}
		c.backups = true
		clear(c.tried)
	}
	return pick(g.Backup, c, now)
}

func pick(peers []*Peer, c *Choice, now int64) *Peer {
	var best *Peer
	at, total := 0, 0
	for i, p := range peers {
		if c.tried[i/64]>>(i%64)&1 != 0 || p.Down ||
			p.MaxFails > 0 && p.fails >= p.MaxFails && now-p.checked <= p.FailTimeout ||
			p.MaxConns > 0 && p.conns >= p.MaxConns {
			continue
		}
		p.current += p.effective
		total += p.effective
		if p.effective < p.Weight {
			p.effective++
		}
		if best == nil || p.current > best.current {
			best, at = p, i
		}
	}
	if best == nil {
		return nil
	}
	c.tried[at/64] |= 1 << (at % 64)
	best.current -= total
	if now-best.checked > best.FailTimeout {
		best.checked = now
	}
	best.conns++
	return best
}

// Done says how a try ended. It reports whether the failure has taken the peer out.
func (g *Group) Done(c *Choice, p *Peer, failed bool, now int64) (out bool) {
	p.conns--
	if g.single() {
		c.Tries = 0
		return false
	}
	if failed {
		p.fails++
		p.accessed, p.checked = now, now
		if p.MaxFails > 0 {
			p.effective = max(p.effective-p.Weight/p.MaxFails, 0)
			out = p.fails >= p.MaxFails
		}
	} else if p.accessed < p.checked {
		p.fails = 0
	}
	if c.Tries > 0 {
		c.Tries--
	}
	return out
}
