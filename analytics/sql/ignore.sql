-- name: ignored
-- Where zones see nothing, of some zones or of all (zone_ids null).
SELECT id, zone_id, camera_id, points, made_by, made_at FROM zone_ignore
WHERE %(zone_ids)s::integer[] IS NULL OR zone_id = ANY (%(zone_ids)s::integer[]) ORDER BY id;

-- name: insert_ignored
-- One more area of a camera's picture in which a zone sees nothing.
INSERT INTO zone_ignore (zone_id, camera_id, points, made_by, made_at)
VALUES (%(zone_id)s, %(camera_id)s, %(points)s, %(by)s, %(at)s) RETURNING id;

-- name: delete_ignored
-- The zone sees there again.
DELETE FROM zone_ignore WHERE id = %(id)s AND zone_id = %(zone_id)s;
