-- heard: somebody reports what became of a message; one that ended as unknown is in doubt no more.
-- KEYS  1 message  2 doubtful
-- ARGV  1 message id  2 attempt id that the report names, '' for none  3 what is reported  4 '1' when it arrived
-- Return 1 when a doubt has ended.
-- Atomic: a report that comes before the doubt is remembered for it (see `commit`), one that comes after it ends it.
register('heard', function(keys, args)
  local attempt, outcome = unpack(redis.call('HMGET', keys[1], 'attempt', 'outcome'))
  if not attempt or (args[2] ~= '' and args[2] ~= attempt) then
    return 0
  end
  redis.call('HSET', keys[1], 'heard', attempt, 'report', args[3])
  if outcome ~= 'unknown' then
    return 0
  end
  redis.call('HSET', keys[1], 'outcome', args[3])
  if args[4] == '1' then
    redis.call('HSET', keys[1], 'reached', '1')
  end
  redis.call('ZREM', keys[2], args[1])
  return 1
end)
