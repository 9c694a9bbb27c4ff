package difftest

import (
	"bufio"
	"strings"
	"testing"
)

// exchangeOf reads one response from text and gives it as an exchange.
func exchangeOf(t *testing.T, text string) exchange {
	t.Helper()
	r, err := readResponse(bufio.NewReader(strings.NewReader(strings.ReplaceAll(text, "\n", "\r\n"))), false)
	if err != nil {
		t.Fatal(err)
	}
	return exchange{responses: []response{r}, end: "alive"}
}

func TestRenderMasksOnlyWhatMayDiffer(t *testing.T) {
	const base = "HTTP/1.1 404 Not Found\nServer: nginx/1.22.1\nDate: Sun, 06 Nov 1994 08:49:37 GMT\nContent-Length: 35\nX-A: 1\nX-B: 2\n\n" +
		"<hr><center>nginx/1.22.1</center>\n"
	tests := []struct {
		name     string
		old, new string
		equal    bool
	}{
		{"another server, with the length of its name", "nginx/1.22.1</center>|Server: nginx/1.22.1|35", "moonring</center>|Server: moonring|31", true},
		{"another date", "08:49:37", "08:49:38", true},
		{"a date in another format", "Sun, 06 Nov 1994 08:49:37 GMT", "06 Nov 1994 08:49:37", false},
		{"no date", "Date: Sun, 06 Nov 1994 08:49:37 GMT\n", "", false},
		{"another status", "404 Not", "410 Not", false},
		{"another reason", "Not Found", "Missing", false},
		{"headers in another order", "X-A: 1\nX-B: 2", "X-B: 2\nX-A: 1", false},
		{"another spelling of a header", "X-A", "x-a", false},
		{"another value", "X-A: 1", "X-A: 2", false},
		{"another body", "<hr>", "<br>", false},
		{"another foot", "<center>nginx/1.22.1</center>", "<center>apache/1.22</center>\n", false},
	}
	want := exchangeOf(t, base).render()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			changed := base
			news := strings.Split(tt.new, "|")
			for i, old := range strings.Split(tt.old, "|") {
				if !strings.Contains(changed, old) {
					t.Fatalf("the response lacks %q", old)
				}
				changed = strings.ReplaceAll(changed, old, news[i])
			}
			if equal := exchangeOf(t, changed).render() == want; equal != tt.equal {
				t.Errorf("rendered equal: %v, want %v\n%s", equal, tt.equal, exchangeOf(t, changed).render())
			}
		})
	}
}

func TestChunksAreJoined(t *testing.T) {
	got := exchangeOf(t, "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n2\nab\n1\nc\n0\n\n").responses[0]
	if got.body != "abc" || got.framing != "chunked" {
		t.Errorf("got %q by %s", got.body, got.framing)
	}
}
