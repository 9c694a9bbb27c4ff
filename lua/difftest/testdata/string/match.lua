-- match: captures, positions, anchors, start.
print(("hello 42"):match("%d+"), ("hello"):match("%d+"), ("k=v"):match("(%w)=(%w)"), ("abc"):match("()b()"), ("abc"):match(".", 2))
print(("abc"):match("^(a)(b)(c)$"), ("  x "):match("^%s*(.-)%s*$") .. "|", ("/a/b/c"):match("([^/]+)$"), ("a.tar.gz"):match("^(.-)%.(.*)$"))
print(("2024-01-02T03:04:05"):match("^(%d%d%d%d)-(%d%d)-(%d%d)T(%d%d):(%d%d):(%d%d)$"))
print(("aXbXc"):match("a(.*)X"), ("aXbXc"):match("a(.-)X"), ("aaa"):match("a-"), ("aaa"):match("a-$"), ("aaab"):match("a?a?a?a?b"))
print((""):match(""), (""):match("x*"), (""):match("()"), ("x"):match("()", 2), ("x"):match("()", 3), ("abc"):match("c", -1),
  ("abc"):match("a", -1))
print(("one;two;;four"):match("^(.-);(.-);(.-);(.-)$"), ("((a)(b))"):match("%((%(.%))(.*)%)"), ("x=(1)"):match("((%d))"))
