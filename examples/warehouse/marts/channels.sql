-- Each message on each channel: how many left, and how many of those were reported delivered, opened and clicked.
SELECT journey, message, channel, count(*) AS sent, count(delivered_at) AS delivered, count(opened_at) AS opened,
       count(clicked_at) AS clicked, count(bounced_at) AS bounced
FROM {{ ref('messages') }} WHERE times_sent > 0 GROUP BY journey, message, channel
