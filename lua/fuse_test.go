package lua

import (
	"testing"

	. "moonring/lua/bytecode" //nolint:revive // as in run.go
)

func TestFusionsComplete(t *testing.T) {
	if fusedEnd > 255 {
		t.Fatalf("%d operations do not fit a byte", fusedEnd)
	}
	seen := map[[2]Op]bool{}
	for i, f := range fusions {
		if f.first == f.second && f.first == 0 && i != 0 {
			t.Errorf("fused operation %d has no entry", i)
		}
		if seen[[2]Op{f.first, f.second}] {
			t.Errorf("%v %v is there twice", f.first, f.second)
		}
		seen[[2]Op{f.first, f.second}] = true
		// The loop tells these by their operation when they are run.
		for _, op := range []Op{CALL, CALLM, CALLMT, RETM, ITERC} {
			if f.first == op {
				t.Errorf("%v can't be the first of a pair", op)
			}
		}
	}
}
