-- Bracket sets: ranges, negation, classes within, odd members.
local function m(s, p) io.write(tostring(s:match(p)), "|") end
m("hello123", "[a-z]+") m("hello123", "[0-9]+") m("hello123", "[^a-z]+") m("x_y-z", "[%w_]+") m("x_y-z", "[%w_-]+")
m("a]b", "[]]") m("a]b", "[^]]+") m("a-b", "[a%-b]+") m("%d", "[%%]") m("tab\there", "[%s]") m("CAPS low", "[%u%s]+") print()
m("z", "[a-]") m("-", "[a-]") m("b", "[a-c-e]") m("-", "[%a-z]") m("\200", "[\128-\255]") m("\0", "[%z]") m("a.b", "[.]") m("a$", "[$]") m("^", "[x^]") print()
m("xyz", "[z-a]") m("aaa", "[a][a][a]") m("0x1F", "0[xX](%x+)") m("x", "[^%s%d]") m("\n", "[^%s%d]") print()
