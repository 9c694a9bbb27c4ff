-- Short and long comments.
print(1) -- trailing
--print(2)
--[[ print(3) ]] print(4)
--[==[
print(5) ]] ]=]
]==] print(6)
--[ not long
--[=not long
print(7) --[[inline]] print(8)
---[[ this line is a short comment
print(9)
--]]
--
print(10)--
