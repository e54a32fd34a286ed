-- claim: take due rows of one outbox.
-- KEYS  1 outbox  2 sending
-- ARGV  1 engine time, ms  2 lease, ms (server time)  3 at most so many  4 '<channel>|<klass>|'
-- Return the rows taken, earliest first.
-- Atomic: a row is in the outbox or in `sending`, and only one claimer gets it.
register('claim', function(keys, args)
  local due = redis.call('ZRANGEBYSCORE', keys[1], '-inf', args[1], 'LIMIT', 0, args[3])
  local ends = millis() + tonumber(args[2])
  for _, member in ipairs(due) do
    redis.call('ZREM', keys[1], member)
    redis.call('ZADD', keys[2], ends, args[4] .. member)
  end
  return due
end)

-- expired: take rows of `sending` whose lease ran out.
-- KEYS  1 sending
-- ARGV  1 new lease, ms (server time)  2 at most so many
-- Return the rows, each '<channel>|<klass>|<profile>|<message>'.
-- Atomic: each row goes to one caller, who has a lease of his own to deal with it.
register('expired', function(keys, args)
  local now = millis()
  local lost = redis.call('ZRANGEBYSCORE', keys[1], '-inf', now, 'LIMIT', 0, args[2])
  for _, member in ipairs(lost) do
    redis.call('ZADD', keys[1], now + tonumber(args[1]), member)
  end
  return lost
end)

-- extend: a message goes on to another provider.
-- KEYS  1 sending  2 message
-- ARGV  1 the row  2 lease, ms (server time)  3 the provider
-- Return 1, or 0 when the row is somebody else's by now, or gone.
-- Atomic: whoever finds the row past its lease knows the provider that may have the message.
register('extend', function(keys, args)
  local ends = redis.call('ZSCORE', keys[1], args[1])
  if not ends or tonumber(ends) < millis() then
    return 0
  end
  redis.call('ZADD', keys[1], millis() + tonumber(args[2]), args[1])
  redis.call('HSET', keys[2], 'provider', args[3])
  return 1
end)
