package ring_test

import (
	"runtime"
	"testing"

	sys "github.com/iceber/iouring-go/syscall"

	"moonring/ring"
	"moonring/ring/ringtest"
)

// An idle connection is a slot in the table: no buffer, no goroutine, at most 400 bytes with all
// of the ring's lists.
func TestTenThousandIdleConnections(t *testing.T) {
	const conns, bytesMax = 10_000, 400
	k := ringtest.New(t)
	r, err := ring.New(ring.Config{Kernel: k})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	h := &plain{}
	r.Listen(99, h)
	wake := func() { r.Wake(); k.Complete(0x1, 8, 0); k.Drop(0x1) }
	k.OnWait = wake
	r.Run()
	accept := k.One(sys.IORING_OP_ACCEPT)
	// The scripted kernel shall keep nothing that would count.
	k.Handle(sys.IORING_OP_RECV, func(s *ring.SQE) { h.recvs++ })
	heap := func() uint64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	for i := 0; i < conns; {
		for range 100 {
			k.Complete(accept.UserData, int32(100000+i), ring.IORING_CQE_F_MORE)
			i++
		}
		r.Run()
	}
	r.Run()
	after := heap()
	s := r.Stats()
	if s.Conns != conns || h.recvs != conns || s.PoolBytes != 0 {
		t.Fatalf("%d connections, %d recvs armed, %d bytes of the pool in use", s.Conns, h.recvs, s.PoolBytes)
	}
	per := float64(after-before) / conns
	t.Logf("%.0f bytes per idle connection", per)
	if per > bytesMax {
		t.Errorf("%.0f bytes per idle connection, more than %d", per, bytesMax)
	}
	runtime.KeepAlive(k)
}

// plain is a handler that does nothing.
type plain struct{ recvs int }

func (h *plain) OnAccept(c *ring.Conn)             { c.SetHandler(h) }
func (h *plain) OnAcceptError(error)               {}
func (h *plain) OnData(c *ring.Conn, p []byte) int { return len(p) }
func (h *plain) OnEOF(*ring.Conn)                  {}
func (h *plain) OnDrain(*ring.Conn)                {}
func (h *plain) OnClose(*ring.Conn, error)         {}
