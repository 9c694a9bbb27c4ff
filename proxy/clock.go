package proxy

import (
	"time"

	"moonring/proxy/h1"
)

// clock keeps what changes with the second.
type clock struct {
	second  int64 // since 1970
	date    [h1.DateLen]byte
	head200 []byte // status line, Server by its plain name, and Date
	dateAt  int    // where the date is in it

	textSecond int64 // of the texts that follow
	timeLocal  []byte
	timeISO    []byte
}

// timeTexts brings $time_local and $time_iso8601 to the iteration's time.
func (w *Worker) timeTexts() {
	if s := w.Ring.WallUnixNano() / 1e9; s != w.textSecond {
		w.textSecond = s
		t := time.Unix(s, 0)
		w.timeLocal = t.AppendFormat(w.timeLocal[:0], "02/Jan/2006:15:04:05 -0700")
		w.timeISO = t.AppendFormat(w.timeISO[:0], "2006-01-02T15:04:05-07:00")
	}
}

// tick brings the clock to the iteration's time.
func (w *Worker) tick() {
	if s := w.Ring.WallUnixNano() / 1e9; s != w.second {
		w.setSecond(s)
	}
}

func (w *Worker) setSecond(s int64) {
	w.second = s
	h1.AppendDate(w.date[:0], s)
	if w.head200 == nil {
		b := h1.AppendStatusLine(nil, 200)
		b = append(b, plainName.line...)
		w.dateAt = len(b) + len("Date: ")
		w.head200 = h1.AppendDateHeader(b, s)
		return
	}
	copy(w.head200[w.dateAt:], w.date[:])
}

// dateLine is the Date header with its end of line.
func (w *Worker) dateLine() []byte { return w.head200[w.dateAt-len("Date: "):] }
