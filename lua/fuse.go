package lua

import . "moonring/lua/bytecode" //nolint:revive // as in run.go

// The operations below stand for two instructions in a row, which the loop
// then does with one dispatch. newProto writes one over the operation of the
// first; both keep their operands, and the second its operation, so that jumps
// to it, errors in either and returns find what they would without. They exist
// in the arena alone: no compiled or dumped function has them. Everything that
// looks at an instruction's operation does so through baseOp.
const (
	movMov = NumOps + iota
	movCall
	movLoadk
	movUget
	movTgets
	ugetMov
	ugetUget
	ugetTgets
	ugetTgetv
	ugetAddvk
	ugetSubvk
	loadkMov
	loadkCall
	ggetTgets
	tgetsTgets
	tgetsMov
	tgetsCall
	tgetsAddvv
	tgetsSubvv
	tgetsMulvv
	tgetsAddvk
	tgetvTgets
	tgetvAddvv
	tgetvMulvv
	tgetvTsetv
	tsetsTgets
	tsetsTsets
	addvvForlp
	addvvAddvv
	addvvAddvk
	subvvMulvv
	mulvvAddvv
	mulvvSubvv
	mulvvMulvv
	mulvkAddvv
	addvkTsets
	addvkUset
	addvkCall
	addvkMov
	subvkCall
	mulkvMulvv
	mulvvMov
	subvvAddvv
	addvkMulvv
	addvkLoop
	movAddvk
	movRet1
	ugetAddvv
	tgetsIsf
	tgetsTgetv
	tgetsRet1
	tsetsForlp
	lenAddvk
	selfCall
	selfMov
	selfLoadk
	addvvTsets
	addvvRet1
	loadpriRet1
	ggetMov
	mulvkMulvv
	divvkAddvv
	fusedEnd
)

var fusions = [fusedEnd - NumOps]struct{ first, second Op }{
	movMov - NumOps:      {MOV, MOV},
	movCall - NumOps:     {MOV, CALL},
	movLoadk - NumOps:    {MOV, LOADK},
	movUget - NumOps:     {MOV, UGET},
	movTgets - NumOps:    {MOV, TGETS},
	ugetMov - NumOps:     {UGET, MOV},
	ugetUget - NumOps:    {UGET, UGET},
	ugetTgets - NumOps:   {UGET, TGETS},
	ugetTgetv - NumOps:   {UGET, TGETV},
	ugetAddvk - NumOps:   {UGET, ADDVK},
	ugetSubvk - NumOps:   {UGET, SUBVK},
	loadkMov - NumOps:    {LOADK, MOV},
	loadkCall - NumOps:   {LOADK, CALL},
	ggetTgets - NumOps:   {GGET, TGETS},
	tgetsTgets - NumOps:  {TGETS, TGETS},
	tgetsMov - NumOps:    {TGETS, MOV},
	tgetsCall - NumOps:   {TGETS, CALL},
	tgetsAddvv - NumOps:  {TGETS, ADDVV},
	tgetsSubvv - NumOps:  {TGETS, SUBVV},
	tgetsMulvv - NumOps:  {TGETS, MULVV},
	tgetsAddvk - NumOps:  {TGETS, ADDVK},
	tgetvTgets - NumOps:  {TGETV, TGETS},
	tgetvAddvv - NumOps:  {TGETV, ADDVV},
	tgetvMulvv - NumOps:  {TGETV, MULVV},
	tgetvTsetv - NumOps:  {TGETV, TSETV},
	tsetsTgets - NumOps:  {TSETS, TGETS},
	tsetsTsets - NumOps:  {TSETS, TSETS},
	addvvForlp - NumOps:  {ADDVV, FORLP},
	addvvAddvv - NumOps:  {ADDVV, ADDVV},
	addvvAddvk - NumOps:  {ADDVV, ADDVK},
	subvvMulvv - NumOps:  {SUBVV, MULVV},
	mulvvAddvv - NumOps:  {MULVV, ADDVV},
	mulvvSubvv - NumOps:  {MULVV, SUBVV},
	mulvvMulvv - NumOps:  {MULVV, MULVV},
	mulvkAddvv - NumOps:  {MULVK, ADDVV},
	addvkTsets - NumOps:  {ADDVK, TSETS},
	addvkUset - NumOps:   {ADDVK, USET},
	addvkCall - NumOps:   {ADDVK, CALL},
	addvkMov - NumOps:    {ADDVK, MOV},
	subvkCall - NumOps:   {SUBVK, CALL},
	mulkvMulvv - NumOps:  {MULKV, MULVV},
	mulvvMov - NumOps:    {MULVV, MOV},
	subvvAddvv - NumOps:  {SUBVV, ADDVV},
	addvkMulvv - NumOps:  {ADDVK, MULVV},
	addvkLoop - NumOps:   {ADDVK, LOOP},
	movAddvk - NumOps:    {MOV, ADDVK},
	movRet1 - NumOps:     {MOV, RET1},
	ugetAddvv - NumOps:   {UGET, ADDVV},
	tgetsIsf - NumOps:    {TGETS, ISF},
	tgetsTgetv - NumOps:  {TGETS, TGETV},
	tgetsRet1 - NumOps:   {TGETS, RET1},
	tsetsForlp - NumOps:  {TSETS, FORLP},
	lenAddvk - NumOps:    {LEN, ADDVK},
	selfCall - NumOps:    {SELF, CALL},
	selfMov - NumOps:     {SELF, MOV},
	selfLoadk - NumOps:   {SELF, LOADK},
	addvvTsets - NumOps:  {ADDVV, TSETS},
	addvvRet1 - NumOps:   {ADDVV, RET1},
	loadpriRet1 - NumOps: {LOADPRI, RET1},
	ggetMov - NumOps:     {GGET, MOV},
	mulvkMulvv - NumOps:  {MULVK, MULVV},
	divvkAddvv - NumOps:  {DIVVK, ADDVV},
}

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
