package appliance

import (
	"moonring/proxy"
	"moonring/proxy/api"
	"moonring/shm"
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

// newServer makes a worker with its ring and VM, and runs init_by_lua, unless there is an image, and init_worker_by_lua.
func newServer(g *generation, id int, sockets *workerSockets, zones []*shm.Zone, logs *logFiles, beat func()) (server, error) {
	o := g.workerOptions(logs)
	o.ID, o.Sockets, o.MoreSockets, o.Zones, o.Heartbeat = id, sockets.first, sockets.more, zones, beat
	return proxy.NewWorker(o)
}

// writeImage runs init_by_lua and writes the VM to a descriptor.
func writeImage(g *generation, zones []*shm.Zone, logs *logFiles, fd int) error {
	o := g.workerOptions(logs)
	o.Zones = zones
	return proxy.MakeImage(o, fd)
}

func (g *generation) workerOptions(logs *logFiles) proxy.Options {
	return proxy.Options{
		Version:  g.Version,
		Conf:     g.cfg,
		Image:    g.image,
		OpenAPI:  api.Open,
		ReadFile: g.readFile,
		LogFiles: logs.byPath(),
	}
}
