package proxy

import "moonring/proxy/h1"

// emptyGIF is the transparent GIF of one pixel that empty_gif answers with.
var emptyGIF = []byte("GIF89a" + // signature
	"\x01\x00\x01\x00\x80\x01\x00" + // a screen of 1 x 1, two colours, the second one behind all
	"\x00\x00\x00\xff\xff\xff" + // black, white
	"\x21\xf9\x04\x01\x00\x00\x01\x00" + // the second one is transparent
	"\x2c\x00\x00\x00\x00\x01\x00\x01\x00\x00" + // an image of 1 x 1
	"\x02\x02\x4c\x01\x00" + // its compressed pixel
	"\x3b")

// emptyGIFTime is its Last-Modified, nginx's, in seconds since 1970.
const emptyGIFTime = 23349600

func (r *Request) serveEmptyGIF() {
	if m := r.Head.MethodID; m != h1.MethodGET && m != h1.MethodHEAD {
		r.finalize(405)
		return
	}
	if status := r.DiscardBody(); status != 0 {
		r.finalize(status)
		return
	}
	r.Status = 200
	r.contentType, r.contentLength, r.lastModified = "image/gif", int64(len(emptyGIF)), emptyGIFTime
	if r.frameMade() {
		r.sendBody(emptyGIF)
	}
	r.end()
}
