package difftest

import (
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"
)

var (
	nginxOnly = flag.Bool("nginx-only", false, "run the cases on nginx alone, and show what it answered with -v")
	oursPath  = flag.String("moonring", "", "compare with this `PROGRAM` instead of building one; with nginx itself, all must be equal")
)

// A testCase is one connection.
type testCase struct {
	name string
	send []string // segments, written apart
	want []want   // what nginx answers, in order
	has  string   // must be in what nginx answered, as rendered
	log  string   // compare the records of error.log that contain this
	// noProbe: don't ask anything more: the last request is unfinished, or what becomes of the connection is nobody's concern.
	noProbe bool
	// halfClose: shut down the sending side after the last segment.
	halfClose bool
	// raw: read to the end and compare the bytes; there is no status line to be read.
	raw bool
}

// want is an expected response.
type want struct {
	status int
	head   bool // it answers a HEAD request: no body follows
}

func w(statuses ...int) []want {
	var all []want
	for _, s := range statuses {
		all = append(all, want{status: s})
	}
	return all
}

func head(status int) want { return want{status, true} }

// request builds a request with the usual Host; each header is a full line without its end.
func request(line string, headers ...string) string {
	return line + " HTTP/1.1\r\nHost: first.test\r\n" + strings.Join(append(headers, ""), "\r\n") + "\r\n"
}

// get is a case of a single GET.
func get(name, path string, status int, has string, headers ...string) testCase {
	return testCase{name: name, send: []string{request("GET "+path, headers...)}, want: w(status), has: has}
}

// post is a case of a single POST with a Content-Length.
func post(name, path, body string, status int, has string, headers ...string) testCase {
	headers = append(headers, fmt.Sprintf("Content-Length: %d", len(body)))
	return testCase{name: name, send: []string{request("POST "+path, headers...) + body}, want: w(status), has: has}
}

// logged adds the comparison of log records.
func (c testCase) logged(marker string) testCase {
	c.log = marker
	return c
}

// runCases performs all cases on one server.
func runCases(t *testing.T, s server, prefix string, port int, cases []testCase) []exchange {
	t.Helper()
	results := make([]exchange, len(cases))
	log := s.run(t, prefix, "daemon off;", port, func(addr string) {
		for i, c := range cases {
			results[i] = perform(addr, c)
		}
	})
	all := records(log)
	for i, c := range cases {
		if c.log == "" {
			continue
		}
		for _, r := range all {
			if strings.Contains(r, c.log) {
				results[i].log = append(results[i].log, r)
			}
		}
	}
	for _, r := range all {
		if strings.Contains(r, "[alert]") && !strings.Contains(r, "marker-levels") {
			t.Errorf("%s logged an alert: %s", s.name, r)
		}
	}
	return results
}

// meaningful tells what is wrong with nginx's answer to a case, if anything: then the case doesn't test what it says.
func meaningful(c testCase, ex exchange) string {
	if c.raw {
		if !strings.Contains(ex.render(), c.has) {
			return fmt.Sprintf("answer lacks %q", c.has)
		}
		return ""
	}
	var got []want
	for i, r := range ex.responses {
		if i < len(c.want) {
			got = append(got, want{r.status, c.want[i].head})
		}
	}
	switch {
	case !slices.Equal(got, c.want):
		return fmt.Sprintf("answered %v, the case expects %v", got, c.want)
	case strings.HasPrefix(ex.end, "error"), strings.HasPrefix(ex.end, "one response too many"):
		return "connection " + ex.end
	case !strings.Contains(ex.render(), c.has):
		return fmt.Sprintf("answer lacks %q", c.has)
	case c.log != "" && len(ex.log) == 0:
		return fmt.Sprintf("error.log lacks %q", c.log)
	}
	return ""
}

func allCases() []testCase {
	return slices.Concat(returnCases(), outputCases(), varCases(), requestCases(), phaseCases(), errorCases(), staticCases(), protocolCases(), setterCases(), madeCases(), echoCases(), moreCases(), locationCases(), rewriteCases(), redirectCases(), hostCases(),
		filterCases(),
		rewriteLuaCases(), coreCases(),
		timerCases(), reCases(),
		threadCases(), socketCases(),
		sharedCases(),
		setLuaCases(), accessCases(), ifCases(), authRequestCases(), declinedCases(), subrequestCases())
}

func TestSameAnswers(t *testing.T) {
	cases := allCases()
	port := freePort(t)
	prefix := prepare(t, "testdata", "@PORT@", port)

	nginx := runCases(t, nginxServer(t), prefix, port, cases)
	names := map[string]bool{}
	for i, c := range cases {
		if names[c.name] {
			t.Errorf("two cases are named %q", c.name)
		}
		names[c.name] = true
		if wrong := meaningful(c, nginx[i]); wrong != "" {
			t.Errorf("%s: nginx %s\n%s", c.name, wrong, nginx[i].render())
		}
	}
	if *nginxOnly {
		for i, c := range cases {
			t.Logf("%s\n%q\n%s", c.name, c.send, nginx[i].render())
		}
		t.Logf("%d cases", len(cases))
		return
	}

	ours := runCases(t, moonringServer(t), prefix, port, cases)
	for i, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			theirs, ours := nginx[i].render(), ours[i].render()
			if theirs != ours {
				t.Errorf("sent %q\n--- nginx\n%s\n--- moonring\n%s", abbreviate(c.send), theirs, ours)
			}
		})
	}
	t.Logf("%d cases", len(cases))
}

func abbreviate(segments []string) []string {
	short := slices.Clone(segments)
	for i, s := range short {
		if len(s) > 500 {
			short[i] = fmt.Sprintf("%s... (%d bytes)", s[:200], len(s))
		}
	}
	return short
}
