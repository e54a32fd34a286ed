-- Shared by all functions of the library. LIBRARY is put in front by the loader.

local function register(name, callback)
  redis.register_function(LIBRARY .. '_' .. name, callback)
end

-- Server time in microseconds and milliseconds. Leases and rates use it; decisions never do.
local function micros()
  local now = redis.call('TIME')
  return tonumber(now[1]) * 1000000 + tonumber(now[2])
end

local function millis()
  return math.floor(micros() / 1000)
end

-- Lua writes large numbers with an exponent unless it is told not to.
local function whole(number)
  return string.format('%.0f', number)
end
