SELECT message_id FROM {{ ref('messages') }} WHERE opened_at IS NOT NULL AND times_sent = 0 AND fate <> 'unknown'
