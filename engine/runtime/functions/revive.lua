-- revive: take one dead letter up again.
-- KEYS  1 dead  2 inbox  3 where a message goes (its outbox, or `sending`)
-- ARGV  1 the letter's id  2 the message's row ('' when the letter is an entry of the inbox)  3 score of the row
-- Return 1, or 0 when the letter is gone.
-- Atomic: the letter is in the dead letters or on its way, never both, never neither. So it goes once.
register('revive', function(keys, args)
  local letter = redis.call('XRANGE', keys[1], args[1], args[1])[1]
  if not letter then
    return 0
  end
  redis.call('XDEL', keys[1], args[1])
  if args[2] ~= '' then
    redis.call('ZADD', keys[3], args[3], args[2])
    return 1
  end
  for i = 1, #letter[2], 2 do
    local name = letter[2][i]
    if name == 'e' or name == 'o' or name == 'w' then
      redis.call('XADD', keys[2], '*', name, letter[2][i + 1])
    end
  end
  return 1
end)

-- fresh: how many letters were set aside since an instant, without their contents.
-- KEYS  1 dead
-- ARGV  1 since (server ms)  2 the most that are counted
-- Return the number.
-- Atomic: one picture of the stream.
function functions.fresh(keys, args)
  return #redis.call('XRANGE', keys[1], args[1], '+', 'COUNT', args[2])
end

redis.register_function {
  function_name = LIBRARY .. '_fresh',
  flags = {'no-writes'},
  callback = functions.fresh,
}
