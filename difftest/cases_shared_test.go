package difftest

// showShared is the beginning of the scripts below: p prints all its arguments, e calls a method and prints what comes back, or the error without its
// position.
const showShared = `
local d = ngx.shared.dogs
d:flush_all() d:flush_expired()
local function p(...)
	local t = {n = select("#", ...), ...}
	for i = 1, t.n do t[i] = tostring(t[i]) end
	ngx.say(table.concat(t, " "))
end
local function e(f, ...)
	local t = {pcall(d[f], ...)}
	if not t[1] then t[2] = tostring(t[2]):gsub("^[^ ]*:%d+: ", "") end
	p(f, unpack(t, 1, table.maxn(t)))
end
`

// sharedCases: ngx.shared.DICT, each method with what it takes and what it doesn't.
func sharedCases() []testCase {
	return []testCase{
		get("dicts in init and init_worker", "/shared/init", 200, "set in init set in init_worker"),
		get("dicts in the log phase", "/shared/log", 200, "true").logged("marker-shared"),
		eval("ngx.shared", `
			local names = {} for k in pairs(ngx.shared) do names[#names + 1] = k end table.sort(names)
			ngx.say(table.concat(names, " ")) ngx.say(type(ngx.shared.dogs), type(ngx.shared.dogs[1]), ngx.shared.birds)
			local m = getmetatable(ngx.shared.dogs) ngx.say(m == getmetatable(ngx.shared.cats), m == m.__index)`, "cats dogs"),
		eval("a dict keeps types", showShared+`
			for _, v in ipairs { "text", "", 1, 0, -1.5, 1e300, 0/0, 1/0, true, false, ("x"):rep(5000), "\0\1\2" } do
				p("set", d:set("k", v)) local g, f = d:get("k") p(type(g), g == v or g, f)
			end
			p(d:set("k", nil)) p(d:get("k")) p(d:set("k", {})) p(d:set("k", print)) p(d:set("k", ngx.null)) p(d:get("none"))`, "set true nil false"),
		eval("keys of a dict", showShared+`
			for _, k in ipairs { "a", 1, 1.5, true, false, "", ("x"):rep(65535), ("x"):rep(65536), "\0" } do
				p(#tostring(k), d:set(k, 7)) p(d:get(k)) p(d:incr(k, 1)) p(d:delete(k))
			end
			p(d:set(nil, 1)) p(d:get(nil)) p(d:get()) p(d:incr(nil, 1)) p(d:delete()) p(d:ttl()) p(d:expire(nil, 1)) p(d:get_stale())
			p(d:lpush(nil, 1)) p(d:lpop(nil)) p(d:llen(nil)) p(d:lpush("", 1)) p(d:lpop(("x"):rep(65536)))
			d:set(setmetatable({}, {__tostring = function() return "made" end}), 5) p(d:get("made"))`, "key too long"),
		eval("set, add, replace and delete", showShared+`
			p(d:add("a", 1)) p(d:add("a", 2)) p(d:get("a")) p(d:replace("a", 3)) p(d:replace("b", 3)) p(d:get("a"), d:get("b"))
			p(d:delete("a")) p(d:delete("a")) p(d:add("a", nil)) p(d:replace("a", nil)) p(d:safe_set("s", 1)) p(d:safe_add("s", 1)) p(d:safe_add("t", nil))
			d:set("e", 1, 0.001) ngx.sleep(0.01) p(d:add("e", 2)) p(d:get("e")) d:set("e", 1, 0.001) ngx.sleep(0.01) p(d:replace("e", 2))`, "false exists false"),
		eval("flags of a dict's values", showShared+`
			for _, f in ipairs { 0, 1, 4294967295, 2147483647, 2147483648, 1.9, -1 } do d:set("k", "v", 0, f) p(f, d:get("k")) end
			d:set("k", 1, nil, 5) p(d:get("k")) p(d:get_stale("k")) d:incr("k", 1) p(d:get("k")) d:set("k", false, 0, 9) p(d:get("k")) d:set("k", 1) p(d:get("k"))`, "1 v 1"),
		eval("expiry in a dict", showShared+`
			p(d:set("a", 1, 0.05)) p(d:get("a")) ngx.sleep(0.06) p(d:get_stale("a")) d:set("b", 2) p(d:get_stale("b")) p(d:get("a")) p(d:get_stale("none"))
			d:set("c", 1, 0.0001) p(d:ttl("c")) p(d:ttl("b")) p(d:ttl("none")) p(d:expire("b", 10)) p(d:ttl("b")) p(d:expire("b", 0)) p(d:ttl("b")) p(d:expire("none", 1))
			d:set("x", 1, 100) p(d:ttl("x")) d:set("x", 1) p(d:ttl("x")) d:set("x", "1", 2.5) p(d:ttl("x")) p(d:expire("x", -1)) p(d:ttl("x")) p(d:expire("x", "3")) p(d:ttl("x"))
			e("set", d, "a", 1, -1) e("expire", d, "x") e("expire", d, "x", {})`, "bad \"exptime\" argument"),
		eval("incr of a dict", showShared+`
			p(d:incr("a", 1)) d:set("a", 1) p(d:incr("a", 2)) p(d:incr("a", -0.5)) p(d:incr("a", "3")) p(d:get("a"))
			p(d:incr("b", 1, 10)) p(d:incr("b", 1, 10)) p(d:incr("c", 1, "5")) p(d:incr("c", 1, false)) p(d:incr("n", 1, nil)) d:set("s", "1") p(d:incr("s", 1)) p(d:incr("s", 1, 1))
			d:set("t", true) p(d:incr("t", 1)) d:lpush("l", 1) p(d:incr("l", 1))
			p(d:incr("i", 1, 0, 0.05)) p(d:ttl("i")) p(d:incr("i", 1, 0, 0.05)) ngx.sleep(0.06) p(d:incr("i", 1, 0, 0)) p(d:ttl("i"))
			d:set("z", "string", 0.01, 7) ngx.sleep(0.02) p(d:incr("z", 1, 5)) p(d:get("z"))
			e("incr", d, "a", 1, {}) e("incr", d, "a", 1, "x") e("incr", d, "a", 1, 1, {}) e("incr", d, "a", 1, 1, -1) e("incr", d, "a", 1, nil, 1) e("incr", d, "a", 1, 1, "x")`,
			"not found"),
		eval("lists of a dict", showShared+`
			p(d:lpush("l", 1)) p(d:rpush("l", "two")) p(d:lpush("l", 0)) p(d:llen("l")) p(d:get("l")) p(d:get_stale("l")) p(d:lpop("l")) p(d:rpop("l")) p(d:llen("l")) p(d:rpop("l")) p(d:rpop("l"))
			p(d:llen("l")) p(d:llen("none")) d:set("s", 1) p(d:lpush("s", 1)) p(d:rpush("s", 1)) p(d:lpop("s")) p(d:rpop("s")) p(d:llen("s"))
			p(d:lpush("l", true)) p(d:lpush("l", nil)) p(d:lpush("l", {})) p(d:rpush("l", ("x"):rep(3000))) p(#d:lpop("l"))
			d:rpush("l", 1) d:expire("l", 0.01) ngx.sleep(0.02) p(d:llen("l")) p(d:lpop("l")) p(d:rpush("l", 2)) p(d:ttl("l")) p(d:set("l", 5)) p(d:get("l"))
			d:lpush("l2", 1) p(d:delete("l2")) p(d:llen("l2")) d:lpush("l2", 1) p(d:add("l2", 1)) p(d:replace("l2", 9)) p(d:get("l2")) p(d:lpush(5, 6)) p(d:lpop(5))
			e("lpush", d, "l") e("lpush", d) e("lpop", d) e("llen", d, 1, 2) e("rpush", 1, 2, 3) e("rpop", {}, 2) e("lpush", d, {}, 1) e("lpop", d, true)`, "value not a list"),
		eval("get_keys and the flushes of a dict", showShared+`
			p(#d:get_keys()) for i = 1, 20 do d:set("k" .. i, i) end
			local t = d:get_keys() p(#t, table.concat(t, " ")) p(#d:get_keys(5), table.concat(d:get_keys(5), " ")) p(#d:get_keys(0), #d:get_keys(-1), #d:get_keys(100))
			d:get("k1") d:set("k2", 3) d:incr("k3", 1) d:ttl("k4") d:get_stale("k5") d:expire("k6", 100) d:add("k7", 1) p(table.concat(d:get_keys(), " "))
			for i = 1, 10 do d:set("e" .. i, i, 0.005) end ngx.sleep(0.01) p(#d:get_keys(0)) p(d:flush_expired(3)) p(d:flush_expired()) p(d:flush_expired()) p(d:flush_expired(0))
			p(d:flush_all()) p(#d:get_keys()) p(d:flush_expired())
			e("get_keys") e("get_keys", 1) e("get_keys", {}) e("get_keys", d, 1, 2) e("get_keys", d, "x") e("flush_expired") e("flush_expired", 1) e("flush_expired", {}) e("flush_expired", d, 1, 2) e("flush_expired", d, {})`,
			"k1 k2 k3"),
		eval("what is no dict", showShared+`
			for _, f in ipairs { "get", "get_stale", "set", "safe_set", "add", "safe_add", "replace", "delete", "incr", "ttl", "expire", "flush_all", "capacity", "free_space" } do
				e(f) e(f, 5, "k", 1) e(f, {}, "k", 1) e(f, {5}, "k", 1) e(f, "dogs", "k", 1)
			end`, `bad "zone" argument`),
		eval("a full dict", `
			local d = ngx.shared.cats
			local function p(...) ngx.say(...) end
			p(d:capacity()) p(d:free_space() > 0, d:free_space() <= d:capacity(), d:free_space() % 4096)
			local n = 0
			repeat n = n + 1 local ok, err, forcible = d:set("key" .. n, ("v"):rep(200)) until forcible or not ok or n > 10000
			p(n > 100 and n < 1000, " ", tostring(d:get("key1")), " ", #d:get("key" .. n), " ", #d:get("key" .. n - 1), " ", #d:get("key5"))
			local ok, err, forcible repeat n = n + 1 ok, err, forcible = d:safe_set("key" .. n, ("v"):rep(200)) until not ok or n > 10000
			p(tostring(ok), tostring(err), tostring(forcible)) ok, err, forcible = d:safe_add("key" .. n, ("v"):rep(200)) p(tostring(ok), tostring(err), tostring(forcible))
			ok, err, forcible = d:set("huge", ("v"):rep(200000)) p(tostring(ok), tostring(err), tostring(forcible))
			ok, err, forcible = d:add("another", ("v"):rep(200)) p(tostring(ok), tostring(err), tostring(forcible))
			d:flush_all() d:flush_expired() p(#d:get_keys(0))`, "no memory"),
	}
}
