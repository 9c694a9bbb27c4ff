package proxy

import (
	"bytes"
	"fmt"
	"strings"
	"syscall"

	"moonring/proxy/conf"
	"moonring/proxy/h1"
)

// The rewrite module: its directives run in order, as nginx's script codes do.

// script is a conf.Script, ready to run; nil if there is none.
type script []instruction

type instruction struct {
	*conf.Instruction
	ret          *returnCode
	slot         int // of the variable that is set, -1: $args
	value, other template
	path, args   template
	function     SetFunction
	lua          *luaEntry
	luaArgs      []template
}

func (w *Worker) compileScript(s *conf.Script) script {
	if s == nil {
		return nil
	}
	var all script
	for i := range s.Code {
		c := instruction{Instruction: &s.Code[i]}
		switch c.Op {
		case conf.OpReturn:
			c.ret = w.compileReturn(c.Return)
		case conf.OpSet, conf.OpSetIfEmpty:
			c.slot, c.value = w.slotOf(c.Var), w.template(&c.Value)
		case conf.OpSetFunction:
			c.slot, c.value, c.function = w.slotOf(c.Var), w.template(&c.Value), SetFunctionOf(c.Function)
		case conf.OpSetLua:
			c.slot, c.lua, c.luaArgs = w.slotOf(c.Var), w.loadLua(c.Lua), w.templates(c.Args)
		case conf.OpIf:
			c.value, c.other = w.template(&c.Cond.Value), w.template(&c.Cond.Other)
		case conf.OpRewrite:
			c.path, c.args = w.template(&c.Rewrite.Path), w.template(&c.Rewrite.Args)
		}
		all = append(all, c)
	}
	return all
}

// runScript runs the rewrite directives of the settings in force: next, or responded.
func (r *Request) runScript(s script) outcome {
	// Whether groups are escaped where they are put into text: nginx keeps it in its engine, so that a
	// rewrite has an effect on the set that follows.
	quote := true
	for at := 0; at < len(s); at++ {
		i := &s[at]
		switch i.Op {
		case conf.OpReturn:
			r.doReturn(i.ret)
			return responded
		case conf.OpBreak:
			r.uriChanged = false
			return next
		case conf.OpSet:
			r.ruleBuf = r.appendQuoted(r.ruleBuf[:0], &i.value, quote)
			r.assign(i.slot, r.ruleBuf)
		case conf.OpSetIfEmpty:
			now := r.args
			if i.slot >= 0 {
				now, _ = r.userValue(i.slot)
			}
			if len(now) > 0 {
				continue
			}
			r.ruleBuf = r.appendTemplate(r.ruleBuf[:0], &i.value)
			r.assign(i.slot, r.ruleBuf)
		case conf.OpSetFunction:
			r.ruleBuf = r.appendTemplate(r.ruleBuf[:0], &i.value)
			out, ok := i.function(r.text[:0], r.ruleBuf)
			if r.text = out; !ok {
				r.Log(conf.Err, i.Function+": invalid value")
				r.finalize(500)
				return responded
			}
			r.assign(i.slot, out)
		case conf.OpSetLua:
			if !r.setByLua(i) {
				r.finalize(500)
				return responded
			}
		case conf.OpIf:
			ok, err := r.conditionHolds(i)
			switch {
			case err != nil:
				r.finalize(500)
				return responded
			case !ok:
				at = i.Next - 1
			case i.Loc != nil:
				r.setLocation(r.Worker.location(i.Loc))
			}
		case conf.OpRewrite:
			quote = i.Rewrite.Redirect != 0
			switch o, matched := r.rewrite(i); {
			case o != next:
				return o
			case matched && i.Rewrite.Last:
				return next
			}
		}
	}
	return next
}

// conditionHolds tells if the condition of an if does.
func (r *Request) conditionHolds(i *instruction) (bool, error) {
	c := i.Cond
	r.ruleBuf = r.appendTemplate(r.ruleBuf[:0], &i.value)
	v := r.ruleBuf
	ok := false
	switch c.Test {
	case conf.TestTrue:
		ok = truth(v)
	case conf.TestEqual:
		n := len(v)
		r.ruleBuf = r.appendTemplate(v, &i.other)
		ok = bytes.Equal(r.ruleBuf[:n], r.ruleBuf[n:])
	case conf.TestMatch:
		var err error
		if ok, err = r.match(c.Regex, v); err != nil {
			return false, err
		}
		if !ok {
			r.groups = r.groups[:0]
		}
		r.logMatch(c.Regex.String(), v, ok)
	default:
		ok = r.fileTest(c.Test, v)
	}
	return ok != c.Not, nil
}

// logMatch is what rewrite_log asks for.
func (r *Request) logMatch(pattern string, subject []byte, ok bool) {
	if !r.Loc.RewriteLog || !r.LogEnabled(conf.Note) {
		return
	}
	what := "matches"
	if !ok {
		what = "does not match"
	}
	r.Log(conf.Note, fmt.Sprintf(`"%s" %s "%s"`, pattern, what, appendLogSafe(nil, subject)))
}

// fileTest is -f, -d, -e, -x of a file name.
func (r *Request) fileTest(test conf.Test, name []byte) bool {
	r.ruleBuf = append(name, 0)
	if len(name) == 0 || bytes.IndexByte(name, 0) >= 0 {
		return false
	}
	st, ok := r.stat(r.ruleBuf)
	if !ok {
		return false
	}
	switch test {
	case conf.TestFile:
		return st.kind() == syscall.S_IFREG
	case conf.TestDir:
		return st.kind() == syscall.S_IFDIR
	case conf.TestExec:
		return st.mode&syscall.S_IXUSR != 0
	}
	k := st.kind()
	return k == syscall.S_IFREG || k == syscall.S_IFDIR || k == syscall.S_IFLNK
}

// rewrite runs one rewrite directive.
func (r *Request) rewrite(i *instruction) (o outcome, matched bool) {
	rw := i.Rewrite
	ok, err := r.match(rw.Regex, r.path)
	if err != nil {
		r.finalize(500)
		return responded, false
	}
	r.logMatch(rw.Regex.String(), r.path, ok)
	if !ok {
		r.groups = r.groups[:0]
		return next, false
	}
	r.internal = true
	r.uriChanged = !rw.Break
	if rw.Break {
		r.pathForeign = true
	}
	b := r.appendQuoted(r.ruleBuf[:0], &i.path, rw.Redirect != 0)
	if rw.Redirect != 0 {
		b = unescapeRedirect(b)
		if rw.AddArgs && len(r.args) > 0 {
			if rw.HasArgs {
				b = append(b, '&')
			} else {
				b = append(b, '?')
			}
			b = append(b, r.args...)
		}
		r.ruleBuf = b
		if r.Loc.RewriteLog && r.LogEnabled(conf.Note) {
			r.Log(conf.Note, fmt.Sprintf(`rewritten redirect: "%s"`, appendLogSafe(nil, b)))
		}
		r.redirect(rw.Redirect, b)
		return responded, true
	}
	n := len(b)
	if rw.HasArgs {
		b = r.appendQuoted(b, &i.args, true)
		if rw.AddArgs && len(r.args) > 0 {
			b = append(b, '&')
			b = append(b, r.args...)
		}
	}
	r.ruleBuf = b
	switch {
	case rw.HasArgs:
		r.SetArgs(b[n:])
	case !rw.AddArgs:
		r.SetArgs(nil)
	}
	if r.Loc.RewriteLog && r.LogEnabled(conf.Note) {
		r.Log(conf.Note, fmt.Sprintf(`rewritten data: "%s", args: "%s"`, appendLogSafe(nil, b[:n]), appendLogSafe(nil, r.args)))
	}
	if n == 0 {
		r.Log(conf.Err, "the rewritten URI has a zero length")
		r.finalize(500)
		return responded, true
	}
	r.SetPath(b[:n])
	return next, true
}

// quotedURI tells if the path as sent had escapes: then groups put into arguments are escaped, too.
func (r *Request) quotedURI() bool {
	return bytes.IndexByte(r.Head.Path, '%') >= 0 || bytes.IndexByte(r.Head.Path, '+') >= 0
}

// appendQuoted is appendTemplate, with groups escaped as arguments if quote says so and the request was.
func (r *Request) appendQuoted(dst []byte, t *template, quote bool) []byte {
	if !quote || !t.hasGroups() || !r.quotedURI() {
		return r.appendTemplate(dst, t)
	}
	for i := range *t {
		p := &(*t)[i]
		if p.id == varGroup {
			v, _ := r.Group(p.slot)
			dst = h1.EscapeURI(dst, v, h1.EscapeArgs)
			continue
		}
		one := (*t)[i : i+1]
		dst = r.appendTemplate(dst, &one)
	}
	return dst
}

func (t template) hasGroups() bool {
	for i := range t {
		if t[i].id == varGroup {
			return true
		}
	}
	return false
}

// unescapeRedirect decodes, in place, the escapes of a redirect's path that its groups brought along, but
// those that must stay, up to the first '?'.
func unescapeRedirect(b []byte) []byte {
	if bytes.IndexByte(b, '%') < 0 {
		return b
	}
	out := b[:0]
	for i := 0; i < len(b); i++ {
		c := b[i]
		if c == '?' {
			return append(out, b[i:]...)
		}
		if c != '%' {
			out = append(out, c)
			continue
		}
		if i+1 >= len(b) {
			break
		}
		high := strings.IndexByte(hexLower, b[i+1]|0x20)
		if high < 0 {
			out = append(out, b[i+1])
			i++
			continue
		}
		if i+2 >= len(b) {
			break
		}
		low := strings.IndexByte(hexLower, b[i+2]|0x20)
		if low < 0 {
			i += 2
			continue
		}
		d := byte(high<<4 | low)
		if d > '%' && d < 0x7f && d != '?' || d == '?' && low > 9 {
			out = append(out, d)
			if d == '?' {
				return append(out, b[i+3:]...)
			}
		} else {
			out = append(out, b[i], b[i+1], b[i+2])
		}
		i += 2
	}
	return out
}

const hexLower = "0123456789abcdef"
