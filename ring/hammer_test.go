package ring

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Clients on real sockets send frames that carry their nonce, pipelined, in pieces, and half-close,
// reset or vanish at any time: whatever comes back must be the asker's own. Built with
// the tag "poison", freed memory that is used shows as 0xDB.
func TestNoByteReachesAnotherConnection(t *testing.T) {
	const clients, frames = 64, 12_000
	r := newRing(t, Config{Buffers: 16, BufferSize: 512, BuffersPerConn: 32, Entries: 32, CQEntries: 64})
	fd, addr := listenSocket(t)
	rng := rand.New(rand.NewPCG(1, 2))
	type state struct {
		resume Timer
		open   bool
	}
	r.Listen(fd, &funcs{
		accept: func(c *Conn) { c.User = &state{open: true} },
		data: func(c *Conn, p []byte) int {
			used := 0
			for len(p)-used >= 4 {
				n := int(binary.LittleEndian.Uint32(p[used:]))
				if n < 12 || n > 8192 {
					t.Fatalf("frame of %d bytes", n)
				}
				if len(p)-used < n {
					break
				}
				f := p[used : used+n]
				used += n
				switch rng.IntN(4) {
				case 0:
					c.Write(f)
				case 1:
					b := c.Reserve(n)
					c.Commit(copy(b, f))
				case 2:
					c.WriteStatic(bytes.Clone(f))
				case 3:
					c.Write(f[:n/2])
					c.Write(f[n/2:])
				}
				switch st := c.User.(*state); rng.IntN(64) {
				case 0:
					c.PauseRead()
					r.StartTimer(&st.resume, time.Millisecond, timerFunc(func() {
						if !st.open {
							t.Error("timer of a closed connection")
						}
						c.ResumeRead()
					}))
					return used
				case 1:
					c.Kick()
					return used
				case 2:
					if rng.IntN(8) == 0 {
						c.Abort()
						return used
					}
				}
			}
			return used
		},
		close: func(c *Conn, err error) {
			st := c.User.(*state)
			st.open = false
			r.StopTimer(&st.resume)
		},
	})
	var wg sync.WaitGroup
	var left, verified atomic.Int64
	left.Store(frames)
	errs := make(chan error, clients)
	for i := range clients {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(uint64(i), 3))
			for left.Load() > 0 {
				n, err := hammer(addr, rng)
				left.Add(int64(-n))
				verified.Add(int64(n))
				if err != nil {
					errs <- err
					left.Store(0)
					return
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { wg.Wait(); close(done); r.Wake() }()
	runUntil(t, r, "clients", func() bool {
		select {
		case <-done:
			return true
		default:
			return false
		}
	})
	select {
	case err := <-errs:
		t.Fatal(err)
	default:
	}
	runUntil(t, r, "closing", func() bool { return r.Stats().Conns == 0 })
	s := r.Stats()
	if s.BuffersInUse != 0 || s.PoolBytes != 0 || s.Stale != 0 || s.Timers > 1 {
		t.Errorf("left over: %+v", s)
	}
	t.Logf("%d frames verified on %d connections; %+v", verified.Load(), s.Accepts, s)
}

// hammer opens one connection, and returns how many frames came back right.
func hammer(addr string, rng *rand.Rand) (int, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return 0, nil
	}
	defer conn.Close()
	tcp := conn.(*net.TCPConn)
	conn.SetDeadline(time.Now().Add(8 * time.Second))
	var out []byte
	count := 1 + rng.IntN(30)
	for range count {
		f := binary.LittleEndian.AppendUint32(nil, uint32(12+rng.IntN(1<<(3+rng.IntN(10)))))
		f = binary.LittleEndian.AppendUint64(f, rng.Uint64())
		nonce := f[4:12]
		for len(f) < int(binary.LittleEndian.Uint32(f)) {
			f = append(f, nonce[len(f)%8]^byte(len(f)))
		}
		out = append(out, f...)
	}
	sent := make(chan struct{})
	how := rng.IntN(8)
	cuts := rng.IntN(4)
	go func() {
		defer close(sent)
		p := out
		for range cuts {
			n := len(p) / 2
			if _, err := conn.Write(p[:n]); err != nil {
				return
			}
			p = p[n:]
		}
		conn.Write(p)
		switch how {
		case 0:
			tcp.SetLinger(0)
			conn.Close()
		case 1:
			conn.Close()
		default:
			tcp.CloseWrite()
		}
	}()
	in, _ := io.ReadAll(conn)
	<-sent
	if !bytes.HasPrefix(out, in) {
		at := 0
		for at < min(len(in), len(out)) && in[at] == out[at] {
			at++
		}
		return 0, fmt.Errorf("%d bytes came back for %d, and byte %d is wrong: % x", len(in), len(out), at, in[at:min(at+16, len(in))])
	}
	n := 0
	for off := 0; off+4 <= len(in); n++ {
		off += int(binary.LittleEndian.Uint32(out[off:]))
	}
	return n, nil
}
