package compile

import (
	"flag"
	"os"
	"strings"
	"testing"

	"moonring/lua/bytecode"
)

var update = flag.Bool("update", false, "write the golden files anew; read the difference before it is committed")

const goldenFile = "testdata/golden.txt"

// TestGolden compares the bytecode of small sources with testdata/golden.txt,
// where each source stands between "---" lines in front of its disassembly.
func TestGolden(t *testing.T) {
	data, err := os.ReadFile(goldenFile)
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(string(data), "---\n")
	if len(parts)%2 == 0 || parts[0] != "" {
		t.Fatalf("%s: %d parts", goldenFile, len(parts))
	}
	var b strings.Builder
	for i := 1; i < len(parts); i += 2 {
		src, want := parts[i], parts[i+1]
		p, err := Compile([]byte(src), "=x")
		if err != nil {
			t.Errorf("%s%v", src, err)
			continue
		}
		if err := bytecode.Verify(p); err != nil {
			t.Errorf("%s%v", src, err)
		}
		got := p.String()
		if got != want && !*update {
			t.Errorf("%s\ngot:\n%s\nwant:\n%s", src, got, want)
		}
		b.WriteString("---\n" + src + "---\n" + got)
	}
	if *update {
		if err := os.WriteFile(goldenFile, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
