package proxy

import (
	"strconv"

	"golang.org/x/sys/unix"

	"moonring/proxy/conf"
)

// Bodies longer than client_body_buffer_size are kept in files below client_body_temp_path, as in nginx, and so are others
// when the bodies of all requests would exceed lua_memory_limit. They are written by the loop itself: the page cache takes
// the bytes at once, as nginx without aio assumes, too.

// bodyFile is the file of a request's body.
type bodyFile struct {
	fd   int    // plus 1; 0 is none
	name string // its path
	keep bool   // it stays when the request ends
	at   int64  // bytes that are in it
}

// wantsBodyFile tells if the body goes to a file from its first byte.
func (r *Request) wantsBodyFile() bool {
	if r.Loc.ClientBodyInFileOnly != conf.BodyInFileOff {
		return true
	}
	// nginx takes a quarter more to memory, if it is known to be the end.
	size := r.Loc.ClientBodyBufferSize
	return r.Head.ContentLength >= size+size/4 || r.Head.ContentLength > 0 && !r.Worker.bodyRoom(r.Head.ContentLength)
}

// bodyRoom tells if bodies may take n more bytes of memory.
func (w *Worker) bodyRoom(n int64) bool { return int64(w.bodies)+n <= w.memoryMax }

// countBody keeps the account of the memory that bodies take.
func (r *Request) countBody() {
	n := len(r.body.buf)
	r.Worker.bodies += n - r.body.counted
	r.body.counted = n
}

// keepBody takes the next part of the body. status is that of the error to answer with, or 0.
func (r *Request) keepBody(p []byte, last bool) (status int) {
	b := &r.body
	b.size += int64(len(p))
	if b.file.fd == 0 && (b.chunked && b.size > r.Loc.ClientBodyBufferSize || !r.Worker.bodyRoom(int64(len(p)))) {
		if status := r.openBodyFile(); status != 0 {
			return status
		}
	}
	b.buf = append(b.buf, p...)
	r.countBody()
	if b.file.fd != 0 && (last || len(b.buf) >= int(min(r.Loc.ClientBodyBufferSize, bodyKeep)) || !r.Worker.bodyRoom(0)) {
		return r.writeBody()
	}
	return 0
}

// writeBody moves what is in memory to the file.
func (r *Request) writeBody() (status int) {
	b := &r.body
	for p := b.buf; len(p) > 0; {
		n, err := unix.Pwrite(b.file.fd-1, p, b.file.at)
		if err == unix.EINTR {
			continue
		}
		if err != nil || n == 0 {
			if err == nil {
				err = unix.ENOSPC
			}
			r.Log(conf.Crit, "pwrite() \""+b.file.name+"\" failed "+errnoText(err))
			return 500
		}
		p = p[n:]
		b.file.at += int64(n)
	}
	b.buf = b.buf[:0]
	r.countBody()
	return 0
}

// openBodyFile makes a file for the body.
func (r *Request) openBodyFile() (status int) {
	b := &r.body
	fd, name, err := r.Worker.createTemp(&r.Loc.ClientBodyTemp)
	if err != nil {
		r.Log(conf.Crit, "open() \""+name+"\" failed "+errnoText(err))
		return 500
	}
	b.file = bodyFile{fd: fd + 1, name: name, keep: r.Loc.ClientBodyInFileOnly == conf.BodyInFileOn}
	if r.Loc.ClientBodyInFileOnly == conf.BodyInFileOff {
		r.Log(conf.Warn, "a client request body is buffered to a temporary file "+name)
	}
	return 0
}

// closeBodyFile gives the body's file up.
func (r *Request) closeBodyFile() {
	f := &r.body.file
	if f.fd == 0 {
		return
	}
	closeFD(f.fd - 1)
	if !f.keep {
		if err := unix.Unlink(f.name); err != nil && err != unix.ENOENT {
			r.Worker.Log(conf.Crit, "unlink() \""+f.name+"\" failed "+errnoText(err))
		}
	}
	*f = bodyFile{}
}

// BodyFile is the file that the body is kept in, open for reading; ok is false if there is none. Its name and descriptor are
// valid until the request ends.
func (r *Request) BodyFile() (name string, fd int, ok bool) {
	f := &r.body.file
	if f.fd == 0 || r.body.state != bodyDone {
		return "", -1, false
	}
	return f.name, f.fd - 1, true
}

// tempTries bounds the names that are tried for a temporary file.
const tempTries = 1000

// createTemp creates a file with a new name: ten digits.
func (w *Worker) createTemp(t *conf.TempPath) (fd int, name string, err error) {
	for range tempTries {
		var folders []string
		name, folders = tempName(t, w.tempNumber)
		w.tempNumber++
		fd, err = unix.Open(name, unix.O_RDWR|unix.O_CREAT|unix.O_EXCL|unix.O_CLOEXEC|unix.O_NOFOLLOW, 0o600)
		switch {
		case err == nil:
			return fd, name, nil
		case err == unix.EEXIST:
			w.tempNumber += 123456
		case err == unix.ENOENT && len(folders) > 0:
			for _, f := range folders {
				if err := unix.Mkdir(f, 0o700); err != nil && err != unix.EEXIST {
					return -1, f, err
				}
			}
			w.tempNumber--
		case err != unix.EINTR:
			return -1, name, err
		}
	}
	return -1, name, err
}

// tempName is the name of temporary file n, and the folders on the way to it that are not the configured one.
func tempName(t *conf.TempPath, n uint32) (name string, folders []string) {
	digits := strconv.FormatUint(1e10+uint64(n), 10)[1:]
	dir, end := t.Path, len(digits)
	for _, length := range t.Levels {
		dir += "/" + digits[end-length:end]
		end -= length
		folders = append(folders, dir)
	}
	return dir + "/" + digits, folders
}
