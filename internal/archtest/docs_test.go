package archtest

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	codeSpan   = regexp.MustCompile("`([^`\n]+)`")
	linkTarget = regexp.MustCompile(`\]\(([^)#]+)(?:#[^)]*)?\)`)
	pathLike   = regexp.MustCompile(`^[A-Za-z0-9_.*][A-Za-z0-9_.*/-]*$`)
	makeTarget = regexp.MustCompile(`(?m)^([a-z-]+):`)
	madeBy     = regexp.MustCompile(`\bmake ([a-z-]+)`)
)

// built are the folders that `make` fills; documents may name what will be in them.
var built = []string{"bin/", "build/"}

// namedPaths returns what a document names as paths of this repository: targets of relative links, and code spans with a slash whose
// first part is one of the folders at the root.
func namedPaths(text string, folders map[string]bool) []string {
	var paths []string
	for _, m := range linkTarget.FindAllStringSubmatch(text, -1) {
		if !strings.Contains(m[1], "://") {
			paths = append(paths, m[1])
		}
	}
	for _, m := range codeSpan.FindAllStringSubmatch(text, -1) {
		first, _, slash := strings.Cut(m[1], "/")
		if slash && folders[first] && pathLike.MatchString(m[1]) {
			paths = append(paths, m[1])
		}
	}
	return paths
}

func rootFolders(t *testing.T) map[string]bool {
	t.Helper()
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	folders := map[string]bool{}
	for _, e := range entries {
		if e.IsDir() {
			folders[e.Name()] = true
		}
	}
	return folders
}

func documents(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob(root + "/docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for _, f := range append(files, root+"/README.md") {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		name, err := filepath.Rel(root, f)
		if err != nil {
			t.Fatal(err)
		}
		texts[name] = string(text)
	}
	return texts
}

func TestDocumentsNameExistingPaths(t *testing.T) {
	folders := rootFolders(t)
	checked := 0
	for doc, text := range documents(t) {
		for _, path := range namedPaths(text, folders) {
			if slices.ContainsFunc(built, func(b string) bool { return strings.HasPrefix(path, b) }) {
				continue
			}
			checked++
			// A link is relative to its document, a code span to the root.
			var found []string
			for _, dir := range []string{"", filepath.Dir(doc)} {
				matches, err := filepath.Glob(filepath.Join(root, dir, path))
				if err != nil {
					t.Fatal(err)
				}
				found = append(found, matches...)
			}
			if len(found) == 0 {
				t.Errorf("%s names %s, which doesn't exist", doc, path)
			}
		}
	}
	if checked == 0 {
		t.Error("no document names any path: the patterns of this test no longer match")
	}
}

func TestDocumentsNameExistingMakeTargets(t *testing.T) {
	makefile, err := os.ReadFile(root + "/Makefile")
	if err != nil {
		t.Fatal(err)
	}
	targets := map[string]bool{}
	for _, m := range makeTarget.FindAllStringSubmatch(string(makefile), -1) {
		targets[m[1]] = true
	}
	for _, must := range []string{"build", "run", "test", "bench", "lint", "fuzz", "generate", "help", "clean"} {
		if !targets[must] {
			t.Errorf("the Makefile has no target %s", must)
		}
	}
	for doc, text := range documents(t) {
		for _, m := range codeSpan.FindAllStringSubmatch(text, -1) {
			for _, made := range madeBy.FindAllStringSubmatch(m[1], -1) {
				if !targets[made[1]] {
					t.Errorf("%s names `make %s`, which doesn't exist", doc, made[1])
				}
			}
		}
	}
}

func TestNamedPaths(t *testing.T) {
	folders := map[string]bool{"docs": true, "ring": true}
	text := "See [why](docs/a.md#x), [site](https://example.org/b), `ring/ring.go`, `docs/*.md`, `text/html`, `ring`, `docs/a b`."
	got := strings.Join(namedPaths(text, folders), " ")
	if want := "docs/a.md ring/ring.go docs/*.md"; got != want {
		t.Errorf("named paths %q, want %q", got, want)
	}
}
