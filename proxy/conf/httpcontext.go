package conf

import (
	"slices"
	"strings"
)

func httpBlock(l *loader, s *scope, d *directive) error {
	if l.http {
		return isDuplicate
	}
	l.http = true
	h := &HTTP{LuaMemoryLimit: 512 << 20, LuaMaxPendingTimers: 1024, LuaMaxRunningTimers: 256, LuaRegexCacheMax: 1024, byKey: map[string]*Address{}}
	l.cfg.HTTP = h
	h.Loc = l.newLocation(d)
	in := &scope{in: inHTTP, up: s, loc: h.Loc, set: map[string]bool{}}
	if err := l.walk(in, d.children); err != nil {
		return err
	}
	if err := l.defaultAccessLog(in); err != nil {
		return err
	}
	// What follows concerns the whole block; nginx names the line of its end.
	end := func(msg string) error { return &Error{Level: Emerg, Msg: msg, File: d.file, Line: d.end} }
	for _, srv := range in.locs {
		inherit(srv)
		if n := srv.loc.LargeClientHeaderBuffers.Size; n < connectionPoolSize {
			return end(`the "large_client_header_buffers" size must be equal to or greater than "connection_pool_size"`)
		}
	}
	for _, srv := range in.locs {
		if err := orderLocations(srv, &srv.srv.set); err != nil {
			return err
		}
	}
	l.hostsFile("")
	h.Hosts = l.hosts
	if err := l.checkLuaSSL(); err != nil {
		return err
	}
	if err := l.linkUpstreams(); err != nil {
		return err
	}
	for _, name := range h.Variables {
		if _, user := l.userVars[name]; !user && !isVariable(name) {
			return &Error{Level: Emerg, Msg: `unknown "` + name + `" variable`}
		}
	}
	return l.optimizeServers()
}

// connectionPoolSize is nginx's default of connection_pool_size in bytes, the least size of a large header buffer.
const connectionPoolSize = 64 * 8

func serverBlock(l *loader, s *scope, d *directive) error {
	srv := &Server{File: d.file, Line: d.line}
	srv.Loc = l.newLocation(d)
	srv.Loc.Server = srv
	in := &scope{in: inServer, up: s, loc: srv.Loc, srv: srv, set: map[string]bool{}, script: &Script{}}
	srv.Loc.Script = in.script
	s.locs = append(s.locs, in)
	l.cfg.HTTP.Servers = append(l.cfg.HTTP.Servers, srv)
	if err := l.walk(in, d.children); err != nil {
		return err
	}
	if len(srv.Names) == 0 {
		srv.Names = []ServerName{{}}
	}
	srv.Name = strings.TrimPrefix(srv.Names[0].Name, ".")
	if !in.listen {
		p := uint16(80)
		if l.opt.Unprivileged {
			p = 8000
		}
		return l.addListen(in, d, anyIPv4(p), listenOptions{SocketOptions: defaultSocketOptions})
	}
	return nil
}

func locationBlock(l *loader, s *scope, d *directive) error {
	loc := l.newLocation(d)
	loc.Server = s.srv
	modifier, name := "", d.words[1]
	if len(d.words) == 3 {
		modifier, name = d.words[1], d.words[2]
	} else {
		for _, m := range []string{"=", "^~", "~*", "~"} {
			if rest, ok := strings.CutPrefix(name, m); ok {
				modifier, name = m, rest
				break
			}
		}
	}
	switch modifier {
	case "":
		loc.Named = strings.HasPrefix(name, "@") && len(d.words) == 2
	case "=":
		loc.Exact = true
	case "^~":
		loc.NoRegex = true
	case "~", "~*":
		re, err := l.compileRegex(name, modifier == "~*")
		if err != nil {
			return err
		}
		loc.Regex, s.srv.regexes = re, true
	default:
		return fault(`invalid location modifier "` + modifier + `"`)
	}
	loc.Name = name
	if s.in == inLocation {
		out := s.loc
		switch {
		case out.Named:
			return fault(`location "` + name + `" cannot be inside the named location "` + out.Name + `"`)
		case out.Exact:
			return fault(`location "` + name + `" cannot be inside the exact location "` + out.Name + `"`)
		case loc.Named:
			return fault(`named location "` + name + `" can be on the server level only`)
		case loc.Regex == nil && !strings.HasPrefix(name, out.Name):
			return fault(`location "` + name + `" is outside location "` + out.Name + `"`)
		}
		loc.Parent = out
	} else {
		s.srv.Locations = append(s.srv.Locations, loc)
	}
	in := &scope{in: inLocation, up: s, loc: loc, srv: s.srv, set: map[string]bool{}, script: &Script{}}
	loc.Script = in.script
	s.locs = append(s.locs, in)
	return l.walk(in, d.children)
}

// inherit gives a block and those inside it what they have not set themselves.
func inherit(s *scope) {
	done := map[string]bool{}
	for i := range rows {
		r := &rows[i]
		if slot := r.slotName(); r.merge != nil && !s.set[slot] && !done[slot] {
			done[slot] = true
			r.merge(s.loc, s.up.loc)
		}
	}
	switch {
	case s.in == inLimitExcept:
		if s.loc.Handler == HandlerStatic && s.up.loc.ProxyPass != nil {
			s.loc.ProxyPass, s.loc.Handler = s.up.loc.ProxyPass, HandlerProxy
		}
	case s.loc.NoName && s.loc.Handler == HandlerStatic: // the handler stays, unless the block has another
		s.loc.Handler = s.up.loc.Handler
		s.loc.Content, s.loc.ProxyPass, s.loc.Echo = s.up.loc.Content, s.up.loc.ProxyPass, s.up.loc.Echo
	}
	for _, in := range s.locs {
		inherit(in)
	}
}

func (r *row) slotName() string {
	if r.slot != "" {
		return r.slot
	}
	return r.name
}

// orderLocations builds the lookup of a block's locations, inner blocks first, as nginx does and reports.
func orderLocations(s *scope, set *locationSet) error {
	var sorted, regexes []*Location
	byLoc := make(map[*Location]*scope, len(s.locs))
	for _, in := range s.locs {
		byLoc[in.loc] = in
		switch {
		case in.loc.NoName:
		case in.loc.Regex != nil:
			regexes = append(regexes, in.loc)
		case in.loc.Named:
			srv := in.loc.Server
			if srv.named == nil {
				srv.named = map[string]*Location{}
			}
			if srv.named[in.loc.Name] == nil { // the first one counts; nginx doesn't mind others
				srv.named[in.loc.Name] = in.loc
			}
		default:
			sorted = append(sorted, in.loc)
		}
	}
	sortLocations(sorted)
	for _, loc := range slices.Concat(sorted, regexes) {
		if err := orderLocations(byLoc[loc], &loc.set); err != nil {
			return err
		}
	}
	built, dup := newLocationSet(sorted)
	built.regex = regexes
	if dup != nil {
		return &Error{Level: Emerg, Msg: `duplicate location "` + dup.Name + `"`, File: dup.File, Line: dup.Line}
	}
	*set = built
	return nil
}
