-- name: motion_minute_for_update
-- What is known of a camera's minute already, locked until the transaction ends.
SELECT seconds::text AS seconds, grids
FROM motion_minute
WHERE camera_id = %(camera_id)s AND minute_at = %(minute_at)s
FOR UPDATE;

-- name: put_motion_minute
-- A minute in which something moved, in place of what was known of it; an unknown camera writes nothing.
INSERT INTO motion_minute (camera_id, minute_at, cells, seconds, grids)
SELECT c.id, %(minute_at)s, %(cells)s::bit(144), %(seconds)s::bit(60), %(grids)s
FROM camera c
WHERE c.id = %(camera_id)s
ON CONFLICT (camera_id, minute_at) DO UPDATE
SET cells = excluded.cells, seconds = excluded.seconds, grids = excluded.grids;

-- name: extend_motion_watched
-- The stretch that holds this one's beginning, or ends there, goes on to its end.
UPDATE motion_watched
SET to_at = greatest(to_at, %(to_at)s)
WHERE camera_id = %(camera_id)s
  AND from_at = (SELECT w.from_at FROM motion_watched w
                 WHERE w.camera_id = %(camera_id)s AND w.from_at <= %(from_at)s ORDER BY w.from_at DESC LIMIT 1)
  AND to_at >= %(from_at)s;

-- name: add_motion_watched
-- A new stretch; an unknown camera writes nothing.
INSERT INTO motion_watched (camera_id, from_at, to_at)
SELECT c.id, %(from_at)s, %(to_at)s
FROM camera c
WHERE c.id = %(camera_id)s
ON CONFLICT (camera_id, from_at) DO UPDATE SET to_at = greatest(motion_watched.to_at, excluded.to_at);

-- name: motion_minutes
-- Minutes of one camera, within any of the windows, in which something moved in any of the cells asked for; newest first.
SELECT m.minute_at, m.seconds::text AS seconds, m.grids
FROM unnest(%(starts)s::timestamptz[], %(ends)s::timestamptz[]) AS w (from_at, to_at)
JOIN motion_minute m ON m.camera_id = %(camera_id)s
    AND m.minute_at > w.from_at - interval '1 min' AND m.minute_at < w.to_at AND m.minute_at < %(before)s
WHERE m.cells & %(cells)s::bit(144) <> B'0'::bit(144)
ORDER BY m.minute_at DESC
LIMIT %(limit)s;

-- name: motion_by_step
-- How many seconds something moved in, by steps of at least a minute from the beginning on; steps without any are left out.
SELECT floor(extract(epoch FROM minute_at - %(from_at)s) / %(step_s)s)::integer AS step,
       sum(bit_count(seconds))::integer AS seconds
FROM motion_minute
WHERE camera_id = %(camera_id)s AND minute_at >= %(from_at)s AND minute_at < %(to_at)s
GROUP BY 1;

-- name: motion_seconds
-- The seconds in which something moved, by minutes, where a step is shorter than a minute.
SELECT minute_at, seconds::text AS seconds
FROM motion_minute
WHERE camera_id = %(camera_id)s AND minute_at >= %(from_at)s AND minute_at < %(to_at)s
ORDER BY minute_at;

-- name: motion_watched
-- When one camera was looked at within a time.
SELECT greatest(from_at, %(from_at)s) AS from_at, least(to_at, %(to_at)s) AS to_at
FROM motion_watched
WHERE camera_id = %(camera_id)s AND from_at < %(to_at)s AND to_at > %(from_at)s
ORDER BY from_at;
