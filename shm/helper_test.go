package shm

import (
	"testing"
)

// newZone makes a zone in memory and a view of it for each owner.
func newZone(t testing.TB, size int, owners ...uint32) []*Zone {
	t.Helper()
	f, err := Create("test", size)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if len(owners) == 0 {
		owners = []uint32{1}
	}
	var zones []*Zone
	for _, o := range owners {
		z, err := Attach(f, o)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(z.Close)
		zones = append(zones, z)
	}
	return zones
}

func check(t testing.TB, z *Zone) {
	t.Helper()
	if err := z.Check(); err != nil {
		t.Fatal(err)
	}
}

func str(s string) *Value              { return &Value{Kind: String, Bytes: []byte(s)} }
func num(f float64) *Value             { return &Value{Kind: Number, Number: f} }
func flagged(v Value, n uint32) *Value { v.Flags = n; return &v }

func mustSet(t testing.TB, z *Zone, key string, v *Value, ttl, now int64) {
	t.Helper()
	if _, err := z.Set(Always, []byte(key), v, ttl, now); err != nil {
		t.Fatalf("set %q: %v", key, err)
	}
}
