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
		t.Error("the cases of pairs in lua/run.go are not those of the single instructions and lua/fuse.go: run `make generate`")
	}
}

// TestGenerateRefuses: what has no fast path to copy, or no label to go to, is no silent mistake.
func TestGenerateRefuses(t *testing.T) {
	run := read(t, "../../run.go")
	for _, pair := range []string{"{CLOSURE, MOV}", "{ISEQ, MOV}", "{MOV, DIVVV}", "{NOOP, MOV}"} {
		fuse := "package lua\nvar fusions = [...]struct{ first, second Op }{" + pair + "}\n"
		if _, err := generate(run, []byte(fuse)); err == nil {
			t.Errorf("%s is accepted", pair)
		}
	}
	if _, err := generate(bytes.ReplaceAll(run, []byte(end), nil), read(t, "../../fuse.go")); err == nil {
		t.Error("run.go without the mark is accepted")
	}
}
