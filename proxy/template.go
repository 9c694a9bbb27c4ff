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
