-- A Brainfuck interpreter and a compiler to Lua.
local function run(src, input)
  local jump, stack = {}, {}
  for i = 1, #src do
    local c = src:sub(i, i)
    if c == "[" then
      stack[#stack + 1] = i
    elseif c == "]" then
      local j = table.remove(stack) or error("unmatched ] at " .. i, 0) jump[i], jump[j] = j, i
    end
  end
  if #stack > 0 then error("unmatched [ at " .. stack[#stack], 0) end
  local tape, p, ip, out, inp, steps = setmetatable({}, {__index = function() return 0 end}), 0, 1, {}, 1, 0
  while ip <= #src do
    local c = src:byte(ip) steps = steps + 1
    if c == 62 then p = p + 1 elseif c == 60 then p = p - 1 elseif c == 43 then tape[p] = (tape[p] + 1) % 256 elseif c == 45 then tape[p] = (tape[p] - 1) % 256
    elseif c == 46 then out[#out + 1] = string.char(tape[p]) elseif c == 44 then tape[p] = input and input:byte(inp) or 0 inp = inp + 1
    elseif c == 91 then if tape[p] == 0 then ip = jump[ip] end elseif c == 93 then if tape[p] ~= 0 then ip = jump[ip] end end
    ip = ip + 1
  end
  return table.concat(out), steps
end
local hello = "++++++++[>++++[>++>+++>+++>+<<<<-]>+>+>->>+[<]<-]>>.>---.+++++++..+++.>>.<-.<.+++.------.--------.>>+.>++."
print(run(hello)) print(run(",[.,]", "echo!")) print(run(",>,<[->+<]>.", "\50\3")) print(pcall(run, "[[]")) print(pcall(run, "]"))
local function compile(src) local code = {"local t, p, o = setmetatable({}, {__index = function() return 0 end}), 0, {}"} for op, n in (function() local i = 1 return function() if i > #src then return nil end local c = src:sub(i, i) local _, e = src:find(c:find("[%+%-<>]") and "^%" .. c .. "+" or "^.", i) local k = e - i + 1 i = e + 1 return c, k end end)() do
  code[#code + 1] = ({["+"] = "t[p] = (t[p] + " .. n .. ") % 256", ["-"] = "t[p] = (t[p] - " .. n .. ") % 256", [">"] = "p = p + " .. n, ["<"] = "p = p - " .. n, ["."] = "o[#o + 1] = string.char(t[p])", ["["] = "while t[p] ~= 0 do", ["]"] = "end"})[op] end code[#code + 1] = "return table.concat(o)" return assert(loadstring(table.concat(code, "\n"), "=bf")) end
print(compile(hello)() == run(hello))
