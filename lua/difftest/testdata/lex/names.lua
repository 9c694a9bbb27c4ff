-- Identifiers: underscores, digits, UTF-8 bytes, keywords as prefix.
local _, _1, a_b, A9, andy, endx, nilly = 1, 2, 3, 4, 5, 6, 7
print(_, _1, a_b, A9, andy, endx, nilly)
local größe, 変数, naïve = "g", "h", "n"
print(größe, 変数, naïve)
_G.été = 1
print(été, _G["\195\169t\195\169"])
local t = {ключ = 5}
print(t.ключ, t["ключ"])
local goto_ = 1
print(goto_)
