-- gcra: take tokens of a rate limit, as many as there are.
-- KEYS  1 state of the limit (the instant, in us, at which the bucket is full again)
-- ARGV  1 tokens per second  2 burst  3 how many are wanted; negative gives unused ones back
-- Return {granted, ms after which the next token is there (0 when all were granted)}.
-- Atomic: over all workers never more than burst + rate x time. Server time.
register('gcra', function(keys, args)
  local now, interval = micros(), 1000000 / tonumber(args[1])
  local burst, wanted = tonumber(args[2]), tonumber(args[3])
  local full = math.max(tonumber(redis.call('GET', keys[1]) or '0'), now)
  local room = math.floor((burst * interval - (full - now)) / interval + 0.000001)
  local granted = math.min(wanted, math.max(room, 0))
  full = full + granted * interval
  if full <= now then
    redis.call('DEL', keys[1])
  else
    redis.call('SET', keys[1], whole(full), 'PX', math.ceil((full - now) / 1000) + 1000)
  end
  if granted >= wanted then
    return {granted, 0}
  end
  return {granted, math.max(1, math.ceil((full + interval - burst * interval - now) / 1000))}
end)
