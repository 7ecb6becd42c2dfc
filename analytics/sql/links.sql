-- name: recent_tracks
-- Tracks with a way on the ground that were there since a time, for links across cameras. Their boxes are not needed, and large.
SELECT uid, camera_id, kind, confidence, start_at, end_at, t_ms, NULL AS box, speed_ms, label, colour, heading_deg, standing_s,
       snapshot, look,
       ARRAY(SELECT unnest(ARRAY[ST_X(d.geom), ST_Y(d.geom)])
             FROM ST_DumpPoints(path) d ORDER BY d.path[1]) AS path
FROM track
WHERE start_at >= %(since)s AND path IS NOT NULL
ORDER BY start_at
LIMIT %(limit)s;

-- name: link_grounds
-- Every analysed camera with a pose and a picture size, for the ground it sees.
SELECT c.id, ST_X(c.geom) AS lon, ST_Y(c.geom) AS lat, c.height_m, c.yaw_deg, c.pitch_deg, c.roll_deg, c.hfov_deg,
       s.width_px, s.height_px
FROM camera c
LEFT JOIN camera_state s ON s.camera_id = c.id
WHERE c.enabled AND c.analysed AND c.geom IS NOT NULL AND c.height_m IS NOT NULL AND c.yaw_deg IS NOT NULL
  AND c.pitch_deg IS NOT NULL AND c.hfov_deg IS NOT NULL;

-- name: upsert_link
-- A proposal; reckoned again it gets the newer probability, as long as nobody has decided.
INSERT INTO track_link (from_uid, to_uid, probability, gap_s, distance_m, why, why_en, made_at)
SELECT %(from_uid)s::uuid, %(to_uid)s::uuid, %(probability)s, %(gap_s)s, %(distance_m)s, %(why)s, %(why_en)s, %(made_at)s
WHERE EXISTS (SELECT FROM track WHERE uid = %(from_uid)s::uuid)
  AND EXISTS (SELECT FROM track WHERE uid = %(to_uid)s::uuid)
ON CONFLICT (from_uid, to_uid) DO UPDATE
SET probability = excluded.probability, gap_s = excluded.gap_s, distance_m = excluded.distance_m, why = excluded.why,
    why_en = excluded.why_en, made_at = excluded.made_at
WHERE track_link.decision IS NULL;

-- name: withdraw_links
-- Undecided proposals of tracks looked at again that are no longer likely.
DELETE FROM track_link l
USING track t
WHERE t.uid = l.to_uid AND t.start_at >= %(since)s AND l.decision IS NULL AND l.made_at < %(made_at)s;

-- name: sure_links
-- Gaps and ways of confirmed links, and of undecided ones that are nearly certain, by pair of cameras and kind.
SELECT f.camera_id AS from_camera, t.camera_id AS to_camera, f.kind, l.gap_s, l.distance_m,
       coalesce(f.speed_ms, t.speed_ms) AS speed_ms
FROM track_link l
JOIN track f ON f.uid = l.from_uid
JOIN track t ON t.uid = l.to_uid
WHERE (l.decision = 'confirmed' OR l.decision IS NULL AND l.probability >= 0.9) AND l.gap_s > 0 AND l.distance_m > 4
  AND coalesce(f.speed_ms, t.speed_ms) > 0.3
ORDER BY l.id DESC
LIMIT 5000;

-- name: track_links
-- Links of one track, before and after, the likeliest first, with the other track and its camera.
SELECT l.id, l.from_uid, l.to_uid, l.probability, l.gap_s, l.distance_m, l.why, l.why_en, l.decision, l.decided_by,
       l.decided_at, o.uid AS other_uid, o.camera_id, o.kind, o.label, o.colour, o.start_at, o.end_at,
       o.snapshot AS track_snapshot, e.id AS event_id
FROM track_link l
JOIN track o ON o.uid = CASE WHEN l.from_uid = %(uid)s::uuid THEN l.to_uid ELSE l.from_uid END
LEFT JOIN LATERAL (
    SELECT id FROM event WHERE track_uid = o.uid AND snapshot IS NOT NULL ORDER BY at LIMIT 1
) e ON true
WHERE %(uid)s::uuid IN (l.from_uid, l.to_uid)
ORDER BY l.decision = 'rejected' NULLS FIRST, l.probability DESC;

-- name: link
-- One link and its two tracks' cameras.
SELECT l.id, l.from_uid, l.to_uid, l.probability, l.decision, f.camera_id AS from_camera, t.camera_id AS to_camera
FROM track_link l
JOIN track f ON f.uid = l.from_uid
JOIN track t ON t.uid = l.to_uid
WHERE l.id = %(id)s;

-- name: decide_link
-- A person says whether a link is true; null takes the word back.
UPDATE track_link
SET decision = %(decision)s, decided_by = %(decided_by)s, decided_at = %(decided_at)s
WHERE id = %(id)s;
