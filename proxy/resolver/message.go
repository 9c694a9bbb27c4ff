package resolver

import (
	"net/netip"
	"strings"

	"golang.org/x/net/dns/dnsmessage"
)

const (
	chainMax = 16  // CNAMEs that are followed
	nameMax  = 253 // bytes of a name without its last dot
	addrsMax = 64  // addresses that are taken from an answer
)

// canonical is a name in lower case without its last dot; ok is false for what can't be one.
func canonical(name string) (_ string, ok bool) {
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	if name == "" || len(name) > nameMax {
		return "", false
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > 63 {
			return "", false
		}
	}
	return name, true
}

// question is what one query asks for.
type question struct {
	id   uint16
	name string // canonical
	kind dnsmessage.Type
}

// appendQuery appends the message that asks q.
func (q *question) append(b []byte) ([]byte, error) {
	name, err := dnsmessage.NewName(q.name + ".")
	if err != nil {
		return b, err
	}
	m := dnsmessage.NewBuilder(b, dnsmessage.Header{ID: q.id, RecursionDesired: true})
	if err = m.StartQuestions(); err == nil {
		err = m.Question(dnsmessage.Question{Name: name, Type: q.kind, Class: dnsmessage.ClassINET})
	}
	if err != nil {
		return b, err
	}
	return m.Finish()
}

// answer is what a message says to a question.
type answer struct {
	code      Error // 0: none
	truncated bool
	addrs     []netip.Addr
	ttl       uint32 // seconds, the least of the records that led to addrs
	alias     string // canonical: no address is here, but this name is to be asked for
}

// parse reads an answer to q; ok is false for what is none: it is to be ignored, as anybody may have sent it.
func (q *question) parse(msg []byte) (a answer, ok bool) {
	var p dnsmessage.Parser
	h, err := p.Start(msg)
	if err != nil || !h.Response || h.ID != q.id || h.OpCode != 0 {
		return a, false
	}
	asked, err := p.Question()
	if err != nil || asked.Type != q.kind || asked.Class != dnsmessage.ClassINET || !sameName(asked.Name, q.name) {
		return a, false
	}
	if _, err = p.Question(); err != dnsmessage.ErrSectionDone {
		return a, false
	}
	if h.Truncated {
		return answer{truncated: true}, true
	}
	if h.RCode != dnsmessage.RCodeSuccess {
		return answer{code: Error(h.RCode)}, true
	}
	a.ttl = ^uint32(0)
	aliases := map[string]string{}
	found := map[string][]netip.Addr{}
	ttls := map[string]uint32{}
	for n := 0; ; n++ {
		r, err := p.AnswerHeader()
		if err == dnsmessage.ErrSectionDone {
			break
		}
		if err != nil {
			return answer{code: FormatError}, true
		}
		name, valid := canonical(r.Name.String())
		if !valid || r.Class != dnsmessage.ClassINET || n > addrsMax+chainMax {
			if p.SkipAnswer() != nil {
				return answer{code: FormatError}, true
			}
			continue
		}
		if ttl, known := ttls[name]; !known || r.TTL < ttl {
			ttls[name] = r.TTL
		}
		switch {
		case r.Type == dnsmessage.TypeCNAME:
			c, err := p.CNAMEResource()
			if err != nil {
				return answer{code: FormatError}, true
			}
			if to, valid := canonical(c.CNAME.String()); valid {
				aliases[name] = to
			}
		case r.Type == q.kind && r.Type == dnsmessage.TypeA:
			rec, err := p.AResource()
			if err != nil {
				return answer{code: FormatError}, true
			}
			found[name] = append(found[name], netip.AddrFrom4(rec.A))
		case r.Type == q.kind && r.Type == dnsmessage.TypeAAAA:
			rec, err := p.AAAAResource()
			if err != nil {
				return answer{code: FormatError}, true
			}
			found[name] = append(found[name], netip.AddrFrom16(rec.AAAA))
		default:
			if p.SkipAnswer() != nil {
				return answer{code: FormatError}, true
			}
		}
	}
	// Records count only where the chain from the name that was asked for leads to them.
	name := q.name
	for range chainMax {
		if ttl, known := ttls[name]; known {
			a.ttl = min(a.ttl, ttl)
		}
		if addrs := found[name]; len(addrs) > 0 {
			a.addrs = addrs[:min(len(addrs), addrsMax)]
			return a, true
		}
		to, more := aliases[name]
		if !more {
			break
		}
		name = to
	}
	if name != q.name {
		a.alias = name
	}
	return a, true
}

func sameName(n dnsmessage.Name, name string) bool {
	c, ok := canonical(n.String())
	return ok && c == name
}
