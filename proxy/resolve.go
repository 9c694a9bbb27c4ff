package proxy

import (
	"moonring/proxy/conf"
	"moonring/proxy/resolver"
)

// resolverOf is the resolver of a location's settings. Without a resolver directive it knows /etc/hosts alone.
func (w *Worker) resolverOf(loc *conf.Location) *resolver.Resolver {
	r := w.resolvers[loc.Resolver]
	if r == nil {
		r = resolver.New(w.Ring, loc.Resolver, w.Conf.HTTP.Hosts, w.Log)
		w.resolvers[loc.Resolver] = r
	}
	return r
}
