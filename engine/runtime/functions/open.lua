-- open: take a shard, move due timers into its inbox, and read what comes next there.
-- KEYS  1 lease  2 fence  3 inbox  4 timers  5 relay
-- ARGV  1 owner  2 length of the lease, ms (server time)  3 engine time, ms  4 at most so many entries
-- Return {fencing number, parcels in the relay, 1 when a dead owner left entries unfinished, else 0, entries}.
--        0 for the number while somebody else holds the shard. Nothing is read before what was left is finished.
-- Atomic: a timer is in the set or in the stream, never in both, never in neither. Those that are due follow, by
-- due time, then profile id, the events that are in the stream already.
register('open', function(keys, args)
  local fence = lease(keys, args)
  if fence == 0 then
    return {0, 0, 0, {}}
  end
  local parcels = redis.call('XLEN', keys[5])
  if redis.call('XPENDING', keys[3], 'g')[1] > 0 then
    return {fence, parcels, 1, {}}
  end
  for _, profile in ipairs(redis.call('ZRANGEBYSCORE', keys[4], '-inf', args[3], 'LIMIT', 0, args[4])) do
    redis.call('ZREM', keys[4], profile)
    redis.call('XADD', keys[3], '*', 'w', profile)
  end
  local read = redis.call('XREADGROUP', 'GROUP', 'g', 'only', 'COUNT', args[4], 'STREAMS', keys[3], '>')
  return {fence, parcels, 0, read and read[1][2] or {}}
end)
