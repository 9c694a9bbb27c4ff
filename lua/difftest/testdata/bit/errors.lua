-- Argument errors of bit functions.
for _, src in ipairs {"bit.band()", "bit.bor('x')", "bit.bxor(1, {})", "bit.bnot()", "bit.bnot(nil)", "bit.lshift(1)", "bit.rshift('a', 1)", "bit.rol({}, 1)", "bit.tohex()", "bit.tohex(1, 'x')", "bit.tobit({})", "bit.bswap()", "bit.band(1, nil)", "bit.arshift(1, true)"} do
  print(src, select(2, pcall(loadstring("return (" .. src .. ")", "=b"))))
end
print(require "bit" == bit, type(package.loaded.bit))
