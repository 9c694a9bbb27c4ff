package lua

import (
	"slices"

	. "moonring/lua/bytecode" //nolint:revive // as in run.go
)

//go:generate go run ./internal/fusegen

// fusions are instructions in a row that the loop does with one dispatch. Those
// at i are operation NumOps+i, whose case in run.go is generated from those of
// the single ones. newProto writes it over the operation of the first; all keep
// their operands, and the others their operation, so that jumps to them, errors
// in any and returns find what they would without. They exist in the arena
// alone: no compiled or dumped function has them. Everything that looks at an
// instruction's operation does so through baseOp, or opAt where it may be patched.
var fusions = [...][]Op{
	{MOV, MOV},
	{MOV, MOV, CALL},
	{MOV, MOV, MOV, CALL},
	{MOV, CALL},
	{MOV, LOADK},
	{MOV, LOADK, CALL},
	{MOV, UGET},
	{MOV, TGETS},
	{MOV, ADDVK},
	{MOV, ADDVK, CALL},
	{MOV, ADDVK, LOOP},
	{MOV, MULVK, CALL},
	{MOV, RET1},
	{LOADK, MOV},
	{LOADK, MOV, CALL},
	{LOADK, CALL},
	{LOADK, LOADK, CALL},
	{LOADK, TSETV},
	{LOADI, CALL},
	{LOADI, RET1},
	{LOADPRI, RET1},
	{LOADPRI, JMP},
	{LOADPRI, LOADPRI},
	{UGET, MOV},
	{UGET, MOV, CALL},
	{UGET, MOV, MOV, CALL},
	{UGET, MOV, LOADK, CALL},
	{UGET, UGET},
	{UGET, UGET, TGETV},
	{UGET, TGETS},
	{UGET, TGETS, CALL},
	{UGET, TGETI},
	{UGET, TGETV},
	{UGET, TGETV, TSETV},
	{UGET, ADDVK},
	{UGET, ADDVK, USET},
	{UGET, SUBVK},
	{UGET, SUBVK, CALL},
	{UGET, ADDVV},
	{UGET, RET1},
	{GGET, TGETS},
	{GGET, TGETS, MOV},
	{GGET, TGETS, MOV, CALL},
	{GGET, MOV},
	{GGET, MOV, CALL},
	{TGETS, TGETS},
	{TGETS, TGETS, MULVV},
	{TGETS, TGETS, MULVV, ADDVV},
	{TGETS, TGETS, ADDVV},
	{TGETS, TGETS, SUBVV},
	{TGETS, MOV},
	{TGETS, MOV, CALL},
	{TGETS, CALL},
	{TGETS, ADDVV},
	{TGETS, SUBVV},
	{TGETS, MULVV},
	{TGETS, ADDVK},
	{TGETS, ADDVK, TSETS},
	{TGETS, ISF},
	{TGETS, TGETV},
	{TGETS, RET1},
	{TGETV, TGETS},
	{TGETV, ADDVV},
	{TGETV, ADDVV, FORLP},
	{TGETV, MULVV},
	{TGETV, MULVV, ADDVV, FORLP},
	{TGETV, TSETV},
	{TGETI, TSETS},
	{TSETS, TGETS},
	{TSETS, TSETS},
	{TSETS, TSETS, TSETS},
	{TSETS, FORLP},
	{TSETV, TSETV},
	{TSETV, ADDVK},
	{TSETV, FORLP},
	{SELF, CALL},
	{SELF, MOV},
	{SELF, MOV, CALL},
	{SELF, LOADK},
	{SELF, LOADK, CALL},
	{LEN, ADDVK},
	{LEN, ADDVV},
	{ADDVV, FORLP},
	{ADDVV, ADDVV},
	{ADDVV, SUBVV},
	{ADDVV, ADDVK},
	{ADDVV, TSETS},
	{ADDVV, RET1},
	{SUBVV, ADDVV},
	{SUBVV, MULVV},
	{SUBVV, DIVVK},
	{MULVV, MOV},
	{MULVV, ADDVV},
	{MULVV, SUBVV},
	{MULVV, MULVV},
	{MULVV, DIVVK, ADDVV, ADDVK},
	{ADDVK, MOV},
	{ADDVK, MOV, CALL},
	{ADDVK, LOADK, TSETV},
	{ADDVK, CALL},
	{ADDVK, TSETS},
	{ADDVK, USET},
	{ADDVK, MULVV},
	{ADDVK, LOOP},
	{SUBVK, CALL},
	{MULVK, CALL},
	{MULVK, ADDVV},
	{MULVK, ADDVV, FORLP},
	{MULVK, MULVV},
	{MULVK, MODVK},
	{DIVVK, CALL},
	{DIVVK, ADDVV},
	{MODVK, MODVK},
	{MODVK, MULVK, ADDVV},
	{MODVV, RET1},
	{MULKV, MULVV},
	{DIVKV, RET1},
}

const (
	fusedEnd = NumOps + Op(len(fusions))
	fusedMax = 4 // instructions of the longest
)

// baseOps are the operations by what stands in the arena.
var baseOps = func() (t [256]Op) {
	for i := range t {
		t[i] = Op(i)
	}
	for i, f := range fusions {
		t[int(NumOps)+i] = f[0]
	}
	return t
}()

// fusedLen is how many instructions the operation op does.
func fusedLen(op uint8) int {
	if i := int(op) - int(NumOps); uint(i) < uint(len(fusions)) {
		return len(fusions[i])
	}
	return 1
}

// baseOp is the operation of the instruction in front of pc.
func baseOp(op uint8) Op { return baseOps[op] }

// fusedFrom are the fused operations by the first, the longest first.
var fusedFrom = func() (t [NumOps][]Op) {
	for i, f := range fusions {
		t[f[0]] = append(t[f[0]], NumOps+Op(i))
	}
	for _, ops := range t {
		slices.SortStableFunc(ops, func(a, b Op) int { return len(fusions[b-NumOps]) - len(fusions[a-NumOps]) })
	}
	return t
}()

// fuse is the operation to do code, which is not empty, with: the first one's own
// if nothing is fused.
func fuse(code []Instr) Op {
	first := code[0].Op()
next:
	for _, op := range fusedFrom[first] {
		ops := fusions[op-NumOps]
		if len(ops) > len(code) {
			continue
		}
		for i := 1; i < len(ops); i++ {
			if code[i].Op() != ops[i] {
				continue next
			}
		}
		return op
	}
	return first
}
