-- name: attend
-- These cameras matter for one thing until a moment, and no other camera does for it.
WITH gone AS (
    DELETE FROM camera_attention
    WHERE until < %(now)s OR (why = %(why)s AND NOT camera_id = ANY (%(camera_ids)s::integer[]))
)
INSERT INTO camera_attention (camera_id, why, until)
SELECT c.id, %(why)s, %(until)s FROM camera c WHERE c.id = ANY (%(camera_ids)s::integer[])
ON CONFLICT (camera_id, why) DO UPDATE SET until = excluded.until;
