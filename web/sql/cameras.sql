-- name: camera_list
-- Cameras with what ingest sees of them; all, or some ids.
SELECT c.id, c.code, c.name, c.name_en, c.url, c.username, ST_X(c.geom) AS lon, ST_Y(c.geom) AS lat,
       c.height_m, c.yaw_deg, c.pitch_deg, c.roll_deg, c.hfov_deg, c.pose_sigma_deg,
       c.enabled, c.recorded, c.analysed, c.published, c.retention_days, c.version,
       c.sub_url, c.sub_url IS NOT NULL AS has_sub, c.record_stream, c.analyse_stream, c.publish_stream, c.audio,
       c.onvif_url, c.onvif_profile, c.ptz, c.ptz_home, c.ptz_home_after_s,
       c.pose_k1, c.pose_k2, c.pose_covariance, c.pose_covariance IS NOT NULL AS pose_fitted,
       p.height_m AS now_height_m, p.yaw_deg AS now_yaw_deg, p.pitch_deg AS now_pitch_deg, p.roll_deg AS now_roll_deg,
       p.hfov_deg AS now_hfov_deg, p.pose_sigma_deg AS now_pose_sigma_deg, p.pose_k1 AS now_pose_k1,
       p.pose_k2 AS now_pose_k2, p.pose_covariance AS now_pose_covariance,
       p.ptz_state, p.preset AS ptz_preset, p.away,
       ARRAY(SELECT r.preset FROM camera_preset_pose r WHERE r.camera_id = c.id ORDER BY 1) AS preset_poses,
       (SELECT u.display_name FROM ptz_lock l JOIN app_user u ON u.id = l.user_id
        WHERE l.camera_id = c.id AND l.until > now()) AS ptz_holder,
       coalesce(s.state, CASE WHEN c.enabled THEN 'connecting' ELSE 'off' END) AS state,
       coalesce(s.reason, '') AS reason, s.why, s.since, s.last_packet_at, s.codec, s.width_px, s.height_px,
       s.fps, s.bitrate_bps, coalesce(s.recording, false) AS recording, s.updated_at
FROM camera c JOIN camera_pose p ON p.camera_id = c.id LEFT JOIN camera_state s ON s.camera_id = c.id
WHERE (%(ids)s::integer[] IS NULL OR c.id = ANY (%(ids)s))
ORDER BY c.code;

-- name: camera_lock
-- One camera's version, locked until the transaction ends.
SELECT id, version FROM camera WHERE id = %(id)s FOR UPDATE;

-- name: camera_insert
-- A new camera.
INSERT INTO camera (code, name, name_en, url, username, password_enc, geom, height_m, yaw_deg, pitch_deg,
                    roll_deg, hfov_deg, enabled, recorded, analysed, published, retention_days,
                    sub_url, record_stream, analyse_stream, publish_stream, audio, onvif_url, onvif_profile, ptz,
                    ptz_home, ptz_home_after_s)
VALUES (%(code)s, %(name)s, %(name_en)s, %(url)s, %(username)s, %(password_enc)s,
        ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326), %(height_m)s, %(yaw_deg)s, %(pitch_deg)s,
        %(roll_deg)s, %(hfov_deg)s, %(enabled)s, %(recorded)s, %(analysed)s, %(published)s, %(retention_days)s,
        %(sub_url)s, %(record_stream)s, %(analyse_stream)s, %(publish_stream)s, %(audio)s, %(onvif_url)s,
        %(onvif_profile)s, %(ptz)s, %(ptz_home)s, %(ptz_home_after_s)s)
RETURNING id;

-- name: camera_update
-- Writes all that may change of a camera; the password only when a new one is given.
UPDATE camera SET name = %(name)s, name_en = %(name_en)s, url = %(url)s, username = %(username)s,
    password_enc = CASE WHEN %(set_password)s THEN %(password_enc)s ELSE password_enc END,
    geom = ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326), height_m = %(height_m)s, yaw_deg = %(yaw_deg)s,
    pitch_deg = %(pitch_deg)s, roll_deg = %(roll_deg)s, hfov_deg = %(hfov_deg)s, enabled = %(enabled)s,
    recorded = %(recorded)s, analysed = %(analysed)s, published = %(published)s,
    retention_days = %(retention_days)s, sub_url = %(sub_url)s, record_stream = %(record_stream)s,
    analyse_stream = %(analyse_stream)s, publish_stream = %(publish_stream)s, audio = %(audio)s,
    onvif_url = %(onvif_url)s, onvif_profile = %(onvif_profile)s, ptz = %(ptz)s, ptz_home = %(ptz_home)s,
    ptz_home_after_s = %(ptz_home_after_s)s, version = version + 1,
    -- What a fit was sure of holds for its own values only.
    pose_covariance = CASE WHEN ROW(ST_X(geom), ST_Y(geom), height_m, yaw_deg, pitch_deg, roll_deg, hfov_deg)
        IS NOT DISTINCT FROM ROW(%(lon)s::float8, %(lat)s::float8, %(height_m)s::real, %(yaw_deg)s::real,
                                 %(pitch_deg)s::real, %(roll_deg)s::real, %(hfov_deg)s::real)
        THEN pose_covariance END
WHERE id = %(id)s;
