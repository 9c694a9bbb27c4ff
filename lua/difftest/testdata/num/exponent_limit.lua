-- An exponent of 2^20 and more is none, whatever the value would be.
for _, s in ipairs { "1e1048575", "1e1048576", "1e-1048575", "1e-1048576", "0e1048576", "1e00000000000000000000002",
    "0x1p1048575", "0x1p1048576", "0x0p-1048576", "1e4294967297", "1e99999999999999999999" } do
  print(s, tonumber(s), pcall(function() return s + 0 end))
  local f, e = loadstring("return " .. s)
  print(f and f(), e)
end
for _, n in ipairs { 309, 65536, 655360, 1000000, 1048575, 1048576 } do
  print(n, tonumber("0." .. ("0"):rep(n - 1) .. "1e" .. n), tonumber("1" .. ("0"):rep(n) .. "e-" .. n))
end
