package proxy

import (
	"moonring/proxy/conf"
	"moonring/proxy/h1"
)

// serverName is how responses name the server: in their Server header, and in the last line of nginx's own pages.
type serverName struct {
	line  string // with its end of line
	pages *h1.ErrorPages
}

func newServerName(token string) *serverName {
	return &serverName{"Server: " + token + "\r\n", h1.NewErrorPages(token)}
}

// plainName is the name unless a configuration asks for more, always without a version.
var plainName = newServerName(h1.ServerToken)

// serverNameOf makes the name that server_tokens asks for. There is no build that has a name of its own, so that build is on.
func (w *Worker) serverNameOf(t conf.ServerTokens) *serverName {
	if t == conf.ServerTokensOff || w.Version == "" {
		return plainName
	}
	if w.fullName == nil {
		w.fullName = newServerName(h1.ServerToken + "/" + w.Version)
	}
	return w.fullName
}
