-- name: track_look
-- What a search asks of a track itself; it stands in the place of /*look*/ in the queries below.
t.end_at - t.start_at >= %(least)s::interval
  AND (%(kinds)s::text[] IS NULL OR t.kind = ANY (%(kinds)s))
  AND (%(labels)s::text[] IS NULL OR t.label = ANY (%(labels)s))
  AND (%(colours)s::text[] IS NULL OR t.colour = ANY (%(colours)s))
  AND (%(heading_deg)s::real IS NULL OR least(abs(t.heading_deg - %(heading_deg)s),
                                              360 - abs(t.heading_deg - %(heading_deg)s)) <= %(tolerance_deg)s)
  AND (%(min_speed_ms)s::real IS NULL OR t.speed_ms >= %(min_speed_ms)s)
  AND (%(max_speed_ms)s::real IS NULL OR t.speed_ms <= %(max_speed_ms)s)

-- name: find_tracks
-- Tracks of some cameras within any of the windows, by all that the search index holds; newest first. Of each camera and
-- window the index is read backwards, until there are enough. A track that reaches over two windows comes twice. Those that
-- began long before their window stand in find_long_tracks.
SELECT f.id, f.start_at
FROM unnest(%(starts)s::timestamptz[], %(ends)s::timestamptz[]) AS w (from_at, to_at)
CROSS JOIN unnest(%(camera_ids)s::integer[]) AS c (id)
CROSS JOIN LATERAL (
    SELECT t.id, t.start_at
    FROM track t
    WHERE t.camera_id = c.id AND t.start_at > w.from_at - interval '10 min' AND t.start_at < w.to_at
      AND t.start_at <= %(before_at)s AND t.end_at >= w.from_at
      AND (t.start_at, t.id) < (%(before_at)s, %(before_id)s)
      AND /*stood*/ (%(cells)s::bit(144) IS NULL OR t.cells IS NULL OR t.cells & %(cells)s::bit(144) <> B'0'::bit(144))
      AND /*look*/
    ORDER BY t.start_at DESC, t.id DESC
    LIMIT %(limit)s
) f
ORDER BY f.start_at DESC, f.id DESC
LIMIT %(limit)s;

-- name: find_long_tracks
-- The few tracks that began more than ten minutes before a window and reach into it, by the same.
SELECT t.id, t.start_at
FROM unnest(%(starts)s::timestamptz[], %(ends)s::timestamptz[]) AS w (from_at, to_at)
JOIN track t ON t.end_at - t.start_at > interval '10 min' AND t.camera_id = ANY (%(camera_ids)s::integer[])
    AND t.end_at >= w.from_at AND t.start_at <= w.from_at - interval '10 min'
WHERE (t.start_at, t.id) < (%(before_at)s, %(before_id)s)
  AND /*look*/
  AND /*stood*/ (%(cells)s::bit(144) IS NULL OR t.cells IS NULL OR t.cells & %(cells)s::bit(144) <> B'0'::bit(144))
ORDER BY t.start_at DESC, t.id DESC
LIMIT %(limit)s;

-- name: find_tracks_on_map
-- Tracks whose way on the ground meets a line or an area on the map, by the same; newest first. All cameras where none
-- are named.
SELECT t.id, t.start_at
FROM unnest(%(starts)s::timestamptz[], %(ends)s::timestamptz[]) AS w (from_at, to_at)
JOIN track t ON t.start_at < w.to_at AND t.end_at >= w.from_at
WHERE ST_Intersects(t.path, ST_GeomFromText(%(shape)s, 4326))
  AND (%(camera_ids)s::integer[] IS NULL OR t.camera_id = ANY (%(camera_ids)s::integer[]))
  AND (t.start_at, t.id) < (%(before_at)s, %(before_id)s)
  AND /*look*/
ORDER BY t.start_at DESC, t.id DESC
LIMIT %(limit)s;

-- name: tracks_through
-- Of some tracks, those whose way on the ground meets a line or an area on the map.
SELECT id FROM track
WHERE id = ANY (%(ids)s::bigint[]) AND ST_Intersects(path, ST_GeomFromText(%(shape)s, 4326));

-- name: tracks_by_id
-- All that a find shows of some tracks, in no order, and where they were halfway. The samples come in PostgreSQL's binary
-- form: as text they take longer to read than all else.
SELECT id, uid, camera_id, kind, confidence, label, colour, heading_deg, speed_ms, standing_s, start_at, end_at, snapshot,
       array_send(t_ms) AS t_ms, array_send(box) AS box,
       ST_X(ST_LineInterpolatePoint(path, 0.5)) AS lon, ST_Y(ST_LineInterpolatePoint(path, 0.5)) AS lat
FROM track
WHERE id = ANY (%(ids)s::bigint[]);

-- name: tracks_that_stood
-- The same of some tracks that stood, with where and how long in the place of their samples.
SELECT id, uid, camera_id, kind, label, colour, heading_deg, speed_ms, standing_s, start_at, end_at, snapshot, stands,
       ST_X(ST_LineInterpolatePoint(path, 0.5)) AS lon, ST_Y(ST_LineInterpolatePoint(path, 0.5)) AS lat
FROM track
WHERE id = ANY (%(ids)s::bigint[]);

-- name: tracks_near
-- Tracks that came near a spot in any of the windows, with the nearest point of their way, and how far along it is, 0..1.
-- What began shortly before is found by its beginning, what lasts by its end. In a short time fewer tracks began than ever
-- came near the spot; the planner cannot know, so /*way*/ is t.path for a long one and ST_Envelope(t.path), which no index
-- holds, for a short one.
WITH spot AS (
    SELECT ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326) AS geom,
           ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326) AS around
), there AS (
    SELECT t.id, t.path
    FROM unnest(%(starts)s::timestamptz[], %(ends)s::timestamptz[]) AS w (from_at, to_at)
    JOIN track t ON t.start_at > w.from_at - interval '10 min' AND t.start_at < w.to_at AND t.end_at >= w.from_at
    WHERE /*way*/ && (SELECT around FROM spot)
      AND (%(camera_ids)s::integer[] IS NULL OR t.camera_id = ANY (%(camera_ids)s::integer[]))
      AND t.start_at <= %(before_at)s
    UNION
    SELECT t.id, t.path
    FROM unnest(%(starts)s::timestamptz[], %(ends)s::timestamptz[]) AS w (from_at, to_at)
    JOIN track t ON t.end_at - t.start_at > interval '10 min' AND t.end_at >= w.from_at
        AND t.start_at <= w.from_at - interval '10 min'
    WHERE /*way*/ && (SELECT around FROM spot)
      AND (%(camera_ids)s::integer[] IS NULL OR t.camera_id = ANY (%(camera_ids)s::integer[]))
      AND t.start_at <= %(before_at)s
)
SELECT t.id, t.uid, t.camera_id, t.kind, t.label, t.colour, t.heading_deg, t.speed_ms, t.standing_s, t.start_at, t.end_at,
       t.snapshot, array_send(t.t_ms) AS t_ms, array_send(t.box) AS box, ST_LineLocatePoint(t.path, spot.geom) AS share,
       ST_Distance(t.path::geography, spot.geom::geography) AS distance_m,
       ST_X(ST_ClosestPoint(t.path, spot.geom)) AS lon, ST_Y(ST_ClosestPoint(t.path, spot.geom)) AS lat
FROM there JOIN track t USING (id), spot
WHERE ST_DWithin(t.path::geography, spot.geom::geography, %(radius_m)s)
ORDER BY t.start_at DESC, t.id DESC
LIMIT %(limit)s;

-- name: events_near
-- Events placed near a spot in any of the windows, newest first.
SELECT e.id, e.camera_id, e.track_uid, e.kind, e.priority, e.at, e.box, e.snapshot, e.why, e.why_en, e.place, e.place_en,
       ST_X(e.geom) AS lon, ST_Y(e.geom) AS lat,
       ST_Distance(e.geom::geography, ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326)::geography) AS distance_m
FROM unnest(%(starts)s::timestamptz[], %(ends)s::timestamptz[]) AS w (from_at, to_at)
JOIN event e ON e.at >= w.from_at AND e.at < w.to_at
WHERE e.geom && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326)
  AND ST_DWithin(e.geom::geography, ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326)::geography, %(radius_m)s)
  AND (%(camera_ids)s::integer[] IS NULL OR e.camera_id = ANY (%(camera_ids)s::integer[]))
  AND e.at <= %(before_at)s
ORDER BY e.at DESC, e.id DESC
LIMIT %(limit)s;

-- name: positions_near
-- Where vehicles reported themselves within a box on the map in any of the windows, by vehicle and time.
SELECT d.id AS device_id, coalesce(d.plate, d.name) AS name, p.at, p.lon_e7, p.lat_e7, p.speed_cms, p.course_deg
FROM unnest(%(starts)s::timestamptz[], %(ends)s::timestamptz[]) AS w (from_at, to_at)
CROSS JOIN device d
JOIN position p ON p.device_id = d.id AND p.at >= w.from_at AND p.at < w.to_at
WHERE d.kind = 'vehicle'
  AND p.lon_e7 BETWEEN %(west)s * 1e7 AND %(east)s * 1e7 AND p.lat_e7 BETWEEN %(south)s * 1e7 AND %(north)s * 1e7
ORDER BY d.id, p.at
LIMIT %(limit)s;

-- name: track_labels
-- What detectors called the newest things of some cameras in a time, the most frequent first: of each camera as many as
-- %(most)s things are looked at, by the search index alone.
SELECT f.label, f.kind, count(*) AS n
FROM unnest(%(camera_ids)s::integer[]) AS c (id)
CROSS JOIN LATERAL (
    SELECT t.label, t.kind
    FROM track t
    WHERE t.camera_id = c.id AND t.start_at >= %(from_at)s AND t.start_at < %(to_at)s
    ORDER BY t.start_at DESC
    LIMIT %(most)s
) f
WHERE f.label IS NOT NULL
GROUP BY f.label, f.kind
ORDER BY n DESC, f.label;

-- name: camera_ids
-- Every camera.
SELECT id FROM camera ORDER BY id;

-- name: track_picture
-- Whose picture a track's is, and where it lies.
SELECT camera_id, snapshot FROM track WHERE uid = %(uid)s::uuid;
