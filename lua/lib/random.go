package lib

import (
	"encoding/binary"
	"math"

	"moonring/lua"
)

// LuaJIT's generator: Tausworthe with a period of 2^223, of four linear
// feedback shift registers (P. L'Ecuyer, Tables of maximally-equidistributed
// combined LFSR generators, 1999, table 3). The same seed gives the same
// sequence as there. The state is userdata, so that it belongs to the VM's
// snapshot.

const randomSize = 4 * 8

// randomReg is the shape of one register: bits, shift and step.
type randomReg struct{ k, q, s uint }

var randomRegs = [4]randomReg{{63, 31, 18}, {58, 19, 28}, {55, 24, 7}, {47, 21, 8}}

func newRandom(vm *lua.VM) lua.Value {
	state := vm.NewUserdata(randomSize, lua.Nil)
	seedRandom(vm.UserdataBytes(state), 0)
	return state
}

// seedRandom fills the registers from multiples of d, each made big enough
// for its register, and throws the first ten numbers away.
func seedRandom(state []byte, d float64) {
	for i, r := range randomRegs {
		d = float64(d*math.Pi) + math.E
		u := math.Float64bits(d)
		if least := uint64(1) << (64 - r.k); u < least {
			u += least
		}
		binary.LittleEndian.PutUint64(state[i*8:], u)
	}
	for range 10 {
		nextRandom(state)
	}
}

// nextRandom steps all registers and returns 64 random bits.
func nextRandom(state []byte) uint64 {
	var x uint64
	for i, r := range randomRegs {
		p := state[i*8 : i*8+8]
		z := binary.LittleEndian.Uint64(p)
		z = (z<<r.q^z)>>(r.k-r.s) ^ z&(math.MaxUint64<<(64-r.k))<<r.s
		binary.LittleEndian.PutUint64(p, z)
		x ^= z
	}
	return x
}

// randomFloat returns a number in [0,1) of 52 random bits.
func randomFloat(state []byte) float64 {
	return math.Float64frombits(nextRandom(state)&(1<<52-1)|1023<<52) - 1
}

func mathRandom(c *lua.Call) lua.Ret {
	state := c.VM().UserdataBytes(c.Upvalue(1))
	if len(state) != randomSize {
		return c.Errorf("the state of math.random is lost")
	}
	d := randomFloat(state)
	if c.NArgs() == 0 {
		return c.ReturnNumber(d)
	}
	low, high := 1.0, 0.0
	x, ok := c.CheckNumber(1)
	if !ok {
		return lua.Fail
	}
	high = x
	if c.NArgs() > 1 {
		low = x
		if high, ok = c.CheckNumber(2); !ok {
			return lua.Fail
		}
		return c.ReturnNumber(math.Floor(d*(high-low+1)) + low)
	}
	return c.ReturnNumber(math.Floor(d*high) + low)
}

func mathRandomseed(c *lua.Call) lua.Ret {
	d, ok := c.CheckNumber(1)
	if !ok {
		return lua.Fail
	}
	state := c.VM().UserdataBytes(c.Upvalue(1))
	if len(state) != randomSize {
		return c.Errorf("the state of math.random is lost")
	}
	seedRandom(state, d)
	return c.Return()
}
