package archtest

import (
	"fmt"
	"slices"
	"strings"
)

// module is the path in go.mod; a package's path within it is what the rules below speak of.
const module = "moonring"

// pkg is what the rules need to know of a package.
type pkg struct {
	path    string   // "moonring/lua/lib"
	imports []string // of its ordinary files, full paths
	cgo     bool
}

// within reports if path is the folder or lies below it.
func within(path, folder string) bool {
	return path == folder || strings.HasPrefix(path, folder+"/")
}

// withinAny reports if path lies in one of the folders, each named from the module's root.
func withinAny(path string, folders ...string) bool {
	return slices.ContainsFunc(folders, func(f string) bool { return within(path, module+"/"+f) })
}

// A rule says who may not import what, and why.
type rule struct {
	why     string
	applies func(from string) bool
	forbids func(from, to string) bool
}

// foundations know nothing of one another, nor of what is built on them.
var foundations = []string{"ring", "lua", "shm", "bpf"}

// leaves maps a package that stands on its own to the packages of ours that it may import all the same.
var leaves = map[string][]string{
	"proxy/conf":   {"proxy/regex"}, // patterns are checked where they stand
	"proxy/regex":  {},
	"proxy/h1":     {},
	"lua/bytecode": {},
	"lua/number":   {},
	"lua/compile":  {"lua/bytecode", "lua/number"},
}

// foreign maps a module of somebody else to the folders that may import it. Tests are free to import any.
var foreign = map[string][]string{
	"github.com/iceber/iouring-go": {"ring"}, // the raw ABI has one home
	"golang.org/x/term":            {"appliance/luatool"},
	"github.com/yuin/gopher-lua":   {"bench"},       // a yardstick, never part of the server
	"go.elara.ws/pcre":             {"proxy/regex"}, // addresses instead of pointers: in one place
	"modernc.org/libc":             {"proxy/regex"},
}

func rules() []rule {
	ours := func(path string) bool { return within(path, module) }
	all := []rule{
		{
			why:     "nobody imports benchmarks, tests, examples or image recipes",
			applies: ours,
			forbids: func(from, to string) bool {
				return withinAny(to, "bench", "difftest", "examples", "vm-images", "internal/archtest") &&
					!(withinAny(from, "bench") && withinAny(to, "bench")) &&
					!(withinAny(from, "vm-images") && withinAny(to, "vm-images"))
			},
		},
		{
			why:     "proxy is below appliance",
			applies: func(from string) bool { return withinAny(from, "proxy") },
			forbids: func(from, to string) bool { return withinAny(to, "appliance") },
		},
	}
	for _, f := range foundations {
		all = append(all, rule{
			why:     f + " imports none of our packages outside its own folder",
			applies: func(from string) bool { return withinAny(from, f) },
			forbids: func(from, to string) bool { return ours(to) && !withinAny(to, f, "internal") },
		})
	}
	for leaf, may := range leaves {
		all = append(all, rule{
			why:     fmt.Sprintf("%s may import only %v of ours", leaf, may),
			applies: func(from string) bool { return from == module+"/"+leaf },
			forbids: func(from, to string) bool { return ours(to) && !withinAny(to, append(may, leaf)...) },
		})
	}
	for path, may := range foreign {
		all = append(all, rule{
			why:     fmt.Sprintf("only %v may import %s", may, path),
			applies: func(from string) bool { return ours(from) && !withinAny(from, may...) },
			forbids: func(from, to string) bool { return within(to, path) },
		})
	}
	return all
}

// check returns one sentence for each violation, in the order of the packages.
func check(pkgs []pkg) []string {
	var found []string
	for _, p := range pkgs {
		if p.cgo || slices.Contains(p.imports, "C") {
			found = append(found, p.path+" uses cgo: the binary is static Go")
		}
		for _, r := range rules() {
			if !r.applies(p.path) {
				continue
			}
			for _, to := range p.imports {
				if r.forbids(p.path, to) {
					found = append(found, fmt.Sprintf("%s imports %s: %s", p.path, to, r.why))
				}
			}
		}
	}
	return found
}
