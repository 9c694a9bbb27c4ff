package api

import (
	"bytes"
	_ "embed"
	"strconv"

	"moonring/lua"
	"moonring/proxy/conf"
	"moonring/proxy/regex"
)

// ngx.re: PCRE's regular expressions, allowed in every phase. What calls functions of a script, or keeps its place between calls,
// is in modules/re.lua, so that it can yield.

//go:embed modules/re.lua
var reSource string

var (
	reMatchID = lua.RegisterPure("match", reMatch)
	reFindID  = lua.RegisterPure("find", reFind)
	reSubID   = lua.RegisterPure("sub", reSub)
	reStepID  = lua.RegisterPure("step", reStep)
)

// openRe makes ngx.re.
func openRe(vm *lua.VM, ngx lua.Value) {
	re := subtable(vm, ngx, "re", []entry{{"match", reMatchID}, {"find", reFindID}})
	fn, err := vm.Load([]byte(reSource), "=ngx.re")
	if err == nil {
		_, err = vm.Call(fn, re, vm.Builtin(reSubID), vm.Builtin(reStepID))
	}
	if err != nil && err != lua.ErrMemory {
		panic(err) // our own code
	}
}

const (
	// reStepCost is what a step of a match costs, in Call.Charge's units.
	reStepCost = 10
	// reCompileCost is about what compiling a pattern costs, and each of its bytes.
	reCompileCost     = 20_000
	reCompileByteCost = 200
)

// reFlags reads options; ok is false after an error.
func reFlags(c *lua.Call, i int) (flags regex.Flags, ok bool) {
	if c.Arg(i).IsNil() {
		return 0, true
	}
	opts, ok := c.CheckString(i)
	if !ok {
		return 0, false
	}
	for _, o := range opts {
		switch o {
		case 'o', 'j': // all are kept, none becomes machine code
		case 'i':
			flags |= regex.Caseless
		case 's':
			flags |= regex.DotAll
		case 'm':
			flags |= regex.Multiline
		case 'x':
			flags |= regex.Extended
		case 'a':
			flags |= regex.Anchored
		case 'u':
			flags |= regex.UTF
		case 'U':
			flags |= regex.UTF | regex.NoUTFCheck
		case 'd':
			flags |= regex.DFA
		case 'D':
			flags |= regex.DupNames
		case 'J':
			flags |= regex.JavaScript
		default:
			c.Errorf("unknown flag \"%c\" (flags \"%s\")", o, opts)
			return 0, false
		}
	}
	return flags, true
}

// re is one call's regular expression and subject.
type re struct {
	*regex.Cache
	re      *regex.Regexp
	flags   regex.Flags
	value   lua.Value // the subject
	subject []byte    // its bytes
}

// newRe takes the subject, the pattern and, as argument options, the options. failed: the call ends with ret. A pattern that is wrong
// ends it with nils before the error's text.
func newRe(c *lua.Call, options, nils int) (r re, ret lua.Ret, failed bool) {
	subject, ok := tostring(c, c.Arg(1))
	if !ok || subject != c.Arg(1) && !c.Keep(subject) {
		return re{}, lua.Fail, true
	}
	pattern, ok := c.CheckString(2)
	if !ok {
		return re{}, lua.Fail, true
	}
	if r.flags, ok = reFlags(c, options); !ok {
		return re{}, lua.Fail, true
	}
	r.Cache, r.value, r.subject = &worker(c).Regexes, subject, c.VM().Bytes(subject)
	compiled, fresh, err := r.Compile(pattern, r.flags)
	if fresh && !c.Charge(reCompileCost+reCompileByteCost*len(pattern)) {
		return re{}, lua.Fail, true
	}
	if err != nil {
		return re{}, nilsAndError(c, nils, err.Error()), true
	}
	r.re = compiled
	return r, 0, false
}

// nilsAndError ends a builtin with n nils and an error's text.
func nilsAndError(c *lua.Call, n int, msg string) lua.Ret {
	for range n {
		if !c.Push(lua.Nil) {
			return lua.Fail
		}
	}
	if !c.PushString([]byte(msg)) {
		return lua.Fail
	}
	return c.Pushed()
}

// badOffset is PCRE2_ERROR_BADOFFSET.
const badOffset = -33

// match looks for a match from a place on; code is what pcre2_match would have returned for an error, else 0.
func (r *re) match(c *lua.Call, from int) (found bool, code int, ok bool) {
	if from > len(r.subject) {
		return false, badOffset, true
	}
	found, err := r.MatchFrom(r.re, r.subject, from)
	if !c.Charge(reStepCost * r.Steps()) {
		return false, 0, false
	}
	if e, is := err.(regex.MatchError); is {
		code = int(e)
	}
	return found, code, true
}

func execFailed(code int) string { return "pcre_exec() failed: " + strconv.Itoa(code) }

// groups is the number of groups: a DFA match has none.
func (r *re) groups() int {
	if r.flags&regex.DFA != 0 {
		return 0
	}
	return r.re.Groups()
}

// group is group i as a value: false if it took no part. ok is false if there is no memory.
func (r *re) group(vm *lua.VM, i int) (v lua.Value, ok bool) {
	from, to := r.Group(i)
	if from < 0 {
		return lua.False, true
	}
	if from > to { // \K in an assertion
		from = to
	}
	v = vm.NewString(r.subject[from:to])
	return v, !v.IsNil()
}

// captures puts all groups into t, by number and by name; nil: a new table.
func (r *re) captures(vm *lua.VM, t lua.Value) (_ lua.Value, ok bool) {
	names := r.re.Names()
	if t.IsNil() {
		if t = vm.NewTable(r.groups()+1, len(names)); t.IsNil() {
			return lua.Nil, false
		}
	}
	for i := range r.groups() + 1 {
		v, ok := r.group(vm, i)
		if !ok || !vm.RawSetInt(t, i, v) {
			return lua.Nil, false
		}
	}
	if r.flags&regex.DFA != 0 {
		return t, true
	}
	for i, n := range names {
		v := vm.RawGetInt(t, n.Group)
		if r.flags&regex.DupNames != 0 {
			if !v.Truthy() {
				continue
			}
			list := lua.Nil
			if i > 0 && names[i-1].Name == n.Name { // they are sorted
				list = vm.Field(t, n.Name)
			}
			if !list.IsTable() {
				if list = vm.NewTable(1, 0); list.IsNil() {
					return lua.Nil, false
				}
			}
			if !vm.RawSetInt(list, vm.RawLen(list)+1, v) {
				return lua.Nil, false
			}
			v = list
		}
		if !vm.SetField(t, n.Name, v) {
			return lua.Nil, false
		}
	}
	return t, true
}

// reStart is where to begin, from the pos of a context table. It can run a script's code, so it comes before newRe.
func reStart(c *lua.Call, ctx lua.Value) (from int, ok bool) {
	if !ctx.Truthy() {
		return 0, true
	}
	pos, ok := c.Index(ctx, c.VM().NewStringS("pos"))
	if !ok {
		return 0, false
	}
	f, is := c.VM().ToNumber(pos)
	if pos.Truthy() && !is {
		c.Errorf("attempt to compare %s with number", c.VM().TypeName(pos))
		return 0, false
	}
	if !is || !(f > 0) {
		return 0, true
	}
	return int(min(f, 1<<40)) - 1, true
}

// end writes where the match ended into a context table. It can run a script's code: what the match found is gone afterwards.
func (r *re) end(c *lua.Call, ctx lua.Value) bool {
	if !ctx.Truthy() {
		return true
	}
	_, to := r.Group(0)
	return c.SetIndex(ctx, c.VM().NewStringS("pos"), lua.Int(to+1))
}

// reMatch is ngx.re.match(subject, pattern, options, ctx, table).
func reMatch(c *lua.Call) lua.Ret {
	from, ok := reStart(c, c.Arg(4))
	if !ok {
		return lua.Fail
	}
	r, ret, failed := newRe(c, 3, 1)
	if failed {
		return ret
	}
	found, code, ok := r.match(c, from)
	switch {
	case !ok:
		return lua.Fail
	case code != 0:
		return returnNilError(c, execFailed(code))
	case !found:
		return c.Return1(lua.Nil)
	}
	to := c.Arg(5)
	if !to.Truthy() {
		to = lua.Nil
	} else if !to.IsTable() {
		return c.TypeError(5, "table")
	}
	t, ok := r.captures(c.VM(), to)
	if !ok {
		return c.MemoryError()
	}
	if c.Arg(4).Truthy() && (!c.Keep(t) || !r.end(c, c.Arg(4))) {
		return lua.Fail
	}
	return c.Return1(t)
}

// reFind is ngx.re.find(subject, pattern, options, ctx, group).
func reFind(c *lua.Call) lua.Ret {
	from, ok := reStart(c, c.Arg(4))
	if !ok {
		return lua.Fail
	}
	r, ret, failed := newRe(c, 3, 2)
	if failed {
		return ret
	}
	found, code, ok := r.match(c, from)
	switch {
	case !ok:
		return lua.Fail
	case code != 0:
		return nilsAndError(c, 2, execFailed(code))
	case !found:
		return c.Return1(lua.Nil)
	}
	n := 0
	if c.Arg(5).Truthy() {
		if n, ok = c.CheckInt(5); !ok {
			return lua.Fail
		}
		n = max(n, 0)
	}
	groups := r.groups()
	start, end := r.Group(min(n, groups))
	if !r.end(c, c.Arg(4)) {
		return lua.Fail
	}
	if n > groups {
		return nilsAndError(c, 2, "nth out of bound")
	}
	if start < 0 {
		return c.Return2(lua.Nil, lua.Nil)
	}
	return c.Return2(lua.Int(start+1), lua.Int(end))
}

// reStep is one step of what is done for all matches: step(subject, pattern, options, from, all) looks for a match from a place that
// counts from 0. It returns where that begins, its end, where to look next, and its groups, or unless all is true the first group, as
// ngx.re.match has them; nil if there is none, then an error's text.
func reStep(c *lua.Call) lua.Ret {
	r, ret, failed := newRe(c, 3, 1)
	if failed {
		return ret
	}
	from, ok := c.CheckInt(4)
	if !ok {
		return lua.Fail
	}
	found, code, ok := r.match(c, max(from, 0))
	switch {
	case !ok:
		return lua.Fail
	case code != 0:
		return returnNilError(c, execFailed(code))
	case !found:
		return c.Return1(lua.Nil)
	}
	start, end := r.Group(0)
	groups := lua.False
	if c.Arg(5).Truthy() {
		groups, ok = r.captures(c.VM(), lua.Nil)
	} else if r.groups() > 0 {
		groups, ok = r.group(c.VM(), 1)
	}
	if !ok {
		return c.MemoryError()
	}
	for _, v := range [...]lua.Value{lua.Int(start), lua.Int(end), lua.Int(r.next(start, end)), groups} {
		if !c.Push(v) {
			return lua.Fail
		}
	}
	return c.Pushed()
}

// next is where to look for the match behind one: at its end, or one character on if it is empty.
func (r *re) next(start, end int) int {
	if start < end {
		return end
	}
	end++
	for r.flags&regex.UTF != 0 && end < len(r.subject) && r.subject[end]&0xc0 == 0x80 {
		end++
	}
	return end
}

// reSub is sub(subject, pattern, template, options, all): ngx.re.sub or ngx.re.gsub with a string.
func reSub(c *lua.Call) lua.Ret {
	r, ret, failed := newRe(c, 4, 2)
	if failed {
		return ret
	}
	template, ok := c.CheckString(3)
	if !ok {
		return lua.Fail
	}
	if why := checkTemplate(template); why != "" {
		if w := worker(c); w.Current != nil {
			w.Current.Log(conf.Err, why)
		} else {
			w.Log(conf.Err, why)
		}
		return nilsAndError(c, 2, "failed to compile the replacement template")
	}
	b := take(len(r.subject) + len(template))
	defer b.release()
	n, done := 0, 0
	for from := 0; from <= len(r.subject); {
		found, code, ok := r.match(c, from)
		if !ok {
			return lua.Fail
		}
		if code != 0 {
			return nilsAndError(c, 2, execFailed(code))
		}
		if !found {
			break
		}
		start, end := r.Group(0)
		n++
		if start > done {
			b.b = append(b.b, r.subject[done:start]...)
		}
		b.b = r.fill(b.b, template)
		done, from = end, r.next(start, end)
		if !c.Arg(5).Truthy() {
			break
		}
		if !c.Charge(20+len(template)) || !c.CheckSize(len(b.b)) {
			return lua.Fail
		}
	}
	if n == 0 {
		return c.Return2(r.value, lua.Int(0))
	}
	b.b = append(b.b, r.subject[done:]...)
	if !c.Charge(len(b.b)/4) || !c.CheckSize(len(b.b)) {
		return lua.Fail
	}
	s := c.VM().NewString(b.b)
	if s.IsNil() {
		return c.MemoryError()
	}
	return c.Return2(s, lua.Int(n))
}

// variable reads what stands behind a dollar in a template: the number of a group, or -1 for a dollar; size is how long it is, with the
// dollar; why it is wrong, in the words of lua-nginx's log.
func variable(t []byte) (group, size int, why string) {
	invalid := func() (int, int, string) { return 0, 0, "lua script: invalid capturing variable name found in \"" }
	if len(t) == 1 {
		return invalid()
	}
	if t[1] == '$' {
		return -1, 2, ""
	}
	i, bracket := 1, t[1] == '{'
	if bracket {
		if i++; i == len(t) {
			return invalid()
		}
	}
	from, digits := i, t[i] >= '0' && t[i] <= '9'
	for i < len(t) {
		ch := t[i]
		if digit := ch >= '0' && ch <= '9'; digit && digits {
			group = min(group*10+int(ch-'0'), 1<<30)
		} else if digits || !(digit || ch|32 >= 'a' && ch|32 <= 'z' || ch == '_') {
			break
		}
		i++
	}
	name := string(t[from:i])
	if bracket {
		if i == len(t) || t[i] != '}' {
			return 0, 0, "the closing bracket in \"" + name + "\" variable is missing"
		}
		i++
	}
	switch {
	case name == "":
		return invalid()
	case !digits:
		return 0, 0, "attempt to use named capturing variable \"" + name + "\" (named captures not supported yet)"
	}
	return group, i, ""
}

// checkTemplate tells what is wrong with a template of reSub, "" if nothing is.
func checkTemplate(t []byte) string {
	for i := 0; i < len(t); {
		if t[i] != '$' {
			i++
			continue
		}
		_, size, why := variable(t[i:])
		if why != "" {
			if why[len(why)-1] == '"' { // about all of it
				why += string(t) + `"`
			}
			return why
		}
		i += size
	}
	return ""
}

// fill appends a template with the groups of the last match.
func (r *re) fill(b, t []byte) []byte {
	for i := 0; i < len(t); {
		text := bytes.IndexByte(t[i:], '$')
		if text < 0 {
			return append(b, t[i:]...)
		}
		b = append(b, t[i:i+text]...)
		i += text
		group, size, _ := variable(t[i:])
		i += size
		if group < 0 {
			b = append(b, '$')
		} else if group <= r.groups() {
			if from, to := r.Group(group); from >= 0 && from < to {
				b = append(b, r.subject[from:to]...)
			}
		}
	}
	return b
}
