package proxy

import (
	"bytes"
	"slices"

	"moonring/proxy/conf"
	"moonring/proxy/h1"
)

// more_set_headers and its kin.

type moreHeaders struct {
	*conf.MoreHeaders
	fields []moreField
}

type moreField struct {
	*conf.MoreField
	name  []byte
	value template
}

// compileMore returns the commands for the request and those for the response.
func (w *Worker) compileMore(c *conf.Location) (input, output []moreHeaders) {
	for i := range c.More {
		m := moreHeaders{MoreHeaders: &c.More[i]}
		for k := range m.Headers {
			f := &m.Headers[k]
			m.fields = append(m.fields, moreField{f, []byte(f.Name), w.template(&f.Value)})
		}
		if m.Input {
			input = append(input, m)
		} else {
			output = append(output, m)
		}
	}
	return input, output
}

// moreOutput changes the response's header before it is frozen.
func (r *Request) moreOutput() {
	r.moreDone = true
	status := r.CurrentStatus()
	if status == 0 {
		status = 200
	}
	for i := range r.loc.moreOutput {
		m := &r.loc.moreOutput[i]
		if m.Statuses != nil && !slices.Contains(m.Statuses, status) {
			continue
		}
		if m.Types != nil {
			t := r.typeBuf
			if !r.typeSet {
				t = append(r.moreBuf[:0], r.contentType...)
			}
			if !m.hasType(t) {
				continue
			}
		}
		for k := range m.fields {
			switch f := &m.fields[k]; {
			case f.Any:
				r.clearHeaders(f.name)
			case f.Clear:
				r.clearHeader(f.name)
			default:
				r.moreBuf = r.appendTemplate(r.moreBuf[:0], &f.value)
				if len(r.moreBuf) == 0 {
					r.clearHeader(f.name)
				} else if !r.SetHeader(f.name, r.moreBuf) {
					r.Log(conf.Err, "response headers are too large: "+f.Name+" is not set")
				}
			}
		}
	}
}

// hasType tells if a media type, parameters aside, is one of the command's.
func (m *moreHeaders) hasType(t []byte) bool {
	if i := bytes.IndexByte(t, ';'); i >= 0 {
		t = t[:i]
	}
	t = bytes.TrimRight(t, " ")
	return anyFold(m.Types, t)
}

func hasPrefixFold(name, prefix []byte) bool {
	return len(name) >= len(prefix) && h1.EqualFold(name[:len(prefix)], prefix)
}

// clearHeader removes a header, also one that the server would make itself.
func (r *Request) clearHeader(name []byte) {
	r.SetHeader(name, nil)
	switch known := knownHeaderOf(name); known {
	case headerServer, headerDate:
		r.headers.has |= known.bit() // as if it had been printed among them
	case headerLastModified:
		r.lastModified = h1.NoTime
	case headerLocation:
		r.location = r.location[:0]
	}
}

// clearHeaders removes the headers whose names begin with prefix, as far as they are in the list.
func (r *Request) clearHeaders(prefix []byte) {
	h := &r.headers
	for i := len(h.lines) - 1; i >= 0; i-- {
		if name := h.name(&h.lines[i]); hasPrefixFold(name, prefix) {
			if h.lines[i].known == headerContentLength {
				r.contentLength = -1
			}
			h.has &^= h.lines[i].known.bit()
			h.lines = append(h.lines[:i], h.lines[i+1:]...)
		}
	}
}

// moreInput changes the request's headers at the end of the rewrite phase.
func (r *Request) moreInput() {
	for i := range r.loc.moreInput {
		m := &r.loc.moreInput[i]
		if m.Types != nil && !m.hasType(r.Head.Get(h1.HeaderContentType)) {
			continue
		}
		for k := range m.fields {
			f := &m.fields[k]
			if f.Any {
				for {
					name := r.headerWithPrefix(f.name)
					if name == nil || !r.SetRequestHeader(name, nil) {
						break
					}
				}
				continue
			}
			if _, there := r.Head.Header(f.Name); m.Replace && !there {
				continue
			}
			value := r.moreBuf[:0]
			if !f.Clear {
				value = r.appendTemplate(value, &f.value)
				r.moreBuf = value
			}
			if !r.SetRequestHeader(f.name, value) {
				r.Log(conf.Err, "the request header "+f.Name+" could not be set")
			}
		}
	}
}

func (r *Request) headerWithPrefix(prefix []byte) []byte {
	for i := range r.Head.Headers {
		if name := r.Head.Headers[i].Name; len(name) > 0 && hasPrefixFold(name, prefix) {
			return name
		}
	}
	return nil
}
