package lib

import (
	"bytes"
	"io"
	"unsafe"

	"golang.org/x/sys/unix"

	"moonring/lua"
	"moonring/lua/number"
)

// A file is userdata of the io library. It lies in the arena and holds a
// descriptor and one buffer, used either for reading or for writing, as
// stdio's streams do.
type file struct {
	magic    uint32
	fd       int32
	flags    uint32
	pos, end uint32 // reading: buf[pos:end] is unread; writing: buf[:end] is unwritten
	_        uint32
	buf      [fileBuffer]byte
}

const (
	fileBuffer = 4096
	fileMagic  = 0x4C46494F
	fileSize   = int(unsafe.Sizeof(file{}))
)

// Flags of a file.
const (
	fileOpen = 1 << iota
	fileReadable
	fileWritable
	fileStandard  // stdin, stdout or stderr: can't be closed
	fileAutoClose // closed at its end by the iterator of io.lines
	fileWriting   // the buffer holds output
	fileLineBuf   // flushed at every line
	fileNoBuf     // flushed at every write
	fileStdout    // output goes to the VM's writer
)

// fileOf returns the file that v is, nil if it is something else. meta is the
// metatable of files.
func fileOf(vm *lua.VM, v, meta lua.Value) *file {
	b := vm.UserdataBytes(v)
	if len(b) != fileSize || vm.Metatable(v) != meta {
		return nil
	}
	if f := fileAt(b); f.magic == fileMagic {
		return f
	}
	return nil
}

// fileAt lays a file over the fileSize bytes of a userdata.
func fileAt(b []byte) *file { return (*file)(unsafe.Pointer(unsafe.SliceData(b))) }

// ignoreEINTR repeats a system call that a signal interrupted.
func ignoreEINTR(f func() (int, error)) (int, error) {
	for {
		n, err := f()
		if err != unix.EINTR {
			return n, err
		}
	}
}

// fill reads more into an empty buffer. It returns 0 at the end.
func (f *file) fill() (int, error) {
	if f.flags&fileReadable == 0 {
		return 0, unix.EBADF
	}
	f.pos, f.end = 0, 0
	n, err := ignoreEINTR(func() (int, error) { return unix.Read(int(f.fd), f.buf[:]) })
	if err != nil {
		return 0, err
	}
	f.end = uint32(n)
	return n, nil
}

// startReading flushes what was written.
func (f *file) startReading(vm *lua.VM) error {
	if f.flags&fileWriting == 0 {
		return nil
	}
	err := f.flush(vm)
	f.flags &^= fileWriting
	return err
}

// startWriting forgets what was read ahead.
func (f *file) startWriting() error {
	if f.flags&fileWritable == 0 {
		return unix.EBADF
	}
	if f.flags&fileWriting == 0 {
		f.dropReadAhead()
		f.flags |= fileWriting
	}
	return nil
}

// dropReadAhead moves the descriptor back to where the reader is.
func (f *file) dropReadAhead() {
	if n := f.end - f.pos; n > 0 {
		_, _ = unix.Seek(int(f.fd), -int64(n), io.SeekCurrent)
	}
	f.pos, f.end = 0, 0
}

// out writes b to where the file's output goes.
func (f *file) out(vm *lua.VM, b []byte) error {
	if f.flags&fileStdout != 0 {
		_, err := vm.Stdout().Write(b)
		return err
	}
	for len(b) > 0 {
		n, err := ignoreEINTR(func() (int, error) { return unix.Write(int(f.fd), b) })
		if err != nil {
			return err
		}
		b = b[n:]
	}
	return nil
}

// flush writes the buffered output.
func (f *file) flush(vm *lua.VM) error {
	if f.flags&fileStdout != 0 {
		if w, ok := vm.Stdout().(interface{ Flush() error }); ok {
			return w.Flush()
		}
		return nil
	}
	if f.flags&fileWriting == 0 || f.end == 0 {
		return nil
	}
	n := f.end
	f.end = 0
	return f.out(vm, f.buf[:n])
}

// write buffers b.
func (f *file) write(vm *lua.VM, b []byte) error {
	if err := f.startWriting(); err != nil {
		return err
	}
	if f.flags&fileStdout != 0 {
		return f.out(vm, b)
	}
	if int(f.end)+len(b) > len(f.buf) {
		if err := f.flush(vm); err != nil {
			return err
		}
		if len(b) >= len(f.buf) {
			return f.out(vm, b)
		}
	}
	copy(f.buf[f.end:], b)
	f.end += uint32(len(b))
	if f.flags&fileNoBuf != 0 || f.flags&fileLineBuf != 0 && bytes.IndexByte(b, '\n') >= 0 {
		return f.flush(vm)
	}
	return nil
}

// seek moves to offset, counted from whence, and returns the new position.
func (f *file) seek(vm *lua.VM, offset int64, whence int) (int64, error) {
	if f.flags&fileWriting != 0 {
		if err := f.flush(vm); err != nil {
			return 0, err
		}
	} else if whence == io.SeekCurrent {
		offset -= int64(f.end - f.pos)
	}
	n, err := unix.Seek(int(f.fd), offset, whence)
	if err != nil {
		return 0, err
	}
	f.pos, f.end = 0, 0
	f.flags &^= fileWriting
	return n, nil
}

// close flushes and closes the descriptor.
func (f *file) close(vm *lua.VM) error {
	err := f.flush(vm)
	f.flags = 0
	if e := unix.Close(int(f.fd)); err == nil {
		err = e
	}
	f.fd = -1
	return err
}

// peek returns the next byte without taking it; ok is false at the end.
func (f *file) peek() (b byte, ok bool, err error) {
	if f.pos == f.end {
		if n, err := f.fill(); n == 0 {
			return 0, false, err
		}
	}
	return f.buf[f.pos], true, nil
}

// readLine adds a line to w, with its end if keep. found is false if there was
// nothing at all.
func (f *file) readLine(w *buffer, keep bool) (found, ok bool, err error) {
	for {
		if f.pos == f.end {
			if n, err := f.fill(); n == 0 {
				return found, true, err
			}
		}
		b := f.buf[f.pos:f.end]
		found = true
		if i := bytes.IndexByte(b, '\n'); i >= 0 {
			f.pos += uint32(i + 1)
			if keep {
				i++
			}
			return true, w.add(b[:i]), nil
		}
		f.pos = f.end
		if !w.add(b) {
			return true, false, nil
		}
	}
}

// readChars adds up to n bytes to w.
func (f *file) readChars(w *buffer, n int) (ok bool, err error) {
	for n > 0 {
		if f.pos == f.end {
			if k, err := f.fill(); k == 0 {
				return true, err
			}
		}
		b := f.buf[f.pos:f.end]
		if len(b) > n {
			b = b[:n]
		}
		f.pos += uint32(len(b))
		n -= len(b)
		if !w.add(b) {
			return false, nil
		}
	}
	return true, nil
}

// numberTextMax bounds the text of a number in a file.
const numberTextMax = 200

// readNumber reads a number as glibc's scanf does for %lf: decimal,
// hexadecimal, inf or nan, after white space. What can't belong to it stays
// unread; an exponent without digits belongs to it.
func (f *file) readNumber() (x float64, ok bool, err error) {
	var text [numberTextMax]byte
	n := 0
	var c byte
	var more bool
	next := func() bool { // takes c and looks at the byte after it
		text[n] = c
		n++
		f.pos++
		c, more, err = f.peek()
		more = more && n < numberTextMax
		return more
	}
	for {
		if c, more, err = f.peek(); !more {
			return 0, false, err
		}
		if charClass[c]&chSpace == 0 {
			break
		}
		f.pos++
	}
	if (c == '+' || c == '-') && !next() {
		return 0, false, err
	}
	if word := c | 0x20; word == 'i' || word == 'n' {
		for more && charClass[c]&chAlpha != 0 && next() {
		}
		x, ok = number.Parse(text[:n])
		return x, ok && err == nil, err
	}
	digit, exponent := uint16(chDigit), byte('e')
	if c == '0' && next() && c|0x20 == 'x' {
		digit, exponent = chXdigit, 'p'
		next()
	}
	for more && charClass[c]&digit != 0 && next() {
	}
	if more && c == '.' && next() {
		for charClass[c]&digit != 0 && next() {
		}
	}
	end := n
	if more && n > 0 && c|0x20 == exponent && next() {
		if c == '+' || c == '-' {
			next()
		}
		for more && charClass[c]&chDigit != 0 {
			next()
			end = n
		}
	}
	if err != nil {
		return 0, false, err
	}
	x, ok = number.Parse(text[:end])
	return x, ok, nil
}
