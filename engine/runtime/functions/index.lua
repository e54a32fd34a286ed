-- relink: have an identifier lead to another profile, if it leads where we think.
-- KEYS  1 entry of the index of identities
-- ARGV  1 the profile it shall lead to ('' = to nobody)  2.. those that it may lead to now
-- Return 1 when it was changed.
-- Atomic: somebody who has taken the identifier over meanwhile keeps it.
register('relink', function(keys, args)
  local now = redis.call('GET', keys[1])
  for i = 2, #args do
    if now == args[i] then
      if args[1] == '' then
        redis.call('DEL', keys[1])
      else
        redis.call('SET', keys[1], args[1])
      end
      return 1
    end
  end
  return 0
end)
