package conf

import (
	"net/netip"
	"time"

	"moonring/proxy/regex"
)

// Options says what to read and how.
type Options struct {
	// Prefix is nginx's -p: relative names of logs, roots and Lua files start here. Made absolute by the caller.
	Prefix string
	// ConfPath is nginx's -c, relative to Prefix unless absolute. Empty means "conf/nginx.conf".
	ConfPath string
	// FS reads files. nil means OS.
	FS FS
	// Globals is nginx's -g: directives of the main context, read before the file.
	Globals string
	// ErrorLog is where messages go when the main context has no error_log; nginx's default is "logs/error.log".
	ErrorLog string
	// CPUs is what "auto" stands for in worker_processes; 0 means runtime.NumCPU().
	CPUs int
	// Unprivileged says that the process isn't root: "user" is ignored with a warning, and a server without listen
	// gets port 8000 in place of 80.
	Unprivileged bool
	// Hostname replaces $hostname in server_name; empty means os.Hostname().
	Hostname string
	// Variable reports whether the server can evaluate a variable that nginx knows. nil accepts all of nginx's.
	// One that nginx knows and Variable refuses is an error at the place of its use.
	Variable func(name string) bool
}

// FS is the only I/O of this package. Errors should wrap a syscall.Errno (as os does): its text and number are part of
// nginx's messages.
type FS interface {
	ReadFile(path string) ([]byte, error)
	// Glob returns the sorted names that match a shell pattern, none if there are none.
	Glob(pattern string) ([]string, error)
}

// Config is the main context.
type Config struct {
	Prefix     string // ends in "/"
	ConfFile   string // absolute
	ConfPrefix string // directory of ConfFile, ends in "/": include starts here

	WorkerProcesses       int
	WorkerCPUAffinity     []string // words as written: "auto", masks
	Daemon                bool
	MasterProcess         bool
	PID                   string // absolute
	User, Group           string // empty: not given
	ErrorLog              []ErrorLog
	LogPaths              []string      // the files of every error_log and access_log anywhere, each once
	TempPaths             []string      // the folders of every client_body_temp_path, each once
	Env                   []string      // "NAME" keeps the environment's value, "NAME=VALUE" sets one
	WorkerRlimitNofile    int64         // -1: not given
	WorkerShutdownTimeout time.Duration // 0: wait for ever
	WorkerHangTimeout     time.Duration // ours: how long a worker's loop may stand still; 0: for ever
	WorkerConfine         bool          // ours: Landlock and seccomp for workers
	ReadPaths             []string      // absolute: what every root and alias begins with, up to a variable
	WritePaths            []string      // absolute: those of worker_write_path (ours)
	WorkerConnections     int
	LoadModules           []string // base names, in order

	HTTP *HTTP // nil without an http block

	locations []*Location // all there are

	Files []Source // every configuration file that was read, in order, the main one first; a file may come again
}

// Level is a severity as nginx numbers them.
type Level int8

// The levels of nginx's ngx_log.h.
const (
	Stderr Level = iota
	Emerg
	Alert
	Crit
	Err
	Warn
	Note // "notice"
	Info
	Debug
)

var levelNames = [...]string{"stderr", "emerg", "alert", "crit", "error", "warn", "notice", "info", "debug"}

func (l Level) String() string {
	if l < 0 || int(l) >= len(levelNames) {
		return "unknown"
	}
	return levelNames[l]
}

// ErrorLog is one error_log directive. The most talkative comes first, as nginx orders them.
type ErrorLog struct {
	Path   string // absolute; empty when Stderr
	Stderr bool
	Level  Level // messages of this level and the more severe ones are written
}

// AccessLog is one access_log directive.
type AccessLog struct {
	Path   string // absolute
	Format *LogFormat
	Buffer int64         // bytes that collect before they are written; 0: none do
	Flush  time.Duration // how long they may; 0: for ever
	If     *Template     // nothing is logged where it is empty or "0"; nil: everything is
}

// LogFormat is a log_format.
type LogFormat struct {
	Name   string
	Escape Escape
	Text   Template
}

// Escape is how log_format writes what is in variables.
type Escape int8

// Values of log_format's escape.
const (
	EscapeDefault Escape = iota // \xXX; "-" for a variable without value
	EscapeJSON
	EscapeNone
)

// HTTP is the http block.
type HTTP struct {
	LuaPackagePath   string
	LuaPackageCPath  string
	LuaMemoryLimit   int64 // bytes per VM (lua_memory_limit)
	Init, InitWorker *LuaCode
	ExitWorker       *LuaCode

	LuaMaxPendingTimers, LuaMaxRunningTimers int64

	LuaRegexCacheMax   int64 // patterns (lua_regex_cache_max_entries)
	LuaRegexMatchLimit int64 // steps of a match, 0: regex.MatchLimit

	SharedDicts []SharedDict // in the order of the file

	// LuaRewriteNoPostpone runs rewrite_by_lua* before the other rewrite directives of a location instead of after them.
	LuaRewriteNoPostpone bool
	// LuaAccessNoPostpone runs access_by_lua* before the other access checks of a location instead of after them.
	LuaAccessNoPostpone bool

	Loc     *Location // settings at http level, without those of any server
	Servers []*Server // in the order of the file

	Upstreams []*Upstream // the upstream blocks, in the order of the file
	implicit  []*Upstream // those that a proxy_pass to an address stands for

	// Sockets are the listening sockets to open, in nginx's order. An address whose port also has a wildcard listen
	// without its own bind has no socket: it is one of the wildcard's Addresses.
	Sockets []*Socket
	// Addresses are all addresses of all sockets.
	Addresses []*Address

	// Hosts are the names of /etc/hosts, in lower case.
	Hosts map[string][]netip.Addr

	// UserVars are the variables that the configuration makes.
	UserVars []*UserVar

	// Variables are the names that templates use, each once; TemplatePart.Index is a position in it.
	Variables []string

	byKey map[string]*Address
}

// LuaCode is the code of one *_by_lua* directive.
type LuaCode struct {
	Directive string // as written, e.g. "content_by_lua_block"
	// Source is the Lua text. nil for a file that could not be read (ReadErr) or whose name has variables (Path).
	Source []byte
	// ChunkName is what to load it as: "=content_by_lua(nginx.conf:40)", "@/srv/app/access.lua".
	ChunkName string
	// Path is set for *_by_lua_file; constant unless the name has variables, absolute when constant. A value with
	// variables is relative to Prefix if it doesn't begin with "/".
	Path    Template
	IsFile  bool
	ReadErr error // why the file wasn't read; nginx finds out at the first request, so it is no error of Load
	// File and Line are where the directive stands. FirstLine is the line of File that line 1 of the chunk is on
	// (1 for files).
	File      string
	Line      int
	FirstLine int
}

// Listen is one listen directive.
type Listen struct {
	Network string         // "tcp" or "unix"
	Addr    netip.AddrPort // tcp
	Path    string         // unix
	Default bool           // default_server was written
	Key     string         // nginx's text of the address: "0.0.0.0:80", "[::]:80", "unix:/run/x.sock"
	Address *Address       // shared by all servers of the same address
	File    string
	Line    int
}

// Socket is one listening socket.
type Socket struct {
	Network string // "tcp" or "unix"
	Addr    netip.AddrPort
	Path    string
	Key     string
	SocketOptions
	// Addresses answer on this socket. When there is more than one, the wildcard is last and the connection's local
	// address chooses; see Address.
	Addresses []*Address

	byAddr map[netip.AddrPort]*Address
}

// SocketOptions are the parameters of listen that concern the socket.
type SocketOptions struct {
	Bind         bool // its own socket even beside a wildcard
	ReusePort    bool
	Backlog      int // default 511
	RcvBuf       int // bytes, -1: the kernel's
	SndBuf       int // bytes, -1: the kernel's
	Deferred     bool
	FastOpen     int // queue length, -1: off
	IPv6Only     bool
	KeepAlive    int // so_keepalive: 0 not given, 1 on, 2 off
	KeepIdle     time.Duration
	KeepInterval time.Duration
	KeepCount    int
}

// Address is a pair of address and port, and the servers behind it.
type Address struct {
	Network  string
	Addr     netip.AddrPort
	Path     string
	Key      string
	Options  SocketOptions
	Default  *Server   // answers when no name matches, and before the name is known
	Servers  []*Server // in the order of the file
	names    map[string]*Server
	wild     wildcards[*Server]
	patterns []serverPattern // in the order of the file
	choice   bool            // there is something to choose
}

// ServerName is one name of server_name, in lower case. "" matches a request without Host.
type ServerName struct {
	Name  string
	Regex *regex.Regexp // of "~PATTERN"
}

type serverPattern struct {
	re  *regex.Regexp
	srv *Server
}

// Server is one server block.
type Server struct {
	Listens []Listen
	Names   []ServerName
	// Name is the primary one, $server_name; "" if none is given.
	Name string
	// Loc holds the server-level settings: for the time before a location is chosen, and for requests that match none.
	Loc       *Location
	Locations []*Location // server-level locations in the order of the file
	File      string
	Line      int

	set     locationSet
	regexes bool // some location has a pattern
	named   map[string]*Location
}

// Return is the return directive.
type Return struct {
	Code int
	// Text is the body, or the target when URL. HasText is false for "return 404;", which takes the status page.
	Text    Template
	HasText bool
	URL     bool // a redirect: Code is 301, 302, 303, 307 or 308
	File    string
	Line    int
}

// Buffers is a count and a size in bytes.
type Buffers struct {
	N    int
	Size int64
}

// BodyInFile is client_body_in_file_only.
type BodyInFile int8

// Values of client_body_in_file_only.
const (
	BodyInFileOff   BodyInFile = iota
	BodyInFileOn               // every body is kept in a file, which stays
	BodyInFileClean            // and is removed at the end
)

// TempPath is a folder for temporary files.
type TempPath struct {
	Path   string // absolute
	Levels []int  // lengths of the names of folders inside it, taken from the end of a file's name
}

// Lingering is lingering_close.
type Lingering int8

// Values of lingering_close.
const (
	LingeringOff Lingering = iota
	LingeringOn
	LingeringAlways
)

// ServerTokens is server_tokens.
type ServerTokens int8

// Values of server_tokens.
const (
	ServerTokensOff ServerTokens = iota
	ServerTokensOn
	ServerTokensBuild
)

// Handler is what makes a location's responses: ngx_http_core_module's content handler.
type Handler uint8

const (
	HandlerStatic Handler = iota // files; the others are set by a directive, of which the last counts
	HandlerLua                   // content_by_lua*
	HandlerEcho
	HandlerProxy
	HandlerEmptyGIF
)

// Location is a location block, or the location-level settings of a server or of http, merged: every inherited setting is
// resolved.
type Location struct {
	Name     string        // without the modifier
	Exact    bool          // =
	Regex    *regex.Regexp // ~ or ~*: the name is its pattern
	NoName   bool          // the block of an if or a limit_except: settings, not a location
	Internal bool          // for internal redirects only
	NoRegex  bool          // ^~
	Named    bool          // @
	Server   *Server
	Parent   *Location // the location around this one, nil at server level
	File     string
	Line     int

	// Root is what root or alias names, absolute when constant; a text that begins with a variable is taken as it is.
	// Without alias the file of a request is Root + path.
	Root Template
	// Alias says that Root replaces the first AliasLen bytes of the path (the name of the location that has the
	// alias, which may be one around this) instead of being put before it;
	// all of the path if AliasLen is -1.
	Alias                     bool
	AliasLen                  int
	Index                     []Template // tried in this order; one that begins with "/" is an internal redirect
	Script                    *Script    // the rewrite module's directives of this level; never inherited
	ErrorPages                []ErrorPage
	RecursiveErrorPages       bool
	TryFiles                  *TryFiles
	LimitExcept               *Location // serves requests with other methods than ExceptMethods; nil: there is no limit_except
	ExceptMethods             []string  // in capitals
	RewriteLog                bool
	UninitializedVariableWarn bool

	Echo       []EchoCommand // of this very block, in order
	EchoBefore []Template    // written in front of the body of any response
	EchoAfter  []Template    // and behind it
	EchoStatus int           // of the responses that Echo makes
	More       []MoreHeaders // inherited ones first

	Handler Handler // that of the last directive of this very block which sets one; if's has the block's around it

	ProxyPass *ProxyPass // proxy_pass of this very block
	Proxy     Proxy

	DefaultType string
	Types       map[string]string // extension in lower case, without the dot -> media type

	KeepaliveTimeout         time.Duration // 0: no keep-alive
	KeepaliveHeader          time.Duration // Keep-Alive: timeout=N, whole seconds; 0: no such header
	KeepaliveRequests        int
	ClientMaxBodySize        int64 // bytes, 0: unlimited
	ClientBodyBufferSize     int64 // bytes: longer bodies are kept in a file
	ClientBodyInFileOnly     BodyInFile
	ClientBodyTemp           TempPath
	ClientHeaderTimeout      time.Duration
	ClientBodyTimeout        time.Duration
	SendTimeout              time.Duration
	LingeringClose           Lingering
	LingeringTime            time.Duration
	LingeringTimeout         time.Duration
	ClientHeaderBufferSize   int64
	LargeClientHeaderBuffers Buffers

	// AccessLog is where requests are logged; nothing is when AccessLogOff.
	AccessLog     []AccessLog
	AccessLogOff  bool
	ErrorLog      []ErrorLog
	ServerTokens  ServerTokens
	TCPNoDelay    bool
	LogSubrequest bool // log_subrequest
	TCPNoPush     bool
	Sendfile      bool
	HTTPStrict    bool // http_strict (ours): a lone LF as line end is refused

	LuaCodeCache        bool
	LuaNeedRequestBody  bool
	LuaCheckClientAbort bool // lua_check_client_abort
	LuaUseDefaultType   bool // lua_use_default_type
	LuaHTTP10Buffering  bool // lua_http10_buffering
	// LuaTransformUnderscores has ngx.header take underscores for dashes: lua_transform_underscores_in_response_headers.
	LuaTransformUnderscores bool
	LuaCPUBudget            time.Duration // lua_cpu_budget (ours): 0 means no limit

	Resolver        *Resolver // nil: there is none
	ResolverTimeout time.Duration
	LuaSocket       LuaSocket
	LuaSSL          LuaSSL

	AccessRules AccessRules // allow, deny
	AuthRequest string      // path of the subrequest that auth_request asks; empty: none
	AuthSet     []AuthSet   // auth_request_set, in order
	SatisfyAny  bool        // satisfy any: one of the access phase's checks is enough

	Access, Content, Log     *LuaCode
	HeaderFilter, BodyFilter *LuaCode
	Rewrite                  *LuaCode

	Core

	set locationSet // nested locations
}

// Notice is a message that does not stop Load: a warning of nginx's, or a directive that is accepted without effect.
type Notice struct {
	Level Level // Warn or Note
	Msg   string
	File  string // empty when it concerns the whole
	Line  int
}

// Error is a configuration error: Load's errors are all of this type.
type Error struct {
	Level Level  // Emerg
	Msg   string // without the place
	File  string // empty for errors that nginx reports without a place
	Line  int    // -1 in the -g parameter, 0 without a place
	Err   error  // cause, if it is one of the system's
}
