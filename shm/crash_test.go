package shm

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A writer is this test's binary, started again with crashEnv: its number. It has the zone as descriptor 3 and its journal as 4, and works until it
// is killed.
const (
	crashEnv  = "MOONRING_SHM_WRITER"
	crashKeys = 40 // of each writer
	crashNow  = 1_700_000_000_000
)

// journal is what a writer says about each of its keys: the number of the change that it has begun, and of the one that it has finished. The last key is a
// list; of that, how many values were pushed and popped.
type journal struct{ words []uint64 }

func openJournal(t testing.TB, f *os.File) journal {
	mem, err := unix.Mmap(int(f.Fd()), 0, 4*8*(crashKeys+1), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		t.Fatal(err)
	}
	return journal{unsafe.Slice((*uint64)(unsafe.Pointer(unsafe.SliceData(mem))), 4*(crashKeys+1))}
}

func (j journal) begin(k int, n uint64)     { atomic.StoreUint64(&j.words[4*k], n) }
func (j journal) done(k int, n uint64)      { atomic.StoreUint64(&j.words[4*k+1], n) }
func (j journal) begun(k int) uint64        { return atomic.LoadUint64(&j.words[4*k]) }
func (j journal) finished(k int) uint64     { return atomic.LoadUint64(&j.words[4*k+1]) }
func (j journal) pair(k int) (b, f *uint64) { return &j.words[4*k+2], &j.words[4*k+3] }

func crashKey(writer, k int) []byte {
	key := fmt.Appendf(nil, "writer %d key %d", writer, k)
	if k%10 == 9 {
		key = append(key, bytes.Repeat([]byte("."), 500*k)...)
	}
	return key
}

// crashValue is what change n gives a key: now a number, now a string of some length, now nothing.
func crashValue(k int, n uint64) Value {
	switch n % 8 {
	case 0:
		return Value{}
	case 1, 2, 3:
		return Value{Kind: Number, Number: float64(n), Flags: uint32(n)}
	}
	size := int(n*uint64(k+1)) % 97
	if n%16 > 12 {
		size = int(n*uint64(k+1)*131) % 9000
	}
	b := make([]byte, size)
	for i := range b {
		b[i] = byte(n + uint64(i))
	}
	return Value{Kind: String, Bytes: b, Flags: uint32(n)}
}

func TestMain(m *testing.M) {
	if w, err := strconv.Atoi(os.Getenv(crashEnv)); err == nil {
		crashWriter(w)
	}
	os.Exit(m.Run())
}

func crashWriter(w int) {
	z, err := Attach(os.NewFile(3, "zone"), uint32(os.Getpid()))
	if err != nil {
		panic(err)
	}
	j := openJournal(nil, os.NewFile(4, "journal"))
	r := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 1))
	os.Stdout.Write([]byte{'\n'})
	var shared, got Value
	for {
		k := r.IntN(crashKeys)
		n := j.finished(k) + 1
		j.begin(k, n)
		v := crashValue(k, n)
		var err error
		if n%8 == 3 {
			_, _, err = z.Incr(crashKey(w, k), 0.5, nil, 0, crashNow) // half a change first, then the whole
			if err == nil {
				_, err = z.Set(Always, crashKey(w, k), &v, 0, crashNow)
			}
		} else {
			_, err = z.Set(Always, crashKey(w, k), &v, 0, crashNow)
		}
		if err != nil {
			panic(err)
		}
		j.done(k, n)

		pushed, popped := j.pair(crashKeys)
		list := crashKey(w, crashKeys)
		if p := j.finished(crashKeys); p-*popped < 20 && r.IntN(2) == 0 {
			j.begin(crashKeys, p+1)
			if _, err = z.Push(false, list, crashNode(p), crashNow); err == nil {
				j.done(crashKeys, p+1)
			}
		} else if p > *popped {
			*pushed = *popped + 1 // the pop that has begun
			if err = z.Pop(true, list, &got, crashNow); err == nil {
				atomic.StoreUint64(popped, *popped+1)
			}
		}
		if err != nil {
			panic(err)
		}
		// What all writers want, and what expires or goes when memory is short.
		key := fmt.Appendf(nil, "shared %d", r.IntN(8))
		switch r.IntN(4) {
		case 0:
			z.Incr(key, 1, new(float64), 0, crashNow)
		case 1:
			shared = Value{Kind: String, Bytes: crashKey(w, r.IntN(crashKeys))}
			z.Set(Always, key, &shared, 0, crashNow)
		case 2:
			z.Set(Always, key, &Value{}, 0, crashNow)
		case 3:
			z.Get(key, crashNow, false, &got)
		}
	}
}

func crashNode(n uint64) *Value {
	if n%3 == 0 {
		return &Value{Kind: String, Bytes: binary.AppendUvarint(bytes.Repeat([]byte{'x'}, int(n%200)), n)}
	}
	return num(float64(n))
}

// verifyWriter proves that each key of a writer that was killed has the value that it had stored last, or the one that it was storing.
func verifyWriter(t *testing.T, z *Zone, w int, j journal) {
	t.Helper()
	var got Value
	for k := range crashKeys {
		if err := z.Get(crashKey(w, k), crashNow, false, &got); err != nil {
			t.Fatal(err)
		}
		old, now := crashValue(k, j.finished(k)), crashValue(k, j.begun(k))
		half := old
		half.Number += 0.5
		if !same(&got, &old) && !same(&got, &now) && !(now.Kind == Number && same(&got, &half)) {
			t.Fatalf("writer %d key %d: %+v, neither change %d nor %d", w, k, got, j.finished(k), j.begun(k))
		}
		// The next writer goes on from what is there.
		n := j.begun(k)
		if v := crashValue(k, n); !same(&got, &v) {
			if _, err := z.Set(Always, crashKey(w, k), &v, 0, crashNow); err != nil {
				t.Fatal(err)
			}
		}
		j.done(k, n)
	}
	verifyList(t, z, w, j)
}

func verifyList(t *testing.T, z *Zone, w int, j journal) {
	t.Helper()
	key := crashKey(w, crashKeys)
	popping, popped := j.pair(crashKeys)
	first, n := *popped, 0
	var got Value
	for i := first; ; i++ {
		if err := z.Pop(true, key, &got, crashNow); err != nil {
			t.Fatal(err)
		}
		if got.Kind == Nil {
			break
		}
		want := crashNode(i)
		if n == 0 && !same(&got, want) && *popping == first+1 { // the pop that had begun was done
			i++
			first++
			want = crashNode(i)
		}
		if n++; !same(&got, want) {
			t.Fatalf("writer %d: list has %+v in place %d, want %+v", w, got, i, want)
		}
	}
	end := first + uint64(n)
	if n == 0 {
		end = max(first, min(j.finished(crashKeys), *popping))
	}
	if end != j.begun(crashKeys) && end != j.finished(crashKeys) {
		t.Fatalf("writer %d: list ends at %d, want %d or %d", w, end, j.finished(crashKeys), j.begun(crashKeys))
	}
	j.begin(crashKeys, 0)
	j.done(crashKeys, 0)
	*popping, *popped = 0, 0
}

// TestCrash kills writers at random moments, while others go on, and proves that nothing is lost that was stored, and no lock stays.
func TestCrash(t *testing.T) {
	kills := 60
	if os.Getenv("MOONRING_FULL") != "" || os.Getenv("MOONRING_SOAK") != "" {
		kills = 10_000
	}
	f, err := Create("crash", 4<<20)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := Attach(f, uint32(os.Getpid()))
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	const writers = 3
	var (
		running  [writers]*exec.Cmd
		journals [writers]journal
		files    [writers]*os.File
	)
	for w := range writers {
		fd, err := unix.MemfdCreate("journal", unix.MFD_CLOEXEC)
		if err != nil {
			t.Fatal(err)
		}
		files[w] = os.NewFile(uintptr(fd), "journal")
		defer files[w].Close()
		if err := files[w].Truncate(1 << 16); err != nil {
			t.Fatal(err)
		}
		journals[w] = openJournal(t, files[w])
	}
	start := func(w int) {
		cmd := exec.Command("/proc/self/exe")
		cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%d", crashEnv, w))
		cmd.ExtraFiles = []*os.File{f, files[w]}
		cmd.Stderr = os.Stderr
		ready, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if _, err := ready.Read(make([]byte, 1)); err != nil {
			t.Fatalf("writer %d: %v", w, err)
		}
		running[w] = cmd
	}
	for w := range writers {
		start(w)
	}
	defer func() {
		for _, cmd := range running {
			cmd.Process.Kill()
			cmd.Wait()
		}
	}()
	seed := uint64(time.Now().UnixNano())
	r := rand.New(rand.NewPCG(seed, 2))
	held := 0
	for i := range kills {
		time.Sleep(time.Duration(r.IntN(2000)) * time.Microsecond)
		w := r.IntN(writers)
		pid := uint32(running[w].Process.Pid)
		running[w].Process.Kill()
		if running[w].Wait(); running[w].ProcessState.ExitCode() != -1 {
			t.Fatalf("writer %d ended by itself: %v", w, running[w].ProcessState)
		}
		held += locksOf(z, pid)
		if err := z.Recover(func(owner uint32) bool { return owner == pid }); err != nil {
			t.Fatalf("kill %d (seed %d): %v", i, seed, err)
		}
		if n := locksOf(z, pid); n != 0 {
			t.Fatalf("kill %d (seed %d): %d locks stay", i, seed, n)
		}
		if i%20 == 0 {
			check(t, z)
		}
		verifyWriter(t, z, w, journals[w])
		start(w)
	}
	check(t, z)
	t.Logf("%d writers killed, %d locks held by them", kills, held)
	if kills >= 1000 && held == 0 {
		t.Error("no writer was killed with a lock: the test proves nothing")
	}
}

// locksOf counts the locks that a process holds.
func locksOf(z *Zone, owner uint32) (n int) {
	for i := range z.geo.stripes {
		if uint32(z.load64(offStripes+i*stripeSize)&ownerMask) == owner {
			n++
		}
	}
	if uint32(z.load64(offPoolLock)&ownerMask) == owner {
		n++
	}
	return n
}
