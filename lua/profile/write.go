package profile

import (
	"compress/gzip"
	"encoding/binary"
	"io"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"moonring/lua"
	"moonring/lua/compile"
)

// Write writes what was measured until Stop, as pprof's format has it: a message of protocol buffers, compressed.
func (p *Profile) Write(w io.Writer) error {
	z := gzip.NewWriter(w)
	if _, err := z.Write(p.encode()); err != nil {
		return err
	}
	return z.Close()
}

// message is a message of protocol buffers that grows.
type message []byte

const (
	wireVarint = 0
	wireBytes  = 2
)

func (m *message) number(field int, v int64) {
	*m = binary.AppendUvarint(*m, uint64(field<<3|wireVarint))
	*m = binary.AppendUvarint(*m, uint64(v))
}

func (m *message) bytes(field int, b []byte) {
	*m = binary.AppendUvarint(*m, uint64(field<<3|wireBytes))
	*m = binary.AppendUvarint(*m, uint64(len(b)))
	*m = append(*m, b...)
}

// table numbers strings by the order in which they came; "" is 0.
type table struct {
	ids  map[string]int64
	list []string
}

func (t *table) id(s string) int64 {
	id, ok := t.ids[s]
	if !ok {
		id = int64(len(t.list))
		t.ids[s] = id
		t.list = append(t.list, s)
	}
	return id
}

func (p *Profile) encode() []byte {
	strs := &table{ids: map[string]int64{"": 0}, list: []string{""}}
	valueType := func(kind, unit string) message {
		var m message
		m.number(1, strs.id(kind))
		m.number(2, strs.id(unit))
		return m
	}
	var out message
	out.bytes(1, valueType("samples", "count"))
	out.bytes(1, valueType("cpu", "nanoseconds"))
	for _, key := range slices.Sorted(maps.Keys(p.samples)) {
		s := p.samples[key]
		var values, m message
		values = binary.AppendUvarint(values, uint64(s.n))
		values = binary.AppendUvarint(values, uint64(s.cpu))
		m.bytes(1, []byte(key))
		m.bytes(2, values)
		out.bytes(2, m)
	}
	var all message // a mapping that says that names, files and lines are known
	all.number(1, 1)
	all.number(7, 1)
	all.number(8, 1)
	all.number(9, 1)
	out.bytes(3, all)

	funcs := map[*lua.SampledFunc]int64{}
	var order []*lua.SampledFunc
	for i, f := range p.byID {
		if funcs[f.Func] == 0 {
			order = append(order, f.Func)
			funcs[f.Func] = int64(len(order))
		}
		var line, m message
		line.number(1, funcs[f.Func])
		line.number(2, int64(f.Line))
		m.number(1, int64(i+1))
		m.number(2, 1)
		m.bytes(4, line)
		out.bytes(4, m)
	}
	names := functionNames(order)
	for i, f := range order {
		var m message
		m.number(1, int64(i+1))
		m.number(2, strs.id(names[i]))
		m.number(3, strs.id(names[i]))
		m.number(4, strs.id(file(f)))
		m.number(5, int64(max(f.First, 0)))
		out.bytes(5, m)
	}
	period := valueType("cpu", "nanoseconds")
	byDefault := strs.id("cpu")
	for _, s := range strs.list {
		out.bytes(6, []byte(s))
	}
	out.number(9, p.began.UnixNano())
	out.number(10, int64(p.took))
	out.bytes(11, period)
	out.number(12, int64(Period))
	out.number(14, byDefault)
	return out
}

// file is where f was defined.
func file(f *lua.SampledFunc) string {
	if name, ok := strings.CutPrefix(f.Source, "@"); ok {
		return name
	}
	return compile.ChunkID(f.Source)
}

// functionNames are the names of functions as profiles show them: FILE:NAME, and FILE:LINE of those without a name; with @LINE behind it where two
// would be called the same.
func functionNames(funcs []*lua.SampledFunc) []string {
	names := make([]string, len(funcs))
	seen := map[string]int{}
	for i, f := range funcs {
		names[i] = functionName(f)
		seen[names[i]]++
	}
	for i, f := range funcs {
		if seen[names[i]] > 1 && f.First > 0 {
			names[i] += "@" + strconv.Itoa(f.First)
		}
	}
	return names
}

func functionName(f *lua.SampledFunc) string {
	in := file(f)
	if strings.HasPrefix(f.Source, "@") {
		in = path.Base(in)
	}
	switch {
	case f.First < 0:
		return f.Name
	case f.First == 0:
		return in + ":main chunk"
	case f.Name == "":
		return in + ":" + strconv.Itoa(f.First)
	}
	return in + ":" + f.Name
}
