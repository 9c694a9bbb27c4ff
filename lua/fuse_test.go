package lua

import (
	"fmt"
	"slices"
	"testing"

	. "moonring/lua/bytecode" //nolint:revive // as in run.go
)

func TestFusionsComplete(t *testing.T) {
	if fusedEnd > 255 {
		t.Fatalf("%d operations do not fit a byte", fusedEnd)
	}
	seen := map[string]bool{}
	for i, f := range fusions {
		if len(f) < 2 || len(f) > fusedMax || seen[fmt.Sprint(f)] {
			t.Errorf("fused operation %d is none or is there twice: %v", i, f)
		}
		seen[fmt.Sprint(f)] = true
		code := []Instr{}
		for j, op := range f {
			code = append(code, ABC(op, 0, 0, 0))
			// The loop tells these by their operation when they are run.
			if j == 0 && slices.Contains([]Op{CALL, CALLM, CALLMT, RETM, ITERC}, op) {
				t.Errorf("%v can't be the first of a sequence", op)
			}
		}
		if got := fuse(code); got != NumOps+Op(i) {
			t.Errorf("%v is found as %d", f, got)
		}
		if got := fuse(code[:1]); got != f[0] {
			t.Errorf("%v alone is found as %d", f[0], got)
		}
	}
}
