package api

import (
	"bytes"

	"moonring/lua"
	"moonring/proxy"
	"moonring/proxy/conf"
)

// ngx.header and ngx.resp.get_headers.

var (
	headerIndexID    = lua.RegisterPure("header_index", headerIndex)
	headerNewindexID = lua.Register("header_newindex", headerNewindex)
	respHeadersID    = lua.RegisterPure("get_headers", respGetHeaders)
)

// headerValuesMax is how many values of one header ngx.header returns.
const headerValuesMax = 100

func openHeader(vm *lua.VM, ngx, headersMeta lua.Value) {
	header := vm.NewTable(0, 0)
	magic(vm, header, headerIndexID, headerNewindexID)
	vm.SetField(ngx, "header", header)
	resp := vm.NewTable(0, 1)
	vm.SetField(resp, "get_headers", vm.Builtin(respHeadersID, headersMeta))
	vm.SetField(ngx, "resp", resp)
}

// headerName is argument i as a header's name, with dashes for underscores, unless the location says otherwise; buf is for the changed one.
func headerName(c *lua.Call, r *proxy.Request, i int, buf []byte) ([]byte, bool) {
	v, ok := tostring(c, c.Arg(i))
	if !ok {
		return nil, false
	}
	name := c.VM().Bytes(v)
	u := bytes.IndexByte(name, '_')
	if u < 0 || !r.Loc.LuaTransformUnderscores {
		return name, true
	}
	buf = append(buf, name...)
	for j := u; j < len(buf); j++ {
		if buf[j] == '_' {
			buf[j] = '-'
		}
	}
	return buf, true
}

// headerIndex is ngx.header[name]: nil, a string, or a list of strings.
func headerIndex(c *lua.Call) lua.Ret {
	r := anyRequest(c)
	if r == nil {
		return lua.Fail
	}
	var buf [64]byte
	name, ok := headerName(c, r, 2, buf[:0])
	if !ok {
		return lua.Fail
	}
	vm := c.VM()
	var list lua.Value = lua.Nil
	first := lua.Nil
	n := 0
	for at := 0; n < headerValuesMax; {
		value, next, ok := r.NextHeader(name, at)
		if !ok {
			break
		}
		v := vm.NewString(value)
		if v.IsNil() {
			return c.MemoryError()
		}
		switch n++; n {
		case 1:
			first = v
		case 2:
			if list = vm.NewTable(4, 0); list.IsNil() || !vm.RawSetInt(list, 1, first) {
				return c.MemoryError()
			}
			fallthrough
		default:
			if !vm.RawSetInt(list, n, v) {
				return c.MemoryError()
			}
		}
		at = next
	}
	if n > 1 {
		return c.Return1(list)
	}
	return c.Return1(first)
}

// headerNewindex is ngx.header[name] = value: nil removes, a table gives several values.
func headerNewindex(c *lua.Call) lua.Ret { return changeHeader(c, 2, false) }

// respAddHeader is add_header(name, value) of the module ngx.resp.
func respAddHeader(c *lua.Call) lua.Ret {
	if c.Arg(2).IsNil() {
		return c.Errorf("invalid header value")
	}
	return changeHeader(c, 1, true)
}

// changeHeader sets the header whose name is argument i, or with add adds to it, what the argument behind that says.
func changeHeader(c *lua.Call, i int, add bool) lua.Ret {
	r := anyRequest(c)
	if r == nil {
		return lua.Fail
	}
	var buf [64]byte
	name, ok := headerName(c, r, i, buf[:0])
	if !ok {
		return lua.Fail
	}
	vm := c.VM()
	value := c.Arg(i + 1)
	if value.IsTable() {
		return setHeaderList(c, r, name, value, add)
	}
	var text []byte
	if !value.IsNil() {
		if value.IsNumber() {
			var digits [32]byte
			return setHeaderText(c, r, name, appendNumber(digits[:0], value.Float()), add)
		}
		v, ok := tostring(c, value)
		if !ok {
			return lua.Fail
		}
		text = vm.Bytes(v)
	}
	return setHeaderText(c, r, name, text, add)
}

func setHeaderText(c *lua.Call, r *proxy.Request, name, value []byte, add bool) lua.Ret {
	if r.HeaderSent {
		return headerTooLate(c, r)
	}
	if len(name) == 0 {
		return c.Return() // as in lua-nginx: its hash is that of a removed header
	}
	if !putHeader(r, name, value, add) {
		return c.Errorf("failed to set header")
	}
	return c.Return()
}

// putHeader sets a header, or with add adds one; false if it can't be.
func putHeader(r *proxy.Request, name, value []byte, add bool) bool {
	if len(value) > 0 && isContentLength(name) && !allDigits(value) {
		return false
	}
	if add {
		return r.AddHeader(name, value)
	}
	return r.SetHeader(name, value)
}

func setHeaderList(c *lua.Call, r *proxy.Request, name []byte, list lua.Value, add bool) lua.Ret {
	vm := c.VM()
	n := vm.RawLen(list)
	// All become strings first: a __tostring may do anything.
	if !makeStrings(c, list, n) {
		return lua.Fail
	}
	if r.HeaderSent {
		return headerTooLate(c, r)
	}
	if n == 0 || len(name) == 0 {
		if !add {
			r.DeleteHeader(name)
		}
		return c.Return()
	}
	for i := 1; i <= n; i++ {
		if !putHeader(r, name, vm.Bytes(vm.RawGetInt(list, i)), add || i > 1) {
			return c.Errorf("failed to set header")
		}
	}
	return c.Return()
}

func headerTooLate(c *lua.Call, r *proxy.Request) lua.Ret {
	r.Log(conf.Err, "attempt to set ngx.header.HEADER after sending out response headers")
	return c.Return()
}

func isContentLength(name []byte) bool {
	return len(name) == len("content-length") && bytes.EqualFold(name, []byte("content-length"))
}

func allDigits(b []byte) bool {
	for _, ch := range b {
		if ch < '0' || ch > '9' {
			return false
		}
	}
	return len(b) <= 18 // what fits an off_t
}

// respGetHeaders is ngx.resp.get_headers(max, raw); upvalue 1 is the metatable of the result.
func respGetHeaders(c *lua.Call) lua.Ret {
	limit := argsMax
	if !c.Arg(1).IsNil() {
		var ok bool
		if limit, ok = c.CheckInt(1); !ok {
			return lua.Fail
		}
	}
	raw := c.Arg(2).Truthy()
	r := anyRequest(c)
	if r == nil {
		return lua.Fail
	}
	vm := c.VM()
	n := r.NHeaders()
	t := vm.NewTable(0, n+4)
	if t.IsNil() {
		return c.MemoryError()
	}
	if !raw {
		vm.SetMetatable(t, c.Upvalue(1))
	}
	extra := 0
	for _, own := range [...]string{"content-type", "content-length"} {
		value, _, ok := r.NextHeader([]byte(own), 0)
		if !ok || own == "content-length" && hasHeader(r, own) {
			continue // the list has it
		}
		extra++
		if !addMulti(c, t, vm.NewStringS(own), vm.NewString(value)) {
			return lua.Fail
		}
	}
	extra++
	connection := "close"
	switch {
	case r.CurrentStatus() == 101:
		connection = "upgrade"
	case r.KeepAlive():
		connection = "keep-alive"
	}
	if !addMulti(c, t, vm.NewStringS("connection"), vm.NewStringS(connection)) {
		return lua.Fail
	}
	if r.Chunked() {
		extra++
		if !addMulti(c, t, vm.NewStringS("transfer-encoding"), vm.NewStringS("chunked")) {
			return lua.Fail
		}
	}
	total := n + extra
	truncated := limit > 0 && total > limit
	if truncated {
		n = max(limit-extra, min(1, n)) // lua-nginx looks at its count after the first
	}
	for i := range n {
		name, value := r.HeaderAt(i)
		if !addHeader(c, t, name, value, raw) {
			return lua.Fail
		}
	}
	if truncated {
		return returnTruncated(c, t, "lua exceeding response header limit %d > %d", total, limit)
	}
	return c.Return1(t)
}

func hasHeader(r *proxy.Request, lower string) bool {
	for i := range r.NHeaders() {
		if name, _ := r.HeaderAt(i); bytes.EqualFold(name, []byte(lower)) {
			return true
		}
	}
	return false
}

// addHeader adds a header to a table of headers, its name in small letters unless raw.
func addHeader(c *lua.Call, t lua.Value, name, value []byte, raw bool) bool {
	if !c.Charge(len(name) + len(value)/8 + 50) {
		return false
	}
	var buf [64]byte
	if !raw {
		name = lower(buf[:0], name)
	}
	vm := c.VM()
	return addMulti(c, t, vm.NewString(name), vm.NewString(value))
}

// lower returns s in small letters: s itself if it is already, else what it appended to buf.
func lower(buf, s []byte) []byte {
	for i, ch := range s {
		if ch-'A' < 26 {
			buf = append(buf, s...)
			for ; i < len(buf); i++ {
				if buf[i]-'A' < 26 {
					buf[i] |= 0x20
				}
			}
			return buf
		}
	}
	return s
}
