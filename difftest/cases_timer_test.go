package difftest

// timerCases: ngx.timer.
func timerCases() []testCase {
	return []testCase{
		get("a timer and its arguments", "/timer/at", 200, "false 1 nil x timer"),
		get("timers run in the order of their delays", "/timer/delay", 200, "early late"),
		get("a timer that sleeps", "/timer/sleep", 200, "slept 1 1 0"),
		get("a timer that comes again", "/timer/every", 200, "true"),
		get("a timer made by a timer", "/timer/nested", 200, "1inner"),
		get("a timer that logs", "/timer/log", 200, "x").logged("marker-timer-log"),
		get("a timer that throws", "/timer/throws", 200, "x").logged("marker-timer-throws"),
		get("exit in a timer", "/timer/exit", 200, "before"),
		get("what a timer may not do", "/timer/refused", 200, "API disabled in the"),
		get("timers with odd arguments", "/timer/wrong", 200, "Lua function expected"),
		get("a timer made in the log phase", "/timer/in_log", 200, "x"),
		get("a timer made in a filter", "/timer/in_filter", 200, "x-timer: 1"),
		get("a coroutine in a timer", "/timer/coroutine", 200, "y"),
		get("a timer of init_worker", "/timer/init_worker", 200, "false timer"),
	}
}
