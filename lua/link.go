package lua

// A frame begins at its base:
//
//	base[-2]  the function
//	base[-1]  the link: how to go on when the function returns
//	base[0].. registers of a Lua function, arguments of a builtin
//
// A link is a word that the collector takes for a small number:
//
//	 63            40 39    32 31                    0
//	+----------------+--------+-----------------------+
//	|     delta      |  kind  |    return pc (ref)    |
//	+----------------+--------+-----------------------+
//
// kind linkLua is 0, so that a return to Lua code is one test. Its caller's
// base follows from operand A of the call instruction in front of the return
// pc; for the other kinds delta says how many slots the caller's base is below.
const (
	linkLua       = iota // back to the call instruction of a Lua function
	linkVararg           // the same function's frame, below the variable arguments
	linkMeta             // a metamethod: finish the instruction with the first result
	linkMetaNot          // the same for __lt in place of __le: the result is negated
	linkMetaCat          // __concat: base[-3] says where the result goes
	linkBuiltin          // delta slots down is a builtin's frame, which returns what this one does
	linkPcall            // delta slots down is pcall's own frame
	linkXpcall           // xpcall's, with the handler in its first slot
	linkNested           // end of a nested run: return to the builtin that called
	linkFinalizer        // the same, and no message handler sees an error in it
	linkThread           // bottom of a thread
)

func makeLink(kind, delta int, pc ref) Value {
	return Value(uint64(delta)<<40 | uint64(kind)<<32 | uint64(pc))
}

func linkKind(l Value) int  { return int(uint8(l >> 32)) }
func linkDelta(l Value) int { return int(l >> 40) }
func linkPC(l Value) ref    { return ref(l) }
