-- Numeric, table fields: the Sun and four planets pull at each other, 40,000 steps of a symplectic Euler integration.
local sqrt, pi = math.sqrt, math.pi
local solar, year = 4 * pi * pi, 365.24
local function body(x, y, z, vx, vy, vz, mass)
  return {x = x, y = y, z = z, vx = vx * year, vy = vy * year, vz = vz * year, mass = mass * solar}
end
local bodies = {
  body(0, 0, 0, 0, 0, 0, 1),
  body(4.84143144246472090, -1.16032004402742839, -0.103622044471123109,
    0.00166007664274403694, 0.00769901118419740425, -0.0000690460016972063023, 0.000954791938424326609),
  body(8.34336671824457987, 4.12479856412430479, -0.403523417114321381,
    -0.00276742510726411124, 0.00499852801234917238, 0.0000230417297573763929, 0.000285885980666130812),
  body(12.8943695621391310, -15.1111514016986312, -0.223307578892655734,
    0.00296460137564761618, 0.00237847173959480950, -0.0000296589568540237556, 0.0000436624404335156298),
  body(15.3796971148509165, -25.9193146099879641, 0.179258772950371181,
    0.00268067772490389322, 0.00162824170038242295, -0.0000951592254519715870, 0.0000515138902046611451),
}
local function step(dt)
  local n = #bodies
  for i = 1, n do
    local a = bodies[i]
    for j = i + 1, n do
      local b = bodies[j]
      local dx, dy, dz = a.x - b.x, a.y - b.y, a.z - b.z
      local d2 = dx * dx + dy * dy + dz * dz
      local pull = dt / (d2 * sqrt(d2))
      local toB, toA = b.mass * pull, a.mass * pull
      a.vx = a.vx - dx * toB
      a.vy = a.vy - dy * toB
      a.vz = a.vz - dz * toB
      b.vx = b.vx + dx * toA
      b.vy = b.vy + dy * toA
      b.vz = b.vz + dz * toA
    end
  end
  for i = 1, n do
    local a = bodies[i]
    a.x = a.x + dt * a.vx
    a.y = a.y + dt * a.vy
    a.z = a.z + dt * a.vz
  end
end
local function energy()
  local e = 0
  for i, a in ipairs(bodies) do
    e = e + a.mass * (a.vx * a.vx + a.vy * a.vy + a.vz * a.vz) / 2
    for j = i + 1, #bodies do
      local b = bodies[j]
      local dx, dy, dz = a.x - b.x, a.y - b.y, a.z - b.z
      e = e - a.mass * b.mass / sqrt(dx * dx + dy * dy + dz * dz)
    end
  end
  return e
end
local px, py, pz = 0, 0, 0
for _, a in ipairs(bodies) do
  px, py, pz = px + a.vx * a.mass, py + a.vy * a.mass, pz + a.vz * a.mass
end
local sun = bodies[1]
sun.vx, sun.vy, sun.vz = -px / solar, -py / solar, -pz / solar
local before = energy()
for _ = 1, 40000 do
  step(0.01)
end
print(string.format("%.8f %.8f", before, energy()))
