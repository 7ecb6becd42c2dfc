-- name: watches
-- Every camera to be analysed, with the pose it has now. at_home: where zones without a preset hold; they do wherever
-- it stands while nobody has said where its home is.
SELECT c.id, c.code, p.lon, p.lat, p.height_m, p.yaw_deg, p.pitch_deg, p.roll_deg, p.hfov_deg, p.pose_sigma_deg,
       p.pose_k1, p.pose_k2, p.pose_covariance, p.preset, p.away, p.ptz_state = 'moving' AS moving, p.ptz_since,
       p.ptz_state = 'fixed' OR coalesce(p.preset = c.ptz_home, false)
       OR (c.ptz_home IS NULL AND NOT EXISTS (SELECT FROM camera_preset_pose r WHERE r.camera_id = c.id)) AS at_home,
       EXISTS (SELECT FROM camera_attention a WHERE a.camera_id = c.id AND a.until > now()) AS attended
FROM camera c JOIN camera_pose p ON p.camera_id = c.id
WHERE c.enabled AND c.analysed
ORDER BY c.id;

-- name: insert_event
-- An event, once per uid. A zone deleted meanwhile leaves the event without one; an unknown camera writes nothing.
INSERT INTO event (uid, camera_id, zone_id, track_uid, rule, kind, priority, confidence, at, box, geom,
                   ellipse_major_m, ellipse_minor_m, ellipse_angle_deg, place, place_en, snapshot, why, why_en, value,
                   nowhere, nowhere_m)
SELECT %(uid)s::uuid, c.id, (SELECT z.id FROM zone z WHERE z.id = %(zone_id)s), %(track_uid)s::uuid, %(rule)s, %(kind)s,
       %(priority)s, %(confidence)s, %(at)s, %(box)s::real[],
       ST_SetSRID(ST_MakePoint(%(lon)s::float8, %(lat)s::float8), 4326),
       %(major_m)s, %(minor_m)s, %(angle_deg)s, %(place)s, %(place_en)s, %(snapshot)s, %(why)s, %(why_en)s, %(value)s,
       %(nowhere)s, %(nowhere_m)s
FROM camera c
WHERE c.id = %(camera_id)s
ON CONFLICT (uid) DO NOTHING;

-- name: events
-- Events by any filter, newest first; a page ends with all events of its last moment.
SELECT id, uid, camera_id, zone_id, track_uid, rule, kind, priority, confidence, at, recorded_at, box,
       ST_X(geom) AS lon, ST_Y(geom) AS lat, ellipse_major_m, ellipse_minor_m, ellipse_angle_deg, place, place_en,
       snapshot, why, why_en, value, nowhere, nowhere_m
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

-- name: events_by_id
-- Some events by their ids.
SELECT id, uid, camera_id, zone_id, track_uid, rule, kind, priority, confidence, at, recorded_at, box,
       ST_X(geom) AS lon, ST_Y(geom) AS lat, ellipse_major_m, ellipse_minor_m, ellipse_angle_deg, place, place_en,
       snapshot, why, why_en, value, nowhere, nowhere_m
FROM event
WHERE id = ANY (%(ids)s::bigint[]);

-- name: end_event
-- The events of one rule, camera and zone that still go on are over.
UPDATE event SET over_at = %(at)s
WHERE camera_id = %(camera_id)s AND rule = %(rule)s AND zone_id IS NOT DISTINCT FROM %(zone_id)s AND over_at IS NULL
  AND at <= %(at)s;
