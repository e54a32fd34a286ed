-- Each journey on each day (UTC): runs that began, and what became of those.
SELECT journey, date_trunc('day', started_at) AS day, count(*) AS started,
       count(*) FILTER (ended_by = 'goal') AS reached_goal, count(*) FILTER (ended_at IS NULL) AS still_running,
       count(DISTINCT customer) AS customers
FROM {{ ref('runs') }} WHERE started_at IS NOT NULL GROUP BY journey, day
