-- name: zones
-- Zones and lines, of some cameras or of all (camera_ids null).
SELECT id, camera_id, name, name_en, rule, points, classes, dwell_s, direction, priority, rearm_s, enabled, version,
       arrow, schedule, min_size_m, threshold, clear, gauge_m, ground, preset
FROM zone
WHERE %(camera_ids)s::integer[] IS NULL OR camera_id = ANY (%(camera_ids)s::integer[])
ORDER BY camera_id, id;

-- name: zone
-- One zone by its id.
SELECT id, camera_id, name, name_en, rule, points, classes, dwell_s, direction, priority, rearm_s, enabled, version,
       arrow, schedule, min_size_m, threshold, clear, gauge_m, ground, preset
FROM zone
WHERE id = %(id)s;

-- name: zone_for_update
-- One zone, locked until the transaction ends.
SELECT id, camera_id, name, name_en, rule, points, classes, dwell_s, direction, priority, rearm_s, enabled, version,
       arrow, schedule, min_size_m, threshold, clear, gauge_m, ground, preset
FROM zone
WHERE id = %(id)s
FOR UPDATE;

-- name: insert_zone
-- A new zone; no row comes back when the camera does not exist.
INSERT INTO zone (camera_id, name, name_en, rule, points, classes, dwell_s, direction, priority, rearm_s, enabled,
                  arrow, schedule, min_size_m, threshold, clear, gauge_m, ground, preset)
SELECT %(camera_id)s, %(name)s, %(name_en)s, %(rule)s, %(points)s, %(classes)s, %(dwell_s)s, %(direction)s, %(priority)s,
       %(rearm_s)s, %(enabled)s, %(arrow)s, %(schedule)s::integer[], %(min_size_m)s, %(threshold)s, %(clear)s,
       %(gauge_m)s, %(ground)s, %(preset)s
WHERE %(camera_id)s::integer IS NULL OR EXISTS (SELECT FROM camera WHERE id = %(camera_id)s)
RETURNING id;

-- name: update_zone
-- Writes a zone's changed values and raises its version.
UPDATE zone
SET name = %(name)s, name_en = %(name_en)s, points = %(points)s, classes = %(classes)s, dwell_s = %(dwell_s)s,
    direction = %(direction)s, priority = %(priority)s, rearm_s = %(rearm_s)s, enabled = %(enabled)s,
    arrow = %(arrow)s, schedule = %(schedule)s::integer[], min_size_m = %(min_size_m)s, threshold = %(threshold)s,
    clear = %(clear)s, gauge_m = %(gauge_m)s, ground = %(ground)s, preset = %(preset)s,
    version = version + 1
WHERE id = %(id)s;

-- name: delete_zone
-- Removes a zone; its events stay.
DELETE FROM zone WHERE id = %(id)s;
