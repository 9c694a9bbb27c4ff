package proxy

import "moonring/proxy/conf"

// template is a conf.Template with its variables looked up.
type template []templatePart

type templatePart struct {
	text string // literal, if id is varNone
	id   varID
	name string // the rest of the name for arg_, http_ and the like
	slot int    // of a user variable; number of a group
}

func (w *Worker) template(t *conf.Template) template {
	parts := make(template, 0, len(t.Parts))
	for _, p := range t.Parts {
		if p.Var == "" {
			parts = append(parts, templatePart{text: p.Text})
			continue
		}
		// A name that there is no variable for is empty.
		if slot, ok := w.userSlots[p.Var]; ok {
			parts = append(parts, templatePart{id: varUser, name: p.Var, slot: slot})
		} else if p.Index < 0 {
			parts = append(parts, templatePart{id: varGroup, name: p.Var, slot: int(p.Var[0] - '0')})
		} else if id, rest := findVar(p.Var); id != varNone {
			parts = append(parts, templatePart{id: id, name: rest})
		}
	}
	return parts
}

func (w *Worker) templates(list []conf.Template) []template {
	var all []template
	for i := range list {
		all = append(all, w.template(&list[i]))
	}
	return all
}

// appendTemplate appends the text of t for this request.
func (r *Request) appendTemplate(dst []byte, t *template) []byte {
	for i := range *t {
		p := &(*t)[i]
		if p.id == varNone {
			dst = append(dst, p.text...)
			continue
		}
		var v []byte
		switch p.id {
		case varUser:
			v, _ = r.userValue(p.slot)
		case varGroup:
			v, _ = r.Group(p.slot)
		default:
			v, _ = r.variable(p.id, p.name)
		}
		dst = append(dst, v...)
	}
	return dst
}

// appendPieces appends the texts of all, and where each of them ends.
func (r *Request) appendPieces(dst []byte, ends []int, all []template) ([]byte, []int) {
	for i := range all {
		dst = r.appendTemplate(dst, &all[i])
		ends = append(ends, len(dst))
	}
	return dst, ends
}

// piece is number i of the pieces of a text, each of which ends at one of ends.
func piece(text []byte, ends []int, i int) []byte {
	from := 0
	if i > 0 {
		from = ends[i-1]
	}
	return text[from:ends[i]]
}

// truth tells if a condition is met: its text is neither empty nor "0".
func truth(text []byte) bool { return len(text) > 1 || len(text) == 1 && text[0] != '0' }
