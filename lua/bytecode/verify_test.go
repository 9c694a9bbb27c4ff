package bytecode

import (
	"strings"
	"testing"
)

// valid returns a function with one of everything that Verify looks at.
func valid() *Proto {
	child := &Proto{
		Code:      []Instr{ABC(UGET, 0, 0, 0), ABC(RET1, 0, 0, 0)},
		Lines:     []int32{1, 1},
		Upvals:    []UpvalDesc{{Name: "a", FromLocal: true, Index: 0}},
		FrameSize: 1,
	}
	k := func(pc, k int) int32 { return int32(KDist(pc, k)) }
	p := &Proto{
		Consts: []Const{{Kind: KString, Str: "s"}, {Kind: KNumber, Num: 1.5}, {Kind: KProto, Proto: child}},
		Code: []Instr{
			0:  ABCD(LOADK, 0, 0, 0, k(0, 0)),
			1:  AKJ(GGET, 1, 0, KDist(1, 0), 0),
			2:  ABCD(CLOSURE, 2, 0, 0, k(2, 2)),
			3:  ABCD(ADDVK, 0, 1, 0, k(3, 1)),
			4:  ABCD(UCLO, 0, 0, 0, 0),
			5:  ABCD(FORI, 0, 0, 0, 3),
			6:  AKJ(ISEQS, 0, 0, KDist(6, 0), 1),
			7:  ABC(MOV, 4, 3, 0),
			8:  ABCD(FORL, 0, 0, 0, -3),
			9:  ABCD(ITERP, 0, 0, 0, 1),
			10: ABC(MOV, 4, 3, 0),
			11: ABC(ITERC, 0, 3, 0),
			12: ABCD(ITERL, 0, 0, 0, -3),
			13: ABC(LOADNIL, 0, 6, 0),
			14: ABC(CALL, 0, 4, 3),
			15: ABC(CAT, 0, 1, 2),
			16: AIJ(ISLTI, 0, -5, 1),
			17: ABCD(LOOP, 0, 0, 0, -3),
			18: ABC(RET0, 0, 0, 0),
		},
		LocVars:   []LocVar{{Name: "a", Reg: 0, Start: 1, End: 9}},
		FrameSize: 7,
		HasChild:  true,
	}
	p.Lines = make([]int32, len(p.Code))
	return p
}

func TestVerify(t *testing.T) {
	if err := Verify(valid()); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(p *Proto){
		"no code":                 func(p *Proto) { p.Code, p.Lines = nil, nil },
		"lines missing":           func(p *Proto) { p.Lines = p.Lines[1:] },
		"frame too small":         func(p *Proto) { p.FrameSize = 6 },
		"frame too large":         func(p *Proto) { p.FrameSize = 251 },
		"parameters out of frame": func(p *Proto) { p.NumParams = 8 },
		"unknown operation":       func(p *Proto) { p.Code[0] = Instr(NumOps) },
		"register":                func(p *Proto) { p.Code[7] = ABC(MOV, 7, 3, 0) },
		"register read":           func(p *Proto) { p.Code[7] = ABC(MOV, 3, 7, 0) },
		"call leaves the frame":   func(p *Proto) { p.Code[14] = ABC(CALL, 4, 2, 3) },
		"results leave the frame": func(p *Proto) { p.Code[14] = ABC(CALL, 0, 9, 1) },
		"constant before":         func(p *Proto) { p.Code[0] = ABCD(LOADK, 0, 0, 0, 1) },
		"constant behind":         func(p *Proto) { p.Code[0] = ABCD(LOADK, 0, 0, 0, 5) },
		"constant of wrong kind":  func(p *Proto) { p.Consts[0].Kind = KNumber },
		"number of wrong kind":    func(p *Proto) { p.Consts[1].Kind = KNil },
		"prototype missing":       func(p *Proto) { p.Consts[2].Kind = KString },
		"upvalue":                 func(p *Proto) { p.Code[0] = ABC(UGET, 0, 0, 0) },
		"child's upvalue":         func(p *Proto) { p.Consts[2].Proto.Upvals[0].Index = 7 },
		"child's outer upvalue":   func(p *Proto) { p.Consts[2].Proto.Upvals[0].FromLocal = false },
		"child's code":            func(p *Proto) { p.Consts[2].Proto.Code[1] = ABC(MOV, 0, 0, 0) },
		"child unannounced":       func(p *Proto) { p.HasChild = false },
		"jump out":                func(p *Proto) { p.Code[16] = AIJ(ISLTI, 0, 0, 2) },
		"jump out behind":         func(p *Proto) { p.Code[17] = ABCD(LOOP, 0, 0, 0, -19) },
		"jump back in a test":     func(p *Proto) { p.Code[16] = AIJ(ISLTI, 0, 0, -2) },
		"jump back in half":       func(p *Proto) { p.Code[6] = AKJ(ISEQS, 0, 0, KDist(6, 0), -2) },
		"loop forward":            func(p *Proto) { p.Code[17] = ABCD(LOOP, 0, 0, 0, 0) },
		"FORL elsewhere":          func(p *Proto) { p.Code[8] = ABCD(FORL, 0, 0, 0, -4) },
		"FORL of another":         func(p *Proto) { p.Code[8] = ABCD(FORL, 1, 0, 0, -3) },
		"FORI elsewhere":          func(p *Proto) { p.Code[5] = ABCD(FORI, 0, 0, 0, 2) },
		"ITERP elsewhere":         func(p *Proto) { p.Code[9] = ABCD(ITERP, 0, 0, 0, 0) },
		"ITERC alone":             func(p *Proto) { p.Code[12] = ABC(MOV, 0, 0, 0) },
		"no variables":            func(p *Proto) { p.Code[11] = ABC(ITERC, 0, 1, 0) },
		"end":                     func(p *Proto) { p.Code[18] = ABC(MOV, 0, 0, 0) },
		"primitive":               func(p *Proto) { p.Code[0] = ABC(LOADPRI, 0, 3, 0) },
		"range":                   func(p *Proto) { p.Code[4] = ABC(LOADNIL, 2, 1, 0) },
		"one to concatenate":      func(p *Proto) { p.Code[15] = ABC(CAT, 0, 1, 1) },
		"variable arguments":      func(p *Proto) { p.Code[15] = ABC(VARG, 0, 1, 0) },
		"negative index":          func(p *Proto) { p.Code[15] = ABCD(TGETI, 0, 1, 0, -1) },
		"variable's life":         func(p *Proto) { p.LocVars[0].End = 20 },
		"variable's register":     func(p *Proto) { p.LocVars[0].Reg = 7 },
	} {
		p := valid()
		spoil(p)
		if err := Verify(p); err == nil {
			t.Errorf("%s: not noticed", name)
		}
	}
}

func TestDis(t *testing.T) {
	p := valid()
	for pc, want := range map[int]string{
		0:  `LOADK r0 "s"`,
		1:  `GGET r1 "s"`,
		2:  `CLOSURE r2 function@0`,
		3:  `ADDVK r0 r1 1.5`,
		5:  `FORI r0 -> 9`,
		6:  `ISEQS r0 "s" -> 8`,
		14: `CALL r0 4 3`,
		16: `ISLTI r0 -5 -> 18`,
		17: `LOOP -> 15`,
	} {
		if got := p.Dis(pc); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if s := p.String(); !strings.HasPrefix(s, "function 0-0 params 0 frame 7\n0 0 LOADK") ||
		!strings.Contains(s, "\nfunction 0-0 params 0 frame 1 upvals a=r0\n0 1 UGET r0 u0\n") {
		t.Errorf("got:\n%s", s)
	}
	// Anything at all can be shown.
	p.Code[0] = ^Instr(0)
	p.Code[1] = ABCD(LOADK, 0, 0, 0, 99)
	_ = p.String()
}

// TestOps: every operation has a name, and split ones use both halves.
func TestOps(t *testing.T) {
	seen := map[string]Op{}
	for op := Op(0); op < NumOps; op++ {
		name := op.String()
		if name == "" || name == "?" {
			t.Errorf("operation %d has no name", op)
		}
		if other, ok := seen[name]; ok {
			t.Errorf("operations %d and %d are both called %s", other, op, name)
		}
		seen[name] = op
	}
	if NumOps.String() != "?" {
		t.Error("an operation that isn't there has a name")
	}
	i := AKJ(ISEQS, 1, 0, 65535, -2)
	if i.Op() != ISEQS || i.A() != 1 || i.K() != 65535 || i.J() != -2 || i.WithJ(7).J() != 7 || i.WithJ(7).K() != 65535 {
		t.Errorf("split instruction %#x", uint64(i))
	}
	if i := AIJ(ISLTI, 1, -300, -5); i.Imm() != -300 || i.D() != -5 || i.A() != 1 || i.WithD(9).D() != 9 {
		t.Errorf("comparison %#x", uint64(i))
	}
}
