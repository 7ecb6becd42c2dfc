-- name: ptz_camera
-- What is needed to turn a camera.
SELECT id, code, name, ptz, onvif_url, onvif_profile, username, password_enc, ptz_home, ptz_home_after_s
FROM camera WHERE id = %(id)s;

-- name: ptz_lock_make
-- A camera's lock, free, if it has none yet: a row to lock.
INSERT INTO ptz_lock (camera_id) VALUES (%(camera_id)s) ON CONFLICT DO NOTHING;

-- name: ptz_lock_for_update
-- A camera's lock, itself locked until the transaction ends.
SELECT user_id, priority, since, until, taken_from FROM ptz_lock WHERE camera_id = %(camera_id)s FOR UPDATE;

-- name: ptz_lock_read
-- A camera's lock with the names of its holder and of the one it was taken from.
SELECT l.user_id, l.priority, l.since, l.until, l.taken_from, u.display_name AS holder, f.display_name AS loser
FROM ptz_lock l LEFT JOIN app_user u ON u.id = l.user_id LEFT JOIN app_user f ON f.id = l.taken_from
WHERE l.camera_id = %(camera_id)s;

-- name: ptz_lock_write
-- Writes a hold.
UPDATE ptz_lock SET user_id = %(user_id)s, priority = %(priority)s, since = %(since)s, until = %(until)s,
    taken_from = %(taken_from)s
WHERE camera_id = %(camera_id)s;

-- name: ptz_lock_free
-- Frees a camera.
UPDATE ptz_lock SET user_id = NULL, priority = NULL, since = NULL, until = NULL, taken_from = NULL
WHERE camera_id = %(camera_id)s;

-- name: ptz_moved
-- Notes when a camera was last turned.
UPDATE ptz_lock SET moved_at = %(moved_at)s WHERE camera_id = %(camera_id)s;

-- name: ptz_rested
-- Notes that a camera went home, or when that is to be tried again, unless somebody has turned it meanwhile.
UPDATE ptz_lock SET moved_at = %(moved_at)s WHERE camera_id = %(camera_id)s AND moved_at <= %(before)s;

-- name: ptz_state_write
-- Notes where a camera stands; what is so already is no news.
INSERT INTO ptz_state (camera_id, state, preset, since)
SELECT id, %(state)s, %(preset)s, %(since)s FROM camera WHERE id = %(camera_id)s
ON CONFLICT (camera_id) DO UPDATE SET state = excluded.state, preset = excluded.preset, since = excluded.since
WHERE ptz_state.state <> excluded.state OR ptz_state.preset IS DISTINCT FROM excluded.preset;

-- name: ptz_turning
-- The cameras that turn.
SELECT id, code, name, ptz, onvif_url, onvif_profile, username, password_enc, ptz_home, ptz_home_after_s
FROM camera WHERE enabled AND ptz AND onvif_url IS NOT NULL ORDER BY id LIMIT 2000;

-- name: ptz_homeless
-- The cameras that nobody has turned for so long that they are to return home.
SELECT c.id, c.code, c.name, c.ptz, c.onvif_url, c.onvif_profile, c.username, c.password_enc, c.ptz_home,
       c.ptz_home_after_s
FROM ptz_lock l JOIN camera c ON c.id = l.camera_id
WHERE l.moved_at IS NOT NULL AND c.ptz AND c.ptz_home IS NOT NULL
  AND l.moved_at + c.ptz_home_after_s * interval '1 second' <= %(now)s
  AND (l.until IS NULL OR l.until <= %(now)s)
ORDER BY l.moved_at LIMIT 100;
