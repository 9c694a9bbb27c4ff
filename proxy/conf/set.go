package conf

import (
	"strings"
	"time"
)

// parseFunc reads the arguments of a directive that sets one value.
type parseFunc[T any] func(d *directive) (T, error)

// mainField is a directive of the main context that sets a field of Config once.
func mainField[T any](parse parseFunc[T], field func(*Config) *T) setting {
	return setting{do: func(l *loader, s *scope, d *directive) error {
		return assign(s, d, parse, field(l.cfg))
	}}
}

// httpField is a directive of the http context that sets a field of HTTP once.
func httpField[T any](parse parseFunc[T], field func(*HTTP) *T) setting {
	return setting{do: func(l *loader, s *scope, d *directive) error {
		return assign(s, d, parse, field(l.cfg.HTTP))
	}}
}

// locField is a directive that sets a field of Location once a block, and that inner blocks inherit.
func locField[T any](parse parseFunc[T], field func(*Location) *T) setting {
	return setting{
		do: func(l *loader, s *scope, d *directive) error {
			return assign(s, d, parse, field(s.loc))
		},
		merge: func(dst, src *Location) { *field(dst) = *field(src) },
	}
}

// noEffect is a directive that is checked, and then means nothing here.
func noEffect[T any](parse parseFunc[T]) setting {
	return setting{do: func(l *loader, s *scope, d *directive) error {
		var unused T
		if err := assign(s, d, parse, &unused); err != nil {
			return err
		}
		l.noteOnce(d, `the "`+d.name()+`" directive has no effect`)
		return nil
	}}
}

func assign[T any](s *scope, d *directive, parse parseFunc[T], to *T) error {
	if !s.once(d.name()) {
		return isDuplicate
	}
	v, err := parse(d)
	if err != nil {
		return err
	}
	*to = v
	return nil
}

func text(d *directive) (string, error) { return d.words[1], nil }

func onOff(d *directive) (bool, error) {
	switch strings.ToLower(d.words[1]) {
	case "on":
		return true, nil
	case "off":
		return false, nil
	}
	return false, fault(`invalid value "` + d.words[1] + `" in "` + d.name() + `" directive, it must be "on" or "off"`)
}

func number(d *directive) (int64, error) {
	n, ok := parseNumber(d.words[1])
	if !ok {
		return 0, invalidNumber
	}
	return n, nil
}

func count(d *directive) (int, error) {
	n, err := number(d)
	return int(n), err
}

func size(d *directive) (int64, error) {
	n, ok := parseSize(d.words[1], false)
	if !ok {
		return 0, invalidValue
	}
	return n, nil
}

func offset(d *directive) (int64, error) {
	n, ok := parseSize(d.words[1], true)
	if !ok {
		return 0, invalidValue
	}
	return n, nil
}

func msec(d *directive) (time.Duration, error) {
	t, ok := parseTime(d.words[1], false)
	if !ok {
		return 0, invalidValue
	}
	return t, nil
}

// seconds reads a time in whole seconds.
func seconds(d *directive) (time.Duration, error) {
	t, ok := parseTime(d.words[1], true)
	if !ok {
		return 0, invalidValue
	}
	return t, nil
}

func buffers(d *directive) (Buffers, error) {
	n, ok := parseNumber(d.words[1])
	if !ok || n == 0 {
		return Buffers{}, invalidValue
	}
	size, ok := parseSize(d.words[2], false)
	if !ok || size == 0 {
		return Buffers{}, invalidValue
	}
	return Buffers{int(n), size}, nil
}

// enum reads one of several words, in any case.
func enum[T ~int8](words ...string) parseFunc[T] {
	return func(d *directive) (T, error) {
		for i, w := range words {
			if strings.EqualFold(w, d.words[1]) {
				return T(i), nil
			}
		}
		return 0, fault(`invalid value "` + d.words[1] + `"`)
	}
}

// bitmask reads any of several words.
func bitmask[T ~uint8 | ~uint16](words map[string]T) parseFunc[T] {
	return func(d *directive) (set T, err error) {
		for _, w := range d.words[1:] {
			bit, ok := words[w]
			if !ok {
				return 0, fault(`invalid value "` + w + `"`)
			}
			set |= bit
		}
		return set, nil
	}
}

// httpVersion reads a version of HTTP, and gives 10 or 11.
func httpVersion(d *directive) (int, error) {
	switch d.words[1] {
	case "1.0":
		return 10, nil
	case "1.1":
		return 11, nil
	}
	return 0, fault(`invalid value "` + d.words[1] + `"`)
}

// The order of the words is that of the constants.
var (
	tokensEnum     = enum[ServerTokens]("off", "on", "build")
	bodyInFileEnum = enum[BodyInFile]("off", "on", "clean")
	lingeringEnum  = enum[Lingering]("off", "on", "always")
)

// tempPath reads a directory, as written, with up to three levels of subdirectories, as ngx_conf_set_path_slot.
func tempPath(d *directive) (TempPath, error) {
	t := TempPath{Path: d.words[1]}
	var length int64
	for _, w := range d.words[2:] {
		n, ok := parseNumber(w)
		if !ok || n == 0 || n > 10 {
			return TempPath{}, invalidValue
		}
		length += n + 1
		t.Levels = append(t.Levels, int(n))
	}
	if length > 10+int64(len(d.words)-2) {
		return TempPath{}, invalidValue
	}
	return t, nil
}

// setBodyTemp handles client_body_temp_path.
func setBodyTemp(l *loader, s *scope, d *directive) error {
	t := &s.loc.ClientBodyTemp
	if err := assign(s, d, tempPath, t); err != nil {
		return err
	}
	t.Path = strings.TrimSuffix(fullName(l.cfg.Prefix, t.Path), "/")
	return nil
}

func shutdownTimeout(c *Config) *time.Duration       { return &c.WorkerShutdownTimeout }
func hangTimeout(c *Config) *time.Duration           { return &c.WorkerHangTimeout }
func clientBodyTimeout(l *Location) *time.Duration   { return &l.ClientBodyTimeout }
func clientHeaderTimeout(l *Location) *time.Duration { return &l.ClientHeaderTimeout }
func sendTimeout(l *Location) *time.Duration         { return &l.SendTimeout }
func lingeringTime(l *Location) *time.Duration       { return &l.LingeringTime }
func lingeringTimeout(l *Location) *time.Duration    { return &l.LingeringTimeout }
func cpuBudget(l *Location) *time.Duration           { return &l.LuaCPUBudget }
