package proxy

import (
	"bytes"
	"fmt"
	"syscall"

	"moonring/proxy/conf"
	"moonring/proxy/h1"
)

// errorPage is a conf.ErrorPage with its URI compiled.
type errorPage struct {
	*conf.ErrorPage
	uri template
}

// NamedLocation goes on in a location with a name, "@" included, without choosing a server's or location's path anew. It may respond
// before it returns.
func (r *Request) NamedLocation(name []byte) {
	if r.cycle("redirect to named location", name) {
		return
	}
	if len(r.path) == 0 {
		r.Log(conf.Err, fmt.Sprintf(`empty URI in redirect to named location "%s"`, appendLogSafe(nil, name)))
		r.finalize(500)
		return
	}
	l := r.Server.Named(name)
	if l == nil {
		r.Log(conf.Err, fmt.Sprintf(`could not find named location "%s"`, appendLogSafe(nil, name)))
		r.finalize(500)
		return
	}
	r.clearContexts()
	r.uriChanged = false
	r.setLocation(r.Worker.location(l))
	r.step = stepRewriteFirst
	r.process()
}

// errorPageFor answers with the error_page for a status, and tells if there was one.
func (r *Request) errorPageFor(code int) bool {
	if len(r.loc.errorPages) == 0 || r.errorPaged || r.uriChanges > uriChangesMax {
		return false
	}
	if !r.Loc.RecursiveErrorPages {
		r.errorPaged = true
	}
	for i := range r.loc.errorPages {
		if p := &r.loc.errorPages[i]; p.Status == code {
			r.sendErrorPage(p)
			return true
		}
	}
	return false
}

func (r *Request) sendErrorPage(p *errorPage) {
	if p.Overwrite > 0 && p.Overwrite != 200 {
		r.body.tested = true
	}
	if p.Overwrite >= 0 {
		r.errStatus = p.Overwrite
	}
	r.ruleBuf = r.appendTemplate(r.ruleBuf[:0], &p.uri)
	uri := r.ruleBuf
	switch {
	case len(uri) > 0 && uri[0] == '/':
		args := []byte(p.Args)
		if !p.HasArgs {
			uri, args = splitArgs(uri)
		}
		if r.Head.MethodID != h1.MethodHEAD {
			r.SetMethod(h1.MethodGET)
		}
		r.InternalRedirect(uri, args)
	case len(uri) > 0 && uri[0] == '@':
		r.NamedLocation(uri)
	default:
		r.body.tested = true
		if r.DiscardBody() != 0 {
			r.keepAlive = false
		}
		code := r.errStatus
		switch p.Overwrite {
		case 301, 302, 303, 307, 308:
		default:
			code = 302
		}
		if len(uri) > 0 {
			r.location = r.location[:0]
			r.headers.remove(nil, headerLocation, 0)
			r.headers.append(headerLocation, "Location", uri)
		}
		r.specialPage(code)
	}
}

// splitArgs cuts a URI at its first '?'.
func splitArgs(uri []byte) (path, args []byte) {
	if i := bytes.IndexByte(uri, '?'); i >= 0 {
		return uri[:i], uri[i+1:]
	}
	return uri, nil
}

// tryFiles is a conf.TryFiles, compiled.
type tryFiles struct {
	*conf.TryFiles
	names []template
	last  template
}

func (w *Worker) compileTryFiles(c *conf.TryFiles) *tryFiles {
	if c == nil {
		return nil
	}
	t := &tryFiles{TryFiles: c, last: w.template(&c.Last)}
	for i := range c.Files {
		t.names = append(t.names, w.template(&c.Files[i].Name))
	}
	return t
}

// tryFiles finds the first of the files that is there, and makes it the path; else it goes on with the last resort.
func (r *Request) tryFiles(t *tryFiles) outcome {
	alias := 0
	if r.Loc.Alias {
		if r.pathForeign {
			r.aliasForeign()
			return responded
		}
		alias = r.Loc.AliasLen
	}
	f := &r.file
	for i := range t.names {
		f.path = r.appendRoot(f.path[:0])
		root := len(f.path)
		f.path = r.appendQuoted(f.path, &t.names[i], true)
		if alias > 0 && !t.Files[i].Name.IsConst() && len(f.path)-root >= alias && len(r.path) >= alias && bytes.Equal(f.path[root:root+alias], r.path[:alias]) {
			f.path = append(f.path[:root], f.path[root+alias:]...)
		}
		f.path = append(f.path, 0)
		if bytes.IndexByte(f.path, 0) != len(f.path)-1 {
			continue
		}
		if st, ok := r.stat(f.path); !ok || (st.kind() == syscall.S_IFDIR) != t.Files[i].Dir {
			continue
		}
		name := f.path[root : len(f.path)-1]
		switch {
		case alias == 0:
			r.SetPath(name)
		case alias < 0:
			if !t.Files[i].Dir {
				r.SetPath(name)
				r.addPathToAlias = true
			}
		default:
			r.ruleBuf = append(append(r.ruleBuf[:0], r.path[:min(alias, len(r.path))]...), name...)
			r.SetPath(r.ruleBuf)
		}
		return next
	}
	if t.Code != 0 {
		r.finalize(t.Code)
		return responded
	}
	r.ruleBuf = r.appendQuoted(r.ruleBuf[:0], &t.last, true)
	if uri := r.ruleBuf; len(uri) > 0 && uri[0] == '@' {
		r.NamedLocation(uri)
	} else {
		r.InternalRedirect(splitArgs(uri))
	}
	return responded
}

// stat looks at path, which ends in NUL. It reports false if it can't, and logs that unless there is none.
func (r *Request) stat(path []byte) (fileStat, bool) {
	st, errno := statFile(path)
	switch errno {
	case 0, syscall.ENOENT, syscall.ENOTDIR, syscall.ENAMETOOLONG:
	default:
		r.Log(conf.Crit, fmt.Sprintf(`stat() "%s" failed %s`, logPath(path), errnoText(errno)))
	}
	return st, errno == 0
}

// aliasForeign answers where alias meets a path that rewrite ... break has made.
func (r *Request) aliasForeign() {
	r.Log(conf.Alert, fmt.Sprintf(`"alias" cannot be used in location "%s" where URI was rewritten`, r.Loc.Name))
	r.finalize(500)
}

// hasErrorPage tells if an error_page is there for a status.
func (r *Request) hasErrorPage(code int) bool {
	for i := range r.loc.errorPages {
		if r.loc.errorPages[i].Status == code {
			return true
		}
	}
	return false
}
