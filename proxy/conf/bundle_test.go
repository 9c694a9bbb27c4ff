package conf

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestBundleLeadsToTheSameConfig(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("nginx.conf", `user root; events {} http { include sites/*.conf; init_by_lua_file a.lua; include none/*.conf;
		server { listen localhost:8080; } }`)
	write("sites/b.conf", "server { listen 127.0.0.2:8080; location / { content_by_lua_file missing.lua; } }")
	write("a.lua", "x = 1")
	rec := NewRecorder(OS{})
	o := Options{Prefix: dir, ConfPath: "nginx.conf", FS: rec, CPUs: 3}
	first, _, err := Load(o)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := json.Marshal(rec.Bundle())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	var b Bundle
	if err := json.Unmarshal(encoded, &b); err != nil {
		t.Fatal(err)
	}
	o.FS = &b
	second, _, err := Load(o)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(first, second) {
		t.Errorf("got %+v\nwant %+v", second, first)
	}
	if code := second.HTTP.Servers[0].findPrefix([]byte("/")).Content; code.ReadErr == nil {
		t.Errorf("the missing file is there: %+v", code)
	}
	b.Files[dir+"/a.lua"] = []byte("x = 2")
	if third, _, err := Load(o); err != nil || reflect.DeepEqual(first, third) {
		t.Errorf("a change in the bundle makes no difference (%v)", err)
	}
}

// TestSourcesAgreeWithNginx compares WriteSources with nginx -T.
func TestSourcesAgreeWithNginx(t *testing.T) {
	if _, err := os.Stat(nginxBinary); err != nil {
		t.Fatalf("this test compares with nginx itself: install nginx (%v)", err)
	}
	c := &nginxCase{
		conf:  "events {}\nhttp { include inc/*.conf;\n include inc/a.conf; include /no/such/*; }\n# end",
		files: map[string]string{"inc/a.conf": "# a\n", "inc/b.conf": "index x;"},
	}
	dir, _ := c.lay(t)
	out, err := exec.Command(nginxBinary, "-T", "-e", "stderr", "-p", dir, "-c", "nginx.conf", "-g", "pid "+dir+"/nginx.pid;").Output()
	if err != nil {
		t.Fatal(err)
	}
	conf, _, err := Load(Options{Prefix: dir, ConfPath: "nginx.conf"})
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if err := conf.WriteSources(&got); err != nil {
		t.Fatal(err)
	}
	if got.String() != string(out) || strings.Count(got.String(), "configuration file") != 3 {
		t.Errorf("got %s\nwant %s", got.String(), out)
	}
}
