-- stock_put: put fields over items of the catalogue, or take them away.
-- KEYS  1 items (hash: 'kind|key' -> msgpack)  2 changed (sorted set: 'kind|key' by its version)
-- ARGV  1 the most items there may be  2.. 'kind|key', fields ('' takes them away), and so on
-- Return the version, which is greater than all before it: server milliseconds, or one more than the last.
--        -1 when there would be too many items; nothing is done then.
-- Atomic: all of it or nothing, and whoever has read up to a version has missed nothing before it.
register('stock_put', function(keys, args)
  local more = 0
  for i = 2, #args, 2 do
    if args[i + 1] ~= '' and redis.call('HEXISTS', keys[1], args[i]) == 0 then
      more = more + 1
    end
  end
  if more > 0 and redis.call('HLEN', keys[1]) + more > tonumber(args[1]) then
    return -1
  end
  local last = redis.call('ZRANGE', keys[2], -1, -1, 'WITHSCORES')
  local version = math.max(millis(), (tonumber(last[2]) or 0) + 1)
  for i = 2, #args, 2 do
    if args[i + 1] == '' then
      redis.call('HDEL', keys[1], args[i])
    else
      redis.call('HSET', keys[1], args[i], args[i + 1])
    end
    redis.call('ZADD', keys[2], whole(version), args[i])
  end
  return version
end)

-- stock_forget: forget what was taken away before a version; whoever reads less often than that reads all anew.
-- KEYS  1 items  2 changed
-- ARGV  1 the version  2 how many to look at
-- Return how many were forgotten.
-- Atomic: what is put again at the same moment stays.
register('stock_forget', function(keys, args)
  local old = redis.call('ZRANGEBYSCORE', keys[2], '-inf', '(' .. args[1], 'LIMIT', 0, tonumber(args[2]))
  local gone = 0
  for _, item in ipairs(old) do
    if redis.call('HEXISTS', keys[1], item) == 0 then
      gone = gone + redis.call('ZREM', keys[2], item)
    end
  end
  return gone
end)

-- stock_news: keep what numbers of items are now, and begin to tell what has changed.
-- KEYS  1 news (hash: `seen` = up to where changes were looked at, `job` = what is being told)
--       2 told (hash: 'kind|key' -> msgpack of the numbers)
-- ARGV  1 what `seen` was ('' for nothing)  2 what it is now  3 the job ('' for none)  4.. 'kind|key', numbers ('' for
--       none any more), and so on
-- Return 1, or 0 when somebody else was faster, or something is being told; nothing is done then.
-- Atomic: no change is told twice, and none is known to be told that is in no job.
register('stock_news', function(keys, args)
  if (redis.call('HGET', keys[1], 'seen') or '') ~= args[1] or (redis.call('HGET', keys[1], 'job') or '') ~= '' then
    return 0
  end
  for i = 4, #args, 2 do
    if args[i + 1] == '' then
      redis.call('HDEL', keys[2], args[i])
    else
      redis.call('HSET', keys[2], args[i], args[i + 1])
    end
  end
  redis.call('HSET', keys[1], 'seen', args[2])
  redis.call('HSET', keys[1], 'job', args[3])
  return 1
end)
