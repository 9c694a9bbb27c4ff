package api

import "testing"

// results runs code as a function and returns what it returns, as text.
func (s *server) results(code string) string {
	_, got := s.do("POST", "/", `local t = {(function() `+code+` end)()} for i = 1, table.maxn(t) do t[i] = tostring(t[i]):gsub("^[%w_.]+:%d+: ", "") end ngx.print(table.concat(t, " "))`)
	return got
}

func TestLock(t *testing.T) {
	s := serve(t, runner)
	const start = `local lock, d = require "resty.lock", ngx.shared.dogs d:flush_all() `
	for _, test := range []struct{ code, want string }{
		{`local l = lock:new("dogs") local e, err = l:lock("k") local held = d:get("k") return e, err, held, l:unlock(), d:get("k")`, "0 nil true 1"},
		{`local l = lock:new("dogs") return l:unlock()`, "nil unlocked"},
		{`local l = lock:new("dogs") return l:expire(1)`, "nil unlocked"},
		{`local l = lock:new("dogs") return l:lock(nil)`, "nil nil key"},
		{`local l = lock:new("dogs") l:lock("k") return l:lock("other")`, "nil locked"},
		{`return lock:new("birds")`, "nil dictionary not found"},
		{`local l = lock:new("dogs", {exptime = 7}) l:lock("k") local t = d:ttl("k") l:expire(3) local u = d:ttl("k") l:expire() return t, u, d:ttl("k")`, "7 3 7"},
		{`local l = lock:new("dogs") l:lock("k") d:delete("k") return l:expire(3)`, "nil not found"},
		{`local a, b = lock:new("dogs"), lock:new("dogs", {timeout = 0.02}) a:lock("k") return b:lock("k")`, "nil timeout"},
		{`local a, b = lock:new("dogs"), lock:new("dogs", {timeout = 0}) a:lock("k") return b:lock("k")`, "nil timeout"},
		{`local a, b = lock:new("dogs", {exptime = 0.01}), lock:new("dogs", {step = 0.02}) a:lock("k") return b:lock("k")`, "0.02"},
		{`local a, b = lock:new("dogs"), lock:new("dogs") a:lock("k")
			local co = ngx.thread.spawn(function() local e = b:lock("k") return e > 0 and d:get("k"), b:unlock() end)
			ngx.sleep(0.01) a:unlock() return ngx.thread.wait(co)`, "true true 1"},
		{`local l = lock:new("dogs", {exptime = 1, timeout = 5, step = 3}) return l.timeout, l.step, l.exptime, l.ratio, l.max_step`, "1 1 1 2 0.5"},
		{`lock:new("dogs"):lock("k") local held = d:get("k") collectgarbage() collectgarbage() return held, d:get("k")`, "true"},
		{`return lock._VERSION`, "0.09"},
	} {
		if got := s.results(start + test.code); got != test.want {
			t.Errorf("%s:\n got %s\nwant %s", test.code, got, test.want)
		}
	}
}

func TestLimits(t *testing.T) {
	s := serve(t, runner)
	const start = `local d = ngx.shared.dogs d:flush_all() d:flush_expired()
		local req, conn, count, traffic = require "resty.limit.req", require "resty.limit.conn", require "resty.limit.count", require "resty.limit.traffic" `
	for _, test := range []struct{ code, want string }{
		{`local l = req.new("dogs", 10, 2) local t = {} for i = 1, 5 do local a, b = l:incoming("k", true) t[i] = tostring(a) .. ":" .. tostring(b) end return unpack(t)`,
			"0:0 0.1:1 0.2:2 nil:rejected nil:rejected"},
		{`local l = req.new("dogs", 10, 2) for i = 1, 5 do l:incoming("k") end return l:incoming("k"), d:get("k")`, "0"},
		{`local l = req.new("dogs", 100, 5) for i = 1, 3 do l:incoming("k", true) end ngx.sleep(0.011) local a, b = l:incoming("k", true) return b >= 1 and b < 2, a < 0.02`, "true true"},
		{`local l = req.new("dogs", 10, 5) for i = 1, 3 do l:incoming("k", true) end local ok = l:uncommit("k") local _, b = l:incoming("k", true) return ok, b`, "true 2"},
		{`local l = req.new("dogs", 10, 5) return l:uncommit("k")`, "nil not found"},
		{`local l = req.new("dogs", 10, 5) d:set("k", 1) return l:incoming("k", true)`, "nil shdict abused by other users"},
		{`local l = req.new("dogs", 10, 5) d:set("k", false) return l:incoming("k", true)`, "nil shdict abused by other users"},
		{`local l = req.new("dogs", 10, 5) d:set("k", "x") return l:uncommit("k")`, "nil shdict abused by other users"},
		{`local l = req.new("dogs", 10, 0) l:set_burst(1) l:set_rate(100) l:incoming("k", true) return l:incoming("k", true)`, "0.01 1"},
		{`local l = req.new("dogs", 1, 0) l:incoming("k", true) return #d:get("k")`, "16"},
		{`return req.new("birds", 1, 1)`, "nil shared dict not found"},
		{`return pcall(req.new, "dogs", 0, 1)`, "false assertion failed!"},
		{`return pcall(req.new("dogs", 1, 1).uncommit, {})`, "false assertion failed!"},

		{`local l = conn.new("dogs", 1, 2, 0.5) local t = {} for i = 1, 4 do local a, b = l:incoming("k", true) t[i] = tostring(a) .. ":" .. tostring(b) .. ":" .. tostring(l:is_committed()) end return unpack(t)`,
			"0:1:true 0.5:2:true 1:3:true nil:rejected:false"},
		{`local l = conn.new("dogs", 1, 0, 0.5) l:incoming("k", true) l:incoming("k", true) local n = d:get("k") return n, l:leaving("k", 1.5), l.unit_delay, l:leaving("k")`, "1 0 1 -1"},
		{`local l = conn.new("dogs", 1, 1, 0.5) local a, b = l:incoming("k") return a, b, l:is_committed(), d:get("k")`, "0 1 false"},
		{`local l = conn.new("dogs", 1, 0, 0.5) d:set("k", 1) return l:incoming("k")`, "nil rejected"},
		{`local l = conn.new("dogs", 1, 0, 0.5) l:set_conn(2) l:set_burst(3) d:set("k", 3) return l:incoming("k")`, "0.5 4"},
		{`local l = conn.new("dogs", 1, 0, 0.5) l:incoming("k", true) return l:uncommit("k"), l:uncommit("none")`, "0 nil not found"},
		{`local l = conn.new("dogs", 1, 0, 0.5) return l:leaving("none")`, "nil not found"},
		{`return pcall(conn.new, "dogs", 1, 1, 0)`, "false assertion failed!"},
		{`return conn.new("birds", 1, 1, 1)`, "nil shared dict not found"},

		{`local l = count.new("dogs", 2, 10) local t = {} for i = 1, 3 do local a, b = l:incoming("k", true) t[i] = tostring(a) .. ":" .. tostring(b) end return d:ttl("k"), unpack(t)`,
			"10 0:1 0:0 nil:rejected"},
		{`local l = count.new("dogs", 2, 0.01) l:incoming("k", true) l:incoming("k", true) ngx.sleep(0.02) return l:incoming("k", true)`, "0 1"},
		{`local l = count.new("dogs", 2, 10) return l:incoming("k"), d:get("k")`, "0"},
		{`local l = count.new("dogs", 2, 10) l:incoming("k", true) return l:uncommit("k"), l:uncommit("none")`, "2 2"},
		{`local l = count.new("dogs", 2, 10) d:set("k", "x") return l:incoming("k", true)`, "nil not a number"},
		{`return pcall(count.new, "dogs", 1, 0)`, "false assertion failed!"},
		{`return count.new("birds", 1, 1)`, "nil shared dict not found"},

		{`local a, b, c = req.new("dogs", 10, 5), conn.new("dogs", 1, 5, 0.5), count.new("dogs", 9, 10) local states = {}
			local x = traffic.combine({a, b, c}, {"a", "b", "c"}, states) local y = traffic.combine({a, b, c}, {"a", "b", "c"}, states) return x, y, states[1], states[2], states[3]`, "0 0.5 1 2 7"},
		{`local a, b = conn.new("dogs", 1, 0, 0.5), conn.new("dogs", 1, 0, 0.5) a:incoming("a", true)
			local x, e = traffic.combine({a, b}, {"a", "b"}) return x, e, d:get("a"), d:get("b")`, "nil rejected 1"},
		{`local n, left = 0, {} local function lim(refuse) return {incoming = function(_, k, commit) if refuse and commit then return nil, "no" end return 1, k end, uncommit = function(_, k) left[#left + 1] = k end} end
			local x, e = traffic.combine({lim(), lim(true), lim()}, {"a", "b", "c"}) return x, e, table.concat(left, ",")`, "nil no a,c"},
		{`return req._VERSION, conn._VERSION, count._VERSION, traffic._VERSION`, "0.09 0.09 0.09 0.09"},
	} {
		if got := s.results(start + test.code); got != test.want {
			t.Errorf("%s:\n got %s\nwant %s", test.code, got, test.want)
		}
	}
}
