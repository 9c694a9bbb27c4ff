package conf

import "strings"

// Template is text with variables, "http://$host/x", compiled. The zero value is the empty constant.
type Template struct {
	Parts []TemplatePart
	// Source is the text as written, after unquoting.
	Source string
}

// TemplatePart is either literal text or a variable.
type TemplatePart struct {
	Text string // literal, when Var is empty
	Var  string // name without $ and braces, in lower case; "1" to "9" are captures
	// Index is the variable's position in HTTP.Variables, -1 for captures and literals.
	Index int
}

// Const returns the text of a template without variables.
func (t *Template) Const() (string, bool) {
	switch len(t.Parts) {
	case 0:
		return "", true
	case 1:
		if t.Parts[0].Var == "" {
			return t.Parts[0].Text, true
		}
	}
	return "", false
}

// IsConst reports whether the template has no variables.
func (t *Template) IsConst() bool {
	_, ok := t.Const()
	return ok
}

// String returns the source text.
func (t Template) String() string { return t.Source }

func constTemplate(s string) Template {
	t := Template{Source: s}
	if s != "" {
		t.Parts = []TemplatePart{{Text: s, Index: -1}}
	}
	return t
}

// compile turns src into a template. use is called for each variable and returns its index, or an error.
func compile(src string, use func(name string) (int, error)) (Template, error) {
	t := Template{Source: src}
	for rest := src; rest != ""; {
		dollar := strings.IndexByte(rest, '$')
		if dollar != 0 {
			text := rest
			if dollar > 0 {
				text = rest[:dollar]
			}
			t.Parts = append(t.Parts, TemplatePart{Text: text, Index: -1})
			rest = rest[len(text):]
			continue
		}
		rest = rest[1:]
		if rest == "" {
			return t, fault("invalid variable name")
		}
		if rest[0] >= '1' && rest[0] <= '9' {
			t.Parts = append(t.Parts, TemplatePart{Var: rest[:1], Index: -1})
			rest = rest[1:]
			continue
		}
		braced := rest[0] == '{'
		if braced {
			rest = rest[1:]
			if rest == "" {
				return t, fault("invalid variable name")
			}
		}
		n := 0
		for n < len(rest) && isVarByte(rest[n]) {
			n++
		}
		name := rest[:n]
		rest = rest[n:]
		if braced {
			if rest == "" || rest[0] != '}' {
				return t, fault(`the closing bracket in "` + name + `" variable is missing`)
			}
			rest = rest[1:]
		}
		if name == "" {
			return t, fault("invalid variable name")
		}
		name = strings.ToLower(name)
		i, err := use(name)
		if err != nil {
			return t, err
		}
		t.Parts = append(t.Parts, TemplatePart{Var: name, Index: i})
	}
	return t, nil
}

func isVarByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
