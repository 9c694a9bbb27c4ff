package bytecode

// Op is an operation code. The order within the groups of arithmetic and
// comparison is relied upon by the VM (see ArithOp and the metamethod names).
type Op uint8

// R[x] is a register, K the constant at the operand's distance, U[x] an
// upvalue of the running function. "jump" means pc += J (or D) counted from
// the next instruction.
const (
	// Loads and moves.
	MOV     Op = iota // A B    R[A] = R[B]
	LOADK             // A D    R[A] = K(D); number, string, or a primitive
	LOADI             // A D    R[A] = float64(D)
	LOADNIL           // A B    R[A..B] = nil
	LOADPRI           // A B    R[A] = B: PriNil, PriTrue or PriFalse
	UGET              // A B    R[A] = U[B]
	USET              // A B    U[A] = R[B]
	USETK             // A D    U[A] = K(D); number or string
	USETP             // A B    U[A] = B: PriNil, PriTrue or PriFalse
	GGET              // A K    R[A] = env[K]; string. J holds the hash hint
	GSET              // A K    env[K] = R[A]
	GGETF             // A D    R[A] = env[K(D)]; string too far away for GGET
	GSETF             // A D    env[K(D)] = R[A]
	CLOSURE           // A D    R[A] = a closure of the prototype K(D)
	UCLO              // A D    close upvalues of registers >= A; jump D

	// Tables. The J half of TGETS, TSETS and SELF holds a hash hint that the
	// VM writes; the compiler leaves it zero.
	TNEW  // A B D  R[A] = {}; room for D array items and 2^B hash items (B = 0: none)
	TGETV // A B C  R[A] = R[B][R[C]]
	TGETS // A B K  R[A] = R[B][K]; string
	TGETI // A B D  R[A] = R[B][D]; integer 0..2^31-1
	TSETV // A B C  R[B][R[C]] = R[A]
	TSETS // A B K  R[B][K] = R[A]; string
	TSETI // A B D  R[B][D] = R[A]; integer
	TSETM // A D    R[A-1][D], R[A-1][D+1], ... = R[A], ..., all MULTRES of them
	SELF  // A B K  R[A+2] = R[B]; R[A] = R[B][K]; string (R[A+1] is the call's link word)

	// Unary.
	NOT // A B    R[A] = not R[B]
	UNM // A B    R[A] = -R[B]
	LEN // A B    R[A] = #R[B]

	// Arithmetic: both in registers; right operand constant (number, D);
	// left operand constant. The three groups have the same order.
	ADDVV // A B C  R[A] = R[B] + R[C]
	SUBVV
	MULVV
	DIVVV
	MODVV
	POWVV
	ADDVK // A B D  R[A] = R[B] + K(D)
	SUBVK
	MULVK
	DIVVK
	MODVK
	POWVK
	ADDKV // A B D  R[A] = K(D) + R[B]
	SUBKV
	MULKV
	DIVKV
	MODKV
	POWKV
	CAT // A B C  R[A] = R[B] .. R[B+1] .. ... .. R[C]; clobbers R[B..C]

	// Jumps and tests. All jumps but LOOP go forward.
	JMP  // D      jump D
	LOOP // D      budget; jump D (negative)
	IST  // A D    if R[A] then jump D
	ISF  // A D    if not R[A] then jump D
	ISTC // A B D  if R[B] then R[A] = R[B]; jump D
	ISFC // A B D  if not R[B] then R[A] = R[B]; jump D

	// Comparisons of registers, fused with the jump. N.. are the negations,
	// which differ from the opposite comparison when a NaN is compared.
	ISLT  // A B D  if R[A] < R[B] then jump D
	ISNLT // A B D  if not (R[A] < R[B]) then jump D
	ISLE  // A B D  if R[A] <= R[B] then jump D
	ISNLE // A B D
	ISEQ  // A B D  if R[A] == R[B] then jump D
	ISNE  // A B D

	// Comparisons with a small integer: I = int16 of B (low byte) and C.
	ISLTI  // A I D  if R[A] < I then jump D
	ISNLTI // A I D
	ISLEI  // A I D
	ISNLEI // A I D
	ISGTI  // A I D  if R[A] > I then jump D (that is I < R[A])
	ISNGTI // A I D
	ISGEI  // A I D
	ISNGEI // A I D
	ISEQI  // A I D
	ISNEI  // A I D

	// Comparisons for equality with a string constant or a primitive.
	ISEQS // A J K  if R[A] == K then jump J
	ISNES // A J K
	ISEQP // A B D  if R[A] == PriNil/PriTrue/PriFalse B then jump D
	ISNEP // A B D

	// Calls. The function is in R[A], the link word in R[A+1], arguments from
	// R[A+2] on; results from R[A] on. C = arguments + 1, B = results + 1;
	// B = 0: all results, their count in MULTRES.
	CALL   // A B C  R[A..] = R[A](R[A+2], ..., R[A+C])
	CALLM  // A B C  the same with C fixed arguments, then MULTRES more
	CALLT  // A C    return R[A](...) in the place of this frame; B != 0: close upvalues first
	CALLMT // A C    C fixed arguments, then MULTRES more; B likewise
	VARG   // A B    R[A..A+B-2] = ...; B = 0: all of them, count in MULTRES
	RET    // A B D  return R[A..A+D-1]; B != 0: close upvalues first (all RETs)
	RETM   // A B D  return R[A..A+D-1] and MULTRES more that follow
	RET0   // B      return
	RET1   // A B    return R[A]

	// Loops. Numeric for: R[A] index, R[A+1] limit, R[A+2] step, R[A+3] the
	// visible variable.
	FORI  // A D    check the three, start; if the loop runs R[A+3] = R[A], else jump D
	FORL  // A D    budget; R[A] += R[A+2]; if it goes on R[A+3] = R[A], jump D (negative)
	FORLP // A D    FORL for a step known to be a positive constant
	// Generic for: R[A] iterator, R[A+1] state, R[A+2] control, then three
	// registers for the call (R[A+3] function, R[A+4] link, R[A+5] state,
	// R[A+6] control), results from R[A+3] on: these are the variables.
	ITERP // A D    prepare (recognises next and ipairs); jump D (to ITERC)
	ITERC // A B    R[A+3], ... = R[A](R[A+1], R[A+2]); B = variables + 1
	ITERL // A D    budget; if R[A+3] ~= nil then R[A+2] = R[A+3]; jump D (negative)

	NumOps
)

// Primitives as operands of LOADPRI, USETP, ISEQP, ISNEP.
const (
	PriNil   = 0
	PriTrue  = 1
	PriFalse = 2
)

// Limits of the encoding; the first five are LuaJIT's (lj_def.h).
const (
	MaxRegs      = 250     // registers of a frame (LJ_MAX_SLOTS)
	MaxLocals    = 200     // local variables of a function (LJ_MAX_LOCVAR)
	MaxUpvalues  = 120     // upvalues of a function (LJ_MAX_UPVAL of OpenResty's branch; 60 in LuaJIT)
	MaxJump      = 32768   // instructions a jump may span (BCMAX_D / 2)
	MaxLevels    = 200     // nesting of the parser (LJ_MAX_XLEVEL)
	MaxKDist     = 65535   // what the K half can reach, in words
	MaxTableHint = 1 << 26 // array items that TNEW makes room for
)

// Mode says how an operation's operands are to be read: by the disassembler,
// the verifier and the symbolic execution behind variable names in errors.
type Mode uint8

const (
	ModeNone   Mode = iota
	ModeDst         // a register that is written
	ModeReg         // a register that is read
	ModeBase        // first register of a range
	ModeUpval       // index of an upvalue
	ModeLit         // a plain number
	ModePri         // PriNil, PriTrue, PriFalse
	ModeImm         // with the next operand an int16
	ModeNumK        // distance to a number
	ModeStrK        // distance to a string (in K when the op is split, see Split)
	ModeAnyK        // distance to a number, string or primitive
	ModeProtoK      // distance to a prototype
	ModeJump        // relative jump
)

// Info describes one operation.
type Info struct {
	Name       string
	A, B, C, D Mode
	Split      bool // D is K (uint16, high) and J (int16, low)
}

// Ops is the table of all operations, indexed by Op.
var Ops = [NumOps]Info{
	MOV:     {"MOV", ModeDst, ModeReg, 0, 0, false},
	LOADK:   {"LOADK", ModeDst, 0, 0, ModeAnyK, false},
	LOADI:   {"LOADI", ModeDst, 0, 0, ModeLit, false},
	LOADNIL: {"LOADNIL", ModeBase, ModeBase, 0, 0, false},
	LOADPRI: {"LOADPRI", ModeDst, ModePri, 0, 0, false},
	UGET:    {"UGET", ModeDst, ModeUpval, 0, 0, false},
	USET:    {"USET", ModeUpval, ModeReg, 0, 0, false},
	USETK:   {"USETK", ModeUpval, 0, 0, ModeAnyK, false},
	USETP:   {"USETP", ModeUpval, ModePri, 0, 0, false},
	GGET:    {"GGET", ModeDst, 0, 0, ModeStrK, true},
	GSET:    {"GSET", ModeReg, 0, 0, ModeStrK, true},
	GGETF:   {"GGETF", ModeDst, 0, 0, ModeStrK, false},
	GSETF:   {"GSETF", ModeReg, 0, 0, ModeStrK, false},
	CLOSURE: {"CLOSURE", ModeDst, 0, 0, ModeProtoK, false},
	UCLO:    {"UCLO", ModeBase, 0, 0, ModeJump, false},
	TNEW:    {"TNEW", ModeDst, ModeLit, 0, ModeLit, false},
	TGETV:   {"TGETV", ModeDst, ModeReg, ModeReg, 0, false},
	TGETS:   {"TGETS", ModeDst, ModeReg, 0, ModeStrK, true},
	TGETI:   {"TGETI", ModeDst, ModeReg, 0, ModeLit, false},
	TSETV:   {"TSETV", ModeReg, ModeReg, ModeReg, 0, false},
	TSETS:   {"TSETS", ModeReg, ModeReg, 0, ModeStrK, true},
	TSETI:   {"TSETI", ModeReg, ModeReg, 0, ModeLit, false},
	TSETM:   {"TSETM", ModeBase, 0, 0, ModeLit, false},
	SELF:    {"SELF", ModeBase, ModeReg, 0, ModeStrK, true},
	NOT:     {"NOT", ModeDst, ModeReg, 0, 0, false},
	UNM:     {"UNM", ModeDst, ModeReg, 0, 0, false},
	LEN:     {"LEN", ModeDst, ModeReg, 0, 0, false},
	ADDVV:   {"ADDVV", ModeDst, ModeReg, ModeReg, 0, false},
	SUBVV:   {"SUBVV", ModeDst, ModeReg, ModeReg, 0, false},
	MULVV:   {"MULVV", ModeDst, ModeReg, ModeReg, 0, false},
	DIVVV:   {"DIVVV", ModeDst, ModeReg, ModeReg, 0, false},
	MODVV:   {"MODVV", ModeDst, ModeReg, ModeReg, 0, false},
	POWVV:   {"POWVV", ModeDst, ModeReg, ModeReg, 0, false},
	ADDVK:   {"ADDVK", ModeDst, ModeReg, 0, ModeNumK, false},
	SUBVK:   {"SUBVK", ModeDst, ModeReg, 0, ModeNumK, false},
	MULVK:   {"MULVK", ModeDst, ModeReg, 0, ModeNumK, false},
	DIVVK:   {"DIVVK", ModeDst, ModeReg, 0, ModeNumK, false},
	MODVK:   {"MODVK", ModeDst, ModeReg, 0, ModeNumK, false},
	POWVK:   {"POWVK", ModeDst, ModeReg, 0, ModeNumK, false},
	ADDKV:   {"ADDKV", ModeDst, ModeReg, 0, ModeNumK, false},
	SUBKV:   {"SUBKV", ModeDst, ModeReg, 0, ModeNumK, false},
	MULKV:   {"MULKV", ModeDst, ModeReg, 0, ModeNumK, false},
	DIVKV:   {"DIVKV", ModeDst, ModeReg, 0, ModeNumK, false},
	MODKV:   {"MODKV", ModeDst, ModeReg, 0, ModeNumK, false},
	POWKV:   {"POWKV", ModeDst, ModeReg, 0, ModeNumK, false},
	CAT:     {"CAT", ModeDst, ModeBase, ModeBase, 0, false},
	JMP:     {"JMP", 0, 0, 0, ModeJump, false},
	LOOP:    {"LOOP", 0, 0, 0, ModeJump, false},
	IST:     {"IST", ModeReg, 0, 0, ModeJump, false},
	ISF:     {"ISF", ModeReg, 0, 0, ModeJump, false},
	ISTC:    {"ISTC", ModeDst, ModeReg, 0, ModeJump, false},
	ISFC:    {"ISFC", ModeDst, ModeReg, 0, ModeJump, false},
	ISLT:    {"ISLT", ModeReg, ModeReg, 0, ModeJump, false},
	ISNLT:   {"ISNLT", ModeReg, ModeReg, 0, ModeJump, false},
	ISLE:    {"ISLE", ModeReg, ModeReg, 0, ModeJump, false},
	ISNLE:   {"ISNLE", ModeReg, ModeReg, 0, ModeJump, false},
	ISEQ:    {"ISEQ", ModeReg, ModeReg, 0, ModeJump, false},
	ISNE:    {"ISNE", ModeReg, ModeReg, 0, ModeJump, false},
	ISLTI:   {"ISLTI", ModeReg, ModeImm, 0, ModeJump, false},
	ISNLTI:  {"ISNLTI", ModeReg, ModeImm, 0, ModeJump, false},
	ISLEI:   {"ISLEI", ModeReg, ModeImm, 0, ModeJump, false},
	ISNLEI:  {"ISNLEI", ModeReg, ModeImm, 0, ModeJump, false},
	ISGTI:   {"ISGTI", ModeReg, ModeImm, 0, ModeJump, false},
	ISNGTI:  {"ISNGTI", ModeReg, ModeImm, 0, ModeJump, false},
	ISGEI:   {"ISGEI", ModeReg, ModeImm, 0, ModeJump, false},
	ISNGEI:  {"ISNGEI", ModeReg, ModeImm, 0, ModeJump, false},
	ISEQI:   {"ISEQI", ModeReg, ModeImm, 0, ModeJump, false},
	ISNEI:   {"ISNEI", ModeReg, ModeImm, 0, ModeJump, false},
	ISEQS:   {"ISEQS", ModeReg, 0, 0, ModeStrK, true},
	ISNES:   {"ISNES", ModeReg, 0, 0, ModeStrK, true},
	ISEQP:   {"ISEQP", ModeReg, ModePri, 0, ModeJump, false},
	ISNEP:   {"ISNEP", ModeReg, ModePri, 0, ModeJump, false},
	CALL:    {"CALL", ModeBase, ModeLit, ModeLit, 0, false},
	CALLM:   {"CALLM", ModeBase, ModeLit, ModeLit, 0, false},
	CALLT:   {"CALLT", ModeBase, ModeLit, ModeLit, 0, false},
	CALLMT:  {"CALLMT", ModeBase, ModeLit, ModeLit, 0, false},
	VARG:    {"VARG", ModeBase, ModeLit, 0, 0, false},
	RET:     {"RET", ModeBase, ModeLit, 0, ModeLit, false},
	RETM:    {"RETM", ModeBase, ModeLit, 0, ModeLit, false},
	RET0:    {"RET0", 0, ModeLit, 0, 0, false},
	RET1:    {"RET1", ModeReg, ModeLit, 0, 0, false},
	FORI:    {"FORI", ModeBase, 0, 0, ModeJump, false},
	FORL:    {"FORL", ModeBase, 0, 0, ModeJump, false},
	FORLP:   {"FORLP", ModeBase, 0, 0, ModeJump, false},
	ITERP:   {"ITERP", ModeBase, 0, 0, ModeJump, false},
	ITERC:   {"ITERC", ModeBase, ModeLit, 0, 0, false},
	ITERL:   {"ITERL", ModeBase, 0, 0, ModeJump, false},
}

// String returns the operation's name.
func (op Op) String() string {
	if op < NumOps {
		return Ops[op].Name
	}
	return "?"
}

// Instr is one instruction word.
type Instr uint64

// ABC builds an instruction with three byte operands and D = 0.
func ABC(op Op, a, b, c int) Instr {
	return Instr(op) | Instr(uint8(a))<<8 | Instr(uint8(b))<<16 | Instr(uint8(c))<<24
}

// ABCD builds an instruction with all operands.
func ABCD(op Op, a, b, c int, d int32) Instr {
	return ABC(op, a, b, c) | Instr(uint32(d))<<32
}

// AKJ builds a split instruction: register a, b, distance k (0..65535), jump j.
func AKJ(op Op, a, b, k, j int) Instr {
	return ABC(op, a, b, 0) | Instr(uint16(int16(j)))<<32 | Instr(uint16(k))<<48
}

// AIJ builds a comparison with the small integer i, jump d.
func AIJ(op Op, a int, i int16, d int32) Instr {
	return Instr(op) | Instr(uint8(a))<<8 | Instr(uint16(i))<<16 | Instr(uint32(d))<<32
}

func (i Instr) Op() Op     { return Op(i) }
func (i Instr) A() int     { return int(uint8(i >> 8)) }
func (i Instr) B() int     { return int(uint8(i >> 16)) }
func (i Instr) C() int     { return int(uint8(i >> 24)) }
func (i Instr) D() int32   { return int32(uint32(i >> 32)) }
func (i Instr) K() int     { return int(uint16(i >> 48)) }
func (i Instr) J() int     { return int(int16(uint16(i >> 32))) }
func (i Instr) Imm() int16 { return int16(uint16(i >> 16)) }

// WithD returns i with D replaced (for patching jumps).
func (i Instr) WithD(d int32) Instr { return i&0xFFFFFFFF | Instr(uint32(d))<<32 }

// WithJ returns i with the J half replaced.
func (i Instr) WithJ(j int) Instr {
	return i&^(0xFFFF<<32) | Instr(uint16(int16(j)))<<32
}

// KDist is the distance in words from the instruction at index pc back to the
// constant k.
func KDist(pc, k int) int { return pc + k + 2 }
