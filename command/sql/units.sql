-- name: units
-- Units with their open assignment, last position, station, and whether the panic button waits for an answer.
SELECT u.id, u.code, u.name, u.name_en, u.service, u.device_id, u.crew, u.duty, u.version,
       ST_X(p.geom) AS lon, ST_Y(p.geom) AS lat, p.at AS position_at, p.speed_ms, p.course_deg,
       ST_X(s.geom) AS station_lon, ST_Y(s.geom) AS station_lat,
       coalesce(p.flags & 4 <> 0, false) OR EXISTS (
           SELECT 1 FROM alarm x WHERE x.cause = 'device:' || u.device_id || ':sos' AND x.state IN ('raised', 'acked', 'linked'))
           AS panic,
       a.id AS a_id, a.incident_id AS a_incident_id, a.unit_id AS a_unit_id, a.dispatched_by AS a_dispatched_by,
       a.dispatched_at AS a_dispatched_at, a.acknowledged_at AS a_acknowledged_at, a.enroute_at AS a_enroute_at,
       a.onscene_at AS a_onscene_at, a.cleared_at AS a_cleared_at, a.declined_at AS a_declined_at,
       a.recalled_at AS a_recalled_at, a.decline_reason AS a_decline_reason, a.no_ack_at AS a_no_ack_at,
       a.eta_s AS a_eta_s, a.distance_m AS a_distance_m, a.note AS a_note, a.version AS a_version
FROM unit u
LEFT JOIN position_latest p ON p.device_id = u.device_id
LEFT JOIN place s ON s.id = u.station_id
LEFT JOIN assignment a ON a.unit_id = u.id AND a.cleared_at IS NULL AND a.declined_at IS NULL AND a.recalled_at IS NULL
WHERE %(ids)s::int[] IS NULL OR u.id = ANY (%(ids)s)
ORDER BY u.code

-- name: lock_unit
-- Locks one unit: two dispatchers who send it at once come one after the other.
SELECT id FROM unit WHERE id = %(id)s FOR UPDATE

-- name: units_of_devices
-- Which units these terminals belong to.
SELECT id FROM unit WHERE device_id = ANY (%(device_ids)s)

-- name: set_duty
-- A unit's duty; the version rises.
UPDATE unit SET duty = %(duty)s, version = version + 1 WHERE id = %(id)s

-- name: touch_unit
-- Tells the screens that the unit's status may have changed: it is derived from its assignment.
SELECT pg_notify('unit', %(id)s::text)

-- name: assignments
-- Assignments with the names of their units, oldest first.
SELECT a.id, a.incident_id, a.unit_id, a.dispatched_by, a.dispatched_at, a.acknowledged_at, a.enroute_at, a.onscene_at,
       a.cleared_at, a.declined_at, a.recalled_at, a.decline_reason, a.no_ack_at, a.eta_s, a.distance_m, a.note,
       a.version, u.code, u.name, u.name_en, u.service
FROM assignment a JOIN unit u ON u.id = a.unit_id
WHERE (%(ids)s::int[] IS NULL OR a.id = ANY (%(ids)s))
  AND (%(incident_id)s::int IS NULL OR a.incident_id = %(incident_id)s)
ORDER BY a.id

-- name: insert_assignment
-- Sends a unit; a second open assignment of the same unit violates assignment_one_per_unit.
INSERT INTO assignment (incident_id, unit_id, dispatched_by, dispatched_at, eta_s, distance_m, note)
VALUES (%(incident_id)s, %(unit_id)s, %(by)s, %(at)s, %(eta_s)s, %(distance_m)s, %(note)s)
RETURNING id

-- name: update_assignment
-- Writes an assignment's timestamps; the version rises.
UPDATE assignment SET acknowledged_at = %(acknowledged_at)s, enroute_at = %(enroute_at)s,
    onscene_at = %(onscene_at)s, cleared_at = %(cleared_at)s, declined_at = %(declined_at)s,
    recalled_at = %(recalled_at)s, decline_reason = %(decline_reason)s, version = version + 1
WHERE id = %(id)s

-- name: unanswered
-- Assignments that nobody answered in time and nobody was told of.
SELECT id, incident_id FROM assignment
WHERE dispatched_at <= %(before)s AND no_ack_at IS NULL AND acknowledged_at IS NULL AND enroute_at IS NULL
  AND onscene_at IS NULL AND cleared_at IS NULL AND declined_at IS NULL AND recalled_at IS NULL
ORDER BY id

-- name: set_no_ack
-- Marks that the dispatcher was told. No change of version: the crew's next step must not fail for it.
UPDATE assignment SET no_ack_at = %(at)s WHERE id = %(id)s

-- name: insert_downlink
-- Text for a unit's terminal; the gateway sends it.
INSERT INTO downlink (device_id, body, created_at) SELECT device_id, %(body)s, %(at)s FROM unit
WHERE id = %(unit_id)s AND device_id IS NOT NULL

-- name: lock_key
-- The same field action sent twice at once comes one after the other.
SELECT pg_advisory_xact_lock(hashtextextended('idempotency ' || %(key)s, 0))

-- name: answer_of_key
-- What a field action was answered before.
SELECT actor, request_hash, response FROM idempotency WHERE key = %(key)s

-- name: keep_answer
-- Keeps a field action's answer for the next time it is sent.
INSERT INTO idempotency (key, actor, request_hash, response, created_at)
VALUES (%(key)s, %(actor)s, %(request_hash)s, %(response)s, %(at)s)

-- name: forget_answers
-- Answers too old to be asked for again.
DELETE FROM idempotency WHERE created_at < %(before)s

-- name: crew_has_event
-- Whether a unit is now sent to an incident that this event's alarm belongs to.
SELECT EXISTS (
    SELECT 1 FROM assignment s
    JOIN alarm a ON a.incident_id = s.incident_id
    JOIN alarm_event e ON e.alarm_id = a.id
    WHERE s.unit_id = %(unit)s AND s.ended_at IS NULL AND e.event_id = %(event)s
) AS found
