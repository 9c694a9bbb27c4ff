package lua

import "math"

// Value is a Lua value: a NaN-boxed 64-bit word.
//
//	number          any double; the only NaN is 0xFFF8_0000_0000_0000
//	light userdata  0xFFF8 | 1<<47 | payload of 46 bits
//	thread,
//	userdata        0xFFF9 << 48 | ref   (the object's header tells which)
//	function        0xFFFA << 48 | ref
//	table           0xFFFB << 48 | ref
//	string          0xFFFC << 48 | ref
//	true            0xFFFD << 48
//	false           0xFFFE << 48
//	nil             all ones
//
// ref is the object's offset in the VM's arena in units of 8 bytes. So every
// number compares unsigned at most nanBits, and everything false is at least
// False. A Value never holds a Go pointer and is meaningless outside its VM.
type Value uint64

// ref is an offset in the arena in units of 8 bytes; 0 is no object.
type ref = uint32

const (
	tagShift = 48

	tagObject   = 0xFFF9
	tagFunction = 0xFFFA
	tagTable    = 0xFFFB
	tagString   = 0xFFFC

	nanBits   Value = 0xFFF8 << tagShift
	lightBits Value = 0xFFF8<<tagShift | 1<<47

	objectBits   Value = tagObject << tagShift
	functionBits Value = tagFunction << tagShift
	tableBits    Value = tagTable << tagShift
	stringBits   Value = tagString << tagShift

	// True, False and Nil are the primitive values.
	True  Value = 0xFFFD << tagShift
	False Value = 0xFFFE << tagShift
	Nil   Value = 0xFFFFFFFFFFFFFFFF

	// Null is the light userdata NULL, as ngx.null and cjson.null are.
	Null Value = lightBits
)

// Type is what type() tells apart.
type Type uint8

const (
	TypeNil Type = iota
	TypeBoolean
	TypeLightUserdata
	TypeNumber
	TypeString
	TypeTable
	TypeFunction
	TypeUserdata
	TypeThread
)

var typeNames = [...]string{"nil", "boolean", "userdata", "number", "string", "table", "function", "userdata", "thread"}

// String returns the name that type() gives.
func (t Type) String() string { return typeNames[t] }

// Number boxes f.
func Number(f float64) Value {
	if f != f {
		return nanBits
	}
	return Value(math.Float64bits(f))
}

// Int boxes i as a number.
func Int(i int) Value { return Value(math.Float64bits(float64(i))) }

// Bool boxes b.
func Bool(b bool) Value {
	if b {
		return True
	}
	return False
}

// Light boxes a 46-bit payload as light userdata. (Those with bit 46 set are
// the VM's own, see iterBits.)
func Light(payload uint64) Value { return lightBits | Value(payload&(1<<46-1)) }

func (v Value) isNumber() bool   { return v <= nanBits }
func (v Value) isString() bool   { return v>>tagShift == tagString }
func (v Value) isTable() bool    { return v>>tagShift == tagTable }
func (v Value) isFunction() bool { return v>>tagShift == tagFunction }
func (v Value) isObject() bool   { return v>>tagShift == tagObject }

// isRef tells whether v refers to an object of the arena.
func (v Value) isRef() bool { return v>>tagShift-tagObject <= tagString-tagObject }

func (v Value) ref() ref       { return ref(v) }
func (v Value) float() float64 { return math.Float64frombits(uint64(v)) }

// IsNil, IsNumber, IsString, IsTable and IsFunction tell v's type.
func (v Value) IsNil() bool      { return v == Nil }
func (v Value) IsNumber() bool   { return v <= nanBits }
func (v Value) IsString() bool   { return v.isString() }
func (v Value) IsTable() bool    { return v.isTable() }
func (v Value) IsFunction() bool { return v.isFunction() }
func (v Value) IsBool() bool     { return v == True || v == False }

// IsLight tells whether v is light userdata; Payload returns what Light got.
func (v Value) IsLight() bool   { return v>>47 == lightBits>>47 }
func (v Value) Payload() uint64 { return uint64(v) & (1<<47 - 1) }

// Truthy is false for nil and false, and true for everything else.
func (v Value) Truthy() bool { return v < False }

// Float returns the number that v holds; only meaningful if IsNumber.
func (v Value) Float() float64 { return v.float() }
