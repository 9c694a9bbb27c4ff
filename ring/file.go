package ring

import "syscall"

// FileRead is one read of a file. Embed it in what it belongs to: starting it allocates nothing.
type FileRead struct {
	h      FileReadHandler
	p      []byte
	slot   uint32
	res    int32
	active bool
}

// FileReadHandler is told how a read ended.
type FileReadHandler interface {
	// OnRead is called exactly once per ReadFile: n bytes were read, less than asked at the end of
	// the file or by chance, 0 beyond its end. err is a syscall.Errno.
	OnRead(f *FileRead, n int, err error)
}

// ReadFile reads up to len(p) bytes from offset off of fd, which stays the caller's. p must be heap or mapped
// memory and is the kernel's until OnRead. f must not be active.
func (r *Ring) ReadFile(f *FileRead, fd int, p []byte, off int64, h FileReadHandler) error {
	switch {
	case r.closed:
		return ErrClosed
	case f.active:
		return syscall.EBUSY
	case len(p) == 0 || len(p) > 1<<30:
		return syscall.EINVAL
	}
	if n := len(r.readFree); n > 0 {
		f.slot = r.readFree[n-1]
		r.readFree = r.readFree[:n-1]
	} else {
		if len(r.reads) >= slotMax {
			return ErrTooMany
		}
		f.slot = uint32(len(r.reads))
		r.reads = append(r.reads, nil)
		r.readGen = append(r.readGen, 0)
	}
	r.reads[f.slot] = f
	f.h, f.p, f.active = h, p, true
	r.prepRead(int32(fd), addrOf(p), uint32(len(p)), uint64(off), userData(opFileRead, f.slot, r.readGen[f.slot]))
	return nil
}

// CancelRead asks the kernel to end f early. OnRead still comes.
func (r *Ring) CancelRead(f *FileRead) {
	if f.active && r.reads[f.slot] == f {
		r.prepCancel(userData(opFileRead, f.slot, r.readGen[f.slot]))
	}
}

func (r *Ring) onFileRead(slot, gen uint32, res int32) {
	if int(slot) >= len(r.reads) || r.reads[slot] == nil || r.readGen[slot] != gen {
		r.stats.Stale++
		return
	}
	f := r.reads[slot]
	f.res = res
	r.reads[slot] = nil
	r.readGen[slot]++
	r.readFree = append(r.readFree, slot)
	r.readDone = append(r.readDone, f)
}

func (r *Ring) runReads() {
	for i := 0; i < len(r.readDone); i++ {
		f := r.readDone[i]
		h := f.h
		f.h, f.p, f.active = nil, nil, false
		if f.res < 0 {
			h.OnRead(f, 0, syscall.Errno(-f.res))
		} else {
			h.OnRead(f, int(f.res), nil)
		}
	}
	clear(r.readDone)
	r.readDone = r.readDone[:0]
}
