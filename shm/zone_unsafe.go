package shm

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Zone is one process's view of a zone. It belongs to one goroutine.
type Zone struct {
	base       unsafe.Pointer
	limit      uint64 // offset of the last word
	geo        geometry
	owner      uint64
	seed0      uint64
	seed1      uint64
	clock      uint64 // the last stamp
	slack      uint64 // stamps that are no older than this are not renewed
	persistent bool
	bad        bool          // an offset led astray
	patience   time.Duration // how long to wait for a lock

	buf  []byte // values that are returned
	key  []byte // the key of an entry found in the order of use
	node uint32 // the first node of a list that is being made
	mem  []byte
}

// ErrSize says that a zone can't have the size that was asked for.
var ErrSize = fmt.Errorf("size must be from %d to %d bytes", MinSize, MaxSize)

// Create makes a zone of size bytes (rounded up to whole pages) in memory. The file is all that holds it: it has no name in the file system, and its size is
// sealed. It is allocated whole.
func Create(name string, size int) (*os.File, error) {
	if size < MinSize || size > MaxSize {
		return nil, ErrSize
	}
	size = (size + pageSize - 1) &^ (pageSize - 1)
	fd, err := unix.MemfdCreate(name, unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if err != nil {
		return nil, fmt.Errorf("memfd_create: %w", err)
	}
	f := os.NewFile(uintptr(fd), name)
	if err := fill(f, size, 0); err != nil {
		f.Close()
		return nil, err
	}
	if _, err := unix.FcntlInt(f.Fd(), unix.F_ADD_SEALS, unix.F_SEAL_GROW|unix.F_SEAL_SHRINK|unix.F_SEAL_SEAL); err != nil {
		f.Close()
		return nil, fmt.Errorf("sealing: %w", err)
	}
	return f, nil
}

// fill makes f, which is empty, a zone without entries.
func fill(f *os.File, size int, flags uint64) error {
	if err := f.Truncate(int64(size)); err != nil {
		return err
	}
	if err := unix.Fallocate(int(f.Fd()), 0, 0, int64(size)); err != nil {
		return fmt.Errorf("allocating %d bytes: %w", size, err)
	}
	z, err := mapZone(f, 1, unix.MAP_SHARED)
	if err != nil {
		return err
	}
	defer z.Close()
	var seeds [16]byte
	rand.Read(seeds[:])
	*z.w64(offVersion) = layoutVersion
	*z.w64(offSize) = z.geo.size
	*z.w64(offSeed0) = binary.NativeEndian.Uint64(seeds[:])
	*z.w64(offSeed1) = binary.NativeEndian.Uint64(seeds[8:])
	*z.w64(offFlags) = flags
	*z.w64(offChecksum) = z.headerSum()
	for i := z.geo.pages; i > 0; i-- {
		z.linkPage(uint32(i), 0)
	}
	*z.w64(offFreePages) = z.geo.pages
	*z.w64(offFreeBytes) = z.geo.pages * pageSize
	*z.w64(offMagic) = magic
	return nil
}

// headerSum is the checksum of what is written once.
func (z *Zone) headerSum() uint64 {
	h := uint64(mixA)
	for off := uint64(offVersion); off < offBoot; off += 8 {
		h = mix(h^mixB, *z.w64(off)^mixA)
	}
	return h
}

// Attach maps the zone in f, for a process that the master knows as owner: a number from 1 to 2^24-1 that no other living process which maps the zone
// has.
func Attach(f *os.File, owner uint32) (*Zone, error) {
	if owner == 0 || owner > ownerMask {
		return nil, errors.New("owner out of range")
	}
	z, err := mapZone(f, owner, unix.MAP_SHARED)
	if err != nil {
		return nil, err
	}
	if err := z.readHeader(); err != nil {
		z.Close()
		return nil, err
	}
	return z, nil
}

func (z *Zone) readHeader() error {
	switch {
	case *z.w64(offMagic) != magic:
		return errors.New("not a shared memory zone")
	case *z.w64(offVersion) != layoutVersion:
		return fmt.Errorf("layout version %d instead of %d", *z.w64(offVersion), layoutVersion)
	case *z.w64(offSize) != z.geo.size:
		return fmt.Errorf("size %d of a zone that was made with %d", z.geo.size, *z.w64(offSize))
	case *z.w64(offChecksum) != z.headerSum():
		return errors.New("checksum of the header is wrong")
	}
	z.seed0, z.seed1 = *z.w64(offSeed0), *z.w64(offSeed1)
	z.persistent = *z.w64(offFlags)&flagPersistent != 0
	return nil
}

// mapZone maps f, and a page of the process's own behind it.
func mapZone(f *os.File, owner uint32, how int) (*Zone, error) {
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	size := st.Size()
	if size < MinSize || size > MaxSize || size%pageSize != 0 {
		return nil, ErrSize
	}
	mem, err := unix.Mmap(-1, 0, int(size)+pageSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS|unix.MAP_NORESERVE)
	if err != nil {
		return nil, fmt.Errorf("mmap: %w", err)
	}
	base := unsafe.Pointer(unsafe.SliceData(mem))
	if _, err := unix.MmapPtr(int(f.Fd()), 0, base, uintptr(size), unix.PROT_READ|unix.PROT_WRITE, how|unix.MAP_FIXED); err != nil {
		unix.Munmap(mem)
		return nil, fmt.Errorf("mmap: %w", err)
	}
	return &Zone{base: base, limit: uint64(size) - 8, geo: layout(uint64(size)), owner: uint64(owner), mem: mem, patience: lockFor}, nil
}

// Close ends this view of the zone.
func (z *Zone) Close() {
	if z.mem != nil {
		unix.Munmap(z.mem)
	}
	*z = Zone{}
}

// Size is what the zone takes, in bytes.
func (z *Zone) Size() int { return int(z.geo.size) }

// Damaged tells whether a process found the zone damaged: all operations fail.
func (z *Zone) Damaged() bool { return z.load64(offDamaged) != 0 }
