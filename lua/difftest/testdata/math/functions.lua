-- Transcendental functions at exact points and to ten digits.
local function p(x) return ("%.10g"):format(x) end
print(p(math.sin(1)), p(math.cos(1)), p(math.tan(1)), p(math.asin(0.5)), p(math.acos(0.5)), p(math.atan(1)), p(math.atan2(1, 2)))
print(p(math.sinh(1)), p(math.cosh(1)), p(math.tanh(1)), p(math.exp(1)), p(math.log(10)), p(math.log10(1000)), p(math.sqrt(2)))
print(math.sin(0), math.cos(0), math.exp(0), math.log(1), math.sqrt(16), math.pow(2, 10), math.log10(100),
  math.atan2(0, -1) == math.pi, math.atan2(-1, 0) == -math.pi / 2)
print(math.deg(math.pi), math.rad(180) == math.pi, math.ldexp(0.5, 3), math.ldexp(1, -1), math.ldexp(1, 1100), math.frexp(8),
  math.frexp(0), math.frexp(-0.75))
print(math.log(0), math.sqrt(0), math.log(math.huge), math.exp(-math.huge), math.exp(1000), math.pi, math.huge, -math.huge)
print(math.log(8, 2), math.log(100, 10), math.log(27, 3) == 3 or p(math.log(27, 3)), p(math.log(2, 4)))
local nan = math.sqrt(-1)
print(nan ~= nan, math.log(-1) ~= math.log(-1), math.acos(2) ~= math.acos(2), math.fmod(1, 0) ~= math.fmod(1, 0))
