package api

import (
	"bytes"

	"moonring/lua"
	"moonring/proxy/conf"
	"moonring/proxy/phase"
)

// ngx.log, and print, which is ngx.log at the level notice.

var (
	logID   = lua.Register("log", ngxLog)
	printID = lua.Register("print", logPrint)
)

func ngxLog(c *lua.Call) lua.Ret {
	level, ok := c.CheckInt(1)
	if !ok {
		return lua.Fail
	}
	if level < int(conf.Stderr) || level > int(conf.Debug) {
		return c.ArgError(1, "bad log level: "+numberText(float64(int32(level))))
	}
	return logMessage(c, conf.Level(level), 2)
}

func logPrint(c *lua.Call) lua.Ret { return logMessage(c, conf.Note, 1) }

// logMessage logs the arguments from number first on, after the place of the call: "[lua] access.lua:4: f(): message".
// Below the log's level nothing of it is looked at.
func logMessage(c *lua.Call, level conf.Level, first int) lua.Ret {
	w := worker(c)
	r := w.Current
	if r != nil && !r.LogEnabled(level) || r == nil && !w.LogEnabled(level) {
		return c.Return()
	}
	b := take(256)
	b.b = append(b.b, "[lua] "...)
	start := len(b.b)
	var line int
	var name string
	b.b, line, name = c.AppendCaller(b.b)
	// Of a path only the last part.
	if i := bytes.LastIndexAny(b.b[start:], `/\`); i >= 0 {
		b.b = append(b.b[:start], b.b[start+i+1:]...)
	}
	b.b = appendNumber(append(b.b, ':'), float64(line))
	b.b = append(b.b, ": "...)
	if name != "" {
		b.b = append(append(b.b, name...), "(): "...)
	}
	for i := first; i <= c.NArgs(); i++ {
		if !appendLogged(c, b, i, i-first+1) {
			b.release()
			return lua.Fail
		}
	}
	if c.Charge(len(b.b)) {
		if p := w.CurrentPhase(); p == phase.InitWorker {
			b.b = append(append(b.b, ", context: "...), p.Context()...)
		}
		if r != nil {
			r.Log(level, string(b.b))
		} else {
			w.Log(level, string(b.b))
		}
	}
	b.release()
	return c.Return()
}

// appendLogged appends argument i, which errors call number n: lua-nginx has taken the level off by then.
func appendLogged(c *lua.Call, b *scratch, i, n int) bool {
	v := c.Arg(i)
	vm := c.VM()
	switch t := vm.TypeOf(v); t {
	case lua.TypeString:
		s := vm.Bytes(v)
		if !c.Charge(len(s)) {
			return false
		}
		b.b = append(b.b, s...)
	case lua.TypeNumber, lua.TypeNil, lua.TypeBoolean, lua.TypeLightUserdata:
		b.b, _ = appendSimple(b.b, v)
	case lua.TypeTable:
		if c.Metafield(v, "__tostring").IsNil() {
			c.ArgError(n, "expected table to have __tostring metamethod")
			return false
		}
		s, ok := tostring(c, v)
		if !ok {
			return false
		}
		b.b = append(b.b, vm.Bytes(s)...)
	default:
		c.ArgError(n, "string, number, boolean, or nil expected, got "+t.String())
		return false
	}
	return true
}
