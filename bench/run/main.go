package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

// options are the flags, with what follows them.
type options struct {
	peer        bool
	rounds      int
	duration    time.Duration
	connections int
	idle        int
	runs        int
	moonring    string
	out         string
	section     string // "" for all
	names       []string
}

func parse(args []string) (options, error) {
	var o options
	fs := flag.NewFlagSet("run", flag.ContinueOnError)
	fs.BoolVar(&o.peer, "peer", false, "measure the peers alone, without Moonring")
	fs.IntVar(&o.rounds, "rounds", 5, "http: rounds, in each of which every server runs once")
	fs.DurationVar(&o.duration, "duration", 5*time.Second, "http: time under load in a round")
	fs.IntVar(&o.connections, "connections", 64, "http: keep-alive connections of the load generator")
	fs.IntVar(&o.idle, "idle", 10000, "idle: connections that wait")
	fs.IntVar(&o.runs, "runs", 5, "lua: runs of each task, of which the fastest counts")
	fs.StringVar(&o.moonring, "moonring", "bin/moonring", "the `PROGRAM` to measure")
	fs.StringVar(&o.out, "out", "", "the `FILE` to write instead of bench/results/DATE-COMMIT.md; - for none")
	if err := fs.Parse(args); err != nil {
		return o, err
	}
	if rest := fs.Args(); len(rest) > 0 {
		o.section, o.names = rest[0], rest[1:]
	}
	switch o.section {
	case "", "http", "idle", "lua", "gc":
	default:
		return o, fmt.Errorf("unknown section %q: http, idle, lua or gc", o.section)
	}
	if o.rounds < 1 || o.runs < 1 || o.duration < time.Second || o.connections < 1 || o.idle < 1 {
		return o, fmt.Errorf("every count must be at least 1, and the duration 1 s")
	}
	return o, nil
}

func run(args []string) error {
	o, err := parse(args)
	if err != nil {
		return err
	}
	if _, err := os.Stat("bench/scenario"); err != nil {
		return fmt.Errorf("run this from the root of the repository: %w", err)
	}
	if !o.peer {
		if _, err := os.Stat(o.moonring); err != nil {
			return fmt.Errorf("%w: `make build` makes it, or -peer does without", err)
		}
		if o.moonring, err = filepath.Abs(o.moonring); err != nil {
			return err
		}
	}
	var rep report
	rep.head(o)
	sections := []struct {
		name    string
		measure func(options, *report) error
	}{{"http", benchHTTP}, {"idle", benchIdle}, {"lua", benchLua}, {"gc", benchGC}}
	for _, s := range sections {
		if o.section == "" || o.section == s.name {
			if err := s.measure(o, &rep); err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
		}
	}
	fmt.Print(rep.String())
	return rep.save(o)
}

func main() {
	// Servers run in groups of their own; without this an interrupt would leave them behind.
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		stopAll()
		os.Exit(130)
	}()
	if err := run(os.Args[1:]); err != nil {
		stopAll()
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// progress goes to the terminal, the result to the file.
var progress io.Writer = os.Stderr
