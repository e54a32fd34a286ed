-- ask: everything of one customer that an answer needs, without touching it.
-- KEYS  1 profile  2 block  3 words  4 heed  5 inbox
-- Return {blob, the profile that it was merged into, what is blocked, what was said, events}: '' for what is not there,
-- the third and fourth as field, value, ...; events are those to be heeded that are still in the inbox, in order.
-- Atomic: one picture of the customer.
function functions.ask(keys)
  local profile = redis.call('HMGET', keys[1], 'b', 'm')
  local events = {}
  for _, id in ipairs(redis.call('LRANGE', keys[4], 0, -1)) do
    local entry = redis.call('XRANGE', keys[5], id, id)[1]
    if entry and entry[2][1] == 'e' then
      events[#events + 1] = entry[2][2]
    end
  end
  local blocks, words = redis.call('HGETALL', keys[2]), redis.call('HGETALL', keys[3])
  return {profile[1] or '', profile[2] or '', blocks, words, events}
end

redis.register_function {
  function_name = LIBRARY .. '_ask',
  flags = {'no-writes'},
  callback = functions.ask,
}

-- told: remember an answer that was given.
-- KEYS  1 profile  2 log  3 words  4 asked: the requests whose answers are kept, by their end (server ms)  5 timeline
-- ARGV  1 '1' when it is a customer's, '' when a stranger's  2 engine time, ms  3 plan  4 the customer's id
--       5 the decision's record  6 ms for which words and answers are kept  7 the request, or ''
--       8 the line for the timeline ('' for none)  9 what stands in it that only one of the last lines shall have
--       10 how many lines the timeline keeps  11.. what was said: action, words, ...
-- Return 1, or 0 when the customer has been erased or merged meanwhile: then nothing is kept.
-- Atomic: nothing is written of whom an erasure has just taken out.
local ALIKE = 20 -- lines of a timeline

register('told', function(keys, args)
  local known, mine = args[1] == '1', ''
  if known then
    if redis.call('HEXISTS', keys[1], 'b') == 0 or redis.call('HEXISTS', keys[1], 'm') == 1 then
      return 0
    end
    mine = args[4]
  end
  redis.call('XADD', keys[2], '*', 't', args[2], 'p', mine, 'f', args[3], 'i', '', 'r', '', 'd', args[5])
  if known and args[8] ~= '' then
    local before = false
    for _, line in ipairs(redis.call('LRANGE', keys[5], -ALIKE, -1)) do
      before = before or string.find(line, args[9], 1, true) ~= nil
    end
    if not before then
      redis.call('RPUSH', keys[5], args[8])
      redis.call('LTRIM', keys[5], -tonumber(args[10]), -1)
    end
  end
  if known and #args > 10 then
    redis.call('HSET', keys[3], unpack(args, 11))
    redis.call('PEXPIRE', keys[3], args[6])
  end
  if known and args[7] ~= '' then
    redis.call('ZREMRANGEBYSCORE', keys[4], '-inf', millis())
    redis.call('ZADD', keys[4], millis() + tonumber(args[6]), args[7])
    redis.call('PEXPIRE', keys[4], args[6])
  end
  return 1
end)

-- reserve: look for the answer to a request, and have it answered by one process only.
-- KEYS  1 request
-- ARGV  1 the mark of a request that is being answered  2 ms for which it counts
-- Return the answer, the mark when somebody else answers it at this moment, or '' when that is now up to who asks.
-- Where the store takes no more words it is up to whoever asks. Atomic: of two at the same instant one gets it.
redis.register_function {
  function_name = LIBRARY .. '_reserve',
  flags = {'allow-oom'},
  callback = function(keys, args)
    local told = redis.call('GET', keys[1])
    if told then
      return told
    end
    redis.pcall('SET', keys[1], args[1], 'PX', args[2])
    return ''
  end,
}

-- keep: remember the answer to a request; the first one stays.
-- KEYS  1 request
-- ARGV  1 the mark of a request that is being answered  2 the answer  3 ms for which it is kept
-- Return 1, or 0 when another answer is there. Atomic: a mark gives way to an answer, an answer to none.
register('keep', function(keys, args)
  local told = redis.call('GET', keys[1])
  if told and told ~= args[1] then
    return 0
  end
  redis.call('SET', keys[1], args[2], 'PX', args[3])
  return 1
end)
