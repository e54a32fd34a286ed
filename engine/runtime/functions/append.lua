-- append: take an event or an order in, once.
-- KEYS  1 inbox  2 seen  3 bell  4 block of the profile  5 profile
-- ARGV  1 event id  2 entry  3 how long the bell keeps quiet, ms  4 'e' event or 'o' order
--       5 '1' when it is for this profile even if that was merged  6.. what it withdraws ('channel/purpose')
-- Return {entry id, 1 when the caller has to ring else 0, ''}; {'', 0, ''} when it was here before;
--        {'', 0, profile} when the profile was merged into that one, without having written anything.
-- Atomic: the id is remembered, the entry appended and the block set together. An unsubscribe that was
-- acknowledged therefore stops what has not left yet, however long the inbox is.
register('append', function(keys, args)
  if redis.call('ZSCORE', keys[2], args[1]) then
    return {'', 0, ''}
  end
  local home = args[5] ~= '1' and redis.call('HGET', keys[5], 'm')
  if home then
    return {'', 0, home}
  end
  redis.call('ZADD', keys[2], millis(), args[1])
  local id = redis.call('XADD', keys[1], '*', args[4], args[2])
  for i = 6, #args do
    redis.call('HSET', keys[4], args[i], args[1])
  end
  local rung = redis.call('SET', keys[3], '1', 'NX', 'PX', args[3])
  return {id, rung and 1 or 0, ''}
end)
