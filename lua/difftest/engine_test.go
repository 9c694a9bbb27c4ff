package difftest

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// The golden files were made with TZ=UTC.
func TestMain(m *testing.M) {
	time.Local = time.UTC
	os.Exit(m.Run())
}

// TestEngine runs every script on our engine and compares with the golden files.
func TestEngine(t *testing.T) {
	for _, s := range corpus(t) {
		t.Run(s.Name, func(t *testing.T) {
			want, err := os.ReadFile(s.GoldenPath())
			if err != nil {
				t.Fatal(err)
			}
			got, err := run(s, RunEngine)
			if err != nil {
				t.Fatal(err)
			}
			d := Diff(want, got.Golden())
			switch {
			case s.Later() && d == "":
				t.Log("agrees by now: move the script to the folder of its subject")
			case s.Later():
				t.Logf("not claimed yet: %s", d)
			case d != "":
				t.Error(d)
			}
		})
	}
}

// TestDumped: a script that was dumped and loaded does what it does itself; TestHooked: a hook changes nothing.
func TestDumped(t *testing.T) { sameAs(t, RunDumped, nil) }
func TestHooked(t *testing.T) {
	sameAs(t, RunHooked, map[string]bool{
		"debug/hooks": true, "debug/misc": true, // look at the hook
	})
}

// sameAs compares what engine gives for each script of the corpus, but for some, with what RunEngine does.
func sameAs(t *testing.T, engine func(Script) (Result, error), but map[string]bool) {
	for _, s := range corpus(t) {
		if but[s.Name] {
			continue
		}
		t.Run(s.Name, func(t *testing.T) {
			want, err := run(s, RunEngine)
			if err != nil {
				t.Fatal(err)
			}
			got, err := run(s, engine)
			if err != nil {
				t.Fatal(err)
			}
			if d := Diff(want.Golden(), got.Golden()); d != "" {
				t.Error(strings.ReplaceAll(d, "LuaJIT:", "direct:"))
			}
		})
	}
}

// run is RunEngine or another with a panic made an error, so that one script doesn't hide the others.
func run(s Script, engine func(Script) (Result, error)) (r Result, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return engine(s)
}
