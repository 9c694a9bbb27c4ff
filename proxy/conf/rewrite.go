package conf

import (
	"strings"

	"moonring/proxy/regex"
)

// Op is what an Instruction does.
type Op uint8

// The instructions of the rewrite module.
const (
	OpReturn      Op = iota // Return ends the request
	OpSet                   // Var = Value
	OpIf                    // if Cond doesn't hold, go on at Next; else Loc, if any, has the settings in force
	OpRewrite               // if Regex matches the path, it is replaced
	OpBreak                 // ends the script
	OpSetLua                // Var = what Lua returns
	OpSetFunction           // Var = Function(Value)
	OpSetIfEmpty            // Var = Value, if it is empty
)

// Script is the directives of the rewrite module at one level, in order, those inside of if flattened.
type Script struct {
	Code []Instruction
}

// Instruction is one of them.
type Instruction struct {
	Op   Op
	File string
	Line int

	Return *Return // OpReturn

	Var      string   // OpSet, OpSetLua, OpSetFunction, OpSetIfEmpty: name, in lower case
	Value    Template // OpSet, OpSetFunction, OpSetIfEmpty
	Function string   // OpSetFunction: the directive

	Lua  *LuaCode   // OpSetLua
	Args []Template // OpSetLua: ngx.arg

	Cond *Condition // OpIf
	Next int        // OpIf: index of what follows the block
	Loc  *Location  // OpIf inside of a location

	Rewrite *Rewrite // OpRewrite
}

// Rewrite is the rewrite directive.
type Rewrite struct {
	Regex *regex.Regexp
	// Path is the replacement up to its first '?', for redirects all of it; Args what follows, if HasArgs.
	Path, Args Template
	HasArgs    bool // there is a '?'
	AddArgs    bool // the request's own arguments follow
	Redirect   int  // 301 or 302, 0: none
	Last       bool // the script ends
	Break      bool // and no location is chosen anew
}

// Test is what a Condition looks at.
type Test uint8

// The conditions of if.
const (
	TestTrue   Test = iota // neither empty nor "0"
	TestEqual              // Value is Other
	TestMatch              // Value matches Regex
	TestFile               // Value names a file
	TestDir                // a folder
	TestExists             // anything
	TestExec               // something executable
)

// Condition is the parenthesis of if.
type Condition struct {
	Test  Test
	Not   bool
	Value Template
	Other Template
	Regex *regex.Regexp
}

// emit adds an instruction to the script that the scope belongs to.
func (s *scope) emit(d *directive, i Instruction) *Instruction {
	i.File, i.Line = d.file, d.line
	s.script.Code = append(s.script.Code, i)
	return &s.script.Code[len(s.script.Code)-1]
}

// compileRegex compiles a pattern and makes variables of its named groups.
func (l *loader) compileRegex(pattern string, caseless bool) (*regex.Regexp, error) {
	var flags regex.Flags
	if caseless {
		flags = regex.Caseless
	}
	re, err := regex.Compile(pattern, flags)
	if err != nil {
		return nil, fault(err.Error())
	}
	for _, n := range re.Names() {
		if _, err := l.userVar(n.Name, VarCapture); err != nil {
			return nil, err
		}
	}
	return re, nil
}

// VarKind is where the value of a user variable comes from.
type VarKind uint8

// The kinds.
const (
	VarSet     VarKind = iota // set: empty, with a warning, until then
	VarCapture                // a named group: none until it matched
	VarMap                    // map
)

// UserVar is a variable that the configuration makes.
type UserVar struct {
	Name string // in lower case
	Kind VarKind
	Map  *Map
}

// userVar declares a variable that the configuration sets. Those that the server makes itself can't be.
func (l *loader) userVar(name string, kind VarKind) (*UserVar, error) {
	name = strings.ToLower(name)
	h := l.cfg.HTTP
	if i, ok := l.userVars[name]; ok {
		v := h.UserVars[i]
		if kind == VarCapture && v.Kind == VarSet {
			v.Kind = kind
		}
		return v, nil
	}
	exact, _ := knownVariables()
	if exact[name] {
		return nil, fault(`the duplicate "` + name + `" variable`)
	}
	v := &UserVar{Name: name, Kind: kind}
	l.userVars[name] = len(h.UserVars)
	h.UserVars = append(h.UserVars, v)
	return v, nil
}

// variableName checks the name of a variable to be set, "$x".
func variableName(word string) (string, error) {
	if len(word) < 2 || word[0] != '$' {
		return "", fault(`invalid variable name "` + word + `"`)
	}
	return strings.ToLower(word[1:]), nil
}

// setFunctionRows are the directives of set-misc-nginx-module with one value, the variable's own where none is given; and set_if_empty.
func setFunctionRows() (all []row) {
	for _, name := range []string{"set_escape_uri", "set_unescape_uri", "set_quote_sql_str", "set_quote_pgsql_str", "set_quote_json_str",
		"set_encode_base32", "set_decode_base32", "set_encode_base64", "set_decode_base64", "set_encode_base64url", "set_decode_base64url",
		"set_encode_hex", "set_decode_hex", "set_md5", "set_sha1"} {
		all = append(all, row{name, httpServerLocation | inIf, take12, setting{do: setFunction}})
	}
	return append(all, row{"set_if_empty", httpServerLocation | inIf, take2, setting{do: setFunction}})
}

func setFunction(l *loader, s *scope, d *directive) error {
	name, err := l.assigned(d.words[1])
	if err != nil {
		return err
	}
	t, err := l.template(d, d.words[len(d.words)-1])
	if err != nil {
		return err
	}
	if s.script == nil { // nginx takes it here, and never runs it
		l.noteOnce(d, `"`+d.name()+`" has no effect in the "http" block`)
		return nil
	}
	op := OpSetFunction
	if d.name() == "set_if_empty" {
		op = OpSetIfEmpty
	}
	s.emit(d, Instruction{Op: op, Var: name, Value: t, Function: d.name()})
	return nil
}

// assigned is declared for set and its kin.
func (l *loader) assigned(word string) (string, error) {
	if strings.EqualFold(word, "$limit_rate") {
		return "", fault(`setting the "limit_rate" variable is not supported yet`)
	}
	return l.declared(word, VarSet)
}

// declared declares the variable, "$x", that a directive sets. $args is there already, and can be set.
func (l *loader) declared(word string, kind VarKind) (string, error) {
	name, err := variableName(word)
	if err != nil || name == "args" {
		return name, err
	}
	_, err = l.userVar(name, kind)
	return name, err
}

func setVariable(l *loader, s *scope, d *directive) error {
	name, err := l.assigned(d.words[1])
	if err != nil {
		return err
	}
	t, err := l.template(d, d.words[2])
	if err != nil {
		return err
	}
	s.emit(d, Instruction{Op: OpSet, Var: name, Value: t})
	return nil
}

func setBreak(l *loader, s *scope, d *directive) error {
	s.emit(d, Instruction{Op: OpBreak})
	return nil
}

func addRewrite(l *loader, s *scope, d *directive) error {
	re, err := l.compileRegex(d.words[1], false)
	if err != nil {
		return err
	}
	r := &Rewrite{Regex: re, AddArgs: true}
	to := d.words[2]
	if hasAnyPrefix(to, "http://", "https://", "$scheme") {
		r.Redirect, r.Last = 302, true
	}
	if len(d.words) == 4 {
		r.Last = true
		switch d.words[3] {
		case "last":
		case "break":
			r.Break = true
		case "redirect":
			r.Redirect = 302
		case "permanent":
			r.Redirect = 301
		default:
			return fault(`invalid parameter "` + d.words[3] + `"`)
		}
	}
	if rest, ok := strings.CutSuffix(to, "?"); ok {
		to, r.AddArgs = rest, false // the last "?" drops the original arguments
	}
	path, args, has := strings.Cut(to, "?")
	if r.HasArgs = has; r.Redirect != 0 {
		path, args = to, ""
	}
	if r.Path, err = l.template(d, path); err != nil {
		return err
	}
	if r.Args, err = l.template(d, args); err != nil {
		return err
	}
	s.emit(d, Instruction{Op: OpRewrite, Rewrite: r})
	return nil
}

func ifBlock(l *loader, s *scope, d *directive) error {
	cond, err := l.condition(d)
	if err != nil {
		return err
	}
	loc := l.nameless(s, d)
	at := len(s.script.Code)
	s.emit(d, Instruction{Op: OpIf, Cond: cond})
	in := &scope{in: inServerIf, up: s, loc: loc, srv: s.srv, set: map[string]bool{}, script: s.script}
	if s.in == inLocation {
		in.in = inLocationIf
		s.script.Code[at].Loc = loc
	}
	s.locs = append(s.locs, in)
	if err := l.walk(in, d.children); err != nil {
		return err
	}
	s.script.Code[at].Next = len(s.script.Code)
	return nil
}

// nameless are the settings of a block inside of s that is no location of its own.
func (l *loader) nameless(s *scope, d *directive) *Location {
	loc := l.newLocation(d)
	loc.Server, loc.Parent, loc.NoName = s.srv, s.loc, true
	loc.Name, loc.Exact = s.loc.Name, s.loc.Exact
	return loc
}

// condition reads the parenthesis of if, as ngx_http_rewrite_if_condition.
func (l *loader) condition(d *directive) (*Condition, error) {
	words := append([]string(nil), d.words[1:]...)
	invalid := func(w string) error { return fault(`invalid condition "` + w + `"`) }
	if words[0] == "" || words[0][0] != '(' {
		return nil, invalid(words[0])
	}
	if words[0] == "(" {
		words = words[1:]
	} else {
		words[0] = words[0][1:]
	}
	if len(words) == 0 {
		return nil, invalid("(")
	}
	last := len(words) - 1
	switch {
	case !strings.HasSuffix(words[last], ")"):
		return nil, invalid(words[last])
	case words[last] == ")":
		words = words[:last]
	default:
		words[last] = strings.TrimSuffix(words[last], ")")
	}
	if len(words) == 0 {
		return nil, invalid("")
	}
	c := &Condition{}
	var err error
	first := words[0]
	switch {
	case len(first) > 1 && first[0] == '$':
		if len(words) != 1 && len(words) != 3 {
			return nil, invalid(first)
		}
		if name := first[1:]; strings.ContainsFunc(name, func(r rune) bool { return r > 127 || !isVarByte(byte(r)) }) {
			return nil, fault(`unknown "` + name + `" variable`)
		}
		if c.Value, err = l.template(d, first); err != nil || len(words) == 1 {
			return c, err
		}
		op := words[1]
		switch op {
		case "=", "!=":
			c.Test, c.Not = TestEqual, op == "!="
			c.Other, err = l.template(d, words[2])
			return c, err
		case "~", "~*", "!~", "!~*":
			c.Test, c.Not = TestMatch, op[0] == '!'
			c.Regex, err = l.compileRegex(words[2], strings.HasSuffix(op, "*"))
			return c, err
		}
		return nil, fault(`unexpected "` + op + `" in condition`)
	case len(first) == 2 && first[0] == '-', len(first) == 3 && strings.HasPrefix(first, "!-"):
		if len(words) != 2 {
			return nil, invalid(first)
		}
		if c.Value, err = l.template(d, words[1]); err != nil {
			return nil, err
		}
		c.Not = first[0] == '!'
		switch first[len(first)-1] {
		case 'f':
			c.Test = TestFile
		case 'd':
			c.Test = TestDir
		case 'e':
			c.Test = TestExists
		case 'x':
			c.Test = TestExec
		default:
			return nil, invalid(first)
		}
		return c, nil
	}
	return nil, invalid(first)
}
