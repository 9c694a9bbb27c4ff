package conf

import (
	"bytes"
	"strings"
)

// wildcards finds names by patterns with an asterisk for labels in front ("*.a.b", ".a.b") or at the end ("a.*"), the longest
// that matches; those with the asterisk in front first, as in nginx.
type wildcards[T any] struct {
	exact map[string]T // what ".a.b" says about "a.b"
	head  map[string]T // by what follows the asterisk: ".a.b"
	tail  map[string]T // by what precedes it: "a."
}

// Results of wildcards.add.
const (
	wildcardAdded = iota
	wildcardTaken
	wildcardInvalid
)

// add adds a name in lower case that begins with a dot or has an asterisk.
func (w *wildcards[T]) add(name string, value T) int {
	put := func(m *map[string]T, key string) int {
		if *m == nil {
			*m = map[string]T{}
		}
		if _, taken := (*m)[key]; taken {
			return wildcardTaken
		}
		(*m)[key] = value
		return wildcardAdded
	}
	if strings.Contains(name, "..") || strings.ContainsRune(name, 0) || strings.Count(name, "*") > 1 {
		return wildcardInvalid
	}
	switch {
	case strings.HasPrefix(name, ".") && len(name) > 1 && !strings.Contains(name, "*"):
		if r := put(&w.exact, name[1:]); r != wildcardAdded {
			return r
		}
		return put(&w.head, name)
	case strings.HasPrefix(name, "*.") && len(name) > 2:
		return put(&w.head, name[1:])
	case strings.HasSuffix(name, ".*") && len(name) > 2 && name[0] != '.':
		return put(&w.tail, name[:len(name)-1])
	}
	return wildcardInvalid
}

// find looks for a name in lower case.
func (w *wildcards[T]) find(name []byte) (value T, ok bool) {
	if v, ok := w.exact[string(name)]; ok {
		return v, true
	}
	if len(w.head) > 0 {
		for i := 1; i < len(name); i++ {
			if name[i] == '.' {
				if v, ok := w.head[string(name[i:])]; ok {
					return v, true
				}
			}
		}
	}
	if len(w.tail) > 0 {
		for end := len(name); ; {
			i := bytes.LastIndexByte(name[:end], '.')
			if i < 0 {
				break
			}
			if v, ok := w.tail[string(name[:i+1])]; ok && i+1 < len(name) {
				return v, true
			}
			end = i
		}
	}
	return value, false
}

// Each calls f for every value.
func (w *wildcards[T]) Each(f func(T)) {
	for _, m := range []map[string]T{w.exact, w.head, w.tail} {
		for _, v := range m {
			f(v)
		}
	}
}
