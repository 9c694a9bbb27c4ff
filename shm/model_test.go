package shm

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// model is a dict in Go: entries in the order of use, the most recent first.
type model struct{ entries []*modelEntry }

type modelEntry struct {
	key     string
	v       Value
	list    []Value
	expires int64
}

func (m *model) find(key string) int {
	return slices.IndexFunc(m.entries, func(e *modelEntry) bool { return e.key == key })
}

func (m *model) use(i int) *modelEntry {
	e := m.entries[i]
	m.entries = slices.Insert(slices.Delete(m.entries, i, i+1), 0, e)
	return e
}

func (e *modelEntry) dead(now int64) bool { return e.expires != 0 && e.expires <= now }

func (m *model) get(key string, now int64) *modelEntry {
	i := m.find(key)
	if i < 0 || m.entries[i].dead(now) {
		return nil
	}
	return m.use(i)
}

func (m *model) set(mode Mode, key string, v Value, ttl, now int64) error {
	i := m.find(key)
	live := i >= 0 && !m.entries[i].dead(now)
	switch {
	case mode == Replace && !live:
		return ErrNotFound
	case mode == Add && live:
		m.use(i)
		return ErrExists
	}
	if i >= 0 {
		m.entries = slices.Delete(m.entries, i, i+1)
	}
	if v.Kind != Nil {
		v.Bytes = bytes.Clone(v.Bytes)
		e := &modelEntry{key: key, v: v}
		if ttl > 0 {
			e.expires = now + ttl
		}
		m.entries = slices.Insert(m.entries, 0, e)
	}
	return nil
}

func same(a, b *Value) bool {
	return a.Kind == b.Kind && (a.Kind == Nil || a.Flags == b.Flags) && (a.Kind != String || bytes.Equal(a.Bytes, b.Bytes)) &&
		(a.Kind != Number && a.Kind != Bool || a.Number == b.Number)
}

func randomKey(r *rand.Rand, keys int) string {
	n := r.IntN(keys)
	switch n % 7 {
	case 0:
		return strings.Repeat("k", n+1)
	case 1:
		return fmt.Sprint("a key that is longer than a slot of the smallest class, number ", n)
	case 2:
		return fmt.Sprint(strings.Repeat("long", 2000), n)
	}
	return fmt.Sprint("key", n)
}

func randomValue(r *rand.Rand) Value {
	v := Value{Flags: uint32(r.IntN(3))}
	switch r.IntN(8) {
	case 0:
		v.Kind = Nil
	case 1:
		v.Kind, v.Number = Bool, float64(r.IntN(2))
	case 2, 3, 4:
		v.Kind, v.Number = Number, float64(r.IntN(1000))/4
	default:
		n := r.IntN(40)
		switch r.IntN(8) {
		case 0:
			n = r.IntN(5000)
		case 1:
			n = r.IntN(300)
		case 2:
			n = r.IntN(20000)
		}
		v.Kind, v.Bytes = String, make([]byte, n)
		for i := range v.Bytes {
			v.Bytes[i] = byte(r.Uint32())
		}
	}
	return v
}

// TestModel does the same random operations with a zone and with the model, with few enough entries that the order of use is exact.
func TestModel(t *testing.T) {
	for _, persistent := range []bool{false, true} {
		for seed := range uint64(6) {
			t.Run(fmt.Sprint("persistent ", persistent, " seed ", seed), func(t *testing.T) {
				z := newZone(t, 8<<20)[0]
				z.persistent = persistent
				runModel(t, z, rand.New(rand.NewPCG(seed, 1)), 6000)
			})
		}
	}
}

func runModel(t *testing.T, z *Zone, r *rand.Rand, ops int) {
	m := &model{}
	now := int64(1_700_000_000_000)
	var got Value
	for i := range ops {
		now += int64(r.IntN(3))
		key := randomKey(r, 50)
		k := []byte(key)
		switch op := r.IntN(15); op {
		case 0, 1, 2, 3:
			e := m.get(key, now)
			err := z.Get(k, now, false, &got)
			switch {
			case e == nil && (err != nil || got.Kind != Nil), e != nil && e.list != nil && err != ErrIsList,
				e != nil && e.list == nil && (err != nil || !same(&e.v, &got)):
				t.Fatalf("op %d: get %.20q: %v %v, model %+v", i, key, got, err, e)
			}
		case 4, 5, 6, 7:
			v, ttl := randomValue(r), int64(r.IntN(200)-50)
			mode := []Mode{Always, Always, Add, Replace}[r.IntN(4)]
			if v.Kind == Nil {
				mode = Always
			}
			want := m.set(mode, key, v, ttl, now)
			if forcible, err := z.Set(mode, k, &v, ttl, now); err != want || forcible {
				t.Fatalf("op %d: set %.20q: %v %v, want %v", i, key, forcible, err, want)
			}
		case 8, 9:
			j, delta, ttl := m.find(key), float64(r.IntN(10)), int64(r.IntN(50))
			init := []*float64{nil, &[]float64{100}[0]}[r.IntN(2)]
			var want float64
			var wantErr error
			switch {
			case j >= 0 && !m.entries[j].dead(now):
				if e := m.use(j); e.list != nil || e.v.Kind != Number {
					wantErr = ErrNotNumber
				} else {
					e.v.Number += delta
					want = e.v.Number
				}
			case init == nil:
				wantErr = ErrNotFound
			default:
				want = *init + delta
				m.set(Always, key, Value{Kind: Number, Number: want}, ttl, now)
			}
			if sum, _, err := z.Incr(k, delta, init, ttl, now); err != wantErr || sum != want {
				t.Fatalf("op %d: incr %.20q: %v %v, want %v %v", i, key, sum, err, want, wantErr)
			}
		case 10:
			left, v := r.IntN(2) == 0, randomValue(r)
			if v.Kind != String {
				v = Value{Kind: Number, Number: float64(i)}
			}
			v.Flags = 0
			j := m.find(key)
			want, wantErr := 1, error(nil)
			switch {
			case j < 0 || m.entries[j].dead(now):
				m.set(Always, key, Value{Kind: List}, 0, now)
				m.entries[0].list = []Value{v}
			case m.entries[j].list == nil:
				m.use(j)
				want, wantErr = 0, ErrNotList
			default:
				e := m.use(j)
				if left {
					e.list = slices.Insert(e.list, 0, v)
				} else {
					e.list = append(e.list, v)
				}
				want = len(e.list)
			}
			if n, err := z.Push(left, k, &v, now); n != want || err != wantErr {
				t.Fatalf("op %d: push %.20q: %v %v, want %v %v", i, key, n, err, want, wantErr)
			}
		case 11:
			left := r.IntN(2) == 0
			var want Value
			var wantErr error
			if j := m.find(key); j >= 0 && !m.entries[j].dead(now) {
				if e := m.entries[j]; e.list == nil {
					m.use(j)
					wantErr = ErrNotList
				} else {
					at := len(e.list) - 1
					if left {
						at = 0
					}
					want = e.list[at]
					if e.list = slices.Delete(slices.Clone(e.list), at, at+1); len(e.list) == 0 {
						m.entries = slices.Delete(m.entries, j, j+1)
					} else {
						m.use(j)
					}
				}
			}
			got = Value{}
			if err := z.Pop(left, k, &got, now); err != wantErr || !same(&got, &want) {
				t.Fatalf("op %d: pop %.20q: %v %v, want %v %v", i, key, got, err, want, wantErr)
			}
		case 12:
			ttl := int64(r.IntN(100))
			want := ErrNotFound
			j := m.find(key)
			err := z.Expire(k, ttl, now)
			if j >= 0 && (!m.entries[j].dead(now) || err == nil) { // one that has expired may be gone
				want, m.entries[j].expires = nil, 0
				if ttl > 0 {
					m.entries[j].expires = now + ttl
				}
			}
			if err != want {
				t.Fatalf("op %d: expire: %v, want %v", i, err, want)
			}
			ms, ok, err := z.TTL(k, now)
			if err != want || err == nil && (ok != (ttl > 0) || ms != ttl) {
				t.Fatalf("op %d: ttl: %v %v %v, want %v", i, ms, ok, err, ttl)
			}
		case 13:
			var want, keys []string
			for _, e := range slices.Backward(m.entries) {
				if !e.dead(now) {
					want = append(want, e.key)
				}
			}
			if err := z.Keys(0, now, func(k []byte) bool { keys = append(keys, string(k)); return true }); err != nil || !slices.Equal(keys, want) {
				t.Fatalf("op %d: keys %.40q %v, want %.40q", i, keys, err, want)
			}
		case 14:
			switch r.IntN(40) {
			case 0:
				for _, e := range m.entries {
					e.expires = 1
				}
				if err := z.FlushAll(now); err != nil {
					t.Fatal(err)
				}
			case 1:
				most, dead := r.IntN(4), 0
				for _, e := range m.entries {
					if e.dead(now) {
						dead++
					}
				}
				n, err := z.FlushExpired(most, now)
				if err != nil || n > dead || most > 0 && n > most {
					t.Fatalf("op %d: flush_expired(%d): %d %v, %d had expired", i, most, n, err, dead)
				}
				if n, _ := z.Count(); most == 0 && n != len(m.entries)-dead {
					t.Fatalf("op %d: %d entries are left, want %d", i, n, len(m.entries)-dead)
				}
			}
		}
		if i%50 == 0 {
			check(t, z)
		}
		if n, _ := z.Count(); n > len(m.entries) {
			t.Fatalf("op %d: %d entries, model %d", i, n, len(m.entries))
		}
	}
	check(t, z)
}
