-- Texts for unsuitable bounds.
print(pcall(function() for i = nil, 1 do end end))
print(pcall(function() for i = 1, {} do end end))
print(pcall(function() for i = 1, 2, "x" do end end))
print(pcall(function() for i = "a", 2 do end end))
print(pcall(function() for i = true, 2 do end end))
print(pcall(function() for i = 1, 2, nil do end end))
print(pcall(function() for i = 1, print do end end))
