-- Relational operators on numbers and strings.
print(1 < 2, 2 < 1, 1 <= 1, 2 > 1, 1 >= 2, 1 == 1.0, 1 ~= 2)
print("a" < "b", "a" < "A", "" < "a", "a" < "aa", "Z" < "a", "10" < "9")
print("a\0b" < "a\0c", "a\0" > "a", "\200" > "a")
print("abc" == "abc", "abc" ~= "abd", 1 == "1", "1" == 1, nil == false)
local t, u = {}, {}
print(t == t, t == u, t ~= u, print == print)
print(0 == -0, 1 / 0 == 1 / 0, 0 / 0 == 0 / 0, 0 / 0 ~= 0 / 0)
local nan = 0 / 0
print(nan < 1, nan > 1, nan <= nan, nan >= nan, not (nan < 1), 1 < nan)
if nan < 1 then print "lt" else print "not lt" end
if not (nan >= 1) then print "not ge" end
if nan == nan then print "eq" else print "ne" end
