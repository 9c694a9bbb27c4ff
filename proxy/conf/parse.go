package conf

import (
	"errors"
	"io/fs"
	"strconv"
	"strings"
)

// Bounds of the parser. nginx has none: a file that includes itself ends there when descriptors run out.
const (
	includeDepthMax = 100
	includeFilesMax = 10000
	blockDepthMax   = 1000
)

// directive is a node of the tree: a statement with the block that follows it, if any.
type directive struct {
	words []string // the name first
	lines []int    // where each word begins
	block bool     // ended by "{"
	// children are the block's statements; those of include are the files' statements.
	children []*directive
	lua      []byte    // the code of a *_by_lua_block
	luaErr   *luaError // why it has none
	file     string
	line     int // of the ";" or "{": nginx names it in errors
	end      int // of the "}"
	// err makes the node an error, which comes to light when the tree is walked up to it: nginx handles directives
	// while it reads, so a mistake further up is the one that it reports.
	err *Error
}

func (d *directive) name() string { return d.words[0] }

// parser builds the tree.
type parser struct {
	fs         FS
	confPrefix string
	files      []Source
}

// root parses the main file, whose errors to open have no place.
func (p *parser) root(path string) []*directive {
	top := &directive{}
	p.file(top, path, nil, 0, 0)
	return top.children
}

// globals parses the -g parameter.
func (p *parser) globals(text string) []*directive {
	top := &directive{}
	p.source(top, &lexer{src: []byte(text), param: true}, "", 0, 0)
	return top.children
}

// file reads a file into parent.children. at is the include directive, nil for the main file. ok is false after an error.
func (p *parser) file(parent *directive, path string, at *directive, depth, blocks int) (ok bool) {
	fail := func(level Level, msg string, cause error) bool {
		e := &Error{Level: level, Msg: msg, Err: cause}
		if at != nil && level == Emerg {
			e.File, e.Line = at.file, at.line
		}
		parent.children = append(parent.children, &directive{err: e})
		return false
	}
	if depth > includeDepthMax {
		return fail(Emerg, "too many levels of include: more than "+strconv.Itoa(includeDepthMax), nil)
	}
	if len(p.files) >= includeFilesMax {
		return fail(Emerg, "too many included files: more than "+strconv.Itoa(includeFilesMax), nil)
	}
	src, err := p.fs.ReadFile(path)
	if err != nil {
		var pe *fs.PathError
		if errors.As(err, &pe) && pe.Op == "read" {
			return fail(Crit, `pread() "`+path+`" failed`+ErrnoText(err), err)
		}
		return fail(Emerg, `open() "`+path+`" failed`+ErrnoText(err), err)
	}
	p.files = append(p.files, Source{path, src})
	return p.source(parent, &lexer{src: src, line: 1}, path, depth, blocks)
}

// source parses one file or the parameter. depth counts includes, blocks the open blocks around it.
func (p *parser) source(parent *directive, x *lexer, path string, depth, blocks int) (ok bool) {
	open := []*directive{parent} // the block that statements go to is the last
	fail := func(msg string) bool {
		e := &Error{Level: Emerg, Msg: msg, File: path, Line: x.line}
		if x.param {
			e.File, e.Line = "", -1
		}
		in := open[len(open)-1]
		in.children = append(in.children, &directive{err: e})
		return false
	}
	for {
		tok, w, err := x.next()
		if err != nil {
			return fail(err.Error())
		}
		in := open[len(open)-1]
		switch tok {
		case tokEOF:
			if len(open) > 1 {
				return fail(`unexpected end of file, expecting "}"`)
			}
			return true
		case tokEnd:
			if len(open) == 1 {
				return fail(`unexpected "}"`)
			}
			in.end = x.line
			open = open[:len(open)-1]
			continue
		}
		d := &directive{words: w.text, lines: w.lines, block: tok == tokBlock, file: path, line: x.line}
		if x.param {
			d.line = -1
			if d.block {
				return fail("block directives are not supported in -g option")
			}
		}
		in.children = append(in.children, d)
		switch {
		case d.block && strings.HasSuffix(d.name(), "_by_lua_block"):
			d.lua, d.luaErr = x.luaBlock()
			d.end = x.line
			if d.luaErr != nil {
				return false
			}
		case d.block:
			if blocks+len(open) > blockDepthMax {
				return fail("too many levels of blocks: more than " + strconv.Itoa(blockDepthMax))
			}
			open = append(open, d)
		case d.name() == "include" && len(d.words) == 2:
			if !p.include(d, depth+1, blocks+len(open)) {
				return false
			}
		}
	}
}

// include parses the files that an include directive names.
func (p *parser) include(d *directive, depth, blocks int) (ok bool) {
	path := fullName(p.confPrefix, d.words[1])
	if !strings.ContainsAny(path, "*?[") {
		return p.file(d, path, d, depth, blocks)
	}
	paths, err := p.fs.Glob(path)
	if err != nil {
		e := &Error{Level: Emerg, Msg: `glob() "` + path + `" failed` + ErrnoText(err), File: d.file, Line: d.line, Err: err}
		d.children = append(d.children, &directive{err: e})
		return false
	}
	for _, path := range paths {
		if !p.file(d, path, d, depth, blocks) {
			return false
		}
	}
	return true
}

// fullName puts prefix, which ends in "/", before a name that doesn't begin with "/".
func fullName(prefix, name string) string {
	if strings.HasPrefix(name, "/") {
		return name
	}
	return prefix + name
}
