package bytecode

import (
	"bytes"
	"encoding/binary"
	"errors"
	"reflect"
	"runtime"
	"testing"
)

func TestDump(t *testing.T) {
	p := valid()
	p.Source, p.FirstLine, p.LastLine = "@x.lua", 3, 9
	p.Consts[2].Proto.Source, p.Consts[2].Proto.Consts = p.Source, nil
	b := Dump(nil, p, false)
	q, err := Undump(b, "=other")
	if err != nil {
		t.Fatal(err)
	}
	if q.Source != "@x.lua" || q.Consts[2].Proto.Upvals[0].Name != "a" || !reflect.DeepEqual(p.Code, q.Code) || p.String() != q.String() {
		t.Errorf("got %+v", q)
	}
	if again := Dump(nil, q, false); !bytes.Equal(b, again) {
		t.Error("the dump of what was read is another one")
	}
	if q, err = Undump(Dump(nil, p, true), "=other"); err != nil || q.Source != "=other" || q.LastLine != 0 || len(q.LocVars) != 0 {
		t.Errorf("stripped: %+v, %v", q, err)
	}
	for n := range b {
		if _, err := Undump(b[:n], ""); err == nil {
			t.Fatalf("the first %d of %d bytes are accepted", n, len(b))
		}
	}
	if _, err := Undump(append(b, 0), ""); !errors.Is(err, ErrMalformed) {
		t.Errorf("a byte too many: %v", err)
	}
	other := bytes.Clone(b)
	other[len(dumpMagic)+2]++
	if _, err := Undump(other, ""); !errors.Is(err, ErrIncompatible) {
		t.Errorf("other instructions: %v", err)
	}
	if _, err := Undump([]byte("\x1bLJ\x02\x00"), ""); !errors.Is(err, ErrForeign) {
		t.Errorf("LuaJIT's: %v", err)
	}
}

// TestUndumpClaims: what claims to be long costs no more memory than it has bytes.
func TestUndumpClaims(t *testing.T) {
	b := Dump(nil, valid(), true)[:len(dumpMagic)+6]
	fn := []byte{0, 1, 0, 0}
	for _, n := range []uint32{0, 0, 0, 1 << 26, 0} {
		fn = binary.LittleEndian.AppendUint32(fn, n)
	}
	fn = append(fn, byte(KProto))
	for range 150 {
		b = append(b, fn...)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := Undump(b, ""); !errors.Is(err, ErrMalformed) {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
		t.Errorf("%d bytes allocated for %d", n, len(b))
	}
}

// TestVerifyFlow: one case for each rule of flow.go.
func TestVerifyFlow(t *testing.T) {
	child := func(local bool, index uint8) *Proto {
		return &Proto{Code: []Instr{ABC(RET0, 0, 0, 0)}, Lines: []int32{0}, FrameSize: 1,
			Upvals: []UpvalDesc{{Name: "u", FromLocal: local, Index: index}}}
	}
	ret := ABC(RET0, 0, 0, 0)
	closure := func(a, pc int) Instr { return ABCD(CLOSURE, a, 0, 0, int32(KDist(pc, 0))) }
	for name, c := range map[string]struct {
		code []Instr
		vars []LocVar
		up   int // register that the child captures, -1 without child
	}{
		"unset register":           {code: []Instr{ABC(MOV, 0, 1, 0), ret}, up: -1},
		"unset on one way":         {code: []Instr{ABC(LOADPRI, 0, 0, 0), ABCD(IST, 0, 0, 0, 1), ABC(LOADPRI, 1, 0, 0), ABC(RET1, 1, 0, 0)}, up: -1},
		"unset after a call":       {code: []Instr{ABC(LOADNIL, 0, 3, 0), ABC(CALL, 0, 2, 1), ABC(RET1, 2, 0, 0)}, up: -1},
		"link word":                {code: []Instr{ABC(LOADNIL, 0, 3, 0), ABCD(CALL, 0, 1, 1, 0), ABC(RET1, 1, 0, 0)}, up: -1},
		"argument unset":           {code: []Instr{ABC(LOADNIL, 0, 2, 0), ABC(CALL, 0, 1, 3), ret}, up: -1},
		"loop variable read":       {code: []Instr{ABC(LOADNIL, 0, 2, 0), ABCD(ITERP, 0, 0, 0, 1), ABC(MOV, 4, 2, 0), ABC(ITERC, 0, 2, 0), ABCD(ITERL, 0, 0, 0, -3), ret}, up: -1},
		"loop variable written":    {code: []Instr{ABC(LOADNIL, 0, 2, 0), ABCD(ITERP, 0, 0, 0, 1), ABC(LOADPRI, 1, 0, 0), ABC(ITERC, 0, 2, 0), ABCD(ITERL, 0, 0, 0, -3), ret}, up: -1},
		"loop entered at the end":  {code: []Instr{ABC(LOADNIL, 0, 3, 0), ABCD(IST, 0, 0, 0, 2), ABCD(ITERP, 0, 0, 0, 1), ABC(LOADPRI, 4, 0, 0), ABC(ITERC, 0, 2, 0), ABCD(ITERL, 0, 0, 0, -3), ret}, up: -1},
		"loop overlaid by a call":  {code: []Instr{ABC(LOADNIL, 0, 4, 0), ABCD(ITERP, 1, 0, 0, 1), ABC(CALL, 0, 1, 1), ABC(ITERC, 1, 2, 0), ABCD(ITERL, 1, 0, 0, -3), ret}, up: -1},
		"loop variable by name":    {code: []Instr{ABC(LOADNIL, 0, 2, 0), ABCD(ITERP, 0, 0, 0, 1), ABC(LOADPRI, 4, 0, 0), ABC(ITERC, 0, 2, 0), ABCD(ITERL, 0, 0, 0, -3), ret}, vars: []LocVar{{Name: "x", Reg: 1, Start: 1, End: 5}}, up: -1},
		"loop variable captured":   {code: []Instr{ABC(LOADNIL, 0, 2, 0), ABCD(ITERP, 0, 0, 0, 1), closure(4, 2), ABC(ITERC, 0, 2, 0), ABCD(ITERL, 0, 0, 0, -3), ABC(RET0, 0, 1, 0)}, up: 1},
		"open list absent":         {code: []Instr{ABC(LOADNIL, 0, 3, 0), ABC(CALLM, 0, 1, 1), ret}, up: -1},
		"open list elsewhere":      {code: []Instr{ABC(VARG, 4, 0, 0), ABC(RETM, 3, 0, 0), ret}, up: -1},
		"open list used late":      {code: []Instr{ABC(VARG, 3, 0, 0), ABC(LOADPRI, 0, 0, 0), ABC(RETM, 3, 0, 0), ret}, up: -1},
		"no table":                 {code: []Instr{ABC(LOADPRI, 0, 0, 0), ABC(VARG, 1, 0, 0), ABCD(TSETM, 1, 0, 0, 1), ret}, up: -1},
		"table by name":            {code: []Instr{ABC(TNEW, 0, 0, 0), ABC(VARG, 1, 0, 0), ABCD(TSETM, 1, 0, 0, 1), ret}, vars: []LocVar{{Name: "t", Reg: 0, Start: 1, End: 4}}, up: -1},
		"table captured":           {code: []Instr{ABC(TNEW, 0, 0, 0), closure(1, 1), ABC(VARG, 1, 0, 0), ABCD(TSETM, 1, 0, 0, 1), ABC(RET0, 0, 1, 0)}, up: 0},
		"left open":                {code: []Instr{ABC(LOADNIL, 0, 1, 0), closure(1, 1), ret}, up: 0},
		"left open by a tail call": {code: []Instr{ABC(LOADNIL, 0, 3, 0), closure(1, 1), ABC(CALLT, 1, 0, 1), ret}, up: 0},
		"captured under a call":    {code: []Instr{ABC(LOADNIL, 0, 4, 0), closure(0, 1), ABC(CALL, 0, 1, 1), ABC(RET0, 0, 1, 0)}, up: 2},
		"captured unset":           {code: []Instr{closure(1, 0), ABC(RET0, 0, 1, 0)}, up: 2},
		"named under a call":       {code: []Instr{ABC(LOADNIL, 0, 4, 0), ABC(CALL, 0, 1, 1), ret}, vars: []LocVar{{Name: "x", Reg: 1, Start: 1, End: 2}}, up: -1},
		"named unset":              {code: []Instr{ABC(LOADPRI, 0, 0, 0), ret}, vars: []LocVar{{Name: "x", Reg: 1, Start: 0, End: 2}}, up: -1},
		"two names":                {code: []Instr{ABC(LOADPRI, 0, 0, 0), ABC(MOV, 1, 0, 0), ret}, vars: []LocVar{{Name: "x", Reg: 0, Start: 1, End: 3}, {Name: "y", Reg: 0, Start: 1, End: 3}}, up: -1},
	} {
		p := &Proto{Code: c.code, Lines: make([]int32, len(c.code)), LocVars: c.vars, FrameSize: 9, Vararg: true}
		if c.up >= 0 {
			p.HasChild = true
			p.Consts = []Const{{Kind: KProto, Proto: child(true, uint8(c.up))}}
		}
		ok := false
		for _, want := range []error{errUnset, errHidden, errMultres, errNoTable, errOpen, errNamed} {
			ok = ok || errors.Is(Verify(p), want)
		}
		if name == "two names" {
			ok = Verify(p) != nil
		}
		if !ok {
			t.Errorf("%s: %v", name, Verify(p))
		}
	}
}
