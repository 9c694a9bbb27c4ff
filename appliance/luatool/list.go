package luatool

import (
	"bufio"
	"fmt"

	"moonring/lua"
	"moonring/lua/compile"
)

// listAll writes the bytecode of the chunks and the script.
func (t *tool) listAll() int {
	out := bufio.NewWriter(t.stdout)
	defer out.Flush()
	one := func(source []byte, chunk string) int {
		p, err := compile.Compile(source, chunk)
		if err != nil {
			return t.fail("%v", err)
		}
		fmt.Fprintf(out, "%s\n%s", compile.ChunkID(chunk), p)
		return 0
	}
	for _, chunk := range t.chunks {
		if code := one([]byte(chunk), "=(command line)"); code != 0 {
			return code
		}
	}
	if t.script == len(t.args) {
		if len(t.chunks) == 0 {
			return t.fail("nothing to list")
		}
		return 0
	}
	text, chunk, err := t.source()
	if err != nil {
		return t.failFile("open", err)
	}
	return one(lua.SkipShebang(text), chunk)
}
