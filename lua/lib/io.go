package lib

import (
	"math"

	"golang.org/x/sys/unix"

	"moonring/lua"
	"moonring/lua/number"
)

// The io library. Its functions and the methods of files share one table as
// their first value: the metatable of files, the default files, and what else
// belongs to a VM's io.

var (
	ioCloseID   = lua.Register("close", ioClose)
	ioFlushID   = lua.Register("flush", ioFlush)
	ioInputID   = lua.Register("input", ioInput)
	ioLinesID   = lua.Register("lines", ioLines)
	ioOpenID    = lua.Register("open", ioOpen)
	ioOutputID  = lua.Register("output", ioOutput)
	ioPopenID   = lua.Register("popen", ioPopen)
	ioReadID    = lua.Register("read", ioRead)
	ioTmpfileID = lua.Register("tmpfile", ioTmpfile)
	ioTypeID    = lua.Register("type", ioType)
	ioWriteID   = lua.Register("write", ioWrite)

	fileCloseID    = lua.Register("close", fileClose)
	fileFlushID    = lua.Register("flush", fileFlush)
	fileLinesID    = lua.Register("lines", fileLines)
	fileReadID     = lua.Register("read", fileRead)
	fileSeekID     = lua.Register("seek", fileSeek)
	fileSetvbufID  = lua.Register("setvbuf", fileSetvbuf)
	fileWriteID    = lua.Register("write", fileWrite)
	fileGCID       = lua.Register("__gc", fileGC)
	fileTostringID = lua.Register("__tostring", fileTostring)

	ioLinesIterID = lua.Register("lines_iter", ioLinesIter)
)

// Fields of the shared table.
const (
	ioMeta = 1 + iota
	ioDefaultIn
	ioDefaultOut
	ioAllFiles // weak set of files to be flushed at the end
)

const ioRegistry = "io"

func openIO(vm *lua.VM) {
	env := vm.NewTable(4, 0)
	vm.SetField(vm.Registry(), ioRegistry, env)
	meta := vm.NewTable(0, 12)
	vm.SetField(vm.Registry(), "FILE*", meta)
	vm.RawSetInt(env, ioMeta, meta)
	files := vm.NewTable(0, 4)
	weak := vm.NewTable(0, 1)
	vm.SetField(weak, "__mode", vm.NewStringS("k"))
	vm.SetMetatable(files, weak)
	vm.RawSetInt(env, ioAllFiles, files)
	setFuncs(vm, meta, []fn{
		{"close", fileCloseID}, {"flush", fileFlushID}, {"lines", fileLinesID}, {"read", fileReadID}, {"seek", fileSeekID},
		{"setvbuf", fileSetvbufID}, {"write", fileWriteID}, {"__gc", fileGCID}, {"__tostring", fileTostringID},
	}, env)
	vm.SetField(meta, "__index", meta)

	t := newLib(vm, "io", nil)
	setFuncs(vm, t, []fn{
		{"close", ioCloseID}, {"flush", ioFlushID}, {"input", ioInputID}, {"lines", ioLinesID}, {"open", ioOpenID},
		{"output", ioOutputID}, {"popen", ioPopenID}, {"read", ioReadID}, {"tmpfile", ioTmpfileID}, {"type", ioTypeID},
		{"write", ioWriteID},
	}, env)
	for _, s := range []struct {
		name  string
		fd    int32
		flags uint32
		def   int
	}{
		{"stdin", 0, fileReadable, ioDefaultIn},
		{"stdout", 1, fileWritable | fileStdout, ioDefaultOut},
		{"stderr", 2, fileWritable | fileNoBuf, 0},
	} {
		v, f := newFile(vm, env)
		f.fd, f.flags = s.fd, s.flags|fileOpen|fileStandard
		vm.SetField(t, s.name, v)
		if s.def != 0 {
			vm.RawSetInt(env, s.def, v)
		}
	}
}

// Close flushes and closes the files that scripts have left open. The host
// calls it before VM.Close.
func Close(vm *lua.VM) {
	env := vm.Field(vm.Registry(), ioRegistry)
	if !env.IsTable() {
		return
	}
	meta, files := vm.RawGetInt(env, ioMeta), vm.RawGetInt(env, ioAllFiles)
	for k, _, ok := vm.Next(files, lua.Nil); ok && !k.IsNil(); k, _, ok = vm.Next(files, k) {
		if f := fileOf(vm, k, meta); f != nil && f.flags&(fileOpen|fileStandard) == fileOpen {
			_ = f.close(vm)
		}
	}
}

// newFile makes a file that isn't open; nil if memory is out.
func newFile(vm *lua.VM, env lua.Value) (lua.Value, *file) {
	v := vm.NewUserdata(fileSize, vm.RawGetInt(env, ioMeta))
	if v.IsNil() || !vm.RawSet(vm.RawGetInt(env, ioAllFiles), v, lua.True) {
		return lua.Nil, nil
	}
	f := fileAt(vm.UserdataBytes(v))
	f.magic, f.fd = fileMagic, -1
	return v, f
}

// openFile opens name. raised is true if an error of the VM's was raised, err
// is one of the system's.
func openFile(c *lua.Call, env lua.Value, name, mode []byte) (v lua.Value, f *file, raised bool, err error) {
	flags, how, ok := openMode(mode)
	if !ok {
		return lua.Nil, nil, false, unix.EINVAL
	}
	v, f = newFile(c.VM(), env)
	if f == nil {
		c.MemoryError()
		return lua.Nil, nil, true, nil
	}
	fd, err := ignoreEINTR(func() (int, error) { return unix.Open(string(name), how|unix.O_CLOEXEC, 0o666) })
	if err != nil {
		return lua.Nil, nil, false, err
	}
	f.fd, f.flags = int32(fd), flags|fileOpen
	if how&unix.O_APPEND != 0 && flags&fileReadable == 0 {
		_, _ = unix.Seek(fd, 0, 2)
	}
	return v, f, false, nil
}

// openMode reads fopen's mode; as there, only '+' matters behind the first letter.
func openMode(mode []byte) (flags uint32, open int, ok bool) {
	if len(mode) == 0 {
		return 0, 0, false
	}
	switch mode[0] {
	case 'r':
		flags = fileReadable
	case 'w':
		flags, open = fileWritable, unix.O_CREAT|unix.O_TRUNC
	case 'a':
		flags, open = fileWritable, unix.O_CREAT|unix.O_APPEND
	default:
		return 0, 0, false
	}
	for _, ch := range mode[1:] {
		switch ch {
		case '+':
			flags |= fileReadable | fileWritable
		case 'x':
			open |= unix.O_EXCL
		}
	}
	switch flags {
	case fileReadable:
		open |= unix.O_RDONLY
	case fileWritable:
		open |= unix.O_WRONLY
	default:
		open |= unix.O_RDWR
	}
	return flags, open, true
}

// openArg opens the file that argument 1 names, or raises an error about it.
func openArg(c *lua.Call, env lua.Value, mode string) (lua.Value, *file) {
	name, ok := c.CheckString(1)
	if !ok {
		return lua.Nil, nil
	}
	name = cString(name)
	v, f, raised, err := openFile(c, env, name, []byte(mode))
	if raised {
		return lua.Nil, nil
	}
	if err != nil {
		c.ArgError(1, string(name)+": "+strerror(errnoOf(err)))
		return lua.Nil, nil
	}
	return v, f
}

// checkFile returns argument 1 as an open file; nil after an error.
func checkFile(c *lua.Call) *file {
	f := anyFile(c)
	if f != nil && f.flags&fileOpen == 0 {
		c.Errorf("attempt to use a closed file")
		return nil
	}
	return f
}

// anyFile is checkFile for files that may be closed.
func anyFile(c *lua.Call) *file {
	vm := c.VM()
	if f := fileOf(vm, c.Arg(1), vm.RawGetInt(c.Upvalue(1), ioMeta)); f != nil {
		return f
	}
	c.TypeError(1, "FILE*")
	return nil
}

// anyDefault returns the default input or output, which may be closed or nil.
func anyDefault(c *lua.Call, which int) *file {
	vm, env := c.VM(), c.Upvalue(1)
	return fileOf(vm, vm.RawGetInt(env, which), vm.RawGetInt(env, ioMeta))
}

// defaultFile returns the default input or output; nil after an error.
func defaultFile(c *lua.Call, which int) *file {
	f := anyDefault(c, which)
	if f == nil || f.flags&fileOpen == 0 {
		c.Errorf("standard file is closed")
		return nil
	}
	return f
}

func ioOpen(c *lua.Call) lua.Ret {
	name, ok := c.CheckString(1)
	if !ok {
		return lua.Fail
	}
	mode, ok := c.OptString(2, []byte("r"))
	if !ok {
		return lua.Fail
	}
	name = cString(name)
	v, _, raised, err := openFile(c, c.Upvalue(1), name, cString(mode))
	if raised {
		return lua.Fail
	}
	if err != nil {
		return pushResult(c, name, err)
	}
	return c.Return1(v)
}

func ioTmpfile(c *lua.Call) lua.Ret {
	v, f := newFile(c.VM(), c.Upvalue(1))
	if f == nil {
		return c.MemoryError()
	}
	fd, err := unix.Open("/tmp", unix.O_RDWR|unix.O_TMPFILE|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return pushResult(c, nil, err)
	}
	f.fd, f.flags = int32(fd), fileOpen|fileReadable|fileWritable
	return c.Return1(v)
}

func ioPopen(c *lua.Call) lua.Ret {
	return c.Errorf("'popen' not supported")
}

// getSet is io.input and io.output.
func getSet(c *lua.Call, which int, mode string) lua.Ret {
	vm, env := c.VM(), c.Upvalue(1)
	v := c.Arg(1)
	switch {
	case v.IsNil():
		return c.Return1(vm.RawGetInt(env, which))
	case vm.TypeOf(v) == lua.TypeUserdata:
		if checkFile(c) == nil {
			return lua.Fail
		}
	default:
		var f *file
		if v, f = openArg(c, env, mode); f == nil {
			return lua.Fail
		}
	}
	vm.RawSetInt(env, which, v)
	return c.Return1(v)
}

func ioInput(c *lua.Call) lua.Ret  { return getSet(c, ioDefaultIn, "r") }
func ioOutput(c *lua.Call) lua.Ret { return getSet(c, ioDefaultOut, "w") }

func ioType(c *lua.Call) lua.Ret {
	if !c.CheckAny(1) {
		return lua.Fail
	}
	vm := c.VM()
	f := fileOf(vm, c.Arg(1), vm.RawGetInt(c.Upvalue(1), ioMeta))
	switch {
	case f == nil:
		return c.Return1(lua.Nil)
	case f.flags&fileOpen == 0:
		return c.ReturnString([]byte("closed file"))
	}
	return c.ReturnString([]byte("file"))
}

func closeFile(c *lua.Call, f *file) lua.Ret {
	if f.flags&fileStandard != 0 {
		return c.Return2(lua.Nil, c.VM().NewStringS("cannot close standard file"))
	}
	return pushResult(c, nil, f.close(c.VM()))
}

// ioClose closes the default output if there is no argument, and so does the
// method when called as a function.
func ioClose(c *lua.Call) lua.Ret { return fileClose(c) }

func fileClose(c *lua.Call) lua.Ret {
	var f *file
	if c.NArgs() == 0 {
		f = anyDefault(c, ioDefaultOut)
	} else if f = anyFile(c); f == nil {
		return lua.Fail
	}
	if f == nil || f.flags&fileOpen == 0 {
		return c.Errorf("attempt to use a closed file")
	}
	return closeFile(c, f)
}

func ioFlush(c *lua.Call) lua.Ret {
	f := defaultFile(c, ioDefaultOut)
	if f == nil {
		return lua.Fail
	}
	return pushResult(c, nil, f.flush(c.VM()))
}

func fileFlush(c *lua.Call) lua.Ret {
	f := checkFile(c)
	if f == nil {
		return lua.Fail
	}
	return pushResult(c, nil, f.flush(c.VM()))
}

func ioWrite(c *lua.Call) lua.Ret {
	f := defaultFile(c, ioDefaultOut)
	if f == nil {
		return lua.Fail
	}
	return writeArgs(c, f, 1)
}

func fileWrite(c *lua.Call) lua.Ret {
	f := checkFile(c)
	if f == nil {
		return lua.Fail
	}
	return writeArgs(c, f, 2)
}

// writeArgs writes the arguments from first on.
func writeArgs(c *lua.Call, f *file, first int) lua.Ret {
	vm := c.VM()
	var err error
	for i := first; i <= c.NArgs(); i++ {
		v := c.Arg(i)
		var b []byte
		switch {
		case v.IsString():
			b = vm.Bytes(v)
		case v.IsNumber():
			var buf [32]byte
			b = number.Append(buf[:0], v.Float())
		default:
			return c.TypeError(i, "string")
		}
		if err == nil {
			err = f.write(vm, b)
		}
		if len(b) > 256 && !c.Charge(len(b)>>3) {
			return lua.Fail
		}
	}
	return pushResult(c, nil, err)
}

func ioRead(c *lua.Call) lua.Ret {
	f := defaultFile(c, ioDefaultIn)
	if f == nil {
		return lua.Fail
	}
	_, err, ok := readFormats(c, f, c.NArgs(), 0, c.Arg)
	return readResult(c, err, ok)
}

func fileRead(c *lua.Call) lua.Ret {
	f := checkFile(c)
	if f == nil {
		return lua.Fail
	}
	_, err, ok := readFormats(c, f, c.NArgs()-1, 1, func(i int) lua.Value { return c.Arg(i + 1) })
	return readResult(c, err, ok)
}

func readResult(c *lua.Call, err error, ok bool) lua.Ret {
	switch {
	case !ok:
		return lua.Fail
	case err != nil:
		return pushResult(c, nil, err)
	}
	return c.Pushed()
}

// readFormats pushes what the n formats (a line if there are none) read from f;
// it stops after the first that finds nothing, which gives nil. none tells that
// it was the first. skip is the number of arguments in front of the formats.
// err is the system's error; ok is false if one of the VM's was raised.
func readFormats(c *lua.Call, f *file, n, skip int, format func(i int) lua.Value) (none bool, err error, ok bool) {
	if err := f.startReading(c.VM()); err != nil {
		return false, err, true
	}
	w := newBuffer(c)
	defer func() { w.release() }()
	for i := 1; i <= max(n, 1); i++ {
		w.b = w.b[:0]
		kind, count := byte('l'), 0
		if n > 0 {
			if kind, count, ok = readFormat(c, format(i), i+skip); !ok {
				return false, nil, false
			}
		}
		v, found, err, ok := readOne(c, f, &w, kind, count)
		switch {
		case !ok || err != nil:
			return false, err, ok
		case !found:
			return i == 1, nil, c.Push(lua.Nil)
		case !c.Push(v):
			return false, nil, false
		}
	}
	return false, nil, true
}

// readOne reads one thing from f by way of the empty buffer w.
func readOne(c *lua.Call, f *file, w *buffer, kind byte, count int) (v lua.Value, found bool, err error, ok bool) {
	ok = true
	switch kind {
	case 'n':
		x, found, err := f.readNumber()
		return lua.Number(x), found, err, true
	case 'l', 'L':
		found, ok, err = f.readLine(w, kind == 'L')
	case 'a':
		ok, err = f.readChars(w, math.MaxInt)
		found = true
	case 'c':
		if count == 0 {
			_, found, err = f.peek()
			break
		}
		if !c.CheckSize(count) {
			return lua.Nil, false, nil, false
		}
		ok, err = f.readChars(w, count)
		found = len(w.b) > 0
	}
	if !found || !ok || err != nil {
		return lua.Nil, false, err, ok
	}
	if v = c.VM().NewString(w.b); v.IsNil() {
		c.MemoryError()
		return lua.Nil, false, nil, false
	}
	return v, true, nil, true
}

// readFormat reads a format, which is argument i: its letter, or 'c' and a
// number of bytes.
func readFormat(c *lua.Call, v lua.Value, i int) (kind byte, count int, ok bool) {
	switch {
	case v.IsNumber():
		if count = toInt32(v.Float()); count < 0 {
			c.MemoryError()
			return 0, 0, false
		}
		return 'c', count, true
	case v.IsString():
		s := c.VM().Bytes(v)
		if len(s) > 0 && s[0] == '*' {
			s = s[1:]
		}
		if len(s) > 0 {
			switch s[0] {
			case 'n', 'l', 'L', 'a':
				return s[0], 0, true
			}
		}
		c.ArgError(i, "invalid format")
		return 0, 0, false
	}
	c.ArgError(i, "invalid option")
	return 0, 0, false
}

func ioLines(c *lua.Call) lua.Ret {
	vm, env := c.VM(), c.Upvalue(1)
	if c.Arg(1).IsNil() { // whether it is open is looked at when it is read
		return newLines(c, vm.RawGetInt(env, ioDefaultIn))
	}
	v, f := openArg(c, env, "r")
	if f == nil {
		return lua.Fail
	}
	f.flags |= fileAutoClose
	return newLines(c, v)
}

func fileLines(c *lua.Call) lua.Ret {
	if checkFile(c) == nil {
		return lua.Fail
	}
	return newLines(c, c.Arg(1))
}

// linesFormatsMax is LuaJIT's limit: 60 values of a function, of which one is
// the file.
const linesFormatsMax = 59

// newLines returns an iterator over a file. Its values are the shared table,
// the file, the number of formats and they themselves, arguments from 2 on.
func newLines(c *lua.Call, f lua.Value) lua.Ret {
	n := max(c.NArgs()-1, 0)
	if n > linesFormatsMax {
		return c.Errorf("too many results to unpack")
	}
	var vals [linesFormatsMax + 3]lua.Value
	vals[0], vals[1], vals[2] = c.Upvalue(1), f, lua.Int(n)
	for i := range n {
		vals[3+i] = c.Arg(i + 2)
	}
	it := c.VM().Builtin(ioLinesIterID, vals[:3+n]...)
	if it.IsNil() {
		return c.MemoryError()
	}
	return c.Return1(it)
}

func ioLinesIter(c *lua.Call) lua.Ret {
	vm := c.VM()
	f := fileOf(vm, c.Upvalue(2), vm.RawGetInt(c.Upvalue(1), ioMeta))
	if f == nil || f.flags&fileOpen == 0 {
		return c.Errorf("attempt to use a closed file")
	}
	none, err, ok := readFormats(c, f, int(c.Upvalue(3).Float()), 0, func(i int) lua.Value { return c.Upvalue(i + 3) })
	switch {
	case !ok:
		return lua.Fail
	case err != nil:
		return c.Errorf("%s", strerror(errnoOf(err)))
	case none && f.flags&fileAutoClose != 0:
		_ = f.close(vm)
		return c.Return()
	}
	return c.Pushed()
}

func fileSeek(c *lua.Call) lua.Ret {
	f := checkFile(c)
	if f == nil {
		return lua.Fail
	}
	whence := option(c, 2, 1, "set", "cur", "end")
	if whence < 0 {
		return lua.Fail
	}
	offset := int64(0)
	if v := c.Arg(3); v.IsNumber() {
		offset = toInt64(v.Float())
	} else if !v.IsNil() {
		return c.TypeError(3, "number")
	}
	n, err := f.seek(c.VM(), offset, whence)
	if err != nil {
		return pushResult(c, nil, err)
	}
	return c.ReturnNumber(float64(n))
}

func fileSetvbuf(c *lua.Call) lua.Ret {
	f := checkFile(c)
	if f == nil {
		return lua.Fail
	}
	mode := option(c, 2, -1, "full", "line", "no")
	if mode < 0 {
		return lua.Fail
	}
	if _, ok := optInt(c, 3, fileBuffer); !ok {
		return lua.Fail
	}
	f.flags = f.flags&^(fileLineBuf|fileNoBuf) | [3]uint32{0, fileLineBuf, fileNoBuf}[mode]
	return c.Return1(lua.True)
}

func fileGC(c *lua.Call) lua.Ret {
	f := anyFile(c)
	if f == nil {
		return lua.Fail
	}
	if f.flags&fileOpen != 0 && f.flags&fileStandard == 0 {
		_ = f.close(c.VM())
	}
	return c.Return()
}

func fileTostring(c *lua.Call) lua.Ret {
	f := anyFile(c)
	if f == nil {
		return lua.Fail
	}
	if f.flags&fileOpen == 0 {
		return c.ReturnString([]byte("file (closed)"))
	}
	var buf [40]byte
	b := appendPointer(append(buf[:0], "file ("...), c.Arg(1))
	return c.ReturnString(append(b, ')'))
}
