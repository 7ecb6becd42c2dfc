-- name: insert_gauge_reading
-- One reading; a second one of the same moment changes nothing, and one of a gauge deleted meanwhile is passed over.
INSERT INTO gauge_reading (zone_id, at, level_m)
SELECT z.id, %(at)s, %(level_m)s FROM zone z WHERE z.id = %(zone_id)s
ON CONFLICT DO NOTHING;

-- name: gauge_readings
-- What a gauge read between two times, oldest first.
SELECT at, level_m FROM gauge_reading
WHERE zone_id = %(zone_id)s AND at >= %(start)s AND at < %(end)s
ORDER BY at
LIMIT %(limit)s;
