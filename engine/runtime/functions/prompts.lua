-- What a store's tablets show. KEYS of each  1 the store's list: prompt ids by when they end (server ms)
-- 2 the store's events: a stream of what happened to prompts, without a word of what they say  3 the prompt: a hash
-- with its text, until, claim (who has taken it: by, claimed, claim_until) and state ('' | answered | withdrawn).
-- Atomic: all tills of a store agree on one order of things. Server time.
local TOLD = 86400000 -- ms for which the events are kept: a till that was away longer is told everything anew

local function tell(keys, kind, prompt, ...)
  local now = millis()
  redis.call('XADD', keys[2], 'MINID', '~', whole(now - TOLD), '*', 'kind', kind, 'prompt', prompt, ...)
  redis.call('PEXPIRE', keys[2], 2 * TOLD)
end

-- {how it stands, by whom, since, until (or the outcome)} for `who`; yours: it is theirs to speak about.
local function standing(keys, who)
  local until_, state, outcome, by, at, ends, reason =
    unpack(redis.call('HMGET', keys[3], 'until', 'state', 'outcome', 'by', 'claimed', 'claim_until', 'reason'))
  if not until_ or tonumber(until_) <= millis() then
    return { 'over' }
  end
  if state == 'withdrawn' then
    return { 'withdrawn', reason or '' }
  end
  if outcome then
    return { 'answered', by, at, outcome, state or '' }
  end
  if not by or tonumber(ends) <= millis() then
    return { 'free' }
  end
  return { by == who and 'yours' or 'taken', by, at, ends }
end

-- show: put a prompt on the tablets. The same again changes nothing but its end; what is answered stays so.
-- ARGV  1 prompt id  2 how long, ms  3... fields and values of the hash.  Return 1 when it is new.
register('show', function(keys, args)
  local until_ = whole(millis() + tonumber(args[2]))
  local state = redis.call('HGET', keys[3], 'state')
  if state and state ~= '' then
    return 0
  end
  local new = redis.call('EXISTS', keys[3]) == 0
  if new then
    redis.call('HSET', keys[3], unpack(args, 3))
  end
  redis.call('HSET', keys[3], 'until', until_)
  redis.call('PEXPIREAT', keys[3], until_)
  redis.call('ZREMRANGEBYSCORE', keys[1], '-inf', millis())
  redis.call('ZADD', keys[1], until_, args[1])
  redis.call('PEXPIREAT', keys[1], redis.call('ZRANGE', keys[1], -1, -1, 'WITHSCORES')[2])
  if new then
    tell(keys, 'shown', args[1])
  end
  return new and 1 or 0
end)

-- withdraw: show it no more, and forget what it said. ARGV  1 prompt id  2 why.  Return 1 when it was shown.
register('withdraw', function(keys, args)
  local until_, state = unpack(redis.call('HMGET', keys[3], 'until', 'state'))
  local listed = redis.call('ZREM', keys[1], args[1]) == 1
  if not until_ or state == 'answered' then
    redis.call('DEL', keys[3])
    return 0
  end
  if state ~= 'withdrawn' then
    redis.call('DEL', keys[3])
    redis.call('HSET', keys[3], 'until', until_, 'state', 'withdrawn', 'reason', args[2])
    redis.call('PEXPIREAT', keys[3], until_)
  end
  if listed then
    tell(keys, 'withdrawn', args[1], 'reason', args[2])
  end
  return listed and 1 or 0
end)

-- prompts: what a store shows. ARGV  1 how many at most.
-- Return {server ms, the last event's id ('' when there is none), how many there are, prompt ids by their end...}
register('prompts', function(keys, args)
  local now = whole(millis())
  local last = redis.call('XREVRANGE', keys[2], '+', '-', 'COUNT', 1)[1]
  local ids = redis.call('ZRANGEBYSCORE', keys[1], '(' .. now, '+inf', 'LIMIT', 0, tonumber(args[1]))
  local count = redis.call('ZCOUNT', keys[1], '(' .. now, '+inf')
  return { now, last and last[1] or '', count, unpack(ids) }
end)

-- take_prompt: one associate takes a prompt. ARGV  1 prompt id  2 who  3 for how long, ms.
-- Return how it stands afterwards: see `standing`.
register('take_prompt', function(keys, args)
  local found = standing(keys, args[2])
  if found[1] ~= 'free' then
    return found
  end
  local now = millis()
  local ends = whole(math.min(now + tonumber(args[3]), tonumber(redis.call('HGET', keys[3], 'until'))))
  redis.call('HSET', keys[3], 'by', args[2], 'claimed', whole(now), 'claim_until', ends)
  tell(keys, 'claimed', args[1], 'by', args[2], 'at', whole(now), 'until', ends)
  return { 'yours', args[2], whole(now), ends }
end)

-- leave_prompt: whoever has taken it lets go of it. ARGV  1 prompt id  2 who.  Return how it stood before.
register('leave_prompt', function(keys, args)
  local found = standing(keys, args[2])
  if found[1] == 'yours' then
    redis.call('HDEL', keys[3], 'by', 'claimed', 'claim_until')
    tell(keys, 'released', args[1], 'by', args[2])
  end
  return found
end)

-- answer_prompt: what became of it. In two steps, so that the customer's event is in before the tablets forget it: a
-- till that hears nothing says the same again. ARGV  1 prompt id  2 who  3 outcome  4 '1' when the event is in.
-- Return how it stands: 'yours' when this is (again) the answer.
register('answer_prompt', function(keys, args)
  local found = standing(keys, args[2])
  if found[1] == 'answered' and found[2] == args[2] and found[4] == args[3] then
    if args[4] == '1' and found[5] == '' then
      redis.call('HSET', keys[3], 'state', 'answered')
      redis.call('ZREM', keys[1], args[1])
      tell(keys, 'answered', args[1], 'by', args[2], 'at', found[3], 'outcome', args[3])
    end
    return { 'yours', found[2], found[3], found[4] }
  end
  if found[1] == 'free' or found[1] == 'yours' then
    local now = whole(millis())
    redis.call('HSET', keys[3], 'by', args[2], 'claimed', now, 'outcome', args[3])
    redis.call('HDEL', keys[3], 'claim_until')
    return { 'yours', args[2], now, args[3] }
  end
  return found
end)
