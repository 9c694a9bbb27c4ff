#include "funcdata.h"
#include "textflag.h"

// func enterNative(code, first, mem, base, stackEnd unsafe.Pointer, budget int64) (newBase unsafe.Pointer, left int64, pc unsafe.Pointer, how uint64)
TEXT ·enterNative(SB), NOSPLIT, $64-80
	NO_LOCAL_POINTERS
	MOVQ code+0(FP), AX
	MOVQ first+8(FP), BX
	MOVQ mem+16(FP), R12
	MOVQ base+24(FP), R13
	MOVQ stackEnd+32(FP), R10
	MOVQ budget+40(FP), R15
	CALL AX
	MOVQ R13, newBase+48(FP)
	MOVQ R15, left+56(FP)
	MOVQ CX, pc+64(FP)
	MOVQ AX, how+72(FP)
	RET
