-- lease: take a shard, or keep it.
-- KEYS  1 lease  2 fence
-- ARGV  1 owner  2 length, ms (server time)
-- Return the fencing number (> 0), or 0 while somebody else holds the shard.
-- Atomic: whoever takes a shard gets a number that nobody had before.
local function lease(keys, args)
  local owner, fence = unpack(redis.call('HMGET', keys[1], 'owner', 'fence'))
  if owner and owner ~= args[1] then
    return 0
  end
  if not owner then
    fence = redis.call('INCR', keys[2])
    redis.call('HSET', keys[1], 'owner', args[1], 'fence', fence)
  end
  redis.call('PEXPIRE', keys[1], args[2])
  return tonumber(fence)
end

register('lease', lease)

-- release: give a shard back and look once more.
-- KEYS  1 lease  2 inbox  3 timers  4 relay
-- ARGV  1 owner  2 engine time, ms
-- Return 1 when there is work left, 0 when not, -1 when the shard was not ours any more.
-- Atomic: what came before the release is seen here; whoever brings something after it calls somebody.
register('release', function(keys, args)
  if redis.call('HGET', keys[1], 'owner') ~= args[1] then
    return -1
  end
  redis.call('DEL', keys[1])
  if redis.call('XLEN', keys[2]) > 0 or redis.call('XLEN', keys[4]) > 0 then
    return 1
  end
  return redis.call('ZCOUNT', keys[3], '-inf', args[2]) > 0 and 1 or 0
end)
