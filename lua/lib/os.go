package lib

import (
	"math"
	"math/rand/v2"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"moonring/lua"
)

// Exiter is implemented by a host (see VM.SetHost) whose scripts may end the
// process. Exit need not return; if it does, the script is aborted.
type Exiter interface{ Exit(status int) }

// Environ is implemented by a host that decides what os.getenv sees. Without
// it that is the process's environment.
type Environ interface {
	Getenv(name string) (value string, ok bool)
}

var (
	osClockID     = lua.Register("clock", osClock)
	osDateID      = lua.RegisterPure("date", osDate)
	osDifftimeID  = lua.Register("difftime", osDifftime)
	osExecuteID   = lua.Register("execute", osExecute)
	osExitID      = lua.Register("exit", osExit)
	osGetenvID    = lua.RegisterPure("getenv", osGetenv)
	osRemoveID    = lua.Register("remove", osRemove)
	osRenameID    = lua.Register("rename", osRename)
	osSetlocaleID = lua.Register("setlocale", osSetlocale)
	osTimeID      = lua.Register("time", osTime)
	osTmpnameID   = lua.Register("tmpname", osTmpname)
)

func openOS(vm *lua.VM) {
	newLib(vm, "os", []fn{
		{"clock", osClockID}, {"date", osDateID}, {"difftime", osDifftimeID}, {"execute", osExecuteID}, {"exit", osExitID},
		{"getenv", osGetenvID}, {"remove", osRemoveID}, {"rename", osRenameID}, {"setlocale", osSetlocaleID},
		{"time", osTimeID}, {"tmpname", osTmpnameID},
	})
}

// strerror is the C library's text for an error.
func strerror(errno unix.Errno) string {
	b := []byte(errno.Error())
	if len(b) > 0 && b[0]-'a' < 26 {
		b[0] ^= 0x20
	}
	return string(b)
}

// errnoOf finds the system's error in err.
func errnoOf(err error) unix.Errno {
	for err != nil {
		switch e := err.(type) {
		case unix.Errno:
			return e
		case interface{ Unwrap() error }:
			err = e.Unwrap()
		default:
			return unix.EIO
		}
	}
	return 0
}

// pushResult ends a builtin with true, or with nil, "name: reason" and errno.
func pushResult(c *lua.Call, name []byte, err error) lua.Ret {
	if err == nil {
		return c.Return1(lua.True)
	}
	errno := errnoOf(err)
	w := newBuffer(c)
	if name != nil {
		w.b = append(append(w.b, name...), ": "...)
	}
	w.b = append(w.b, strerror(errno)...)
	ok := c.Push(lua.Nil) && c.PushString(w.b) && c.Push(lua.Int(int(errno)))
	w.release()
	if !ok {
		return lua.Fail
	}
	return c.Pushed()
}

// cString is s as C sees it: up to the first NUL.
func cString(s []byte) []byte {
	for i, ch := range s {
		if ch == 0 {
			return s[:i]
		}
	}
	return s
}

func osClock(c *lua.Call) lua.Ret {
	var ts unix.Timespec
	if unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &ts) != nil {
		return c.ReturnNumber(-1)
	}
	return c.ReturnNumber(float64(ts.Nano()/1000) * 1e-6) // clock() counts microseconds
}

func osDifftime(c *lua.Call) lua.Ret {
	a, ok := c.CheckNumber(1)
	if !ok {
		return lua.Fail
	}
	b, ok := c.OptNumber(2, 0)
	if !ok {
		return lua.Fail
	}
	return c.ReturnNumber(float64(toInt64(a)) - float64(toInt64(b)))
}

func osExecute(c *lua.Call) lua.Ret {
	s, ok := c.OptString(1, nil)
	if !ok {
		return lua.Fail
	}
	if s == nil {
		return c.ReturnInt(0) // there is no shell
	}
	return c.Errorf("os.execute is not supported")
}

func osExit(c *lua.Call) lua.Ret {
	status := 0
	if v := c.Arg(1); v.IsBool() {
		if v == lua.False {
			status = 1
		}
	} else {
		var ok bool
		if status, ok = optInt(c, 1, 0); !ok {
			return lua.Fail
		}
	}
	if h, ok := c.Host().(Exiter); ok {
		h.Exit(status)
		return c.Abort()
	}
	return c.Errorf("os.exit is not available here")
}

func osGetenv(c *lua.Call) lua.Ret {
	name, ok := c.CheckString(1)
	if !ok {
		return lua.Fail
	}
	var value string
	if h, is := c.Host().(Environ); is {
		value, ok = h.Getenv(string(cString(name)))
	} else {
		value, ok = os.LookupEnv(string(cString(name)))
	}
	if !ok {
		return c.Return1(lua.Nil)
	}
	return c.ReturnString([]byte(value))
}

func osRemove(c *lua.Call) lua.Ret {
	name, ok := c.CheckString(1)
	if !ok {
		return lua.Fail
	}
	name = cString(name)
	return pushResult(c, name, os.Remove(string(name)))
}

func osRename(c *lua.Call) lua.Ret {
	from, ok := c.CheckString(1)
	if !ok {
		return lua.Fail
	}
	to, ok := c.CheckString(2)
	if !ok {
		return lua.Fail
	}
	from = cString(from)
	return pushResult(c, from, unix.Rename(string(from), string(cString(to))))
}

// osTmpname creates an empty file with a name of its own, as mkstemp does.
func osTmpname(c *lua.Call) lua.Ret {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	name := []byte("/tmp/lua_XXXXXX")
	for range 100 {
		for i := len(name) - 6; i < len(name); i++ {
			name[i] = letters[rand.IntN(len(letters))]
		}
		fd, err := unix.Open(string(name), unix.O_RDWR|unix.O_CREAT|unix.O_EXCL|unix.O_CLOEXEC, 0o600)
		if err == nil {
			_ = unix.Close(fd)
			return c.ReturnString(name)
		}
		if err != unix.EEXIST {
			break
		}
	}
	return c.Errorf("unable to generate a unique filename")
}

// osSetlocale knows the locale C only, by its names.
func osSetlocale(c *lua.Call) lua.Ret {
	s, ok := c.OptString(1, nil)
	if !ok {
		return lua.Fail
	}
	if option(c, 2, 0, "all", "ctype", "numeric", "time", "collate", "monetary") < 0 {
		return lua.Fail
	}
	switch string(s) {
	case "", "C", "POSIX":
		return c.ReturnString([]byte("C"))
	}
	return c.Return1(lua.Nil)
}

func osTime(c *lua.Call) lua.Ret {
	if c.Arg(1).IsNil() {
		return c.ReturnNumber(float64(time.Now().Unix()))
	}
	t, ok := c.CheckTable(1)
	if !ok {
		return lua.Fail
	}
	var f struct{ sec, min, hour, day, month, year int }
	for _, e := range []struct {
		name string
		to   *int
		def  int
	}{{"sec", &f.sec, 0}, {"min", &f.min, 0}, {"hour", &f.hour, 12}, {"day", &f.day, -1}, {"month", &f.month, -1}, {"year", &f.year, -1}} {
		if *e.to, ok = dateField(c, t, e.name, e.def); !ok {
			return lua.Fail
		}
	}
	dst, ok := c.Index(t, c.VM().NewStringS("isdst"))
	if !ok {
		return lua.Fail
	}
	tm := time.Date(f.year, time.Month(f.month), f.day, f.hour, f.min, f.sec, 0, time.Local)
	if !dst.IsNil() && dst.Truthy() != tm.IsDST() {
		// The clock on the wall was meant to show the other kind of time.
		other := -3600 // of a zone that has one kind only
		for m := range 12 {
			if x := time.Date(tm.Year(), time.Month(m+1), 1, 12, 0, 0, 0, time.Local); x.IsDST() != tm.IsDST() {
				_, a := x.Zone()
				_, b := tm.Zone()
				other = b - a
				break
			}
		}
		tm = tm.Add(time.Duration(other) * time.Second)
	}
	u := tm.Unix()
	if u == -1 {
		return c.Return1(lua.Nil)
	}
	return c.ReturnNumber(float64(u))
}

// dateField returns a field of a date table; it must be there if def is negative.
func dateField(c *lua.Call, t lua.Value, name string, def int) (int, bool) {
	v, ok := c.Index(t, c.VM().NewStringS(name))
	if !ok {
		return 0, false
	}
	f, ok := c.VM().ToNumber(v)
	if !ok {
		if def < 0 {
			c.Errorf("field '%s' missing in date table", name)
			return 0, false
		}
		return def, true
	}
	return int(int32(toInt64(f))), true
}

func osDate(c *lua.Call) lua.Ret {
	format, ok := c.OptString(1, []byte("%c"))
	if !ok {
		return lua.Fail
	}
	format = cString(format)
	var t time.Time
	if c.Arg(2).IsNil() {
		t = time.Now()
	} else {
		f, ok := c.CheckNumber(2)
		if !ok {
			return lua.Fail
		}
		// Beyond, the year does not fit C's int.
		const first, last = -67768040609740800, 67768036191676799
		s := toInt64(math.Trunc(f))
		if s < first || s > last {
			return c.Return1(lua.Nil)
		}
		t = time.Unix(s, 0)
	}
	if len(format) > 0 && format[0] == '!' {
		t = t.UTC()
		format = format[1:]
	}
	if string(format) == "*t" {
		return dateTable(c, t)
	}
	w := newBuffer(c)
	if !w.addDate(format, t) {
		return w.fail()
	}
	return w.result()
}

func dateTable(c *lua.Call, t time.Time) lua.Ret {
	vm := c.VM()
	d := vm.NewTable(0, 9)
	if d.IsNil() {
		return c.MemoryError()
	}
	hour, minute, sec := t.Clock()
	year, month, day := t.Date()
	for _, f := range []struct {
		name string
		n    int
	}{
		{"sec", sec}, {"min", minute}, {"hour", hour}, {"day", day}, {"month", int(month)}, {"year", year},
		{"wday", int(t.Weekday()) + 1}, {"yday", t.YearDay()},
	} {
		if !vm.SetField(d, f.name, lua.Int(f.n)) {
			return c.MemoryError()
		}
	}
	if !vm.SetField(d, "isdst", lua.Bool(t.IsDST())) {
		return c.MemoryError()
	}
	return c.Return1(d)
}
