-- What was reported of messages. A receipt names the message, or the attempt: message, channel and number.
SELECT event_id, event, happened_at, split_part(json_extract_string(properties, '$.message'), '-', 1) AS message_id
FROM {{ ref('stg_events') }}
WHERE event IN ('delivered', 'opened', 'clicked', 'bounced', 'complained', 'unsubscribed')
  AND json_extract_string(properties, '$.message') IS NOT NULL
