package luatool

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/term"

	"moonring/lua"
)

// lineReader gives lines without their ends; io.EOF at the end, errLineDropped for a line that a person has given up.
type lineReader interface {
	readLine(prompt string) (string, error)
	close()
}

var errLineDropped = errors.New("the line was given up")

// talk reads chunks line by line and runs them; the values of expressions are printed. It ends with the input, or os.exit.
func (t *tool) talk() (code int, aborted bool) {
	var in lineReader
	if term.IsTerminal(int(t.stdin.Fd())) {
		in = newEditor(t.stdin, t.stdout)
	} else {
		in = &plainLines{bufio.NewReader(t.stdin), t.host}
	}
	defer in.close()
	fmt.Fprintln(t.host, t.banner)
	for {
		t.vm.Interrupted() // came too late for what it was meant for
		fn, err := t.readChunk(in)
		if err == errLineDropped {
			continue
		}
		if err == io.EOF {
			fmt.Fprintln(t.host)
			t.host.out.Flush()
			return 0, false
		}
		if err != nil {
			t.report(err.Error())
			continue
		}
		if t.runTyped(fn) {
			return t.host.status, true
		}
	}
}

// readChunk reads lines until they are a chunk, or can't become one.
func (t *tool) readChunk(in lineReader) (lua.Value, error) {
	var text []byte
	expression := true // what it may yet become
	prompt := t.prompt("_PROMPT", "> ")
	for {
		line, err := in.readLine(prompt)
		if err != nil {
			return lua.Nil, err
		}
		if text != nil {
			text = append(text, '\n')
		} else if expr, ok := strings.CutPrefix(line, "="); ok { // as in Lua
			line, expression = "return "+expr, false
		}
		text = append(text, line...)
		if expression {
			fn, err := t.vm.Load(append([]byte("return "), text...), "=stdin")
			if err == nil {
				return fn, nil
			}
			expression = unfinished(err)
		}
		fn, err := t.vm.Load(text, "=stdin")
		if err == nil || !unfinished(err) && !expression {
			return fn, err
		}
		prompt = t.prompt("_PROMPT2", ">> ")
	}
}

// unfinished tells from the error of a chunk that more text could mend it.
func unfinished(err error) bool { return strings.HasSuffix(err.Error(), "near '<eof>'") }

func (t *tool) prompt(global, def string) string {
	if v := t.vm.Field(t.vm.Globals(), global); v.IsString() || v.IsNumber() {
		return string(t.vm.AppendText(nil, v))
	}
	return def
}

// runTyped runs a chunk and prints what it returns; aborted tells that it has called os.exit.
func (t *tool) runTyped(fn lua.Value) (aborted bool) {
	th := t.vm.NewThread()
	if th == nil {
		t.report(lua.ErrMemory.Error())
		return false
	}
	defer th.Release()
	status := th.Start(fn)
	if status == lua.Done && th.NResults() > 0 {
		values := make([]lua.Value, th.NResults())
		for i := range values {
			values[i] = th.Result(i + 1)
		}
		printer := t.vm.NewThread()
		if printer == nil {
			t.report(lua.ErrMemory.Error())
			return false
		}
		defer printer.Release()
		th = printer
		status = th.Start(t.vm.Field(t.vm.Globals(), "print"), values...)
	}
	switch status {
	case lua.Done:
	case lua.Aborted:
		return true
	case lua.Failed:
		t.report(th.ErrString() + "\n" + th.Traceback())
	default:
		t.report("attempt to yield across C-call boundary")
	}
	return false
}

func (t *tool) report(msg string) {
	t.host.out.Flush()
	fmt.Fprintln(t.stderr, msg)
}

// plainLines are the lines of something that is no terminal.
type plainLines struct {
	r   *bufio.Reader
	out io.Writer
}

func (p *plainLines) readLine(prompt string) (string, error) {
	fmt.Fprint(p.out, prompt)
	line, err := p.r.ReadBytes('\n')
	if len(line) == 0 && err != nil {
		return "", io.EOF
	}
	return string(bytes.TrimRight(line, "\r\n")), nil
}

func (p *plainLines) close() {}
