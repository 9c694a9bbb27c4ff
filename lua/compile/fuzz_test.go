package compile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"moonring/lua/bytecode"
)

// FuzzCompile looks for sources that make the compiler panic or emit bytecode
// that the VM can't rely on.
func FuzzCompile(f *testing.F) {
	for _, c := range errorCases {
		f.Add(c.src)
	}
	for _, s := range lineSources {
		f.Add(s)
	}
	if data, err := os.ReadFile(goldenFile); err == nil {
		for _, s := range strings.Split(string(data), "---\n") {
			f.Add(s)
		}
	}
	_ = filepath.WalkDir("../difftest/testdata", func(path string, d os.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".lua") {
			if b, err := os.ReadFile(path); err == nil {
				f.Add(string(b))
			}
		}
		return nil
	})
	f.Fuzz(func(t *testing.T, src string) {
		for _, wide := range []bool{false, true} {
			p, again, err := compile([]byte(src), "=x", wide)
			switch {
			case again:
				if wide {
					t.Fatal("the wide forms are too short")
				}
			case err != nil:
				if !strings.HasPrefix(err.Error(), "x:") && !strings.HasSuffix(err.Error(), "bytecode") {
					t.Fatalf("error %q", err)
				}
			default:
				if err := bytecode.Verify(p); err != nil {
					t.Fatalf("%v\n%s", err, p)
				}
			}
		}
	})
}
