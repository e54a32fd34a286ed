-- commit: check, then write everything that one decision about one profile has brought about.
-- KEYS  1 lease  2 inbox  3 profile  4 timers  5 sending  6 log  7 block  8 message  9 dead  10 timeline
--       11 relay  12 seen  13 copies  14.. outboxes, and keys that are erased
-- ARGV  1 what is asked (msgpack)  2 profile blob  3 inputs for the log  4 records for the log  5 rendered copy
--       6 steps that were come to, for the log  7 what was stopped, for the log  8.. parcels, then lines for the timeline
-- Asked:
--   fence     the fencing number that must still hold (absent: no lease is needed)
--   entries   inbox entries that this commit consumes; each must still be pending
--   expect    the version that the profile must have (absent: the profile is not written)
--   refuse    fields of the block hash, any of which forbids this commit
--   stops     {place in KEYS, field, ...}: what forbids this commit while it stands there
--   timer     when time next changes something (absent: never)
--   rows      {outbox's place in KEYS, score, member} to add
--   claim     {member, ms}: a row of `sending` with a lease from now (server time)
--   drop      rows of `sending` to remove
--   lift      {field, event id}: blocks to lift unless a later event renewed them
--   message   {field, value, ...} for the hash of the message `about`; keep = how long, ms; copy = whether ARGV 5
--             goes there
--   dead      {field, value, ...}: add a dead letter; the first of `entries`, if any, is copied into it
--   counts    {the counts' place in KEYS, {field, how many more}, ...}
--   tried     {the place in KEYS of what was learned of actions, {field, how many more}, ...}
--   flows     {the place in KEYS of what is counted of journeys, {field, how many more}, ...}
--   relay     how many parcels for other shards there are; carry = the place of the one that takes the blocks along
--   moved     where the profile lives from now on, '' = here again
--   seen      event ids that came with a profile that was merged into this one
--   hold      {field, event id}: blocks that came with it
--   erase     nothing of the profile stays: {keys = places in KEYS, rows = {place, member}, seen = event ids,
--             stone = {place of the set, server ms, what stands for it there}};
--             its blob is not written then
--   who       what the log has instead of the profile
--   people    the place in KEYS of the set of all profiles of the shard: it is new there, or goes
--   doubt     the place in KEYS of the list of messages that may have arrived, or arrived twice; member: `about`
--   told      how many lines the timeline keeps
--   at, profile, plan: for the log
-- Return 'ok', or without having written anything: 'fenced' (the shard has another owner), 'again' (an entry
-- was consumed before), 'stale' (the profile has changed), 'stopped', or 'blocked' and the field.
-- Atomic: all or nothing.
local function consumed(inbox, entries)
  for _, entry in ipairs(entries or {}) do
    if #redis.call('XPENDING', inbox, 'g', entry, entry, 1) == 0 then
      return true
    end
  end
end

-- The first of the fields from `first` on that a hash has.
local function any(hash, fields, first)
  for place, value in ipairs(redis.call('HMGET', hash, unpack(fields, first))) do
    if value then
      return fields[first + place - 1]
    end
  end
end

-- A single entry is asked last, by the acknowledgement itself, which could not be taken back.
local function refusal(keys, ask)
  local single = ask.entries and #ask.entries == 1
  if ask.fence and redis.call('HGET', keys[1], 'fence') ~= ask.fence then
    return 'fenced'
  end
  if not single and consumed(keys[2], ask.entries) then
    return 'again'
  end
  if ask.expect and tonumber(redis.call('HGET', keys[3], 'v') or '0') ~= ask.expect then
    return consumed(keys[2], ask.entries) and 'again' or 'stale'
  end
  if ask.stops and any(keys[ask.stops[1]], ask.stops, 2) then
    return 'stopped'
  end
  local block = ask.refuse and any(keys[7], ask.refuse, 1)
  if block then
    return 'blocked ' .. block
  end
  if single and redis.call('XACK', keys[2], 'g', ask.entries[1]) == 0 then
    return 'again'
  end
end

local function consume(keys, ask)
  if ask.dead then
    local first = ask.entries and ask.entries[1]
    local entry = first and redis.call('XRANGE', keys[2], first, first)[1]
    local letter = entry and entry[2] or {}
    for _, word in ipairs(ask.dead) do
      letter[#letter + 1] = word
    end
    redis.call('XADD', keys[9], '*', unpack(letter))
  end
  if ask.entries then
    if #ask.entries > 1 then
      redis.call('XACK', keys[2], 'g', unpack(ask.entries))
    end
    redis.call('XDEL', keys[2], unpack(ask.entries))
  end
  for _, lift in ipairs(ask.lift or {}) do
    if redis.call('HGET', keys[7], lift[1]) == lift[2] then
      redis.call('HDEL', keys[7], lift[1])
    end
  end
end

local function count(keys, counts)
  for i = 2, #counts do
    local field, more = counts[i][1], counts[i][2]
    if redis.call('HINCRBY', keys[counts[1]], field, more) <= 0 then
      redis.call('HDEL', keys[counts[1]], field)
    end
  end
end

-- A showing that is taken back may be below nothing here: the showing itself has gone with a parcel.
local function try(keys, tried)
  for i = 2, #tried do
    if redis.call('HINCRBY', keys[tried[1]], tried[i][1], tried[i][2]) == 0 then
      redis.call('HDEL', keys[tried[1]], tried[i][1])
    end
  end
end

local function tally(keys, flows)
  for i = 2, #flows do
    redis.call('HINCRBY', keys[flows[1]], flows[i][1], flows[i][2])
  end
end

local function relay(keys, args, ask)
  for place = 1, ask.relay or 0 do
    local parcel = args[7 + place]
    if place == ask.carry then
      local blocks = cmsgpack.pack(redis.call('HGETALL', keys[7]))
      redis.call('XADD', keys[11], '*', 'x', parcel, 'b', blocks)
    else
      redis.call('XADD', keys[11], '*', 'x', parcel)
    end
  end
  if ask.moved == '' then
    redis.call('HDEL', keys[3], 'm')
  elseif ask.moved then
    redis.call('HSET', keys[3], 'm', ask.moved)
    redis.call('DEL', keys[7])
  end
  for _, event in ipairs(ask.seen or {}) do
    redis.call('ZADD', keys[12], 'NX', millis(), event)
  end
  for _, hold in ipairs(ask.hold or {}) do
    redis.call('HSETNX', keys[7], hold[1], hold[2])
  end
end

-- Whether somebody has reported what became of an attempt that nobody here could be sure of.
local function settled(message)
  local outcome, attempt, heard = unpack(redis.call('HMGET', message, 'outcome', 'attempt', 'heard'))
  return outcome == 'unknown' and heard and heard == attempt
end

local function without(stream, field, profile)
  for _, entry in ipairs(redis.call('XRANGE', stream, '-', '+')) do
    for i = 1, #entry[2], 2 do
      if entry[2][i] == field and entry[2][i + 1] == profile then
        redis.call('XDEL', stream, entry[1])
      end
    end
  end
end

local function erase(keys, ask)
  redis.call('DEL', keys[3], keys[7], keys[10], keys[13])
  redis.call('ZREM', keys[4], ask.profile)
  for _, place in ipairs(ask.erase.keys) do
    redis.call('DEL', keys[place])
  end
  for _, row in ipairs(ask.erase.rows) do
    redis.call('ZREM', keys[row[1]], row[2])
  end
  for _, event in ipairs(ask.erase.seen) do
    redis.call('ZREM', keys[12], event)
  end
  local stone = ask.erase.stone
  redis.call('ZADD', keys[stone[1]], 'GT', stone[2], stone[3])
  without(keys[6], 'p', ask.profile)
  without(keys[9], 'profile', ask.profile)
end

register('commit', function(keys, args)
  local ask = cmsgpack.unpack(args[1])
  local no = refusal(keys, ask)
  if no then
    return no
  end
  consume(keys, ask)
  if ask.erase then
    erase(keys, ask)
  elseif ask.expect then
    redis.call('HSET', keys[3], 'v', ask.expect + 1, 'b', args[2])
    if ask.timer then
      redis.call('ZADD', keys[4], ask.timer, ask.profile)
    else
      redis.call('ZREM', keys[4], ask.profile)
    end
  end
  if ask.people then
    if ask.erase or (ask.moved and ask.moved ~= '') then
      redis.call('ZREM', keys[ask.people], ask.profile)
    else
      redis.call('ZADD', keys[ask.people], 0, ask.profile)
    end
  end
  if ask.counts then
    count(keys, ask.counts)
  end
  if ask.tried then
    try(keys, ask.tried)
  end
  if ask.flows then
    tally(keys, ask.flows)
  end
  relay(keys, args, ask)
  for _, row in ipairs(ask.rows or {}) do
    redis.call('ZADD', keys[row[1]], row[2], row[3])
  end
  if ask.drop and #ask.drop > 0 then
    redis.call('ZREM', keys[5], unpack(ask.drop))
  end
  if ask.claim then
    redis.call('ZADD', keys[5], millis() + ask.claim[2], ask.claim[1])
  end
  if ask.message then
    if ask.copy then
      ask.message[#ask.message + 1] = 'copy'
      ask.message[#ask.message + 1] = args[5]
      redis.call('ZREMRANGEBYSCORE', keys[13], '-inf', millis())
      redis.call('ZADD', keys[13], millis() + ask.keep, ask.about)
      redis.call('PEXPIRE', keys[13], ask.keep)
    end
    -- all at once: a hash that grew before a long value came would be made anew for it
    local new = redis.call('HSET', keys[8], unpack(ask.message))
    if ask.copy or new * 2 == #ask.message then
      redis.call('PEXPIRE', keys[8], ask.keep)
    end
  end
  if ask.doubt and not settled(keys[8]) then
    redis.call('ZADD', keys[ask.doubt], millis(), ask.about)
  end
  local first = 8 + (ask.relay or 0)
  if args[first] then
    if redis.call('RPUSH', keys[10], unpack(args, first)) > ask.told then
      redis.call('LTRIM', keys[10], -ask.told, -1)
    end
  end
  if args[3] ~= '' or args[4] ~= '' then
    local line = {'t', whole(ask.at), 'p', ask.who or ask.profile, 'f', ask.plan, 'i', args[3], 'r', args[4]}
    if args[6] ~= '' then
      line[11], line[12] = 's', args[6]
    end
    if args[7] ~= '' then
      line[#line + 1], line[#line + 2] = 'g', args[7]
    end
    redis.call('XADD', keys[6], '*', unpack(line))
  end
  return 'ok'
end)
