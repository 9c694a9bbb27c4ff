package api

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
)

// allocsPerRequest is what a request costs on Go's heap, in allocations of the whole process: so the client must not
// allocate either. (testing.AllocsPerRun leaves one P, for which loop and client would have to wait.)
func allocsPerRequest(t *testing.T, request string) float64 { return allocsOf(t, runner, request) }

func allocsOf(t *testing.T, conf, request string) float64 {
	s := serve(t, conf)
	c, err := net.Dial("tcp", s.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	raw := []byte("GET " + request + " HTTP/1.1\r\nHost: test\r\nUser-Agent: me\r\n\r\n")
	if _, err := c.Write(raw); err != nil {
		t.Fatal(err)
	}
	// The first response tells how long they are.
	var first strings.Builder
	r := bufio.NewReader(io.TeeReader(c, &first))
	resp, err := http.ReadResponse(r, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		t.Fatal(err)
	}
	n := first.Len()
	buf := make([]byte, n)
	exchange := func() {
		if _, err := c.Write(raw); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(c, buf); err != nil {
			t.Fatal(err)
		}
	}
	for range 300 {
		exchange()
	}
	const rounds = 500
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range rounds {
		exchange()
	}
	runtime.ReadMemStats(&after)
	return float64(after.Mallocs-before.Mallocs) / rounds
}

func TestRequestsAllocateNothing(t *testing.T) {
	for _, request := range []string{"/hello", "/typical?who=me", "/dict"} {
		if n := allocsPerRequest(t, request); n > 0.05 { // the runtime itself allocates now and then
			t.Errorf("%s: %v allocations a request", request, n)
		}
	}
}
