// Package bytecode is the contract between the Lua compiler and the VM: the
// instruction set, the layout of an instruction word, and Proto, the compiled
// form of one function. It is plain data: no arena, no I/O.
//
// An instruction is one 64-bit word:
//
//	 63                              32 31    24 23    16 15     8 7      0
//	+----------------------------------+--------+--------+--------+--------+
//	|           D (int32)              |   C    |   B    |   A    |   op   |
//	+----------------------------------+--------+--------+--------+--------+
//	|  K (uint16)     |  J (int16)     |   some operations split D in two
//	+-----------------+----------------+
//	 63             48 47            32
//
// Registers are numbered from the frame's base, 0..FrameSize-1, at most 249.
// Constants lie in front of the code, constant 0 next to it, in 64-bit words:
//
//	... K[2] K[1] K[0] [info] code[0] code[1] ...
//
// so the constant k is reached from the instruction at index i by going back
// i + k + 2 words (KDist). That distance is what LOADK, CLOSURE and the
// number operands hold in D, and table access by a constant string holds in
// the K half, where it must fit 16 bits; beyond that the compiler loads the
// constant into a register first, or uses GGETF and GSETF for globals. The
// word between constants and code is the VM's own (parameter count, frame
// size, a place for a native entry).
//
// Jumps are relative to the instruction after the jump, in instructions.
// Every backward jump is LOOP, FORL, FORLP or ITERL: these alone count down
// the budget, and so no loop can run without it.
//
// Verify checks a Proto against all of this; String shows one; Dump and Undump
// turn it into bytes and back.
package bytecode
