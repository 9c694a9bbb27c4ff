package conf

import (
	_ "embed"
	"strings"
	"sync"
)

// context is the set of blocks a directive may stand in.
type context uint16

const (
	inMain context = 1 << iota
	inEvents
	inHTTP
	inServer
	inLocation
	inServerIf
	inLocationIf
	inLimitExcept
	inUpstream
	inOther         // stream, mail
	inAny   context = 1<<iota - 1
)

// args is how many arguments a directive takes, and whether a block follows.
type args uint16

const (
	noArgs args = 1 << iota
	take1
	take2
	take3
	take4
	oneMore
	twoMore
	anyArgs
	flagArg // one argument
	block
	take12   = take1 | take2
	take23   = take2 | take3
	take123  = take1 | take2 | take3
	take1234 = take123 | take4
)

// accepts reports whether n arguments are right.
func (a args) accepts(n int) bool {
	switch {
	case a&anyArgs != 0:
		return true
	case a&flagArg != 0:
		return n == 1
	case a&oneMore != 0:
		return n >= 1
	case a&twoMore != 0:
		return n >= 2
	}
	return n <= 4 && a&(noArgs<<n) != 0
}

// setting is what a directive does.
type setting struct {
	// do handles one directive. Its error is a fault, a misuse or an *Error.
	do func(l *loader, s *scope, d *directive) error
	// merge gives a block the value of the block around it when it has none of its own; nil: never inherited.
	merge func(dst, src *Location)
	// slot names the value, where several directives set the same one; empty: the directive's name.
	slot string
}

// row is one line of the directive table.
type row struct {
	name string
	in   context
	args args
	setting
}

const inIf = inServerIf | inLocationIf

const httpServer, httpServerLocation, serverLocation = inHTTP | inServer, inHTTP | inServer | inLocation, inServer | inLocation

// rows is the directive table: what this package handles. Everything else that nginx has stands in inventory.tsv.
var rows []row

// init, not an initializer: the handlers of blocks walk the table themselves.
func init() {
	rows = []row{
		// Main context.
		{"daemon", inMain, flagArg, mainField(onOff, func(c *Config) *bool { return &c.Daemon })},
		{"master_process", inMain, flagArg, mainField(onOff, func(c *Config) *bool { return &c.MasterProcess })},
		{"pid", inMain, take1, mainField(text, func(c *Config) *string { return &c.PID })},
		{"user", inMain, take12, setting{do: setUser}},
		{"env", inMain, take1, setting{do: addEnv}},
		{"load_module", inMain, take1, setting{do: loadModule}},
		{"worker_processes", inMain, take1, setting{do: setWorkerProcesses}},
		{"worker_cpu_affinity", inMain, oneMore, setting{do: setCPUAffinity}},
		{"worker_rlimit_nofile", inMain, take1, mainField(number, func(c *Config) *int64 { return &c.WorkerRlimitNofile })},
		{"worker_shutdown_timeout", inMain, take1, mainField(msec, shutdownTimeout)},
		{"worker_confine", inMain, flagArg, mainField(onOff, func(c *Config) *bool { return &c.WorkerConfine })},
		{"worker_write_path", inMain, oneMore, setting{do: addWritePath}},
		{"worker_hang_timeout", inMain, take1, mainField(msec, hangTimeout)},
		{"lock_file", inMain, take1, noEffect(text)},
		{"pcre_jit", inMain, flagArg, noEffect(onOff)},
		{"timer_resolution", inMain, take1, noEffect(msec)},
		{"thread_pool", inMain, take23, setting{do: threadPool}},

		{"events", inMain, block | noArgs, setting{do: eventsBlock}},
		{"worker_connections", inEvents, take1, setting{do: setWorkerConnections}},
		{"use", inEvents, take1, setting{do: useMethod}},
		{"multi_accept", inEvents, flagArg, noEffect(onOff)},
		{"accept_mutex", inEvents, flagArg, noEffect(onOff)},
		{"accept_mutex_delay", inEvents, take1, noEffect(msec)},

		{"include", inAny, take1, setting{do: include}},
		{"error_log", inMain | httpServerLocation, oneMore,
			setting{addErrorLog, func(dst, src *Location) { dst.ErrorLog = src.ErrorLog }, ""}},

		// Blocks and addresses.
		{"http", inMain, block | noArgs, setting{do: httpBlock}},
		{"server", inHTTP, block | noArgs, setting{do: serverBlock}},
		{"location", serverLocation, block | take12, setting{do: locationBlock}},
		{"listen", inServer, oneMore, setting{do: listen}},
		{"server_name", inServer, oneMore, setting{do: serverName}},

		// What is answered.
		{"root", httpServerLocation, take1, setting{setRoot, mergeRoot, slotRoot}},
		{"alias", inLocation, take1, setting{setRoot, mergeRoot, slotRoot}},
		{"index", httpServerLocation, oneMore,
			setting{addIndex, func(dst, src *Location) { dst.Index = src.Index }, ""}},
		{"return", serverLocation | inIf, take12, setting{do: setReturn}},
		{"set", serverLocation | inIf, take2, setting{do: setVariable}},
		{"if", serverLocation, block | oneMore, setting{do: ifBlock}},
		{"rewrite", serverLocation | inIf, take23, setting{do: addRewrite}},
		{"break", serverLocation | inIf, noArgs, setting{do: setBreak}},
		{"rewrite_log", httpServerLocation | inIf, flagArg, locField(onOff, func(l *Location) *bool { return &l.RewriteLog })},
		{"uninitialized_variable_warn", httpServerLocation | inIf, flagArg,
			locField(onOff, func(l *Location) *bool { return &l.UninitializedVariableWarn })},
		{"limit_except", inLocation, block | oneMore, setting{do: limitExcept}},
		{"empty_gif", inLocation, noArgs, setting{do: func(_ *loader, s *scope, _ *directive) error {
			s.loc.Handler = HandlerEmptyGIF
			return nil
		}}},
		{"internal", inLocation, noArgs, setting{do: setInternal}},
		{"error_page", httpServerLocation | inLocationIf, twoMore,
			setting{addErrorPage, func(dst, src *Location) { dst.ErrorPages = src.ErrorPages }, ""}},
		{"recursive_error_pages", httpServerLocation, flagArg, locField(onOff, func(l *Location) *bool { return &l.RecursiveErrorPages })},
		{"try_files", serverLocation, twoMore, setting{do: setTryFiles}},
		{"types", httpServerLocation, block | noArgs,
			setting{typesBlock, func(dst, src *Location) { dst.Types = src.Types }, ""}},
		{"default_type", httpServerLocation, take1, locField(text, func(l *Location) *string { return &l.DefaultType })},
		{"server_tokens", httpServerLocation, take1, locField(tokensEnum, func(l *Location) *ServerTokens { return &l.ServerTokens })},
		{"access_log", httpServerLocation, oneMore,
			setting{addAccessLog, func(dst, src *Location) { dst.AccessLog, dst.AccessLogOff = src.AccessLog, src.AccessLogOff }, ""}},
		{"log_format", inHTTP, twoMore, setting{do: addLogFormat}},

		// Connections and requests.
		{"keepalive_timeout", httpServerLocation, take12,
			setting{setKeepalive, func(dst, src *Location) { dst.KeepaliveTimeout = src.KeepaliveTimeout }, ""}},
		{"keepalive_timeout", 0, take12, // only merged
			setting{nil, func(dst, src *Location) { dst.KeepaliveHeader = src.KeepaliveHeader }, slotKeepaliveHeader}},
		{"keepalive_requests", httpServerLocation, take1, locField(count, func(l *Location) *int { return &l.KeepaliveRequests })},
		{"client_max_body_size", httpServerLocation, take1, locField(offset, func(l *Location) *int64 { return &l.ClientMaxBodySize })},
		{"client_body_buffer_size", httpServerLocation, take1, locField(size, func(l *Location) *int64 { return &l.ClientBodyBufferSize })},
		{"client_body_in_file_only", httpServerLocation, take1,
			locField(bodyInFileEnum, func(l *Location) *BodyInFile { return &l.ClientBodyInFileOnly })},
		{"client_body_temp_path", httpServerLocation, take1234,
			setting{setBodyTemp, func(dst, src *Location) { dst.ClientBodyTemp = src.ClientBodyTemp }, ""}},
		{"client_body_timeout", httpServerLocation, take1, locField(msec, clientBodyTimeout)},
		{"client_header_timeout", httpServer, take1, locField(msec, clientHeaderTimeout)},
		{"client_header_buffer_size", httpServer, take1, locField(size, func(l *Location) *int64 { return &l.ClientHeaderBufferSize })},
		{"large_client_header_buffers", httpServer, take2, locField(buffers, func(l *Location) *Buffers { return &l.LargeClientHeaderBuffers })},
		{"send_timeout", httpServerLocation, take1, locField(msec, sendTimeout)},
		{"lingering_close", httpServerLocation, take1, locField(lingeringEnum, func(l *Location) *Lingering { return &l.LingeringClose })},
		{"lingering_time", httpServerLocation, take1, locField(msec, lingeringTime)},
		{"lingering_timeout", httpServerLocation, take1, locField(msec, lingeringTimeout)},
		{"log_subrequest", httpServerLocation, flagArg, locField(onOff, func(l *Location) *bool { return &l.LogSubrequest })},
		{"tcp_nodelay", httpServerLocation, flagArg, locField(onOff, func(l *Location) *bool { return &l.TCPNoDelay })},
		{"tcp_nopush", httpServerLocation, flagArg, locField(onOff, func(l *Location) *bool { return &l.TCPNoPush })},
		{"sendfile", httpServerLocation, flagArg, locField(onOff, func(l *Location) *bool { return &l.Sendfile })},
		{"http_strict", httpServerLocation, flagArg, locField(onOff, func(l *Location) *bool { return &l.HTTPStrict })},

		{"map", inHTTP, block | take2, setting{do: mapBlock}},
		{"map_hash_max_size", inHTTP, take1, noEffect(number)},
		{"map_hash_bucket_size", inHTTP, take1, noEffect(number)},

		// Sizes of nginx's own structures and places of files that are never written.
		{"variables_hash_max_size", inHTTP, take1, noEffect(number)},
		{"variables_hash_bucket_size", inHTTP, take1, noEffect(number)},
		{"server_names_hash_max_size", inHTTP, take1, noEffect(number)},
		{"server_names_hash_bucket_size", inHTTP, take1, noEffect(number)},
		{"types_hash_max_size", httpServerLocation, take1, noEffect(number)},
		{"types_hash_bucket_size", httpServerLocation, take1, noEffect(number)},
		{"connection_pool_size", httpServer, take1, noEffect(size)},
		{"request_pool_size", httpServer, take1, noEffect(size)},
		{"client_body_in_single_buffer", httpServerLocation, flagArg, noEffect(onOff)},
		{"proxy_temp_path", httpServerLocation, take1234, noEffect(tempPath)},
		{"fastcgi_temp_path", httpServerLocation, take1234, noEffect(tempPath)},
		{"uwsgi_temp_path", httpServerLocation, take1234, noEffect(tempPath)},
		{"scgi_temp_path", httpServerLocation, take1234, noEffect(tempPath)},

		// Lua.
		{"lua_package_path", inHTTP, take1, httpField(text, func(h *HTTP) *string { return &h.LuaPackagePath })},
		{"lua_package_cpath", inHTTP, take1, setting{do: packageCPath}},
		{"lua_memory_limit", inHTTP, take1, httpField(offset, func(h *HTTP) *int64 { return &h.LuaMemoryLimit })},
		{"lua_shared_dict", inHTTP, take23, setting{do: addSharedDict}},
		{"lua_cpu_budget", httpServerLocation, take1, locField(msec, cpuBudget)},
		{"lua_code_cache", httpServerLocation, flagArg, codeCache()},
		{"allow", httpServerLocation, take1, setting{addAccessRule, mergeAccessRules, slotAccess}},
		{"deny", httpServerLocation, take1, setting{addAccessRule, mergeAccessRules, slotAccess}},
		{"auth_request", httpServerLocation, take1, locField(authRequest, func(l *Location) *string { return &l.AuthRequest })},
		{"auth_request_set", httpServerLocation, take2, setting{authRequestSet, func(dst, src *Location) { dst.AuthSet = src.AuthSet }, ""}},
		{"satisfy", httpServerLocation, take1, locField(satisfyAny, func(l *Location) *bool { return &l.SatisfyAny })},
		{"lua_need_request_body", httpServerLocation, flagArg, locField(onOff, func(l *Location) *bool { return &l.LuaNeedRequestBody })},
		{"lua_use_default_type", httpServerLocation | inLocationIf, flagArg, locField(onOff, func(l *Location) *bool { return &l.LuaUseDefaultType })},
		{"lua_http10_buffering", httpServerLocation | inLocationIf, flagArg, locField(onOff, func(l *Location) *bool { return &l.LuaHTTP10Buffering })},
		{"lua_transform_underscores_in_response_headers", httpServerLocation | inLocationIf, flagArg,
			locField(onOff, func(l *Location) *bool { return &l.LuaTransformUnderscores })},
		{"lua_check_client_abort", httpServerLocation | inLocationIf, flagArg, locField(onOff, func(l *Location) *bool { return &l.LuaCheckClientAbort })},
		{"access_by_lua_no_postpone", inHTTP, flagArg, httpField(onOff, func(h *HTTP) *bool { return &h.LuaAccessNoPostpone })},
		{"rewrite_by_lua_no_postpone", inHTTP, flagArg, httpField(onOff, func(h *HTTP) *bool { return &h.LuaRewriteNoPostpone })},
		{"lua_max_pending_timers", inHTTP, take1, httpField(number, func(h *HTTP) *int64 { return &h.LuaMaxPendingTimers })},
		{"lua_max_running_timers", inHTTP, take1, httpField(number, func(h *HTTP) *int64 { return &h.LuaMaxRunningTimers })},
		{"lua_regex_cache_max_entries", inHTTP, take1, httpField(number, func(h *HTTP) *int64 { return &h.LuaRegexCacheMax })},
		{"lua_regex_match_limit", inHTTP, take1, httpField(number, func(h *HTTP) *int64 { return &h.LuaRegexMatchLimit })},
		{"lua_load_resty_core", inHTTP, flagArg, setting{do: loadRestyCore}},
		{"lua_malloc_trim", inHTTP, take1, noEffect(number)},
		{"lua_thread_cache_max_entries", inHTTP, take1, noEffect(number)},
		{"lua_sa_restart", inHTTP, flagArg, noEffect(onOff)},
	}
	rows = append(rows, proxyRows()...)
	rows = append(rows, resolverRows()...)
	rows = append(rows, socketRows()...)
	rows = append(rows, sslRows()...)
	rows = append(rows, echoRows()...)
	rows = append(rows, setFunctionRows()...)
	rows = append(rows, coreRows()...)
	initCode := httpCode(func(h *HTTP) **LuaCode { return &h.Init })
	initWorkerCode := httpCode(func(h *HTTP) **LuaCode { return &h.InitWorker })
	exitWorkerCode := httpCode(func(h *HTTP) **LuaCode { return &h.ExitWorker })
	rows = append(rows, luaRows("exit_worker_by_lua", inHTTP, exitWorkerCode)[1:]...) // there is no quoted form
	accessCode := locCode(func(l *Location) **LuaCode { return &l.Access })
	contentCode := setting{do: func(l *loader, s *scope, d *directive) error {
		s.loc.Handler = HandlerLua
		return l.setCode(s, d, &s.loc.Content, true)
	}}
	logCode := locCode(func(l *Location) **LuaCode { return &l.Log })
	rows = append(rows, luaRows("init_by_lua", inHTTP, initCode)...)
	rows = append(rows, luaRows("init_worker_by_lua", inHTTP, initWorkerCode)...)
	rows = append(rows, luaRows("access_by_lua", httpServerLocation, accessCode)...)
	rows = append(rows, luaRows("content_by_lua", inLocation, contentCode)...)
	rows = append(rows, luaRows("log_by_lua", httpServerLocation, logCode)...)
	for _, r := range luaRows("set_by_lua", inServer|inLocation|inIf, setting{do: setByLua}) {
		if r.args = twoMore; strings.HasSuffix(r.name, "_block") {
			r.args = block | take1
		}
		rows = append(rows, r)
	}
	rewriteCode := locCode(func(l *Location) **LuaCode { return &l.Rewrite })
	rows = append(rows, luaRows("rewrite_by_lua", httpServerLocation, rewriteCode)...)
	headerFilterCode := locCode(func(l *Location) **LuaCode { return &l.HeaderFilter })
	bodyFilterCode := locCode(func(l *Location) **LuaCode { return &l.BodyFilter })
	rows = append(rows, luaRows("header_filter_by_lua", httpServerLocation, headerFilterCode)...)
	rows = append(rows, luaRows("body_filter_by_lua", httpServerLocation, bodyFilterCode)...)
}

// luaRows are the three directives of a phase: quoted, block, file. They share a slot.
func luaRows(name string, in context, set setting) []row {
	set.slot = name
	return []row{
		{name, in, take1, set},
		{name + "_block", in, block | noArgs, set},
		{name + "_file", in, take1, set},
	}
}

// inventory.tsv lists the directives of nginx (the ngx_command_t tables of its modules), of lua-nginx-module and of the
// other modules in OpenResty's bundle: name, contexts, arguments. Rows that have no handler here say "not supported yet".
//
//go:embed inventory.tsv
var inventoryTSV string

// variables.txt lists nginx's variables of the http context, one a line; "*" stands for the rest of a name.
//
//go:embed variables.txt
var variablesTXT string

// table maps a name to its rows, those of this package first.
var table = sync.OnceValue(func() map[string][]*row {
	t := make(map[string][]*row, 1200)
	for i := range rows {
		t[rows[i].name] = append(t[rows[i].name], &rows[i])
	}
	for line := range strings.Lines(inventoryTSV) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(f) != 3 || strings.HasPrefix(line, "#") {
			continue
		}
		in := parseContexts(f[1])
		for _, r := range t[f[0]] {
			if r.do != nil { // where the block of an if or a limit_except will do is in the inventory alone
				r.in |= in & (inIf | inLimitExcept)
			}
		}
		t[f[0]] = append(t[f[0]], &row{name: f[0], in: in, args: parseArgs(f[2])})
	}
	return t
})

var contextNames = map[string]context{
	"main": inMain, "events": inEvents, "http": inHTTP, "server": inServer, "location": inLocation,
	"if in server": inServerIf, "if in location": inLocationIf, "limit_except": inLimitExcept, "upstream": inUpstream,
	"any": inAny,
}

func parseContexts(s string) (c context) {
	for name := range strings.SplitSeq(s, ", ") {
		if bit, ok := contextNames[name]; ok {
			c |= bit
		} else {
			c |= inOther
		}
	}
	return c
}

var argNames = map[string]args{
	"noargs": noArgs, "take1": take1, "take2": take2, "take3": take3, "take12": take12, "take23": take23,
	"take123": take123, "take1234": take1234, "flag": flagArg, "1more": oneMore, "2more": twoMore, "any": anyArgs,
	"block": block,
}

func parseArgs(s string) (a args) {
	for name := range strings.FieldsSeq(s) {
		a |= argNames[name]
	}
	return a
}

// knownVariables are the exact names and the prefixes of variables.txt.
var knownVariables = sync.OnceValues(func() (map[string]bool, []string) {
	exact := map[string]bool{}
	var prefixes []string
	for line := range strings.Lines(variablesTXT) {
		name := strings.TrimSpace(line)
		if name == "" || name[0] == '#' {
			continue
		}
		if p, ok := strings.CutSuffix(name, "*"); ok {
			prefixes = append(prefixes, p)
		} else {
			exact[name] = true
		}
	}
	return exact, prefixes
})

func isVariable(name string) bool {
	exact, prefixes := knownVariables()
	if exact[name] {
		return true
	}
	for _, p := range prefixes {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}
