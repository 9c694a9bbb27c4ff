package proxy

import (
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"moonring/lua"
	"moonring/lua/lib"
	"moonring/proxy/conf"
	"moonring/proxy/h1"
	"moonring/proxy/phase"
	"moonring/proxy/regex"
	"moonring/proxy/resolver"
	"moonring/ring"
	"moonring/shm"
)

// Options is what a worker needs to run.
type Options struct {
	ID      int
	Version string // of the build, for scripts that ask
	Conf    *conf.Config
	Sockets []int // listening descriptors, in the order of Conf.HTTP.Sockets; they stay the caller's
	// MoreSockets are further listening descriptors by index in Conf.HTTP.Sockets: what connects to them is served alike.
	MoreSockets map[int][]int
	OpenAPI     func(w *Worker)                   // installs ngx.*, after the standard libraries; keeps nothing outside of the VM: see Image
	ReadFile    func(path string) ([]byte, error) // reads Lua files; nil: the disk
	LogFiles    map[string]int                    // error_log path -> descriptor; the others are opened here
	// Image, if not 0, is the descriptor of a VM that MakeImage made of the same configuration: its init_by_lua has run.
	Image int
	// Zones are the shared dicts, in the order of Conf.HTTP.SharedDicts, as this process's views; they stay the caller's, who closes them after the worker.
	Zones []*shm.Zone
	// Heartbeat, if set, is called about once a second while the loop turns.
	Heartbeat func()
	Ring      ring.Config // zero fields take the defaults
}

// Worker serves what a configuration says, on one ring and one Lua VM. All methods belong to the goroutine that
// called NewWorker, which must be locked to its thread, except Quit, Stop, Reopen and Post.
type Worker struct {
	Ring    *ring.Ring
	VM      *lua.VM
	Conf    *conf.Config
	ID      int
	Version string
	Zones   []*shm.Zone // of Conf.HTTP.SharedDicts
	Current *Request    // whose Lua code runs; nil outside of requests

	clock
	phase    phase.Phase // init's, while its code runs
	budget   int64
	luaFiles map[string]*luaEntry
	openAPI  func(*Worker)
	timers   luaTimers
	caller   *lua.Thread   // for callLua, nil while it runs
	calling  []*lua.Thread // those that callLua runs
	// rewriteFirst is rewrite_by_lua_no_postpone: Lua goes before the other rewrite directives.
	rewriteFirst bool
	accessFirst  bool // access_by_lua_no_postpone, likewise

	locations    map[*conf.Location]*location
	lastConf     *conf.Location
	lastLocation *location

	listeners []*accepter
	conns     [][]conn

	resolvers   map[*conf.Resolver]*resolver.Resolver
	upGroups    map[*conf.Upstream]*upGroup
	addrGroups  map[string]*upGroup // of addresses that variables made
	freeUpConns []*upConn
	liveUpConns int
	freeProxied []*proxied

	sockets       []*Socket // by slot
	freeSockets   []*Socket
	socketPools   map[string]*socketPool
	socketBytes   int // of what sockets have read of unfinished pieces
	socketResult  SocketResult
	patternSerial uint64
	tlsClients    map[*conf.Location]*tlsClient
	tlsSessions   map[uint64]*TLSSession // those that scripts have
	tlsSerial     uint64
	datagram      []byte // what one is read into

	freeConns []*conn
	liveConns int
	requests  []*Request

	subrequests    int // under way
	posted         []posted
	waits          uint64 // how often a thread has begun to wait
	posting        bool
	postTimer      ring.Timer
	responses      []lua.Value // captured's
	threads        []*Thread   // those that were spawned, by tag
	freeThreads    []*Thread
	freeTags       []uint32
	semaphores     []*semaphore // those that threads have waited for, by id
	freeSemaphores []*semaphore
	values         []lua.Value // what a thread is to be started or resumed with

	// The input of the callback under way: of which connection, what is left of it, and how much it was.
	inputConn *conn
	input     []byte
	inputLen  int
	headData  []byte // the head that was parsed last, in that input

	bodies     int    // bytes of request bodies in memory
	tempNumber uint32 // of the next temporary file

	buffered  int   // bytes of output that requests keep back until its length is known
	memoryMax int64 // lua_memory_limit: of output that waits, and of request bodies, too

	log       *Logger
	access    accessLogs
	gzips     gzipPool
	userSlots map[string]int // name -> index in userVars
	userVars  []userVar
	// Regexes are the patterns of scripts; the configuration's are matched by its Matcher too.
	Regexes  regex.Cache
	logs     []logTarget
	hostname string
	fullName *serverName // made when it is needed
	methods  [][]byte    // names of methods that scripts have set
	pid      int
	boundary uint64

	quitting bool          // finish what is under way
	patience time.Duration // with quitting: of idle connections
	stopped  bool
	done     bool
	shutdown ring.Timer // worker_shutdown_timeout
	grace    ring.Timer // idle connections at quit
	beat     ring.Timer

	maxConns  int        // connections at which the ring stops accepting
	room      ring.Timer // see makeRoom
	refused   bool       // the kernel has had no descriptor for a connection since room fired
	complaint int64      // ring.Now when the log last said so
	heart     func()
}

// location is a conf.Location with what is computed from it once.
type location struct {
	*conf.Location
	ret                  *returnCode
	access, content, log *luaEntry
	echo                 []echoCommand
	echoBefore           []template
	echoAfter            []template
	moreInput            []moreHeaders
	moreOutput           []moreHeaders
	rewrite              *luaEntry
	headerFilter         *luaEntry
	bodyFilter           *luaEntry
	proxy                *proxyTo
	script               script
	name                 *serverName
	errorPages           []errorPage
	try                  *tryFiles
	authPath             []byte
	authVars             []authVar
	exceptMethods        uint32 // those of limit_except, a set of h1.Method.Bit
	logs                 []logTarget
	logLevel             conf.Level
	accessLogs           []accessLog
	added                []addedHeader
	root                 template
	rootConst            []byte
	index                []template
	keepAliveLines       []byte
	budget               int64 // nanoseconds

	headerBuffer, largeBuffers, largeSize int
}

// memoryDefault is what a lua_memory_limit of 0 means, in bytes.
const memoryDefault = 512 << 20

const (
	// idleGrace is how long idle connections stay open after Quit, to answer a request that is on its way.
	idleGrace = 200 * time.Millisecond
	// drainGrace is the same after Drain, where others serve on and nobody waits: a client that comes back within it is told by
	// "Connection: close", and never meets a connection that was closed under its request.
	drainGrace = 5 * time.Second
)

// MakeImage makes a VM, runs init_by_lua in it and writes it to fd, an empty file, for Options.Image of the workers.
func MakeImage(o Options, fd int) error {
	w, err := newWorker(o)
	if err != nil {
		return err
	}
	defer w.Close()
	w.setSecond(w.Ring.WallUnixNano() / 1e9)
	if err := w.openLua(o); err != nil {
		return err
	}
	return w.VM.Snapshot(fd)
}

// NewWorker makes a worker and runs init_by_lua, unless there is an image of it, and init_worker_by_lua.
func NewWorker(o Options) (*Worker, error) {
	w, err := newWorker(o)
	if err != nil {
		return nil, err
	}
	if err := w.open(o); err != nil {
		w.Close()
		return nil, err
	}
	return w, nil
}

// newWorker makes a worker without a VM.
func newWorker(o Options) (*Worker, error) {
	if o.Conf.HTTP == nil {
		return nil, errors.New("no \"http\" section in configuration")
	}
	if len(o.Zones) != len(o.Conf.HTTP.SharedDicts) {
		return nil, fmt.Errorf("%d zones for %d shared dicts", len(o.Zones), len(o.Conf.HTTP.SharedDicts))
	}
	w := &Worker{
		Conf: o.Conf, Zones: o.Zones, ID: o.ID, Version: o.Version, log: newLogger(o.LogFiles), pid: os.Getpid(), heart: o.Heartbeat, openAPI: o.OpenAPI,
		locations: map[*conf.Location]*location{}, luaFiles: map[string]*luaEntry{},
		tlsClients: map[*conf.Location]*tlsClient{}, tlsSessions: map[uint64]*TLSSession{},
		socketPools: map[string]*socketPool{}, resolvers: map[*conf.Resolver]*resolver.Resolver{},
		upGroups: map[*conf.Upstream]*upGroup{}, addrGroups: map[string]*upGroup{},
		boundary: uint64(time.Now().UnixNano()) & 0xffffffff,
	}
	w.hostname, _ = os.Hostname()
	w.rewriteFirst, w.accessFirst = o.Conf.HTTP.LuaRewriteNoPostpone, o.Conf.HTTP.LuaAccessNoPostpone
	w.tempNumber = uint32(w.boundary)
	var err error
	if w.logs, err = w.log.targets(o.Conf.ErrorLog); err != nil {
		return nil, err
	}
	cfg := o.Ring
	if cfg.MaxConns == 0 {
		cfg.MaxConns = max(o.Conf.WorkerConnections, 1)
	}
	w.maxConns = cfg.MaxConns
	if w.Ring, err = ring.New(cfg); err != nil {
		return nil, err
	}
	return w, nil
}

func (w *Worker) open(o Options) error {
	h := o.Conf.HTTP
	if len(o.Sockets) != len(h.Sockets) {
		return fmt.Errorf("%d listening sockets for %d addresses", len(o.Sockets), len(h.Sockets))
	}
	w.setSecond(w.Ring.WallUnixNano() / 1e9)
	if err := w.openLua(o); err != nil {
		return err
	}
	w.openUserVars()
	for _, s := range h.Servers {
		if _, err := w.addLocation(s.Loc); err != nil {
			return err
		}
		if err := w.addLocations(s.Locations); err != nil {
			return err
		}
	}
	if err := w.runMain(phase.InitWorker, h.InitWorker); err != nil {
		w.Log(conf.Err, err.Error())
	}
	for i, fd := range o.Sockets {
		if err := w.listen(h.Sockets[i], fd); err != nil {
			return err
		}
		for _, fd := range o.MoreSockets[i] {
			if err := w.listen(h.Sockets[i], fd); err != nil {
				return err
			}
		}
	}
	if w.heart != nil {
		w.Ring.StartTimer(&w.beat, time.Second, (*heartbeat)(w))
	}
	return nil
}

// listen takes connections from a listening descriptor of sock.
func (w *Worker) listen(sock *conf.Socket, fd int) error {
	a := &accepter{w: w, sock: sock}
	for _, addr := range sock.Addresses {
		a.addrs = append(a.addrs, w.addressOf(addr))
	}
	if sock.Network == "tcp" && w.Conf.HTTP.Loc.TCPNoDelay {
		// Inherited by what is accepted.
		if err := unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1); err != nil {
			w.Log(conf.Alert, "setsockopt(TCP_NODELAY) failed "+errnoText(err))
		}
	}
	var err error
	if a.listener, err = w.Ring.Listen(fd, a); err != nil {
		return err
	}
	w.listeners = append(w.listeners, a)
	return nil
}

func (o *Options) readFile() func(string) ([]byte, error) {
	if o.ReadFile == nil {
		return os.ReadFile
	}
	return o.ReadFile
}

// openLua makes the VM and runs init_by_lua, or goes on from the image in which it has run.
func (w *Worker) openLua(o Options) error {
	h := o.Conf.HTTP
	w.Regexes.Max, w.Regexes.Limit = int(h.LuaRegexCacheMax), int(h.LuaRegexMatchLimit)
	if w.memoryMax = h.LuaMemoryLimit; w.memoryMax == 0 {
		w.memoryMax = memoryDefault
	}
	var err error
	config := lua.Config{MemoryLimit: w.memoryMax, Compat52: true}
	if o.Image != 0 {
		w.VM, err = lua.Restore(config, o.Image)
	} else {
		w.VM, err = lua.New(config)
	}
	if err != nil {
		return err
	}
	w.VM.SetHost(w)
	w.VM.OnStarved(w.memoryShared)
	w.VM.SetFileLoader(o.readFile())
	if o.Image != 0 {
		return nil // what libraries and API there are lies in the image; they keep nothing outside of the VM
	}
	lib.Open(w.VM)
	if h.LuaPackagePath != "" {
		lib.SetPath(w.VM, luaPath(h.LuaPackagePath, w.Conf.Prefix))
	}
	if w.openAPI != nil {
		w.openAPI(w)
	}
	return w.runMain(phase.Init, h.Init)
}

func (w *Worker) addLocations(list []*conf.Location) error {
	for _, c := range list {
		if _, err := w.addLocation(c); err != nil {
			return err
		}
	}
	return nil
}

// bareLocation makes what there is of c without its handlers and filters. It is there after an error, too, that of its error_log.
func (w *Worker) bareLocation(c *conf.Location) (l *location, err error) {
	l = &location{Location: c, budget: int64(c.LuaCPUBudget), logs: w.logs}
	w.locations[c] = l
	if c.ErrorLog != nil {
		var logs []logTarget
		if logs, err = w.log.targets(c.ErrorLog); err == nil {
			l.logs = logs
		}
	}
	for _, t := range l.logs {
		l.logLevel = max(l.logLevel, t.level)
	}
	return l, err
}

func (w *Worker) addLocation(c *conf.Location) (*location, error) {
	l, err := w.bareLocation(c)
	if err != nil {
		return nil, err
	}
	l.name = w.serverNameOf(c.ServerTokens)
	l.added = w.addedHeadersOf(c)
	if l.accessLogs, err = w.accessLogsOf(c); err != nil {
		return nil, err
	}
	l.headerBuffer, l.largeBuffers, l.largeSize = int(c.ClientHeaderBufferSize), c.LargeClientHeaderBuffers.N, int(c.LargeClientHeaderBuffers.Size)
	l.keepAliveLines = []byte("Connection: keep-alive\r\n")
	if s := int64(c.KeepaliveHeader / time.Second); s > 0 {
		l.keepAliveLines = fmt.Appendf(l.keepAliveLines, "Keep-Alive: timeout=%d\r\n", s)
	}
	l.access, l.log = w.loadLua(c.Access), w.loadLua(c.Log)
	l.rewrite = w.loadLua(c.Rewrite)
	l.headerFilter, l.bodyFilter = w.loadLua(c.HeaderFilter), w.loadLua(c.BodyFilter)
	switch c.Handler {
	case conf.HandlerLua:
		l.content = w.loadLua(c.Content)
	case conf.HandlerEcho:
		l.echo = w.compileEcho(c)
	case conf.HandlerProxy:
		l.proxy = w.compileProxy(c)
	}
	l.echoBefore, l.echoAfter = w.templates(c.EchoBefore), w.templates(c.EchoAfter)
	l.moreInput, l.moreOutput = w.compileMore(c)
	w.rootOf(l)
	l.index = w.templates(c.Index)
	for i := range c.ErrorPages {
		p := &c.ErrorPages[i]
		l.errorPages = append(l.errorPages, errorPage{p, w.template(&p.URI)})
	}
	l.try = w.compileTryFiles(c.TryFiles)
	l.authPath, l.authVars = []byte(c.AuthRequest), w.authVarsOf(c)
	for _, m := range c.ExceptMethods {
		l.exceptMethods |= h1.MethodByName([]byte(m)).Bit()
	}
	l.script = w.compileScript(c.Script)
	if len(l.script) > 0 && l.script[0].Op == conf.OpReturn {
		l.ret = l.script[0].ret
		w.prepareReply(l)
	}
	return l, nil
}

// location finds what was made of a conf.Location.
func (w *Worker) location(c *conf.Location) *location {
	if c == w.lastConf {
		return w.lastLocation
	}
	l := w.locations[c]
	if l == nil { // a nested one
		l = w.nested(c)
	}
	w.lastConf, w.lastLocation = c, l
	return l
}

// nested makes what a nested location needs when it is used first: conf lists only those at server level.
func (w *Worker) nested(c *conf.Location) *location {
	l, err := w.addLocation(c)
	if err != nil { // its error_log can't be opened
		w.Log(conf.Alert, err.Error())
		l = w.locations[c]
		l.logs, l.logLevel = w.logs, w.locations[c.Server.Loc].logLevel
	}
	return l
}

// Run serves until Quit or Stop has been called and is done.
func (w *Worker) Run() error {
	for !w.done {
		if err := w.Ring.Run(); err != nil {
			w.access.flush(w)
			return err
		}
		// Before what the iteration has written is sent: who has an answer finds it in the log.
		w.access.flushDirty(w)
	}
	if err := w.runMain(phase.ExitWorker, w.Conf.HTTP.ExitWorker); err != nil {
		w.Log(conf.Err, err.Error())
	}
	w.access.flush(w)
	return nil
}

// Close frees what the worker holds. Listening sockets stay open.
func (w *Worker) Close() error {
	err := w.Ring.Close()
	w.Regexes.Close()
	if w.VM != nil {
		w.VM.Close()
	}
	return err
}

// Post has f called on the loop. It may be called from any goroutine.
func (w *Worker) Post(f func()) { w.Ring.Post(f) }

// Quit stops accepting and lets requests under way finish; Run returns then. It may be called from any goroutine.
func (w *Worker) Quit() { w.Ring.Post(func() { w.quit(idleGrace) }) }

// Drain is Quit for a worker in whose place another one serves: idle connections are given more time to be used once more,
// with "Connection: close" in the answer. It may be called from any goroutine.
func (w *Worker) Drain() { w.Ring.Post(func() { w.quit(drainGrace) }) }

// Stop ends everything at once. It may be called from any goroutine.
func (w *Worker) Stop() { w.Ring.Post(w.stop) }

// Reopen opens the log files again. It may be called from any goroutine.
func (w *Worker) Reopen() {
	w.Ring.Post(func() {
		w.access.flush(w)
		if err := w.log.reopen(); err != nil {
			w.Log(conf.Emerg, err.Error())
		}
	})
}

// FlushLogs writes what access logs have buffered, before somebody else replaces their descriptors. It may be called
// from any goroutine but the loop's, and waits until it is done, at most a second.
func (w *Worker) FlushLogs() {
	done := make(chan struct{})
	w.Ring.Post(func() { w.access.flush(w); close(done) })
	select {
	case <-done:
	case <-time.After(time.Second):
	}
}

// Quitting tells if Quit or Stop was called.
func (w *Worker) Quitting() bool { return w.quitting }

func (w *Worker) quit(patience time.Duration) {
	if w.quitting {
		if patience < w.patience { // drained so far
			w.patience = patience
			if w.grace.Armed() {
				w.Ring.StartTimer(&w.grace, patience, (*graceTimer)(w))
			}
		}
		return
	}
	w.quitting, w.patience = true, patience
	for _, a := range w.listeners {
		a.listener.Stop()
	}
	if d := w.Conf.WorkerShutdownTimeout; d > 0 {
		w.Ring.StartTimer(&w.shutdown, d, (*shutdownTimer)(w))
	}
	w.Ring.StartTimer(&w.grace, patience, (*graceTimer)(w))
	w.dropIdle()
	w.dropSocketPools()
	if !w.stopped {
		w.expireTimers()
	}
	w.checkDone()
}

func (w *Worker) stop() {
	w.stopped = true
	w.quit(idleGrace)
	w.done = true
}

// checkDone ends the loop once nothing is left to serve.
func (w *Worker) checkDone() {
	if !w.quitting || w.liveConns > 0 || w.timers.running+w.timers.pending > 0 || w.grace.Armed() && !w.noneAccepting() {
		return
	}
	w.done = true
}

// noneAccepting tells that no listener can bring another connection.
func (w *Worker) noneAccepting() bool {
	for _, a := range w.listeners {
		if a.listener.Active() {
			return false
		}
	}
	return true
}

type (
	shutdownTimer Worker
	graceTimer    Worker
	heartbeat     Worker
	postTimer     Worker
)

// OnTimer closes idle connections some time after Quit.
func (t *graceTimer) OnTimer(*ring.Timer) {
	w := (*Worker)(t)
	w.eachConn(func(cn *conn) {
		if cn.state == stateIdle && cn.c != nil {
			cn.state = stateClosed
			cn.c.CloseAfterDrain()
		}
	})
	w.checkDone()
}

// OnTimer ends what worker_shutdown_timeout no longer waits for.
func (t *shutdownTimer) OnTimer(*ring.Timer) {
	w := (*Worker)(t)
	w.eachConn(func(cn *conn) { cn.abort() })
	w.done = true
}

// OnTimer goes on with the queue.
func (t *postTimer) OnTimer(*ring.Timer) {
	w := (*Worker)(t)
	w.runPosted()
}

// OnTimer tells that the loop turns.
func (t *heartbeat) OnTimer(*ring.Timer) {
	w := (*Worker)(t)
	w.heart()
	w.Ring.Recheck()
	w.Ring.StartTimer(&w.beat, time.Second, t)
}

func (w *Worker) eachConn(f func(cn *conn)) {
	for _, chunk := range w.conns {
		for i := range chunk {
			if chunk[i].w != nil && (chunk[i].c != nil || chunk[i].req != nil) {
				f(&chunk[i])
			}
		}
	}
}

func (w *Worker) nextBoundary() uint64 {
	w.boundary++
	return w.boundary
}
