package lib

import (
	"fmt"
	"strings"
	"testing"
)

func TestRandomIsLuaJITs(t *testing.T) {
	for _, c := range []struct {
		seed float64
		want string
	}{
		{0, "0.79420629243124097 0.69885246563716397 0.59010374172810343 0.75322861668360219 0.080971251199854377 0.66110719599521794"},
		{123, "0.11554853058275572 0.91623652232461361 0.92691261862774321 0.97433597727256038 0.10986704859831709 0.62363387973963191"},
		{42, "0.95607928791821051 0.0089557217859255189"},
	} {
		state := make([]byte, randomSize)
		seedRandom(state, c.seed)
		for i, want := range strings.Fields(c.want) {
			if got := fmt.Sprintf("%.17g", randomFloat(state)); got != want {
				t.Errorf("seed %v: number %d is %s, want %s", c.seed, i+1, got, want)
			}
		}
	}
}
