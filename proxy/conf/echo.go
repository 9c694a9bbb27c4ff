package conf

import (
	"strings"
	"time"
)

// The directives of echo-nginx-module and headers-more-nginx-module.

// EchoKind is what an EchoCommand does.
type EchoKind uint8

const (
	EchoText            EchoKind = iota // writes its argument
	EchoDuplicate                       // writes the second as often as the first says
	EchoFlush                           // passes on what was written
	EchoSleep                           // waits for so many seconds
	EchoBlockingSleep                   // holds the whole worker for so many seconds
	EchoResetTimer                      // $echo_timer_elapsed counts from now on
	EchoReadBody                        // reads the request's body
	EchoBody                            // writes it
	EchoLocation                        // writes the response to a GET request for a path, with arguments if there are two
	EchoLocationAsync                   // the same, without waiting for it
	EchoSubrequest                      // the same with any method, and -q ARGUMENTS, -b BODY, -f FILE of a body behind the path
	EchoSubrequestAsync                 // the same, without waiting for it
	EchoForeach                         // runs what follows for each part of the second between which the first stands
	EchoEnd                             // up to here
	EchoExec                            // goes on at a path or a named location
	EchoAbortParent                     // has no effect in nginx either
)

// EchoCommand is one of the directives that make a response.
type EchoCommand struct {
	Kind EchoKind
	Args []Template
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
	command := func(k EchoKind, least int) setting {
		return setting{do: func(l *loader, s *scope, d *directive) error {
			e := EchoCommand{Kind: k}
			var err error
			if k == EchoText {
				var t Template
				t, err = l.echoText(d)
				e.Args = []Template{t}
			} else if e.Args, _, err = l.echoArgs(d); err == nil && len(e.Args) < least {
				err = fault(`invalid number of arguments in "` + d.name() + `" directive`)
			}
			for i := 2; (k == EchoSubrequest || k == EchoSubrequestAsync) && i+1 < len(e.Args); i += 2 {
				if name, ok := e.Args[i+1].Const(); ok && name != "" && e.Args[i].Source == "-f" {
					l.cfg.ReadPaths = append(l.cfg.ReadPaths, fullName(l.cfg.Prefix, name))
				}
			}
			if s.loc.Echo == nil {
				s.loc.Handler = HandlerEcho
			}
			s.loc.Echo = append(s.loc.Echo, e)
			return err
		}}
	}
	around := func(field func(*Location) *[]Template) setting {
		return setting{do: func(l *loader, s *scope, d *directive) error {
			t, err := l.echoText(d)
			s.once(d.name())
			*field(s.loc) = append(*field(s.loc), t)
			return err
		}, merge: func(dst, src *Location) { *field(dst) = *field(src) }}
	}
	return []row{
		{"echo", inLocation, anyArgs, command(EchoText, 0)},
		{"echo_duplicate", inLocation, twoMore, command(EchoDuplicate, 2)},
		{"echo_flush", inLocation, noArgs, command(EchoFlush, 0)},
		{"echo_sleep", inLocation, take1, command(EchoSleep, 1)},
		{"echo_blocking_sleep", inLocation, take1, command(EchoBlockingSleep, 1)},
		{"echo_reset_timer", inLocation, noArgs, command(EchoResetTimer, 0)},
		{"echo_read_request_body", inLocation, noArgs, command(EchoReadBody, 0)},
		{"echo_request_body", inLocation, noArgs, command(EchoBody, 0)},
		{"echo_location", inLocation, take12, command(EchoLocation, 1)},
		{"echo_location_async", inLocation, take12, command(EchoLocationAsync, 1)},
		{"echo_subrequest", inLocation, twoMore, command(EchoSubrequest, 2)},
		{"echo_subrequest_async", inLocation, twoMore, command(EchoSubrequestAsync, 2)},
		{"echo_foreach_split", inLocation, twoMore, command(EchoForeach, 2)},
		{"echo_end", inLocation, noArgs, command(EchoEnd, 0)},
		{"echo_exec", inLocation, take12, command(EchoExec, 1)},
		{"echo_abort_parent", inLocation, noArgs, command(EchoAbortParent, 0)},
		{"echo_before_body", inLocation, anyArgs, around(func(l *Location) *[]Template { return &l.EchoBefore })},
		{"echo_after_body", inLocation, anyArgs, around(func(l *Location) *[]Template { return &l.EchoAfter })},
		{"echo_status", inLocation, take1, locField(echoStatus, func(l *Location) *int { return &l.EchoStatus })},

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

// echoArgs compiles the arguments of a directive. Constant ones with a dash in front of the others are options, "--" ends them.
func (l *loader) echoArgs(d *directive) (args []Template, options []string, err error) {
	option := true
	for _, w := range d.words[1:] {
		t, err := l.template(d, w)
		if err != nil {
			return nil, nil, err
		}
		switch option = option && t.IsConst() && len(w) > 1 && w[0] == '-'; {
		case !option:
			args = append(args, t)
		case w[1] == '-':
			option = false
		default:
			options = append(options, w[1:])
		}
	}
	return args, options, nil
}

// echoText joins the arguments of echo to a line; the option -n leaves its end away.
func (l *loader) echoText(d *directive) (Template, error) {
	args, options, err := l.echoArgs(d)
	if err != nil {
		return Template{}, err
	}
	var words []string
	for i := range args {
		words = append(words, args[i].Source)
	}
	end := "\n"
	if len(options) > 0 && options[0] == "n" {
		end = ""
	}
	return l.template(d, strings.Join(words, " ")+end)
}

// echoStatus is a status that a response can have.
func echoStatus(d *directive) (int, error) {
	n, ok := parseNumber(d.words[1])
	if !ok || n < 100 || n > 999 {
		return 0, fault(`invalid status code "` + d.words[1] + `"`)
	}
	return int(n), nil
}

// EchoSeconds reads a time as echo_sleep takes it: seconds, with at most three digits after a point.
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
		case digits == 3:
			return 0, false
		default:
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
			if w == "-r" && input && !clearing {
				m.Replace = true
				continue
			}
			if w != "-t" && (w != "-s" || input) {
				return fault(`invalid option name: "` + w + `"`)
			}
			if i++; i == len(d.words) {
				return fault(`option "` + w + `" takes an argument`)
			}
			for _, v := range strings.Fields(d.words[i]) {
				if w == "-t" {
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
