package conf

import (
	"strconv"
	"strings"
)

// chunkNameMax is the length of a chunk name without "=(:)" beyond which lua-nginx-module shortens the file's name
// (LJ_CHUNKNAME_MAX_LEN in ngx_http_lua_directive.c): LuaJIT shows 60 bytes.
const chunkNameMax = 56

// httpCode is Lua code of the whole server.
func httpCode(field func(*HTTP) **LuaCode) setting {
	return setting{do: func(l *loader, s *scope, d *directive) error {
		return l.setCode(s, d, field(l.cfg.HTTP), false)
	}}
}

// locCode is Lua code of a phase.
func locCode(field func(*Location) **LuaCode) setting {
	return setting{do: func(l *loader, s *scope, d *directive) error {
		return l.setCode(s, d, field(s.loc), true)
	}, merge: func(dst, src *Location) { *field(dst) = *field(src) }}
}

// setCode handles the three forms of a *_by_lua* directive. variables says that a file's name may have some.
func (l *loader) setCode(s *scope, d *directive, to **LuaCode, variables bool) error {
	tag := strings.TrimSuffix(strings.TrimSuffix(d.name(), "_block"), "_file")
	fail := func(err error) error { return err }
	if d.block {
		// nginx has read the block by now and says what it says about its last line, without the directive's name.
		fail = func(err error) error {
			return &Error{Level: Emerg, Msg: err.Error(), File: d.file, Line: d.end}
		}
		if d.luaErr != nil {
			return &Error{Level: Emerg, Msg: d.luaErr.msg, File: d.file, Line: d.luaErr.line}
		}
	}
	if !s.once(tag) {
		return fail(isDuplicate)
	}
	empty := len(d.lua) == 0
	if !d.block {
		empty = d.words[1] == ""
	}
	if empty {
		e := &Error{Level: Err, Msg: "invalid location config: no runnable Lua code", File: d.file, Line: d.line}
		if d.block {
			e.Line = d.end
		}
		return e
	}
	code, err := l.code(d, 1, tag, variables)
	if err != nil {
		return err
	}
	*to = code
	return nil
}

// code is that of a directive: its block, word i, or the file that this names.
func (l *loader) code(d *directive, i int, tag string, variables bool) (*LuaCode, error) {
	code := &LuaCode{Directive: d.name(), File: d.file, Line: d.line, IsFile: strings.HasSuffix(d.name(), "_file")}
	switch {
	case code.IsFile:
		return code, l.codeFile(d, code, d.words[i], variables)
	case d.block:
		code.Source, code.FirstLine = d.lua, d.line
	default:
		code.Source, code.FirstLine = []byte(d.words[i]), d.lines[i]
	}
	code.ChunkName = l.chunkName(tag, d.file, d.line)
	return code, nil
}

// codeFile reads the file of a *_by_lua_file. A name with variables is known only with a request.
func (l *loader) codeFile(d *directive, code *LuaCode, name string, variables bool) error {
	code.FirstLine = 1
	if variables {
		t, err := l.template(d, name)
		if err != nil {
			return err
		}
		if !t.IsConst() {
			code.Path = t
			return nil
		}
	}
	name = fullName(l.cfg.Prefix, name)
	code.Path = constTemplate(name)
	code.ChunkName = "@" + name
	code.Source, code.ReadErr = l.fs.ReadFile(name)
	if code.ReadErr == nil && code.Source == nil {
		code.Source = []byte{}
	}
	return nil
}

// chunkName is ngx_http_lua_gen_chunk_name: "=content_by_lua(nginx.conf:40)", with the file's name relative to the
// directory of the configuration, or absolute, and shortened from the front.
func (l *loader) chunkName(tag, file string, line int) string {
	at := strconv.Itoa(line)
	reserved := len(tag) + len(at)
	dots := ""
	switch {
	case strings.HasSuffix(file, "/nginx.conf"):
		file = "nginx.conf"
	default:
		if rest, ok := strings.CutPrefix(file, l.cfg.ConfPrefix); ok && rest != "" {
			file = rest
		}
		if keep := chunkNameMax - reserved - 3; len(file)+reserved > chunkNameMax && keep > 0 {
			file, dots = file[len(file)-keep:], "..."
		}
	}
	return "=" + tag + "(" + dots + file + ":" + at + ")"
}

// setByLua handles set_by_lua $variable 'code' arguments..., set_by_lua_file and set_by_lua_block $variable { code }.
func setByLua(l *loader, s *scope, d *directive) error {
	if d.block && d.luaErr != nil {
		return &Error{Level: Emerg, Msg: d.luaErr.msg, File: d.file, Line: d.luaErr.line}
	}
	name, err := l.declared(d.words[1], VarSet)
	if err != nil {
		return err
	}
	i := Instruction{Op: OpSetLua, Var: name}
	if !d.block {
		for _, w := range d.words[3:] {
			t, err := l.template(d, w)
			if err != nil {
				return err
			}
			i.Args = append(i.Args, t)
		}
	}
	if i.Lua, err = l.code(d, 2, "set_by_lua", true); err != nil {
		return err
	}
	if i.Lua.Source == nil && !i.Lua.IsFile {
		i.Lua.Source = []byte{}
	}
	s.emit(d, i)
	return nil
}

func packageCPath(l *loader, s *scope, d *directive) error {
	if !s.once("lua_package_cpath") {
		return isDuplicate
	}
	l.cfg.HTTP.LuaPackageCPath = d.words[1]
	l.noteOnce(d, `the "lua_package_cpath" directive has no effect: modules in C are not loaded`)
	return nil
}

func codeCache() setting {
	set := locField(onOff, func(l *Location) *bool { return &l.LuaCodeCache })
	plain := set.do
	set.do = func(l *loader, s *scope, d *directive) error {
		if err := plain(l, s, d); err != nil {
			return err
		}
		if !s.loc.LuaCodeCache {
			l.note(Alert, d, "lua_code_cache is off; this will hurt performance")
		}
		return nil
	}
	return set
}

// loadRestyCore warns as lua-nginx-module does, whatever the value.
func loadRestyCore(l *loader, s *scope, d *directive) error {
	l.note(Warn, d, "lua_load_resty_core is deprecated (the lua-resty-core library is required since ngx_lua v0.10.16)")
	return nil
}
