package conf

import (
	"errors"
	"io/fs"
	"strconv"
	"strings"
	"syscall"
)

// fault is an error of a handler that still lacks its place. The text is complete: it becomes Error.Msg.
type fault string

func (f fault) Error() string { return string(f) }

// misuse is a handler's error that is said about the directive: `"NAME" directive MISUSE`, as nginx prints what its
// handlers return.
type misuse string

func (m misuse) Error() string { return string(m) }

const (
	isDuplicate   misuse = "is duplicate"
	invalidValue  misuse = "invalid value"
	invalidNumber misuse = "invalid number"
)

// Error returns nginx's text, without its "nginx: [emerg] " in front.
func (e *Error) Error() string {
	switch {
	case e.File != "":
		return e.Msg + " in " + e.File + ":" + strconv.Itoa(e.Line)
	case e.Line < 0:
		return e.Msg + " in command line"
	}
	return e.Msg
}

// Unwrap returns the system's error, if one is the cause.
func (e *Error) Unwrap() error { return e.Err }

// String returns the notice as nginx prints it, without its "nginx: [warn] " in front.
func (n Notice) String() string {
	e := Error{Msg: n.Msg, File: n.File, Line: n.Line}
	return e.Error()
}

// ErrnoText is how nginx ends a message about an error of the system: " (2: No such file or directory)".
func ErrnoText(err error) string {
	no, ok := errnoOf(err)
	if !ok {
		return " (" + err.Error() + ")"
	}
	return " (" + strconv.Itoa(int(no)) + ": " + Strerror(err) + ")"
}

// Strerror is C's text for an error of the system, "No such file or directory"; Go's begins in lower case.
func Strerror(err error) string {
	no, ok := errnoOf(err)
	if !ok {
		return err.Error()
	}
	text := no.Error()
	return strings.ToUpper(text[:1]) + text[1:]
}

func errnoOf(err error) (no syscall.Errno, ok bool) {
	switch {
	case errors.As(err, &no):
		return no, true
	case errors.Is(err, fs.ErrNotExist):
		return syscall.ENOENT, true
	case errors.Is(err, fs.ErrPermission):
		return syscall.EACCES, true
	}
	return 0, false
}
