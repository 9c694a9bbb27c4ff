package lib

import (
	"math"
	"math/bits"

	"moonring/lua"
)

// The bit library: operations on 32-bit integers.

var (
	bitArshiftID = lua.Inlined(lua.Register("arshift", bitArshift), lua.InlineArshift)
	bitBandID    = lua.Inlined(lua.Register("band", bitBand), lua.InlineBand)
	bitBnotID    = lua.Inlined(lua.Register("bnot", bitBnot), lua.InlineBnot)
	bitBorID     = lua.Inlined(lua.Register("bor", bitBor), lua.InlineBor)
	bitBswapID   = lua.Register("bswap", bitBswap)
	bitBxorID    = lua.Inlined(lua.Register("bxor", bitBxor), lua.InlineBxor)
	bitLshiftID  = lua.Inlined(lua.Register("lshift", bitLshift), lua.InlineLshift)
	bitRolID     = lua.Register("rol", bitRol)
	bitRorID     = lua.Register("ror", bitRor)
	bitRshiftID  = lua.Inlined(lua.Register("rshift", bitRshift), lua.InlineRshift)
	bitTobitID   = lua.Inlined(lua.Register("tobit", bitTobit), lua.InlineTobit)
	bitTohexID   = lua.RegisterPure("tohex", bitTohex)
)

func openBit(vm *lua.VM) {
	newLib(vm, "bit", []fn{
		{"arshift", bitArshiftID}, {"band", bitBandID}, {"bnot", bitBnotID}, {"bor", bitBorID}, {"bswap", bitBswapID},
		{"bxor", bitBxorID}, {"lshift", bitLshiftID}, {"rol", bitRolID}, {"ror", bitRorID}, {"rshift", bitRshiftID},
		{"tobit", bitTobitID}, {"tohex", bitTohexID},
	})
}

// toBits converts as LuaJIT does: the bias shifts the integer part, rounded to
// even, to the low end of the mantissa. So it wraps up to 2^51 and means
// little beyond.
func toBits(f float64) uint32 {
	if f != f {
		return 0
	}
	const bias = 1<<52 + 1<<51
	return uint32(math.Float64bits(f + bias))
}

// checkBits returns argument i as 32 bits.
func checkBits(c *lua.Call, i int) (uint32, bool) {
	if v := c.Arg(i); v.IsNumber() {
		return toBits(v.Float()), true
	}
	f, ok := c.CheckNumber(i)
	return toBits(f), ok
}

func returnBits(c *lua.Call, x uint32) lua.Ret { return c.ReturnInt(int(int32(x))) }

func bitTobit(c *lua.Call) lua.Ret {
	x, ok := checkBits(c, 1)
	if !ok {
		return lua.Fail
	}
	return returnBits(c, x)
}

func bitBnot(c *lua.Call) lua.Ret {
	x, ok := checkBits(c, 1)
	if !ok {
		return lua.Fail
	}
	return returnBits(c, ^x)
}

func bitBswap(c *lua.Call) lua.Ret {
	x, ok := checkBits(c, 1)
	if !ok {
		return lua.Fail
	}
	return returnBits(c, bits.ReverseBytes32(x))
}

func bitBand(c *lua.Call) lua.Ret {
	x, ok := checkBits(c, 1)
	for i := 2; ok && i <= c.NArgs(); i++ {
		var y uint32
		y, ok = checkBits(c, i)
		x &= y
	}
	if !ok {
		return lua.Fail
	}
	return returnBits(c, x)
}

func bitBor(c *lua.Call) lua.Ret {
	x, ok := checkBits(c, 1)
	for i := 2; ok && i <= c.NArgs(); i++ {
		var y uint32
		y, ok = checkBits(c, i)
		x |= y
	}
	if !ok {
		return lua.Fail
	}
	return returnBits(c, x)
}

func bitBxor(c *lua.Call) lua.Ret {
	x, ok := checkBits(c, 1)
	for i := 2; ok && i <= c.NArgs(); i++ {
		var y uint32
		y, ok = checkBits(c, i)
		x ^= y
	}
	if !ok {
		return lua.Fail
	}
	return returnBits(c, x)
}

// shiftArgs returns the value and the count, of which five bits matter.
func shiftArgs(c *lua.Call) (x uint32, n uint, ok bool) {
	x, ok = checkBits(c, 1)
	if !ok {
		return 0, 0, false
	}
	y, ok := checkBits(c, 2)
	return x, uint(y & 31), ok
}

func bitLshift(c *lua.Call) lua.Ret {
	x, n, ok := shiftArgs(c)
	if !ok {
		return lua.Fail
	}
	return returnBits(c, x<<n)
}

func bitRshift(c *lua.Call) lua.Ret {
	x, n, ok := shiftArgs(c)
	if !ok {
		return lua.Fail
	}
	return returnBits(c, x>>n)
}

func bitArshift(c *lua.Call) lua.Ret {
	x, n, ok := shiftArgs(c)
	if !ok {
		return lua.Fail
	}
	return returnBits(c, uint32(int32(x)>>n))
}

func bitRol(c *lua.Call) lua.Ret {
	x, n, ok := shiftArgs(c)
	if !ok {
		return lua.Fail
	}
	return returnBits(c, bits.RotateLeft32(x, int(n)))
}

func bitRor(c *lua.Call) lua.Ret {
	x, n, ok := shiftArgs(c)
	if !ok {
		return lua.Fail
	}
	return returnBits(c, bits.RotateLeft32(x, -int(n)))
}

// tohexMax is how many digits LuaJIT writes at most, the others being zeros.
const tohexMax = 254

// bitTohex writes the last n hex digits of a number, 8 unless told; upper case
// if n is negative.
func bitTohex(c *lua.Call) lua.Ret {
	x, ok := checkBits(c, 1)
	if !ok {
		return lua.Fail
	}
	n := 8
	if c.NArgs() > 1 {
		y, ok := checkBits(c, 2)
		if !ok {
			return lua.Fail
		}
		n = int(int32(y))
	}
	digits := "0123456789abcdef"
	if n < 0 {
		n = -n
		digits = "0123456789ABCDEF"
	}
	n = min(n, tohexMax)
	var buf [tohexMax]byte
	for i := n - 1; i >= 0; i-- {
		buf[i] = digits[x&15]
		x >>= 4
	}
	return c.ReturnString(buf[:n])
}
