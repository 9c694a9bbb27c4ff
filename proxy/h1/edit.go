package h1

// What scripts change of a parsed head. Names and values given here are kept as views. None of these changes what the
// bytes on the connection mean: ContentLength, Chunked and KeepAlive stay.

// ReplaceHeader gives a header one value, in the place of all that it has. The first of them keeps its place and
// the spelling of its name.
func (r *Request) ReplaceHeader(name, value []byte) {
	kept, found := r.Headers[:0], false
	for i := range r.Headers {
		h := r.Headers[i]
		if EqualFold(h.Name, name) {
			if found {
				continue
			}
			found = true
			h.Value = value
		}
		kept = append(kept, h)
	}
	r.Headers = kept
	if !found {
		r.Headers = append(r.Headers, Header{name, value, HeaderIDOf(name)})
	}
	r.reindex()
}

// AddHeader appends one more header line.
func (r *Request) AddHeader(name, value []byte) {
	r.Headers = append(r.Headers, Header{name, value, HeaderIDOf(name)})
	r.reindex()
}

// RemoveHeader removes all lines of a header.
func (r *Request) RemoveHeader(name []byte) {
	kept := r.Headers[:0]
	for i := range r.Headers {
		if !EqualFold(r.Headers[i].Name, name) {
			kept = append(kept, r.Headers[i])
		}
	}
	r.Headers = kept
	r.reindex()
}

// SetHost changes Host to a validated name, as ValidateHost returns it; nil means none.
func (r *Request) SetHost(name []byte, upper bool) {
	r.Host, r.hostOwned = nil, false
	if len(name) > 0 {
		r.setHost(name, upper)
	}
}

// reindex finds the first header of each kind again.
func (r *Request) reindex() {
	r.seen = 0
	for i := len(r.Headers) - 1; i >= 0; i-- {
		if id := r.Headers[i].Known; id != HeaderOther {
			r.seen |= 1 << (id & 63)
			r.first[id] = uint16(i)
		}
	}
}

// CopyFrom makes r a copy of src with a list of headers of its own. The texts stay shared.
func (r *Request) CopyFrom(src *Request) {
	headers, dropped, host := r.Headers[:0], r.Dropped[:0], r.hostBuf[:0]
	*r = *src
	r.Headers, r.Dropped, r.hostBuf = append(headers, src.Headers...), dropped, host
	if src.hostOwned {
		r.hostBuf = append(host, src.Host...)
		r.Host = r.hostBuf
	}
}
