-- Conditions and what counts as true.
local function truth(v) if v then return "true" else return "false" end end
print(truth(nil), truth(false), truth(true), truth(0), truth(""), truth({}), truth(print))
local function grade(n)
  if n >= 90 then return "A" elseif n >= 80 then return "B" elseif n >= 70 then return "C" else return "F" end
end
print(grade(95), grade(80), grade(79.9), grade(0))
if nil then elseif false then else print("else") end
if not nil then print("not nil") end
local a, b = 1, nil
if a and not b then print("a and not b") end
if (a or b) and (b or a) then print("both") end
if a == 1 and (b == nil or b == 2) and not (a == 2) then print("nested") end
