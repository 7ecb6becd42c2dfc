-- name: upsert_track
-- A track as far as it is known; a longer account of the same track replaces a shorter one, never the other way.
INSERT INTO track (camera_id, uid, kind, confidence, start_at, end_at, t_ms, box, speed_ms, path, label, colour,
                   heading_deg, standing_s, snapshot, look, cells, stands)
SELECT c.id, %(uid)s::uuid, %(kind)s, %(confidence)s, %(start_at)s, %(end_at)s, %(t_ms)s::integer[], %(box)s::real[],
       %(speed_ms)s,
       CASE WHEN cardinality(%(lon)s::float8[]) >= 2 THEN
           ST_SetSRID(ST_MakeLine(ARRAY(
               SELECT ST_MakePoint(p.lon, p.lat)
               FROM unnest(%(lon)s::float8[], %(lat)s::float8[]) WITH ORDINALITY AS p (lon, lat, n)
               ORDER BY p.n)), 4326)
       END,
       %(label)s, %(colour)s, %(heading_deg)s, %(standing_s)s, %(snapshot)s, %(look)s::real[], %(cells)s::bit(144), %(stands)s::real[]
FROM camera c
WHERE c.id = %(camera_id)s
ON CONFLICT (uid) DO UPDATE
SET kind = excluded.kind, confidence = excluded.confidence, end_at = excluded.end_at, t_ms = excluded.t_ms,
    box = excluded.box, speed_ms = excluded.speed_ms, path = excluded.path, label = excluded.label, colour = excluded.colour,
    heading_deg = excluded.heading_deg, standing_s = excluded.standing_s,
    snapshot = coalesce(excluded.snapshot, track.snapshot), look = coalesce(excluded.look, track.look),
    cells = excluded.cells, stands = excluded.stands
WHERE track.end_at <= excluded.end_at;

-- name: track
-- One track by its uid, its ground path as lon, lat, lon, lat, ...
SELECT uid, camera_id, kind, confidence, start_at, end_at, t_ms, box, speed_ms, label, colour, heading_deg, standing_s,
       snapshot, look,
       ARRAY(SELECT unnest(ARRAY[ST_X(d.geom), ST_Y(d.geom)])
             FROM ST_DumpPoints(path) d ORDER BY d.path[1]) AS path
FROM track
WHERE uid = %(uid)s::uuid;

-- name: tracks_of
-- Tracks by their uids, without their ways on the ground.
SELECT uid, camera_id, kind, confidence, start_at, end_at, t_ms, box, speed_ms, label, colour, heading_deg, standing_s,
       snapshot, look, NULL AS path
FROM track
WHERE uid = ANY (%(uids)s::uuid[]);

-- name: tracks_between
-- Tracks of a camera that lived in a stretch of time, newest first, as far as they have no more samples together than that.
SELECT uid, camera_id, kind, confidence, start_at, end_at, t_ms, box, speed_ms, label, colour, heading_deg, standing_s,
       snapshot, look, NULL AS path
FROM (
    SELECT *, sum(cardinality(t_ms)) OVER (ORDER BY start_at DESC, id DESC) AS so_far FROM track
    WHERE camera_id = %(camera_id)s AND start_at < %(to)s AND end_at >= %(from)s
) t WHERE so_far <= %(samples)s ORDER BY start_at;
