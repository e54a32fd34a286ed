-- Every profile, and the customer that it belongs to: of profiles that were merged, the one that was kept.
WITH RECURSIVE merges AS (
    SELECT json_extract_string(extra, '$.from') AS profile, arg_max(profile, logged) AS keeper
    FROM {{ source('archive', 'outcomes') }} WHERE kind = 'merged' GROUP BY 1
),
chain AS (
    SELECT profile, keeper, 1 AS steps FROM merges
    UNION ALL
    SELECT chain.profile, merges.keeper, steps + 1 FROM chain JOIN merges ON merges.profile = chain.keeper WHERE steps < 100
),
everybody AS (
    SELECT profile FROM {{ source('archive', 'events') }}
    UNION SELECT profile FROM {{ source('archive', 'outcomes') }}
)
SELECT everybody.profile, coalesce(arg_max(chain.keeper, chain.steps), everybody.profile) AS customer
FROM everybody LEFT JOIN chain USING (profile) WHERE everybody.profile <> '' GROUP BY everybody.profile
