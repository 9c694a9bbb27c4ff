package conf

import (
	"flag"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write what the installed nginx says to testdata/nginx.txt")

// lateChecks are what nginx says about the configuration after "syntax is ok".
var lateChecks = regexp.MustCompile(`^no "events" section|worker_cpu_affinity`)

const nginxBinary = "/usr/sbin/nginx"

const nginxCases = "testdata/nginx.txt"

// nginxCase is a configuration and what nginx says about it.
type nginxCase struct {
	name  string
	conf  string
	files map[string]string
	want  []string
	line  int // of the case in the file
}

func readNginxCases(t testing.TB) (head string, cases []*nginxCase) {
	t.Helper()
	text, err := os.ReadFile(nginxCases)
	if err != nil {
		t.Fatal(err)
	}
	var c *nginxCase
	section := ""
	n := 0
	for line := range strings.Lines(string(text)) {
		n++
		switch {
		case strings.HasPrefix(line, "== "):
			c = &nginxCase{name: strings.TrimSpace(line[3:]), files: map[string]string{}, line: n}
			cases = append(cases, c)
			section = ""
		case c == nil:
			head += line
		case strings.HasPrefix(line, "-- "):
			section = strings.TrimSpace(line[3:])
			if section != "want" {
				c.files[section] = ""
			}
		case section == "":
			c.conf += line
		case section == "want":
			if line = strings.TrimSpace(line); line != "" {
				c.want = append(c.want, line)
			}
		default:
			c.files[section] += line
		}
	}
	return head, cases
}

// lay writes the case's files to a directory and returns the replacer of the text's marks.
func (c *nginxCase) lay(t *testing.T) (dir string, marks *strings.Replacer) {
	t.Helper()
	dir = t.TempDir()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
	l.Close()
	marks = strings.NewReplacer("$F", filepath.Join(dir, "nginx.conf"), "$D", dir, "$P", port)
	write := func(name, text string) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(marks.Replace(text)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("nginx.conf", c.conf)
	for name, text := range c.files {
		write(name, text)
	}
	return dir, marks
}

// TestExpectedTexts compares Load with the expectations.
func TestExpectedTexts(t *testing.T) {
	_, cases := readNginxCases(t)
	if len(cases) < 40 {
		t.Fatalf("only %d cases", len(cases))
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			dir, marks := c.lay(t)
			_, notices, err := Load(Options{
				Prefix: dir, ConfPath: "nginx.conf", Globals: "pid " + dir + "/nginx.pid;", Unprivileged: os.Geteuid() != 0,
			})
			var got []string
			for _, n := range notices {
				if n.Level <= Warn {
					got = append(got, "["+n.Level.String()+"] "+n.String())
				}
			}
			if err != nil {
				got = append(got, "["+err.(*Error).Level.String()+"] "+err.Error())
			}
			compareLines(t, c, got, marks)
		})
	}
}

// TestNginxAgrees compares the expectations with what the installed nginx says.
func TestNginxAgrees(t *testing.T) {
	if _, err := os.Stat(nginxBinary); err != nil {
		t.Fatalf("this test compares with nginx itself: install nginx and libnginx-mod-http-lua (%v)", err)
	}
	if _, err := os.Stat("/usr/lib/nginx/modules/ngx_http_lua_module.so"); err != nil {
		t.Fatalf("this test compares with nginx's Lua module: install libnginx-mod-http-lua (%v)", err)
	}
	head, cases := readNginxCases(t)
	said := regexp.MustCompile(`^(?:nginx: |\d{4}/\d\d/\d\d \d\d:\d\d:\d\d )\[(\w+)\] (?:\d+#\d+: )?(.*)$`)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			dir, marks := c.lay(t)
			out, _ := exec.Command(nginxBinary, "-t", "-e", "stderr", "-p", dir, "-c", "nginx.conf",
				"-g", "pid "+dir+"/nginx.pid;").CombinedOutput()
			var got []string
			ok := false
			for line := range strings.Lines(string(out)) {
				ok = ok || strings.HasSuffix(line, "/nginx.conf syntax is ok\n")
				m := said.FindStringSubmatch(strings.TrimRight(line, "\n"))
				// Once it is content with the text, nginx opens sockets and directories: the machine's business.
				if m != nil && (!ok || lateChecks.MatchString(m[2])) {
					got = append(got, "["+m[1]+"] "+m[2])
				}
			}
			if !ok && len(got) == 0 {
				t.Fatalf("neither ok nor a message:\n%s", out)
			}
			if *update {
				back := strings.NewReplacer(marks.Replace("$F"), "$F", dir, "$D", "127.0.0.1:"+marks.Replace("$P"), "127.0.0.1:$P")
				c.want = nil
				for _, line := range got {
					c.want = append(c.want, back.Replace(line))
				}
				return
			}
			compareLines(t, c, got, marks)
		})
	}
	if *update {
		writeNginxCases(t, head, cases)
	}
}

func compareLines(t *testing.T, c *nginxCase, got []string, marks *strings.Replacer) {
	t.Helper()
	want := marks.Replace(strings.Join(c.want, "\n"))
	if g := strings.Join(got, "\n"); g != want {
		t.Errorf("%s:%d:\n got %s\nwant %s", nginxCases, c.line, g, want)
	}
}

// writeNginxCases puts the expectations into the file's text, leaving everything else as it is.
func writeNginxCases(t *testing.T, head string, cases []*nginxCase) {
	text, err := os.ReadFile(nginxCases)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString(head)
	i := -1
	want := false
	for line := range strings.Lines(string(text)[len(head):]) {
		if strings.HasPrefix(line, "== ") {
			i++
			want = false
		}
		if want {
			continue
		}
		b.WriteString(line)
		if line == "-- want\n" {
			want = true
			for _, w := range cases[i].want {
				b.WriteString(w + "\n")
			}
			b.WriteString("\n")
		}
	}
	if err := os.WriteFile(nginxCases, []byte(strings.TrimSuffix(b.String(), "\n")), 0o644); err != nil {
		t.Fatal(err)
	}
}
