-- name: privacy_masks
-- The privacy masks of some cameras, or of all (camera_ids null).
SELECT id, camera_id, name, points, preset, version, enabled
FROM privacy_mask
WHERE %(camera_ids)s::integer[] IS NULL OR camera_id = ANY (%(camera_ids)s::integer[])
ORDER BY camera_id, id;

-- name: privacy_mask
-- One privacy mask by its id.
SELECT id, camera_id, name, points, preset, version, enabled
FROM privacy_mask
WHERE id = %(id)s;

-- name: privacy_mask_for_update
-- One privacy mask, locked until the transaction ends.
SELECT id, camera_id, name, points, preset, version, enabled
FROM privacy_mask
WHERE id = %(id)s
FOR UPDATE;

-- name: insert_privacy_mask
-- A new privacy mask; no row comes back when the camera does not exist.
INSERT INTO privacy_mask (camera_id, name, points, preset)
SELECT c.id, %(name)s, %(points)s, %(preset)s
FROM camera c
WHERE c.id = %(camera_id)s
RETURNING id;

-- name: update_privacy_mask
-- Writes a privacy mask's changed values and raises its version.
UPDATE privacy_mask
SET name = %(name)s, points = %(points)s, preset = %(preset)s, enabled = %(enabled)s, version = version + 1
WHERE id = %(id)s;

-- name: delete_privacy_mask
-- Removes a privacy mask; pictures stored while it was there stay as they are.
DELETE FROM privacy_mask WHERE id = %(id)s;
