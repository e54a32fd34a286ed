SELECT event_id FROM {{ ref('stg_events') }} GROUP BY event_id HAVING count(*) > 1
