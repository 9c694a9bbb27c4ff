package appliance

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What README.md tells a reader to do first has to work as it stands there.
func TestFirstConfigurationOfTheReadme(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, ok := strings.Cut(string(readme), "```nginx\n")
	text, _, closed := strings.Cut(text, "```\n")
	if !ok || !closed || strings.Count(text, "listen 8080;") != 1 {
		t.Fatal("no configuration in README.md")
	}
	s := newSite(t, "", "")
	if err := os.Remove(filepath.Join(s.dir, "logs")); err != nil { // the reader has none
		t.Fatal(err)
	}
	s.write("nginx.conf", strings.Replace(text, "listen 8080;", "listen 127.0.0.1:@PORT@;", 1))
	s.start()
	if status, _, err := s.get("/hello?name=moon"); status != 403 {
		t.Errorf("without the token: %d, %v", status, err)
	}
	req, err := http.NewRequest("GET", fmt.Sprintf("http://127.0.0.1:%d/hello?name=moon", s.port), nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Token", "1")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, err := io.ReadAll(resp.Body); resp.StatusCode != 200 || string(body) != "hello, moon\n" {
		t.Errorf("with the token: %d %q %v", resp.StatusCode, body, err)
	}
}

// The example's landing page shows what really runs, not what scripts are told for their libraries' sake.
func TestExampleNamesTheServer(t *testing.T) {
	t.Parallel()
	s := newSite(t, "", "")
	if err := os.CopyFS(filepath.Join(s.dir, "edge"), os.DirFS("../examples/edge")); err != nil {
		t.Fatal(err)
	}
	text := s.read("edge/nginx.conf")
	if strings.Count(text, "listen 127.0.0.1:8080;") != 1 {
		t.Fatal("where does the example listen?")
	}
	s.write("edge/nginx.conf", strings.Replace(text, "127.0.0.1:8080", "127.0.0.1:@PORT@", 1))
	i := s.startOnlyEnv([]string{"TMPDIR=" + t.TempDir()}, "run", filepath.Join(s.dir, "edge"))
	i.waitServing()
	if status, body, err := s.get("/"); status != 200 || !strings.Contains(body, "<dd>Moonring v0-test</dd>") {
		t.Errorf("%d %v\n%s", status, err, body)
	}
}
