package luatool

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/term"
)

// editor reads lines from a terminal, which is in raw mode only meanwhile: so scripts find it as it was, and Ctrl-C is a signal to them.
type editor struct {
	in   *os.File
	keys *keys
	term *term.Terminal
	hist *history
}

// keys are the terminal's two directions. That the last key was Ctrl-C can't be told from what term.Terminal returns.
type keys struct {
	in, out *os.File
	last    byte
}

func (k *keys) Read(p []byte) (int, error) {
	n, err := k.in.Read(p)
	if n > 0 {
		k.last = p[n-1]
	}
	return n, err
}

func (k *keys) Write(p []byte) (int, error) { return k.out.Write(p) }

const ctrlC = 3

func newEditor(in, out *os.File) *editor {
	e := &editor{in: in, keys: &keys{in: in, out: out}, hist: openHistory()}
	e.begin()
	return e
}

func (e *editor) begin() {
	e.term = term.NewTerminal(e.keys, "")
	e.term.History = e.hist
}

func (e *editor) readLine(prompt string) (string, error) {
	state, err := term.MakeRaw(int(e.in.Fd()))
	if err != nil {
		return "", err
	}
	defer term.Restore(int(e.in.Fd()), state)
	if w, h, err := term.GetSize(int(e.in.Fd())); err == nil && w > 0 {
		_ = e.term.SetSize(w, h) // it fails only to redraw a line that isn't there
	}
	e.term.SetPrompt(prompt)
	line, err := e.term.ReadLine()
	if err == io.EOF && e.keys.last == ctrlC {
		e.begin() // that one would go on with the line, and with the Ctrl-C
		fmt.Fprint(e.keys, "^C\r\n")
		return "", errLineDropped
	}
	return line, err
}

func (e *editor) close() { e.hist.close() }

// history keeps what was typed, in ~/.moonring_history too. It is a convenience: without a place for the file, or when writing fails, it is not kept.
type history struct {
	lines []string // oldest first
	file  *os.File // nil without one
}

const historyLines = 1000

func openHistory() *history {
	h := new(history)
	home, err := os.UserHomeDir()
	if err != nil {
		return h
	}
	name := filepath.Join(home, ".moonring_history")
	f, err := os.OpenFile(name, os.O_RDWR|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return h
	}
	all := 0
	for s := bufio.NewScanner(f); s.Scan(); all++ {
		h.remember(s.Text())
	}
	if all > 2*historyLines && f.Truncate(0) == nil {
		_, _ = f.WriteString(strings.Join(h.lines, "\n") + "\n")
	}
	h.file = f
	return h
}

// remember tells whether line is worth it.
func (h *history) remember(line string) bool {
	if line == "" || len(h.lines) > 0 && h.lines[len(h.lines)-1] == line {
		return false
	}
	if len(h.lines) == historyLines {
		h.lines = append(h.lines[:0], h.lines[1:]...)
	}
	h.lines = append(h.lines, line)
	return true
}

// Add, Len and At are term.History.
func (h *history) Add(line string) {
	if h.remember(line) && h.file != nil {
		_, _ = h.file.WriteString(line + "\n")
	}
}

func (h *history) Len() int        { return len(h.lines) }
func (h *history) At(i int) string { return h.lines[len(h.lines)-1-i] } // 0 is the latest

func (h *history) close() {
	if h.file != nil {
		h.file.Close()
	}
}
