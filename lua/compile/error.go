package compile

import (
	"bytes"
	"fmt"
	"strings"
)

// Error is a chunk that cannot be compiled.
type Error struct {
	Text string // LuaJIT's full text: `x.lua:3: '=' expected near 'y'`
	Line int    // line in Text; 0 if it names none
}

func (e *Error) Error() string { return e.Text }

// Texts of errors, as LuaJIT's lj_errmsg.h has them.
const (
	msgNumber     = "malformed number"
	msgLongString = "unfinished long string"
	msgLongCom    = "unfinished long comment"
	msgString     = "unfinished string"
	msgEscape     = "invalid escape sequence"
	msgDelim      = "invalid long string delimiter"
	msgToken      = "'%s' expected"
	msgJump       = "control structure too long"
	msgSlots      = "function or expression too complex"
	msgLevels     = "chunk has too many syntax levels"
	msgLines      = "chunk has too many lines"
	msgLimChunk   = "chunk has more than %d local variables"
	msgLimMain    = "main function has more than %d %s"
	msgLimFunc    = "function at line %d has more than %d %s"
	msgMatch      = "'%s' expected (to close '%s' at line %d)"
	msgParam      = "<name> or '...' expected"
	msgAmbiguous  = "ambiguous syntax (function call x new statement)"
	msgArgs       = "function arguments expected"
	msgSymbol     = "unexpected symbol"
	msgDots       = "cannot use '...' outside a vararg function"
	msgSyntax     = "syntax error"
	msgFor        = "'=' or 'in' expected"
	msgBreak      = "no loop to break"
	msgUndefLabel = "undefined label '%s'"
	msgDupLabel   = "duplicate label '%s'"
	msgGotoScope  = "<goto %s> jumps into the scope of local '%s'"

	msgIncompatible = "cannot load incompatible bytecode"
	msgMalformed    = "cannot load malformed bytecode"
)

// fail raises an error at the current line, "near" the text of tok. Token 0
// stands for no text, also when it is a zero byte of the source.
func (l *lexer) fail(tok token, msg string, args ...any) {
	if len(args) > 0 {
		msg = fmt.Sprintf(msg, args...)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s:%d: %s", ChunkID(l.chunk), l.line, msg)
	if tok != 0 {
		var near string
		if tok == tokName || tok == tokString || tok == tokNumber {
			text := l.text
			if i := bytes.IndexByte(text, 0); i >= 0 {
				text = text[:i]
			}
			near = string(text)
		} else {
			near = tok.String()
		}
		fmt.Fprintf(&b, " near '%s'", near)
	}
	panic(&Error{Text: b.String(), Line: int(l.line)})
}

// failSyntax raises msg near the current token.
func (l *lexer) failSyntax(msg string) { l.fail(l.tok, msg) }

// idSize is the room that a chunk's name has in messages, LUA_IDSIZE.
const idSize = 60

// ChunkID returns how messages show the chunk name: the rest of "=name", the
// rest of "@file" (its end, after "...", if it is long), and the beginning of
// the first line of any other name as `[string "..."]`.
func ChunkID(name string) string {
	if i := strings.IndexByte(name, 0); i >= 0 {
		name = name[:i]
	}
	switch {
	case strings.HasPrefix(name, "="):
		return name[1:min(len(name), idSize)]
	case strings.HasPrefix(name, "@"):
		name = name[1:]
		if len(name) >= idSize {
			return "..." + name[len(name)-(idSize-4):]
		}
		return name
	}
	n := 0
	for n < len(name) && n < idSize-12 && name[n] >= ' ' {
		n++
	}
	if n < len(name) {
		return `[string "` + name[:min(n, idSize-15)] + `..."]`
	}
	return `[string "` + name + `"]`
}
