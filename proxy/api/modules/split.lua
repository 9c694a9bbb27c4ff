-- ngx.re, the module: split and opt.
local _, step = ...
local tostring, type, error, cut = tostring, type, error, string.sub

local _M = { version = "0.1.31" }

-- split cuts subject where the pattern matches; the first group of a match is a piece too. Empty pieces at the end are left out,
-- unless max pieces were asked for.
function _M.split(subject, pattern, options, ctx, max, res)
	subject = tostring(subject)
	max = max or 0
	local from = ctx and ctx.pos or 1
	if not res then
		res = {}
	elseif type(res) ~= "table" then
		error("res is not a table", 2)
	end
	local size = #subject
	if from > size then
		res[1] = nil
		return res
	end
	local n, count, begin, empty = 0, 1, from, nil
	from = from - 1
	if ctx then
		ctx.pos = from
	end
	while max <= 0 or count < max do
		local start, stop, next, group = step(subject, pattern, options, from, false)
		if not start then
			if stop then
				return nil, stop
			end
			break
		end
		from = next
		if ctx then
			ctx.pos = next
		end
		begin = empty or begin
		if start == stop then
			empty = start + 1
		end
		if start + 1 > begin or not empty then
			count, n = count + 1, n + 1
			res[n] = cut(subject, begin, start)
			if group then
				n = n + 1
				res[n] = group
			end
			begin = stop + 1
			if begin > size then
				break
			end
		end
		if from > size then
			break
		end
	end
	if max <= 0 and begin > size then
		while n > 0 and res[n] == "" do
			res[n], n = nil, n - 1
		end
	else
		n = n + 1
		res[n] = cut(subject, begin)
	end
	res[n + 1] = nil
	return res
end

-- opt takes what tunes PCRE's JIT, which isn't here.
function _M.opt(option, value)
	if option ~= "jit_stack_size" then
		error("unrecognized option name", 2)
	end
end

return _M
