-- append: take an event or an order in, once.
-- KEYS  1 inbox  2 seen  3 block of the profile  4 profile  5 heed: where answers find it before it is processed, if
--       they are to know of it at once
-- ARGV  1 event id  2 entry  3 'e' event or 'o' order  4 '1' when it is for this profile even if that was merged
--       5.. what it withdraws ('channel/purpose')
-- Return {entry id, ''}; {'', ''} when it was here before; {'', profile} when the profile was merged into that
--        one, without having written anything.
-- Atomic: the id is remembered, the entry appended and the block set together. An unsubscribe that was
-- acknowledged therefore stops what has not left yet, however long the inbox is.
local HEEDED, HEED_FOR = 20, 3600000 -- entries of one customer; ms

register('append', function(keys, args)
  local home = args[4] ~= '1' and redis.call('HGET', keys[4], 'm')
  if home then
    return {'', redis.call('ZSCORE', keys[2], args[1]) and '' or home}
  end
  if redis.call('ZADD', keys[2], 'NX', millis(), args[1]) == 0 then
    return {'', ''}
  end
  local id = redis.call('XADD', keys[1], '*', args[3], args[2])
  if keys[5] then
    redis.call('RPUSH', keys[5], id)
    redis.call('LTRIM', keys[5], -HEEDED, -1)
    redis.call('PEXPIRE', keys[5], HEED_FOR)
  end
  for i = 5, #args do
    redis.call('HSET', keys[3], args[i], args[1])
  end
  return {id, ''}
end)
