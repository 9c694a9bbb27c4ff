-- A tokenizer for a small language, with positions and errors.
local keywords = {} for w in ("let if else while return true false"):gmatch("%a+") do keywords[w] = true end
local function tokens(src)
  local pos, line, start = 1, 1, 1
  local rules = {
    {"space", "^[ \t]+"}, {"newline", "^\r?\n"}, {"comment", "^#[^\n]*"}, {"number", "^%d+%.?%d*"}, {"name", "^[%a_][%w_]*"},
    {"string", '^"[^"\n]*"'}, {"op", "^[<>=!]="}, {"op", "^[%+%-%*/%%<>=!%(%){},;]"},
  }
  return function()
    while pos <= #src do
      local matched = false
      for _, rule in ipairs(rules) do
        local s, e = src:find(rule[2], pos)
        if s then
          local text, col = src:sub(s, e), pos - start + 1
          pos, matched = e + 1, true
          if rule[1] == "newline" then line, start = line + 1, pos
          elseif rule[1] ~= "space" and rule[1] ~= "comment" then
            return keywords[text] and "keyword" or rule[1], text, line, col
          end
          break
        end
      end
      if not matched then error(("%d:%d: unexpected %q"):format(line, pos - start + 1, src:sub(pos, pos)), 0) end
    end
  end
end
local src = 'let x1 = 3.14 # pi\nif x1 >= 2 {\n  print("hi there", x1*2)\r\n}\nelse { return _y != 0 }'
for kind, text, line, col in tokens(src) do print(line, col, kind, text) end
print(pcall(function() for _ in tokens("let a = 1\n  @") do end end))
print(pcall(function() for _ in tokens('x = "open\n') do end end))
local counts = {} for kind in tokens((src .. "\n"):rep(50)) do counts[kind] = (counts[kind] or 0) + 1 end
print(counts.keyword, counts.name, counts.op, counts.number, counts.string)
