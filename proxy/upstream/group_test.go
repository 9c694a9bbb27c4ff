package upstream

import (
	"strings"
	"testing"
)

func peers(weights ...int) []*Peer {
	var all []*Peer
	for i, w := range weights {
		all = append(all, &Peer{Name: string(rune('a' + i)), Weight: w, MaxFails: 1, FailTimeout: 10})
	}
	return all
}

// TestSmoothWeighted has the sequence of nginx's own description of the algorithm: 5, 1, 1 gives a a b a c a a.
func TestSmoothWeighted(t *testing.T) {
	g := New("g", peers(5, 1, 1), nil)
	var got strings.Builder
	var c Choice
	for range 14 {
		g.Begin(&c, 0)
		p := g.Next(&c, 0)
		got.WriteString(p.Name)
		g.Done(&c, p, false, 0)
	}
	if got.String() != "aabacaaaabacaa" {
		t.Error(got.String())
	}
}

func TestFailures(t *testing.T) {
	g := New("g", peers(1, 1), peers(1))
	g.Backup[0].Name = "z"
	var c Choice
	pick := func(now int64, failed bool) string {
		p := g.Next(&c, now)
		if p == nil {
			return "-"
		}
		g.Done(&c, p, failed, now)
		return p.Name
	}
	g.Begin(&c, 0)
	if c.Tries != 3 {
		t.Errorf("%d tries", c.Tries)
	}
	if got := pick(100, true) + pick(100, true) + pick(100, false); got != "abz" || c.Tries != 0 {
		t.Errorf("%s, %d tries left", got, c.Tries)
	}
	g.Begin(&c, 0)
	if got := pick(105, false); got != "z" {
		t.Errorf("%s though both are out", got)
	}
	g.Begin(&c, 0)
	if got := pick(111, false); got != "a" && got != "b" {
		t.Errorf("%s after fail_timeout", got)
	}
	g.Begin(&c, 1)
	if c.Tries != 1 {
		t.Errorf("%d tries", c.Tries)
	}
	for _, p := range append(g.Primary, g.Backup...) {
		p.Down = true
		if p.Conns() != 0 {
			t.Errorf("%s has %d requests", p.Name, p.Conns())
		}
	}
	g.Begin(&c, 0)
	if got := pick(200, false); got != "-" || c.Tries != 0 {
		t.Errorf("%s of peers that are down", got)
	}
}

func TestSingleIsNeverTakenOut(t *testing.T) {
	g := New("g", peers(1), nil)
	var c Choice
	for range 5 {
		g.Begin(&c, 0)
		p := g.Next(&c, 0)
		if p == nil {
			t.Fatal("the only peer is out")
		}
		g.Done(&c, p, true, 0)
	}
}

func TestMaxConns(t *testing.T) {
	g := New("g", peers(1, 1), nil)
	g.Primary[0].MaxConns, g.Primary[1].MaxConns = 1, 2
	var c Choice
	for i := range 4 {
		g.Begin(&c, 0)
		if p := g.Next(&c, 0); (p != nil) != (i < 3) {
			t.Errorf("request %d: %v", i, p)
		}
	}
}

func TestChoiceAllocatesOnce(t *testing.T) {
	g := New("g", peers(3, 2, 1), nil)
	var c Choice
	g.Begin(&c, 0)
	if n := testing.AllocsPerRun(100, func() {
		g.Begin(&c, 0)
		g.Done(&c, g.Next(&c, 0), false, 0)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
