package proxy

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"syscall"

	"moonring/proxy/conf"
	"moonring/proxy/h1"
)

// Static files, as nginx's index and static modules serve them: open and fstat each time, small files read at
// once behind the header, large ones by the ring.

// fileReply is the file of a response under way.
type fileReply struct {
	fd     int // plus 1; 0 is none
	ranges []h1.Range
	path   []byte // with a NUL behind it
	index  []byte // name of the index file that is tried
	etag   []byte
	queued bool // the connection's queue refers to it
}

// fileInline is the size up to which a file is read into the response, in bytes.
const fileInline = 32 << 10

func (f *fileReply) reset() {
	f.close()
	f.queued = false
	f.ranges, f.path, f.index, f.etag = f.ranges[:0], f.path[:0], f.index[:0], f.etag[:0]
}

func (f *fileReply) close() {
	if f.fd != 0 {
		closeFD(f.fd - 1)
		f.fd = 0
	}
}

// waiting tells that the connection's queue refers to the file.
func (f *fileReply) waiting() bool { return f.fd != 0 }

// serveStatic is the content phase where no handler is.
func (r *Request) serveStatic() {
	if r.pathForeign && r.Loc.Alias {
		r.aliasForeign()
		return
	}
	if len(r.path) == 0 || r.path[len(r.path)-1] == '/' {
		r.serveIndex()
		return
	}
	switch r.Head.MethodID {
	case h1.MethodGET, h1.MethodHEAD, h1.MethodPOST:
	default:
		r.finalize(405)
		return
	}
	f := &r.file
	f.path = append(r.appendFilename(f.path[:0], r.path), 0)
	fd, st, errno := openFile(f.path)
	if errno != 0 {
		r.openFailed(errno)
		return
	}
	f.fd = fd + 1
	switch st.kind() {
	case syscall.S_IFDIR:
		f.close()
		r.addSlash()
		return
	case syscall.S_IFREG:
	default:
		f.close()
		r.Log(conf.Crit, fmt.Sprintf(`"%s" is not a regular file`, logPath(f.path)))
		r.finalize(404)
		return
	}
	if r.Head.MethodID == h1.MethodPOST {
		f.close()
		r.finalize(405)
		return
	}
	if status := r.DiscardBody(); status != 0 {
		f.close()
		r.finalize(status)
		return
	}
	r.serveFile(st.size, st.mtime)
}

// openFailed answers for a file that can't be opened.
func (r *Request) openFailed(errno syscall.Errno) {
	level, status := conf.Crit, 500
	switch errno {
	case syscall.ENOENT, syscall.ENOTDIR, syscall.ENAMETOOLONG:
		level, status = conf.Err, 404
	case syscall.EACCES, syscall.EPERM, syscall.EMLINK, syscall.ELOOP:
		level, status = conf.Err, 403
	}
	if r.LogEnabled(level) && (status != 404 || r.Loc.LogNotFound) {
		r.Log(level, fmt.Sprintf(`open() "%s" failed %s`, logPath(r.file.path), errnoText(errno)))
	}
	r.finalize(status)
}

// logPath is a path that ends in NUL, for the log: a client chose its bytes.
func logPath(path []byte) []byte { return appendLogSafe(nil, path[:len(path)-1]) }

// errnoText is how nginx prints an error of the system: "(2: No such file or directory)".
func errnoText(err error) string { return conf.ErrnoText(err)[1:] }

// addSlash redirects to the folder's own path.
func (r *Request) addSlash() {
	b := h1.EscapeURI(r.text[:0], r.path, h1.EscapeWholeURI)
	b = r.appendQuery(append(b, '/'))
	r.text = b
	r.redirect(301, b)
}

// appendQuery appends the arguments, if there are any, behind a '?'.
func (r *Request) appendQuery(b []byte) []byte {
	if len(r.args) > 0 {
		b = append(append(b, '?'), r.args...)
	}
	return b
}

// serveFile answers with the open file, or what preconditions and ranges leave of it.
func (r *Request) serveFile(size, mtime int64) {
	f := &r.file
	var etag []byte // nil without `etag on`
	if r.Loc.ETag {
		f.etag = h1.AppendETag(f.etag[:0], mtime, size)
		etag = f.etag
	}
	if r.Status == 0 {
		r.Status = 200
	}
	r.contentLength, r.lastModified = size, mtime
	if !r.typeSet {
		r.contentType = r.loc.Type(r.path)
	}
	plain := r.Status == 200 && r.errStatus == 0 && !r.IsSubrequest()
	if plain {
		switch r.Head.CheckPreconditions(etag, mtime, modifiedSinceModes[r.Loc.IfModifiedSince]) {
		case h1.NotModified:
			f.close()
			r.Status = 304
			r.contentType, r.typeSet, r.contentLength = "", false, -1
			r.addETag(etag)
			r.respond(nil)
			return
		case h1.PreconditionFailed:
			f.close()
			r.headers.reset()
			r.finalize(412)
			return
		}
	}
	r.addETag(etag)
	if r.loc.moreOutput != nil {
		r.moreOutput()
	}
	if r.loc.headerFilter != nil && !r.filterHeader() {
		r.end()
		return
	}
	if r.loc.decorated() && !r.IsSubrequest() {
		r.decorate()
	}
	if r.loc.Gzip.On && !r.IsSubrequest() {
		r.startGzip()
	}
	plain = !r.echoes() && r.CurrentStatus() == 200 && r.contentLength == size && r.Loc.MaxRanges != 0 && !r.IsSubrequest()
	if plain {
		most := r.Loc.MaxRanges
		if most < 0 {
			most = h1.RangesUnlimited
		}
		var result h1.RangeResult
		f.ranges, result = r.Head.CheckRange(f.ranges[:0], etag, mtime, size, most)
		switch result {
		case h1.RangeUnsatisfiable:
			f.close()
			b := h1.AppendContentRangeNone(r.text[:0], size)
			r.text = b
			r.headers.append(headerContentRange, "Content-Range", lineValue(b))
			r.finalize(416)
			return
		case h1.RangePartial:
			if r.loc.bodyFilter == nil || len(f.ranges) == 1 {
				r.servePartial(size)
				return
			}
		}
		r.headers.append(headerAcceptRanges, "Accept-Ranges", bytesUnit)
	}
	r.frame()
	if r.IsSubrequest() && !r.headOnly {
		r.captureFile(size)
		return
	}
	if (r.loc.bodyFilter != nil || r.gzip.on || r.echoes()) && !r.headOnly {
		r.filterFile(0, size)
		return
	}
	r.ended = true
	if r.headOnly || size == 0 {
		f.close()
		r.send(nil, true)
		r.end()
		return
	}
	r.bodySent = size
	r.sendHeadAndFile(0, size)
	r.end()
}

func (r *Request) addETag(etag []byte) {
	if etag != nil {
		r.headers.append(headerETag, "ETag", etag)
	}
}

var modifiedSinceModes = [...]h1.IfModifiedSince{
	conf.IfModifiedSinceOff: h1.IfModifiedSinceOff, conf.IfModifiedSinceExact: h1.IfModifiedSinceExact,
	conf.IfModifiedSinceBefore: h1.IfModifiedSinceBefore,
}

var bytesUnit = []byte("bytes")

// lineValue is the value in a header line.
func lineValue(line []byte) []byte {
	_, v, _ := bytes.Cut(line[:len(line)-2], []byte(": "))
	return v
}

// sendHeadAndFile queues the header and n bytes of the file.
func (r *Request) sendHeadAndFile(off, n int64) {
	r.send(nil, false)
	c := r.cn.c
	if r.chunked && c != nil { // a filter has removed the length
		c.Write(h1.AppendChunkHead(r.text[:0], int(n)))
	}
	r.sendPart(off, n)
	if r.chunked && c != nil {
		c.WriteString("\r\n" + h1.LastChunk)
	}
	r.closeIfRead()
}

// sendPart queues n bytes of the file. Small pieces are read here, so that they share a packet with what precedes
// them and no descriptor waits.
func (r *Request) sendPart(off, n int64) {
	c, f := r.cn.c, &r.file
	if c == nil || n == 0 {
		f.close()
		return
	}
	r.bytesSent += n
	// Many small ranges of a large file must not all be read before the first is sent.
	if n > fileInline || c.QueuedBytes() > queueMax {
		f.queued = true
		c.WriteFile(r.file.fd-1, off, n)
		return
	}
	got := r.readFile(c.Reserve(int(n))[:n], off)
	c.Commit(got)
	if got < int(n) {
		r.keepAlive = false
	}
}

// readFile fills b from the file and returns how much it got: all, or it has logged why not. The header has promised it:
// the client must not take less for all.
func (r *Request) readFile(b []byte, off int64) (got int) {
	got, errno := readFull(r.file.fd-1, b, off)
	if got < len(b) {
		r.Log(conf.Alert, fmt.Sprintf(`read only %d of %d bytes from "%s" %s`, got, len(b), logPath(r.file.path), errnoText(errno)))
	}
	return got
}

// readFull fills b from a file, as far as that goes, and tells what has kept it from more: 0 is the end of the file.
func readFull(fd int, b []byte, off int64) (got int, errno syscall.Errno) {
	for got < len(b) {
		n, errno := readAt(fd, b[got:], off+int64(got))
		if errno == syscall.EINTR {
			continue
		}
		if errno != 0 || n == 0 {
			return got, errno
		}
		got += n
	}
	return got, 0
}

// servePartial answers with one range, or several in a multipart body.
func (r *Request) servePartial(size int64) {
	f := &r.file
	r.Status = 206
	if len(f.ranges) == 1 {
		one := f.ranges[0]
		b := h1.AppendContentRange(r.text[:0], one, size)
		r.text = b
		r.headers.append(headerContentRange, "Content-Range", lineValue(b))
		r.contentLength = one.Size()
		r.frame()
		if r.loc.bodyFilter != nil && !r.headOnly {
			r.filterFile(one.Start, one.Size())
			return
		}
		r.ended = true
		if r.headOnly {
			f.close()
			r.send(nil, true)
		} else {
			r.bodySent = one.Size()
			r.sendHeadAndFile(one.Start, one.Size())
		}
		r.end()
		return
	}
	boundary := r.Worker.nextBoundary()
	partType := append([]byte(nil), r.contentType...)
	if r.typeSet {
		partType = append(partType[:0], r.typeBuf...)
	}
	length := h1.MultipartLength(partType, f.ranges, size)
	r.typeBuf = append(r.typeBuf[:0], lineValue(h1.AppendMultipartType(nil, boundary))...)
	r.typeSet = true
	r.contentLength = length
	r.frame()
	r.ended = true
	r.send(nil, r.headOnly)
	if !r.headOnly && r.cn.c != nil {
		var scratch []byte
		for _, g := range f.ranges {
			scratch = h1.AppendPart(scratch[:0], boundary, partType, g, size)
			r.cn.c.Write(scratch)
			r.bytesSent += int64(len(scratch))
			r.sendPart(g.Start, g.Size())
		}
		r.cn.c.Write(h1.AppendPartsEnd(nil, boundary))
		r.bodySent = length
		r.closeIfRead()
	} else {
		f.close()
	}
	r.end()
}

// closeIfRead closes the file if no part of it was left to the ring.
func (r *Request) closeIfRead() {
	if !r.file.queued {
		r.file.close()
	}
}

// appendRoot appends root or alias, evaluated: $document_root.
func (r *Request) appendRoot(b []byte) []byte {
	l := r.loc
	if l.rootConst != nil {
		return append(b, l.rootConst...)
	}
	at := len(b)
	b = r.appendTemplate(b, &l.root)
	if len(b) == at || b[at] != '/' {
		text := string(b[at:])
		b = append(append(b[:at], r.Worker.Conf.Prefix...), text...)
	}
	return b
}

// appendFilename appends the file that a path stands for: $request_filename.
func (r *Request) appendFilename(b, path []byte) []byte {
	b = r.appendRoot(b)
	if r.Loc.Alias {
		switch n := r.Loc.AliasLen; {
		case n >= 0:
			b = append(b, path[min(n, len(path)):]...)
		case r.addPathToAlias:
			b = append(b, path...)
		}
		return b
	}
	return append(b, path...)
}

func (r *Request) realpathRoot() ([]byte, bool) {
	real, err := filepath.EvalSymlinks(string(r.appendRoot(r.dirBuf[:0])))
	if err != nil {
		return nil, false
	}
	return r.computedDir(append(r.dirBuf[:0], real...))
}

// serveIndex answers for a path that ends in a slash: with the first index file that exists, by an internal redirect.
func (r *Request) serveIndex() {
	switch r.Head.MethodID {
	case h1.MethodGET, h1.MethodHEAD, h1.MethodPOST:
	default:
		r.noIndex()
		return
	}
	f := &r.file
	dirTested := false
	for i := range r.loc.index {
		name := r.appendTemplate(f.index[:0], &r.loc.index[i])
		f.index = name
		if len(name) > 0 && name[0] == '/' {
			r.InternalRedirect(name, r.args)
			return
		}
		f.path = r.appendFilename(f.path[:0], r.path)
		dirLen := len(f.path)
		f.path = append(append(f.path, name...), 0)
		errno := fileExists(f.path)
		if errno == 0 {
			r.text = append(append(r.text[:0], r.path...), name...)
			r.InternalRedirect(r.text, r.args)
			return
		}
		switch errno {
		case syscall.ENOENT, syscall.ENOTDIR, syscall.ENAMETOOLONG:
			if !dirTested {
				dirTested = true
				f.path = append(f.path[:max(dirLen-1, 1)], 0)
				if r.noDirectory() {
					return
				}
			}
		case syscall.EACCES, syscall.EPERM, syscall.ELOOP:
			r.Log(conf.Err, fmt.Sprintf(`"%s" is forbidden %s`, logPath(f.path), errnoText(errno)))
			r.finalize(403)
			return
		default:
			r.Log(conf.Crit, fmt.Sprintf(`stat() "%s" failed %s`, logPath(f.path), errnoText(errno)))
			r.finalize(500)
			return
		}
	}
	r.noIndex()
}

// noDirectory answers if the folder whose index is asked for isn't there, and tells if it did.
func (r *Request) noDirectory() bool {
	f := &r.file
	fd, st, errno := openDir(f.path)
	if errno == 0 {
		closeFD(fd)
		if st.kind() == syscall.S_IFDIR {
			return false
		}
		errno = syscall.ENOTDIR
	}
	dir := logPath(f.path)
	switch errno {
	case syscall.EACCES, syscall.EPERM:
		return false // the folder may be searched without being readable
	case syscall.ENOENT, syscall.ENOTDIR:
		if r.Loc.LogNotFound {
			r.Log(conf.Err, fmt.Sprintf(`"%s/index.html" is not found %s`, dir, errnoText(errno)))
		}
		r.finalize(404)
	default:
		r.Log(conf.Crit, fmt.Sprintf(`stat() "%s" failed %s`, dir, errnoText(errno)))
		r.finalize(500)
	}
	return true
}

// noIndex is what nginx's content phase ends with for a folder.
func (r *Request) noIndex() {
	if r.LogEnabled(conf.Err) {
		f := r.appendFilename(r.file.path[:0], r.path)
		r.file.path = f
		r.Log(conf.Err, fmt.Sprintf(`directory index of "%s" is forbidden`, appendLogSafe(nil, f)))
	}
	r.finalize(403)
}

// rootOf prepares root or alias.
func (w *Worker) rootOf(l *location) {
	if s, ok := l.Root.Const(); ok {
		if !strings.HasPrefix(s, "/") {
			s = w.Conf.Prefix + s
		}
		l.rootConst = []byte(s)
		return
	}
	l.root = w.template(&l.Root)
}
