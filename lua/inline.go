package lua

// Inline names a builtin that is done in place for the commonest arguments: what
// the Func does is then the same.
type Inline uint8

// What run knows itself. None of these allocates, calls, fails or returns nil.
const (
	inlineYield   Inline = iota + 1 // these three are what switchThread does
	inlineResume                    // of coroutine.resume
	inlineWrapped                   // the function that coroutine.wrap makes
	InlineFloor
	InlineCeil
	InlineAbs
	InlineSqrt
	InlineMax
	InlineMin
	InlineByte
	InlineLen
	InlineType
	InlineBand
	InlineBor
	InlineBxor
	InlineLshift
	InlineRshift
	InlineArshift
	InlineTobit
	InlineBnot
)

// What inPlace knows. None of these calls or fails.
const (
	InlineTostring Inline = iota + InlineBnot + 1
	InlineTonumber
	InlineAssert
	InlineRawequal
	InlineRawget
	InlineNext
	InlinePairs
	InlineIpairs
	InlineGetmetatable
	InlineSetmetatable
	InlineSelect
	InlineUnpack
	InlineInsert
	InlineChar
	InlineSub
	InlineLower
	InlineUpper
)

// Inlined declares that the builtin id is the one that in names, and returns
// id. Like Register it is meant for package-level variables.
func Inlined(id BuiltinID, in Inline) BuiltinID {
	builtins[id].inline = in
	return id
}

// inlineTypes are the types that InlineType tells: 0 is a number, the others
// are the low bits of a Value's tag.
var inlineTypes = [8]Type{
	TypeNumber,
	tagFunction & 7:       TypeFunction,
	tagTable & 7:          TypeTable,
	tagString & 7:         TypeString,
	True >> tagShift & 7:  TypeBoolean,
	False >> tagShift & 7: TypeBoolean,
	Nil >> tagShift & 7:   TypeNil,
}

// bitBias moves the integer part of a number, rounded to even, to the low end
// of the mantissa: so LuaJIT makes 32 bits of it.
const bitBias = 1<<52 + 1<<51
