package h1

// Header is one field line. Name is as sent; Value is without the spaces around it (nginx strips spaces, not tabs).
type Header struct {
	Name, Value []byte
	Known       HeaderID // 0 (HeaderOther) if the name has no identifier
}

// Request is a parsed head: request line and header section. Its slices are views that share the capacity of the parsed
// bytes: never append to one. Major is 1 and Minor 0..999, or 0 and 9 for a simple request of HTTP/0.9.
type Request struct {
	Line     []byte // the request line as sent, without its end of line
	Method   []byte
	Protocol []byte // "HTTP/1.1" as sent; empty for HTTP/0.9
	URI      []byte // the target as sent, without scheme and authority: path?args#fragment
	Path     []byte // raw path, before '?' and '#'; "/" when an absolute-form target has none
	Args     []byte // raw, between '?' and '#'; nil if there is none
	Scheme   []byte // of an absolute-form target, as sent; otherwise nil

	// Host is what chooses the server: the authority of an absolute-form target, else the Host header; validated,
	// without port and final dot, in lower case. It is a view of the parsed bytes when these are in lower case
	// already, and otherwise of a small buffer that the Request owns and reuses. Empty if HTTP/1.0 sent none.
	Host []byte

	Headers []Header // in the order sent; those with invalid names are not among them, see Dropped
	Dropped [][]byte // the first 64 header lines left out because of their name, for the log; see Parser.KeepInvalid

	ContentLength int64 // -1: no Content-Length
	Major, Minor  int
	MethodID      Method
	Chunked       bool // the body has chunked coding
	KeepAlive     bool // what client and version ask for; the server may decide otherwise
	Expect100     bool // wants "100 Continue" before it sends the body
	Upgrade       bool // HTTP/1.1 with an Upgrade header and Connection: upgrade
	Complex       bool // Path needs NormalizePath: it holds '%', "//" or "/."

	hostOwned bool                  // Host is in hostBuf
	connClose bool                  // a Connection header has the word close
	connKeep  bool                  // keep-alive
	connUpgr  bool                  // upgrade
	seen      uint64                // bit HeaderID: the header was sent
	first     [headerIDCount]uint16 // index in Headers of the first one, where seen
	baseCap   int                   // cap of the bytes all views point into
	hostBuf   []byte
}

// Reset makes r as good as new and keeps its memory for the next request.
func (r *Request) Reset() {
	// Field by field: a composite literal would be built aside and copied, twice the time.
	r.Line, r.Method, r.Protocol, r.URI, r.Path = nil, nil, nil, nil, nil
	r.Args, r.Scheme, r.Host = nil, nil, nil
	r.Headers, r.Dropped, r.hostBuf = r.Headers[:0], r.Dropped[:0], r.hostBuf[:0]
	r.ContentLength, r.Major, r.Minor, r.MethodID = -1, 0, 0, MethodUnknown
	r.Chunked, r.KeepAlive, r.Expect100, r.Upgrade, r.Complex = false, false, false, false, false
	r.hostOwned, r.connClose, r.connKeep, r.connUpgr = false, false, false, false
	r.seen, r.baseCap = 0, 0
	clear(r.first[:])
}

// Get returns the value of the first header of this kind, or nil if there is none.
// A header that is present and empty gives an empty slice that is not nil.
func (r *Request) Get(id HeaderID) []byte {
	if r.seen>>id&1 == 0 {
		return nil
	}
	return r.Headers[r.first[id]].Value
}

// Has reports whether a header of this kind was sent.
func (r *Request) Has(id HeaderID) bool { return r.seen>>id&1 != 0 }

// Header returns the value of the first header of this name; letter case does not matter.
func (r *Request) Header(name string) ([]byte, bool) {
	for i := range r.Headers {
		if EqualFold(r.Headers[i].Name, name) {
			return r.Headers[i].Value, true
		}
	}
	return nil, false
}

// Simple reports an HTTP/0.9 request, refused or not: its response is the body alone, and closes.
func (r *Request) Simple() bool { return r.Major == 0 && r.Minor == 9 }

// HasBody reports whether bytes of a body follow the head.
func (r *Request) HasBody() bool { return r.Chunked || r.ContentLength > 0 }

// Rebase makes every view point into data, which must begin with the same bytes as the slice last given to Parse:
// for a caller who copies the head to memory of its own once it is complete.
func (r *Request) Rebase(data []byte) {
	from := r.baseCap
	rebase(&r.Line, data, from)
	rebase(&r.Method, data, from)
	rebase(&r.Protocol, data, from)
	rebase(&r.URI, data, from)
	rebase(&r.Path, data, from)
	rebase(&r.Args, data, from)
	rebase(&r.Scheme, data, from)
	if !r.hostOwned {
		rebase(&r.Host, data, from)
	}
	for i := range r.Headers {
		rebase(&r.Headers[i].Name, data, from)
		rebase(&r.Headers[i].Value, data, from)
	}
	for i := range r.Dropped {
		rebase(&r.Dropped[i], data, from)
	}
	r.baseCap = cap(data)
}

// rebase moves a view of bytes of capacity from to data, which has the same bytes. Views are made by slicing alone, so that the
// distance to the end of the capacity tells the offset; nil stays nil.
func rebase(view *[]byte, data []byte, from int) {
	if *view != nil {
		at := from - cap(*view)
		*view = data[at : at+len(*view)]
	}
}

// Error says why a request was refused. After it the connection has to be closed: where the message ends is unknown
// or not to be trusted.
type Error struct {
	// Status to answer with. 494 is nginx's own for a head that is too large: it selects the page, and WireStatus
	// gives the 400 that is sent.
	Status int
	// Reason for the error log, level info, in nginx's words where nginx has such an error.
	Reason string
}

func (e *Error) Error() string { return e.Reason }

// Method identifies the methods nginx knows; its value is the position of nginx's bit for it.
type Method uint8

const (
	MethodUnknown Method = iota
	MethodGET
	MethodHEAD
	MethodPOST
	MethodPUT
	MethodDELETE
	MethodMKCOL
	MethodCOPY
	MethodMOVE
	MethodOPTIONS
	MethodPROPFIND
	MethodPROPPATCH
	MethodLOCK
	MethodUNLOCK
	MethodPATCH
	MethodTRACE
	MethodCONNECT
	methodCount
)

var methodNames = [methodCount]string{
	"", "GET", "HEAD", "POST", "PUT", "DELETE", "MKCOL", "COPY", "MOVE", "OPTIONS", "PROPFIND", "PROPPATCH",
	"LOCK", "UNLOCK", "PATCH", "TRACE", "CONNECT",
}

// String returns the method's name, "" for MethodUnknown.
func (m Method) String() string {
	if m < methodCount {
		return methodNames[m]
	}
	return ""
}

// Bit is NGX_HTTP_GET (2), NGX_HTTP_HEAD (4) and so on, the values of ngx.HTTP_GET ... in Lua; unknown is 1.
func (m Method) Bit() uint32 { return 1 << m }

// MethodByName finds a method by its name; case matters.
func MethodByName(name []byte) Method {
	for m := MethodGET; m < methodCount; m++ {
		if string(name) == methodNames[m] {
			return m
		}
	}
	return MethodUnknown
}

// EqualFold compares a field name with another without regard to ASCII letter case.
func EqualFold[T string | []byte](a []byte, b T) bool {
	if len(a) != len(b) {
		return false
	}
	for i, x := range a {
		y := b[i]
		if x != y && (x|0x20 != y|0x20 || x|0x20 < 'a' || x|0x20 > 'z') {
			return false
		}
	}
	return true
}
