-- Events that had an effect, each once, with UTC timestamps. An event that came to a profile which had been merged is
-- in the archive again when it reached the other one.
SELECT id AS event_id, event, customer, channel, make_timestamp(happened * 1000) AS happened_at,
       make_timestamp(received * 1000) AS received_at, properties
FROM {{ source('archive', 'events') }} AS events JOIN {{ ref('stg_customers') }} USING (profile)
WHERE NOT dead
QUALIFY row_number() OVER (PARTITION BY id ORDER BY logged, shard, n, place) = 1
