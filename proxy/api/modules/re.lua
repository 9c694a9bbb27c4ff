-- The functions of ngx.re that call back or keep their place.
local re, sub, step = ...
local type, tostring, select, concat, cut = type, tostring, select, table.concat, string.sub

function re.gmatch(subject, pattern, options)
	subject = tostring(subject)
	-- A wrong pattern is told here.
	local from, err = 0, select(2, step("", pattern, options, 0))
	if type(err) == "string" then
		return nil, err
	end
	return function()
		if not from then
			return nil
		end
		local start, stop, next, groups = step(subject, pattern, options, from, true)
		if not start then
			from = nil
			return nil, stop
		end
		from = next <= #subject and next or nil
		return groups
	end
end

-- each replaces matches by what f makes of them.
local function each(subject, pattern, f, options, all)
	subject = tostring(subject)
	local parts, n, count, done, from = {}, 0, 0, 0, 0
	repeat
		local start, stop, next, groups = step(subject, pattern, options, from, true)
		if not start then
			if stop then
				return nil, nil, stop
			end
			break
		end
		count = count + 1
		parts[n + 1], parts[n + 2] = cut(subject, done + 1, start), tostring(f(groups))
		n, done, from = n + 2, stop, next
	until not all or from > #subject
	if count == 0 then
		return subject, 0
	end
	parts[n + 1] = cut(subject, done + 1)
	return concat(parts), count
end

function re.sub(subject, pattern, with, options)
	if type(with) == "function" then
		return each(subject, pattern, with, options, false)
	end
	return sub(subject, pattern, tostring(with), options, false)
end

function re.gsub(subject, pattern, with, options)
	if type(with) == "function" then
		return each(subject, pattern, with, options, true)
	end
	return sub(subject, pattern, tostring(with), options, true)
end
