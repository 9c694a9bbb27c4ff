package conf

import (
	"errors"
	"strings"
	"testing"

	"moonring/proxy/regex"
)

// noHosts matches no pattern.
type noHosts struct{}

func (noHosts) MatchHost(*regex.Regexp, []byte) bool { return false }

// FuzzConf gives Load any text, which may include itself and a second file. It must end with a Config or an *Error that
// names a place within the text, and a Config must answer any lookup.
func FuzzConf(f *testing.F) {
	_, cases := readNginxCases(f)
	for _, c := range cases {
		second := ""
		for _, text := range c.files {
			second = text
		}
		f.Add(c.conf, second)
	}
	f.Add("events {} http { include a.conf; include *.conf; }", "server { location /a { location /a/b { } } }")
	f.Fuzz(func(t *testing.T, text, second string) {
		o := options(text)
		o.FS.(memFS)["/p/a.conf"] = second
		c, _, err := Load(o)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("%T: %v", err, err)
			}
			if e.File != "" && (e.Line < 1 || e.Line > 1+strings.Count(text, "\n")+strings.Count(second, "\n")) {
				t.Fatalf("line %d is not in the text: %v", e.Line, err)
			}
			return
		}
		if c.HTTP == nil {
			return
		}
		for _, a := range c.HTTP.Addresses {
			if s := c.HTTP.ServerFor([]byte(a.Key), []byte(second), noHosts{}); s == nil {
				t.Fatal("an address without a server")
			} else if l := s.findPrefix([]byte(text)); l != nil {
				l.Type([]byte(text))
			}
		}
	})
}
