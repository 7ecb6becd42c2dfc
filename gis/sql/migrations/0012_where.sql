-- Where a camera looks: fitted poses with their covariance and lens, the points they were fitted to, a pose for each
-- preset of a camera that turns, at which of them it stands now; why an event has no place.
ALTER TABLE camera
    ADD COLUMN pose_k1 real NOT NULL DEFAULT 0,
    ADD COLUMN pose_k2 real NOT NULL DEFAULT 0,
    ADD COLUMN pose_covariance double precision[] CHECK (cardinality(pose_covariance) = 81);

CREATE TABLE camera_preset_pose (
    camera_id     integer NOT NULL REFERENCES camera (id) ON DELETE CASCADE,
    preset        text NOT NULL CHECK (preset <> ''), -- token of the device's preset
    yaw_deg       real NOT NULL,
    pitch_deg     real NOT NULL,
    roll_deg      real NOT NULL DEFAULT 0,
    hfov_deg      real NOT NULL CHECK (hfov_deg > 0 AND hfov_deg < 180),
    pose_sigma_deg real NOT NULL DEFAULT 0.5,
    pose_k1       real NOT NULL DEFAULT 0,
    pose_k2       real NOT NULL DEFAULT 0,
    pose_covariance double precision[] CHECK (cardinality(pose_covariance) = 81),
    PRIMARY KEY (camera_id, preset)
);

CREATE TABLE camera_control_point (
    camera_id     integer NOT NULL REFERENCES camera (id) ON DELETE CASCADE,
    preset        text NOT NULL DEFAULT '',          -- '': the camera's own pose
    number        smallint NOT NULL CHECK (number > 0),
    x             double precision NOT NULL CHECK (x BETWEEN 0 AND 1),
    y             double precision NOT NULL CHECK (y BETWEEN 0 AND 1),
    geom          geometry(Point, 4326) NOT NULL,
    up_m          real NOT NULL DEFAULT 0,           -- above the ground there
    PRIMARY KEY (camera_id, preset, number)
);

CREATE TABLE ptz_state (
    camera_id     integer PRIMARY KEY REFERENCES camera (id) ON DELETE CASCADE,
    state         text NOT NULL CHECK (state IN ('preset', 'moving', 'elsewhere')),
    preset        text,                              -- token of the preset it stands at
    since         timestamptz NOT NULL,
    CONSTRAINT ptz_state_preset CHECK ((state = 'preset') = (preset IS NOT NULL))
);
CREATE FUNCTION notify_camera_of_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('camera', NEW.camera_id::text);
    RETURN NULL;
END $$;
DROP TRIGGER ptz_lock_notify ON ptz_lock;
DROP FUNCTION notify_camera_of_ptz();
CREATE TRIGGER ptz_lock_notify AFTER UPDATE ON ptz_lock
    FOR EACH ROW WHEN (OLD.user_id IS DISTINCT FROM NEW.user_id) EXECUTE FUNCTION notify_camera_of_row();
CREATE TRIGGER ptz_state_new AFTER INSERT ON ptz_state
    FOR EACH ROW EXECUTE FUNCTION notify_camera_of_row();
CREATE TRIGGER ptz_state_changed AFTER UPDATE ON ptz_state
    FOR EACH ROW WHEN (OLD.state <> NEW.state OR OLD.preset IS DISTINCT FROM NEW.preset)
    EXECUTE FUNCTION notify_camera_of_row();

CREATE VIEW camera_pose AS
SELECT c.id AS camera_id, ST_X(c.geom) AS lon, ST_Y(c.geom) AS lat, c.height_m,
       CASE WHEN v.own THEN c.yaw_deg ELSE p.yaw_deg END AS yaw_deg,
       CASE WHEN v.own THEN c.pitch_deg ELSE p.pitch_deg END AS pitch_deg,
       CASE WHEN v.own THEN c.roll_deg ELSE p.roll_deg END AS roll_deg,
       CASE WHEN v.own THEN c.hfov_deg ELSE p.hfov_deg END AS hfov_deg,
       CASE WHEN v.own THEN c.pose_sigma_deg ELSE p.pose_sigma_deg END AS pose_sigma_deg,
       CASE WHEN v.own THEN c.pose_k1 ELSE p.pose_k1 END AS pose_k1,
       CASE WHEN v.own THEN c.pose_k2 ELSE p.pose_k2 END AS pose_k2,
       CASE WHEN v.own THEN c.pose_covariance ELSE p.pose_covariance END AS pose_covariance,
       v.own, s.preset, coalesce(s.state, 'fixed') AS ptz_state, s.since AS ptz_since,
       NOT v.own AND p.camera_id IS NULL AS away
FROM camera c
LEFT JOIN ptz_state s ON s.camera_id = c.id AND c.ptz
LEFT JOIN camera_preset_pose p ON p.camera_id = c.id AND p.preset = s.preset
CROSS JOIN LATERAL (SELECT p.camera_id IS NULL AND (s.camera_id IS NULL OR coalesce(s.preset = c.ptz_home, false))) v (own);

ALTER TABLE zone ADD COLUMN preset text CHECK (preset <> '');

ALTER TABLE event
    ADD COLUMN nowhere text CHECK (nowhere IN ('no_pose', 'turned_away', 'above_horizon', 'too_far', 'feet_hidden')),
    ADD COLUMN nowhere_m real;
