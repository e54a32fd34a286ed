-- append: take an event in, once.
-- KEYS  1 inbox  2 seen  3 bell  4 block of the profile
-- ARGV  1 event id  2 entry  3 how long the bell keeps quiet, ms  4.. what the event withdraws ('channel/purpose')
-- Return {entry id, 1 when the caller has to ring else 0}; {'', 0} when the event was here before.
-- Atomic: the id is remembered, the entry appended and the block set together. An unsubscribe that was
-- acknowledged therefore stops what has not left yet, however long the inbox is.
register('append', function(keys, args)
  if redis.call('ZADD', keys[2], 'NX', millis(), args[1]) == 0 then
    return {'', 0}
  end
  local id = redis.call('XADD', keys[1], '*', 'e', args[2])
  for i = 4, #args do
    redis.call('HSET', keys[4], args[i], args[1])
  end
  local rung = redis.call('SET', keys[3], '1', 'NX', 'PX', args[3])
  return {id, rung and 1 or 0}
end)
