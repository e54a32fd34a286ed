-- wake: move due timers into the inbox.
-- KEYS  1 timers  2 inbox
-- ARGV  1 engine time, ms  2 at most so many
-- Return how many were moved, by due time, then profile id.
-- Atomic: a timer is in the set or in the stream, never in both, never in neither. An event that is
-- already in the stream goes before it.
register('wake', function(keys, args)
  local due = redis.call('ZRANGEBYSCORE', keys[1], '-inf', args[1], 'LIMIT', 0, args[2])
  for _, profile in ipairs(due) do
    redis.call('ZREM', keys[1], profile)
    redis.call('XADD', keys[2], '*', 'w', profile)
  end
  return #due
end)
