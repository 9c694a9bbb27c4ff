package phase

import "testing"

func TestEveryPhaseHasARow(t *testing.T) {
	names, contexts := map[string]Phase{}, map[string]Phase{}
	for p := None + 1; p < count; p++ {
		if p.String() == "" || p.Context() == "(unknown)" {
			t.Errorf("phase %d lacks its name or context", p)
		}
		if q, ok := names[p.String()]; ok {
			t.Errorf("phases %d and %d are both named %q", p, q, p)
		}
		if q, ok := contexts[p.Context()]; ok {
			t.Errorf("phases %d and %d have the context %q", p, q, p.Context())
		}
		names[p.String()], contexts[p.Context()] = p, p
		if p.Directive() != "" && p.Context() != p.Directive()+"*" {
			t.Errorf("%s: context %q does not follow from directive %q", p, p.Context(), p.Directive())
		}
		if !All.Has(p) || Of(p) != p.Bit() || !Of(p, Log).Has(p) || Of(p).Has(None) {
			t.Errorf("%s: wrong bit %b", p, p.Bit())
		}
	}
	if All.Has(None) || All.Has(count) || count > 32 {
		t.Errorf("All is %b", All)
	}
	if p := Phase(200); p.String() != "" || p.Yields() || p.Built() {
		t.Error("a phase outside of the table has properties")
	}
}

func TestMasks(t *testing.T) {
	for p, want := range map[Phase][2]bool{Init: {}, Access: {true, true}, Content: {true, true}, Log: {false, true}, Timer: {true, false}} {
		if got := [2]bool{Yielding.Has(p), OfRequest.Has(p)}; got != want {
			t.Errorf("%s: yields and is of a request: %v, want %v", p, got, want)
		}
	}
}
