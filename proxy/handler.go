package proxy

// What a handler asks of a request besides reading and writing it.

// Internal tells if the request was redirected internally.
func (r *Request) Internal() bool { return r.internal }

// KeepAlive tells if the connection is to outlive the request, as far as is known.
func (r *Request) KeepAlive() bool { return r.keepAlive }

// Chunked tells if the response, whose header is frozen, has chunked coding.
func (r *Request) Chunked() bool { return r.chunked }

// Buffering tells if output is kept back until its length is known: for HTTP/1.0.
func (r *Request) Buffering() bool { return r.buffering }

// RawHead is the request line and the header section as they came, with the empty line.
func (r *Request) RawHead() []byte {
	if r = r.main(); r.owned {
		return r.head
	}
	return r.Worker.headData
}

// Finish completes the response, as ngx.eof does: code may go on, but can't write any more. It reports false
// when the client is gone.
func (r *Request) Finish() bool {
	r.finishOutput()
	return !r.gone()
}

// gone tells that nobody takes output any more.
func (r *Request) gone() bool { return r.sub.parent == nil && r.cn.gone() }
