-- parcel: what a shard has counted of actions since its last parcel was taken.
-- KEYS  1 tried  2 parcel
-- ARGV  1 the number of the last parcel that is part of a snapshot
-- Return the parcel's fields, '#' (its number) among them; nothing when nothing was counted.
-- Atomic: what is in a parcel is in no other. One that is no part of a snapshot yet is given again.
register('parcel', function(keys, args)
  local number = tonumber(redis.call('HGET', keys[2], '#') or '0')
  if number <= tonumber(args[1]) then
    if redis.call('EXISTS', keys[1]) == 0 then
      return {}
    end
    redis.call('RENAME', keys[1], keys[2])
    number = math.max(number, tonumber(args[1])) + 1
    redis.call('HSET', keys[2], '#', whole(number))
  end
  return redis.call('HGETALL', keys[2])
end)

-- learned: keep a snapshot if it follows the one that is kept.
-- KEYS  1 learned
-- ARGV  1 the number of the one before  2 its own  3 the snapshot
-- Return 1, or 0 when somebody else was faster.
-- Atomic: of two who make one at once, one begins anew, and no parcel counts twice.
register('learned', function(keys, args)
  if (redis.call('HGET', keys[1], 'n') or '0') ~= args[1] then
    return 0
  end
  redis.call('HSET', keys[1], 'n', args[2], 'b', args[3])
  return 1
end)
