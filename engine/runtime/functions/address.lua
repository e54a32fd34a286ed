-- hear: remember what was said about an address, unless something newer is known.
-- KEYS  1 address
-- ARGV  1 purpose  2 state  3 when it was said, ms  4 id of the event that said it
-- Return 1 when it is remembered, 0 when it was out of date.
-- Atomic: the newest statement stays, in whatever order they come.
register('hear', function(keys, args)
  local heard = redis.call('HGET', keys[1], args[1])
  if heard then
    local at, by = string.match(heard, '^%a+|(%-?%d+)|(.*)$')
    if tonumber(at) > tonumber(args[3]) or (tonumber(at) == tonumber(args[3]) and by > args[4]) then
      return 0
    end
  end
  redis.call('HSET', keys[1], args[1], args[2] .. '|' .. args[3] .. '|' .. args[4])
  return 1
end)

-- take: one intent at one address, for one customer.
-- KEYS  1 intent
-- ARGV  1 profile  2 engine time, ms  3 how long it lasts, ms  4.. profiles that were merged into it
-- Return {the other profile that has it, or ''; 1 when it was not the customer's own before}.
-- Atomic: of two customers with one address, one gets it.
register('take', function(keys, args)
  local held = redis.call('GET', keys[1])
  local fresh = 1
  if held then
    local profile, at = string.match(held, '^(.*)|(%-?%d+)$')
    if tonumber(at) > tonumber(args[2]) - tonumber(args[3]) then
      local own = profile == args[1]
      for i = 4, #args do
        own = own or profile == args[i]
      end
      if not own then
        return {profile, 0}
      end
      fresh = 0
    end
  end
  redis.call('SET', keys[1], args[1] .. '|' .. args[2], 'PX', args[3])
  return {'', fresh}
end)

-- untake: give an intent back that was not used.
-- KEYS  1 intent
-- ARGV  1 profile
-- Return 1 when it was the customer's.
-- Atomic: what another has taken meanwhile stays his.
register('untake', function(keys, args)
  local held = redis.call('GET', keys[1])
  if held and string.match(held, '^(.*)|') == args[1] then
    return redis.call('DEL', keys[1])
  end
  return 0
end)
