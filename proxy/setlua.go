package proxy

import (
	"moonring/lua"
	"moonring/proxy/phase"
)

// set_by_lua*: Lua that computes a variable, among the directives of the rewrite module. It can't wait.

// setByLua runs one. It reports false if that failed.
func (r *Request) setByLua(i *instruction) bool {
	r.setBuf, r.setEnds = r.appendPieces(r.setBuf[:0], r.setEnds[:0], i.luaArgs)
	if !r.callLua(phase.Set, i.lua) {
		return false
	}
	r.assign(i.slot, r.setBuf)
	return true
}

// SetArgument is argument i, from 1, of the set_by_lua* under way; ok is false if it is empty or there is none.
func (r *Request) SetArgument(i int) (value []byte, ok bool) {
	if i < 1 || i > len(r.setEnds) {
		return nil, false
	}
	value = piece(r.setBuf, r.setEnds, i-1)
	return value, len(value) > 0
}

// setResult keeps what the code returned: text of a string or number, otherwise nothing.
func (r *Request) setResult(v lua.Value) {
	vm := r.Worker.VM
	r.setBuf, r.setEnds = r.setBuf[:0], r.setEnds[:0]
	if v.IsString() || v.IsNumber() {
		r.setBuf = vm.AppendText(r.setBuf, v)
	}
}
