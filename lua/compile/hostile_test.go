package compile

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"moonring/lua/bytecode"
)

// threadTime is the processor time of the calling thread.
func threadTime(t *testing.T) time.Duration {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &ts); err != nil {
		t.Fatal(err)
	}
	return time.Duration(ts.Nano())
}

// TestTimeIsLinear compiles sources of two sizes that a careless compiler would
// take quadratic time for. With 16 times the size the time per byte may grow
// for caches and growing tables, but not 16-fold.
func TestTimeIsLinear(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	rep := strings.Repeat
	each := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	for _, c := range []struct {
		name string
		src  func(n int) string
	}{
		{"or", func(n int) string { return "x = " + rep("a or ", n) + "a" }},
		{"and", func(n int) string { return "x = " + rep("a and ", n) + "a" }},
		{"and or", func(n int) string { return "if " + rep("a and b or ", n) + "a then end" }},
		{"not", func(n int) string { return "x = " + rep("not (a or ", 60) + rep("a or ", n) + "a" + rep(")", 60) }},
		{"elseif", func(n int) string { return "if a then " + rep("elseif a then b() ", n) + "end" }},
		{"if break", func(n int) string { return "while x do " + rep("if a then break end ", n) + "end" }},
		{"gotos to one label", func(n int) string { return rep("goto a ", n) + "::a::" }},
		{"gotos back", func(n int) string { return "::a:: " + rep("goto a ", n) }},
		{"pairs of goto and label", func(n int) string { return each(n/2, "goto a%[1]d ::a%[1]d:: x()") }},
		{"gotos, then labels", func(n int) string { return each(n/2, "goto a%d ") + each(n/2, "::a%d:: x() ") }},
		{"constants", func(n int) string { return "x = {" + each(n, "a%[1]d = %[1]d.5,") + "}" }},
		{"many functions after one large", func(n int) string {
			return "x = {" + each(n, "%d.5,") + "}" + rep(" function f() x = 1 end", n/4)
		}},
		{"names", func(n int) string { return each(n, "a%d = 1 ") }},
		{"dynamic keys", func(n int) string { return "x = {" + each(n, "a%[1]d = b, c%[1]d = 1,") + "}" }},
		{"locals used deep below", func(n int) string {
			var b strings.Builder
			for i := range 60 {
				fmt.Fprintf(&b, "local v%d function f() ", i)
				b.WriteString(each(150, "local x%d "))
			}
			return b.String() + rep("v0 = v59 ", n) + rep("end ", 60)
		}},
		{"calls", func(n int) string { return "f" + rep("()", n) }},
		{"fields", func(n int) string { return "x = a" + rep(".b", n) }},
		{"sum", func(n int) string { return "x = a" + rep(" + a", n) }},
		{"comment brackets", func(n int) string { return rep("--[==", n) + "\n" + rep("-- ]]\n", n) }},
		{"long string", func(n int) string { return "x = [==[" + rep("]=]\n", n) + "]==]" }},
		{"escapes", func(n int) string { return "x = '" + rep(`\n\z  `, n) + "'" }},
		{"number", func(n int) string { return "x = 0." + rep("1", 4*n) }},
	} {
		const size = 2000
		perByte := func(n int) float64 {
			src := []byte(c.src(n))
			best := time.Hour
			for range 3 {
				start := threadTime(t)
				p, err := Compile(src, "=x")
				best = min(best, threadTime(t)-start)
				if err != nil && !strings.Contains(err.Error(), msgJump) {
					t.Fatalf("%s: %v", c.name, err)
				}
				if err == nil {
					if err := bytecode.Verify(p); err != nil {
						t.Fatalf("%s: %v", c.name, err)
					}
				}
			}
			return float64(best) / float64(len(src))
		}
		small, large := perByte(size), perByte(16*size)
		if large > 8*small && large > 400 {
			t.Errorf("%s: %.0f ns per byte, %.0f with 16 times the size", c.name, small, large)
		}
		if testing.Verbose() {
			t.Logf("%-32s %5.0f %5.0f ns/byte", c.name, small, large)
		}
	}
}
