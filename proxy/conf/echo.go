package conf

import (
	"strings"
	"time"
)

// The directives of echo-nginx-module and headers-more-nginx-module.

// EchoKind is what an EchoCommand does.
type EchoKind uint8

const (
	EchoText      EchoKind = iota // writes Text
	EchoDuplicate                 // writes Text as often as Count says
	EchoFlush                     // passes on what was written
	EchoSleep                     // waits for as many seconds as Count says
	EchoReadBody                  // reads the request's body
	EchoBody                      // writes it
	EchoStatus                    // sets the status
)

// EchoCommand is one of the directives that make a response.
type EchoCommand struct {
	Kind   EchoKind
	Text   Template
	Count  Template
	Status int
}

// MoreHeaders is one more_set_headers or one of its kin.
type MoreHeaders struct {
	Input    bool        // of the request
	Replace  bool        // only headers that are there (-r)
	Statuses []int       // only responses with one of them; nil: all
	Types    []string    // only those of one of these media types; nil: all
	Headers  []MoreField // in order
}

// MoreField is a header to set, or to clear.
type MoreField struct {
	Name  string
	Any   bool // Name is how the names begin
	Clear bool
	Value Template
}

func echoRows() []row {
	kind := func(k EchoKind, fill func(l *loader, d *directive, e *EchoCommand) error) setting {
		return setting{do: func(l *loader, s *scope, d *directive) error {
			e := EchoCommand{Kind: k}
			if fill != nil {
				if err := fill(l, d, &e); err != nil {
					return err
				}
			}
			s.loc.Echo = append(s.loc.Echo, e)
			return nil
		}}
	}
	seconds := kind(EchoSleep, func(l *loader, d *directive, e *EchoCommand) (err error) {
		e.Count, err = l.template(d, d.words[1])
		if t, ok := e.Count.Const(); ok && err == nil {
			if _, ok := EchoSeconds([]byte(t)); !ok {
				return fault(`invalid sleep duration "` + t + `"`)
			}
		}
		return err
	})
	return []row{
		{"echo", inLocation, anyArgs, kind(EchoText, echoText)},
		{"echo_duplicate", inLocation, twoMore, kind(EchoDuplicate, func(l *loader, d *directive, e *EchoCommand) (err error) {
			if e.Count, err = l.template(d, d.words[1]); err != nil {
				return err
			}
			e.Text, err = l.template(d, strings.Join(d.words[2:], " "))
			return err
		})},
		{"echo_flush", inLocation, noArgs, kind(EchoFlush, nil)},
		{"echo_sleep", inLocation, take1, seconds},
		{"echo_read_request_body", inLocation, noArgs, kind(EchoReadBody, nil)},
		{"echo_request_body", inLocation, noArgs, kind(EchoBody, nil)},
		{"echo_status", inLocation, take1, kind(EchoStatus, func(l *loader, d *directive, e *EchoCommand) error {
			n, ok := parseNumber(d.words[1])
			if !ok || n < 100 || n > 999 {
				return fault(`invalid status code "` + d.words[1] + `"`)
			}
			e.Status = int(n)
			return nil
		})},

		{"more_set_headers", httpServerLocation, oneMore, more(false, false)},
		{"more_clear_headers", httpServerLocation, oneMore, more(false, true)},
		{"more_set_input_headers", httpServerLocation, oneMore, more(true, false)},
		{"more_clear_input_headers", httpServerLocation, oneMore, more(true, true)},
		// Only merged: what is inherited comes before a block's own.
		{"more_set_headers", 0, oneMore, setting{nil, func(dst, src *Location) {
			if len(src.More) > 0 {
				dst.More = append(append([]MoreHeaders(nil), src.More...), dst.More...)
			}
		}, "more_headers inherited"}},
	}
}

// echoText takes the options of echo, then joins its arguments.
func echoText(l *loader, d *directive, e *EchoCommand) (err error) {
	words, end := d.words[1:], "\n"
	for len(words) > 0 && strings.HasPrefix(words[0], "-") {
		option := words[0]
		if option != "-n" && option != "--" {
			break
		}
		words = words[1:]
		if option == "--" {
			break
		}
		end = ""
	}
	e.Text, err = l.template(d, strings.Join(words, " ")+end)
	return err
}

// EchoSeconds reads a time as echo_sleep takes it: seconds, with up to three digits after a point.
func EchoSeconds(s []byte) (time.Duration, bool) {
	whole, frac, digits := int64(0), int64(0), 0
	seen, point := false, false
	for _, ch := range s {
		switch {
		case ch == '.' && !point:
			point = true
		case ch < '0' || ch > '9':
			return 0, false
		case !point:
			if whole = whole*10 + int64(ch-'0'); whole > 1<<31 {
				return 0, false
			}
			seen = true
		case digits < 3:
			frac = frac*10 + int64(ch-'0')
			digits++
			seen = true
		}
	}
	for ; digits < 3; digits++ {
		frac *= 10
	}
	return time.Duration(whole)*time.Second + time.Duration(frac)*time.Millisecond, seen
}

// more makes the handler of a directive of headers-more.
func more(input, clearing bool) setting {
	return setting{do: func(l *loader, s *scope, d *directive) error {
		m := MoreHeaders{Input: input}
		for i := 1; i < len(d.words); i++ {
			w := d.words[i]
			if len(w) == 0 || w[0] != '-' {
				f, err := l.moreField(d, w, clearing)
				if err != nil {
					return err
				}
				m.Headers = append(m.Headers, f)
				continue
			}
			option := w
			if option == "-r" && input && !clearing {
				m.Replace = true
				continue
			}
			if option != "-t" && (option != "-s" || input) {
				return fault(`invalid option name: "` + option + `"`)
			}
			if i++; i == len(d.words) {
				return fault(`option "` + option + `" takes an argument`)
			}
			for _, v := range strings.Fields(d.words[i]) {
				if option == "-t" {
					m.Types = append(m.Types, strings.ToLower(v))
					continue
				}
				n, ok := parseNumber(v)
				if !ok {
					return fault(`invalid digit in status: "` + v + `"`)
				}
				m.Statuses = append(m.Statuses, int(n))
			}
		}
		s.loc.More = append(s.loc.More, m)
		return nil
	}}
}

// moreField reads "Name: value", or for a header to clear its name, which may end in "*".
func (l *loader) moreField(d *directive, w string, clearing bool) (f MoreField, err error) {
	name, value, found := strings.Cut(w, ":")
	f.Name = strings.TrimSpace(name)
	value = strings.TrimLeft(value, " ")
	f.Clear = clearing || !found || value == ""
	if f.Name == "" {
		return f, fault(`invalid header name in "` + d.name() + `": "` + w + `"`)
	}
	if f.Clear {
		f.Name, f.Any = strings.CutSuffix(f.Name, "*")
		return f, nil
	}
	f.Value, err = l.template(d, value)
	return f, err
}
