package shm

import (
	"cmp"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// ErrInUse says that another instance has the file of a persistent zone.
var ErrInUse = errors.New("in use by another instance")

// Open returns the file of a persistent zone of size bytes (rounded up to whole pages), ready for Attach, and locked until all descriptors that were made from it
// are closed. note is called with a sentence about each thing that an administrator should know.
//
// A file that MarkClean has marked is used as it is. After the death of all processes, what the chains reach is copied to a new file; after the
// machine's, what is whole by its checksum: each key then has a value that it once had. A file that isn't a zone, or of which something is lost, is renamed.
func Open(path string, size int, note func(string)) (*os.File, error) {
	if size < MinSize || size > MaxSize {
		return nil, ErrSize
	}
	size = (size + pageSize - 1) &^ (pageSize - 1)
	boot, err := bootID()
	if err != nil {
		return nil, err
	}
	f, err := openLocked(path, os.O_RDWR|os.O_CREATE)
	if err != nil {
		return nil, err
	}
	f, err = settleFile(f, path, size, boot, note)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return f, nil
}

// openLocked opens a file that no other instance may have.
func openLocked(path string, flags int) (*os.File, error) {
	f, err := os.OpenFile(path, flags|unix.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		f.Close()
		if err == unix.EWOULDBLOCK {
			err = ErrInUse
		}
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return f, nil
}

// settleFile makes of f, or of its contents, a file with a zone in use. It closes f if it returns another.
func settleFile(f *os.File, path string, size int, boot [2]uint64, note func(string)) (_ *os.File, err error) {
	defer func() {
		if err != nil {
			f.Close()
		}
	}()
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if st.Size() == 0 {
		if err := fill(f, size, flagPersistent); err != nil {
			return nil, err
		}
		return f, takeInUse(f, boot)
	}
	old, why := mapZone(f, 1, unix.MAP_PRIVATE) // what is repaired here stays here
	if why == nil {
		defer old.Close()
		if why = old.readHeader(); why == nil && !old.persistent {
			why = errors.New("not a persistent zone")
		}
	}
	if why != nil {
		aside, err := setAside(path)
		if err != nil {
			return nil, err
		}
		note(fmt.Sprintf("shared dict file %q set aside as %q: %v", path, aside, why))
		return replace(f, path, size, boot, nil)
	}
	clean := *old.w64(offClean) == 1
	same := *old.w64(offBoot) == boot[0] && *old.w64(offBoot + 8) == boot[1]
	if clean && int64(size) == st.Size() {
		if why = old.verify(); why == nil && !old.bad {
			return f, takeInUse(f, boot)
		}
		old.bad = false
	}
	return replace(f, path, size, boot, func(z *Zone) error {
		kept, lost := old.salvage(z, clean || same)
		if lost > 0 || why != nil {
			aside, err := setAside(path)
			if err != nil {
				return err
			}
			note(fmt.Sprintf("shared dict file %q set aside as %q: %d entries are damaged", path, aside, lost))
		}
		if !clean {
			note(fmt.Sprintf("shared dict file %q was not closed: %d entries recovered", path, kept))
		}
		return nil
	})
}

// replace puts a new file in the place of f, and into it what copyTo copies.
func replace(f *os.File, path string, size int, boot [2]uint64, copyTo func(*Zone) error) (_ *os.File, err error) {
	tmp := path + ".new"
	if err := os.Remove(tmp); err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	made, err := openLocked(tmp, os.O_RDWR|os.O_CREATE|os.O_EXCL)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			made.Close()
			os.Remove(tmp)
		}
	}()
	if err := fill(made, size, flagPersistent); err != nil {
		return nil, err
	}
	if copyTo != nil {
		z, err := Attach(made, 1)
		if err != nil {
			return nil, err
		}
		defer z.Close()
		if err := copyTo(z); err != nil {
			return nil, err
		}
	}
	if err := takeInUse(made, boot); err != nil {
		return nil, err
	}
	if err := os.Rename(tmp, path); err != nil {
		return nil, err
	}
	f.Close()
	return made, nil
}

// setAside renames a file that can't be trusted.
func setAside(path string) (string, error) {
	aside := path + ".damaged-" + time.Now().UTC().Format("20060102T150405.000000000")
	return aside, os.Rename(path, aside)
}

// takeInUse notes that processes of this boot use the zone in f, on disk.
func takeInUse(f *os.File, boot [2]uint64) error {
	z, err := mapZone(f, 1, unix.MAP_SHARED)
	if err != nil {
		return err
	}
	defer z.Close()
	*z.w64(offClean), *z.w64(offDamaged) = 0, 0
	*z.w64(offBoot), *z.w64(offBoot + 8) = boot[0], boot[1]
	for i := range z.geo.stripes {
		*z.w64(offStripes + i*stripeSize) &^= ownerMask
	}
	*z.w64(offPoolLock) &^= ownerMask
	return z.sync()
}

// sync makes what is in the mapping durable.
func (z *Zone) sync() error {
	if err := unix.Msync(z.mem[:z.geo.size], unix.MS_SYNC); err != nil {
		return fmt.Errorf("msync: %w", err)
	}
	return nil
}

// MarkClean says that a persistent zone is whole. The caller knows that no other process uses it any more, and doesn't use it, either.
func (z *Zone) MarkClean() error {
	if !z.persistent || z.Damaged() {
		return nil
	}
	if err := z.sync(); err != nil {
		return err
	}
	*z.w64(offClean) = 1
	return z.sync()
}

// bootID is what the kernel calls this boot of the machine.
func bootID() (id [2]uint64, err error) {
	text, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return id, err
	}
	b, err := hex.DecodeString(strings.ReplaceAll(strings.TrimSpace(string(text)), "-", ""))
	if err != nil || len(b) != 16 {
		return id, errors.New("the kernel's boot_id is unreadable")
	}
	return [2]uint64{word(b, 0), word(b, 8)}, nil
}

// salvage copies the entries of z, which nobody else sees, to another zone: those that the chains reach, or if chains can't be believed all that
// are whole.
func (z *Zone) salvage(to *Zone, chains bool) (kept, lost int) {
	type found struct {
		stamp uint64
		ref   uint32
	}
	var all []found
	add := func(ref uint32) { all = append(all, found{z.load64(uint64(ref)*unit + entryStamp), ref}) }
	if chains {
		for i := range z.geo.stripes {
			z.undo(offStripes + i*stripeSize)
			z.bad = false
		}
		for b := range z.geo.buckets {
			steps := z.geo.pages * 64
			for ref := z.load32(z.geo.bucketOff + b*4); ref != 0 && !z.bad && steps > 0; ref = z.load32(uint64(ref)*unit + entryNext) {
				add(ref)
				steps--
			}
			if z.bad || steps == 0 {
				lost++
			}
			z.bad = false
		}
	} else {
		for i := range z.geo.pages {
			kind := *z.w32(z.pageMeta(uint32(i+1)) + pageKind)
			if kind == 0 || kind > classes {
				continue
			}
			size := classSize[kind-1]
			for at := uint64(0); at+size <= pageSize; at += size {
				add(uint32((z.geo.pageOff + i*pageSize + at) / unit))
			}
		}
	}
	slices.SortStableFunc(all, func(a, b found) int { return cmp.Compare(a.stamp, b.stamp) })
	for _, e := range all {
		ok := z.copyEntry(e.ref, to)
		if z.bad = false; ok {
			kept++
		} else if chains {
			lost++
		}
	}
	return kept, lost
}

// copyEntry stores an entry, if it is whole, in another zone.
func (z *Zone) copyEntry(ref uint32, to *Zone) bool {
	off := uint64(ref) * unit
	w, stamp := z.load64(off+entryWhat), z.load64(off+entryStamp)
	if keyLenOf(w) == 0 || classOf(w)&classMask >= classes || z.bad {
		return false
	}
	key, ok := z.keyOf(ref)
	if !ok {
		return false
	}
	h := z.hash(key)
	v, whole := z.entryValue(ref, h)
	if !whole || uint32(h>>32) != z.load32(off+entryHash) {
		return false
	}
	now := int64(min(stamp>>stampBits, math.MaxInt64>>stampBits))
	if v.Kind == List {
		return z.copyList(off, key, to, now, v.expires)
	}
	var ttl int64
	if v.expires != 0 {
		now = min(now, int64(v.expires)-1)
		ttl = int64(v.expires) - now
	}
	_, err := to.Set(Always, key, &v, ttl, now)
	return err == nil
}

// copyList copies a list up to the first node that isn't whole.
func (z *Zone) copyList(off uint64, key []byte, to *Zone, now int64, expires uint64) bool {
	to.Set(Always, key, &Value{}, 0, now)
	steps := z.geo.pages * 64
	var v Value
	for node := z.load32(off + listFirst); node != 0; node = z.load32(uint64(node)*unit + nodeNext) {
		if z.nodeClass(uint64(node)*unit)&classMask >= classes {
			return false
		}
		z.readNode(node, &v)
		if steps--; steps == 0 || z.bad || z.load32(uint64(node)*unit+nodeSum) != z.nodeSum(&v) {
			return false
		}
		if _, err := to.Push(false, key, &v, now); err != nil {
			return false
		}
	}
	if expires != 0 {
		to.Expire(key, int64(expires)-now, now)
	}
	return true
}
