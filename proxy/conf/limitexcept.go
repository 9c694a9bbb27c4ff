package conf

import (
	"slices"
	"strings"
)

// limitable are the methods that limit_except knows.
var limitable = []string{"GET", "HEAD", "POST", "PUT", "DELETE", "MKCOL", "COPY", "MOVE", "OPTIONS", "PROPFIND", "PROPPATCH", "LOCK", "UNLOCK", "PATCH"}

// limitExcept handles limit_except METHOD... { }: a block of settings for requests with other methods. It inherits from the location
// around it, but for what is never inherited: neither its rewrite directives nor its try_files are run, nor any handler but
// proxy_pass.
func limitExcept(l *loader, s *scope, d *directive) error {
	if s.loc.LimitExcept != nil {
		return isDuplicate
	}
	for _, w := range d.words[1:] {
		m := strings.ToUpper(w)
		if !slices.Contains(limitable, m) {
			return fault(`invalid method "` + w + `"`)
		}
		if s.loc.ExceptMethods = append(s.loc.ExceptMethods, m); m == "GET" {
			s.loc.ExceptMethods = append(s.loc.ExceptMethods, "HEAD")
		}
	}
	loc := l.nameless(s, d)
	s.loc.LimitExcept = loc
	in := &scope{in: inLimitExcept, up: s, loc: loc, srv: s.srv, set: map[string]bool{}}
	s.locs = append(s.locs, in)
	return l.walk(in, d.children)
}
