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
-- KEYS  1 profile  2 log  3 words  4 asked: the requests whose answers are kept, by their end (server ms)
-- ARGV  1 '1' when it is a customer's, '' when a stranger's  2 engine time, ms  3 plan  4 the customer's id
--       5 the decision's record  6 ms for which words and answers are kept  7 the request, or ''
--       8.. what was said: action, words, ...
-- Return 1, or 0 when the customer has been erased or merged meanwhile: then nothing is kept.
-- Atomic: nothing is written of whom an erasure has just taken out.
register('told', function(keys, args)
  local known, mine = args[1] == '1', ''
  if known then
    if redis.call('HEXISTS', keys[1], 'b') == 0 or redis.call('HEXISTS', keys[1], 'm') == 1 then
      return 0
    end
    mine = args[4]
  end
  redis.call('XADD', keys[2], '*', 't', args[2], 'p', mine, 'f', args[3], 'i', '', 'r', '', 'd', args[5])
  if known and #args > 7 then
    redis.call('HSET', keys[3], unpack(args, 8))
    redis.call('PEXPIRE', keys[3], args[6])
  end
  if known and args[7] ~= '' then
    redis.call('ZREMRANGEBYSCORE', keys[4], '-inf', millis())
    redis.call('ZADD', keys[4], millis() + tonumber(args[6]), args[7])
    redis.call('PEXPIRE', keys[4], args[6])
  end
  return 1
end)
