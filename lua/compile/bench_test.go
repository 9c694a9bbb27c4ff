package compile

import (
	"os"
	"path/filepath"
	"testing"
)

// BenchmarkCompile compiles the files of the differential tests, or those that
// MOONRING_BENCH_LUA, a pattern, names.
func BenchmarkCompile(b *testing.B) {
	pattern := os.Getenv("MOONRING_BENCH_LUA")
	if pattern == "" {
		pattern = "../difftest/testdata/*/*.lua"
	}
	files, err := filepath.Glob(pattern)
	if err != nil {
		b.Fatal(err)
	}
	var sources [][]byte
	total := 0
	for _, name := range files {
		src, err := os.ReadFile(name)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := Compile(src, "=x"); err != nil {
			continue
		}
		sources = append(sources, src)
		total += len(src)
	}
	b.SetBytes(int64(total))
	b.ReportAllocs()
	for b.Loop() {
		for _, src := range sources {
			if _, err := Compile(src, "=x"); err != nil {
				b.Fatal(err)
			}
		}
	}
}
