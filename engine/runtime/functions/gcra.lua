-- gcra: take tokens of a rate limit, as many as there are and more urgent classes leave.
-- KEYS  1 the limit: hash {full: the instant, in us, at which the bucket is full again;
--         b0, b1: how many messages of a class wait for tokens; u0, u1: until when (us) that is believed}
-- ARGV  1 tokens per second  2 burst  3 how many are wanted; negative gives unused ones back
--       4 class: 0 is the most urgent, 2 the least
-- Return {granted, ms after which the next token is there (0 when all were granted), 1 when more urgent ones
-- wait for the tokens that there are}.
-- Atomic: over all workers never more than burst + rate x time. A class gets what the backlog of the more urgent
-- ones leaves, and a tenth of the burst per class stays for them. Server time.
local BELIEVED = 1000000 -- us; the ticker counts twice a second

local function backlog(keys, class, now)
  local until_, count = unpack(redis.call('HMGET', keys[1], 'u' .. class, 'b' .. class))
  return until_ and tonumber(until_) > now and tonumber(count) or 0
end

local function believe(keys, class, count, now)
  redis.call('HSET', keys[1], 'b' .. class, whole(count), 'u' .. class, whole(now + BELIEVED))
end

register('gcra', function(keys, args)
  local now, interval = micros(), 1000000 / tonumber(args[1])
  local burst, wanted, class = tonumber(args[2]), tonumber(args[3]), tonumber(args[4])
  local full = math.max(tonumber(redis.call('HGET', keys[1], 'full') or '0'), now)
  local kept, urgent = math.floor(burst * class / 10), 0
  for other = 0, class - 1 do
    urgent = urgent + backlog(keys, other, now)
  end
  local room = math.floor((burst * interval - (full - now)) / interval + 0.000001)
  local granted = math.min(wanted, math.max(room - kept - urgent, 0))
  full = full + granted * interval
  redis.call('HSET', keys[1], 'full', whole(full))
  if class < 2 and wanted > 0 then
    believe(keys, class, math.max(backlog(keys, class, now) - granted, wanted - granted), now)
  end
  redis.call('PEXPIRE', keys[1], math.ceil(math.max(full - now, 0) / 1000) + 2000)
  if granted >= wanted then
    return { granted, 0, 0 }
  end
  local wait = math.ceil((full + (1 + kept) * interval - burst * interval - now) / 1000)
  return { granted, math.max(1, wait), urgent > 0 and 1 or 0 }
end)

-- backlog: say how many messages of the more urgent classes wait, as the ticker has counted them.
-- KEYS  1 the limit
-- ARGV  1 of class 0  2 of class 1
-- Atomic: one picture of both.
register('backlog', function(keys, args)
  local now = micros()
  believe(keys, 0, tonumber(args[1]), now)
  believe(keys, 1, tonumber(args[2]), now)
  if redis.call('PTTL', keys[1]) < 2000 then
    redis.call('PEXPIRE', keys[1], 2000)
  end
end)
