package difftest

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files from what LuaJIT prints now")

// scriptsMin keeps a lost folder from passing unnoticed.
const scriptsMin = 300

func corpus(t *testing.T) []Script {
	t.Helper()
	all, err := Scripts("testdata")
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestCorpus checks that there are enough scripts, that each says what it is about and has a golden file, that no golden file
// is left over, and that none holds an address.
func TestCorpus(t *testing.T) {
	all := corpus(t)
	if len(all) < scriptsMin {
		t.Errorf("%d scripts, want at least %d", len(all), scriptsMin)
	}
	golden := map[string]bool{}
	for _, s := range all {
		golden[s.GoldenPath()] = true
		first, rest, _ := bytes.Cut(s.Source, []byte("\n"))
		if bytes.HasPrefix(first, []byte("#!")) {
			first, _, _ = bytes.Cut(rest, []byte("\n"))
		}
		if !bytes.HasPrefix(first, []byte("-- ")) {
			t.Errorf("%s: the first line is no comment that says what the script is about", s.Name)
		}
		out, err := os.ReadFile(s.GoldenPath())
		if err != nil {
			t.Errorf("%s: %v", s.Name, err)
		}
		if a := address.Find(out); a != nil {
			t.Errorf("%s prints an address: %q", s.Name, a)
		}
	}
	outs, err := filepath.Glob("testdata/*/*.out")
	if err != nil {
		t.Fatal(err)
	}
	for _, out := range outs {
		if !golden[out] {
			t.Errorf("%s has no script", out)
		}
	}
}

// TestGoldensAreLuaJITs runs every script on LuaJIT. With -update it writes the golden files instead of comparing.
func TestGoldensAreLuaJITs(t *testing.T) {
	luajit, err := FindLuaJIT()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range corpus(t) {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			got, err := luajit.Run(s)
			if err != nil {
				t.Fatal(err)
			}
			if *update {
				if err := os.WriteFile(s.GoldenPath(), got.Golden(), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(s.GoldenPath())
			if err != nil {
				t.Fatal(err)
			}
			if d := Diff(want, got.Golden()); d != "" {
				t.Errorf("the golden file differs from what LuaJIT prints: %s", d)
			}
		})
	}
}

// TestUncaughtError: the program's name and the traceback are taken off, several lines of message stay.
func TestUncaughtError(t *testing.T) {
	luajit, err := FindLuaJIT()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for source, want := range map[string]string{
		"io.write('partial') error('a\\nb')":       "partial\nerror: x.lua:1: a\nb\n",
		"error({})":                                "error: (error object is not a string)\n",
		"local x = = 1":                            "error: x.lua:1: unexpected symbol near '='\n",
		"error('luajit: kept: ' .. 1, 0)":          "error: luajit: kept: 1\n",
		"print(1) error('')":                       "1\nerror: x.lua:1: \n",
		"print(os.date('%H', 0), os.getenv('TZ'))": "00\tUTC\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, "x.lua"), []byte(source), 0o644); err != nil {
			t.Fatal(err)
		}
		got, err := luajit.Run(Script{Name: "x", Dir: dir, File: "x.lua"})
		if err != nil {
			t.Fatalf("%s: %v", source, err)
		}
		if string(got.Golden()) != want {
			t.Errorf("%s: got %q, want %q", source, got.Golden(), want)
		}
	}
}

// TestDiff: the first differing line is shown, equal results give nothing.
func TestDiff(t *testing.T) {
	if d := Diff([]byte("a\nb\n"), []byte("a\nb\n")); d != "" {
		t.Errorf("equal results give %q", d)
	}
	d := Diff([]byte("a\nb\nc\n"), []byte("a\nB\nC\n"))
	if !strings.Contains(d, "line 2 of 4 (2 lines differ)") || !strings.Contains(d, `"B"`) {
		t.Errorf("got %q", d)
	}
	if d := Diff([]byte("a\n"), []byte("a\nmore\n")); !strings.Contains(d, `"more"`) || !strings.Contains(d, "line 2") {
		t.Errorf("got %q", d)
	}
}
