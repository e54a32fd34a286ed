-- What kept messages from leaving, by journey and reason.
SELECT journey, message, fate, rule, count(*) AS messages, count(DISTINCT customer) AS customers
FROM {{ ref('messages') }} WHERE times_sent = 0 AND fate IS NOT NULL GROUP BY journey, message, fate, rule
