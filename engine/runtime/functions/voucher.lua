-- voucher_add: put codes into a pool, each once for ever.
-- KEYS  1 codes  2 free  3 gone
-- ARGV  1.. codes
-- Return how many of them were new.
-- Atomic: a code that was ever in the pool, free or given, is not added again; nor is one that was given before the
-- state was lost (`gone`). After a loss codes are given from the end: of the next ones nobody knows whether they went.
register('voucher_add', function(keys, args)
  local new, lost = 0, redis.call('EXISTS', keys[3]) == 1
  for _, code in ipairs(args) do
    if redis.call('SADD', keys[1], code) == 1
      and not (lost and redis.call('SISMEMBER', keys[3], redis.sha1hex(code)) == 1) then
      redis.call(lost and 'LPUSH' or 'RPUSH', keys[2], code)
      new = new + 1
    end
  end
  return new
end)

-- voucher_claim: the code of one message, the same however often it is asked for.
-- KEYS  1 free  2 given  3 claimed  4 taken
-- ARGV  1 what the message is known by  2 row of `claimed`
-- Return the code, '' when none is left.
-- Atomic: a code is free or one message's.
register('voucher_claim', function(keys, args)
  local code = redis.call('HGET', keys[2], args[1])
  if not code then
    code = redis.call('LPOP', keys[1])
    if not code then
      return ''
    end
    redis.call('HSET', keys[2], args[1], code)
    redis.call('ZADD', keys[3], millis(), args[2])
    redis.call('RPUSH', keys[4], redis.sha1hex(code))
  end
  return code
end)

-- voucher_end: a message has come to its end, and its code is used up or free again.
-- KEYS  1 free  2 given  3 claimed
-- ARGV  1 what the message is known by  2 row of `claimed`  3 '1' when nobody can have seen the code
-- Return 1 when it had a code.
-- Atomic: it is used up or free again, never both.
register('voucher_end', function(keys, args)
  local code = redis.call('HGET', keys[2], args[1])
  redis.call('HDEL', keys[2], args[1])
  redis.call('ZREM', keys[3], args[2])
  if not code then
    return 0
  end
  if args[3] == '1' then
    redis.call('RPUSH', keys[1], code)
  end
  return 1
end)
