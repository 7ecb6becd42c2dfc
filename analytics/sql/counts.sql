-- name: count_crossing
-- One more crossing of a line in its quarter of an hour; nothing for a zone or camera that is gone.
INSERT INTO crossing_count (zone_id, camera_id, from_at, direction, kind, count)
SELECT z.id, c.id, %(from_at)s, %(direction)s, %(kind)s, 1
FROM zone z, camera c
WHERE z.id = %(zone_id)s AND c.id = %(camera_id)s
ON CONFLICT (zone_id, camera_id, from_at, direction, kind) DO UPDATE SET count = crossing_count.count + 1;

-- name: crossing_counts
-- A line's counts. One on the map is counted by every camera that sees it: the one that saw most counts.
SELECT from_at, direction, kind, max(count) AS count
FROM crossing_count
WHERE zone_id = %(zone_id)s AND from_at >= %(start)s AND from_at < %(end)s
GROUP BY from_at, direction, kind
ORDER BY from_at, direction, kind;
