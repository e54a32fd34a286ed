-- breaker: say how a provider has done, and ask whether it may be called.
-- KEYS  1 all breakers: hash of provider -> state (msgpack)
-- ARGV  1 provider  2 calls that it answered  3 calls that it failed  4 what it said  5 '1' to ask for a probe
--       6 failures in a row that open  7 failures of a window that open when they are half of all calls
--       8 window, ms  9 first pause, ms  10 longest pause, ms  11 lease of a probe, ms
-- Return {1 when it may be called else 0, ms until it may be asked again}.
-- Atomic: over all processes one count, and one probe at a time. Server time.
-- State: row (failures in a row), good, bad (of the window), since (its beginning), open (since when it is, else 0),
-- ends (when it may be probed), pause, probe (when the lease of a probe ends, else 0), said, last (latest failure).
local function opened(state, now, pause)
  state.open, state.pause, state.ends, state.probe = now, pause, now + pause, 0
end

register('breaker', function(keys, args)
  local now, name = millis(), args[1]
  local good, bad = tonumber(args[2]), tonumber(args[3])
  local packed = redis.call('HGET', keys[1], name)
  local state = packed and cmsgpack.unpack(packed)
    or { row = 0, good = 0, bad = 0, since = now, open = 0, ends = 0, pause = 0, probe = 0, said = '', last = 0 }
  if now - state.since > tonumber(args[8]) then
    state.good, state.bad, state.since = 0, 0, now
  end
  if good > 0 then
    state.row, state.good = 0, state.good + good
    if state.open > 0 and state.probe > 0 then
      state.open, state.probe, state.bad, state.good, state.pause = 0, 0, 0, 0, 0
    end
  end
  if bad > 0 then
    state.row, state.bad, state.said, state.last = state.row + bad, state.bad + bad, args[4], now
    if state.open == 0 then
      if state.row >= tonumber(args[6]) or (state.bad >= tonumber(args[7]) and state.bad >= state.good) then
        opened(state, now, tonumber(args[9]))
      end
    elseif state.probe > 0 then
      local since = state.open
      opened(state, now, math.min(state.pause * 2, tonumber(args[10])))
      state.open = since
    end
  end
  local may, wait = 1, 0
  if state.open > 0 then
    wait = math.max(state.ends, state.probe) - now
    may = (args[5] == '1' and wait <= 0) and 1 or 0
    if may == 1 then
      state.probe, wait = now + tonumber(args[11]), 0
    end
  end
  if state.open == 0 and state.row == 0 and state.bad == 0 then
    redis.call('HDEL', keys[1], name)
  else
    redis.call('HSET', keys[1], name, cmsgpack.pack(state))
  end
  return { may, math.max(wait, 0) }
end)
