package shm

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// openZone opens a persistent zone as the only process.
func openZone(t *testing.T, path string, size int) (z *Zone, f *os.File, notes []string) {
	t.Helper()
	f, err := Open(path, size, func(s string) { notes = append(notes, s) })
	if err != nil {
		t.Fatal(err)
	}
	if z, err = Attach(f, 1); err != nil {
		t.Fatal(err)
	}
	check(t, z)
	return z, f, notes
}

// fillPersistent stores one of each kind, and some more.
func fillPersistent(t *testing.T, z *Zone) {
	for i := range 200 {
		mustSet(t, z, fmt.Sprint("n", i), num(float64(i)), 0, int64(1000+i))
	}
	mustSet(t, z, "flags", flagged(*str("flagged"), 9), 0, 2000)
	mustSet(t, z, "ttl", &Value{Kind: Bool, Number: 1}, 5000, 2000)
	mustSet(t, z, "big", str(strings.Repeat("big", 20000)), 0, 2000)
	mustSet(t, z, strings.Repeat("key", 10000), str("long key"), 0, 2000)
	mustSet(t, z, "gone", num(1), 0, 2000)
	z.Delete([]byte("gone"), 2000)
	for i := range 5 {
		if _, err := z.Push(false, []byte("list"), crashNode(uint64(i)), 2000); err != nil {
			t.Fatal(err)
		}
	}
	for range 10 {
		z.Incr([]byte("n7"), 1, nil, 0, 2000)
	}
	z.Expire([]byte("n8"), 4000, 2000)
}

func verifyPersistent(t *testing.T, z *Zone) {
	t.Helper()
	var v Value
	for i := range 200 {
		want := float64(i)
		if i == 7 {
			want += 10
		}
		if z.Get(fmt.Append(nil, "n", i), 3000, false, &v); v.Kind != Number || v.Number != want {
			t.Errorf("n%d is %+v", i, v)
		}
	}
	for key, want := range map[string]*Value{"flags": flagged(*str("flagged"), 9), "ttl": {Kind: Bool, Number: 1}, "big": str(strings.Repeat("big", 20000)),
		strings.Repeat("key", 10000): str("long key"), "gone": {}} {
		if err := z.Get([]byte(key), 3000, false, &v); err != nil || !same(&v, want) {
			t.Errorf("%.20s is %.50v, %v", key, v, err)
		}
	}
	for _, key := range []string{"ttl", "n8"} {
		want := map[string]int64{"ttl": 4000, "n8": 3000}[key]
		if ms, ok, err := z.TTL([]byte(key), 3000); ms != want || !ok || err != nil {
			t.Errorf("%s lives for %d %v %v", key, ms, ok, err)
		}
	}
	for i := range 5 {
		if err := z.Pop(true, []byte("list"), &v, 3000); err != nil || !same(&v, crashNode(uint64(i))) {
			t.Errorf("list node %d is %+v, %v", i, v, err)
		}
	}
	check(t, z)
}

func TestPersistent(t *testing.T) {
	const size = 1 << 20
	boot := func(z *Zone) { *z.w64(offBoot)++ }
	for _, tt := range []struct {
		name  string
		clean bool
		size  int
		harm  func(z *Zone)
		notes []string
	}{
		{"closed", true, size, nil, nil},
		{"closed, machine started again", true, size, boot, nil},
		{"not closed", false, size, nil, []string{"was not closed"}},
		{"not closed, machine started again", false, size, boot, []string{"was not closed"}},
		{"of another size", true, 2 * size, nil, nil},
		{"a lock is held and something undone", false, size, func(z *Zone) {
			ref, _ := z.find(z.hash([]byte("flags")), []byte("flags"))
			stripe := z.stripe(z.hash([]byte("flags")))
			z.lock(stripe)
			z.lock(offPoolLock)
			z.record(stripe, ref, 8, 1)
			*z.w64(uint64(ref)*unit + 64) = 0
			*z.w64(uint64(ref)*unit + entryFlags) = 0
			*z.w64(offCount) = 7
		}, []string{"was not closed"}},
		{"closed, but the chains are broken", true, size, func(z *Zone) { *z.w64(offCount) = 7 }, []string{"set aside"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "dict")
			z, f, _ := openZone(t, path, size)
			fillPersistent(t, z)
			if _, err := Open(path, size, func(string) {}); !errors.Is(err, ErrInUse) {
				t.Errorf("a second instance: %v", err)
			}
			if tt.harm != nil {
				tt.harm(z)
			}
			if tt.clean {
				if err := z.MarkClean(); err != nil {
					t.Fatal(err)
				}
			}
			z.Close()
			f.Close()
			z, f, notes := openZone(t, path, tt.size)
			defer f.Close()
			defer z.Close()
			if len(notes) != len(tt.notes) {
				t.Errorf("notes %q, want %q", notes, tt.notes)
			}
			for i, n := range tt.notes {
				if i < len(notes) && !strings.Contains(notes[i], n) {
					t.Errorf("note %q, want %q", notes[i], n)
				}
			}
			verifyPersistent(t, z)
		})
	}
}

func TestSetAside(t *testing.T) {
	for _, tt := range []struct {
		name string
		harm func(t *testing.T, f *os.File)
	}{
		{"another file", func(t *testing.T, f *os.File) { f.WriteAt([]byte("PK"), 0) }},
		{"another version", func(t *testing.T, f *os.File) { f.WriteAt([]byte{9}, offVersion) }},
		{"shorter", func(t *testing.T, f *os.File) { f.Truncate(100) }},
		{"cut", func(t *testing.T, f *os.File) { f.Truncate(64 << 10) }},
		{"empty header", func(t *testing.T, f *os.File) { f.WriteAt(make([]byte, 128), 0) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "dict")
			z, f, _ := openZone(t, path, 1<<20)
			fillPersistent(t, z)
			z.MarkClean()
			z.Close()
			tt.harm(t, f)
			f.Close()
			z, f, notes := openZone(t, path, 1<<20)
			defer f.Close()
			defer z.Close()
			if n, _ := z.Count(); n != 0 {
				t.Errorf("%d entries", n)
			}
			if len(notes) != 1 || !strings.Contains(notes[0], "set aside as") {
				t.Errorf("notes %q", notes)
			}
			if aside, _ := filepath.Glob(path + ".damaged-*"); len(aside) != 1 {
				t.Errorf("set aside: %q", aside)
			}
		})
	}
}

// TestDamagedFiles opens files with arbitrary damage, as after a power cut: what is there afterwards is whole.
func TestDamagedFiles(t *testing.T) {
	n := 40
	if os.Getenv("MOONRING_FULL") != "" {
		n = 3000
	}
	for seed := range n {
		path := filepath.Join(t.TempDir(), "dict")
		z, f, _ := openZone(t, path, 256<<10)
		r := rand.New(rand.NewPCG(uint64(seed), 5))
		for i := range 100 {
			mustSet(t, z, fmt.Sprint("n", i), num(float64(i)), 0, 1)
			mustSet(t, z, fmt.Sprint("s", i), str(strings.Repeat(fmt.Sprint("value ", i, ";"), 1+i*i/20)), 0, 1)
		}
		for range 1 + seed {
			*z.w32(offFirst + uint64(r.IntN(int(z.geo.size)-offFirst))&^3) = r.Uint32()
		}
		if seed%2 == 0 {
			*z.w64(offBoot)++
		}
		z.Close()
		f.Close()
		z, f, _ = openZone(t, path, 256<<10)
		var v Value
		for i := range 100 {
			if z.Get(fmt.Append(nil, "n", i), 1, false, &v); v.Kind != Nil && !same(&v, num(float64(i))) {
				t.Errorf("seed %d: n%d is %+v", seed, i, v)
			}
			want := str(strings.Repeat(fmt.Sprint("value ", i, ";"), 1+i*i/20))
			if z.Get(fmt.Append(nil, "s", i), 1, false, &v); v.Kind != Nil && !same(&v, want) {
				t.Errorf("seed %d: s%d is %.50q", seed, i, v.Bytes)
			}
		}
		z.Close()
		f.Close()
	}
}

// TestKillEverything kills the only process that has a persistent zone, again and again, and opens the file after it.
func TestKillEverything(t *testing.T) {
	kills := 8
	if os.Getenv("MOONRING_FULL") != "" {
		kills = 500
	}
	path := filepath.Join(t.TempDir(), "dict")
	fd, err := unix.MemfdCreate("journal", unix.MFD_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	jf := os.NewFile(uintptr(fd), "journal")
	defer jf.Close()
	if err := jf.Truncate(1 << 16); err != nil {
		t.Fatal(err)
	}
	j := openJournal(t, jf)
	for range kills {
		f, err := Open(path, 4<<20, func(string) {})
		if err != nil {
			t.Fatal(err)
		}
		z, err := Attach(f, 1)
		if err != nil {
			t.Fatal(err)
		}
		check(t, z)
		verifyWriter(t, z, 0, j)
		z.Close()
		cmd := exec.Command("/proc/self/exe")
		cmd.Env = append(os.Environ(), crashEnv+"=0")
		cmd.ExtraFiles = []*os.File{f, jf}
		ready, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		f.Close()
		ready.Read(make([]byte, 1))
		time.Sleep(time.Duration(rand.IntN(5000)) * time.Microsecond)
		cmd.Process.Kill()
		cmd.Wait()
	}
}
