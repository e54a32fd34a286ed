SELECT message_id FROM {{ ref('messages') }} GROUP BY message_id HAVING count(*) > 1
