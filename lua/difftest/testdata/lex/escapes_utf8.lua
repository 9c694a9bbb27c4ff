-- \u{XXX} yields UTF-8.
local function show(s) print(#s, s:byte(1, -1)) end
show("\u{41}")
show("\u{7f}")
show("\u{80}")
show("\u{7FF}")
show("\u{800}")
show("\u{20ac}")
show("\u{ffff}")
show("\u{10000}")
show("\u{10FFFF}")
show("\u{00000041}")
print("caf\u{e9}")
