package lua

import . "moonring/lua/bytecode" //nolint:revive // as in run.go

//go:generate go run ./internal/fusegen

// fusions are pairs of instructions in a row that the loop does with one
// dispatch. The one at i is operation NumOps+i, whose case in run.go is generated
// from those of the two. newProto writes it over the operation of the first; both
// keep their operands, and the second its operation, so that jumps to it, errors
// in either and returns find what they would without. They exist in the arena
// alone: no compiled or dumped function has them. Everything that looks at an
// instruction's operation does so through baseOp, or opAt where it may be patched.
var fusions = [...]struct{ first, second Op }{
	{MOV, MOV},
	{MOV, CALL},
	{MOV, LOADK},
	{MOV, UGET},
	{MOV, TGETS},
	{UGET, MOV},
	{UGET, UGET},
	{UGET, TGETS},
	{UGET, TGETV},
	{UGET, ADDVK},
	{UGET, SUBVK},
	{LOADK, MOV},
	{LOADK, CALL},
	{GGET, TGETS},
	{TGETS, TGETS},
	{TGETS, MOV},
	{TGETS, CALL},
	{TGETS, ADDVV},
	{TGETS, SUBVV},
	{TGETS, MULVV},
	{TGETS, ADDVK},
	{TGETV, TGETS},
	{TGETV, ADDVV},
	{TGETV, MULVV},
	{TGETV, TSETV},
	{TSETS, TGETS},
	{TSETS, TSETS},
	{ADDVV, FORLP},
	{ADDVV, ADDVV},
	{ADDVV, ADDVK},
	{SUBVV, MULVV},
	{MULVV, ADDVV},
	{MULVV, SUBVV},
	{MULVV, MULVV},
	{MULVK, ADDVV},
	{ADDVK, TSETS},
	{ADDVK, USET},
	{ADDVK, CALL},
	{ADDVK, MOV},
	{SUBVK, CALL},
	{MULKV, MULVV},
	{MULVV, MOV},
	{SUBVV, ADDVV},
	{ADDVK, MULVV},
	{ADDVK, LOOP},
	{MOV, ADDVK},
	{MOV, RET1},
	{UGET, ADDVV},
	{TGETS, ISF},
	{TGETS, TGETV},
	{TGETS, RET1},
	{TSETS, FORLP},
	{LEN, ADDVK},
	{SELF, CALL},
	{SELF, MOV},
	{SELF, LOADK},
	{ADDVV, TSETS},
	{ADDVV, RET1},
	{LOADPRI, RET1},
	{GGET, MOV},
	{MULVK, MULVV},
	{DIVVK, ADDVV},
}

const fusedEnd = NumOps + Op(len(fusions))

// baseOps are the operations by what stands in the arena.
var baseOps = func() (t [256]Op) {
	for i := range t {
		t[i] = Op(i)
	}
	for i, f := range fusions {
		t[int(NumOps)+i] = f.first
	}
	return t
}()

// baseOp is the operation of the instruction in front of pc.
func baseOp(op uint8) Op { return baseOps[op] }

// pairs are the fused operations by first and second, 0 if there is none.
var pairs = func() (t [NumOps][NumOps]Op) {
	for i, f := range fusions {
		t[f.first][f.second] = NumOps + Op(i)
	}
	return t
}()
