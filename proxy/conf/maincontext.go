package conf

import (
	"path"
	"strconv"
	"strings"
)

// cpuSetSize is CPU_SETSIZE of glibc: the longest affinity mask.
const cpuSetSize = 1024

// builtinModules are what load_module may name: their directives are always there.
var builtinModules = map[string]string{
	"ndk_http_module.so":                     "ndk_http_module",
	"ngx_http_echo_module.so":                "ngx_http_echo_module",
	"ngx_http_headers_more_filter_module.so": "ngx_http_headers_more_filter_module",
	"ngx_http_lua_module.so":                 "ngx_http_lua_module",
}

func include(l *loader, s *scope, d *directive) error { return l.walk(s, d.children) }

func setUser(l *loader, s *scope, d *directive) error {
	if !s.once("user") {
		return isDuplicate
	}
	if l.opt.Unprivileged {
		delete(s.set, "user")
		l.note(Warn, d, `the "user" directive makes sense only if the master process runs with super-user privileges, ignored`)
		return nil
	}
	user, group := d.words[1], d.words[len(d.words)-1]
	if !l.listed("/etc/passwd", user) {
		return fault(`getpwnam("` + user + `") failed`)
	}
	if !l.listed("/etc/group", group) {
		return fault(`getgrnam("` + group + `") failed`)
	}
	l.cfg.User, l.cfg.Group = user, group
	return nil
}

// listed reports whether a line of a file in the format of passwd(5) begins with name.
func (l *loader) listed(file, name string) bool {
	text, err := l.fs.ReadFile(file)
	if err != nil {
		return false
	}
	for line := range strings.Lines(string(text)) {
		if first, _, ok := strings.Cut(line, ":"); ok && first == name {
			return true
		}
	}
	return false
}

func addEnv(l *loader, s *scope, d *directive) error {
	l.cfg.Env = append(l.cfg.Env, d.words[1])
	return nil
}

func addWritePath(l *loader, s *scope, d *directive) error {
	for _, w := range d.words[1:] {
		l.cfg.WritePaths = append(l.cfg.WritePaths, fullName(l.cfg.Prefix, w))
	}
	return nil
}

func loadModule(l *loader, s *scope, d *directive) error {
	if l.events || l.http {
		return misuse("is specified too late")
	}
	file := fullName(l.cfg.Prefix, d.words[1])
	base := path.Base(file)
	module, ok := builtinModules[base]
	if !ok {
		return fault(`dlopen() "` + file + `" failed (` + base + ` is not one of the built-in modules)`)
	}
	for _, m := range l.cfg.LoadModules {
		if m == base {
			return fault(`module "` + module + `" is already loaded`)
		}
	}
	l.cfg.LoadModules = append(l.cfg.LoadModules, base)
	return nil
}

func setWorkerProcesses(l *loader, s *scope, d *directive) error {
	if !s.once("worker_processes") {
		return isDuplicate
	}
	if d.words[1] == "auto" {
		l.cfg.WorkerProcesses = l.opt.CPUs
		return nil
	}
	n, ok := parseNumber(d.words[1])
	if !ok {
		return invalidValue
	}
	l.cfg.WorkerProcesses = int(n)
	return nil
}

func setCPUAffinity(l *loader, s *scope, d *directive) error {
	if !s.once("worker_cpu_affinity") {
		return isDuplicate
	}
	masks := d.words[1:]
	l.affinity = len(masks)
	if masks[0] == "auto" {
		if len(masks) > 2 {
			return fault(`invalid number of arguments in "worker_cpu_affinity" directive`)
		}
		l.affinity = -1
		masks = masks[1:]
	}
	for _, m := range masks {
		if len(m) > cpuSetSize {
			return fault(`"worker_cpu_affinity" supports up to ` + strconv.Itoa(cpuSetSize) + ` CPUs only`)
		}
		// nginx reads from the lowest CPU, at the right.
		for i := len(m) - 1; i >= 0; i-- {
			if c := m[i]; c != ' ' && c != '0' && c != '1' {
				return fault(`invalid character "` + string([]byte{c}) + `" in "worker_cpu_affinity"`)
			}
		}
	}
	l.cfg.WorkerCPUAffinity = d.words[1:]
	return nil
}

func threadPool(l *loader, s *scope, d *directive) error {
	if !s.once("thread_pool " + d.words[1]) {
		return fault(`duplicate thread pool "` + d.words[1] + `"`)
	}
	threads := false
	for _, w := range d.words[2:] {
		if v, ok := strings.CutPrefix(w, "threads="); ok {
			n, ok := parseNumber(v)
			if !ok || n == 0 {
				return fault(`invalid threads value "` + w + `"`)
			}
			threads = true
		}
		if v, ok := strings.CutPrefix(w, "max_queue="); ok {
			if _, ok := parseNumber(v); !ok {
				return fault(`invalid max_queue value "` + w + `"`)
			}
		}
	}
	if !threads {
		return fault(`"thread_pool" must have "threads" parameter`)
	}
	l.noteOnce(d, `the "thread_pool" directive has no effect`)
	return nil
}

func eventsBlock(l *loader, s *scope, d *directive) error {
	if l.events {
		return isDuplicate
	}
	l.events = true
	return l.walk(&scope{in: inEvents, up: s, set: map[string]bool{}}, d.children)
}

func setWorkerConnections(l *loader, s *scope, d *directive) error {
	if !s.once("worker_connections") {
		return isDuplicate
	}
	n, ok := parseNumber(d.words[1])
	if !ok {
		return fault(`invalid number "` + d.words[1] + `"`)
	}
	l.cfg.WorkerConnections = int(n)
	return nil
}

func useMethod(l *loader, s *scope, d *directive) error {
	if !s.once("use") {
		return isDuplicate
	}
	switch d.words[1] {
	case "io_uring":
		return nil
	case "epoll", "poll", "select":
		l.noteOnce(d, `the event method is always io_uring, "`+d.words[1]+`" is ignored`)
		return nil
	}
	return fault(`invalid event type "` + d.words[1] + `"`)
}

// addErrorLog handles error_log in every context.
func addErrorLog(l *loader, s *scope, d *directive) error {
	name := d.words[1]
	switch {
	case strings.HasPrefix(name, "syslog:"), strings.HasPrefix(name, "memory:"):
		return fault(`error_log to "` + name + `" is not supported yet`)
	}
	level := Level(0)
	debug := false // one of the debug_* masks has been given
	for _, w := range d.words[2:] {
		if n := levelByName(w); n != 0 {
			if level != 0 || debug {
				return fault(`duplicate log level "` + w + `"`)
			}
			level = n
			continue
		}
		if !debugMasks[w] || level != 0 {
			return fault(`invalid log level "` + w + `"`)
		}
		debug = true
	}
	switch {
	case debug:
		level = Debug
	case level == 0:
		level = Err
	}
	logs := &l.cfg.ErrorLog
	if s.loc != nil {
		if s.once("error_log") {
			s.loc.ErrorLog = nil
		}
		logs = &s.loc.ErrorLog
	}
	// nginx keeps the list in falling order of levels, equal ones in the order of the file.
	at := len(*logs)
	for at > 0 && (*logs)[at-1].Level < level {
		at--
	}
	entry := l.logFile(name, level)
	*logs = append(*logs, ErrorLog{})
	copy((*logs)[at+1:], (*logs)[at:])
	(*logs)[at] = entry
	return nil
}

// levelByName returns 0 for what is no level; "stderr" can't be given.
func levelByName(name string) Level {
	for i := Emerg; i <= Debug; i++ {
		if levelNames[i] == name {
			return i
		}
	}
	return 0
}

var debugMasks = map[string]bool{
	"debug_core": true, "debug_alloc": true, "debug_mutex": true, "debug_event": true, "debug_http": true,
	"debug_mail": true, "debug_stream": true,
}
