-- Shared by all functions of the library. LIBRARY is put in front by the loader.

local functions, instant = {}, nil

local function register(name, callback)
  functions[name] = callback
  redis.register_function(LIBRARY .. '_' .. name, function(keys, args)
    instant = nil
    return callback(keys, args)
  end)
end

-- many: call one function for many things, one after the other.
-- KEYS  those of the first call, then those of the second, ...
-- ARGV  1 the function  2 msgpack {keys of the first call, its arguments, keys of the second, ...}: how many
--       3.. the arguments in the same order
-- Return the answers in the same order.
-- Atomic: as each of the calls is; nobody else is served between them.
redis.register_function(LIBRARY .. '_many', function(keys, args)
  local call, sizes, answers = functions[args[1]], cmsgpack.unpack(args[2]), {}
  local key, arg = 0, 2
  instant = nil
  for i = 1, #sizes, 2 do
    answers[#answers + 1] = call({unpack(keys, key + 1, key + sizes[i])}, {unpack(args, arg + 1, arg + sizes[i + 1])})
    key, arg = key + sizes[i], arg + sizes[i + 1]
  end
  return answers
end)

-- Server time in microseconds and milliseconds, asked once in a call. Leases and rates use it; decisions never do.
local function micros()
  if not instant then
    local now = redis.call('TIME')
    instant = tonumber(now[1]) * 1000000 + tonumber(now[2])
  end
  return instant
end

local function millis()
  return math.floor(micros() / 1000)
end

-- Lua writes large numbers with an exponent unless it is told not to.
local function whole(number)
  return string.format('%.0f', number)
end
