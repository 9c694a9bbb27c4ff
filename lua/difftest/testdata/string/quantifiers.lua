-- * + - ? and their greediness.
local function m(s, p) io.write(tostring(s:match(p)), "|") end
m("aaab", "a*") m("aaab", "a+") m("aaab", "a-") m("aaab", "a-b") m("aaab", "a?") m("b", "a*") m("b", "a+") m("b", "a?b") print()
m("<<a>>", "<.->") m("<<a>>", "<.*>") m("<<a>>", "<(.-)>") m("abab", "(ab)") m("abab", "ab*") m("aXbX", ".-X") m("aXbX", ".*X") print()
m("x", "%?*x") m("a+b", "a%+b") m("a**", "a%*+") m("+", "[+]") m("a-", "a%-?") m("--", "%-%-") m("*", "*") m("+a", "+a") m("?", "^?") print()
m("aaaaaaaaaa", "a?a?a?a?a?aaaaa") m("foo.bar.baz", "^(.+)%.") m("foo.bar.baz", "^(.-)%.") m("", "^%s*$") m("  ", "^%s*$") m("a\nb", "a.b") print()
