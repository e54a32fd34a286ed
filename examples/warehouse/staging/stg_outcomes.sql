-- What came of decisions, with UTC timestamps.
SELECT customer, kind, journey, version, step, key, id, message, channel, rule, reason, file,
       make_timestamp(decided * 1000) AS decided_at, segment, shard, logged, n, place
FROM {{ source('archive', 'outcomes') }} AS outcomes JOIN {{ ref('stg_customers') }} USING (profile)
