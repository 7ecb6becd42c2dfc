-- name: one_moment
-- All reads of this transaction see one snapshot.
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY

-- name: incidents
-- Incidents with the number of units on them: by urgency where only open ones are asked for, else newest first.
SELECT i.id, i.type, i.title, i.title_en, i.priority, i.level, i.state, ST_X(i.geom) AS lon, ST_Y(i.geom) AS lat,
       i.place, i.place_en, i.opened_by, i.opened_at, i.closed_at, i.close_note, i.version,
       (SELECT count(*) FROM assignment a WHERE a.incident_id = i.id AND a.cleared_at IS NULL
           AND a.declined_at IS NULL AND a.recalled_at IS NULL) AS units
FROM incident i
WHERE (%(ids)s::int[] IS NULL OR i.id = ANY (%(ids)s))
  AND (%(closed)s::boolean IS NULL OR (i.closed_at IS NOT NULL) = %(closed)s)
ORDER BY CASE WHEN %(closed)s = false THEN i.priority END, i.opened_at DESC, i.id DESC
LIMIT %(limit)s

-- name: lock_incident
-- Locks one incident: whoever changes it, its assignments or its log waits here.
SELECT id FROM incident WHERE id = %(id)s FOR UPDATE

-- name: insert_incident
-- A new incident; its number is given here.
INSERT INTO incident (type, title, title_en, priority, level, state, geom, place, place_en, opened_by, opened_at,
                      updated_at)
VALUES (%(type)s, %(title)s, %(title_en)s, %(priority)s, %(level)s, 'open',
        ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326), %(place)s, %(place_en)s, %(opened_by)s, %(opened_at)s,
        %(opened_at)s)
RETURNING id

-- name: update_incident
-- Writes an incident's facts; the version rises.
UPDATE incident SET type = %(type)s, title = %(title)s, title_en = %(title_en)s, priority = %(priority)s,
    level = %(level)s, state = %(state)s, geom = ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326),
    place = %(place)s, place_en = %(place_en)s, closed_at = %(closed_at)s, close_note = %(close_note)s,
    version = version + 1, updated_at = %(now)s
WHERE id = %(id)s

-- name: last_log
-- The end of an incident's log.
SELECT seq, hash FROM log_entry WHERE incident_id = %(incident_id)s ORDER BY seq DESC LIMIT 1

-- name: insert_log
-- One line of the log.
INSERT INTO log_entry (incident_id, seq, kind, actor, t_event, t_recorded, body, prev_hash, hash)
VALUES (%(incident_id)s, %(seq)s, %(kind)s, %(actor)s, %(t_event)s, %(t_recorded)s, %(body)s, %(prev_hash)s, %(hash)s)
RETURNING id

-- name: log
-- An incident's log in order, or some lines of any by their ids.
SELECT id, incident_id, seq, kind, actor, t_event, t_recorded, body, prev_hash, hash FROM log_entry
WHERE (%(incident_id)s::int IS NULL OR incident_id = %(incident_id)s)
  AND (%(ids)s::bigint[] IS NULL OR id = ANY (%(ids)s))
ORDER BY incident_id, seq

-- name: log_of_assignment
-- What was said of one assignment, oldest first.
SELECT kind, t_recorded, body ->> 'step' AS step FROM log_entry
WHERE incident_id = %(incident_id)s AND (body ->> 'assignment_id')::int = %(assignment_id)s ORDER BY seq

-- name: sights
-- Cameras that are switched on and not turned away, with the pose they have now and picture size.
SELECT c.id, c.code, p.lon, p.lat, p.height_m, p.yaw_deg, p.pitch_deg, p.roll_deg,
       p.hfov_deg, p.pose_sigma_deg, p.pose_k1, p.pose_k2, p.pose_covariance, s.width_px, s.height_px
FROM camera c JOIN camera_pose p ON p.camera_id = c.id LEFT JOIN camera_state s ON s.camera_id = c.id
WHERE c.enabled AND NOT p.away AND (%(camera_ids)s::int[] IS NULL OR c.id = ANY (%(camera_ids)s))
  AND c.geom && ST_Expand(ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326), %(reach_deg)s)

-- name: incident_span
-- Since when an incident's footage matters, which cameras raised its alarms, and where.
SELECT i.id, i.opened_at, i.closed_at, ST_X(i.geom) AS lon, ST_Y(i.geom) AS lat,
       least(i.opened_at, (SELECT min(a.first_at) FROM alarm a WHERE a.incident_id = i.id)) AS first_at,
       ARRAY(SELECT DISTINCT a.camera_id FROM alarm a
             WHERE a.incident_id = i.id AND a.camera_id IS NOT NULL ORDER BY 1) AS camera_ids
FROM incident i WHERE i.id = %(id)s

-- name: incidents_to_hold
-- Incidents whose footage must be kept further: open ones, and closed ones whose last minutes are not held yet.
SELECT i.id FROM incident i
WHERE i.closed_at IS NULL OR (i.closed_at > %(now)s - interval '1 day' AND EXISTS (
    SELECT 1 FROM evidence_hold h WHERE h.subject = 'incident:' || i.id AND h.released_at IS NULL
        AND h.to_at < i.closed_at + %(after)s))
ORDER BY i.id

-- name: camera_codes
-- What these cameras are called on the radio.
SELECT id, code FROM camera WHERE id = ANY (%(ids)s)
