package difftest

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var (
	randomSeed  = flag.Uint64("seed", 1, "of the random programs")
	randomCount = flag.Int("programs", 300, "how many random programs are run")
	randomShow  = flag.Int("show", 5, "how many programs that differ are shown")
)

// TestRandom runs random programs on LuaJIT and on our engine and compares what they print, errors included.
func TestRandom(t *testing.T) {
	luajit, err := FindLuaJIT()
	if err != nil {
		t.Fatal(err)
	}
	const batch = 150
	dir := t.TempDir()
	differing := 0
	for first := 0; first < *randomCount; first += batch {
		var src strings.Builder
		src.WriteString(Prelude)
		programs := map[string]string{}
		for i := first; i < min(first+batch, *randomCount); i++ {
			p := Program(NewSource(*randomSeed, uint64(i)))
			id := fmt.Sprintf("%d/%d", *randomSeed, i)
			programs[id] = p
			fmt.Fprintf(&src, "run(%q, [==[\n%s]==])\n", id, p)
		}
		s := Script{Name: "random", Dir: dir, File: "random.lua", Source: []byte(src.String())}
		if err := os.WriteFile(filepath.Join(dir, s.File), s.Source, 0o644); err != nil {
			t.Fatal(err)
		}
		want, err := luajit.Run(s)
		if err != nil {
			t.Fatal(err)
		}
		got, err := RunEngine(s)
		if err != nil {
			t.Fatal(err)
		}
		w, g := splitPrograms(want.Golden()), splitPrograms(got.Golden())
		for id, text := range programs {
			if d := Diff([]byte(w[id]), []byte(g[id])); d != "" {
				if differing++; differing <= *randomShow {
					t.Errorf("program %s: %s\n%s", id, d, text)
				}
			}
		}
	}
	if differing > 0 {
		t.Errorf("%d of %d programs differ", differing, *randomCount)
	}
}

// splitPrograms divides the output by program.
func splitPrograms(out []byte) map[string]string {
	parts := map[string]string{}
	for _, part := range bytes.Split(out, []byte("program "))[1:] {
		id, rest, _ := bytes.Cut(part, []byte("\n"))
		parts[string(id)] = string(rest)
	}
	return parts
}
