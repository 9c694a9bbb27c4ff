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

// errnoText is nginx's " (2: No such file or directory)" for errors of the system, "" for others.
func errnoText(err error) string {
	var no syscall.Errno
	if !errors.As(err, &no) {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			no = syscall.ENOENT
		case errors.Is(err, fs.ErrPermission):
			no = syscall.EACCES
		default:
			return " (" + err.Error() + ")"
		}
	}
	text := no.Error()
	return " (" + strconv.Itoa(int(no)) + ": " + strings.ToUpper(text[:1]) + text[1:] + ")"
}
