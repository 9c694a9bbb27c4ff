package conf

// AuthSet is an auth_request_set: a variable, and what it is given once the subrequest has ended, whose variables Value sees.
type AuthSet struct {
	Var   string // in lower case
	Value Template
}

func authRequest(d *directive) (string, error) {
	if d.words[1] == "off" {
		return "", nil
	}
	return d.words[1], nil
}

func authRequestSet(l *loader, s *scope, d *directive) error {
	name, err := l.declared(d.words[1], VarCapture) // without value, and without a warning, until it is set
	if err != nil {
		return err
	}
	t, err := l.template(d, d.words[2])
	if err != nil {
		return err
	}
	if s.once("auth_request_set") {
		s.loc.AuthSet = nil
	}
	s.loc.AuthSet = append(s.loc.AuthSet, AuthSet{name, t})
	return nil
}
