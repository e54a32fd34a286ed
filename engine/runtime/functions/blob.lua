-- blob: what a profile's hash holds.
-- KEYS  1 profile
-- Return the blob, nothing when there is no such profile.
register('blob', function(keys)
  return redis.call('HGET', keys[1], 'b')
end)
