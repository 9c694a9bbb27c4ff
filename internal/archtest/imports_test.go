package archtest

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
)

// root is the repository seen from this package, where go test runs.
const root = "../.."

func listPackages(t *testing.T) []pkg {
	t.Helper()
	// -e: a package that doesn't compile is another test's failure.
	cmd := exec.Command("go", "list", "-e", "-json=ImportPath,Imports,CgoFiles", "./...")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var pkgs []pkg
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct {
			ImportPath string
			Imports    []string
			CgoFiles   []string
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return pkgs
		} else if err != nil {
			t.Fatalf("output of go list: %v", err)
		}
		pkgs = append(pkgs, pkg{p.ImportPath, p.Imports, len(p.CgoFiles) > 0})
	}
}

func TestImportRules(t *testing.T) {
	pkgs := listPackages(t)
	if len(pkgs) < 3 {
		t.Fatalf("go list found only %d packages", len(pkgs))
	}
	for _, v := range check(pkgs) {
		t.Error(v)
	}
}

func TestCheckFindsViolations(t *testing.T) {
	tests := []struct {
		name     string
		from, to string
		allowed  bool
	}{
		{"ring knows no Lua", "ring", "moonring/lua", false},
		{"a test kernel may use ring", "ring/ringtest", "moonring/ring", true},
		{"lua knows no ring", "lua/lib", "moonring/ring", false},
		{"lua knows no proxy", "lua", "moonring/proxy/conf", false},
		{"libraries import the engine", "lua/lib", "moonring/lua", true},
		{"the compiler doesn't import the engine", "lua/compile", "moonring/lua", false},
		{"the compiler emits bytecode", "lua/compile", "moonring/lua/bytecode", true},
		{"conf is plain data", "proxy/conf", "moonring/proxy/phase", false},
		{"h1 does no I/O", "proxy/h1", "moonring/ring", false},
		{"the API meets all", "proxy/api", "moonring/lua", true},
		{"proxy is below appliance", "proxy", "moonring/appliance", false},
		{"appliance is above proxy", "appliance", "moonring/proxy", true},
		{"the ABI has one home", "proxy", "github.com/iceber/iouring-go/syscall", false},
		{"and that is ring", "ring", "github.com/iceber/iouring-go/syscall", true},
		{"gopher-lua is no engine of ours", "lua", "github.com/yuin/gopher-lua", false},
		{"gopher-lua is a yardstick", "bench/gopherlua", "github.com/yuin/gopher-lua", true},
		{"nobody imports bench", "proxy", "moonring/bench/run", false},
		{"a folder whose name begins alike is another", "ringside", "moonring/lua", true},
		{"no cgo", "shm", "C", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			found := check([]pkg{{path: module + "/" + tt.from, imports: []string{tt.to}}})
			if allowed := len(found) == 0; allowed != tt.allowed {
				t.Errorf("%s imports %s: allowed is %v, want %v %v", tt.from, tt.to, allowed, tt.allowed, found)
			}
		})
	}
}
