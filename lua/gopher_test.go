package lua_test

import (
	"bytes"
	"context"
	"strings"
	"time"

	gopher "github.com/yuin/gopher-lua"

	"moonring/lua/difftest"
)

// runGopher gives what a program prints on gopher-lua, which is written by others, in another way, and has other faults than LuaJIT.
func runGopher(p difftest.Chunk) ([]byte, error) {
	l := gopher.NewState(gopher.Options{CallStackSize: 512, RegistrySize: 1024 * 64})
	defer l.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	l.SetContext(ctx)
	var out bytes.Buffer
	l.SetGlobal("print", l.NewFunction(func(l *gopher.LState) int {
		for i := 1; i <= l.GetTop(); i++ {
			if i > 1 {
				out.WriteByte('\t')
			}
			out.WriteString(l.ToStringMeta(l.Get(i)).String())
		}
		out.WriteByte('\n')
		return 0
	}))
	prelude, err := l.Load(strings.NewReader(difftest.Prelude), "prelude")
	if err != nil {
		return nil, err
	}
	if err := l.CallByParam(gopher.P{Fn: prelude, Protect: true}); err != nil {
		return nil, err
	}
	text := gopher.LValue(gopher.LNil)
	fn, err := l.Load(strings.NewReader(p.Source), "p")
	chunk := gopher.LValue(fn)
	if err != nil {
		chunk, text = gopher.LNil, gopher.LString(err.Error())
	}
	err = l.CallByParam(gopher.P{Fn: l.GetGlobal("run"), Protect: true}, chunk, text, gopher.LString(p.How))
	if err == nil {
		err = ctx.Err()
	}
	return out.Bytes(), err
}
