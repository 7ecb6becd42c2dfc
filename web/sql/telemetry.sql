-- name: vehicle_list
-- Every vehicle that has said where it is; all, or some ids.
SELECT d.id, d.name, d.plate, d.service, u.id AS unit_id, ST_X(p.geom) AS lon, ST_Y(p.geom) AS lat,
       p.at, p.speed_ms, p.course_deg, p.flags
FROM position_latest p JOIN device d ON d.id = p.device_id LEFT JOIN unit u ON u.device_id = d.id
WHERE d.kind = 'vehicle' AND (%(ids)s::integer[] IS NULL OR d.id = ANY (%(ids)s))
ORDER BY d.id;

-- name: vehicle_exists
-- Whether there is such a vehicle.
SELECT 1 FROM device WHERE id = %(id)s AND kind = 'vehicle';

-- name: vehicle_track
-- One vehicle's positions in a span, oldest first.
SELECT at, lon_e7, lat_e7, speed_cms FROM position
WHERE device_id = %(id)s AND at >= %(from_at)s AND at < %(to_at)s
ORDER BY at LIMIT %(limit)s;

-- name: sensor_list
-- Fixed stations.
SELECT id, kind, name, name_en, protocol, ST_X(geom) AS lon, ST_Y(geom) AS lat, last_seen_at
FROM device WHERE kind <> 'vehicle' ORDER BY id;

-- name: sensor_readings
-- The newest reading of every quantity of every fixed station, with the most urgent limit it is over, else
-- the limit that comes first.
SELECT r.device_id, r.quantity, r.at, r.value, r.unit, r.flag, t.limit_value, coalesce(t.over, false) AS over
FROM reading_latest r
JOIN device d ON d.id = r.device_id AND d.kind <> 'vehicle'
LEFT JOIN LATERAL (
    SELECT c.limit_value, c.over FROM (
        SELECT h.limit_value, h.priority,
               CASE WHEN h.rising THEN r.value >= h.limit_value ELSE r.value <= h.limit_value END AS over
        FROM threshold h WHERE h.device_id = r.device_id AND h.quantity = r.quantity
    ) c
    ORDER BY c.over DESC, CASE WHEN c.over THEN c.priority END, abs(r.value - c.limit_value) LIMIT 1
) t ON true
ORDER BY r.device_id, r.quantity;

-- name: sensor_exists
-- Whether there is such a station.
SELECT 1 FROM device WHERE id = %(id)s AND kind <> 'vehicle';

-- name: sensor_series
-- One quantity over a span in steps of at least one reading: the mean of each step, at its last reading.
SELECT max(at) AS at, avg(value) AS value, max(unit) AS unit
FROM reading
WHERE device_id = %(id)s AND quantity = %(quantity)s AND at >= %(from_at)s AND at < %(to_at)s
GROUP BY floor(extract(epoch FROM at - %(from_at)s) / %(step_s)s)
ORDER BY 1;
