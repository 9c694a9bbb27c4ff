package difftest

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
)

// A Script is one file of the corpus.
type Script struct {
	Name   string // SUBJECT/NAME, without extension
	Dir    string // folder of the file; scripts run with it as working directory
	File   string // NAME.lua, which is also the chunk's name after "@"
	Source []byte
}

// Later reports whether the engine is not yet held to this script's golden file.
func (s Script) Later() bool { return strings.HasPrefix(s.Name, "later/") }

// GoldenPath is where the script's expected result is stored.
func (s Script) GoldenPath() string {
	return filepath.Join(s.Dir, strings.TrimSuffix(s.File, ".lua")+".out")
}

// Scripts reads the corpus below root, sorted by name.
func Scripts(root string) ([]Script, error) {
	var all []Script
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".lua" {
			return err
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		all = append(all, Script{
			Name:   filepath.ToSlash(strings.TrimSuffix(rel, ".lua")),
			Dir:    filepath.Dir(path),
			File:   filepath.Base(path),
			Source: source,
		})
		return nil
	})
	sort.Slice(all, func(i, j int) bool { return all[i].Name < all[j].Name })
	return all, err
}

// A Result is what a script did.
type Result struct {
	Stdout []byte
	Failed bool
	Error  string // message of the uncaught error, without traceback; "(error object is not a string)" for other values
}

// Golden is the form in which a Result is stored: the output as it is and, after a failure, "error: MESSAGE" and a line end,
// on a line of its own.
func (r Result) Golden() []byte {
	out := bytes.Clone(r.Stdout)
	if r.Failed {
		if len(out) > 0 && out[len(out)-1] != '\n' {
			out = append(out, '\n')
		}
		out = fmt.Appendf(out, "error: %s\n", r.Error)
	}
	return out
}

// address matches what a script must not print.
var address = regexp.MustCompile(`(table|function|thread|userdata|file|cdata)[^\n]{0,3} \(?0x[0-9a-f]{6,}|\[C\]: at 0x`)

// Diff shows the first line in which got differs from want, with the line before it; empty if they are equal.
func Diff(want, got []byte) string {
	if bytes.Equal(want, got) {
		return ""
	}
	w, g := strings.Split(string(want), "\n"), strings.Split(string(got), "\n")
	differing, first := 0, -1
	for i := range max(len(w), len(g)) {
		if line(w, i) != line(g, i) {
			differing++
			if first < 0 {
				first = i
			}
		}
	}
	return fmt.Sprintf("output line %d of %d (%d lines differ)\n  LuaJIT: %s\n  got:    %s",
		first+1, len(w), differing, line(w, first), line(g, first))
}

// line quotes line i in a way that shows control characters and what is missing.
func line(lines []string, i int) string {
	if i >= len(lines) {
		return "(nothing)"
	}
	s := fmt.Sprintf("%q", lines[i])
	if len(s) > 600 {
		s = s[:600] + "..."
	}
	return s
}
