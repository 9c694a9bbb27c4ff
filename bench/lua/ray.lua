-- Numeric with small objects: a 150 x 150 picture of spheres over a floor, traced with shadows and one mirror; vectors are
-- tables with metamethods.
local sqrt, floor = math.sqrt, math.floor
local V = {}
V.__index = V
local function vec(x, y, z) return setmetatable({x = x, y = y, z = z}, V) end
V.__add = function(a, b) return vec(a.x + b.x, a.y + b.y, a.z + b.z) end
V.__sub = function(a, b) return vec(a.x - b.x, a.y - b.y, a.z - b.z) end
V.__mul = function(a, k) return vec(a.x * k, a.y * k, a.z * k) end
function V:dot(b) return self.x * b.x + self.y * b.y + self.z * b.z end
function V:unit() return self * (1 / sqrt(self:dot(self))) end

local spheres = {}
for i = 1, 6 do
  spheres[i] = {centre = vec(i * 1.6 - 5.6, (i % 3) * 0.8, 6 + i % 2 * 2), radius = 0.9, shade = 0.3 + i * 0.1, mirror = i % 2 == 0}
end
local light = vec(-4, 8, -3)

-- The distance along a ray from o in direction d, a unit vector, to a sphere; nil if it misses.
local function hit(s, o, d)
  local to = s.centre - o
  local along = to:dot(d)
  local under = s.radius * s.radius - to:dot(to) + along * along
  if along <= 0 or under <= 0 then return nil end
  local t = along - sqrt(under)
  if t > 1e-6 then return t end
end
local function nearest(o, d)
  local best, what
  for i = 1, #spheres do
    local t = hit(spheres[i], o, d)
    if t and (not best or t < best) then
      best, what = t, spheres[i]
    end
  end
  return best, what
end
local function trace(o, d, depth)
  local t, s = nearest(o, d)
  local point, normal, shade
  if s then
    point = o + d * t
    normal = (point - s.centre) * (1 / s.radius)
    if s.mirror and depth < 2 then
      return 0.8 * trace(point, d - normal * (2 * d:dot(normal)), depth + 1)
    end
    shade = s.shade
  elseif d.y < -1e-3 then
    point = o + d * ((-1 - o.y) / d.y)
    normal = vec(0, 1, 0)
    shade = (floor(point.x) + floor(point.z)) % 2 == 0 and 0.9 or 0.4
  else
    return 0.2 + 0.3 * d.y
  end
  local toLight = (light - point):unit()
  local lit = normal:dot(toLight)
  if lit <= 0 or nearest(point, toLight) then lit = 0 end
  return shade * (0.15 + 0.85 * lit)
end
local size, sum = 150, 0
local eye = vec(0, 1, -4)
for row = 0, size - 1 do
  for column = 0, size - 1 do
    local d = vec((column - size / 2) / size, (size / 2 - row) / size, 0.9):unit()
    sum = sum + floor(255 * trace(eye, d, 0))
  end
end
print(sum)
