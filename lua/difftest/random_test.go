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
	differing, crashed := 0, 0
	var compare func(first, end int)
	compare = func(first, end int) {
		var src strings.Builder
		src.WriteString(Prelude)
		programs := map[string]string{}
		for i := first; i < end; i++ {
			p := Program(NewSource(*randomSeed, uint64(i)))
			id := fmt.Sprintf("%d/%d", *randomSeed, i)
			programs[id] = p
			fmt.Fprintf(&src, "run(%q, [==[\n%s]==])\n", id, p)
		}
		s := Script{Name: "random", Dir: dir, File: "random.lua", Source: []byte(src.String())}
		if err := os.WriteFile(filepath.Join(dir, s.File), s.Source, 0o644); err != nil {
			t.Fatal(err)
		}
		got, err := RunEngine(s)
		if err != nil {
			t.Fatal(err)
		}
		want, err := luajit.Run(s)
		switch {
		case err == nil:
		case !strings.Contains(err.Error(), "signal"):
			t.Fatal(err)
		case end-first > 1: // find the program that LuaJIT crashes on
			compare(first, (first+end)/2)
			compare((first+end)/2, end)
			return
		default:
			crashed++
			t.Logf("program %d/%d crashes LuaJIT: %v", *randomSeed, first, err)
			return
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
	for first := 0; first < *randomCount; first += batch {
		compare(first, min(first+batch, *randomCount))
	}
	if differing > 0 {
		t.Errorf("%d of %d programs differ", differing, *randomCount)
	}
	if crashed > *randomCount/1000 {
		t.Errorf("LuaJIT crashes on %d of %d programs", crashed, *randomCount)
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
