-- swap: write a field of a hash if it is still what the caller read.
-- KEYS  1 hash
-- ARGV  1 field  2 what was read ('' for nothing)  3 what is to stand there
-- Return 1, or 0 when somebody else was faster.
-- Atomic: of two operators who act at once, one sees what the other did.
register('swap', function(keys, args)
  if (redis.call('HGET', keys[1], args[1]) or '') ~= args[2] then
    return 0
  end
  redis.call('HSET', keys[1], args[1], args[3])
  return 1
end)

-- switch: replace a value if it is still what the caller read.
-- KEYS  1 value
-- ARGV  1 what was read ('' for nothing)  2 what is to stand there
-- Return 1, or 0 when somebody else was faster.
-- Atomic: of two deploys at once, one is refused.
register('switch', function(keys, args)
  if (redis.call('GET', keys[1]) or '') ~= args[1] then
    return 0
  end
  redis.call('SET', keys[1], args[2])
  return 1
end)
