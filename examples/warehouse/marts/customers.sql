-- One row for each customer: when they were first and last seen, on how many channels, and what they were sent.
WITH seen AS (
    SELECT customer, min(happened_at) AS first_seen_at, max(happened_at) AS last_seen_at, count(*) AS events,
           count(DISTINCT channel) FILTER (channel <> '') AS channels
    FROM {{ ref('stg_events') }} GROUP BY customer
),
sent AS (
    SELECT customer, sum(times_sent) AS messages, max(sent_at) AS last_sent_at, count(opened_at) AS opened
    FROM {{ ref('messages') }} GROUP BY customer
)
SELECT seen.*, CAST(coalesce(messages, 0) AS BIGINT) AS messages, last_sent_at, coalesce(opened, 0) AS opened
FROM seen LEFT JOIN sent USING (customer)
