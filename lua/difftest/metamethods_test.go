package difftest

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// TestMetamethods compares every metamethod, with every pair of kinds of operands, in every place where an operator can stand, with LuaJIT:
// registers, upvalues, constants on either side, conditions of both polarities, chains.
func TestMetamethods(t *testing.T) {
	luajit, err := FindLuaJIT()
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile("metamethods.lua")
	if err != nil {
		t.Fatal(err)
	}
	parts := []string{"unary()", "indexing()", "calling()", "concats()", "others()"}
	for _, op := range []string{"+", "-", "*", "/", "%", "^", "..", "==", "~=", "<", "<=", ">", ">="} {
		if op == "%" {
			op = "%%" // as gsub takes it
		}
		parts = append(parts, fmt.Sprintf("constants(%q)", op))
		for first := 1; first < 24; first += 6 {
			parts = append(parts, fmt.Sprintf("binary(%q, %d, %d)", op, first, first+5))
		}
	}
	dir := t.TempDir()
	for i, part := range parts {
		t.Run(part, func(t *testing.T) {
			t.Parallel()
			s := Script{Name: part, Dir: dir, File: fmt.Sprint(i, ".lua"), Source: append(program[:len(program):len(program)], part...)}
			if err := os.WriteFile(filepath.Join(dir, s.File), s.Source, 0o644); err != nil {
				t.Fatal(err)
			}
			want, err := luajit.Run(s)
			if err != nil {
				t.Fatal(err)
			}
			if want.Failed || len(want.Stdout) < 1000 {
				t.Fatalf("LuaJIT ends with %q after %d bytes", want.Error, len(want.Stdout))
			}
			got, err := run(s, RunEngine)
			if err != nil {
				t.Fatal(err)
			}
			if d := Diff(want.Golden(), got.Golden()); d != "" {
				t.Error(d)
			}
		})
	}
}
