package shm

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// Whatever was stored before, as long as the bytes are free a value finds room.
func TestNoFragmentation(t *testing.T) {
	z := newZone(t, 1<<20)[0]
	r := rand.New(rand.NewPCG(1, 1))
	n := 0
	for ; ; n++ {
		if _, err := z.Set(Safe, fmt.Append(nil, "key", n), str(strings.Repeat("v", r.IntN(300))), 0, 1); err == ErrNoMemory {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	// Nine in ten go, spread over all pages.
	for i := range n {
		if i%10 != 0 {
			z.Delete(fmt.Append(nil, "key", i), 1)
		}
	}
	check(t, z)
	big := str(strings.Repeat("0123456789abcdef", 600<<10/16))
	if _, err := z.Set(Safe, []byte("big"), big, 0, 1); err != nil {
		pages, _ := z.FreeSpace()
		t.Fatalf("%v, with %d bytes free, %d of them in whole pages", err, *z.w64(offFreeBytes), pages)
	}
	var v Value
	if err := z.Get([]byte("big"), 1, false, &v); err != nil || !same(&v, big) {
		t.Fatalf("got %d bytes, %v", len(v.Bytes), err)
	}
	for i := 0; i < n; i += 10 {
		if z.Get(fmt.Append(nil, "key", i), 1, false, &v); v.Kind != String {
			t.Fatalf("key%d is lost", i)
		}
	}
	check(t, z)
}

func TestEviction(t *testing.T) {
	for _, size := range []int{MinSize, 12 << 10, 100 << 10, 1 << 20} {
		z := newZone(t, size)[0]
		n := 0
		for ; ; n++ {
			forcible, err := z.Set(Always, fmt.Append(nil, "key", n), num(float64(n)), 0, 1)
			if err != nil {
				t.Fatalf("size %d: key %d: %v", size, n, err)
			}
			if forcible {
				break
			}
		}
		var v Value
		if z.Get([]byte("key0"), 1, false, &v); v.Kind != Nil {
			t.Errorf("size %d: key0 is there, something else went for key%d", size, n)
		}
		for i := 1; i <= n; i++ {
			if z.Get(fmt.Append(nil, "key", i), 1, false, &v); v.Kind != Number || v.Number != float64(i) {
				t.Fatalf("size %d: key%d of %d is lost", size, i, n)
			}
		}
		// What is used stays.
		z.Get([]byte("key1"), 2, false, &v)
		for i := range 3 {
			if _, err := z.Set(Always, fmt.Append(nil, "new", i), num(1), 0, 2); err != nil {
				t.Fatal(err)
			}
		}
		if z.Get([]byte("key1"), 2, false, &v); v.Kind != Number {
			t.Errorf("size %d: key1, which was used, is gone", size)
		}
		if z.Get([]byte("key2"), 2, false, &v); v.Kind != Nil {
			t.Errorf("size %d: key2, which wasn't used, is there", size)
		}
		// What can't fit is refused, by safe_set without harm.
		if _, err := z.Set(Safe, []byte("huge"), str(strings.Repeat("x", size)), 0, 2); err != ErrNoMemory {
			t.Errorf("size %d: a value as big as the zone: %v", size, err)
		}
		if z.Get([]byte("key1"), 2, false, &v); v.Kind != Number {
			t.Errorf("size %d: safe_set made key1 go", size)
		}
		check(t, z)
	}
}

func TestExpiry(t *testing.T) {
	z := newZone(t, 1<<20)[0]
	var v Value
	mustSet(t, z, "a", str("one"), 100, 1000)
	mustSet(t, z, "b", flagged(*num(2), 7), 0, 1000)
	if z.Get([]byte("a"), 1099, false, &v); v.Kind != String || v.Stale {
		t.Fatalf("before its time: %+v", v)
	}
	if z.Get([]byte("a"), 1100, true, &v); v.Kind != String || !v.Stale || string(v.Bytes) != "one" {
		t.Fatalf("stale: %+v", v)
	}
	if ms, ok, err := z.TTL([]byte("a"), 1150); err != nil || !ok || ms != -50 {
		t.Fatalf("ttl %d %v %v", ms, ok, err)
	}
	if n, err := z.FlushExpired(0, 1100); n != 1 || err != nil {
		t.Fatalf("flushed %d, %v", n, err)
	}
	if _, _, err := z.TTL([]byte("a"), 1150); err != ErrNotFound {
		t.Fatal(err)
	}
	// What has expired at the end goes when something else is used.
	mustSet(t, z, "c", num(1), 50, 2000)
	z.Delete([]byte("b"), 2000)
	mustSet(t, z, "d", num(1), 0, 2000)
	z.Get([]byte("d"), 2050, false, &v)
	if n, _ := z.Count(); n != 1 {
		t.Fatalf("%d entries, want 1", n)
	}
	z.FlushAll(3000)
	if z.Get([]byte("d"), 3000, false, &v); v.Kind != Nil {
		t.Fatal("flush_all left an entry")
	}
	check(t, z)
}

func TestCompareAndSet(t *testing.T) {
	z := newZone(t, 1<<20)[0]
	for _, step := range []struct {
		old, v Value
		want   error
	}{
		{*num(1), *num(2), ErrChanged},
		{Value{}, *num(2), nil},
		{Value{}, *num(3), ErrChanged},
		{*num(2), *str("x"), nil},
		{*num(2), *str("y"), ErrChanged},
		{*str("y"), *str("z"), ErrChanged},
		{*str("x"), Value{Kind: Bool, Number: 1}, nil},
		{Value{Kind: Bool}, Value{}, ErrChanged},
		{Value{Kind: Bool, Number: 1}, Value{}, nil},
	} {
		if _, err := z.CompareAndSet([]byte("k"), &step.old, &step.v, 0, 1); err != step.want {
			t.Errorf("%+v -> %+v: %v, want %v", step.old, step.v, err, step.want)
		}
	}
	check(t, z)
}

// TestHammer lets goroutines, each with a view of its own as a process would have, do everything at once. Run with -race, it proves that
// reads without a lock only touch atomic words.
func TestHammer(t *testing.T) {
	for _, size := range []int{64 << 10, 4 << 20} {
		zones := newZone(t, size, 1, 2, 3, 4, 5, 6)
		var wg sync.WaitGroup
		incrs := make([]float64, len(zones))
		for i, z := range zones {
			wg.Go(func() {
				r := rand.New(rand.NewPCG(uint64(i), 3))
				var v Value
				for n := range 4000 {
					key := fmt.Append(nil, "key", r.IntN(60))
					now := int64(1e12 + n/10)
					var err error
					switch r.IntN(12) {
					case 0, 1, 2:
						if err = z.Get(key, now, false, &v); err == nil && v.Kind == String {
							for _, c := range v.Bytes {
								if c != v.Bytes[0] {
									t.Errorf("torn value %q", v.Bytes)
									return
								}
							}
						}
					case 3, 4:
						_, err = z.Set(Always, key, str(strings.Repeat(string(rune('a'+r.IntN(26))), r.IntN(400))), int64(r.IntN(50)), now)
					case 5:
						_, err = z.Set(Always, key, str(strings.Repeat(string(rune('a'+r.IntN(26))), r.IntN(6000))), 0, now)
					case 6:
						err = z.Delete(key, now)
					case 7, 8:
						var forcible bool
						if _, forcible, err = z.Incr([]byte("counter"), 1, new(float64), 0, now); err == nil && !forcible {
							incrs[i]++
						}
					case 9:
						_, err = z.Push(r.IntN(2) == 0, append(key, "list"...), num(1), now)
					case 10:
						err = z.Pop(r.IntN(2) == 0, append(key, "list"...), &v, now)
					case 11:
						switch r.IntN(20) {
						case 0:
							_, err = z.FlushExpired(0, now)
						case 1:
							err = z.Keys(0, now, func([]byte) bool { return true })
						case 2:
							err = z.Recover(func(uint32) bool { return false })
						}
					}
					if err == ErrDamaged || err == ErrBusy {
						t.Errorf("op %d: %v", n, err)
						return
					}
				}
			})
		}
		wg.Wait()
		check(t, zones[0])
		var sum float64
		for _, n := range incrs {
			sum += n
		}
		var v Value
		zones[0].Get([]byte("counter"), 1e12, false, &v)
		if size > 1<<20 && v.Number != sum {
			t.Errorf("counter is %v after %v increments", v.Number, sum)
		}
	}
}

// A zone with arbitrary damage fails, or works on what it takes for values; it never reads or writes outside.
func damage(t testing.TB, seed uint64, flips int) {
	f, err := Create("damaged", 64<<10)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := Attach(f, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	r := rand.New(rand.NewPCG(seed, 4))
	for i := range 100 {
		v := randomValue(r)
		if i%7 == 0 {
			z.Push(true, fmt.Append(nil, "list", i%3), num(1), 1)
		}
		if _, err := z.Set(Always, []byte(randomKey(r, 50)), &v, int64(r.IntN(3)), 1); err != nil && err != ErrNoMemory {
			t.Fatal(err)
		}
	}
	check(t, z)
	for range flips {
		at := offFirst + uint64(r.IntN(int(z.geo.size)-offFirst))&^3
		switch r.IntN(3) {
		case 0:
			*z.w32(at) = r.Uint32()
		case 1:
			*z.w32(at) ^= 1 << r.IntN(32)
		case 2:
			*z.w32(at) = uint32(r.IntN(int(z.geo.size) / unit))
		}
	}
	for i := range z.geo.stripes { // a lock that seems to be held would be waited for
		*z.w64(offStripes + i*stripeSize) &^= ownerMask
	}
	z.patience = time.Millisecond // a lock may be damaged, too
	var v Value
	for i := range 60 {
		key := []byte(randomKey(r, 50))
		switch r.IntN(9) {
		case 0:
			z.Get(key, 1, true, &v)
		case 1:
			v := randomValue(r)
			z.Set(Always, key, &v, 0, 1)
		case 2:
			z.Incr(key, 1, new(float64), 0, 1)
		case 3:
			z.Push(true, fmt.Append(nil, "list", i%3), num(1), 1)
		case 4:
			z.Pop(false, fmt.Append(nil, "list", i%3), &v, 1)
		case 5:
			z.Keys(0, 1, func([]byte) bool { return true })
		case 6:
			z.FlushExpired(0, 1)
		case 7:
			z.FlushAll(1)
		case 8:
			*z.w64(offPoolLock) |= 77
			z.Recover(func(o uint32) bool { return o == 77 })
		}
	}
	z.Check()
}

func TestDamage(t *testing.T) {
	n := uint64(300)
	if os.Getenv("MOONRING_FULL") != "" {
		n = 20_000
	}
	for seed := range n {
		damage(t, seed, 1+int(seed%20))
	}
}

func FuzzDamage(f *testing.F) {
	f.Add(uint64(1), uint8(3))
	f.Fuzz(func(t *testing.T, seed uint64, flips uint8) { damage(t, seed, int(flips)) })
}

// Once damage was found, every operation of every process says so.
func TestDamagedZoneFails(t *testing.T) {
	zones := newZone(t, 1<<20, 1, 2)
	mustSet(t, zones[0], "k", num(1), 0, 1)
	*zones[0].w32(zones[0].bucket(zones[0].hash([]byte("other")))) = 1<<32 - 1
	var v Value
	if err := zones[0].Get([]byte("other"), 1, false, &v); err != ErrDamaged {
		t.Fatalf("get over a wrong reference: %v", err)
	}
	z, k := zones[1], []byte("k")
	for name, f := range map[string]func() error{
		"get":           func() error { return z.Get(k, 1, false, &v) },
		"set":           func() error { _, err := z.Set(Always, k, num(1), 0, 1); return err },
		"cas":           func() error { _, err := z.CompareAndSet(k, num(1), num(1), 0, 1); return err },
		"delete":        func() error { return z.Delete(k, 1) },
		"incr":          func() error { _, _, err := z.Incr(k, 1, nil, 0, 1); return err },
		"push":          func() error { _, err := z.Push(true, k, num(1), 1); return err },
		"pop":           func() error { return z.Pop(true, k, &v, 1) },
		"len":           func() error { _, err := z.Len(k, 1); return err },
		"ttl":           func() error { _, _, err := z.TTL(k, 1); return err },
		"expire":        func() error { return z.Expire(k, 1, 1) },
		"flush_all":     func() error { return z.FlushAll(1) },
		"flush_expired": func() error { _, err := z.FlushExpired(0, 1); return err },
		"keys":          func() error { return z.Keys(0, 1, func([]byte) bool { return true }) },
		"free_space":    func() error { _, err := z.FreeSpace(); return err },
		"count":         func() error { _, err := z.Count(); return err },
	} {
		if err := f(); err != ErrDamaged {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAttach(t *testing.T) {
	f, err := Create("attach", 8192)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.Truncate(1 << 20); err == nil {
		t.Error("the size isn't sealed")
	}
	z, err := Attach(f, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	for off := uint64(offMagic); off < offBoot; off += 8 {
		*z.w64(off) ^= 1
		if z, err := Attach(f, 2); err == nil {
			z.Close()
			t.Errorf("the word at %d is wrong, and nobody minds", off)
		}
		*z.w64(off) ^= 1
	}
	if _, err := Create("small", 8191); err != ErrSize {
		t.Errorf("size 8191: %v", err)
	}
}

func TestNoAllocation(t *testing.T) {
	z := newZone(t, 1<<20)[0]
	var v Value
	s, key, list := str(strings.Repeat("x", 100)), []byte("some key"), []byte("list")
	work := func() {
		z.Set(Always, key, s, 10, 1)
		z.Get(key, 1, false, &v)
		z.Delete(key, 1)
		z.Incr(key, 1, &v.Number, 0, 1)
		z.Push(true, list, s, 1)
		z.Pop(true, list, &v, 1)
		z.Keys(0, 1, func([]byte) bool { return true })
		z.FlushExpired(0, 100)
	}
	work()
	if n := testing.AllocsPerRun(100, work); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
