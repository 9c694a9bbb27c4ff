package conf

import "strings"

// combinedFormat is nginx's predefined format.
const combinedFormat = `$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"`

// addLogFormat handles log_format.
func addLogFormat(l *loader, s *scope, d *directive) error {
	name := d.words[1]
	if l.formats[name] != nil || name == "combined" {
		return fault(`duplicate "log_format" name "` + name + `"`)
	}
	f := &LogFormat{Name: name}
	words := d.words[2:]
	if how, ok := strings.CutPrefix(words[0], "escape="); ok {
		switch how {
		case "default":
		case "json":
			f.Escape = EscapeJSON
		case "none":
			f.Escape = EscapeNone
		default:
			return fault(`unknown log format escaping "` + how + `"`)
		}
		words = words[1:]
	}
	return l.addFormat(d, f, strings.Join(words, ""))
}

func (l *loader) addFormat(d *directive, f *LogFormat, text string) error {
	var err error
	if f.Text, err = l.template(d, text); err != nil {
		return err
	}
	if l.formats == nil {
		l.formats = map[string]*LogFormat{}
	}
	l.formats[f.Name] = f
	return nil
}

// logFormat finds a format by its name, nil if there is none.
func (l *loader) logFormat(d *directive, name string) (*LogFormat, error) {
	if name == "combined" && l.formats[name] == nil {
		if err := l.addFormat(d, &LogFormat{Name: name}, combinedFormat); err != nil {
			return nil, err
		}
	}
	return l.formats[name], nil
}

// addAccessLog handles access_log.
func addAccessLog(l *loader, s *scope, d *directive) error {
	if s.once("access_log") {
		s.loc.AccessLog, s.loc.AccessLogOff = nil, false
	}
	path := d.words[1]
	switch {
	case path == "off":
		if len(d.words) > 2 {
			return fault(`invalid parameter "` + d.words[2] + `"`)
		}
		s.loc.AccessLogOff = true
		return nil
	case strings.HasPrefix(path, "syslog:"):
		return fault(`access_log to "` + path + `" is not supported yet`)
	case strings.Contains(path, "$"):
		return fault(`variables in the path of access_log "` + path + `" are not supported yet`)
	}
	a := AccessLog{Path: fullName(l.cfg.Prefix, path)}
	name := "combined"
	if len(d.words) > 2 {
		name = d.words[2]
	}
	var err error
	if a.Format, err = l.logFormat(d, name); err != nil {
		return err
	}
	if a.Format == nil {
		return fault(`unknown log format "` + name + `"`)
	}
	for _, w := range d.words[min(3, len(d.words)):] {
		if err := l.accessLogParameter(d, &a, w); err != nil {
			return err
		}
	}
	if a.Flush > 0 && a.Buffer == 0 {
		return fault(`no buffer is defined for access_log "` + path + `"`)
	}
	if a.Buffer > 0 {
		if b := l.logBuffer[a.Path]; b != nil && (b.Buffer != a.Buffer || b.Flush != a.Flush) {
			return fault(`access_log "` + path + `" already defined with conflicting parameters`)
		}
		if l.logBuffer == nil {
			l.logBuffer = map[string]*AccessLog{}
		}
		l.logBuffer[a.Path] = &a
	}
	s.loc.AccessLog = append(s.loc.AccessLog, a)
	return nil
}

func (l *loader) accessLogParameter(d *directive, a *AccessLog, w string) error {
	key, value, _ := strings.Cut(w, "=")
	switch key {
	case "buffer":
		n, ok := parseSize(value, false)
		if !ok || n == 0 {
			return fault(`invalid buffer size "` + value + `"`)
		}
		a.Buffer = n
		return nil
	case "flush":
		t, ok := parseTime(value, false)
		if !ok || t == 0 {
			return fault(`invalid flush time "` + value + `"`)
		}
		a.Flush = t
		return nil
	case "gzip":
		return fault(`the parameter "` + w + `" of access_log is not supported yet`)
	case "if":
		t, err := l.template(d, value)
		if err != nil {
			return err
		}
		a.If = &t
		return nil
	}
	return fault(`invalid parameter "` + w + `"`)
}

// defaultAccessLog gives the http block the log that nginx writes without any directive.
func (l *loader) defaultAccessLog(s *scope) error {
	if s.set["access_log"] {
		return nil
	}
	f, err := l.logFormat(&directive{words: []string{"access_log"}}, "combined")
	if err != nil {
		return err
	}
	s.loc.AccessLog = []AccessLog{{Path: fullName(l.cfg.Prefix, "logs/access.log"), Format: f}}
	return nil
}
