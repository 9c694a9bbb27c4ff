package shm

import (
	"fmt"
	"testing"
)

func BenchmarkGet(b *testing.B) {
	z := newZone(b, 8<<20)[0]
	keys := make([][]byte, 1024)
	for i := range keys {
		keys[i] = fmt.Append(nil, "some key ", i)
		mustSet(b, z, string(keys[i]), str("a value of thirty bytes or so.."), 0, 1e12)
	}
	var v Value
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if z.Get(keys[i&1023], 1e12, false, &v); v.Kind != String {
			b.Fatal(v)
		}
	}
}

func BenchmarkIncr(b *testing.B) {
	z := newZone(b, 8<<20)[0]
	keys := make([][]byte, 1024)
	for i := range keys {
		keys[i] = fmt.Append(nil, "some key ", i)
		mustSet(b, z, string(keys[i]), num(0), 0, 1e12)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, _, err := z.Incr(keys[i&1023], 1, nil, 0, 1e12); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSet(b *testing.B) {
	for _, n := range []int{8, 100, 1000} {
		b.Run(fmt.Sprint(n, " bytes"), func(b *testing.B) {
			z := newZone(b, 8<<20)[0]
			keys := make([][]byte, 1024)
			for i := range keys {
				keys[i] = fmt.Append(nil, "some key ", i)
			}
			v := &Value{Kind: String, Bytes: make([]byte, n)}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if _, err := z.Set(Always, keys[i&1023], v, 1000, 1e12); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkEvict stores new keys into a full zone.
func BenchmarkEvict(b *testing.B) {
	z := newZone(b, 1<<20)[0]
	key := make([]byte, 0, 32)
	v := str("a value of thirty bytes or so..")
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		key = fmt.Append(key[:0], "key ", i)
		if _, err := z.Set(Always, key, v, 0, 1e12); err != nil {
			b.Fatal(err)
		}
	}
}
