package proxy

import "moonring/proxy/conf"

// template is a conf.Template with its variables looked up.
type template []templatePart

type templatePart struct {
	text string // literal, if id is varNone
	id   varID
	name string // the rest of the name for arg_, http_ and the like
}

func (w *Worker) template(t *conf.Template) template {
	parts := make(template, 0, len(t.Parts))
	for _, p := range t.Parts {
		if p.Var == "" {
			parts = append(parts, templatePart{text: p.Text})
			continue
		}
		// A name that there is no variable for, as a capture without a pattern, is empty.
		if id, rest := findVar(p.Var); id != varNone {
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
		v, _ := r.variable(p.id, p.name)
		dst = append(dst, v...)
	}
	return dst
}
