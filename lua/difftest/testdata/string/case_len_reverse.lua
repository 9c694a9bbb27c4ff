-- upper, lower, len, reverse.
print(("Hello World 123"):upper(), ("Hello World 123"):lower(), (""):upper(), ("\195\164"):upper() == "\195\164")
print(("abc"):len(), (""):len(), ("a\0b"):len(), string.len(123), ("x"):rep(1000):len())
print(("abc"):reverse(), (""):reverse(), ("a"):reverse(), ("ab\0c"):reverse() == "c\0ba", string.reverse(123))
print(("racecar"):reverse() == "racecar", ("[\\]^_`az{AZ@"):upper(), ("[\\]^_`AZ{az@"):lower())
print(pcall(function() return (string.upper()) end))
print(pcall(function() return (string.len(nil)) end))
print(pcall(function() return (string.reverse({})) end))
