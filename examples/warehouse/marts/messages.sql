-- One row for each message that a journey wanted to send: what became of it in the end, by which channel it left (the
-- last one, when it left by several), and what was reported of it.
WITH fates AS (
    SELECT id AS message_id, any_value(customer) AS customer, any_value(journey) AS journey,
           any_value(message) AS message,
           arg_max(kind, (logged, n, place)) FILTER (kind <> 'held') AS fate,
           coalesce(arg_max(channel, (logged, n, place)) FILTER (kind IN ('sent', 'unknown')),
                    arg_max(channel, (logged, n, place))) AS channel,
           arg_max(rule, (logged, n, place)) FILTER (kind NOT IN ('held', 'retried')) AS rule,
           min(decided_at) AS first_decided_at, min(decided_at) FILTER (kind = 'sent') AS sent_at,
           count(*) FILTER (kind = 'sent') AS times_sent, count(*) FILTER (kind = 'held') AS times_held
    FROM {{ ref('stg_outcomes') }}
    WHERE kind IN ('sent', 'held', 'refused', 'expired', 'cancelled', 'withdrawn', 'held_out', 'unknown', 'retried')
    GROUP BY id
),
reported AS (
    SELECT message_id, min(happened_at) FILTER (event = 'delivered') AS delivered_at,
           min(happened_at) FILTER (event = 'opened') AS opened_at,
           min(happened_at) FILTER (event = 'clicked') AS clicked_at,
           min(happened_at) FILTER (event = 'bounced') AS bounced_at
    FROM {{ ref('stg_receipts') }} GROUP BY message_id
)
SELECT fates.*, delivered_at, opened_at, clicked_at, bounced_at FROM fates LEFT JOIN reported USING (message_id)
