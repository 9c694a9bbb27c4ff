package difftest

// threadCases: ngx.thread, and ngx.on_abort.
func threadCases() []testCase {
	return []testCase{
		get("wait for threads", "/thread/wait", 200, "trueb"),
		get("kill threads", "/thread/kill", 200, "killer not parent"),
		get("threads that fail", "/thread/error", 200, "falseplain").logged("marker-thread-error"),
		get("threads take turns", "/thread/order", 200, "a1 b1"),
		get("exit in a thread", "/thread/exit", 200, "out"),
		get("threads in phases", "/thread/phases", 200, "ra"),
		get("a thread denies access", "/thread/denied", 403, "403 Forbidden"),
		get("exec in a thread", "/thread/exec", 200, "hello"),
		get("redirect in a thread", "/thread/redirect", 302, "/thread/hello"),
		get("threads of coroutines", "/thread/coroutine", 200, "only the parent coroutine"),
		get("subrequests of threads", "/thread/capture", 200, "hello"),
		get("on_abort", "/thread/on_abort", 200, "duplicate call"),
		get("on_abort without lua_check_client_abort", "/thread/on_abort_off", 200, "lua_check_client_abort is off"),
	}
}
