package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// A report is the Markdown that a run leaves behind.
type report struct{ text strings.Builder }

func (r *report) String() string { return r.text.String() }

func (r *report) line(s string) { r.text.WriteString(s + "\n") }

func (r *report) section(title, what string) {
	fmt.Fprintf(&r.text, "\n## %s\n\n%s\n", title, what)
}

// A table has a row of names and then rows of the same length.
type table struct {
	header []string
	rows   [][]string
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// table writes t, unless it is empty.
func (r *report) table(t table) {
	if len(t.rows) == 0 {
		return
	}
	row := func(cells []string) { r.line("| " + strings.Join(cells, " | ") + " |") }
	r.line("")
	row(t.header)
	r.line(strings.Repeat("|---", len(t.header)) + "|")
	for _, cells := range t.rows {
		row(cells)
	}
}

func us(f float64) string { return fmt.Sprintf("%.2f", f) }

// ratio of a to b with two digits; a ratio to nothing is none.
func ratio(a, b float64) string {
	if b == 0 {
		return "-"
	}
	return fmt.Sprintf("%.2f", a/b)
}

// head names all that a figure depends on.
func (r *report) head(o options) {
	r.line("# Benchmark of " + time.Now().Format("2006-01-02 15:04"))
	r.line("")
	r.line("- command: `run " + strings.Join(os.Args[1:], " ") + "`")
	r.line("- commit: " + said("git", "describe", "--tags", "--always", "--dirty"))
	r.line("- kernel: " + said("uname", "-srm"))
	r.line(fmt.Sprintf("- CPU: %s, %d of them", cpuModel(), runtime.NumCPU()))
	r.line("- Go: " + runtime.Version())
	if all, err := servers(o); err == nil {
		for _, s := range all {
			r.line("- " + s.name + ": " + s.version())
		}
	}
	r.line("- nginx's Lua module: " + said("dpkg-query", "-W", "-f", "${Version}", "libnginx-mod-http-lua"))
	r.line("- load average at the start: " + loadAverage())
}

// said is the first line that a program prints, or why there is none.
func said(program string, args ...string) string {
	out, err := exec.Command(program, args...).CombinedOutput()
	if err != nil {
		return program + ": " + err.Error()
	}
	first, _, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	return first
}

func cpuModel() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return err.Error()
	}
	for line := range strings.Lines(string(text)) {
		if name, value, found := strings.Cut(line, ":"); found && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}

func loadAverage() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return err.Error()
	}
	return strings.Join(strings.Fields(string(text))[:3], " ")
}

// save writes the report where the options say.
func (r *report) save(o options) error {
	path := o.out
	switch {
	case path == "-", path == "" && o.peer:
		return nil
	case path == "":
		name := time.Now().Format("2006-01-02") + "-" + said("git", "rev-parse", "--short", "HEAD")
		if o.section != "" {
			name += "-" + o.section
		}
		path = filepath.Join("bench/results", name+".md")
	}
	fmt.Fprintln(progress, "written to", path)
	return os.WriteFile(path, []byte(r.String()), 0o644)
}
