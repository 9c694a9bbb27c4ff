package h1

import "bytes"

// Args splits a query string or a form body at '&' and each part at its first '=', and gives the pieces raw: decode them with
// UnescapeURI. Pairs with an empty key are passed over, as lua-nginx does.
type Args struct {
	rest      []byte
	left      int
	bounded   bool
	truncated bool
}

// NewArgs begins at the first of at most max parts, those passed over included; max 0 or less: no bound.
func NewArgs(args []byte, max int) Args { return Args{rest: args, left: max, bounded: max > 0} }

// Next returns the next pair; ok is false at the end. hasValue is false for a key without '=', which Lua shows as true.
func (a *Args) Next() (key, value []byte, hasValue, ok bool) {
	for len(a.rest) > 0 {
		if a.bounded && a.left == 0 {
			a.rest = nil
			return nil, nil, false, false
		}
		part, more := a.rest, false
		if i := bytes.IndexByte(a.rest, '&'); i >= 0 {
			part, a.rest, more = a.rest[:i], a.rest[i+1:], true
		} else {
			a.rest = nil
		}
		a.left--
		if more && a.bounded && a.left == 0 {
			a.truncated = true
		}
		key, value, hasValue = part, nil, false
		if i := bytes.IndexByte(part, '='); i >= 0 {
			key, value, hasValue = part[:i], part[i+1:], true
		}
		if len(key) > 0 {
			return key, value, hasValue, true
		}
	}
	return nil, nil, false, false
}

// Truncated reports that there were more parts than allowed. It is final after Next returned false.
func (a *Args) Truncated() bool { return a.truncated }

// FindArg returns the raw value of the first argument called name, letter case ignored, as nginx's $arg_name does:
// only "name=" counts.
func FindArg(args []byte, name string) ([]byte, bool) {
	for len(args) > 0 {
		part := args
		if i := bytes.IndexByte(args, '&'); i >= 0 {
			part, args = args[:i], args[i+1:]
		} else {
			args = nil
		}
		if len(part) > len(name) && part[len(name)] == '=' && EqualFold(part[:len(name)], name) {
			return part[len(name)+1:], true
		}
	}
	return nil, false
}
