SELECT a.sent, b.sent FROM (SELECT sum(sent) AS sent FROM {{ ref('channels') }}) AS a,
       (SELECT count(*) AS sent FROM {{ ref('messages') }} WHERE times_sent > 0) AS b WHERE a.sent <> b.sent
