package conf

import (
	"errors"
	"net/netip"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"
)

// loader is the state of one Load.
type loader struct {
	opt     Options
	fs      FS
	cfg     *Config
	notices []Notice

	events, http bool // the block has been seen
	noted        map[string]bool

	vars      map[string]int // name -> index in HTTP.Variables
	userVars  map[string]int // name -> index in HTTP.UserVars
	ports     []*port
	portsByID map[portID]*port
	allLocs   []*Location // of every scope, for what is settled at the end
	formats   map[string]*LogFormat
	logBuffer map[string]*AccessLog // by path, those with a buffer
	hosts     map[string][]netip.Addr
	affinity  int // number of worker_cpu_affinity masks, -1 with auto
}

// scope is a block that is being handled.
type scope struct {
	in       context
	up       *scope
	loc      *Location // http, server, location
	srv      *Server
	set      map[string]bool // slots with a value
	locs     []*scope        // blocks inside, in the order of the file
	listen   bool
	upstream *Upstream // of an upstream block
	script   *Script   // of the server or location, also in the if blocks of it
	// each, if set, handles every statement in place of the table: in types.
	each func(d *directive) error
}

// Load reads a configuration. Its error is of type *Error.
func Load(o Options) (*Config, []Notice, error) {
	l := &loader{opt: o, fs: o.FS, noted: map[string]bool{}, vars: map[string]int{}, userVars: map[string]int{}, portsByID: map[portID]*port{}}
	if l.fs == nil {
		l.fs = OS{}
	}
	if l.opt.CPUs <= 0 {
		l.opt.CPUs = runtime.NumCPU()
	}
	if l.opt.ErrorLog == "" {
		l.opt.ErrorLog = "logs/error.log"
	}
	prefix := o.Prefix
	if !strings.HasSuffix(prefix, "/") {
		prefix += "/"
	}
	file := o.ConfPath
	if file == "" {
		file = "conf/nginx.conf"
	}
	file = fullName(prefix, file)
	l.cfg = &Config{
		Prefix:             prefix,
		ConfFile:           file,
		ConfPrefix:         file[:strings.LastIndexByte(file, '/')+1],
		WorkerProcesses:    1,
		Daemon:             true,
		MasterProcess:      true,
		PID:                "logs/nginx.pid",
		WorkerRlimitNofile: -1,
		WorkerHangTimeout:  30 * time.Second,
		WorkerConfine:      true,
		WorkerConnections:  512,
	}
	err := l.run()
	if err != nil {
		return nil, l.notices, err
	}
	return l.cfg, l.notices, nil
}

func (l *loader) run() error {
	p := &parser{fs: l.fs, confPrefix: l.cfg.ConfPrefix}
	top := &scope{in: inMain, set: map[string]bool{}}
	if err := l.walk(top, p.globals(l.opt.Globals)); err != nil {
		return err
	}
	tree := p.root(l.cfg.ConfFile)
	l.cfg.Files = p.files
	if err := l.walk(top, tree); err != nil {
		return err
	}
	l.cfg.PID = fullName(l.cfg.Prefix, l.cfg.PID)
	if len(l.cfg.ErrorLog) == 0 {
		l.cfg.ErrorLog = []ErrorLog{l.logFile(l.opt.ErrorLog, Err)}
	}
	for _, loc := range l.allLocs {
		if loc.ErrorLog == nil {
			loc.ErrorLog = l.cfg.ErrorLog
		}
	}
	l.cfg.LogPaths = l.logPaths()
	l.cfg.locations = l.allLocs
	for _, loc := range l.allLocs {
		if t := loc.ClientBodyTemp.Path; !slices.Contains(l.cfg.TempPaths, t) {
			l.cfg.TempPaths = append(l.cfg.TempPaths, t)
		}
	}
	if n := l.affinity; n > 1 && n != l.cfg.WorkerProcesses {
		l.note(Warn, nil, `the number of "worker_processes" is not equal to the number of "worker_cpu_affinity" masks, `+
			`using last mask for remaining worker processes`)
	}
	if !l.events {
		return &Error{Level: Emerg, Msg: `no "events" section in configuration`}
	}
	return nil
}

// walk handles the statements of a block in order.
func (l *loader) walk(s *scope, nodes []*directive) error {
	for _, d := range nodes {
		if d.err != nil {
			return d.err
		}
		if err := l.handle(s, d); err != nil {
			return l.place(d, err)
		}
	}
	return nil
}

// place turns a handler's error into an *Error.
func (l *loader) place(d *directive, err error) *Error {
	var done *Error
	if errors.As(err, &done) {
		return done
	}
	e := &Error{Level: Emerg, Msg: err.Error(), File: d.file, Line: d.line}
	var m misuse
	if errors.As(err, &m) {
		e.Msg = `"` + d.name() + `" directive ` + e.Msg
	}
	return e
}

// handle finds the directive's row and checks it as ngx_conf_handler does: place, end, number of arguments.
func (l *loader) handle(s *scope, d *directive) error {
	if s.each != nil {
		if d.block {
			return fault(`unexpected "{"`)
		}
		if d.name() == "include" {
			if len(d.words) != 2 {
				return fault(`invalid number of arguments in "include" directive`)
			}
			return l.walk(s, d.children)
		}
		return s.each(d)
	}
	candidates := table()[d.name()]
	for _, r := range candidates {
		if r.in&s.in == 0 {
			continue
		}
		if isBlock := r.args&block != 0; isBlock != d.block {
			if isBlock {
				return fault(`directive "` + d.name() + `" has no opening "{"`)
			}
			return fault(`directive "` + d.name() + `" is not terminated by ";"`)
		}
		if !r.args.accepts(len(d.words) - 1) {
			return fault(`invalid number of arguments in "` + d.name() + `" directive`)
		}
		if r.do == nil {
			return fault(`directive "` + d.name() + `" is not supported yet`)
		}
		return r.do(l, s, d)
	}
	if len(candidates) > 0 {
		return fault(`"` + d.name() + `" directive is not allowed here`)
	}
	return fault(`unknown directive "` + d.name() + `"`)
}

// once marks a slot as set in this block; false if it was already.
func (s *scope) once(slot string) bool {
	if s.set[slot] {
		return false
	}
	s.set[slot] = true
	return true
}

// note records a message; d is nil when it has no place.
func (l *loader) note(level Level, d *directive, msg string) {
	n := Notice{Level: level, Msg: msg}
	if d != nil {
		n.File, n.Line = d.file, d.line
	}
	l.notices = append(l.notices, n)
}

// noteOnce records that a directive has no effect, once for each name.
func (l *loader) noteOnce(d *directive, msg string) {
	if !l.noted[d.name()] {
		l.noted[d.name()] = true
		l.note(Note, d, msg)
	}
}

// template compiles text whose variables are looked up for the use in d.
func (l *loader) template(d *directive, src string) (Template, error) {
	return compile(src, func(name string) (int, error) {
		if isVariable(name) && l.opt.Variable != nil && !l.opt.Variable(name) {
			return 0, fault(`variable "$` + name + `" is not supported yet`)
		}
		i, ok := l.vars[name]
		if !ok {
			i = len(l.cfg.HTTP.Variables)
			l.vars[name] = i
			l.cfg.HTTP.Variables = append(l.cfg.HTTP.Variables, name)
		}
		return i, nil
	})
}

func (l *loader) hostname() string {
	if l.opt.Hostname != "" {
		return l.opt.Hostname
	}
	name, err := os.Hostname()
	if err != nil {
		return ""
	}
	return name
}

// logFile is an error log in a file named relative to the prefix.
func (l *loader) logFile(name string, level Level) ErrorLog {
	if name == "stderr" {
		return ErrorLog{Stderr: true, Level: level}
	}
	return ErrorLog{Path: fullName(l.cfg.Prefix, name), Level: level}
}

// logPaths collects what Config.LogPaths has, the main context's first.
func (l *loader) logPaths() []string {
	var paths []string
	seen := map[string]bool{"": true}
	add := func(path string) {
		if !seen[path] {
			seen[path] = true
			paths = append(paths, path)
		}
	}
	for _, e := range l.cfg.ErrorLog {
		add(e.Path)
	}
	for _, loc := range l.allLocs {
		for _, e := range loc.ErrorLog {
			add(e.Path)
		}
		for _, a := range loc.AccessLog {
			add(a.Path)
		}
	}
	return paths
}

// newLocation returns location-level settings with nginx's defaults: those of the http block.
func (l *loader) newLocation(d *directive) *Location {
	loc := &Location{
		Core:                      defaultCore(),
		File:                      d.file,
		Line:                      d.line,
		Root:                      constTemplate(l.cfg.Prefix + "html"),
		Index:                     []Template{constTemplate("index.html")},
		DefaultType:               "text/plain",
		EchoStatus:                200,
		Types:                     defaultTypes,
		KeepaliveTimeout:          75 * time.Second,
		KeepaliveRequests:         1000,
		ClientMaxBodySize:         1 << 20,
		ClientBodyBufferSize:      2 * 4096,
		ClientBodyTemp:            TempPath{Path: l.cfg.Prefix + "client_body_temp"},
		ClientHeaderTimeout:       60 * time.Second,
		ClientBodyTimeout:         60 * time.Second,
		SendTimeout:               60 * time.Second,
		LingeringClose:            LingeringOn,
		LingeringTime:             30 * time.Second,
		LingeringTimeout:          5 * time.Second,
		ClientHeaderBufferSize:    1024,
		LargeClientHeaderBuffers:  Buffers{4, 8192},
		ServerTokens:              ServerTokensOff, // who wants to show the version says so
		TCPNoDelay:                true,
		LuaCodeCache:              true,
		LuaUseDefaultType:         true,
		LuaHTTP10Buffering:        true,
		LuaTransformUnderscores:   true,
		LuaCPUBudget:              time.Second,
		Proxy:                     proxyDefaults,
		ResolverTimeout:           30 * time.Second,
		LuaSocket:                 defaultLuaSocket(),
		LuaSSL:                    defaultLuaSSL(),
		UninitializedVariableWarn: true,
	}
	l.allLocs = append(l.allLocs, loc)
	return loc
}

// SetTempPath has all temporary files made in one folder.
func (c *Config) SetTempPath(path string) {
	if len(c.TempPaths) == 0 {
		return
	}
	c.TempPaths = []string{path}
	for _, loc := range c.locations {
		loc.ClientBodyTemp.Path = path
	}
}
