// Package resolver finds the addresses of names for a worker: /etc/hosts, as it was when the configuration was read, then name servers by UDP, and by TCP
// where an answer doesn't fit. It runs on the worker's ring: no goroutine, nothing blocks.
//
//	Start ---> hosts, cache ---> done at once
//	      ---> lookup: A and AAAA, one socket for both, so each has a port of the kernel's choice and ids of its own
//	            | answer of another: ignored     | truncated: the same question by TCP
//	            | no answer in 5 s, or a server's error: the next server
//	            | a CNAME without addresses: its name, within a bound
//	           all who wait are told; what was found is kept as long as the answer says
//
// Who asks for a name that is being looked up waits with the others. A failure isn't kept.
package resolver

import (
	"crypto/rand"
	"encoding/binary"
	"net/netip"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"moonring/proxy/conf"
	"moonring/ring"
)

// Error is why a name has no address: a code of DNS, or TimedOut.
type Error int

// Codes, nginx's and DNS's.
const (
	FormatError   Error = 1
	ServerFailure Error = 2
	NotFound      Error = 3
	Unimplemented Error = 4
	Refused       Error = 5
	TimedOut      Error = 110
)

// Error is nginx's text for e.
func (e Error) Error() string {
	switch e {
	case FormatError:
		return "Format error"
	case ServerFailure:
		return "Server failure"
	case NotFound:
		return "Host not found"
	case Unimplemented:
		return "Unimplemented"
	case Refused:
		return "Operation refused"
	case TimedOut:
		return "Operation timed out"
	}
	return "Unknown error"
}

// Handler is told how a query went.
type Handler interface {
	// OnResolved is called once, unless the query was stopped. addrs, at least one if err is 0, are shared: the handler must not
	// change them.
	OnResolved(q *Query, addrs []netip.Addr, err Error)
}

// Query is somebody's interest in a name. Embed it in what it belongs to. The zero Query is idle.
type Query struct {
	r          *Resolver
	h          Handler
	l          *lookup
	next, prev *Query
	timer      ring.Timer
}

const (
	resendAfter = 5 * time.Second
	cacheMax    = 4096 // names that are remembered
	lookupsMax  = 4096 // names that are asked for at a time
	ttlMax      = 24 * time.Hour
)

// entry is what is known of a name.
type entry struct {
	addrs []netip.Addr
	until int64 // ring.Now
}

// Resolver asks the servers of one resolver directive.
type Resolver struct {
	ring    *ring.Ring
	conf    *conf.Resolver
	hosts   map[string][]netip.Addr
	cache   map[string]entry
	lookups map[string]*lookup
	server  int    // whom the next lookup asks first
	turn    uint32 // rotates the addresses
	log     func(level conf.Level, msg string)
}

// New makes a resolver. conf may be nil: then hosts alone are known. log takes what a server does wrong.
func New(r *ring.Ring, c *conf.Resolver, hosts map[string][]netip.Addr, log func(level conf.Level, msg string)) *Resolver {
	return &Resolver{ring: r, conf: c, hosts: hosts, cache: map[string]entry{}, lookups: map[string]*lookup{}, log: log}
}

// Start asks for the addresses of a name. If they are known they are returned at once, first the one whose turn it is, or the error is; otherwise,
// with neither, h is told within timeout. q must be idle.
func (r *Resolver) Start(q *Query, name string, timeout time.Duration, h Handler) (addrs []netip.Addr, err Error) {
	name, ok := canonical(name)
	if !ok {
		return nil, NotFound
	}
	if addrs := r.wanted(r.hosts[name]); len(addrs) > 0 {
		return r.rotate(addrs), 0
	}
	if r.conf == nil {
		return nil, NotFound
	}
	if e, ok := r.cache[name]; ok {
		if e.until > r.ring.Now() {
			return r.rotate(e.addrs), 0
		}
		delete(r.cache, name)
	}
	l := r.lookups[name]
	if l == nil {
		if len(r.lookups) >= lookupsMax {
			return nil, ServerFailure
		}
		l = &lookup{r: r, name: name, server: r.server}
		r.server = (r.server + 1) % len(r.conf.Servers)
		r.lookups[name] = l
		l.ask(name)
	}
	q.r, q.h, q.l = r, h, l
	q.prev, q.next = nil, l.first
	if l.first != nil {
		l.first.prev = q
	}
	l.first = q
	r.ring.StartTimer(&q.timer, timeout, q)
	return nil, 0
}

// Known tells if there is a name server to ask.
func (r *Resolver) Known() bool { return r.conf != nil }

// InHosts tells if a name is one of /etc/hosts.
func (r *Resolver) InHosts(name string) bool {
	name, ok := canonical(name)
	return ok && len(r.wanted(r.hosts[name])) > 0
}

// Stop ends q: its handler isn't called any more.
func (q *Query) Stop() {
	l := q.l
	if l == nil {
		return
	}
	q.leave()
	if l.first == nil {
		l.end()
	}
}

// Active tells that the handler is going to be called.
func (q *Query) Active() bool { return q.l != nil }

func (q *Query) leave() {
	if q.prev != nil {
		q.prev.next = q.next
	} else {
		q.l.first = q.next
	}
	if q.next != nil {
		q.next.prev = q.prev
	}
	q.r.ring.StopTimer(&q.timer)
	q.l, q.next, q.prev = nil, nil, nil
}

// OnTimer is the ring's to call: nobody has answered in time.
func (q *Query) OnTimer(*ring.Timer) {
	l, h := q.l, q.h
	q.leave()
	if l.first == nil {
		l.end()
	}
	h.OnResolved(q, nil, TimedOut)
}

// wanted are the addresses of the families that the directive asks for.
func (r *Resolver) wanted(addrs []netip.Addr) (some []netip.Addr) {
	if r.conf == nil {
		return addrs
	}
	for _, a := range addrs {
		if a.Is4() && r.conf.IPv4 || a.Is6() && r.conf.IPv6 {
			some = append(some, a)
		}
	}
	return some
}

// rotate gives the addresses, each time with another one first.
func (r *Resolver) rotate(addrs []netip.Addr) []netip.Addr {
	if len(addrs) < 2 {
		return addrs
	}
	r.turn++
	i := int(r.turn % uint32(len(addrs)))
	return append(append(make([]netip.Addr, 0, len(addrs)), addrs[i:]...), addrs[:i]...)
}

// keep remembers addresses.
func (r *Resolver) keep(name string, addrs []netip.Addr, ttl time.Duration) {
	if r.conf.Valid > 0 {
		ttl = r.conf.Valid
	}
	if ttl <= 0 {
		return
	}
	now := r.ring.Now()
	if len(r.cache) >= cacheMax {
		for name, e := range r.cache {
			if e.until <= now {
				delete(r.cache, name)
			}
		}
		for name := range r.cache {
			if len(r.cache) < cacheMax {
				break
			}
			delete(r.cache, name)
		}
	}
	r.cache[name] = entry{addrs, now + int64(min(ttl, ttlMax))}
}

// newID is what an answer must be able to repeat: nobody else is to guess it.
func newID() uint16 {
	var b [2]byte
	rand.Read(b[:]) // it can't fail
	return binary.NativeEndian.Uint16(b[:])
}

// kinds are the types of records that are asked for.
func (r *Resolver) kinds() []dnsmessage.Type {
	switch {
	case !r.conf.IPv6:
		return []dnsmessage.Type{dnsmessage.TypeA}
	case !r.conf.IPv4:
		return []dnsmessage.Type{dnsmessage.TypeAAAA}
	}
	return []dnsmessage.Type{dnsmessage.TypeA, dnsmessage.TypeAAAA}
}
