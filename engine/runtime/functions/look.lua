-- look: what a shard has to do, without touching it.
-- KEYS  1 inbox  2 timers  3 sending  4 lease  5 relay  6.. outboxes
-- Return {entries, first timer, rows in sending, end of the first lease there, 1 when the shard is leased,
--         parcels, first row of each outbox}: instants in ms, '' where there is none.
-- Atomic: one picture of the whole shard.
local function first(key)
  return redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')[2] or ''
end

function functions.look(keys)
  local sending = redis.call('ZCARD', keys[3])
  local seen = {
    redis.call('XLEN', keys[1]),
    first(keys[2]),
    sending,
    sending > 0 and first(keys[3]) or '',
    redis.call('EXISTS', keys[4]),
    redis.call('XLEN', keys[5]),
  }
  local any = #keys > 5 and redis.call('EXISTS', unpack(keys, 6)) > 0 -- most shards have nothing to send
  for i = 6, #keys do
    seen[i + 1] = any and first(keys[i]) or ''
  end
  return seen
end

redis.register_function {
  function_name = LIBRARY .. '_look',
  flags = {'no-writes'},
  callback = functions.look,
}
