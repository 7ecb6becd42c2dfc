-- name: camera_list
-- Cameras with what ingest sees of them; all, or some ids.
SELECT c.id, c.code, c.name, c.name_en, c.url, c.username, ST_X(c.geom) AS lon, ST_Y(c.geom) AS lat,
       c.height_m, c.yaw_deg, c.pitch_deg, c.roll_deg, c.hfov_deg, c.pose_sigma_deg,
       c.enabled, c.recorded, c.analysed, c.published, c.retention_days, c.version,
       coalesce(s.state, CASE WHEN c.enabled THEN 'connecting' ELSE 'off' END) AS state,
       coalesce(s.reason, '') AS reason, s.since, s.last_packet_at, s.codec, s.width_px, s.height_px,
       s.fps, s.bitrate_bps, coalesce(s.recording, false) AS recording, s.updated_at
FROM camera c LEFT JOIN camera_state s ON s.camera_id = c.id
WHERE (%(ids)s::integer[] IS NULL OR c.id = ANY (%(ids)s))
ORDER BY c.code;

-- name: camera_lock
-- One camera's version, locked until the transaction ends.
SELECT id, version FROM camera WHERE id = %(id)s FOR UPDATE;

-- name: camera_insert
-- A new camera.
INSERT INTO camera (code, name, name_en, url, username, password_enc, geom, height_m, yaw_deg, pitch_deg,
                    roll_deg, hfov_deg, enabled, recorded, analysed, published, retention_days)
VALUES (%(code)s, %(name)s, %(name_en)s, %(url)s, %(username)s, %(password_enc)s,
        ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326), %(height_m)s, %(yaw_deg)s, %(pitch_deg)s,
        %(roll_deg)s, %(hfov_deg)s, %(enabled)s, %(recorded)s, %(analysed)s, %(published)s, %(retention_days)s)
RETURNING id;

-- name: camera_update
-- Writes all that may change of a camera; the password only when a new one is given.
UPDATE camera SET name = %(name)s, name_en = %(name_en)s, url = %(url)s, username = %(username)s,
    password_enc = CASE WHEN %(set_password)s THEN %(password_enc)s ELSE password_enc END,
    geom = ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326), height_m = %(height_m)s, yaw_deg = %(yaw_deg)s,
    pitch_deg = %(pitch_deg)s, roll_deg = %(roll_deg)s, hfov_deg = %(hfov_deg)s, enabled = %(enabled)s,
    recorded = %(recorded)s, analysed = %(analysed)s, published = %(published)s,
    retention_days = %(retention_days)s, version = version + 1
WHERE id = %(id)s;
