package lua

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A snapshot is a VM in a file: the arena as it is, the heads of the string table, then a footer with the little that a VM holds outside of them. Restore
// maps the arena privately, so that VMs of many processes share what they don't change; the heads it copies. Builtins are numbers in it, of the very build that made it.
//
// The footer is of 32-bit words: snapshotMagic, the number of registered builtins, the number of pinned values ever, the handles of next and of
// what ipairs returns, and the lower half of the size of arena and heads.

const (
	snapshotMagic = 0x4e4f4f4d
	snapshotWords = 6
)

var errSnapshot = errors.New("lua: not a snapshot of this build")

// Snapshot writes the VM to fd, an empty file, after a collection. It may be called between runs only, and no Thread of the host's may be in use:
// those kept for reuse are let go of.
func (vm *VM) Snapshot(fd int) error {
	for _, t := range vm.threads {
		vm.Unpin(t.pin)
	}
	vm.threads = nil
	for range 10 { // finalizers can make more
		vm.Collect()
		if len(vm.finalize) == 0 {
			break
		}
	}
	return vm.withoutPatches(func() error { return vm.writeSnapshot(fd) })
}

func (vm *VM) writeSnapshot(fd int) error {
	image, heads, err := vm.image()
	if err != nil {
		return err
	}
	var footer []byte
	for _, word := range []uint32{snapshotMagic, uint32(len(builtins)), uint32(vm.pinned.n), uint32(vm.fns.next), uint32(vm.fns.ipairs), uint32(len(image) + len(heads))} {
		footer = binary.LittleEndian.AppendUint32(footer, word)
	}
	for _, part := range [][]byte{image, heads, footer} {
		for len(part) > 0 {
			n, err := unix.Write(fd, part)
			if err != nil {
				return fmt.Errorf("lua: writing a snapshot: %w", err)
			}
			part = part[n:]
		}
	}
	return nil
}

// Restore makes a VM that goes on from the snapshot in fd, whose file must never change: it should be sealed. The descriptor stays the caller's and
// may be closed. Of cfg everything counts, as with New; host, file loader and output are to be set anew, libraries and globals are there.
func Restore(cfg Config, fd int) (*VM, error) {
	vm, limit, err := newVM(cfg)
	if err != nil {
		return nil, err
	}
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return nil, fmt.Errorf("lua: snapshot: %w", err)
	}
	length := st.Size - snapshotWords*4
	if length < pageSize || length > reserveMax {
		return nil, errSnapshot
	}
	footer := make([]byte, snapshotWords*4)
	if n, err := unix.Pread(fd, footer, length); err != nil || n != len(footer) {
		return nil, errSnapshot
	}
	word := func(i int) uint32 { return binary.LittleEndian.Uint32(footer[i*4:]) }
	if word(0) != snapshotMagic || int(word(1)) != len(builtins) || word(5) != uint32(length) {
		return nil, errSnapshot
	}
	if err := vm.mapImage(limit, fd, uintptr(length)); err != nil {
		return nil, err
	}
	vm.pinned.n = int32(word(2)) // places that were free are not used again
	vm.fns.next, vm.fns.ipairs = Ref(word(3)), Ref(word(4))
	vm.internNames()
	vm.th = vm.thread(vm.root.mainThread)
	vm.rest()
	vm.ready()
	return vm, nil
}

// mapImage makes a heap that goes on from an image, the first length bytes of a file, with a limit of its own. The arena in it is mapped copy on write.
func (h *heap) mapImage(limit int64, fd int, length uintptr) error {
	var head [unsafe.Sizeof(rootBlock{})]byte
	if n, err := unix.Pread(fd, head[:], 0); err != nil || n != len(head) {
		return errSnapshot
	}
	from := rootOf(head[:])
	arena := uintptr(from.mem.top) << pageShift
	if arena == 0 || arena+uintptr(from.strings.size)*8 != length || from.mem.top > from.mem.pageLimit {
		return errSnapshot
	}
	if err := h.reserve(uintptr(from.mem.pageLimit) << pageShift); err != nil {
		return err
	}
	if _, err := unix.MmapPtr(fd, 0, h.mem, arena, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_FIXED|unix.MAP_NORESERVE); err != nil {
		h.free()
		return fmt.Errorf("lua: mapping a snapshot: %w", err)
	}
	// Heads are not mapped: what is given back to the kernel must be 0 then.
	if from.strings.size > h.headsMax {
		h.free()
		return errSnapshot
	}
	for heads, at := h.headBytes(), int64(arena); len(heads) > 0; {
		n, err := unix.Pread(fd, heads, at)
		if err != nil || n == 0 {
			h.free()
			return fmt.Errorf("lua: reading a snapshot: %w", cmp.Or(err, errSnapshot))
		}
		heads, at = heads[n:], at+int64(n)
	}
	h.root.strings.dirty = from.strings.size
	h.k0, h.k1 = h.root.strings.key[0], h.root.strings.key[1]
	h.setLimit(limit)
	return nil
}

// rootOf copies a rootBlock out of its bytes, which may lie anywhere.
func rootOf(b []byte) *rootBlock {
	root := new(rootBlock)
	copy(unsafe.Slice((*byte)(unsafe.Pointer(root)), unsafe.Sizeof(*root)), b)
	return root
}
