package conf

import "strings"

// ErrorPage is what one error_page directive says about one status.
type ErrorPage struct {
	Status    int
	Overwrite int      // the status to answer with; -1: Status; 0: what the page's own handler says
	URI       Template // "/..." is an internal redirect, "@..." a named location, everything else a redirect
	Args      string   // of a constant URI
	HasArgs   bool     // Args is there: URI has no variables, and is cut at its '?'
}

// Inner statuses of nginx's, which are all 400 to the client.
const (
	statusHeaderTooLarge = 494
	statusCertError      = 495
	statusNoCert         = 496
	statusToHTTPS        = 497
)

func addErrorPage(l *loader, s *scope, d *directive) error {
	if s.once("error_page") {
		s.loc.ErrorPages = nil
	}
	words := d.words[1:]
	overwrite, statuses := -1, words[:len(words)-1]
	if opt := words[len(words)-2]; strings.HasPrefix(opt, "=") {
		if len(words) == 2 {
			return fault(`invalid value "` + opt + `"`)
		}
		overwrite = 0
		if opt != "=" {
			n, ok := parseNumber(opt[1:])
			if !ok {
				return fault(`invalid value "` + opt + `"`)
			}
			overwrite = int(n)
		}
		statuses = words[:len(words)-2]
	}
	uri := words[len(words)-1]
	p := ErrorPage{}
	var err error
	if strings.HasPrefix(uri, "/") && !strings.Contains(uri, "$") {
		uri, p.Args, _ = strings.Cut(uri, "?")
		p.HasArgs = true
	}
	if p.URI, err = l.template(d, uri); err != nil {
		return err
	}
	for _, word := range statuses {
		n, ok := parseNumber(word)
		if !ok || n == 499 {
			return fault(`invalid value "` + word + `"`)
		}
		if n < 300 || n > 599 {
			return fault(`value "` + word + `" must be between 300 and 599`)
		}
		p.Status, p.Overwrite = int(n), overwrite
		if overwrite == -1 {
			switch p.Status {
			case statusHeaderTooLarge, statusCertError, statusNoCert, statusToHTTPS:
				p.Overwrite = 400
			}
		}
		s.loc.ErrorPages = append(s.loc.ErrorPages, p)
	}
	return nil
}

// TryFiles is the try_files directive.
type TryFiles struct {
	Files []TryFile
	Code  int      // "=code": the last resort is a status; 0: Last
	Last  Template // the last resort: a path, or the name of a location
}

// TryFile is one of the files that are tried.
type TryFile struct {
	Name Template
	Dir  bool // it must be a folder
}

func setTryFiles(l *loader, s *scope, d *directive) error {
	if !s.once("try_files") {
		return isDuplicate
	}
	t := &TryFiles{}
	words := d.words[1:]
	last := words[len(words)-1]
	for _, word := range words[:len(words)-1] {
		f := TryFile{}
		if rest, ok := strings.CutSuffix(word, "/"); ok {
			word, f.Dir = rest, true
		}
		var err error
		if f.Name, err = l.template(d, word); err != nil {
			return err
		}
		t.Files = append(t.Files, f)
	}
	if code, ok := strings.CutPrefix(last, "="); ok {
		n, ok := parseNumber(code)
		if !ok || n > 999 {
			return fault(`invalid code "` + last + `"`)
		}
		t.Code = int(n)
	} else {
		var err error
		if t.Last, err = l.template(d, last); err != nil {
			return err
		}
	}
	s.loc.TryFiles = t
	return nil
}

func setInternal(l *loader, s *scope, d *directive) error {
	s.loc.Internal = true
	return nil
}
