package lib

import (
	"math"

	"moonring/lua"
	"moonring/lua/libm"
)

var (
	mathAbsID        = lua.Inlined(lua.Register("abs", mathAbs), lua.InlineAbs)
	mathAcosID       = lua.Register("acos", mathAcos)
	mathAsinID       = lua.Register("asin", mathAsin)
	mathAtanID       = lua.Register("atan", mathAtan)
	mathAtan2ID      = lua.Register("atan2", mathAtan2)
	mathCeilID       = lua.Inlined(lua.Register("ceil", mathCeil), lua.InlineCeil)
	mathCosID        = lua.Register("cos", mathCos)
	mathCoshID       = lua.Register("cosh", mathCosh)
	mathDegID        = lua.Register("deg", mathDeg)
	mathExpID        = lua.Register("exp", mathExp)
	mathFloorID      = lua.Inlined(lua.Register("floor", mathFloor), lua.InlineFloor)
	mathFmodID       = lua.Register("fmod", mathFmod)
	mathFrexpID      = lua.Register("frexp", mathFrexp)
	mathLdexpID      = lua.Register("ldexp", mathLdexp)
	mathLogID        = lua.Register("log", mathLog)
	mathLog10ID      = lua.Register("log10", mathLog10)
	mathMaxID        = lua.Inlined(lua.Register("max", mathMax), lua.InlineMax)
	mathMinID        = lua.Inlined(lua.Register("min", mathMin), lua.InlineMin)
	mathModfID       = lua.Register("modf", mathModf)
	mathPowID        = lua.Register("pow", mathPow)
	mathRadID        = lua.Register("rad", mathRad)
	mathRandomID     = lua.Register("random", mathRandom)
	mathRandomseedID = lua.Register("randomseed", mathRandomseed)
	mathSinID        = lua.Register("sin", mathSin)
	mathSinhID       = lua.Register("sinh", mathSinh)
	mathSqrtID       = lua.Inlined(lua.Register("sqrt", mathSqrt), lua.InlineSqrt)
	mathTanID        = lua.Register("tan", mathTan)
	mathTanhID       = lua.Register("tanh", mathTanh)
)

func openMath(vm *lua.VM) {
	t := newLib(vm, "math", []fn{
		{"abs", mathAbsID}, {"acos", mathAcosID}, {"asin", mathAsinID}, {"atan", mathAtanID}, {"atan2", mathAtan2ID},
		{"ceil", mathCeilID}, {"cos", mathCosID}, {"cosh", mathCoshID}, {"deg", mathDegID}, {"exp", mathExpID},
		{"floor", mathFloorID}, {"fmod", mathFmodID}, {"frexp", mathFrexpID}, {"ldexp", mathLdexpID}, {"log", mathLogID},
		{"log10", mathLog10ID}, {"max", mathMaxID}, {"min", mathMinID}, {"modf", mathModfID}, {"pow", mathPowID},
		{"rad", mathRadID}, {"sin", mathSinID}, {"sinh", mathSinhID}, {"sqrt", mathSqrtID}, {"tan", mathTanID}, {"tanh", mathTanhID},
	})
	state := newRandom(vm)
	setFuncs(vm, t, []fn{{"random", mathRandomID}, {"randomseed", mathRandomseedID}}, state)
	vm.SetField(t, "pi", lua.Number(math.Pi))
	vm.SetField(t, "huge", lua.Number(math.Inf(1)))
}

// math1 applies f to the one argument.
func math1(c *lua.Call, f func(float64) float64) lua.Ret {
	x, ok := c.CheckNumber(1)
	if !ok {
		return lua.Fail
	}
	return c.ReturnNumber(f(x))
}

// math2 applies f to two arguments.
func math2(c *lua.Call, f func(x, y float64) float64) lua.Ret {
	x, ok := c.CheckNumber(1)
	if !ok {
		return lua.Fail
	}
	y, ok := c.CheckNumber(2)
	if !ok {
		return lua.Fail
	}
	return c.ReturnNumber(f(x, y))
}

func mathAcos(c *lua.Call) lua.Ret  { return math1(c, libm.Acos) }
func mathAsin(c *lua.Call) lua.Ret  { return math1(c, libm.Asin) }
func mathAtan(c *lua.Call) lua.Ret  { return math1(c, libm.Atan) }
func mathAtan2(c *lua.Call) lua.Ret { return math2(c, libm.Atan2) }
func mathCos(c *lua.Call) lua.Ret   { return math1(c, libm.Cos) }
func mathCosh(c *lua.Call) lua.Ret  { return math1(c, libm.Cosh) }
func mathExp(c *lua.Call) lua.Ret   { return math1(c, libm.Exp) }
func mathFmod(c *lua.Call) lua.Ret  { return math2(c, math.Mod) }
func mathPow(c *lua.Call) lua.Ret   { return math2(c, libm.Pow) }
func mathSin(c *lua.Call) lua.Ret   { return math1(c, libm.Sin) }
func mathSinh(c *lua.Call) lua.Ret  { return math1(c, libm.Sinh) }
func mathTan(c *lua.Call) lua.Ret   { return math1(c, libm.Tan) }
func mathTanh(c *lua.Call) lua.Ret  { return math1(c, libm.Tanh) }

func mathAbs(c *lua.Call) lua.Ret {
	if v := c.Arg(1); v.IsNumber() {
		return c.ReturnNumber(math.Abs(v.Float()))
	}
	return math1(c, math.Abs)
}

func mathFloor(c *lua.Call) lua.Ret {
	if v := c.Arg(1); v.IsNumber() {
		return c.ReturnNumber(math.Floor(v.Float()))
	}
	return math1(c, math.Floor)
}

func mathCeil(c *lua.Call) lua.Ret {
	if v := c.Arg(1); v.IsNumber() {
		return c.ReturnNumber(math.Ceil(v.Float()))
	}
	return math1(c, math.Ceil)
}

func mathSqrt(c *lua.Call) lua.Ret {
	if v := c.Arg(1); v.IsNumber() {
		return c.ReturnNumber(math.Sqrt(v.Float()))
	}
	return math1(c, math.Sqrt)
}

func mathDeg(c *lua.Call) lua.Ret { return scale(c, "deg", 180/math.Pi) }
func mathRad(c *lua.Call) lua.Ret { return scale(c, "rad", math.Pi/180) }

// scale multiplies the argument by f. LuaJIT has its callers in Lua, which
// shows in the error.
func scale(c *lua.Call, name string, f float64) lua.Ret {
	x, ok := c.VM().ToNumber(c.Arg(1))
	if !ok {
		return c.ThrowString("[builtin:" + name + "]:0: attempt to perform arithmetic on a " + c.VM().TypeName(c.Arg(1)) + " value")
	}
	return c.ReturnNumber(x * f)
}

func mathLog10(c *lua.Call) lua.Ret { return math1(c, libm.Log10) }

func mathLog(c *lua.Call) lua.Ret {
	x, ok := c.CheckNumber(1)
	if !ok {
		return lua.Fail
	}
	if c.NArgs() < 2 {
		return c.ReturnNumber(libm.Log(x))
	}
	y, ok := c.CheckNumber(2)
	if !ok {
		return lua.Fail
	}
	// LuaJIT multiplies by the inverse.
	return c.ReturnNumber(libm.Log2(x) * (1 / libm.Log2(y)))
}

// max and min are SSE's: the second operand if they compare unordered or equal.
func mathMax(c *lua.Call) lua.Ret {
	if a, b := c.Arg(1), c.Arg(2); c.NArgs() == 2 && a.IsNumber() && b.IsNumber() {
		if a.Float() > b.Float() {
			return c.Return1(a)
		}
		return c.Return1(b)
	}
	m, ok := c.CheckNumber(1)
	for i := 2; ok && i <= c.NArgs(); i++ {
		var x float64
		x, ok = c.CheckNumber(i)
		if !(m > x) {
			m = x
		}
	}
	if !ok {
		return lua.Fail
	}
	return c.ReturnNumber(m)
}

func mathMin(c *lua.Call) lua.Ret {
	if a, b := c.Arg(1), c.Arg(2); c.NArgs() == 2 && a.IsNumber() && b.IsNumber() {
		if a.Float() < b.Float() {
			return c.Return1(a)
		}
		return c.Return1(b)
	}
	m, ok := c.CheckNumber(1)
	for i := 2; ok && i <= c.NArgs(); i++ {
		var x float64
		x, ok = c.CheckNumber(i)
		if !(m < x) {
			m = x
		}
	}
	if !ok {
		return lua.Fail
	}
	return c.ReturnNumber(m)
}

func mathModf(c *lua.Call) lua.Ret {
	x, ok := c.CheckNumber(1)
	if !ok {
		return lua.Fail
	}
	whole := math.Trunc(x)
	frac := x - whole
	if math.IsInf(x, 0) {
		frac = 0
	}
	return c.Return2(lua.Number(whole), lua.Number(math.Copysign(frac, x)))
}

func mathFrexp(c *lua.Call) lua.Ret {
	x, ok := c.CheckNumber(1)
	if !ok {
		return lua.Fail
	}
	m, e := math.Frexp(x)
	return c.Return2(lua.Number(m), lua.Int(e))
}

func mathLdexp(c *lua.Call) lua.Ret {
	x, ok := c.CheckNumber(1)
	if !ok {
		return lua.Fail
	}
	e, ok := c.CheckNumber(2)
	if !ok {
		return lua.Fail
	}
	if e-e != 0 { // NaN, or the power is infinite or 0
		return c.ReturnNumber(x * math.Exp2(e))
	}
	// More than any exponent, and far from overflowing inside Ldexp.
	return c.ReturnNumber(math.Ldexp(x, int(max(min(e, 1<<20), -(1<<20)))))
}
