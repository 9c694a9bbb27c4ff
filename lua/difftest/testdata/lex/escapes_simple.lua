-- Single-character escapes and their byte values.
local s = "\a\b\f\n\r\t\v\\\"\'"
print(#s, s:byte(1, -1))
print('say "hi"', "it's", 'it\'s', "\"q\"")
print(#'a\
b', 'a\
b')
