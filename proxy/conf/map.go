package conf

import (
	"strings"

	"moonring/proxy/regex"
)

// Map is a map block: the value of a variable by that of a template.
type Map struct {
	Source    Template
	Hostnames bool
	Volatile  bool
	Exact     map[string]*Template  // key in lower case
	Wild      *wildcards[*Template] // hostnames
	Patterns  []MapPattern          // in the order of the file
	Default   *Template             // nil: empty
}

// MapPattern is a line of a map whose key is a pattern.
type MapPattern struct {
	Regex *regex.Regexp
	Value *Template
}

func mapBlock(l *loader, s *scope, d *directive) error {
	m := &Map{Exact: map[string]*Template{}, Wild: &wildcards[*Template]{}}
	var err error
	if m.Source, err = l.template(d, d.words[1]); err != nil {
		return err
	}
	name, err := variableName(d.words[2])
	if err != nil {
		return err
	}
	v, err := l.userVar(name, VarMap)
	if err != nil {
		return err
	}
	v.Kind, v.Map = VarMap, m
	in := &scope{in: s.in, up: s, loc: s.loc, srv: s.srv, set: map[string]bool{}}
	in.each = func(d *directive) error { return l.mapLine(m, d) }
	return l.walk(in, d.children)
}

func (l *loader) mapLine(m *Map, d *directive) error {
	if len(d.words) == 1 {
		switch d.words[0] {
		case "hostnames":
			m.Hostnames = true
			return nil
		case "volatile":
			m.Volatile = true
			return nil
		}
	}
	if len(d.words) != 2 {
		return fault("invalid number of the map parameters")
	}
	key := d.words[0]
	t, err := l.template(d, d.words[1])
	if err != nil {
		return err
	}
	value := &t
	if key == "default" {
		if m.Default != nil {
			return fault("duplicate default map parameter")
		}
		m.Default = value
		return nil
	}
	if len(key) > 0 && key[0] == '~' {
		pattern, caseless := key[1:], false
		if rest, ok := strings.CutPrefix(pattern, "*"); ok {
			pattern, caseless = rest, true
		}
		re, err := l.compileRegex(pattern, caseless)
		if err != nil {
			return err
		}
		m.Patterns = append(m.Patterns, MapPattern{re, value})
		return nil
	}
	if len(key) > 1 && key[0] == '\\' {
		key = key[1:]
	}
	key = lowerASCII(key)
	if m.Hostnames && (strings.HasPrefix(key, ".") || strings.Contains(key, "*")) {
		switch m.Wild.add(key, value) {
		case wildcardTaken:
			return fault(`conflicting parameter "` + d.words[0] + `"`)
		case wildcardInvalid:
			return fault(`invalid hostname or wildcard "` + d.words[0] + `"`)
		}
		return nil
	}
	if m.Exact[key] != nil {
		return fault(`conflicting parameter "` + d.words[0] + `"`)
	}
	m.Exact[key] = value
	return nil
}

// Find returns the value of a key that is in lower case, patterns aside; nil if there is none.
func (m *Map) Find(lower []byte) *Template {
	if m.Hostnames && len(lower) > 0 && lower[len(lower)-1] == '.' {
		lower = lower[:len(lower)-1]
	}
	if t := m.Exact[string(lower)]; t != nil {
		return t
	}
	if m.Hostnames {
		if t, ok := m.Wild.find(lower); ok {
			return t
		}
	}
	return nil
}
