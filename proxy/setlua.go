package proxy

import (
	"moonring/lua"
	"moonring/proxy/phase"
)

// set_by_lua*: Lua that computes a variable, among the directives of the rewrite module. It can't wait.

// setByLua runs one. It reports false if that failed.
func (r *Request) setByLua(i *instruction) bool {
	r.setBuf, r.setEnds = r.setBuf[:0], r.setEnds[:0]
	for k := range i.luaArgs {
		r.setBuf = r.appendTemplate(r.setBuf, &i.luaArgs[k])
		r.setEnds = append(r.setEnds, len(r.setBuf))
	}
	if !r.callLua(phase.Set, i.lua) {
		return false
	}
	if i.slot < 0 {
		r.SetArgs(r.setBuf)
	} else {
		r.setUser(i.slot, r.setBuf)
	}
	return true
}

// SetArgument is argument i, from 1, of the set_by_lua* under way; ok is false if it is empty or there is none.
func (r *Request) SetArgument(i int) (value []byte, ok bool) {
	if i < 1 || i > len(r.setEnds) {
		return nil, false
	}
	from := 0
	if i > 1 {
		from = r.setEnds[i-2]
	}
	value = r.setBuf[from:r.setEnds[i-1]]
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
