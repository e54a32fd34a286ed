SELECT message_id FROM {{ ref('messages') }} WHERE customer NOT IN (SELECT customer FROM {{ ref('customers') }})
