package conf

import (
	"os"
	"path/filepath"
	"sort"
	"strings"
)

// OS is the FS of the machine.
type OS struct{}

// ReadFile reads a file.
func (OS) ReadFile(path string) ([]byte, error) { return os.ReadFile(path) }

// Glob matches as glob(3): "*" and "?" don't match a leading dot, "[!a]" negates. A malformed pattern matches nothing.
func (OS) Glob(pattern string) ([]string, error) {
	pattern = strings.ReplaceAll(pattern, "[!", "[^")
	found, err := filepath.Glob(pattern)
	if err != nil {
		return nil, nil
	}
	want := strings.Split(filepath.Clean(pattern), "/")
	kept := found[:0]
	for _, path := range found {
		if !matchesHidden(want, strings.Split(filepath.Clean(path), "/")) {
			kept = append(kept, path)
		}
	}
	sort.Strings(kept)
	return kept, nil
}

// matchesHidden reports whether a name that begins with a dot stands where the pattern has no dot.
func matchesHidden(pattern, path []string) bool {
	for i := range path {
		if i < len(pattern) && strings.HasPrefix(path[i], ".") && !strings.HasPrefix(pattern[i], ".") {
			return true
		}
	}
	return false
}
