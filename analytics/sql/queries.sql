-- name: watches
-- Every camera to be analysed, with what is known of its pose.
SELECT id, code, ST_X(geom) AS lon, ST_Y(geom) AS lat, height_m, yaw_deg, pitch_deg, roll_deg, hfov_deg, pose_sigma_deg
FROM camera
WHERE enabled AND analysed
ORDER BY id;

-- name: zones
-- Zones and lines, of some cameras or of all (camera_ids null).
SELECT id, camera_id, name, name_en, rule, points, classes, dwell_s, direction, priority, rearm_s, enabled, version
FROM zone
WHERE %(camera_ids)s::integer[] IS NULL OR camera_id = ANY (%(camera_ids)s::integer[])
ORDER BY camera_id, id;

-- name: zone
-- One zone by its id.
SELECT id, camera_id, name, name_en, rule, points, classes, dwell_s, direction, priority, rearm_s, enabled, version
FROM zone
WHERE id = %(id)s;

-- name: zone_for_update
-- One zone, locked until the transaction ends.
SELECT id, camera_id, name, name_en, rule, points, classes, dwell_s, direction, priority, rearm_s, enabled, version
FROM zone
WHERE id = %(id)s
FOR UPDATE;

-- name: insert_zone
-- A new zone; no row comes back when the camera does not exist.
INSERT INTO zone (camera_id, name, name_en, rule, points, classes, dwell_s, direction, priority, rearm_s, enabled)
SELECT id, %(name)s, %(name_en)s, %(rule)s, %(points)s, %(classes)s, %(dwell_s)s, %(direction)s, %(priority)s,
       %(rearm_s)s, %(enabled)s
FROM camera
WHERE id = %(camera_id)s
RETURNING id;

-- name: update_zone
-- Writes a zone's changed values and raises its version.
UPDATE zone
SET name = %(name)s, name_en = %(name_en)s, points = %(points)s, classes = %(classes)s, dwell_s = %(dwell_s)s,
    direction = %(direction)s, priority = %(priority)s, rearm_s = %(rearm_s)s, enabled = %(enabled)s,
    version = version + 1
WHERE id = %(id)s;

-- name: delete_zone
-- Removes a zone; its events stay.
DELETE FROM zone WHERE id = %(id)s;

-- name: insert_event
-- An event, once per uid. A zone deleted meanwhile leaves the event without one; an unknown camera writes nothing.
INSERT INTO event (uid, camera_id, zone_id, track_uid, rule, kind, priority, confidence, at, box, geom,
                   ellipse_major_m, ellipse_minor_m, ellipse_angle_deg, place, place_en, snapshot, why, why_en)
SELECT %(uid)s::uuid, c.id, (SELECT z.id FROM zone z WHERE z.id = %(zone_id)s), %(track_uid)s::uuid, %(rule)s, %(kind)s,
       %(priority)s, %(confidence)s, %(at)s, %(box)s::real[],
       ST_SetSRID(ST_MakePoint(%(lon)s::float8, %(lat)s::float8), 4326),
       %(major_m)s, %(minor_m)s, %(angle_deg)s, %(place)s, %(place_en)s, %(snapshot)s, %(why)s, %(why_en)s
FROM camera c
WHERE c.id = %(camera_id)s
ON CONFLICT (uid) DO NOTHING;

-- name: upsert_track
-- A track as far as it is known; a longer account of the same track replaces a shorter one, never the other way.
INSERT INTO track (camera_id, uid, kind, confidence, start_at, end_at, t_ms, box, speed_ms, path)
SELECT c.id, %(uid)s::uuid, %(kind)s, %(confidence)s, %(start_at)s, %(end_at)s, %(t_ms)s::integer[], %(box)s::real[],
       %(speed_ms)s,
       CASE WHEN cardinality(%(lon)s::float8[]) >= 2 THEN
           ST_SetSRID(ST_MakeLine(ARRAY(
               SELECT ST_MakePoint(p.lon, p.lat)
               FROM unnest(%(lon)s::float8[], %(lat)s::float8[]) WITH ORDINALITY AS p (lon, lat, n)
               ORDER BY p.n)), 4326)
       END
FROM camera c
WHERE c.id = %(camera_id)s
ON CONFLICT (uid) DO UPDATE
SET kind = excluded.kind, confidence = excluded.confidence, end_at = excluded.end_at, t_ms = excluded.t_ms,
    box = excluded.box, speed_ms = excluded.speed_ms, path = excluded.path
WHERE track.end_at <= excluded.end_at;

-- name: events
-- Events by any filter, newest first; a page ends with all events of its last moment.
SELECT id, uid, camera_id, zone_id, track_uid, rule, kind, priority, confidence, at, recorded_at, box,
       ST_X(geom) AS lon, ST_Y(geom) AS lat, ellipse_major_m, ellipse_minor_m, ellipse_angle_deg, place, place_en,
       snapshot, why, why_en
FROM event
WHERE (%(camera_ids)s::integer[] IS NULL OR camera_id = ANY (%(camera_ids)s::integer[]))
  AND (%(start)s::timestamptz IS NULL OR at >= %(start)s)
  AND (%(end)s::timestamptz IS NULL OR at < %(end)s)
  AND (%(before)s::timestamptz IS NULL OR at < %(before)s)
  AND (%(rule)s::text IS NULL OR rule = %(rule)s)
  AND (%(kind)s::text IS NULL OR kind = %(kind)s)
  AND (%(polygon)s::text IS NULL OR ST_Intersects(geom, ST_GeomFromText(%(polygon)s, 4326)))
ORDER BY at DESC
FETCH FIRST %(limit)s ROWS WITH TIES;

-- name: event
-- One event by its id.
SELECT id, uid, camera_id, zone_id, track_uid, rule, kind, priority, confidence, at, recorded_at, box,
       ST_X(geom) AS lon, ST_Y(geom) AS lat, ellipse_major_m, ellipse_minor_m, ellipse_angle_deg, place, place_en,
       snapshot, why, why_en
FROM event
WHERE id = %(id)s;

-- name: track
-- One track by its uid, its ground path as lon, lat, lon, lat, ...
SELECT uid, camera_id, kind, confidence, start_at, end_at, t_ms, box, speed_ms,
       ARRAY(SELECT unnest(ARRAY[ST_X(d.geom), ST_Y(d.geom)])
             FROM ST_DumpPoints(path) d ORDER BY d.path[1]) AS path
FROM track
WHERE uid = %(uid)s::uuid;
