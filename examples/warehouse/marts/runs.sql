-- One row for each run of a customer through a journey: when it began, when and how it ended.
SELECT id AS run_id, any_value(customer) AS customer, any_value(journey) AS journey, any_value(key) AS key,
       min(decided_at) FILTER (kind = 'started') AS started_at, max(decided_at) FILTER (kind = 'ended') AS ended_at,
       any_value(rule) FILTER (kind = 'ended') AS ended_by
FROM {{ ref('stg_outcomes') }} WHERE kind IN ('started', 'ended') GROUP BY id
