package conf

import "strings"

// slotRoot is shared by root and alias.
const slotRoot = "root"

func mergeRoot(dst, src *Location) {
	dst.Root, dst.Alias, dst.AliasLen = src.Root, src.Alias, src.AliasLen
}

func setRoot(l *loader, s *scope, d *directive) error {
	alias := d.name() == "alias"
	if !s.once(slotRoot) {
		if s.loc.Alias == alias {
			return isDuplicate
		}
		earlier := "root"
		if s.loc.Alias {
			earlier = "alias"
		}
		return fault(`"` + d.name() + `" directive is duplicate, "` + earlier + `" directive was specified earlier`)
	}
	name := d.words[1]
	for _, v := range []string{"document_root", "realpath_root", "request_filename"} {
		if strings.Contains(name, "$"+v) || strings.Contains(name, "${"+v+"}") {
			return fault("the $" + v + ` variable cannot be used in the "` + d.name() + `" directive`)
		}
	}
	if !alias {
		name = strings.TrimSuffix(name, "/") // one slash, as nginx does
	}
	if !strings.HasPrefix(name, "$") {
		name = fullName(l.cfg.Prefix, name)
	}
	t, err := l.template(d, name)
	if err != nil {
		return err
	}
	s.loc.Root, s.loc.Alias, s.loc.AliasLen = t, alias, 0
	if !strings.HasPrefix(name, "$") {
		constant, _, varies := strings.Cut(name, "$")
		if alias || varies { // a file, or the beginning of a name
			l.cfg.ReadPaths = append(l.cfg.ReadPaths, constant[:strings.LastIndexByte(constant, '/')+1])
		}
		if !varies {
			l.cfg.ReadPaths = append(l.cfg.ReadPaths, constant)
		}
	}
	if alias {
		s.loc.AliasLen = len(s.loc.Name)
		if s.loc.Regex != nil {
			s.loc.AliasLen = -1
		}
	}
	return nil
}

func addIndex(l *loader, s *scope, d *directive) error {
	if s.once("index") {
		s.loc.Index = nil
	}
	for i, name := range d.words[1:] {
		if strings.HasPrefix(name, "/") && i != len(d.words)-2 {
			l.note(Warn, d, `only the last index in "index" directive should be absolute`)
		}
		if name == "" {
			return fault(`index "" in "index" directive is invalid`)
		}
		t, err := l.template(d, name)
		if err != nil {
			return err
		}
		s.loc.Index = append(s.loc.Index, t)
	}
	return nil
}

func setReturn(l *loader, s *scope, d *directive) error {
	r := &Return{File: d.file, Line: d.line}
	status, body := d.words[1], ""
	code, ok := parseNumber(status)
	switch {
	case !ok:
		if len(d.words) != 2 || !hasAnyPrefix(status, "http://", "https://", "$scheme") {
			return fault(`invalid return code "` + status + `"`)
		}
		code, body = 302, status
	case code > 999:
		return fault(`invalid return code "` + status + `"`)
	case len(d.words) == 3:
		body = d.words[2]
	}
	t, err := l.template(d, body)
	if err != nil {
		return err
	}
	r.Code, r.Text, r.HasText = int(code), t, body != ""
	switch code {
	case 301, 302, 303, 307, 308:
		r.URL = true
	}
	s.emit(d, Instruction{Op: OpReturn, Return: r})
	return nil
}

func hasAnyPrefix(s string, prefixes ...string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}

// defaultTypes apply where no block around has types.
var defaultTypes = map[string]string{
	"html": "text/html", "htm": "text/html", "shtml": "text/html",
	"gif": "image/gif", "jpg": "image/jpeg", "jpeg": "image/jpeg",
}

func typesBlock(l *loader, s *scope, d *directive) error {
	if s.once("types") {
		s.loc.Types = map[string]string{}
	}
	in := &scope{in: s.in, up: s, loc: s.loc, set: map[string]bool{}}
	in.each = func(d *directive) error {
		media := d.words[0]
		for _, ext := range d.words[1:] {
			ext = strings.ToLower(ext)
			if old, ok := s.loc.Types[ext]; ok {
				l.note(Warn, d, `duplicate extension "`+ext+`", content type: "`+media+`", previous content type: "`+old+`"`)
			}
			s.loc.Types[ext] = media
		}
		return nil
	}
	return l.walk(in, d.children)
}

// slotKeepaliveHeader is the second argument of keepalive_timeout, which nginx inherits by itself.
const slotKeepaliveHeader = "keepalive_timeout header"

func setKeepalive(l *loader, s *scope, d *directive) error {
	if !s.once("keepalive_timeout") {
		return isDuplicate
	}
	t, ok := parseTime(d.words[1], false)
	if !ok {
		return invalidValue
	}
	s.loc.KeepaliveTimeout = t
	if len(d.words) == 3 {
		if t, ok = parseTime(d.words[2], true); !ok {
			return invalidValue
		}
		s.loc.KeepaliveHeader = t
		s.once(slotKeepaliveHeader)
	}
	return nil
}
