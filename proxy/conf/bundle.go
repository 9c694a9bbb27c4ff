package conf

import (
	"errors"
	"io"
	"io/fs"
	"sync"
	"syscall"
)

// Source is a file that was read.
type Source struct {
	Path string
	Text []byte
}

// WriteSources writes the configuration files as nginx -T prints them: each once, the main one first.
func (c *Config) WriteSources(w io.Writer) error {
	seen := map[string]bool{}
	for _, f := range c.Files {
		if seen[f.Path] {
			continue
		}
		seen[f.Path] = true
		if _, err := io.WriteString(w, "# configuration file "+f.Path+":\n"+string(f.Text)+"\n"); err != nil {
			return err
		}
	}
	return nil
}

// Bundle is everything that a Load read: given as FS to another Load with the same options, in any process, it leads to
// the same Config, whatever is on disk by then. It is plain data, to be encoded by any package.
type Bundle struct {
	Files  map[string][]byte
	Failed map[string]BundleError // reads that failed
	Globs  map[string][]string
}

// BundleError is the error of a read.
type BundleError struct {
	Op    string // "open", "read"
	Errno int
}

// ReadFile returns what the recorded read returned.
func (b *Bundle) ReadFile(path string) ([]byte, error) {
	if text, ok := b.Files[path]; ok {
		return text, nil
	}
	e, ok := b.Failed[path]
	if !ok {
		e = BundleError{"open", int(syscall.ENOENT)}
	}
	return nil, &fs.PathError{Op: e.Op, Path: path, Err: syscall.Errno(e.Errno)}
}

// Glob returns what the recorded match returned.
func (b *Bundle) Glob(pattern string) ([]string, error) { return b.Globs[pattern], nil }

// Recorder is an FS that keeps what goes through it. It may be used by several goroutines.
type Recorder struct {
	FS FS

	mu     sync.Mutex
	bundle Bundle
}

// NewRecorder returns a recorder of f.
func NewRecorder(f FS) *Recorder {
	return &Recorder{FS: f, bundle: Bundle{map[string][]byte{}, map[string]BundleError{}, map[string][]string{}}}
}

// Bundle returns what was read so far. Nothing may be read meanwhile or later.
func (r *Recorder) Bundle() *Bundle { return &r.bundle }

// ReadFile reads and records a file. One that was read before is not read again, so that a bundle is of one piece.
func (r *Recorder) ReadFile(path string) ([]byte, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, ok := r.bundle.Failed[path]; ok {
		return r.bundle.ReadFile(path)
	}
	if text, ok := r.bundle.Files[path]; ok {
		return text, nil
	}
	text, err := r.FS.ReadFile(path)
	if err == nil {
		r.bundle.Files[path] = text
		return text, nil
	}
	e := BundleError{Op: "open", Errno: int(syscall.EIO)}
	var pe *fs.PathError
	if errors.As(err, &pe) {
		e.Op = pe.Op
	}
	var no syscall.Errno
	switch {
	case errors.As(err, &no):
		e.Errno = int(no)
	case errors.Is(err, fs.ErrNotExist):
		e.Errno = int(syscall.ENOENT)
	case errors.Is(err, fs.ErrPermission):
		e.Errno = int(syscall.EACCES)
	}
	r.bundle.Failed[path] = e
	return nil, err
}

// Glob matches and records a pattern.
func (r *Recorder) Glob(pattern string) ([]string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if paths, ok := r.bundle.Globs[pattern]; ok {
		return paths, nil
	}
	paths, err := r.FS.Glob(pattern)
	if err == nil {
		r.bundle.Globs[pattern] = paths
	}
	return paths, err
}
