-- name: telemetry_devices
-- Every device with what its session needs; a password, where one is asked for, stands in props.
SELECT id, protocol, key, kind, datum, service, auth_code, props ->> 'password' AS password
FROM device;

-- name: telemetry_newest
-- Time and flags of each device's newest position, to tell repeats and to know who is still calling for help.
SELECT device_id, at, flags FROM position_latest;

-- name: telemetry_thresholds
-- Every threshold; over: its last event still stands, as no measured value has come back far enough since.
-- Thresholds in %(known)s are not looked up again, the gateway knows their state.
SELECT t.id, t.device_id, t.quantity, t.rising, t.limit_value, t.hysteresis, t.priority,
       t.id <> ALL (%(known)s) AND last_event.at IS NOT NULL AND NOT EXISTS (
           SELECT FROM reading r
           WHERE r.device_id = t.device_id AND r.quantity = t.quantity AND r.at > last_event.at
             AND r.flag IN ('N', 'T')
             AND CASE WHEN t.rising THEN r.value < t.limit_value - t.hysteresis
                      ELSE r.value > t.limit_value + t.hysteresis END
       ) AS over
FROM threshold t
LEFT JOIN LATERAL (
    SELECT max(e.at) AS at FROM device_event e
    WHERE e.kind = 'threshold' AND e.device_id = t.device_id AND e.quantity = t.quantity
      AND e.limit_value = t.limit_value
) last_event ON true;

-- name: telemetry_add_device
-- A device that was let in without being known; nothing happens where somebody was quicker.
INSERT INTO device (protocol, key, kind, name, plate)
VALUES (%(protocol)s, %(key)s, %(kind)s, %(name)s, %(plate)s)
ON CONFLICT (protocol, key) DO NOTHING;

-- name: telemetry_ensure_days
-- Makes the partition of each of these days where it is missing.
SELECT ensure_day_partitions(%(parent)s, day, 1) FROM unnest(%(days)s::date[]) AS day;

-- name: telemetry_begin_batch
-- Remembers the batch; no row comes back where it was loaded before (its commit's answer was lost).
INSERT INTO telemetry_batch (uid) VALUES (%(uid)s) ON CONFLICT DO NOTHING RETURNING uid;

-- name: telemetry_copy_positions
-- Positions newer than any of their device, in binary.
COPY position (device_id, at, lon_e7, lat_e7, speed_cms, course_deg, altitude_m, flags, received_at)
FROM STDIN WITH (FORMAT binary);

-- name: telemetry_late_table
-- Where late positions wait to be compared with those that are stored.
CREATE TEMP TABLE IF NOT EXISTS late_position (LIKE position) ON COMMIT DELETE ROWS;

-- name: telemetry_copy_late
-- Positions that may be repeats, in binary.
COPY late_position (device_id, at, lon_e7, lat_e7, speed_cms, course_deg, altitude_m, flags, received_at)
FROM STDIN WITH (FORMAT binary);

-- name: telemetry_merge_late
-- Stores the late positions that are not there yet.
INSERT INTO position
SELECT DISTINCT ON (l.device_id, l.at) l.*
FROM late_position l
WHERE NOT EXISTS (SELECT FROM position p WHERE p.device_id = l.device_id AND p.at = l.at);

-- name: telemetry_latest_positions
-- The newest position of each device of a batch; never backwards in time.
INSERT INTO position_latest (device_id, at, geom, speed_ms, course_deg, flags, received_at)
SELECT n.device_id, n.at, ST_SetSRID(ST_MakePoint(n.lon_e7 / 1e7, n.lat_e7 / 1e7), 4326),
       n.speed_cms / 100.0, n.course_deg, n.flags, n.received_at
FROM unnest(%(device_id)s::int[], %(at)s::timestamptz[], %(lon_e7)s::int[], %(lat_e7)s::int[],
            %(speed_cms)s::int[], %(course_deg)s::int[], %(flags)s::int[], %(received_at)s::timestamptz[])
     AS n (device_id, at, lon_e7, lat_e7, speed_cms, course_deg, flags, received_at)
JOIN device d ON d.id = n.device_id
ON CONFLICT (device_id) DO UPDATE SET at = excluded.at, geom = excluded.geom, speed_ms = excluded.speed_ms,
    course_deg = excluded.course_deg, flags = excluded.flags, received_at = excluded.received_at
WHERE excluded.at > position_latest.at;

-- name: telemetry_readings
-- Stores the readings that are not there yet: stations repeat what was not confirmed.
INSERT INTO reading (device_id, quantity, at, value, unit, flag, received_at)
SELECT DISTINCT ON (n.device_id, n.quantity, n.at) n.*
FROM unnest(%(device_id)s::int[], %(quantity)s::text[], %(at)s::timestamptz[], %(value)s::float8[],
            %(unit)s::text[], %(flag)s::text[], %(received_at)s::timestamptz[])
     AS n (device_id, quantity, at, value, unit, flag, received_at)
WHERE NOT EXISTS (
    SELECT FROM reading r
    WHERE r.device_id = n.device_id AND r.quantity = n.quantity AND r.at = n.at
);

-- name: telemetry_latest_readings
-- The newest value of each series of a batch; never backwards in time.
INSERT INTO reading_latest (device_id, quantity, at, value, unit, flag)
SELECT DISTINCT ON (n.device_id, n.quantity) n.device_id, n.quantity, n.at, n.value, n.unit, n.flag
FROM unnest(%(device_id)s::int[], %(quantity)s::text[], %(at)s::timestamptz[], %(value)s::float8[],
            %(unit)s::text[], %(flag)s::text[])
     AS n (device_id, quantity, at, value, unit, flag)
JOIN device d ON d.id = n.device_id
ORDER BY n.device_id, n.quantity, n.at DESC
ON CONFLICT (device_id, quantity) DO UPDATE SET at = excluded.at, value = excluded.value,
    unit = excluded.unit, flag = excluded.flag
WHERE excluded.at > reading_latest.at;

-- name: telemetry_event
-- An event, at its own place, else where the vehicle was last, else where the station stands.
INSERT INTO device_event (device_id, kind, at, quantity, value, limit_value, priority, geom)
SELECT d.id, %(kind)s, %(at)s, %(quantity)s, %(value)s, %(limit_value)s, %(priority)s,
       coalesce(ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326), l.geom, d.geom)
FROM device d LEFT JOIN position_latest l ON l.device_id = d.id
WHERE d.id = %(device_id)s;

-- name: telemetry_quarantine
-- What could not be read or believed.
INSERT INTO quarantine (source, device_key, reason, raw, received_at)
SELECT n.source, n.device_key, n.reason, decode(n.raw_hex, 'hex'), n.received_at
FROM unnest(%(source)s::text[], %(device_key)s::text[], %(reason)s::text[], %(raw_hex)s::text[],
            %(received_at)s::timestamptz[]) AS n (source, device_key, reason, raw_hex, received_at);

-- name: telemetry_code
-- The authentication code a terminal was given at registration.
UPDATE device SET auth_code = %(code)s WHERE id = %(device_id)s;

-- name: telemetry_seen
-- When devices were heard last.
UPDATE device SET last_seen_at = n.at
FROM unnest(%(device_id)s::int[], %(at)s::timestamptz[]) AS n (device_id, at)
WHERE device.id = n.device_id AND (device.last_seen_at IS NULL OR device.last_seen_at < n.at);

-- name: telemetry_purge_batches
-- Batches that can no longer come twice.
DELETE FROM telemetry_batch WHERE loaded_at < %(before)s;

-- name: telemetry_purge_quarantine
-- Old quarantine.
DELETE FROM quarantine WHERE received_at < %(before)s;

-- name: telemetry_open_texts
-- Texts no terminal has taken yet and that are still worth sending.
SELECT id, device_id, body FROM downlink
WHERE answered_at IS NULL AND created_at > %(after)s
ORDER BY id;

-- name: telemetry_text_sent
-- The text went out to the terminal.
UPDATE downlink SET sent_at = coalesce(sent_at, %(at)s) WHERE id = %(id)s;

-- name: telemetry_text_answered
-- The terminal's 0001 came.
UPDATE downlink SET sent_at = coalesce(sent_at, %(at)s), answered_at = %(at)s, result = %(result)s
WHERE id = %(id)s AND answered_at IS NULL;
