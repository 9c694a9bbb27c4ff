package regex

// Cache keeps compiled patterns by their text and flags, the ones used last, and has a Matcher for them. It is for one goroutine.
// The zero Cache keeps cacheLeast patterns.
type Cache struct {
	Matcher
	// Max is how many patterns are kept, at least cacheLeast.
	Max int

	entries map[Flags]map[string]*cached
	size    int // of their programs, bytes
	n       int
	// The list of the entries: newest.next is the one used last, newest.prev the one not used for longest.
	newest cached
}

type cached struct {
	re         *Regexp
	prev, next *cached
}

const (
	cacheLeast = 16
	// cacheSizeMax bounds the memory of the programs, in bytes.
	cacheSizeMax = 16 << 20
)

// Compile is the package's Compile. What it returns is good until the next Compile.
func (c *Cache) Compile(pattern []byte, flags Flags) (re *Regexp, fresh bool, err error) {
	if e := c.entries[flags][string(pattern)]; e != nil {
		if c.newest.next != e {
			e.unlink()
			c.link(e)
		}
		return e.re, false, nil
	}
	if re, err = Compile(string(pattern), flags); err != nil {
		return nil, true, err
	}
	if c.entries == nil {
		c.entries = make(map[Flags]map[string]*cached)
		c.newest.prev, c.newest.next = &c.newest, &c.newest
	}
	for c.n > 0 && (c.n >= max(c.Max, cacheLeast) || c.size+re.Size() > cacheSizeMax) {
		c.drop(c.newest.prev)
	}
	of := c.entries[flags]
	if of == nil {
		of = make(map[string]*cached)
		c.entries[flags] = of
	}
	e := &cached{re: re}
	of[re.pattern] = e
	c.link(e)
	c.n++
	c.size += re.Size()
	return re, true, nil
}

// Close frees all.
func (c *Cache) Close() {
	for c.n > 0 {
		c.drop(c.newest.prev)
	}
	c.Matcher.Close()
}

func (c *Cache) drop(e *cached) {
	e.unlink()
	delete(c.entries[e.re.flags], e.re.pattern)
	c.n--
	c.size -= e.re.Size()
	e.re.Free()
}

func (c *Cache) link(e *cached) {
	e.prev, e.next = &c.newest, c.newest.next
	e.prev.next, e.next.prev = e, e
}

func (e *cached) unlink() {
	e.prev.next, e.next.prev = e.next, e.prev
	e.prev, e.next = nil, nil
}
