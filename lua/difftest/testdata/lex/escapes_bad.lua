-- Escapes that the lexer refuses, with the text they are reported near.
local function try(src) print(select(2, loadstring(src, "=s"))) end
try([[return "\q"]])
try([[return "abc\xg0"]])
try([[return "abc\x4"]])
try([[return "abc\x4z"]])
try([[return "\256"]])
try([[return "\999x"]])
try([[return "\u41"]])
try([[return "\u{110000}"]])
try([[return "\u{}"]])
try([[return "\u{41"]])
try([[return "\u{zz}"]])
try([[return "\u{d800}"]])
