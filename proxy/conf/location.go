package conf

import (
	"sort"
	"strings"
)

// locationSet finds the location of a path among those of one level. One sorted array serves exact and prefix locations:
// the longest prefix of a path sorts at or before the path, and everything between the two begins with that prefix, so
// one binary search and a walk up the chain of prefixes finds it.
type locationSet struct {
	nodes []locationNode
	regex []*Location // in the order of the file
}

type locationNode struct {
	name   string
	exact  *Location
	prefix *Location
	slash  *Location // the location with proxy_pass whose name has one more byte, a slash
	up     int       // index of the longest other name that is a prefix of this one, -1 if there is none
}

// Matcher tells if a path matches the pattern of a location.
type Matcher interface {
	MatchLocation(l *Location, path []byte) (bool, error)
}

// Find returns the location that nginx chooses for a normalised path: an exact one, or the longest prefix, in which it
// looks on among the nested ones, or the first pattern that matches, unless the prefix has ^~. nil if none matches:
// the server's own settings (Loc) apply. A path that lacks just the last slash of a location with proxy_pass gets that one, see
// Redirects. Errors are the matcher's.
func (s *Server) Find(path []byte, m Matcher) (*Location, error) {
	if s.regexes {
		l, _, err := s.set.search(path, m)
		return l, err
	}
	return s.findPrefix(path), nil
}

// Redirects tells if Find has chosen l for a path to which the slash at the end of its name is missing: the answer is a redirect to
// the name.
func (l *Location) Redirects(path []byte) bool { return l.Regex == nil && len(l.Name) == len(path)+1 }

// Named returns the location with a name, "@" included; nil if there is none.
func (s *Server) Named(name []byte) *Location { return s.named[string(name)] }

// search is Find with patterns. final says that no pattern further out can take its place.
func (s *locationSet) search(path []byte, m Matcher) (found *Location, final bool, err error) {
	found = s.find(path)
	if found != nil {
		if found.Exact || found.Redirects(path) {
			return found, true, nil
		}
		in, final, err := found.set.search(path, m)
		if final || err != nil {
			return in, true, err
		}
		noRegex := found.NoRegex
		if in != nil {
			found = in
		}
		if noRegex {
			return found, false, nil
		}
	}
	for _, l := range s.regex {
		ok, err := m.MatchLocation(l, path)
		if err != nil {
			return nil, true, err
		}
		if ok {
			in, _, err := l.set.search(path, m)
			if in == nil {
				in = l
			}
			return in, true, err
		}
	}
	return found, false, nil
}

func (s *Server) findPrefix(path []byte) *Location {
	var found *Location
	for set := &s.set; ; {
		l := set.find(path)
		if l == nil {
			return found
		}
		found = l
		if l.Exact || len(l.set.nodes) == 0 || l.Redirects(path) {
			return found
		}
		set = &l.set
	}
}

func (s *locationSet) find(path []byte) *Location {
	// The last node whose name is <= path.
	lo, hi := 0, len(s.nodes)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if s.nodes[mid].name <= string(path) {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	for i := lo - 1; i >= 0; i = s.nodes[i].up {
		n := &s.nodes[i]
		if len(n.name) > len(path) || n.name != string(path[:len(n.name)]) {
			continue
		}
		if n.exact != nil && len(n.name) == len(path) {
			return n.exact
		}
		if n.prefix != nil {
			return n.prefix
		}
		if n.slash != nil && len(n.name) == len(path) {
			return n.slash
		}
	}
	return nil
}

// sortLocations sorts by name, exact ones before prefixes.
func sortLocations(locs []*Location) {
	sort.SliceStable(locs, func(i, j int) bool {
		a, b := locs[i], locs[j]
		if a.Name != b.Name {
			return a.Name < b.Name
		}
		return a.Exact && !b.Exact
	})
}

// newLocationSet builds the lookup of sorted locations. dup is one whose name is taken by another of its kind, if any.
func newLocationSet(sorted []*Location) (set locationSet, dup *Location) {
	for _, l := range sorted {
		if n := len(set.nodes); n == 0 || set.nodes[n-1].name != l.Name {
			set.nodes = append(set.nodes, locationNode{name: l.Name, up: -1})
		}
		n := &set.nodes[len(set.nodes)-1]
		slot := &n.prefix
		if l.Exact {
			slot = &n.exact
		}
		if *slot != nil {
			return set, l
		}
		*slot = l
	}
	set.addSlashes()
	// Names that are prefixes of one another nest like brackets in sorted order.
	var open []int
	for i := range set.nodes {
		name := set.nodes[i].name
		for len(open) > 0 {
			top := set.nodes[open[len(open)-1]].name
			if len(top) <= len(name) && name[:len(top)] == top {
				set.nodes[i].up = open[len(open)-1]
				break
			}
			open = open[:len(open)-1]
		}
		open = append(open, i)
	}
	return set, nil
}

// addSlashes adds the names without their last slash of locations with proxy_pass.
func (s *locationSet) addSlashes() {
	named := len(s.nodes)
	at := make(map[string]int, named)
	for i := range s.nodes {
		at[s.nodes[i].name] = i
	}
	for i := range named {
		n := s.nodes[i]
		bare, ok := strings.CutSuffix(n.name, "/")
		if !ok || bare == "" || (n.exact == nil || n.exact.ProxyPass == nil) && (n.prefix == nil || n.prefix.ProxyPass == nil) {
			continue
		}
		l := n.exact // its settings apply, whichever of the two has proxy_pass
		if l == nil {
			l = n.prefix
		}
		if j, ok := at[bare]; ok {
			s.nodes[j].slash = l
		} else {
			s.nodes = append(s.nodes, locationNode{name: bare, slash: l, up: -1})
		}
	}
	sort.SliceStable(s.nodes, func(i, j int) bool { return s.nodes[i].name < s.nodes[j].name })
}
