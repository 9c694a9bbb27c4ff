package proxy

import (
	"fmt"

	"moonring/proxy/conf"
	"moonring/proxy/regex"
)

// Variables that the configuration makes (set, named groups, map), and the groups of the last match.

// userValue is the value of one of them in one request.
type userValue struct {
	off, end uint32 // in Request.varMem
	state    valueState
}

type valueState uint8

const (
	valueUnset valueState = iota
	valueSet
	valueNone // known to have no value
)

// userVar is a conf.UserVar, ready to be evaluated.
type userVar struct {
	*conf.UserVar
	source   template // of a map
	values   map[*conf.Template]*template
	fallback *template
}

func (w *Worker) openUserVars() {
	w.userSlots = make(map[string]int, len(w.Conf.HTTP.UserVars))
	for i, v := range w.Conf.HTTP.UserVars {
		w.userSlots[v.Name] = i
	}
	for _, v := range w.Conf.HTTP.UserVars {
		u := userVar{UserVar: v}
		if m := v.Map; m != nil {
			u.source = w.template(&m.Source)
			u.values = map[*conf.Template]*template{}
			add := func(t *conf.Template) *template {
				if t == nil {
					return nil
				}
				made := w.template(t)
				u.values[t] = &made
				return &made
			}
			for _, t := range m.Exact {
				add(t)
			}
			m.Wild.Each(func(t *conf.Template) { add(t) })
			for _, p := range m.Patterns {
				add(p.Value)
			}
			u.fallback = add(m.Default)
		}
		w.userVars = append(w.userVars, u)
	}
}

// userValue returns the value of a user variable.
func (r *Request) userValue(slot int) ([]byte, bool) {
	owner := r.varOwner()
	if len(owner.userVars) == 0 {
		owner.makeUserVars()
	}
	v := &owner.userVars[slot]
	switch v.state {
	case valueSet:
		return owner.varMem[v.off:v.end], true
	case valueNone:
		return nil, false
	}
	u := &r.Worker.userVars[slot]
	switch u.Kind {
	case conf.VarCapture:
		return nil, false
	case conf.VarMap:
		return r.mapValue(slot, u)
	}
	if r.Loc.UninitializedVariableWarn {
		r.Log(conf.Warn, `using uninitialized "`+u.Name+`" variable`)
	}
	r.setUser(slot, nil)
	return empty, true
}

// varOwner is the request whose variables r uses: its own, but for subrequests with share_all_vars.
func (r *Request) varOwner() *Request {
	if r.sub.vars != nil {
		return r.sub.vars
	}
	return r
}

func (r *Request) makeUserVars() {
	n := len(r.Worker.userVars)
	if cap(r.userVars) < n {
		r.userVars = make([]userValue, n)
	}
	r.userVars = r.userVars[:n]
	clear(r.userVars)
}

// varGarbage is the memory of replaced values, in bytes, that a request keeps.
const varGarbage = 64 << 10

// setUser gives a user variable a copy of value, which must not be a view of another's memory that moves: templates
// are computed elsewhere first.
func (r *Request) setUser(slot int, value []byte) {
	r = r.varOwner()
	if len(r.userVars) == 0 {
		r.makeUserVars()
	}
	v := &r.userVars[slot]
	if v.state == valueSet && len(value) <= int(v.end-v.off) {
		v.end = v.off + uint32(copy(r.varMem[v.off:v.end], value))
		return
	}
	if v.state == valueSet {
		r.varWaste += int(v.end - v.off)
	}
	v.state = valueNone
	if r.varWaste > varGarbage {
		// Copied to new memory: value may be a view of the old.
		old := r.varMem
		r.varMem = make([]byte, 0, len(old)-r.varWaste+len(value))
		for i := range r.userVars {
			if o := &r.userVars[i]; o.state == valueSet {
				off := len(r.varMem)
				r.varMem = append(r.varMem, old[o.off:o.end]...)
				o.off, o.end = uint32(off), uint32(len(r.varMem))
			}
		}
		r.varWaste = 0
	}
	off := len(r.varMem)
	r.varMem = append(r.varMem, value...)
	*v = userValue{uint32(off), uint32(len(r.varMem)), valueSet}
}

// slotOf is what assign takes for the variable of a directive: -1 for $args.
func (w *Worker) slotOf(name string) int {
	if name == "args" {
		return -1
	}
	return w.userSlots[name]
}

// assign gives the variable of a directive a value: see setUser.
func (r *Request) assign(slot int, value []byte) {
	if slot < 0 {
		r.SetArgs(value)
	} else {
		r.setUser(slot, value)
	}
}

// noUser takes a user variable its value.
func (r *Request) noUser(slot int) {
	r = r.varOwner()
	if len(r.userVars) == 0 {
		r.makeUserVars()
	}
	v := &r.userVars[slot]
	if v.state == valueSet {
		r.varWaste += int(v.end - v.off)
	}
	v.state = valueNone
}

// mapDepthMax bounds the maps that refer to maps, as nginx bounds variables that refer to variables.
const mapDepthMax = 100

// mapValue evaluates the variable of a map.
func (r *Request) mapValue(slot int, u *userVar) ([]byte, bool) {
	if r.mapDepth >= mapDepthMax {
		r.Log(conf.Err, `cycle while evaluating variable "`+u.Name+`"`)
		return nil, false
	}
	for len(r.mapBufs) <= r.mapDepth { // maps refer to maps while their key or value is being made
		if n := len(r.mapBufs); n < cap(r.mapBufs) {
			r.mapBufs = r.mapBufs[:n+1] // with its memory
		} else {
			r.mapBufs = append(r.mapBufs, mapBuf{})
		}
	}
	m := r.mapBufs[r.mapDepth]
	r.mapDepth++
	m.key = r.appendTemplate(m.key[:0], &u.source)
	value := u.fallback
	m.lower = appendLower(m.lower[:0], m.key)
	if t := u.find(r, m.key, m.lower); t != nil {
		value = t
	}
	m.value = m.value[:0]
	if value != nil {
		m.value = r.appendTemplate(m.value, value)
	}
	b := m.value
	r.mapBufs[r.mapDepth-1] = m
	r.mapDepth--
	if u.Map.Volatile {
		return r.computed(append(r.varBuf[:0], b...))
	}
	r.setUser(slot, b)
	r = r.varOwner()
	v := &r.userVars[slot]
	return r.varMem[v.off:v.end], true
}

// mapBuf is the memory that one map is evaluated in.
type mapBuf struct{ key, lower, value []byte }

func appendLower(b, s []byte) []byte {
	for _, c := range s {
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		b = append(b, c)
	}
	return b
}

// find looks a key of a map up.
func (u *userVar) find(r *Request, key, lower []byte) *template {
	if t := u.Map.Find(lower); t != nil {
		return u.values[t]
	}
	for i := range u.Map.Patterns {
		p := &u.Map.Patterns[i]
		if ok, err := r.match(p.Regex, key); ok && err == nil {
			return u.values[p.Value]
		}
	}
	return nil
}

// match runs a pattern. If it matches, the groups become $1 to $9, those with names their variables. An error is in the log.
func (r *Request) match(re *regex.Regexp, subject []byte) (bool, error) {
	w := r.Worker
	m := &w.Regexes.Matcher
	ok, err := m.Match(re, subject)
	if err != nil {
		r.Log(conf.Alert, fmt.Sprintf(`ngx_regex_exec() failed: %v on "%s" using "%s"`, err, appendLogSafe(nil, subject), re))
		return false, err
	}
	if !ok {
		return false, nil
	}
	r.groups = r.groups[:0]
	if re.Groups() == 0 {
		return true, nil
	}
	r.groupText = append(r.groupText[:0], subject...)
	for i := range re.Groups() + 1 {
		start, end := m.Group(i)
		r.groups = append(r.groups, group{int32(start), int32(end)})
	}
	for _, n := range re.Names() {
		if g := r.groups[n.Group]; g.start >= 0 {
			r.setUser(w.userSlots[n.Name], r.groupText[g.start:g.end])
		} else {
			r.setUser(w.userSlots[n.Name], nil)
		}
	}
	for n := len(r.groups); r.groups[n-1].start < 0; n-- { // those at the end are unknown, as in nginx, others empty
		r.groups = r.groups[:n-1]
	}
	return true, nil
}

// group is where a group of the last match is in Request.groupText; -1: it took no part.
type group struct{ start, end int32 }

// Group is $1 to $9, as i: a group of the last match of a pattern in the configuration.
func (r *Request) Group(i int) ([]byte, bool) {
	if i < 0 || i >= len(r.groups) {
		return nil, false
	}
	if r.groups[i].start < 0 {
		return empty, true
	}
	return r.groupText[r.groups[i].start:r.groups[i].end], true
}

// MatchHost is for conf.Address.ServerFor.
func (r *Request) MatchHost(re *regex.Regexp, host []byte) bool {
	ok, err := r.match(re, host)
	return ok && err == nil
}

// MatchLocation is for conf.Server.Find.
func (r *Request) MatchLocation(l *conf.Location, path []byte) (bool, error) {
	return r.match(l.Regex, path)
}
