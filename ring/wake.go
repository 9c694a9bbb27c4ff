package ring

import (
	"fmt"
	"syscall"

	"golang.org/x/sys/unix"
)

// Waking from other goroutines: an eventfd whose READ is always armed on the ring. Of any number of
// calls between two iterations only the first writes to it.

func (r *Ring) setupWake() error {
	fd, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		return fmt.Errorf("eventfd: %w", err)
	}
	r.wakeFD = fd
	b, err := r.k.Map(4096)
	if err != nil {
		return err
	}
	r.wakeBuf = memOf(b)
	return nil
}

func (r *Ring) armWake() {
	r.wakeArmed = true
	r.prepRead(int32(r.wakeFD), r.wakeBuf.addr(0), 8, 0, userData(opWake, 0, 0))
}

var wakeOne = [8]byte{1, 0, 0, 0, 0, 0, 0, 1} // nonzero in either byte order

// Wake makes Run return if it waits. It may be called from any goroutine.
func (r *Ring) Wake() {
	if r.woken.Swap(true) {
		return
	}
	r.postMu.Lock()
	if r.wakeFD >= 0 {
		syscall.Write(r.wakeFD, wakeOne[:])
	}
	r.postMu.Unlock()
}

// Post has f called on the ring's goroutine, in the order of posting. It may be called from any goroutine. After
// Close f is dropped.
func (r *Ring) Post(f func()) {
	r.postMu.Lock()
	r.posts = append(r.posts, f)
	r.postMu.Unlock()
	r.Wake()
}

// runPosts runs what was posted. woken is reset first: a Post that comes later writes again.
func (r *Ring) runPosts() {
	if !r.woken.Load() {
		return
	}
	r.woken.Store(false)
	r.postMu.Lock()
	r.running, r.posts = r.posts, r.running[:0]
	r.postMu.Unlock()
	for i, f := range r.running {
		r.running[i] = nil
		f()
	}
}
