package appliance

import (
	"moonring/proxy"
	"moonring/proxy/api"
)

// server is what a process that serves runs.
type server interface {
	Run() error
	Quit()  // finish requests, bounded by worker_shutdown_timeout, then Run returns; from any goroutine
	Drain() // Quit, when others serve already: no haste; likewise
	Stop()  // Run returns at once; likewise
	// FlushLogs writes buffered lines of access logs, before their descriptors are replaced; likewise.
	FlushLogs()
}

var _ server = (*proxy.Worker)(nil)

// knownVariable is asked when a configuration is read.
var knownVariable = proxy.KnownVariable

// newServer makes a worker with its ring and VM, and runs init_by_lua and init_worker_by_lua.
func newServer(g *generation, id int, sockets *workerSockets, logs *logFiles, beat func()) (server, error) {
	return proxy.NewWorker(proxy.Options{
		ID:          id,
		Version:     g.Version,
		Conf:        g.cfg,
		Sockets:     sockets.first,
		MoreSockets: sockets.more,
		Heartbeat:   beat,
		OpenAPI:     api.Open,
		ReadFile:    g.readFile,
		LogFiles:    logs.byPath(),
	})
}
