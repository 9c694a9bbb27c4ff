package main

import (
	"bytes"
	"os"
	"testing"
)

func read(t *testing.T, file string) []byte {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestGeneratedIsCurrent(t *testing.T) {
	run := read(t, "../../run.go")
	got, err := generate(run, read(t, "../../fuse.go"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, run) {
		t.Error("the cases of sequences in lua/run.go are not those of the single instructions and lua/fuse.go: run `make generate`")
	}
}

// TestGenerateRefuses: what has no fast path to copy, or one that jumps, is no silent mistake.
func TestGenerateRefuses(t *testing.T) {
	run := read(t, "../../run.go")
	for _, ops := range []string{"{CLOSURE, MOV}", "{ISEQ, MOV}", "{MOV, POWVV}", "{NOOP, MOV}", "{MOV, JMP, MOV}", "{MOV, CLOSURE, MOV}"} {
		fuse := "package lua\nvar fusions = [...][]Op{" + ops + "}\n"
		if _, err := generate(run, []byte(fuse)); err == nil {
			t.Errorf("%s is accepted", ops)
		}
	}
	if _, err := generate(bytes.ReplaceAll(run, []byte(end), nil), read(t, "../../fuse.go")); err == nil {
		t.Error("run.go without the mark is accepted")
	}
}
