package ring

import (
	"errors"
	"strings"
	"syscall"
	"testing"
)

func TestProbeNamesWhatIsMissingInOneSentence(t *testing.T) {
	for _, tc := range []struct {
		err  error
		is   error
		want []string
	}{
		{setupError(syscall.ENOSYS), ErrNotSupported, []string{"no io_uring", "6.1"}},
		{setupError(syscall.EPERM), ErrNotSupported, []string{"io_uring is forbidden"}},
		{setupError(syscall.EINVAL), ErrNotSupported, []string{"too old", "6.1", "IORING_SETUP_DEFER_TASKRUN"}},
		{setupError(syscall.ENOMEM), syscall.ENOMEM, []string{"locked-memory"}},
		{setupError(syscall.EMFILE), syscall.EMFILE, []string{"io_uring_setup"}},
		{checkFeatures(0), ErrNotSupported, []string{"too old", "IORING_FEAT_NODROP", "IORING_FEAT_CQE_SKIP"}},
	} {
		text := tc.err.Error()
		if !errors.Is(tc.err, tc.is) {
			t.Errorf("%q is not %v", text, tc.is)
		}
		for _, w := range tc.want {
			if !strings.Contains(text, w) {
				t.Errorf("%q doesn't say %q", text, w)
			}
		}
		if strings.Contains(text, "\n") {
			t.Errorf("%q is more than one line", text)
		}
	}
	if err := checkFeatures(^uint32(0)); err != nil {
		t.Error(err)
	}
}

func TestConfigIsChecked(t *testing.T) {
	for _, cfg := range []Config{
		{Entries: 3}, {Entries: 64, CQEntries: 32}, {CQEntries: 5000}, {Buffers: 100}, {Buffers: 1 << 16},
		{BufferSize: 1}, {BufferSize: 1 << 21}, {Buffers: 1 << 15, BufferSize: 1 << 20}, {BuffersPerConn: -1}, {MaxConns: -1}, {MaxConns: 1 << 24},
	} {
		if r, err := New(cfg); err == nil {
			r.Close()
			t.Errorf("%+v was accepted", cfg)
		}
	}
}
