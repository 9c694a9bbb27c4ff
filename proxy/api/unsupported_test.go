package api

import (
	"strings"
	"testing"
)

func TestEveryFunctionIsThere(t *testing.T) {
	var code strings.Builder
	code.WriteString("local n = 0 ")
	for name := range strings.FieldsSeq(functions) {
		code.WriteString("assert(type(" + name + ") == 'function', '" + name + "') n = n + 1 ")
	}
	code.WriteString("ngx.say(n > 80)")
	runCases(t, []requestCase{
		{code: code.String(), want: "true"},
		{code: `ngx.say(pcall(ngx.run_worker_thread, "/")) ngx.say(select(2, pcall(function() ngx.run_worker_thread() end)))`,
			want: "falsengx.run_worker_thread is not supported yet\nt:1: ngx.run_worker_thread is not supported yet"},
		{code: `package.path = "/nowhere/?.lua" ngx.say(select(2, pcall(require, "ngx.pipe")):match("^[^\n]*"))`, want: "module 'ngx.pipe' not found:"},
	})
}
