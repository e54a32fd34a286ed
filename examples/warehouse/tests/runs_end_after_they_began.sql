SELECT run_id FROM {{ ref('runs') }} WHERE ended_at < started_at
