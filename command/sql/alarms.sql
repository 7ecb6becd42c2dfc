-- name: event_causes
-- Events by id with the names of their zone and camera.
SELECT e.id, e.camera_id, e.zone_id, e.rule, e.kind, e.priority, e.at,
       ST_X(coalesce(e.geom, c.geom)) AS lon, ST_Y(coalesce(e.geom, c.geom)) AS lat,
       e.place, e.place_en, z.name AS zone, z.name_en AS zone_en, c.name AS camera, c.name_en AS camera_en
FROM event e JOIN camera c ON c.id = e.camera_id LEFT JOIN zone z ON z.id = e.zone_id
WHERE e.id = ANY (%(ids)s) ORDER BY e.at, e.id

-- name: device_event_causes
-- Device events by id with the names of device and unit, the value's unit, and a place: its own, the device's, its last.
SELECT e.id, e.device_id, e.kind, e.at, e.quantity, e.value, e.limit_value, e.priority,
       ST_X(g.geom) AS lon, ST_Y(g.geom) AS lat,
       d.name, d.name_en, d.plate, u.code AS unit_code, u.name AS unit_name, u.name_en AS unit_name_en, r.unit
FROM device_event e
JOIN device d ON d.id = e.device_id
LEFT JOIN unit u ON u.device_id = d.id
LEFT JOIN position_latest p ON p.device_id = d.id
LEFT JOIN reading_latest r ON r.device_id = d.id AND r.quantity = e.quantity
CROSS JOIN LATERAL (SELECT coalesce(e.geom, d.geom, p.geom) AS geom) g
WHERE e.id = ANY (%(ids)s) ORDER BY e.at, e.id

-- name: system_event_causes
-- System events by id with the names of the camera they are about, where they are about one, and its place.
SELECT e.id, e.cause, e.kind, e.subject, e.at, e.value, e.limit_value, e.priority, e.camera_id,
       c.name, c.name_en, ST_X(c.geom) AS lon, ST_Y(c.geom) AS lat
FROM system_event e LEFT JOIN camera c ON c.id = e.camera_id
WHERE e.id = ANY (%(ids)s) ORDER BY e.at, e.id

-- name: unhandled_events
-- Events since a time that no alarm stands for, oldest first.
SELECT e.id FROM event e
WHERE e.at >= %(since)s AND NOT EXISTS (SELECT 1 FROM alarm_event a WHERE a.event_id = e.id)
ORDER BY e.at, e.id LIMIT %(limit)s

-- name: unhandled_device_events
-- Device events since a time that no alarm stands for, oldest first.
SELECT e.id FROM device_event e
WHERE e.at >= %(since)s AND NOT EXISTS (SELECT 1 FROM alarm_event a WHERE a.device_event_id = e.id)
ORDER BY e.at, e.id LIMIT %(limit)s

-- name: unhandled_system_events
-- System events since a time that no alarm stands for, oldest first.
SELECT e.id FROM system_event e
WHERE e.at >= %(since)s AND NOT EXISTS (SELECT 1 FROM alarm_event a WHERE a.system_event_id = e.id)
ORDER BY e.at, e.id LIMIT %(limit)s

-- name: lock_cause
-- One alarm per cause at a time: whoever handles an event of this cause waits for the one before.
SELECT pg_advisory_xact_lock(hashtextextended('alarm ' || %(cause)s, 0))

-- name: event_taken
-- Whether an alarm stands for this event already.
SELECT 1 FROM alarm_event
WHERE event_id IS NOT DISTINCT FROM %(event_id)s AND device_event_id IS NOT DISTINCT FROM %(device_event_id)s
  AND system_event_id IS NOT DISTINCT FROM %(system_event_id)s

-- name: open_alarm_of_cause
-- The alarm that a repeat of this cause joins, locked.
SELECT id FROM alarm WHERE cause = %(cause)s AND state IN ('raised', 'acked', 'shelved')
ORDER BY id DESC LIMIT 1 FOR UPDATE

-- name: incident_of_cause
-- The open incident with an alarm of this cause that was last seen recently and near.
SELECT a.incident_id, a.id AS alarm_id
FROM alarm a JOIN incident i ON i.id = a.incident_id
WHERE a.cause = %(cause)s AND a.state = 'linked' AND i.closed_at IS NULL
  AND a.last_at BETWEEN %(at)s - %(within)s AND %(at)s + %(within)s
  AND (%(lon)s::float8 IS NULL OR a.geom IS NULL
       OR ST_DWithin(i.geom::geography, ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326)::geography, %(near_m)s)
       OR ST_DWithin(a.geom::geography, ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326)::geography, %(near_m)s))
ORDER BY a.last_at DESC LIMIT 1

-- name: insert_alarm
-- A new alarm.
INSERT INTO alarm (state, priority, kind, cause, event_id, device_event_id, system_event_id, camera_id, device_id,
                   first_at, last_at, geom, place, place_en, title, title_en)
VALUES ('raised', %(priority)s, %(kind)s, %(cause)s, %(event_id)s, %(device_event_id)s, %(system_event_id)s,
        %(camera_id)s, %(device_id)s, %(at)s, %(at)s, ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326), %(place)s, %(place_en)s,
        %(title)s, %(title_en)s)
RETURNING id

-- name: repeat_alarm
-- One more event of the same cause; the newest gives place and title. No change of version: nobody decided anything.
UPDATE alarm SET count = count + 1, first_at = least(first_at, %(at)s), last_at = greatest(last_at, %(at)s),
    priority = least(priority, %(priority)s),
    kind = CASE WHEN %(at)s >= last_at THEN %(kind)s ELSE kind END,
    event_id = CASE WHEN %(at)s >= last_at THEN %(event_id)s ELSE event_id END,
    device_event_id = CASE WHEN %(at)s >= last_at THEN %(device_event_id)s ELSE device_event_id END,
    system_event_id = CASE WHEN %(at)s >= last_at THEN %(system_event_id)s ELSE system_event_id END,
    geom = CASE WHEN %(at)s >= last_at THEN ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326) ELSE geom END,
    place = CASE WHEN %(at)s >= last_at THEN %(place)s ELSE place END,
    place_en = CASE WHEN %(at)s >= last_at THEN %(place_en)s ELSE place_en END,
    title = CASE WHEN %(at)s >= last_at THEN %(title)s ELSE title END,
    title_en = CASE WHEN %(at)s >= last_at THEN %(title_en)s ELSE title_en END
WHERE id = %(id)s

-- name: insert_alarm_event
-- Which event the alarm stands for.
INSERT INTO alarm_event (alarm_id, event_id, device_event_id, system_event_id)
VALUES (%(id)s, %(event_id)s, %(device_event_id)s, %(system_event_id)s)

-- name: lock_alarm
-- Locks one alarm for a change.
SELECT id FROM alarm WHERE id = %(id)s FOR UPDATE

-- name: alarms
-- Alarms with what their newest event adds: P1 first where only open ones are asked for, else newest first.
SELECT a.id, a.state, a.priority, a.kind, a.cause, a.event_id, a.device_event_id, a.camera_id, a.device_id,
       a.first_at, a.last_at, a.count, ST_X(a.geom) AS lon, ST_Y(a.geom) AS lat, a.place, a.place_en, a.title,
       a.title_en, a.incident_id, a.handled_by, a.handled_at, a.dismiss_reason, a.shelved_until, a.version, a.dismiss_code,
       e.ellipse_major_m, e.ellipse_minor_m, e.ellipse_angle_deg, e.snapshot IS NOT NULL AS has_snapshot
FROM alarm a LEFT JOIN event e ON e.id = a.event_id
WHERE (%(ids)s::int[] IS NULL OR a.id = ANY (%(ids)s))
  AND (%(incident_id)s::int IS NULL OR a.incident_id = %(incident_id)s)
  AND (NOT %(open_only)s OR a.state IN ('raised', 'acked', 'shelved'))
  AND (%(before)s::timestamptz IS NULL OR a.last_at < %(before)s)
  AND (%(camera_ids)s::int[] IS NULL OR a.camera_id IS NULL OR a.camera_id = ANY (%(camera_ids)s))
ORDER BY CASE WHEN %(open_only)s THEN a.priority END, a.last_at DESC, a.id DESC
LIMIT %(limit)s

-- name: set_alarm_state
-- An officer's decision, or the end of a shelving.
UPDATE alarm SET state = %(state)s, handled_by = %(by)s, handled_at = %(at)s, dismiss_reason = %(reason)s,
    dismiss_code = %(code)s, shelved_until = %(until)s, incident_id = coalesce(%(incident_id)s, incident_id), version = version + 1
WHERE id = %(id)s

-- name: move_alarms_of_incident
-- The alarms of an incident follow it: cleared when it closes, linked again when it reopens.
UPDATE alarm SET state = %(to)s, version = version + 1 WHERE incident_id = %(incident_id)s AND state = %(from)s

-- name: shelved_due
-- Shelved alarms whose time has come, locked; those another transaction holds come next time.
SELECT id FROM alarm WHERE state = 'shelved' AND shelved_until <= %(now)s ORDER BY id FOR UPDATE SKIP LOCKED

-- name: cameras_back
-- Open alarms about lost cameras that send again, or that are switched off, locked; what an incident holds stays.
SELECT a.id FROM alarm a JOIN camera c ON c.id = a.camera_id LEFT JOIN camera_state s ON s.camera_id = c.id
WHERE a.kind = 'camera_lost' AND a.state IN ('raised', 'acked', 'shelved')
  AND (NOT c.enabled OR (s.state = 'online' AND s.since <= %(since)s AND s.since > a.first_at))
ORDER BY a.id FOR UPDATE OF a SKIP LOCKED

-- name: cameras_well
-- Open alarms about a camera's picture that is well again, locked; what an incident holds stays.
SELECT a.id FROM alarm a JOIN event e ON e.id = a.event_id
WHERE a.kind LIKE 'camera\_%%' AND a.state IN ('raised', 'acked', 'shelved') AND e.over_at <= %(since)s
ORDER BY a.id FOR UPDATE OF a SKIP LOCKED

-- name: counts
-- How many alarms and incidents are open, for the process's figures.
SELECT (SELECT count(*) FROM alarm WHERE state IN ('raised', 'acked', 'shelved')) AS alarms,
       (SELECT count(*) FROM incident WHERE closed_at IS NULL) AS incidents
