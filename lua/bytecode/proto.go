package bytecode

// ConstKind tells what a Const holds.
type ConstKind uint8

const (
	KNumber ConstKind = iota
	KString
	KProto
	KNil
	KTrue
	KFalse
)

// Const is one constant of a function.
type Const struct {
	Kind  ConstKind
	Num   float64
	Str   string
	Proto *Proto
}

// UpvalDesc says where a new closure finds one of its upvalues.
type UpvalDesc struct {
	Name      string
	FromLocal bool  // a register of the enclosing function, else one of its upvalues
	Index     uint8 // that register or upvalue
}

// LocVar is the life of a local variable: it has its register from the
// instruction Start up to, but not including, End.
type LocVar struct {
	Name       string // hidden ones: "(for index)", "(for limit)", "(for step)", "(for generator)", "(for state)", "(for control)"
	Reg        uint8
	Start, End int32
}

// Proto is the compiled form of a function.
type Proto struct {
	Code      []Instr
	Lines     []int32 // source line of each instruction
	Consts    []Const
	Upvals    []UpvalDesc // at most MaxUpvalues
	LocVars   []LocVar    // in order of Start
	NumParams uint8
	FrameSize uint8 // registers used, at most MaxRegs; covers call slots too
	Vararg    bool
	HasChild  bool   // contains CLOSURE
	Source    string // chunk name as given to load: "@file", "=name" or the text itself
	FirstLine int    // line of "function"; 0 for the main chunk
	LastLine  int    // line of its "end"
}
